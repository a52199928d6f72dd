"""Records that were made for next terms, given to them.

Always holds: a term that has a record keeps it; in the same transaction the ledger says what we
wrote, so that no pull takes our own stage for somebody's move.
"""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from scheduler.core.deal.successor import SUCCESSORS
from scheduler.core.sync.records import STAGE
from scheduler.core.sync.states import PushState
from scheduler.core.sync.terms import SOURCE
from scheduler.core.sync.writes import PendingWrite
from scheduler.storage.database.deals import CONTRACTS, DEALS
from scheduler.storage.database.rows import metadata
from scheduler.storage.sync.pulling import PUSHES

LEDGER = metadata.tables["hubspot_ledger"]


def enter(connection: Connection, record_id: str, handed: PendingWrite, at: datetime) -> None:
    """Rows of the ledger for what was written to a record, unless this write has some."""
    known = select(LEDGER.c.id).where(
        LEDGER.c.record_id == record_id, LEDGER.c.trace == handed.trace
    )
    if connection.execute(known.limit(1)).first() is None:
        rows = [
            {
                "record_id": record_id,
                "name": name,
                "value": value,
                "was": handed.was.get(name, ""),
                "read_at": handed.read_at,
                "at": at,
                "trace": handed.trace,
                "checked_at": None if name == STAGE else at,
            }
            for name, value in handed.values.items()
        ]
        connection.execute(insert(LEDGER), rows)


def link_renewal(connection: Connection, deal_id: int, record_id: str, at: datetime) -> bool:
    """Gives the next term of a deal its record, which was made at `at`; whether it did. It speaks
    for the term from now on, and HubSpot is to be told all of it."""
    theirs = select(CONTRACTS.c.id).where(
        CONTRACTS.c.source == SOURCE, CONTRACTS.c.source_id == record_id
    )
    if connection.scalar(theirs) is not None:
        return False
    mine = select(DEALS.c.contract_id).where(DEALS.c.id == deal_id, DEALS.c.voided_at.is_(None))
    changed = connection.execute(
        update(CONTRACTS)
        .where(CONTRACTS.c.id == mine.scalar_subquery(), CONTRACTS.c.source == SUCCESSORS)
        .values(source=SOURCE, source_id=record_id, system_made=False)
    )
    if changed.rowcount != 1:
        return False
    kept = connection.scalar(select(PUSHES.c.handed).where(PUSHES.c.deal_id == deal_id))
    handed = PendingWrite.from_json(kept) if isinstance(kept, Mapping) else None
    if handed is not None and handed.creates:
        enter(connection, record_id, handed.only_stage(), at)
    _told_nothing(connection, deal_id, record_id)
    return True


def _told_nothing(connection: Connection, deal_id: int, record_id: str) -> None:
    """Has a deal sent to HubSpot from the beginning; whoever had it claimed has it no more."""
    nothing = {"because": "", "digest": "", "handed": None, "not_before_at": None}
    free = {"claimed_by": None, "lease_until": None, "fence": PUSHES.c.fence + 1}
    told = {"version": 0, "policy_version": 0, "state": PushState.IN_STEP.value}
    connection.execute(
        update(PUSHES)
        .where(PUSHES.c.deal_id == deal_id)
        .values(record_id=record_id, attempts=0, **told, **nothing, **free)
    )
