"""A search that reads everything: pages that follow a key instead of a page number, because a query
never gives more than its first 10,000 results.

Two kinds. By time: sorted by the last change, each page begins where the last one ended; a page
that begins and ends in one millisecond is read on by id inside that millisecond, however many share
it. By id: everything that fits, sorted by id.

Always holds: the cursor is one value and holds every filter of the next page, so that it can be
kept as a text and gone on from; three pages in a row that bring nothing new, or lead nowhere, end
the run with an error; what was changed after the upper end is left for the next run, and nothing
outside the window moves the cursor. Sources: airbyte#43317, #61543, estuary/connectors#2210
(loops), NangoHQ/integration-templates#647 (records lost at the window's edge).
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any

from scheduler.core.sync.records import MODIFIED, OBJECT_ID, Record
from scheduler.core.sync.values import milliseconds
from scheduler.core.words.errors import LabelledError

_FRUITLESS = 3
PAGE = 200
"""The most results a page of a search has."""


class LoopError(LabelledError):
    """Pages come that bring nothing new."""


class KeysetKind(StrEnum):
    """What a search is sorted by."""

    TIME = "time"
    ID = "id"


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a search goes on: changes from `floor` to `upto` (milliseconds; both count), and inside
    the millisecond `floor` only ids above `after_id` if there is one. `seen` are the ids already
    read at `floor`. `pipelines`: only deals in these; empty for all.
    """

    kind: KeysetKind
    floor: int = 0
    upto: int = 0
    after_id: int | None = None
    seen: tuple[int, ...] = ()
    pipelines: tuple[str, ...] = ()
    fruitless: int = 0
    done: bool = False

    @classmethod
    def by_time(cls, floor: int, upto: int, pipelines: Sequence[str] = ()) -> "Cursor":
        """What was changed from `floor` to `upto`."""
        return cls(KeysetKind.TIME, floor, upto, pipelines=tuple(pipelines), done=floor > upto)

    @classmethod
    def by_id(cls, pipelines: Sequence[str] = ()) -> "Cursor":
        """Everything, from the lowest id."""
        return cls(KeysetKind.ID, after_id=0, pipelines=tuple(pipelines))

    @property
    def inside(self) -> bool:
        """Whether it follows ids."""
        return self.after_id is not None

    def as_text(self) -> str:
        """The whole cursor, to be kept."""
        return json.dumps(asdict(self), separators=(",", ":"))

    @classmethod
    def from_text(cls, text: str) -> "Cursor":
        """What `as_text` gave. Raises ValueError, TypeError or KeyError for anything else."""
        kept: dict[str, Any] = json.loads(text)
        kept |= {name: tuple(kept[name]) for name in ("seen", "pipelines")}
        return cls(**kept | {"kind": KeysetKind(kept["kind"])})


def query(cursor: Cursor, properties: Sequence[str], limit: int = PAGE) -> Mapping[str, Any]:
    """The body of the search that gives the next page; every filter stands on every page."""
    filters: list[dict[str, Any]] = []
    if cursor.pipelines:
        filters.append(
            {"propertyName": "pipeline", "operator": "IN", "values": list(cursor.pipelines)}
        )
    if cursor.kind is KeysetKind.TIME:
        upto = cursor.floor if cursor.inside else cursor.upto
        filters += [
            {"propertyName": MODIFIED, "operator": "GTE", "value": str(cursor.floor)},
            {"propertyName": MODIFIED, "operator": "LTE", "value": str(upto)},
        ]
    if cursor.inside:
        filters.append({"propertyName": OBJECT_ID, "operator": "GT", "value": str(cursor.after_id)})
    return {
        "filterGroups": [{"filters": filters}],
        "sorts": [
            {"propertyName": OBJECT_ID if cursor.inside else MODIFIED, "direction": "ASCENDING"}
        ],
        "properties": sorted({*properties, MODIFIED, OBJECT_ID}),
        "limit": limit,
    }


def after_page(
    cursor: Cursor, page: Sequence[Record], *, more: bool
) -> tuple[list[Record], Cursor]:
    """The records of a page that are new, and where the search goes on; `more`: the answer says
    that it is not the last page of its query.

    Raises LoopError.
    """
    if cursor.inside:
        fresh, following = _by_id(cursor, page, more=more)
    else:
        fresh, following = _by_time(cursor, page, more=more)
    stands = (following.floor, following.after_id) == (cursor.floor, cursor.after_id)
    vain = not following.done and (stands or not fresh)
    fruitless = cursor.fruitless + 1 if vain else 0
    if fruitless >= _FRUITLESS:
        raise LoopError(
            "HubSpot's search keeps returning the same pages (changes from {floor}, ids above "
            "{after}); this run stops, and the next one starts again",
            floor=cursor.floor,
            after=cursor.after_id or 0,
        )
    return fresh, replace(following, fruitless=fruitless)


def _changed(record: Record) -> int:
    """When it was changed, in milliseconds; what does not say so counts as old."""
    at = record.modified_at()
    return 0 if at is None else milliseconds(at)


def _by_id(cursor: Cursor, page: Sequence[Record], *, more: bool) -> tuple[list[Record], Cursor]:
    """A page in the order of ids. The window's end, inside a millisecond, is the next one."""
    last = cursor.after_id or 0
    fresh = _distinct([record for record in page if int(record.id) > last], frozenset())
    if more:
        highest = max([last, *(int(record.id) for record in fresh)])
        return _in_time(fresh, cursor), replace(cursor, after_id=highest)
    if cursor.kind is KeysetKind.ID:
        return fresh, replace(cursor, done=True)
    floor = cursor.floor + 1
    return _in_time(fresh, cursor), replace(
        cursor, floor=floor, after_id=None, seen=(), done=floor > cursor.upto
    )


def _in_time(records: list[Record], cursor: Cursor) -> list[Record]:
    """Without what was changed after the window's upper end."""
    if cursor.kind is KeysetKind.ID:
        return records
    return [record for record in records if _changed(record) <= cursor.upto]


def _by_time(cursor: Cursor, page: Sequence[Record], *, more: bool) -> tuple[list[Record], Cursor]:
    """A page in the order of changes."""
    within = _in_time(list(page), cursor)
    fresh = _distinct(within, frozenset(cursor.seen))
    if not more:
        return fresh, replace(cursor, done=True)
    last = max([cursor.floor, *map(_changed, within)])
    at_last = [record for record in within if _changed(record) == last]
    if last == cursor.floor or 2 * len(at_last) > len(page):
        return fresh, replace(cursor, floor=last, after_id=0, seen=())
    seen = tuple(sorted(int(record.id) for record in at_last))
    return fresh, replace(cursor, floor=last, seen=seen)


def _distinct(records: Sequence[Record], seen: frozenset[int]) -> list[Record]:
    """Each record once, without those seen before; of two the later one."""
    return list({record.id: record for record in records if int(record.id) not in seen}.values())
