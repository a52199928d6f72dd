"""Records and their histories.

Always holds: a record's `values` are never changed in place, so the search index may keep an older
state by keeping the older mapping; ids only grow.
"""

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from tests.servers.hubspot.answers import Json
from tests.servers.hubspot.moments import iso
from tests.servers.hubspot.schema import Schema

Values = Mapping[str, str | None]


class Source(NamedTuple):
    """Who or what wrote: [I] HubSpot/hubspot-api-nodejs#154. A person: CRM_UI, userId:123, 123."""

    type: str = "CRM_UI"
    id: str | None = None
    user: int | None = None
    label: str | None = None


class Change(NamedTuple):
    """One value of one property, from `at` (milliseconds) on."""

    name: str
    value: str | None
    at: int
    source: Source

    def as_json(self) -> Json:
        """As in a history. [S] ValueWithTimestamp"""
        found: Json = {
            "value": self.value or "",
            "timestamp": iso(self.at),
            "sourceType": self.source.type,
        }
        if self.source.id is not None:
            found["sourceId"] = self.source.id
        if self.source.user is not None:
            found["updatedByUserId"] = self.source.user
        if self.source.label is not None:
            found["sourceLabel"] = self.source.label
        return found


@dataclass(slots=True)
class Record:
    """One record. `born` are its first values, `changes` what came after them, oldest first."""

    id: int
    created: int
    modified: int
    values: Values
    birth: Source
    born: Values
    changes: list[Change] = field(default_factory=list)
    archived_at: int | None = None
    merged: tuple[int, ...] = ()
    url: str | None = None

    def history(self, name: str) -> list[Change]:
        """All values of one property, newest first."""
        found = [c for c in reversed(self.changes) if c.name == name]
        if name in self.born:
            found.append(Change(name, self.born[name], self.created, self.birth))
        return found


class Kind:
    """All records of one type of object."""

    def __init__(self, name: str, type_id: str, schema: Schema, plain: tuple[str, ...]) -> None:
        self.name = name
        self.type_id = type_id
        self.schema = schema
        self.plain = plain
        self.records: dict[int, Record] = {}
        self.order: list[int] = []
        self.survivors: dict[int, int] = {}
        self.unique: dict[tuple[str, str], int] = {}
        self.put_away: set[int] = set()

    def add(self, record: Record) -> None:
        """A new record; its id is the greatest so far."""
        self.records[record.id] = record
        self.order.append(record.id)

    def without(self, name: str) -> None:
        """No record has this property any more: its values go with its definition [?]."""
        for record in self.records.values():
            record.values = {n: v for n, v in record.values.items() if n != name}
            record.changes = [change for change in record.changes if change.name != name]
        self.unique = {key: id_ for key, id_ in self.unique.items() if key[0] != name}

    def survivor(self, id_: int) -> int:
        """The id a record has now, after any merges."""
        while id_ in self.survivors:
            id_ = self.survivors[id_]
        return id_

    def archived(self) -> list[Record]:
        """Those that were archived; few."""
        return [self.records[i] for i in sorted(self.put_away) if i in self.records]

    def after(self, id_: int) -> Iterator[Record]:
        """The records with a greater id, in order of their ids."""
        order = self.order
        for n in range(bisect_right(order, id_), len(order)):
            found = self.records.get(order[n])
            if found is not None:
                yield found
