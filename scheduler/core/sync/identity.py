"""Records that change their identity: archived, restored, merged, deleted, moved to another
pipeline. Nothing of it comes with the changes; a daily count of all ids finds it.

Always holds: what is not proved is not called gone: an id that is missing is looked up first.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from scheduler.core.policy.hubspot import StageMap
from scheduler.core.sync.records import PIPELINE, STAGE, Record


class RecordState(StrEnum):
    """What became of a record we know. `UNMAPPED`: in a stage that has no place, held. `MOVED_OUT`:
    in a pipeline that is not in our care."""

    HERE = "here"
    MERGED = "merged"
    ARCHIVED = "archived"
    RESTORED = "restored"
    DELETED = "deleted"
    MOVED_OUT = "moved_out"
    UNMAPPED = "unmapped"


@dataclass(frozen=True, slots=True)
class RecordFound:
    """What became of the record that was known as `id`; `into` is the id it has now."""

    id: str
    state: RecordState
    into: str = ""


def found(
    id: str, live: Record | None, archived: Record | None, stages: StageMap, *, was_archived: bool
) -> RecordFound:
    """What became of a record, from a read by its id among the live and among the archived. A
    merged one answers with its new id."""
    record = live or archived
    if record is None:
        return RecordFound(id, RecordState.DELETED)
    if record.id != id:
        return RecordFound(id, RecordState.MERGED, record.id)
    if live is None:
        return RecordFound(id, RecordState.ARCHIVED)
    theirs = (live.value(PIPELINE), live.value(STAGE))
    if theirs[0] not in stages.pipelines:
        return RecordFound(id, RecordState.MOVED_OUT)
    if stages.place(theirs) is None:
        return RecordFound(id, RecordState.UNMAPPED)
    return RecordFound(id, RecordState.RESTORED if was_archived else RecordState.HERE)


@dataclass(frozen=True, slots=True)
class DealEntry:
    """One line of a count of all deals: the id, its pipeline's, those merged into it, and a mark of
    the values that fill something here."""

    id: str
    pipeline: str
    merged: tuple[str, ...] = ()
    values: str = ""


@dataclass(frozen=True, slots=True)
class Census:
    """What a count of all ids says beside what we know: new ones, those to be looked up, those that
    were archived, came back, or became another."""

    unknown: frozenset[str] = frozenset()
    missing: frozenset[str] = frozenset()
    archived: frozenset[str] = frozenset()
    restored: frozenset[str] = frozenset()
    merged: Mapping[str, str] | None = None


def census(
    known: Mapping[str, bool],
    live: Collection[str],
    archived: Collection[str],
    merged: Mapping[str, Sequence[str]],
) -> Census:
    """`known`: our ids, with whether they count as archived; `merged`: live ids with the ids they
    were merged from. An id that is live and archived at once counts as live."""
    living, gone = set(live), set(archived) - set(live)
    into = followed(merged)
    moved = {id: into[id] for id in known if id not in living and id in into}
    return Census(
        unknown=frozenset(living - known.keys()),
        missing=frozenset(known.keys() - living - gone - moved.keys()),
        archived=frozenset(
            id for id, was in known.items() if id in gone - moved.keys() and not was
        ),
        restored=frozenset(id for id, was in known.items() if was and id in living),
        merged=moved,
    )


def followed(merged: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """The last id each merged one has come to, over however many merges.

    >>> followed({"3": ["1", "2"], "5": ["3", "4"]})["1"]
    '5'
    """
    parent = {old: new for new, olds in merged.items() for old in olds if old != new}
    ends = {}
    for old in parent:
        at, seen = old, {old}
        while (following := parent.get(at)) is not None and following not in seen:
            seen.add(following)
            at = following
        ends[old] = at
    return ends


@dataclass(frozen=True, slots=True)
class OpenTerm:
    """What decides which of several deals that became one goes on. `pipeline` is the id of ours."""

    deal: int
    open: bool
    ends_on: date | None
    pipeline: str = ""


def kept_of(terms: Iterable[OpenTerm], today: date, sales: Collection[str] = ()) -> int:
    """Of the deals that became one in HubSpot the one that goes on here: open before closed, a
    contract that runs before a sale (of one of the pipelines `sales`), then the nearest end to
    come, then the latest that is over; the others close as merged, which is no churn. Raises
    ValueError for none."""
    return min(terms, key=lambda term: _order(term, today, sales)).deal


def _order(term: OpenTerm, today: date, sales: Collection[str]) -> tuple[bool, bool, int, int, int]:
    """Sorts the one that is kept first."""
    first = (not term.open, term.pipeline in sales)
    if term.ends_on is None:
        return (*first, 2, 0, term.deal)
    left = (term.ends_on - today).days
    return (*first, 0 if left >= 0 else 1, abs(left), term.deal)
