"""What is paused, and the conditions that leave it out of a query."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, bindparam, false, or_, select, true

from scheduler.core.deal.pauses import Pause, Scope
from scheduler.storage.database.deals import CONTRACTS, DEALS, NUDGES
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
    return [_pause(row) for row in connection.execute(_ACTIVE, {"now": now})]


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
        (_pause(row), min(at for at in (row.ended_at, row.until_at, now) if at is not None))
        for row in rows
    ]


def _pause(row: Any) -> Pause:
    """Makes a pause of one row."""
    return Pause(Scope(row.scope), row.name, row.since_at, row.until_at, row.because, row.actor)


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
    return DEALS.c.contract_id.in_(select(CONTRACTS.c.id).where(CONTRACTS.c.number == pause.name))


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
