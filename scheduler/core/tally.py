"""What is counted and how: one meaning for each number that digests, lists and messages show.

Always holds: a contract is counted once, however many nudges it has; a renewal is an open deal of a pipeline that renews, a prospect any other open
deal; what has ended is not due; what a notice or an order has settled waits for nobody's answer; unknown amounts are counted, never added as zero.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from scheduler.core.contracts import Money, minor_digits, sums
from scheduler.core.deal import ENDED, Deal, Event
from scheduler.core.pipeline import Pipeline, StageKind
from scheduler.core.policy import Policy
from scheduler.core.received import Received, received, settling
from scheduler.core.rules.followup import open_question
from scheduler.core.words import Call, EventState, Health

AHEAD = 90
"""How many days ahead a digest looks."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question that waits for an answer, since when, and until when somebody wished to be left alone."""

    event: Event
    since: date
    quiet_until: date | None = None


@dataclass(frozen=True, slots=True)
class Total:
    """What deals are worth together: in the base currency, in currencies without a rate, and how many have no amount."""

    base: Money
    others: tuple[Money, ...] = ()
    without: int = 0


def renews(pipeline: Pipeline | None) -> bool:
    """Whether a pipeline's deals are renewals; those of one that the policy no longer knows are."""
    return pipeline is None or bool(pipeline.of_kind(StageKind.ACTIVE, StageKind.RENEWAL))


def is_renewal(deal: Deal, policy: Policy) -> bool:
    """Whether it is about a contract that runs and may be renewed, not about a new customer."""
    return renews(policy.pipelines.get(deal.pipeline))


def has_ended(deal: Deal, today: date) -> bool:
    """Whether the term is over and nobody has said what became of it."""
    return deal.contract.ends_on is not None and deal.contract.ends_on < today


def is_history(deal: Deal) -> bool:
    """Whether the end was over before the deal was first loaded: it is counted, and nobody is chased for it."""
    return any(e.milestone == ENDED and e.state is EventState.BASELINE for e in deal.events)


def due_on(deal: Deal, today: date) -> date | None:
    """The day by which the renewal is decided: with automatic renewal the last day for a notice, else the end. None once it is over, or after a
    notice."""
    contract = deal.contract
    day = contract.decide_by if contract.auto_renew and contract.decide_by else contract.ends_on
    return day if day is not None and day >= today and received(deal) is not Received.NOTICE else None


def is_due(deal: Deal, policy: Policy, today: date) -> bool:
    """Whether that day lies within the next `AHEAD` days."""
    day = due_on(deal, today)
    return is_renewal(deal, policy) and day is not None and day <= today + timedelta(days=AHEAD)


def is_in_doubt(deal: Deal) -> bool:
    """Whether the last word about it was doubt, and neither a notice nor an order has come since."""
    return deal.call in (Call.AT_RISK, Call.UNSURE) and received(deal) is None


def is_not_assessed(deal: Deal) -> bool:
    """Whether nobody knows how the customer does (未評価)."""
    return deal.health is Health.UNKNOWN


def unanswered(deal: Deal, policy: Policy) -> Question | None:
    """What of a deal waits for an answer: the latest milestone that asks; once it has ended that, until it is recorded as renewed or lost."""
    ended = [e for e in deal.events if e.milestone == ENDED and e.state is EventState.FIRED]
    if ended:
        last = ended[-1]
        return Question(last, min(e.day_on for e in ended), last.snoozed_until or (deal.expected_on if last.answered_at else None))
    question = open_question(deal, policy)
    if question is None or settling(policy.milestone(question.last.milestone), deal, policy) is not None:
        return None
    return Question(question.last, question.steps[0].day_on, question.last.snoozed_until)


def total(deals: Iterable[Deal], policy: Policy) -> Total:
    """What deals are worth together; a currency without a configured rate stands beside the sum and is never added as if it were the base's."""
    amounts: Sequence[Money] = [d.contract.amount for d in deals]
    known = [a for a in amounts if a.currency == policy.base_currency or a.currency in policy.rates]
    others, _ = sums(a for a in amounts if a not in known)
    whole = sum(policy.in_base_currency(a) for a in known)
    base = Money(round(whole * float(10 ** minor_digits(policy.base_currency))), policy.base_currency)
    return Total(base, others, sum(a.minor is None for a in amounts))
