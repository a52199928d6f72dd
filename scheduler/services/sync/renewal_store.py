"""What making the next term's deal asks of a transaction.

Always holds: a deal whose contract has a record is none of these any more; every write asks for the
fence it was claimed with.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from scheduler.core.deal.deal import Deal
from scheduler.services.sync.push_store import PushClaim, PushingTransaction


@dataclass(frozen=True, slots=True)
class RenewalClaim:
    """A next term that a worker has to itself, whose deal is to be made: the deal of the term
    `before` with its record and company (empty for none), and a deal of the same company `beside`
    it, of which nobody can tell whether it is this term's (its record's id; empty for none)."""

    claim: PushClaim
    before: Deal
    record_id: str
    company_id: str = ""
    beside: str = ""


class RenewingTransaction(PushingTransaction, Protocol):
    """One open transaction on next terms and their deals in HubSpot."""

    def renewals(
        self,
        now: datetime,
        lease_until: datetime,
        worker: str,
        limit: int,
        opened_before: datetime,
        policy_version: int,
    ) -> Sequence[RenewalClaim]:
        """Up to `limit` next terms, now claimed: open here since before `opened_before`, without a
        record, after a term that was won in a record that is here and waits for no pull. Of those
        that were refused the ones whose day is over or that have changed."""

    def doubtful_renewals(
        self, now: datetime, lease_until: datetime, worker: str, limit: int
    ) -> Sequence[PushClaim]:
        """Up to `limit` next terms of which nobody knows whether their deal was made, now to be
        looked up by this worker."""

    def link(self, claim: PushClaim, record_id: str, at: datetime, now: datetime) -> bool:
        """Gives a next term its record, which was made at `at` (HubSpot's clock), if the claim's
        fence stands; the next pull reads it whole. False where another has it."""
