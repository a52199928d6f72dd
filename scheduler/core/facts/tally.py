"""What is counted and how: one meaning for each number that digests, lists and messages show.

Always holds: a contract is counted once, however many nudges it has; a renewal is an open deal of a
pipeline that renews, a prospect any other open deal; what has ended is not due; what a notice or an
order has settled waits for nobody's answer; unknown amounts are counted, never added as zero.
`tally` counts deals that are at hand; `storage.digests.tally` counts those of a database to the
same numbers, in SQL.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from scheduler.core.deal.contracts import Money, minor_digits, sums, whole_units
from scheduler.core.deal.deal import ENDED, Deal, Event
from scheduler.core.deal.pipeline import Pipeline, StageKind
from scheduler.core.policy.policy import Policy
from scheduler.core.policy.received import Received, received, settling
from scheduler.core.rules.followup import open_question
from scheduler.core.words.lexicon import EventState, ForecastCall, Health

AHEAD = 90
"""How many days ahead a digest looks."""


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    """A question that waits for an answer, since when, and until when somebody wished to be left
    alone."""

    event: Event
    since: date
    quiet_until: date | None = None


@dataclass(frozen=True, slots=True)
class TotalValue:
    """What deals are worth together: the sum of each currency, and how many have no amount."""

    money: tuple[Money, ...] = ()
    without: int = 0

    def __add__(self, other: "TotalValue") -> "TotalValue":
        return TotalValue(sums((*self.money, *other.money))[0], self.without + other.without)


@dataclass(frozen=True, slots=True)
class Total:
    """The same in the base currency, with what has no rate beside it."""

    base: Money
    others: tuple[Money, ...] = ()
    without: int = 0


@dataclass(frozen=True, slots=True)
class Tally:
    """The numbers about some deals; those of two sets of deals add up.

    `all` deals, of which `open` are renewals; `asked`: those unanswered that have not ended;
    `since`: the oldest question; `doubtful_worth`: of what is noticed or in doubt; `coming`: for
    which something may come within `AHEAD` days (`comes_by`).
    """

    all: int = 0
    all_worth: TotalValue = TotalValue()
    open: int = 0
    worth: TotalValue = TotalValue()
    due: int = 0
    due_worth: TotalValue = TotalValue()
    ended: int = 0
    history: int = 0
    notices: int = 0
    doubt: int = 0
    doubtful_worth: TotalValue = TotalValue()
    unanswered: int = 0
    asked: int = 0
    since: date | None = None
    not_assessed: int = 0
    to_record: int = 0
    coming: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        summed = {
            name: getattr(self, name) + getattr(other, name)
            for name in self.__dataclass_fields__
            if name != "since"
        }
        return Tally(
            **summed,
            since=min((d for d in (self.since, other.since) if d is not None), default=None),
        )


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
    """Whether the end was over before the deal was first loaded: it is counted, and nobody is
    chased for it."""
    return any(e.milestone == ENDED and e.state is EventState.BASELINE for e in deal.events)


def due_on(deal: Deal, today: date) -> date | None:
    """The day by which the renewal is decided: with automatic renewal the last day for a notice,
    else the end. None once it is over, or after a notice."""
    contract = deal.contract
    day = contract.decide_by if contract.auto_renew and contract.decide_by else contract.ends_on
    return (
        day if day is not None and day >= today and received(deal) is not Received.NOTICE else None
    )


def is_due(deal: Deal, policy: Policy, today: date) -> bool:
    """Whether the deal is due within the next `AHEAD` days."""
    day = due_on(deal, today)
    return is_renewal(deal, policy) and day is not None and day <= today + timedelta(days=AHEAD)


def is_in_doubt(deal: Deal) -> bool:
    """Whether the last word about it was doubt, and neither a notice nor an order has come
    since."""
    return deal.call in (ForecastCall.AT_RISK, ForecastCall.UNSURE) and received(deal) is None


def is_not_assessed(deal: Deal) -> bool:
    """Whether the customer's health is unknown (未評価)."""
    return deal.health is Health.UNKNOWN


