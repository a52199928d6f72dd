"""Which deals are to be sent to HubSpot, and who sends them.

Always holds: a deal is claimed only while its record is here and waits for no pull, and by one
worker at a time.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, literal, or_, select, update

from scheduler.core.deal.deal import Deal
from scheduler.core.sync.echoes import LedgerLine
from scheduler.core.sync.identity import RecordState
from scheduler.core.sync.moves import holds_stage
from scheduler.core.sync.states import PushState
from scheduler.core.sync.terms import SOURCE
from scheduler.core.sync.writes import PendingWrite
from scheduler.services.sync.push_store import PushClaim
from scheduler.storage.database.deals import CONTRACTS, DEALS, load_deals
from scheduler.storage.database.engine import upsert
from scheduler.storage.database.rows import metadata
from scheduler.storage.sync.ingesting import last_written
from scheduler.storage.sync.pulling import RECORDS, PullQueries
from scheduler.storage.sync.terms_before import term_before

PUSHES = metadata.tables["hubspot_pushes"]
WITH_RECORD = DEALS.join(CONTRACTS, CONTRACTS.c.id == DEALS.c.contract_id).join(
    RECORDS, RECORDS.c.record_id == CONTRACTS.c.source_id
)
"""Deals with the records that their contracts are in HubSpot."""
KNOWN_HERE = and_(
    CONTRACTS.c.source == SOURCE,
    DEALS.c.voided_at.is_(None),
    RECORDS.c.state == RecordState.HERE.value,
)
_HERE = and_(KNOWN_HERE, RECORDS.c.waits == "")
_BEGUN_AT_ONCE = 5_000
"""How many deals that were never sent to HubSpot get a row at a time."""
FREE = {"claimed_by": None, "lease_until": None}


def due(now: datetime, policy_version: int) -> Sequence[ColumnElement[bool]]:
    """Which known pushes are due, of deals whose records are here: those to be told, then those to
    be asked again. Each names one state, so that its index gives them in their order, and looks at
    a record only where the rest says yes: of a hundred thousand deals most have been told."""
    newer = or_(PUSHES.c.version < DEALS.c.version, PUSHES.c.policy_version != policy_version)
    ripe = or_(PUSHES.c.not_before_at.is_(None), PUSHES.c.not_before_at <= now)
    again = or_(newer, PUSHES.c.not_before_at <= now, _read_since())
    return (
        and_(PUSHES.c.state == PushState.IN_STEP.value, newer, ripe, _record(_HERE)),
        and_(PUSHES.c.state == PushState.PARKED.value, _record(_HERE, again)),
    )


def _record(*which: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether the deal has a record of which that holds."""
    joined = CONTRACTS.join(RECORDS, RECORDS.c.record_id == CONTRACTS.c.source_id)
    query = select(RECORDS.c.record_id).select_from(joined)
    return (
        query.where(CONTRACTS.c.id == DEALS.c.contract_id, *which).correlate(DEALS, PUSHES).exists()
    )


def _read_since() -> ColumnElement[bool]:
    """Whether the record was read since HubSpot refused: somebody may have filled it in."""
    return RECORDS.c.read_at > PUSHES.c.handed_over_at


