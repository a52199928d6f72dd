"""What an account is like: its zone and currency, owners, pipelines, properties, limits, usage.

Always holds: lists are read whole; what the account does not have (a product that is not booked) is
None where that is said, never an empty list.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from scheduler.core.policy.hubspot import LinkedKind
from scheduler.core.sync.owners import Owner, Owners, owner_of
from scheduler.core.sync.stages import TheirPipeline, pipeline_of
from scheduler.core.sync.terms import Account, account_of
from scheduler.core.sync.values import PropertyType
from scheduler.core.words.lexicon import Language
from scheduler.hubspot.client import HubspotClient, dated
from scheduler.hubspot.errors import NotInStepError
from scheduler.hubspot.reading import DEALS

CONTRACTS, LINE_ITEMS, QUOTES = "0-721", "line_items", "quotes"
TYPE_OF = {
    LinkedKind.LINE_ITEMS: LINE_ITEMS,
    LinkedKind.QUOTES: QUOTES,
    LinkedKind.CONTRACTS: CONTRACTS,
}
"""What paths call each kind of linked record."""
_OWNERS_PAGE = 100


def account(client: HubspotClient) -> Account:
    """Zone, currency, region and kind. From now on the day's quota ends at midnight there. Raises
    HubspotError."""
    found = account_of(client.call("GET", dated("account-info", "details")).body)
    client.pace.zone = found.zone
    return found


def owners(client: HubspotClient) -> Owners:
    """All owners, also those who were deactivated. Raises HubspotError."""
    return Owners.of(
        owner for archived in (False, True) for owner in _owners(client, archived=archived)
    )


def _owners(client: HubspotClient, *, archived: bool) -> Iterator[Owner]:
    """Reads one of the two lists."""
    after, seen = "", set()
    while True:
        params = {"limit": _OWNERS_PAGE, "archived": str(archived).lower()}
        answer = client.call(
            "GET", dated("crm/owners"), params=params | ({"after": after} if after else {})
        )
        for raw in answer.results:
            yield owner_of({**raw, "archived": raw.get("archived", archived)})
        after = answer.after
        if not after:
            return
        if after in seen:
            raise NotInStepError("HubSpot keeps returning the same page of its owners")
        seen.add(after)


def pipelines(client: HubspotClient, *, object_type: str = DEALS) -> list[TheirPipeline]:
    """The pipelines with their stages, in their order. Raises HubspotError."""
    answer = client.call("GET", dated("crm/pipelines", object_type))
    live = [raw for raw in answer.results if not raw.get("archived")]
    return [pipeline_of(raw) for raw in sorted(live, key=lambda p: int(p.get("displayOrder") or 0))]


@dataclass(frozen=True, slots=True)
class Property:
    """A property as the account has it. `type_name` is HubSpot's word; one that is not known reads
    as a text."""

    name: str
    label: str
    type_name: str
    group: str = ""
    options: tuple[tuple[str, str], ...] = ()
    unique: bool = False
    calculated: bool = False
    read_only: bool = False

    @property
    def kind(self) -> PropertyType:
        """How its values are read."""
        known = {kind.value: kind for kind in PropertyType}
        return known.get(self.type_name, PropertyType.STRING)


def properties(
    client: HubspotClient, *, object_type: str = DEALS, language: Language | None = None
) -> dict[str, Property]:
    """The properties of a type of object by name, with labels in `language`. Raises
    HubspotError."""
    params = {"locale": language.value} if language else None
    answer = client.call("GET", dated("crm/properties", object_type), params=params)
    return {p.name: p for p in map(property_of, answer.results)}


def property_of(raw: Mapping[str, Any]) -> Property:
    """A property from the API's JSON."""
    return Property(
        str(raw.get("name") or ""),
        str(raw.get("label") or ""),
        str(raw.get("type") or ""),
        str(raw.get("groupName") or ""),
        tuple(
            (str(option.get("value") or ""), str(option.get("label") or ""))
            for option in raw.get("options") or ()
        ),
        bool(raw.get("hasUniqueValue")),
        bool(raw.get("calculated")),
        bool((raw.get("modificationMetadata") or {}).get("readOnlyValue")),
    )


@dataclass(frozen=True, slots=True)
class Allowance:
    """How much of something the plan allows and is used; None where HubSpot does not say."""

    limit: int | None
    used: int | None

    def has_room_for(self, more: int) -> bool:
        """Whether so many more fit, as far as anybody knows."""
        return self.limit is None or self.used is None or self.used + more <= self.limit


def allowance(client: HubspotClient, what: str, *, type_id: str = "0-3") -> Allowance:
    """The limit of `pipelines`, `custom-properties` or `records` for a type of object. Raises
    HubspotError."""
    body = client.call("GET", dated("crm/limits", what)).body
    rows = [
        row
        for name in ("hubspotDefinedObjectTypes", "byObjectType")
        for row in body.get(name) or ()
        if isinstance(row, dict)
    ]
    found = next((row for row in rows if row.get("objectTypeId") == type_id), {})
    return Allowance(_whole(found.get("limit")), _whole(found.get("usage")))


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) else None


def usage(client: HubspotClient) -> Mapping[str, Any]:
    """Today's use of the quota by all private apps: `usageLimit`, `currentUsage`, `resetsAt`; empty
    where HubSpot does not know it just now. Raises HubspotError."""
    path = dated("account-info", "api-usage", "daily", "private-apps")
    answer = client.call("GET", path, background=False)
    found = answer.results[0] if answer.results else {}
    if found.get("fetchStatus", "SUCCESS") != "SUCCESS":
        return {}
    client.pace.used(found)
    return found
