"""Which next terms lack a deal in HubSpot, and who makes it.

Always holds: a term is claimed only after one that was won in a record that is here and waits for
no pull, and by one worker at a time. What is on its way has no record's id in its row.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_, select, update

from scheduler.core.deal.successor import SUCCESSORS
from scheduler.core.sync.identity import RecordState
from scheduler.core.sync.records import NotARecordError, record_of
from scheduler.core.sync.states import PushState, Waits
from scheduler.core.sync.terms import SOURCE
from scheduler.core.sync.writes import PendingWrite
from scheduler.services.sync.pull_store import Reading
from scheduler.services.sync.push_store import PushClaim
from scheduler.services.sync.renewal_store import RenewalClaim
from scheduler.storage.database.deals import CONTRACTS, DEALS, load_deals
from scheduler.storage.database.engine import upsert
from scheduler.storage.sync.pulling import PUSHES, RECORDS
from scheduler.storage.sync.push_claims import PushClaims
from scheduler.storage.sync.renewal_links import link_renewal

_BEFORE, _DEAL_BEFORE = CONTRACTS.alias("before"), DEALS.alias("deal_before")
_LINE = (
    DEALS.join(CONTRACTS, CONTRACTS.c.id == DEALS.c.contract_id)
    .join(_BEFORE, _BEFORE.c.id == CONTRACTS.c.predecessor_id)
    .join(_DEAL_BEFORE, _DEAL_BEFORE.c.contract_id == _BEFORE.c.id)
    .join(RECORDS, RECORDS.c.record_id == _BEFORE.c.source_id)
)
"""Deals with those of the terms before and their records."""
OPENED = and_(
    CONTRACTS.c.source == SUCCESSORS,
    CONTRACTS.c.system_made,
    DEALS.c.voided_at.is_(None),
    DEALS.c.closed_at.is_(None),
)
"""Next terms that the program opened and nobody has taken over."""
_AFTER_WON = and_(
    _BEFORE.c.source == SOURCE,
    _DEAL_BEFORE.c.voided_at.is_(None),
    _DEAL_BEFORE.c.won.is_not(None),
)
_WON = and_(
    _AFTER_WON,
    RECORDS.c.state == RecordState.HERE.value,
    RECORDS.c.waits == "",
)


def lacking_deals() -> Select[tuple[int]]:
    """The deals here of next terms that were opened after a term won in HubSpot and have no deal
    there, also those whose time has not come."""
    line = DEALS.join(CONTRACTS, CONTRACTS.c.id == DEALS.c.contract_id)
    line = line.join(_BEFORE, _BEFORE.c.id == CONTRACTS.c.predecessor_id)
    line = line.join(_DEAL_BEFORE, _DEAL_BEFORE.c.contract_id == _BEFORE.c.id)
    return select(DEALS.c.id).select_from(line).where(OPENED, _AFTER_WON)


class RenewalClaims(PushClaims):
    """Gives next terms to workers, and records to next terms."""

    def renewals(
        self,
        now: datetime,
        lease_until: datetime,
        worker: str,
        limit: int,
        opened_before: datetime,
        policy_version: int,
    ) -> Sequence[RenewalClaim]:
        """Next terms whose deals are to be made, now claimed."""
        lacking = and_(OPENED, _WON, DEALS.c.arrived_at <= opened_before)
        self._begin_renewals(lacking, limit)
        query = (
            select(PUSHES.c.deal_id)
            .select_from(_LINE.join(PUSHES, PUSHES.c.deal_id == DEALS.c.id))
            .where(lacking, PUSHES.c.record_id == "", _due(now, policy_version))
            .order_by(PUSHES.c.not_before_at, PUSHES.c.deal_id)
            .limit(limit)
        )
        ids = self._locked(query)
        claims = self._unmade(ids, lease_until)
        found = self._with_before(claims)
        self._lease(ids, lease_until, worker, state=PushState.CLAIMED.value)
        return found

    def _begin_renewals(self, lacking: ColumnElement[bool], limit: int) -> None:
        """Rows for next terms whose deals nobody has begun to make."""
        known = select(PUSHES.c.deal_id).where(PUSHES.c.deal_id == DEALS.c.id).exists()
        query = select(DEALS.c.id).select_from(_LINE).where(lacking, ~known)
        rows = [
            {"deal_id": id, "record_id": ""}
            | dict.fromkeys(("version", "policy_version", "fence", "attempts"), 0)
            | {"state": PushState.IN_STEP.value, "because": "", "digest": ""}
            for id in self._connection.scalars(query.order_by(DEALS.c.id).limit(limit))
        ]
        if rows:
            inserting = upsert(self._connection, PUSHES).on_conflict_do_nothing()
            self._connection.execute(inserting, rows)

    def _unmade(self, ids: Sequence[int], lease_until: datetime) -> Sequence[PushClaim]:
        """Claims of deals without a record, whose rows are about to be leased."""
        deals = {deal.id: deal for deal in load_deals(self._connection, ids, told=False)}
        rows = self._connection.execute(select(PUSHES).where(PUSHES.c.deal_id.in_(ids)))
        made = {
            row.deal_id: PushClaim(
                deals[row.deal_id],
                "",
                row.fence + 1,
                lease_until,
                PushState(row.state),
                row.version,
                row.policy_version,
                row.digest,
                row.because,
                attempts=row.attempts,
                not_before_at=row.not_before_at,
                handed=PendingWrite.from_json(row.handed) if row.handed else None,
            )
            for row in rows
        }
        return [made[id] for id in ids]

    def _with_before(self, claims: Sequence[PushClaim]) -> Sequence[RenewalClaim]:
        """Claims with the terms before, and what is beside them."""
        ids = [claim.deal.id for claim in claims]
        columns = (DEALS.c.id, _DEAL_BEFORE.c.id.label("before"), RECORDS.c.record_id)
        query = select(*columns, RECORDS.c.company_id).select_from(_LINE).where(DEALS.c.id.in_(ids))
        rows = {row.id: row for row in self._connection.execute(query)}
        loaded = load_deals(self._connection, [r.before for r in rows.values()], told=False)
        before = {deal.id: deal for deal in loaded}
        return [
            RenewalClaim(
                claim,
                before[(row := rows[claim.deal.id]).before],
                row.record_id,
                row.company_id,
                self._beside(claim, row.company_id),
            )
            for claim in claims
        ]

    def _beside(self, claim: PushClaim, company: str) -> str:
        """A record of the same company that came in since the term opened: an open deal of the same
        pipeline that is nobody's next term and does not end for certain before this one begins, or
        one that could not come in at all; empty for none."""
        of = and_(CONTRACTS.c.source == SOURCE, CONTRACTS.c.source_id == RECORDS.c.record_id)
        joined = RECORDS.outerjoin(CONTRACTS, of).outerjoin(
            DEALS, and_(DEALS.c.contract_id == CONTRACTS.c.id, DEALS.c.voided_at.is_(None))
        )
        open_since = and_(
            DEALS.c.pipeline == claim.deal.pipeline,
            DEALS.c.closed_at.is_(None),
            DEALS.c.arrived_at >= claim.deal.arrived_at,
            CONTRACTS.c.predecessor_id.is_(None),
            or_(
                CONTRACTS.c.ends_on.is_(None),
                CONTRACTS.c.estimated,
                CONTRACTS.c.ends_on >= claim.deal.contract.starts_on,
            ),
        )
        query = (
            select(RECORDS.c.record_id, RECORDS.c.raw, DEALS.c.id)
            .select_from(joined)
            .where(RECORDS.c.company_id == company, RECORDS.c.state == RecordState.HERE.value)
            .where(or_(open_since, and_(CONTRACTS.c.id.is_(None), RECORDS.c.held != "")))
            .order_by(RECORDS.c.record_id)
        )
        for row in self._connection.execute(query) if company else ():
            if row.id is not None or _made_since(row.raw, claim.deal.arrived_at):
                return str(row.record_id)
        return ""

    def doubtful_renewals(
        self, now: datetime, lease_until: datetime, worker: str, limit: int
    ) -> Sequence[PushClaim]:
        """Next terms of which nobody knows whether their deal was made."""
        self._adopted()
        query = (
            select(PUSHES.c.deal_id)
            .where(
                PUSHES.c.state == PushState.UNKNOWN.value,
                PUSHES.c.record_id == "",
                PUSHES.c.lease_until.is_(None),
                or_(PUSHES.c.not_before_at.is_(None), PUSHES.c.not_before_at <= now),
            )
            .order_by(PUSHES.c.not_before_at, PUSHES.c.deal_id)
            .limit(limit)
        )
        ids = self._locked(query)
        claims = self._unmade(ids, lease_until)
        self._lease(ids, lease_until, worker)
        return claims

    def _adopted(self) -> None:
        """Terms that were taken over by a deal that somebody made are pushed like any other; those
        that may have been made by us as well are looked up first."""
        record = (
            select(CONTRACTS.c.source_id)
            .join(DEALS, DEALS.c.contract_id == CONTRACTS.c.id)
            .where(DEALS.c.id == PUSHES.c.deal_id, CONTRACTS.c.source == SOURCE)
        )
        settled = (PushState.IN_STEP.value, PushState.PARKED.value)
        self._connection.execute(
            update(PUSHES)
            .where(PUSHES.c.record_id == "", PUSHES.c.state.in_(settled), record.exists())
            .values(
                record_id=record.scalar_subquery(),
                state=PushState.IN_STEP.value,
                version=0,
                because="",
                digest="",
                not_before_at=None,
            )
        )

    def link(self, claim: PushClaim, record_id: str, at: datetime, now: datetime) -> bool:
        """Gives a next term its record, if the claim's fence stands."""
        mine = (PUSHES.c.deal_id == claim.deal.id, PUSHES.c.fence == claim.fence)
        held = update(PUSHES).where(*mine, PUSHES.c.lease_until.is_not(None))
        stands = self._connection.execute(held.values(attempts=PUSHES.c.attempts)).rowcount == 1
        if not stands or not link_renewal(self._connection, claim.deal.id, record_id, at):
            return False
        self.store([Reading(record_id, Waits.HISTORY)], now)
        return True


def _due(now: datetime, policy_version: int) -> ColumnElement[bool]:
    """Which next terms are due: those never tried, and those whose day is over or that have changed
    since they were refused."""
    parked = PUSHES.c.state == PushState.PARKED.value
    newer = or_(PUSHES.c.version < DEALS.c.version, PUSHES.c.policy_version != policy_version)
    ripe = or_(PUSHES.c.not_before_at.is_(None), PUSHES.c.not_before_at <= now)
    return or_(
        and_(PUSHES.c.state == PushState.IN_STEP.value, ripe), and_(parked, or_(newer, ripe))
    )


def _made_since(raw: Mapping[str, Any], at: datetime) -> bool:
    """Whether a record as it is kept was made since then."""
    try:
        made_at = record_of(raw).created_at
    except NotARecordError:
        return False
    return made_at is not None and made_at >= at
