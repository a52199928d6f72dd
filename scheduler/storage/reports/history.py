"""What rows said at an earlier instant: taken back, from the newest to the oldest, is what was
recorded since.

Always holds: only what is kept can be taken back. Kept are edits by hand and imports (each with
both sides) and their undoing, answers and their undoing, changes of health, and the passages of a
deal. Not kept is what an undone import had made: its rows are gone for good. Imports and edits that
were undone before the database noted when (revision 0016) count as if they had never been.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, String, and_, cast, or_, select, true

from scheduler.core.words.lexicon import ActorKind
from scheduler.storage.database.deals import DEALS, PASSAGES
from scheduler.storage.database.rows import metadata
from scheduler.storage.reports import healths
from scheduler.storage.reports.healths import turns

ANSWERS, CHANGES, IMPORTS = (
    metadata.tables["answers"],
    metadata.tables["import_changes"],
    metadata.tables["imports"],
)
_TABLES = ("contracts", "deals", "customers", "people")
_UNDONE = "undone"
_SOME = 900


class RecordedStep(NamedTuple):
    """Something recorded at an instant, and what a row said before it."""

    at: datetime
    order: int
    table: str
    row: int
    before: Mapping[str, Any]


class LastPassage(NamedTuple):
    """A deal's place: its stage, since when, and whether the policy had put it there."""

    stage: str
    at: datetime | None
    automatic: bool


