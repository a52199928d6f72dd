"""A notice (解約通知) and its day: what is questioned before it is taken, what it means once it is,
and the end it gives a contract that has none.

A notice takes effect when it is received, so it has no future day; one that came after its deadline
normally ends the next term only; one from before a term belongs to the term before. All of these
are decisions of people: they are asked about, and taken when somebody says so. Always holds: a
contract without an end gets one with its notice (the period counts from the day after it was
received, Civil Code of Japan art. 140, BGB § 187), and loses it again with the notice.
"""

from dataclasses import replace
from datetime import date, timedelta

from scheduler.core.deal.contracts import Contract
from scheduler.core.deal.deal import Deal
from scheduler.core.deal.formats import day_shown
from scheduler.core.deal.pipeline import StageKind
from scheduler.core.deal.successor import next_term
from scheduler.core.policy.policy import Policy
from scheduler.core.time.dates import Term, add_days, add_months, decide_by
from scheduler.core.words.labels import Label

_DAY = timedelta(days=1)


def notice_end(received_on: date, notice: Term) -> date:
    """The last day of a contract without an end whose notice was received on a day: the first end
    for which that day is not too late.

    >>> (notice_end(date(2026, 10, 1), Term(months=3)),
    ...  notice_end(date(2026, 9, 30), Term(months=3)),
    ...  notice_end(date(2026, 10, 1), Term(days=30)))
    (datetime.date(2027, 1, 1), datetime.date(2026, 12, 31), datetime.date(2026, 10, 31))
    """
    end = add_days(add_months(received_on + _DAY, notice.months), notice.days - 1)
    while decide_by(end, notice) < received_on:
        end += _DAY
    return end


def question(deal: Deal, received_on: date, today: date, policy: Policy) -> Label | None:
    """What to ask before a notice of that day is taken; None where nothing is unusual about it."""
    contract = deal.contract
    on = day_shown(received_on)
    if received_on > today:
        return Label("The notice is dated in the future ({on}).", on=on)
    if contract.starts_on is not None and received_on < contract.starts_on:
        start, until = day_shown(contract.starts_on), day_shown(contract.ends_on)
        return Label(
            (
                "The notice ({on}) is dated before this term, which starts on {start}. If it is "
                "for the previous term, undo that term's renewal first. If it is for this term, "
                "the renewed term runs until {until}."
            ),
            on=on,
            start=start,
            until=until,
        )
    if (
        contract.auto_renew
        and contract.decide_by is not None
        and contract.ends_on is not None
        and received_on > contract.decide_by
    ):
        return _late(deal, received_on, policy)
    return None


def _late(deal: Deal, received_on: date, policy: Policy) -> Label:
    """After the deadline the contract renews itself, unless both sides agree otherwise."""
    contract = deal.contract
    on, deadline, end, next_end = (
        day_shown(d)
        for d in (received_on, contract.decide_by, contract.ends_on, _next_end(deal, policy))
    )
    return Label(
        (
            "The notice ({on}) is late: the notice deadline was {deadline}, so the contract "
            "normally renews and the renewed term runs until {next_end}. Record it only if it "
            "was agreed that it ends on {end} all the same."
        ),
        on=on,
        deadline=deadline,
        next_end=next_end,
        end=end,
    )


def _next_end(deal: Deal, policy: Policy) -> date | None:
    """The end of the term that would follow."""
    pipeline = policy.pipeline(deal.pipeline)
    return (
        next_term(deal, pipeline).ends_on
        if pipeline.of_kind(StageKind.ACTIVE, StageKind.RENEWAL)
        else None
    )


def meaning(deal: Deal) -> Label | None:
    """What a notice that was taken means: the day on which the contract ends."""
    end = deal.contract.ends_on
    return Label("The contract ends on {days}.", days=day_shown(end)) if end is not None else None


def ended_by_notice(contract: Contract, received_on: date, last_on: date | None) -> Contract:
    """The contract with the end and the deadline that a notice gives it: of one without an end the
    day that was said, else by its period of notice.

    Raises ValueError where neither is known.
    """
    if not contract.evergreen or contract.ends_on is not None:
        return contract
    if last_on is None and contract.notice is None:
        raise ValueError(f"contract {contract.number} has no period of notice")
    end = last_on or notice_end(received_on, contract.notice or Term())
    deadline = decide_by(end, contract.notice) if contract.notice is not None else received_on
    return replace(contract, ends_on=end, decide_by=min(deadline, end))


def without_notice(contract: Contract) -> Contract:
    """The contract as it was before the notice: one without an end has none again."""
    return replace(contract, ends_on=None, decide_by=None) if contract.evergreen else contract
