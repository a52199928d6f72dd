"""Records of HubSpot as values, from what its API answers.

Always holds: histories stand in the order of time; links that were not asked for are None, which is
something else than none at all.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from scheduler.core.sync.values import choices, instant
from scheduler.core.words.errors import LabelledError

STAGE, PIPELINE, OWNER = "dealstage", "pipeline", "hubspot_owner_id"
MODIFIED, OBJECT_ID, MERGED = "hs_lastmodifieddate", "hs_object_id", "hs_merged_object_ids"
COMPANY_OF_DEAL, PRIMARY_COMPANY = 341, 5
"""The association types by which a deal names a company, and its main company."""


class NotARecordError(LabelledError, ValueError):
    """An answer that is not what the API's description says."""


@dataclass(frozen=True, slots=True)
class ChangeSource:
    """Who wrote a value: a family (`CRM_UI`, `INTEGRATION` …; an open set) and an id in it."""

    kind: str
    id: str = ""


@dataclass(frozen=True, slots=True)
class PropertyVersion:
    """One entry of a property's history. `user_id` is a user's id, not an owner's."""

    value: str
    at: datetime
    source: ChangeSource
    user_id: str = ""
    label: str = ""

    @property
    def by_person(self) -> str:
        """The id of the user who wrote it, empty where it was no person."""
        if self.user_id:
            return self.user_id
        return self.source.id.removeprefix("userId:") if _names_user(self.source.id) else ""


def _names_user(id: str) -> bool:
    return id.startswith("userId:")


@dataclass(frozen=True, slots=True)
class Association:
    """A record that this one is linked with, and the types of the link."""

    id: str
    types: frozenset[int] = frozenset()
    labels: frozenset[str] = frozenset()

    @property
    def is_primary(self) -> bool:
        """Whether it is the main one of its kind."""
        return PRIMARY_COMPANY in self.types or "Primary" in self.labels


@dataclass(frozen=True, slots=True)
class Record:
    """One record as it was read. `companies` is None where links were not asked for. `merged` are
    the ids of the records that became this one."""

    id: str
    properties: Mapping[str, str | None]
    histories: Mapping[str, tuple[PropertyVersion, ...]] = field(default_factory=dict)
    created_at: datetime | None = None
    updated_at: datetime | None = None
    archived: bool = False
    archived_at: datetime | None = None
    companies: tuple[Association, ...] | None = None

    @property
    def merged(self) -> tuple[str, ...]:
        """The ids it was merged from."""
        return choices(self.properties.get(MERGED))

    def value(self, name: str) -> str:
        """A property's text, empty where it has none."""
        return self.properties.get(name) or ""

    def modified_at(self) -> datetime | None:
        """When it was last written, as far as the answer says."""
        return instant(self.properties.get(MODIFIED)) or self.updated_at


def record_of(raw: Mapping[str, Any]) -> Record:
    """A record from the API's JSON. Raises NotARecordError where it has no id or a broken part."""
    try:
        return Record(
            id=str(raw["id"]),
            properties={
                str(k): None if v is None else str(v)
                for k, v in (raw.get("properties") or {}).items()
            },
            histories={
                str(name): versions_of(entries)
                for name, entries in (raw.get("propertiesWithHistory") or {}).items()
            },
            created_at=instant(raw.get("createdAt")),
            updated_at=instant(raw.get("updatedAt")),
            archived=bool(raw.get("archived")),
            archived_at=instant(raw.get("archivedAt")),
            companies=_companies(raw.get("associations")),
        )
    except (KeyError, TypeError, AttributeError, ValueError):
        raise NotARecordError(
            "HubSpot sent a record that cannot be read: {start}", start=repr(raw)[:80]
        ) from None


def kept_form(record: Record) -> dict[str, Any]:
    """A record in the form of the API's JSON, as `record_of` reads it; without its links, which are
    kept apart."""
    return {
        "id": record.id,
        "properties": dict(record.properties),
        "propertiesWithHistory": {
            name: [_entry(version) for version in reversed(versions)]
            for name, versions in record.histories.items()
        },
        "createdAt": _moment(record.created_at),
        "updatedAt": _moment(record.updated_at),
        "archived": record.archived,
        "archivedAt": _moment(record.archived_at),
    }


def _entry(version: PropertyVersion) -> dict[str, Any]:
    """One entry of a history."""
    entry = {
        "value": version.value,
        "timestamp": _moment(version.at),
        "sourceType": version.source.kind,
        "sourceId": version.source.id,
        "sourceLabel": version.label,
        "updatedByUserId": version.user_id,
    }
    return {name: value for name, value in entry.items() if value or name == "value"}


def _moment(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def versions_of(entries: Iterable[Mapping[str, Any]]) -> tuple[PropertyVersion, ...]:
    """A history, oldest first; of the same instant in the order in which they came, which is newest
    first."""
    read = [
        PropertyVersion(
            value=str(entry.get("value") or ""),
            at=at,
            source=ChangeSource(
                str(entry.get("sourceType") or ""), str(entry.get("sourceId") or "")
            ),
            user_id=str(entry.get("updatedByUserId") or ""),
            label=str(entry.get("sourceLabel") or ""),
        )
        for entry in entries
        if (at := instant(entry.get("timestamp"))) is not None
    ]
    read.reverse()
    return tuple(sorted(read, key=lambda version: version.at))


def _companies(associations: Mapping[str, Any] | None) -> tuple[Association, ...] | None:
    """The companies of a record whose links came with it: each comes once for every type."""
    if associations is None:
        return None
    results = (associations.get("companies") or {}).get("results") or ()
    return links_of((str(r["id"]), None, str(r.get("type") or "")) for r in results)


def links_of(said: Iterable[tuple[str, int | None, str]]) -> tuple[Association, ...]:
    """The links of (id, type, label), one for each record linked with. The words of the old list
    (`deal_to_company`) count as labels; that without `_unlabeled` is the main one.

    >>> links_of([("7", None, "deal_to_company"), ("7", None, "deal_to_company_unlabeled")])[0].id
    '7'
    """
    types: dict[str, set[int]] = {}
    labels: dict[str, set[str]] = {}
    for id, kind, label in said:
        types.setdefault(id, set()).update(() if kind is None else (kind,))
        labels.setdefault(id, set()).update(() if not label else (_label(label),))
    return tuple(Association(id, frozenset(types[id]), frozenset(labels[id])) for id in types)


def _label(said: str) -> str:
    return "Primary" if said == "deal_to_company" else said


def main_company(links: Sequence[Association] | None) -> str | None:
    """The company a deal belongs to: the one marked so, else the only one; None where nobody can
    tell or there is none.

    >>> main_company((Association("1"), Association("2", frozenset({5}))))
    '2'
    >>> main_company((Association("1"), Association("2")))
    """
    if not links:
        return None
    marked = [link.id for link in links if link.is_primary]
    chosen = marked or [link.id for link in links]
    return chosen[0] if len(chosen) == 1 else None


@dataclass(frozen=True, slots=True)
class WholeRead:
    """Whole records by the ids they were asked for (a merged one has another), None for one that is
    not there; what HubSpot says nothing of is missing, and `refused` is what it says of those it
    does not give."""

    of: Mapping[str, Record | None]
    refused: Mapping[str, str] = field(default_factory=dict)


def never_seen(records: Sequence[Record], asked: Iterable[str]) -> frozenset[str]:
    """The properties that were asked for and that no record of a page has, not even empty: they do
    not exist, or must not be read. Nothing is said of an empty page."""
    if not records:
        return frozenset()
    return frozenset(asked).difference(*(record.properties for record in records))
