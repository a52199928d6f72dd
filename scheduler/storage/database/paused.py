"""What is paused, and the conditions that leave it out of a query.

Always holds: a pause goes on covering its contract when a term of it gets another number, or the
next one comes in under another. One that HubSpot's record began is about that record alone.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    bindparam,
    exists,
    false,
    or_,
    select,
    true,
    update,
)

from scheduler.core.deal.pauses import Pause, PausedUntil, Scope
from scheduler.core.sync.passages import HUBSPOT
from scheduler.storage.database.deal_rows import CONTRACTS, DEALS, NUDGES
from scheduler.storage.database.rows import metadata

PAUSES = metadata.tables["pauses"]
_ACTIVE = (
    select(PAUSES)
    .where(
        PAUSES.c.since_at <= bindparam("now"),
        or_(PAUSES.c.until_at.is_(None), PAUSES.c.until_at > bindparam("now")),
        PAUSES.c.ended_at.is_(None),
    )
    .order_by(PAUSES.c.id)
)
_ANY = select(PAUSES.c.id).limit(1)
HELD_BACK = '{"code": "paused"%'


def active(connection: Connection, now: datetime) -> list[Pause]:
    """The pauses in force at `now`, the oldest first."""
    return [pause for pause, _ in _read(connection, connection.execute(_ACTIVE, {"now": now}))]


def paused_until(connection: Connection) -> PausedUntil:
    """Until when deals are paused, of every pause that nobody has ended."""
    standing = connection.execute(select(PAUSES).where(PAUSES.c.ended_at.is_(None)))
    return PausedUntil(pause for pause, _ in _read(connection, standing))


def pauses_since(
    connection: Connection, since: datetime, now: datetime
) -> list[tuple[Pause, datetime]]:
    """Pauses that went on after the instant `since`, each with its end; `now` for one that still
    goes on."""
    after = and_(
        or_(PAUSES.c.until_at.is_(None), PAUSES.c.until_at > since),
        or_(PAUSES.c.ended_at.is_(None), PAUSES.c.ended_at > since),
    )
    rows = connection.execute(
        select(PAUSES).where(PAUSES.c.since_at <= now, after).order_by(PAUSES.c.id)
    )
    return [
        (pause, min(at for at in (row.ended_at, row.until_at, now) if at is not None))
        for pause, row in _read(connection, rows)
    ]


def paused_numbers(connection: Connection) -> frozenset[str]:
    """The numbers of all contracts that were ever paused, of each of their terms."""
    ever = connection.execute(select(PAUSES).where(PAUSES.c.scope == Scope.CONTRACT.value))
    return frozenset().union(*(pause.names for pause, _ in _read(connection, ever)))


def _read(connection: Connection, rows: Iterable[Any]) -> list[tuple[Pause, Any]]:
    """Makes a pause of each row."""
    read = [
        (Pause(Scope(r.scope), r.name, r.since_at, r.until_at, r.because, r.actor), r) for r in rows
    ]
    names = [p.name for p, _ in read if p.scope is Scope.CONTRACT and p.by != HUBSPOT]
    numbers = numbers_of_terms(connection, names)
    return [
        (replace(p, numbers=numbers[p.name]) if p.by != HUBSPOT and p.name in numbers else p, row)
        for p, row in read
    ]


def numbers_of_terms(
    connection: Connection, numbers: Collection[str]
) -> Mapping[str, tuple[str, ...]]:
    """All numbers of the contracts that have these: of the terms before and of those after."""
    if not numbers:
        return {}
    here = CONTRACTS.c
    first = select(here.number.label("name"), here.id, here.predecessor_id)
    back = first.where(here.number.in_(numbers)).cte("back", recursive=True)
    before = select(back.c.name, here.id, here.predecessor_id)
    back = back.union(before.where(here.id == back.c.predecessor_id))
    line = select(back.c.name, back.c.id).cte("line", recursive=True)
    after = select(line.c.name, here.id).where(here.predecessor_id == line.c.id)
    line = line.union(after)
    found: dict[str, set[str]] = {}
    for name, number in connection.execute(
        select(line.c.name, here.number).where(here.id == line.c.id)
    ):
        found.setdefault(name, set()).add(number)
    return {name: tuple(sorted(all_)) for name, all_ in found.items()}


def follow_numbers(connection: Connection, renamed: Iterable[tuple[str, str]]) -> None:
    """Lets pauses go by the number that a contract has now, unless a term keeps the one before: by
    that it is found as well."""
    for before, after in renamed:
        kept = exists().where(CONTRACTS.c.number == before)
        connection.execute(
            update(PAUSES)
            .where(PAUSES.c.scope == Scope.CONTRACT.value, PAUSES.c.name == before)
            .where(or_(PAUSES.c.actor == HUBSPOT, ~kept))
            .values(name=after)
        )


def not_paused(pauses: Sequence[Pause]) -> ColumnElement[bool]:
    """Deals that none of these covers."""
    return and_(true(), *(~covered_by(pause) for pause in pauses))


def covered_by(pause: Pause) -> ColumnElement[bool]:
    """Deals that a pause covers."""
    match pause.scope:
        case Scope.EVERYTHING:
            return true()
        case Scope.PIPELINE:
            return DEALS.c.pipeline == pause.name
    numbered = CONTRACTS.c.number.in_(pause.names)
    return DEALS.c.contract_id.in_(select(CONTRACTS.c.id).where(numbered))


def but_held_back(connection: Connection, now: datetime) -> ColumnElement[bool]:
    """The condition that leaves out nudges of paused deals, and those that a pause held back until
    a sweep has looked at their deal: a later question may be due by then."""
    if connection.scalar(_ANY) is None:
        return true()
    covered = select(DEALS.c.id).where(
        or_(false(), *(covered_by(pause) for pause in active(connection, now)))
    )
    rung = select(DEALS.c.id).where(DEALS.c.wake_at <= now)
    return and_(
        NUDGES.c.deal_id.not_in(covered),
        or_(~NUDGES.c.reason.like(HELD_BACK), NUDGES.c.deal_id.not_in(rung)),
    )