def unanswered(deal: Deal, policy: Policy) -> OpenQuestion | None:
    """The question of a deal that waits for an answer: that of the latest milestone that asks;
    after the end the question what became of it, until the deal is recorded as renewed or lost.
    None where nothing waits."""
    ended = [e for e in deal.events if e.milestone == ENDED and e.state is EventState.FIRED]
    if ended:
        last = ended[-1]
        return OpenQuestion(
            last,
            min(e.day_on for e in ended),
            last.snoozed_until or (deal.expected_on if last.answered_at else None),
        )
    question = open_question(deal, policy)
    if (
        question is None
        or settling(policy.milestone(question.last.milestone), deal, policy) is not None
    ):
        return None
    return OpenQuestion(question.last, question.steps[0].day_on, question.last.snoozed_until)


def is_asked(deal: Deal, policy: Policy, today: date) -> bool:
    """Whether a question waits, and not only because the term is over."""
    return unanswered(deal, policy) is not None and not (
        is_renewal(deal, policy) and has_ended(deal, today)
    )


def is_to_record(deal: Deal, policy: Policy) -> bool:
    """Whether an order has come in and the renewal is not recorded yet. A deal with an open
    question, such as the one after the end, counts as unanswered instead."""
    return (
        received(deal) is Received.ORDER
        and is_renewal(deal, policy)
        and unanswered(deal, policy) is None
    )


def comes_by(deal: Deal, policy: Policy, today: date) -> date | None:
    """The first day within the next `AHEAD` on which something may come: a deadline, the end, what
    the alarm is set for. None where nothing comes.

    While a question waits, the alarm is mostly for its reminder: alone it counts as the last of
    these days. A deal that was not decided under this policy yet counts as today. The alarm's day
    is its day in UTC.
    """
    last = today + timedelta(days=AHEAD)
    if deal.policy_version != policy.version:
        return today
    days = [
        d
        for d in (deal.contract.decide_by, deal.contract.ends_on)
        if d is not None and today <= d <= last
    ]
    alarm = deal.wake_at.date() if deal.wake_at is not None else None
    if alarm is None or alarm > last:
        return min(days, default=None)
    if unanswered(deal, policy) is None:
        days.append(max(alarm, today))
    return min(days, default=last)


def tally(deals: Iterable[Deal], policy: Policy, today: date) -> Tally:
    """The numbers about these deals."""
    return sum((_tally_of(deal, policy, today) for deal in deals), Tally())


def _tally_of(deal: Deal, policy: Policy, today: date) -> Tally:
    """The numbers about one."""
    renewal, question, doubt = is_renewal(deal, policy), unanswered(deal, policy), is_in_doubt(deal)
    over, amount = renewal and has_ended(deal, today), deal.contract.amount
    worth, noticed, due = (
        TotalValue(*sums([amount])),
        deal.notice_on is not None,
        is_due(deal, policy, today),
    )
    return Tally(
        all=1,
        all_worth=worth,
        open=int(renewal),
        worth=worth if renewal else TotalValue(),
        due=int(due),
        due_worth=worth if due else TotalValue(),
        ended=int(over and not is_history(deal)),
        history=int(over and is_history(deal)),
        notices=int(noticed),
        doubt=int(doubt),
        doubtful_worth=worth if noticed or doubt else TotalValue(),
        unanswered=int(question is not None),
        asked=int(is_asked(deal, policy, today)),
        since=question.since if question is not None else None,
        not_assessed=int(renewal and is_not_assessed(deal)),
        to_record=int(is_to_record(deal, policy)),
        coming=int(comes_by(deal, policy, today) is not None),
    )


def total(worth: TotalValue, policy: Policy) -> Total:
    """What deals are worth in the base currency; one without a configured rate stands beside the
    sum and is never added as if it were the base's."""
    rates = {**policy.rates, policy.base_currency: 1.0}
    whole = sum(
        float(whole_units(money)) * rates[money.currency]
        for money in worth.money
        if money.currency in rates
    )
    base = Money(round(whole * 10 ** minor_digits(policy.base_currency)), policy.base_currency)
    return Total(
        base, tuple(money for money in worth.money if money.currency not in rates), worth.without
    )