class PushClaims(PullQueries):
    """Gives deals that are to be sent to HubSpot to workers."""

    def expire(self, now: datetime, look_at: datetime) -> int:
        """Claims whose lease has run out are due again, or unknown once they were handed over."""
        over = and_(PUSHES.c.lease_until.is_not(None), PUSHES.c.lease_until <= now)
        count = 0
        fence = PUSHES.c.fence + 1
        for was, values in (
            (PushState.CLAIMED, {"state": _before_claim()}),
            (PushState.HANDED_OVER, {"state": PushState.UNKNOWN.value, "not_before_at": look_at}),
            (PushState.UNKNOWN, {}),
        ):
            count += self._connection.execute(
                update(PUSHES)
                .where(over, PUSHES.c.state == was.value)
                .values(**values, **FREE, fence=fence)
            ).rowcount
        return count

    def claim(
        self, now: datetime, lease_until: datetime, worker: str, limit: int, policy_version: int
    ) -> Sequence[PushClaim]:
        """Due deals, now claimed."""
        ids = self._due(now, limit, policy_version)
        if len(ids) < limit and self._begin_new():
            ids = self._due(now, limit, policy_version)
        claims = self._claims(ids, now, lease_until)
        self._lease(ids, lease_until, worker, state=PushState.CLAIMED.value)
        return claims

    def _due(self, now: datetime, limit: int, policy_version: int) -> Sequence[int]:
        """The deals that are due, as far as there are rows for them."""
        ids: list[int] = []
        for which in due(now, policy_version):
            query = (
                select(PUSHES.c.deal_id)
                .join(DEALS, DEALS.c.id == PUSHES.c.deal_id)
                .where(which)
                .order_by(PUSHES.c.not_before_at, PUSHES.c.deal_id)
                .limit(limit - len(ids))
            )
            ids += self._locked(query) if len(ids) < limit else ()
        return ids

    def _begin_new(self) -> int:
        """Makes rows for deals that were never sent to HubSpot, many at a time, since finding them
        takes a look at every deal; how many."""
        known = select(PUSHES.c.deal_id).where(PUSHES.c.deal_id == DEALS.c.id).exists()
        names = ("deal_id", "record_id", "version", "policy_version", "state", "because", "digest")
        query = (
            select(
                DEALS.c.id,
                CONTRACTS.c.source_id,
                literal(0),
                literal(0),
                literal(PushState.IN_STEP.value),
                literal(""),
                literal(""),
                literal(0),
                literal(0),
            )
            .select_from(WITH_RECORD)
            .where(_HERE, ~known)
            .order_by(DEALS.c.id)
            .limit(_BEGUN_AT_ONCE)
        )
        begun = self._connection.execute(
            upsert(self._connection, PUSHES)
            .from_select([*names, "fence", "attempts"], query)
            .on_conflict_do_nothing()
        )
        return begun.rowcount

    def _locked(self, query: Select[Any]) -> Sequence[int]:
        """Numbers of deals; on PostgreSQL their rows locked, without those another worker
        holds."""
        if self._connection.dialect.name == "postgresql":
            query = query.with_for_update(of=PUSHES, skip_locked=True)
        return list(self._connection.scalars(query))

    def _lease(self, ids: Sequence[int], lease_until: datetime, worker: str, **more: Any) -> None:
        """Gives rows to a worker."""
        values = {"lease_until": lease_until, "claimed_by": worker, "fence": PUSHES.c.fence + 1}
        self._connection.execute(
            update(PUSHES).where(PUSHES.c.deal_id.in_(ids)).values(**values, **more)
        )

    def _claims(
        self, ids: Sequence[int], now: datetime, lease_until: datetime
    ) -> Sequence[PushClaim]:
        """Rows about to be leased, as claims, in their order."""
        deals = {deal.id: deal for deal in load_deals(self._connection, ids, told=False)}
        rows = self._connection.execute(
            select(
                PUSHES,
                CONTRACTS.c.source_id,
                RECORDS.c.held,
                RECORDS.c.taken_at,
                _read_since().label("read_since"),
                term_before().label("before"),
            )
            .select_from(WITH_RECORD.join(PUSHES, PUSHES.c.deal_id == DEALS.c.id))
            .where(PUSHES.c.deal_id.in_(ids))
        ).all()
        befores = [row.before for row in rows if row.before is not None]
        deals |= {deal.id: deal for deal in load_deals(self._connection, befores, told=False)}
        written = last_written(self._connection, [row.source_id for row in rows])
        made = {
            row.deal_id: _claim(row, deals, written.get(row.source_id), now, lease_until)
            for row in rows
        }
        return [made[id] for id in ids if id in made]

    def doubtful(
        self, now: datetime, lease_until: datetime, worker: str, limit: int
    ) -> Sequence[PushClaim]:
        """Deals of which nobody knows what became, now to be read back."""
        query = (
            select(PUSHES.c.deal_id)
            .where(
                PUSHES.c.state == PushState.UNKNOWN.value,
                PUSHES.c.record_id != "",
                PUSHES.c.lease_until.is_(None),
                or_(PUSHES.c.not_before_at.is_(None), PUSHES.c.not_before_at <= now),
            )
            .order_by(PUSHES.c.not_before_at, PUSHES.c.deal_id)
            .limit(limit)
        )
        ids = self._locked(query)
        claims = self._claims(ids, now, lease_until)
        self._lease(ids, lease_until, worker)
        return claims


def _before_claim() -> ColumnElement[str]:
    """The state before a claim whose worker died: parked where it was refused last."""
    parked = PUSHES.c.because != ""
    return case((parked, PushState.PARKED.value), else_=PushState.IN_STEP.value)


def _claim(
    row: Any,
    deals: Mapping[int, Deal],
    written: LedgerLine | None,
    now: datetime,
    lease_until: datetime,
) -> PushClaim:
    """A row as it will be once it is leased."""
    was = PushState(row.state)
    ripe = row.not_before_at is not None and row.not_before_at <= now
    return PushClaim(
        deals[row.deal_id],
        row.source_id,
        row.fence + 1,
        lease_until,
        was,
        row.version,
        row.policy_version,
        row.digest,
        row.because,
        held=holds_stage(row.held),
        taken_at=row.taken_at,
        written=written,
        asked_anew=was is PushState.PARKED and (ripe or bool(row.read_since)),
        attempts=row.attempts,
        not_before_at=row.not_before_at,
        handed=PendingWrite.from_json(row.handed) if row.handed else None,
        before=deals.get(row.before),
    )
