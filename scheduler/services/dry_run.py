"""Dry run: what a sweep would do now. It is the same sweep in one transaction that is rolled back at the end, so that nothing is kept."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from scheduler.core.deal import Deal, Decision
from scheduler.core.decide import decide
from scheduler.core.policy import Policy
from scheduler.services.sweep import SweepStore

_BATCH = 500
_LATER = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Foreseen:
    """One deal and what would be done with it. `names` are those of the people it would tell; `failed` says why it cannot be decided."""

    deal: Deal
    decision: Decision
    names: Mapping[str, str] = field(default_factory=dict)
    failed: str = ""


class _NothingKept(Exception):  # noqa: N818  (not an error: how the transaction is told to roll back)
    """Ends the transaction without a trace."""


def foresee(store: SweepStore, policy: Policy, now: datetime) -> list[Foreseen]:
    """Deals for which a sweep at `now` would do something, in the order in which it would. Raises StalePolicyError."""
    foreseen: list[Foreseen] = []
    try:
        with store.sweeping() as transaction:
            while deals := transaction.claim_due(now, policy.version, _BATCH):
                some = [_foresee(deal, policy, now) for deal in deals]
                transaction.write([(one.deal, one.decision) for one in some], policy.version, now)
                foreseen += [one for one in some if one.decision.changes or one.failed]
            raise _NothingKept
    except _NothingKept:
        return foreseen


def _foresee(deal: Deal, policy: Policy, now: datetime) -> Foreseen:
    """One deal."""
    names = {f"person:{p.id}": p.name for p in (deal.owner, deal.sales, deal.manager) if p is not None}
    try:
        return Foreseen(deal, decide(deal, policy, now), names)
    except Exception as error:
        return Foreseen(deal, Decision(wake_at=now + _LATER), names, str(error))
