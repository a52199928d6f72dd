"""The term that a renewal opens, on the terms that were agreed, or why they cannot be."""

from datetime import date, datetime, timedelta
from decimal import Decimal

from scheduler.core.answers.answer import Answer
from scheduler.core.answers.refusals import AnswerRefusedError
from scheduler.core.answers.verbs import Asked
from scheduler.core.deal.contracts import Contract, Money, minor_digits
from scheduler.core.deal.deal import Deal, NextTerm, Won
from scheduler.core.deal.formats import day_shown
from scheduler.core.deal.successor import first_term, next_term
from scheduler.core.policy.milestone_days import zone_of
from scheduler.core.policy.policy import Policy
from scheduler.core.time.dates import add_months, local_day
from scheduler.core.words.labels import Label

_DAY = timedelta(days=1)
_YEAR = timedelta(days=365.25)

_LONGEST_GAP = timedelta(days=366)
_PLAUSIBLE_YEARS = 10
"""How long a renewed term may be without a question, unless the one before is half as long."""


def renewed_amount(deal: Deal, said: Answer) -> Money:
    """The renewed amount. Raises AnswerRefusedError for a negative one or a fraction the currency
    does not have."""
    due = deal.contract.amount
    if said.amount is None:
        return due
    minor = (
        said.amount * 10 ** minor_digits(due.currency) if said.amount.is_finite() else Decimal(-1)
    )
    if minor < 0 or minor != int(minor):
        raise AnswerRefusedError(
            "{amount} is not an amount in {currency}; write e.g. {major}",
            beside=Asked.AMOUNT,
            amount=said.amount,
            currency=due.currency,
            major=due.major,
        )
    return Money(int(minor), due.currency)


def renewed_term(
    deal: Deal, agreed: Won, policy: Policy, now: datetime, starts_on: date | None = None
) -> NextTerm:
    """What a renewal on these terms opens: the next term, or the first one of a new customer in the
    pipeline that new business opens.

    It starts the day after the end unless another day was agreed; one before the end replaces the
    running term. Raises AnswerRefusedError for a contract without an end, a start outside what is
    possible, and a renewed end that is not after the old one.
    """
    pipeline, old_end = policy.pipeline(deal.pipeline), deal.contract.ends_on
    if pipeline.opens_pipeline is not None:
        first_on = starts_on or deal.contract.starts_on or local_day(now, zone_of(deal, policy))
        _refuse_early_end(agreed.ends_on, first_on - _DAY, Label("the start"), first_on)
        return first_term(deal, policy.pipeline(pipeline.opens_pipeline), agreed, first_on)
    if old_end is None:
        raise AnswerRefusedError(
            (
                "contract {number} has no end date, so it has no next term; import the end date "
                "first"
            ),
            number=deal.contract.number,
        )
    _refuse_early_end(agreed.ends_on, old_end, Label("the present end"), old_end)
    _refuse_start(deal.contract, starts_on, old_end)
    _refuse_early_end(
        agreed.ends_on,
        starts_on or old_end,
        Label("the renewed start"),
        starts_on or old_end,
    )
    following = next_term(deal, pipeline, agreed, starts_on)
    _refuse_early_end(following.ends_on, old_end, Label("the present end"), old_end)
    return following


def question(deal: Deal, following: NextTerm) -> Label | None:
    """What to ask before a renewal opens a term so long that its year may be mistyped: nobody would
    be asked about it for years. None where it is plausible."""
    first, last, before = following.starts_on, following.ends_on, deal.contract
    if last is None or last < add_months(first, 12 * _PLAUSIBLE_YEARS):
        return None
    if (
        before.starts_on
        and before.ends_on
        and last - first <= 2 * (before.ends_on - before.starts_on)
    ):
        return None
    return Label(
        "The renewed term would run until {until}, for {years} years; is the year right?",
        until=last,
        years=round((last - first) / _YEAR),
    )


def _refuse_start(contract: Contract, starts_on: date | None, old_end: date) -> None:
    """A renewal starts after the term it renews has started, and at most a year after its end."""
    if starts_on is not None and (
        (contract.starts_on is not None and starts_on <= contract.starts_on)
        or starts_on > old_end + _LONGEST_GAP
    ):
        raise AnswerRefusedError(
            (
                "the renewed start, {starts_on}, must come after the present start and within "
                "a year of the present end, {old_end}"
            ),
            beside=Asked.STARTS_ON,
            starts_on=day_shown(starts_on),
            old_end=day_shown(old_end),
        )


def _refuse_early_end(ends_on: date | None, after_on: date, what: Label, day: date) -> None:
    """A term must end after it has begun."""
    if ends_on is not None and ends_on <= after_on:
        raise AnswerRefusedError(
            "the renewed end, {ends_on}, must come after {what}, {day}",
            beside=Asked.ENDS_ON,
            ends_on=day_shown(ends_on),
            what=what,
            day=day_shown(day),
        )
