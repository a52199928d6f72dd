"""Dry run: what a sweep would do now. It is the real sweep, in one transaction that is rolled back
at the end, so that nothing is kept."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from scheduler.core.deal.deal import Deal, Decision
from scheduler.core.deal.people import Person
from scheduler.core.deal.stored import alone
from scheduler.core.policy.policy import Policy
from scheduler.core.rules.decide import decide
from scheduler.core.rules.windows import Hold, window
from scheduler.ports import Begin
from scheduler.services.deals.sweep import SweepTransaction

_BATCH = 500
_LATER = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class DryRunDeal:
    """One deal and what would be done with it.

    `names` of people, and `held_until`, before which a recipient's hours keep nudges from them, are
    by the recipient's key. `failed` says why the deal cannot be decided.
    """

    deal: Deal
    decision: Decision
    names: Mapping[str, str] = field(default_factory=dict)
    held_until: Mapping[str, datetime] = field(default_factory=dict)
    failed: str = ""


def foresee(sweeping: Begin[SweepTransaction], policy: Policy, now: datetime) -> list[DryRunDeal]:
    """The deals for which a sweep at `now` would do something, ordered by customer and contract.
    Raises StalePolicyError."""
    foreseen: list[DryRunDeal] = []
    with sweeping(keep=False) as transaction:
        while deals := transaction.claim_due(now, policy, _BATCH):
            some = [_foresee(deal.made(), policy, now) for deal in deals]
            decided = [(alone(one.deal), one.decision) for one in some]
            transaction.write(decided, policy.version, now)
            foreseen += [one for one in some if one.decision.changes or one.failed]
    return sorted(
        foreseen,
        key=lambda one: (one.deal.contract.customer.name, one.deal.contract.number, one.deal.id),
    )


def _foresee(deal: Deal, policy: Policy, now: datetime) -> DryRunDeal:
    """Works out what would be done with one deal."""
    people = {f"person:{p.id}": p for p in (deal.owner, deal.sales, deal.manager) if p is not None}
    names = {key: person.name for key, person in people.items()}
    try:
        decision = decide(deal, policy, now)
    except Exception as error:
        return DryRunDeal(deal, Decision(wake_at=now + _LATER), names, failed=str(error))
    held = {
        key: hold.until_at
        for key in {n.recipient.key for n in decision.nudges}
        if (hold := _hold(people.get(key), deal, policy, now))
    }
    return DryRunDeal(deal, decision, names, held)


def _hold(person: Person | None, deal: Deal, policy: Policy, now: datetime) -> Hold | None:
    """Why somebody could not be reached now, if they could not."""
    pipeline = policy.pipelines.get(deal.pipeline)
    found = window(
        now,
        policy.hours_of(person),
        policy.zone_of(person, pipeline),
        policy.calendar_of(person, pipeline),
    )
    return found if isinstance(found, Hold) else None
