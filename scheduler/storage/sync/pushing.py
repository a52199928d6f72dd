"""The rows of what HubSpot is told.

Always holds: every write about a push asks for the fence it was claimed with.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, select, update
from typing_extensions import override

from scheduler.core.sync.echoes import LedgerLine
from scheduler.core.sync.records import STAGE
from scheduler.core.sync.states import PushState
from scheduler.core.sync.terms import SOURCE
from scheduler.core.sync.writes import PendingWrite
from scheduler.services.sync.ingesting import Conflict
from scheduler.services.sync.push_store import PushClaim, SettledPush, UncheckedWrite
from scheduler.services.sync.renewal_store import RenewingTransaction
from scheduler.storage.database.deals import CONTRACTS, DEALS
from scheduler.storage.sync.ingesting import CONFLICTS, LEDGER, conflict_of, keep_conflict
from scheduler.storage.sync.push_claims import FREE, PUSHES
from scheduler.storage.sync.renewal_claims import RenewalClaims
from scheduler.storage.sync.renewal_links import enter


class PushQueries(RenewalClaims, RenewingTransaction):
    """Claims deals that are to be sent to HubSpot, and keeps their outcome."""

    @override
    def hand_over(
        self, handed: Sequence[tuple[PushClaim, PendingWrite]], now: datetime
    ) -> Collection[int]:
        return {
            claim.deal.id
            for claim, each in handed
            if self._write(
                claim,
                PUSHES.c.lease_until > now,
                state=PushState.HANDED_OVER.value,
                handed=each.as_json(),
                handed_over_at=now,
                record_id=claim.record_id,
            )
        }

    def _write(self, claim: PushClaim, *which: ColumnElement[bool], **values: Any) -> bool:
        """Writes a row, if the claim's fence stands."""
        changed = self._connection.execute(
            update(PUSHES)
            .where(PUSHES.c.deal_id == claim.deal.id, PUSHES.c.fence == claim.fence, *which)
            .values(**values)
        )
        return changed.rowcount == 1

    @override
    def settle(self, claim: PushClaim, settled: SettledPush, now: datetime) -> bool:
        values: dict[str, Any] = {
            "state": settled.state.value,
            "version": settled.version,
            "policy_version": settled.policy_version,
            "because": settled.because,
            "digest": settled.digest,
            "not_before_at": settled.not_before_at,
            "handed": settled.handed.as_json() if settled.handed else None,
            "record_id": claim.record_id,
            "attempts": 0 if settled.pushed else claim.attempts + settled.tried,
        }
        if settled.pushed:
            values["pushed_at"] = now
        if settled.asked:
            values["handed_over_at"] = now
        leased = PUSHES.c.lease_until.is_not(None)
        return self._write(claim, leased, **values, **FREE)

    @override
    def enter(self, record_id: str, handed: PendingWrite, at: datetime) -> None:
        enter(self._connection, record_id, handed, at)

    @override
    def unchecked(self, limit: int) -> Sequence[UncheckedWrite]:
        deal = (
            select(DEALS.c.id)
            .join(CONTRACTS, CONTRACTS.c.id == DEALS.c.contract_id)
            .where(
                CONTRACTS.c.source == SOURCE,
                CONTRACTS.c.source_id == LEDGER.c.record_id,
                DEALS.c.voided_at.is_(None),
            )
        )
        rows = self._connection.execute(
            select(LEDGER, deal.limit(1).scalar_subquery().label("deal_id"))
            .where(LEDGER.c.checked_at.is_(None), deal.exists())
            .order_by(LEDGER.c.id)
            .limit(limit)
        )
        return [
            UncheckedWrite(
                row.id,
                row.deal_id,
                LedgerLine(row.record_id, row.name, row.value, row.at, row.trace),
                row.was,
                row.read_at,
            )
            for row in rows
        ]

    @override
    def checked(self, ids: Mapping[int, datetime], now: datetime) -> None:
        for id, at in ids.items():
            self._connection.execute(
                update(LEDGER).where(LEDGER.c.id == id).values(checked_at=now, at=at)
            )

    @override
    def conflict(self, conflict: Conflict, now: datetime) -> None:
        keep_conflict(self._connection, conflict, now)

    @override
    def last_conflict(self, record_id: str) -> Conflict | None:
        about = (CONFLICTS.c.record_id == record_id, CONFLICTS.c.name == STAGE)
        row = self._connection.execute(
            select(CONFLICTS).where(*about).order_by(CONFLICTS.c.theirs_at.desc()).limit(1)
        ).first()
        return None if row is None else conflict_of(row)

    @override
    def decide(self, conflict: Conflict) -> None:
        self._connection.execute(
            update(CONFLICTS)
            .where(
                CONFLICTS.c.record_id == conflict.record_id,
                CONFLICTS.c.name == conflict.name,
                CONFLICTS.c.theirs_at == conflict.theirs_at,
            )
            .values(winner=conflict.winner.value, because=conflict.because)
        )

    @override
    def give_back(
        self, deal_id: int, handed: PendingWrite, lease_until: datetime, worker: str, now: datetime
    ) -> PushClaim | None:
        free = and_(
            PUSHES.c.deal_id == deal_id,
            PUSHES.c.state.in_([PushState.IN_STEP.value, PushState.PARKED.value]),
        )
        ids = self._locked(select(PUSHES.c.deal_id).where(free))
        if not ids:
            return None
        claims = self._claims(ids, now, lease_until)
        self._lease(ids, lease_until, worker)
        return claims[0] if self.hand_over([(claims[0], handed)], now) else None
