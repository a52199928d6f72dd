"""What became of the deals that were to be made in HubSpot, kept (step 5 of `renewing`).

Always holds: what was refused and then not looked up is unknown, since it may be there; only where
HubSpot says for certain that there is none, one is due again.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from scheduler.core.sync.records import Record
from scheduler.core.sync.states import PushState
from scheduler.core.sync.writes import PendingWrite, RecordsRead, WriteOutcome, WriteResult
from scheduler.core.words.reasons import reason
from scheduler.services.sync.push_store import PushClaim, SettledPush
from scheduler.services.sync.recording import LOOK_AFTER
from scheduler.services.sync.renewal_plan import later, parked
from scheduler.services.sync.renewal_store import RenewingTransaction


@dataclass(frozen=True, slots=True)
class KeptRenewals:
    """Keeps it, in one transaction; each method says as which a deal counts, empty for nothing."""

    transaction: RenewingTransaction
    policy_version: int
    now: datetime

    def made(
        self,
        claim: PushClaim,
        handed: PendingWrite,
        result: WriteResult | None,
        there: RecordsRead | None,
    ) -> str:
        """By the answer to making it; None where there was none. `there`: what HubSpot has under
        the keys of those it refused."""
        match result:
            case WriteResult(outcome=WriteOutcome.WRITTEN):
                return self._link(claim, result.record_id, result.at or handed.read_at)
            case WriteResult(outcome=WriteOutcome.LATER):
                self._settle(claim, later(claim, self.now, result.seconds))
                return "put_off"
            case WriteResult(outcome=WriteOutcome.REFUSED) if (
                there and claim.deal.key in there.records
            ):
                found = there.records[claim.deal.key]
                why = reason("sync_not_made", why=result.because)
                return self.found(claim, found) if found else self._park(claim, why)
        return self._unknown(replace(claim, handed=handed))

    def looked_up(self, claim: PushClaim, there: RecordsRead | None) -> str:
        """By what HubSpot has under its key; None where that could not be read."""
        if there is None or claim.deal.key not in there.records:
            return self._unknown(claim)
        if found := there.records[claim.deal.key]:
            return self.found(claim, found)
        self._settle(claim, SettledPush(PushState.IN_STEP, 0, 0))
        return ""

    def found(self, claim: PushClaim, record: Record) -> str:
        """A deal that is there under its key is the term's."""
        return self._link(claim, record.id, record.created_at or self.now)

    def _link(self, claim: PushClaim, record_id: str, at: datetime) -> str:
        """The record is the term's; where it is another contract's by now, people tell."""
        if self.transaction.link(claim, record_id, at, self.now):
            return "made"
        return self._park(claim, reason("sync_renewal_beside", record=record_id))

    def _park(self, claim: PushClaim, because: str) -> str:
        settled = parked(claim, because, self.policy_version, self.now)
        return "parked" if self._settle(claim, settled) else ""

    def _unknown(self, claim: PushClaim) -> str:
        unknown = SettledPush.unknown(claim, claim.handed, self.now + LOOK_AFTER)
        return "unknown" if self._settle(claim, replace(unknown, tried=True)) else ""

    def _settle(self, claim: PushClaim, settled: SettledPush) -> bool:
        return self.transaction.settle(claim, settled, self.now)