class EarlierRows:
    """The differences between an instant (`before`: recorded at or after it does not count) and
    now."""

    def __init__(self, connection: Connection, before: datetime) -> None:
        self._connection, self._before = connection, before
        self._rows = self._taken_back()
        self._moved = self._passages()

    def row(self, table: str, number: int) -> Mapping[str, Any]:
        """The columns of a row that were otherwise, with what they held then (as JSON)."""
        return self._rows.get((table, number), {})

    def rows(self, table: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
        """The rows of a table that were otherwise, by number."""
        return ((number, was) for (of, number), was in self._rows.items() if of == table)

    def differs(self, deal: int, contract: int) -> bool:
        """Whether a deal or its contract was otherwise, or the deal has moved."""
        rows = self._rows
        return deal in self._moved or ("deals", deal) in rows or ("contracts", contract) in rows

    @property
    def moved(self) -> Mapping[int, LastPassage]:
        """The deals that have moved since, each with where it stood."""
        return self._moved

    def _taken_back(self) -> dict[tuple[str, int], dict[str, Any]]:
        """The rows that were otherwise."""
        found: dict[tuple[str, int], dict[str, Any]] = defaultdict(dict)
        for step in newest_first(steps_since(self._connection, self._before)):
            found[step.table, step.row].update(step.before)
        return found

    def _passages(self) -> dict[int, LastPassage]:
        """The places then of the deals that have moved since."""
        touched = self._touched()
        some = (touched[n : n + _SOME] for n in range(0, len(touched), _SOME))
        return dict(pair for deals in some for pair in self._last_known(deals))

    def _touched(self) -> Sequence[int]:
        """The deals with a passage since, or one that was taken back since."""
        since = or_(
            PASSAGES.c.at >= self._before,
            PASSAGES.c.voided_at >= self._before,
            PASSAGES.c.import_id.in_(
                select(IMPORTS.c.id).where(IMPORTS.c.started_at >= self._before)
            ),
        )
        query = select(PASSAGES.c.deal_id).where(since).distinct().order_by(PASSAGES.c.deal_id)
        return list(self._connection.scalars(query))

    def _last_known(self, deals: Collection[int]) -> Iterator[tuple[int, LastPassage]]:
        """The last passage of each of these deals that was known and stood."""
        known = or_(
            and_(PASSAGES.c.import_id.is_not(None), IMPORTS.c.started_at < self._before),
            and_(
                PASSAGES.c.import_id.is_(None),
                or_(PASSAGES.c.at < self._before, PASSAGES.c.observed.is_(False)),
            ),
        )
        query = (
            select(PASSAGES.c.deal_id, PASSAGES.c.to_stage, PASSAGES.c.at, PASSAGES.c.actor_kind)
            .outerjoin(IMPORTS, IMPORTS.c.id == PASSAGES.c.import_id)
            .where(
                PASSAGES.c.deal_id.in_(deals),
                known,
                or_(PASSAGES.c.voided_at.is_(None), PASSAGES.c.voided_at >= self._before),
            )
            .order_by(PASSAGES.c.id)
        )
        for deal, stage, at, kind in self._connection.execute(query):
            yield deal, LastPassage(stage, at, kind == ActorKind.POLICY.value)


def steps_since(
    connection: Connection, since: datetime, naming: Sequence[str] = ()
) -> Iterator[RecordedStep]:
    """The steps recorded at or after an instant, in no order; `naming`: only steps in which one of
    these columns of a deal may have changed."""
    yield from _changes(connection, since, naming)
    yield from _answers(connection, since, naming)
    if not naming or "health" in naming:
        yield from _healths(connection, since)


def newest_first(steps: Iterable[RecordedStep]) -> list[RecordedStep]:
    """Steps in the order in which they are taken back."""
    return sorted(steps, key=lambda step: (step.at, step.order), reverse=True)


def _mentions(column: Any, naming: Sequence[str]) -> ColumnElement[bool]:
    """Whether a column of JSON has one of these keys, somewhere."""
    return or_(*(cast(column, String).like(f'%"{name}"%') for name in naming))


def _changes(
    connection: Connection, since: datetime, naming: Sequence[str]
) -> Iterator[RecordedStep]:
    """The changes by imports and edits, and what undoing them put back: of several changes the one
    that was put back last comes first."""
    of = CHANGES.c
    told = and_(
        IMPORTS.c.started_at >= since,
        or_(IMPORTS.c.state != _UNDONE, IMPORTS.c.undone_at.is_not(None)),
    )
    named = and_(of.table_name == "deals", _mentions(of.before, naming)) if naming else true()
    query = (
        select(IMPORTS.c.started_at, of.put_back_at, of.id, of.table_name, of.row_id)
        .add_columns(of.before, of.after)
        .join(IMPORTS, IMPORTS.c.id == of.import_id)
        .where(or_(told, of.put_back_at >= since), of.table_name.in_(_TABLES), named)
    )
    for at, put_back_at, number, table, row, before, after in connection.execute(query):
        if put_back_at is not None and put_back_at >= since:
            yield RecordedStep(put_back_at, -number, table, row, after)
        if at >= since:
            yield RecordedStep(at, number, table, row, before)


def _answers(
    connection: Connection, since: datetime, naming: Sequence[str]
) -> Iterator[RecordedStep]:
    """The changes by answers, and what undoing them changed back."""
    of = ANSWERS.c
    query = (
        select(of.id, of.at, of.undone_at, of.deal_id, of.before, DEALS.c.contract_id)
        .join(DEALS, DEALS.c.id == of.deal_id)
        .where(
            or_(of.at >= since, of.undone_at >= since),
            _mentions(of.before, naming) if naming else true(),
        )
    )
    for number, at, undone_at, deal, kept, contract in connection.execute(query):
        dates = kept.get("contract") or {}
        if undone_at is not None and undone_at >= since:
            yield RecordedStep(undone_at, number, "deals", deal, kept.get("after") or {})
            yield RecordedStep(undone_at, number, "contracts", contract, dates.get("after") or {})
        if at >= since:
            yield RecordedStep(at, number, "deals", deal, kept.get("fields") or {})
            yield RecordedStep(at, number, "contracts", contract, dates.get("before") or {})


def _healths(connection: Connection, since: datetime) -> Iterator[RecordedStep]:
    """The changes of health by signals, age and notices."""
    for turn in turns(connection, healths.CHANGES.c.at >= since):
        yield RecordedStep(turn.at, turn.id, "deals", turn.deal, {"health": turn.was.value})


@lru_cache(maxsize=8192)  # many contracts share their days
def day_from(value: date | str | None) -> date | None:
    """A day as a row holds it, or as JSON keeps it."""
    return date.fromisoformat(value) if isinstance(value, str) else value
