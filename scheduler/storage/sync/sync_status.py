"""What the database says of how far HubSpot and the deals are in step."""

import json
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Column, ColumnElement, and_, func, select
from typing_extensions import override

from scheduler.core.sync.terms import SOURCE
from scheduler.services.sync.owner_changes import OWNERS, OwnersSaid
from scheduler.services.sync.pull_store import LACKING, RUN, STAGES, UNREAD, WATERMARK
from scheduler.services.sync.pulling import Run
from scheduler.services.sync.sync_status import (
    DRIFT,
    LAST,
    LISTED,
    QUOTA,
    TROUBLE,
    CallsLeft,
    HeldRecord,
    LastDrift,
    LastRound,
    ListedConflict,
    SyncLook,
    SyncStatus,
)
from scheduler.storage.database.deals import CONTRACTS, CUSTOMERS, DEALS, PEOPLE
from scheduler.storage.database.rows import metadata
from scheduler.storage.database.transactions import OnConnection
from scheduler.storage.sync.ingesting import conflict_of

RECORDS, STATE = metadata.tables["hubspot_records"], metadata.tables["hubspot_state"]
CONFLICTS = metadata.tables["hubspot_conflicts"]


class SyncRows(OnConnection, SyncLook):
    """Looks."""

    @override
    def standing(self) -> SyncStatus:
        kept = {r.key: (r.value, r.at) for r in self._connection.execute(select(STATE))}
        keys = (LAST, RUN, WATERMARK, DRIFT, QUOTA)
        last, run, mark, drift, quota = (kept.get(key, (None,))[0] for key in keys)
        return SyncStatus(
            LastRound.from_text(last) if last else None,
            Run.from_text(run) if run else None,
            kept.get(TROUBLE, ("",))[0],
            datetime.fromisoformat(mark) if mark else None,
            self._counts(RECORDS.c.state),
            self._counts(RECORDS.c.waits, RECORDS.c.waits != ""),
            *self._held(),
            *self._conflicts(),
            LastDrift.from_text(drift) if drift else None,
            CallsLeft.from_text(quota) if quota else None,
            json.loads(kept.get(UNREAD, ("{}",))[0]),
            json.loads(kept.get(STAGES, ("{}",))[0]),
            json.loads(kept.get(LACKING, ("[]",))[0]),
            self._left(OwnersSaid.from_text(kept.get(OWNERS, (None,))[0])),
        )

    def _left(self, said: OwnersSaid) -> Mapping[str, bool]:
        """The people who were deactivated in HubSpot and are known here, with whether they are
        active."""
        query = select(PEOPLE.c.name, PEOPLE.c.email, PEOPLE.c.key, PEOPLE.c.active)
        rows = self._connection.execute(query.order_by(PEOPLE.c.name)) if said.left else ()
        return {r.name: r.active for r in rows if (r.email or r.key) in said.left}

    def _counts(self, column: Column[str], *where: ColumnElement[bool]) -> Mapping[str, int]:
        """The number of records with each value of a column."""
        query = select(column, func.count()).where(*where).group_by(column).order_by(column)
        return {row[0]: row[1] for row in self._connection.execute(query)}

    def _held(self) -> tuple[list[HeldRecord], int]:
        """The deals whose stage is not followed: the first, and how many."""
        held = RECORDS.c.held != ""
        of = and_(CONTRACTS.c.source == SOURCE, CONTRACTS.c.source_id == RECORDS.c.record_id)
        query = (
            select(RECORDS.c.record_id, RECORDS.c.held, CONTRACTS.c.number, CUSTOMERS.c.name)
            .outerjoin(CONTRACTS, of)
            .outerjoin(CUSTOMERS, CUSTOMERS.c.id == CONTRACTS.c.customer_id)
            .where(held)
            .order_by(RECORDS.c.record_id)
            .limit(LISTED)
        )
        found = [
            HeldRecord(r.record_id, r.number or "", r.name or "", r.held)
            for r in self._connection.execute(query)
        ]
        return found, self._connection.scalar(select(func.count()).where(held)) or 0

    def _conflicts(self) -> tuple[list[ListedConflict], int]:
        """The newest conflicts, and how many there are."""
        query = (
            select(CONFLICTS, CONTRACTS.c.number, CUSTOMERS.c.name.label("customer"))
            .join(DEALS, DEALS.c.id == CONFLICTS.c.deal_id)
            .join(CONTRACTS, CONTRACTS.c.id == DEALS.c.contract_id)
            .join(CUSTOMERS, CUSTOMERS.c.id == CONTRACTS.c.customer_id)
            .order_by(CONFLICTS.c.id.desc())
            .limit(LISTED)
        )
        found = [
            ListedConflict(r.number, r.customer, conflict_of(r))
            for r in self._connection.execute(query)
        ]
        return found, self._connection.scalar(select(func.count()).select_from(CONFLICTS)) or 0
