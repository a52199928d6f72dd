"""Properties and their groups, per type of object: what there is from the start, and what may be
made.

[S] CRM/Properties 2026-09; default properties: [H]
knowledge.hubspot.com/properties/hubspots-default-deal-properties (labels as on the page and its
Japanese translation).
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from tests.servers.hubspot.answers import Json, RefusedError, invalid
from tests.servers.hubspot.moments import iso

UNIQUE_LIMIT = 10
"""Unique properties per type of object. [H] docs/api-reference/crm/properties/guide"""

TYPES: Mapping[str, tuple[str, ...]] = {
    "string": ("text", "textarea", "html", "file", "phonenumber", "calculation_text"),
    "number": ("number", "calculation_equation"),
    "bool": ("booleancheckbox", "calculation_equation"),
    "enumeration": ("select", "radio", "checkbox", "booleancheckbox", "calculation_equation"),
    "date": ("date",),
    "datetime": ("date", "calculation_equation"),
    "phone_number": ("phonenumber",),
}


@dataclass(frozen=True, slots=True)
class Definition:
    """One property. `shown` is False for those that must be asked for by name
    ([I] dlt-hub/verified-sources#647)."""

    name: str
    type: str = "string"
    field_type: str = "text"
    label: str = ""
    label_ja: str = ""
    group: str = "dealinformation"
    options: tuple[Json, ...] = ()
    unique: bool = False
    calculated: bool = False
    read_only: bool = False
    ours: bool = False
    shown: bool = True
    description: str = ""
    archived_at: int | None = None
    more: Mapping[str, Any] = field(default_factory=dict)

    @property
    def values(self) -> list[str]:
        """The internal values of the options."""
        return [str(o["value"]) for o in self.options]

    def as_json(self, locale: str | None = None) -> Json:
        """As the properties' endpoints show it. [S] Property"""
        ja = locale is not None and locale.startswith("ja")
        found: Json = {
            "name": self.name,
            "label": (self.label_ja if ja else "") or self.label or self.name,
            "type": self.type,
            "fieldType": self.field_type,
            "description": self.description,
            "groupName": self.group,
            "options": list(self.options),
            "displayOrder": -1,
            "calculated": self.calculated,
            "externalOptions": self.name == "hubspot_owner_id",
            "archived": self.archived_at is not None,
            "hasUniqueValue": self.unique,
            "hidden": False,
            "hubspotDefined": not self.ours,
            "modificationMetadata": {
                "archivable": self.ours,
                "readOnlyDefinition": not self.ours,
                "readOnlyValue": self.read_only,
            },
            "formField": self.ours,
            "dataSensitivity": "non_sensitive",
        } | dict(self.more)
        if self.name == "hubspot_owner_id":
            found["referencedObjectType"] = "OWNER"
        if self.archived_at is not None:
            found["archivedAt"] = iso(self.archived_at)
        return found


def _system(name: str, type_: str, label: str, **more: Any) -> Definition:
    """One that HubSpot fills."""
    return Definition(
        name, type_, "text" if type_ == "string" else "number", label, read_only=True, **more
    )


def _calculated(name: str, type_: str, label: str) -> Definition:
    return Definition(name, type_, "calculation_equation", label, calculated=True, read_only=True)


COMMON = (
    _system("hs_object_id", "number", "Record ID", label_ja="レコードID"),
    Definition("createdate", "datetime", "date", "Create Date", "作成日"),
    _system("hs_createdate", "datetime", "Object create date/time"),
    _system("hs_lastmodifieddate", "datetime", "Last Modified Date", label_ja="最終更新日"),
    _system("hs_merged_object_ids", "enumeration", "Merged record IDs"),
    _system("hs_object_source", "string", "Record creation source"),
    _system("hs_object_source_id", "string", "Record creation source ID"),
    Definition("hubspot_owner_id", "enumeration", "select", "Owner", "担当者"),
)
DEALS = (
    Definition("dealname", "string", "text", "Deal Name", "取引名"),
    Definition("pipeline", "enumeration", "select", "Pipeline", "パイプライン"),
    Definition("dealstage", "enumeration", "radio", "Deal Stage", "取引ステージ"),
    Definition("amount", "number", "number", "Amount", "金額"),
    Definition("deal_currency_code", "enumeration", "select", "Currency", "通貨"),
    Definition("closedate", "datetime", "date", "Close Date", "クローズ日"),
    Definition("hs_arr", "number", "number", "Annual recurring revenue", "年間経常収益(ARR)"),
    Definition("hs_acv", "number", "number", "Annual contract value", "年間契約額(ACV)"),
    Definition("closed_lost_reason", "string", "textarea", "Closed Lost Reason", "失注理由"),
    Definition("closed_won_reason", "string", "textarea", "Closed Won Reason", "成約理由"),
    Definition("hs_next_step", "string", "text", "Next step", "次のステップ"),
    Definition(
        "dealtype",
        "enumeration",
        "radio",
        "Deal Type",
        "取引タイプ",
        options=(
            {"label": "New Business", "value": "newbusiness", "displayOrder": 0, "hidden": False},
            {
                "label": "Existing Business",
                "value": "existingbusiness",
                "displayOrder": 1,
                "hidden": False,
            },
        ),
    ),
    _calculated("hs_is_closed", "bool", "Is Deal Closed?"),
    _calculated("hs_is_closed_won", "bool", "Is Closed Won"),
    _calculated("hs_is_closed_lost", "bool", "Is Closed Lost"),
    _calculated("hs_deal_stage_probability", "number", "Deal Probability"),
    _calculated("amount_in_home_currency", "number", "Amount in company currency"),
)
COMPANIES = (
    Definition("name", "string", "text", "Company name", "会社名", "companyinformation"),
    Definition("domain", "string", "text", "Company Domain Name", "", "companyinformation"),
    Definition("country", "string", "text", "Country/Region", "", "companyinformation"),
)
LINE_ITEMS = (
    Definition("name", "string", "text", "Name", group="lineiteminformation"),
    Definition("quantity", "number", "number", "Quantity", group="lineiteminformation"),
    Definition("price", "number", "number", "Unit price", group="lineiteminformation"),
    Definition("amount", "number", "number", "Net price", group="lineiteminformation"),
    Definition(
        "hs_recurring_billing_start_date", "date", "date", "Start date", group="lineiteminformation"
    ),
    Definition(
        "hs_recurring_billing_end_date", "date", "date", "End date", group="lineiteminformation"
    ),
    Definition(
        "hs_recurring_billing_period", "string", "text", "Term", group="lineiteminformation"
    ),
    Definition(
        "recurringbillingfrequency",
        "enumeration",
        "select",
        "Billing frequency",
        group="lineiteminformation",
        options=tuple(
            {"label": v, "value": v, "displayOrder": n, "hidden": False}
            for n, v in enumerate(("monthly", "quarterly", "annually"))
        ),
    ),
)
QUOTES = (
    Definition("hs_title", "string", "text", "Quote name", group="quoteinformation"),
    Definition("hs_status", "string", "text", "Quote Status", group="quoteinformation"),
    Definition(
        "hs_expiration_date", "datetime", "date", "Expiration Date", group="quoteinformation"
    ),
)
CONTRACTS = (
    Definition("hs_name", "string", "text", "Contract name", group="contractinformation"),
    Definition("hs_status", "string", "text", "Contract status", group="contractinformation"),
    Definition("hs_currency_code", "string", "text", "Currency", group="contractinformation"),
    Definition(
        "hs_contract_effective_date", "date", "date", "Effective date", group="contractinformation"
    ),
    Definition("hs_contract_end_date", "date", "date", "End date", group="contractinformation"),
    Definition(
        "hs_contract_renewal_term_months",
        "number",
        "number",
        "Renewal term (months)",
        group="contractinformation",
    ),
    Definition(
        "hs_contract_auto_renew",
        "bool",
        "booleancheckbox",
        "Auto renew",
        group="contractinformation",
    ),
)
"""Only the first and the two next to it are known by name from [H]
docs/api-reference/latest/crm/objects/contracts/guide; the rest is [?], so a program must read the
list."""

STAGE_TIMES = re.compile(
    r"hs_v2_(date_entered|date_exited|latest_time_in|cumulative_time_in)_(\w+)"
)
NAME = re.compile(r"[a-z][a-z0-9_]*")


class Schema:
    """The properties and groups of one type of object."""

    def __init__(self, definitions: Iterable[Definition], group: str) -> None:
        self.properties = {d.name: replace(d, group=group) for d in (*COMMON, *definitions)}
        self.groups: dict[str, Json] = {
            group: {"name": group, "label": group, "displayOrder": 0, "archived": False}
        }

    def get(self, name: str) -> Definition | None:
        """The property of this name, if it is there and not archived."""
        found = self.properties.get(name)
        return found if found and found.archived_at is None else None

    def listed(self, *, archived: bool, locale: str | None) -> list[Json]:
        """All of them that the list shows."""
        return [
            d.as_json(locale)
            for d in self.properties.values()
            if d.shown and (d.archived_at is not None) is archived
        ]

    def make_group(self, given: Json) -> Json:
        """A new group; one that exists is 409."""
        name = str(given.get("name", ""))
        if not NAME.fullmatch(name):
            raise invalid(f"Property group name {name!r} is not valid.")
        if name in self.groups:
            raise _exists(f"Property group '{name}' already exists.")
        self.groups[name] = {
            "name": name,
            "label": str(given.get("label", name)),
            "displayOrder": given.get("displayOrder", -1),
            "archived": False,
        }
        return self.groups[name]

    def make(self, given: Json, *, archived_blocks: bool = False) -> Definition:
        """A new property. Names are lower case, letters, digits and _; the group must be there;
        one that exists is 409, an archived one too if `archived_blocks`."""
        name, type_ = str(given.get("name", "")), str(given.get("type", ""))
        field_type = str(given.get("fieldType", ""))
        if not NAME.fullmatch(name):
            raise invalid(
                f"Property name {name!r} may hold lower case letters, numbers and _ only."
            )
        if self.get(name) or (archived_blocks and name in self.properties):
            raise _exists(f"Property named '{name}' already exists.")
        if field_type not in TYPES.get(type_, ()):
            raise invalid(f"Invalid type {type_!r} with field type {field_type!r}.")
        if given.get("groupName") not in self.groups:
            raise invalid(f"Property group {given.get('groupName')!r} does not exist.")
        unique = bool(given.get("hasUniqueValue"))
        if unique and sum(d.unique for d in self.properties.values()) >= UNIQUE_LIMIT:
            raise invalid(f"There may be {UNIQUE_LIMIT} properties with unique values at most.")
        made = Definition(
            name,
            type_,
            field_type,
            str(given.get("label", name)),
            group=str(given["groupName"]),
            options=_options(given),
            unique=unique,
            ours=True,
            description=str(given.get("description", "")),
        )
        self.properties[name] = made
        return made

    def change(self, name: str, given: Json) -> Definition:
        """A property's label, group, options or description; uniqueness cannot be changed."""
        found = self.get(name)
        if found is None:
            raise RefusedError(404, "OBJECT_NOT_FOUND", f"Property named '{name}' does not exist")
        if not found.ours and set(given) - {"options"}:
            raise invalid(f"Property {name} is defined by HubSpot.")
        self.properties[name] = replace(
            found,
            label=str(given.get("label", found.label)),
            group=str(given.get("groupName", found.group)),
            description=str(given.get("description", found.description)),
            options=_options(given) if "options" in given else found.options,
        )
        return self.properties[name]

    def archive(self, name: str, now: int) -> None:
        """Takes away one that somebody made."""
        found = self.get(name)
        if found is None:
            return
        if not found.ours:
            raise invalid(f"Property {name} is defined by HubSpot and cannot be archived.")
        self.properties[name] = replace(found, archived_at=now)

    def archive_group(self, name: str) -> None:
        """Takes away a group that holds nothing."""
        if any(d.group == name and d.archived_at is None for d in self.properties.values()):
            raise invalid(f"Property group {name} still holds properties.")
        self.groups.pop(name, None)


def _options(given: Json) -> tuple[Json, ...]:
    """Options with distinct values."""
    options = tuple(
        {"displayOrder": -1, "hidden": False, **option} for option in given.get("options") or ()
    )
    if len({o.get("value") for o in options}) != len(options):
        raise invalid("Property options must have distinct values.")
    return options


def _exists(message: str) -> RefusedError:
    return RefusedError(409, "OBJECT_ALREADY_EXISTS", message)
