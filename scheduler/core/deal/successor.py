"""The term after this one: what a won renewal opens (DESIGN §5 "Renewal")."""

from dataclasses import replace
from datetime import date, datetime, timedelta

from scheduler.core.deal.contracts import Contract
from scheduler.core.deal.deal import Deal, NextTerm, Won
from scheduler.core.deal.pipeline import Pipeline
from scheduler.core.time.dates import (
    MonthEnd,
    Term,
    add_months,
    decide_by,
    nth_term,
    term_between,
    term_end,
)
from scheduler.core.words.keys import deal_key

_DAY = timedelta(days=1)
SUCCESSORS = "system"
"""The source of contracts that a renewal opened."""


def next_term(
    deal: Deal, pipeline: Pipeline, won: Won | None = None, starts_on: date | None = None
) -> NextTerm:
    """The successor's term: what was agreed in `won`, else the same amount, for the contract's
    `renewal_term` or the same length again.

    It starts the day after the end, unless another day was agreed: one before the end replaces the
    running term. Term n is counted from the series' first start as long as the terms adjoin (never
    chained: 31 January stays the anchor); a different start or end that was agreed begins a new
    count. Raises ValueError for a contract without an end, and for a renewed end before its start.
    """
    contract = deal.contract
    if contract.ends_on is None:
        raise ValueError(f"contract {contract.number} has no end, so there is no term after it")
    starts_on = starts_on or contract.ends_on + _DAY
    term = (won.term if won else None) or renewal_length(contract)
    series, number, ends_on = _placed(contract, starts_on, term)
    if won is not None and won.ends_on is not None and won.ends_on != ends_on:
        series, number, ends_on = starts_on, 0, won.ends_on
        term = won.term or term_between(starts_on, ends_on) if ends_on >= starts_on else term
    if ends_on < starts_on:
        raise ValueError(f"the renewed term ends on {ends_on}, before it starts on {starts_on}")
    stage = pipeline.active_stage(deal.health, deal.stage) or pipeline.first
    return NextTerm(
        pipeline=pipeline.id,
        stage=stage.id,
        starts_on=starts_on,
        ends_on=ends_on,
        term=term,
        notice=contract.renewal_notice or contract.notice,
        decide_by=_decide_by(contract, ends_on),
        amount=won.amount if won else contract.amount,
        auto_renew=contract.auto_renew,
        series_starts_on=series,
        term_number=number,
        renewal_term=contract.renewal_term,
        renewal_notice=contract.renewal_notice,
    )


def renewal_length(contract: Contract) -> Term:
    """The length of the next term unless something else is agreed: the renewal term, else this
    term's length, else a year."""
    if contract.renewal_term or contract.term:
        return contract.renewal_term or contract.term or Term(12)
    return (
        term_between(contract.starts_on, contract.ends_on)
        if contract.starts_on and contract.ends_on
        else Term(12)
    )


def first_term(deal: Deal, pipeline: Pipeline, won: Won, starts_on: date) -> NextTerm:
    """The deal that won new business opens: the first term, in the first stage of the existing
    pipeline, from the agreed day."""
    contract = deal.contract
    term = won.term or contract.term or Term(12)
    ends_on = won.ends_on or contract.ends_on or term_end(starts_on, term)
    if ends_on < starts_on:
        raise ValueError(f"the term ends on {ends_on}, before it starts on {starts_on}")
    return NextTerm(
        pipeline=pipeline.id,
        stage=pipeline.first.id,
        starts_on=starts_on,
        ends_on=ends_on,
        term=term,
        notice=contract.notice,
        decide_by=contract.decide_by
        or (decide_by(ends_on, contract.notice) if contract.notice else None),
        amount=won.amount,
        auto_renew=contract.auto_renew,
        series_starts_on=starts_on,
        term_number=0,
        renewal_term=contract.renewal_term,
        renewal_notice=contract.renewal_notice,
    )


def _placed(contract: Contract, starts_on: date, term: Term) -> tuple[date, int, date]:
    """(series start, number, end) of the term that starts on `starts_on`: the series continues if
    one of its terms ends there, else a new one begins."""
    series = contract.series_starts_on or contract.starts_on
    if series is not None:
        number = contract.term_number + 1
        begins, ends = nth_term(series, term, number)
        if begins == starts_on:
            return series, number, ends
    return starts_on, 0, term_end(starts_on, term)


def _decide_by(contract: Contract, ends_on: date) -> date | None:
    """The deadline of the new end: computed from the notice; one that was agreed differently keeps
    its distance from the end (month ends stay month ends)."""
    if contract.renewal_notice is not None:
        return decide_by(ends_on, contract.renewal_notice)
    old, old_end = contract.decide_by, contract.ends_on
    by_notice = (
        contract.notice is not None
        and old_end is not None
        and old in (None, decide_by(old_end, contract.notice))
    )
    if contract.notice is not None and by_notice:
        return decide_by(ends_on, contract.notice)
    if old is None or old_end is None:
        return None
    months = (old_end.year - old.year) * 12 + old_end.month - old.month
    if (old + _DAY).day == 1 and months:
        return add_months(ends_on.replace(day=1) - _DAY, 1 - months, MonthEnd.STICK)
    return ends_on - (old_end - old)


def successor_deal(deal: Deal, following: NextTerm, at: datetime) -> Deal:
    """The deal that `following` opens at `at`, as storage makes it
    (`storage.database.deals.insert_successor`), but without numbers of its own."""
    source_id = successor_id(deal.key, 1)
    contract = replace(
        deal.contract,
        id=0,
        starts_on=following.starts_on,
        ends_on=following.ends_on,
        term=following.term,
        notice=following.notice,
        decide_by=following.decide_by,
        amount=following.amount,
        auto_renew=following.auto_renew,
        estimated=False,
        evergreen=False,
        series_starts_on=following.series_starts_on,
        term_number=following.term_number,
        renewal_term=following.renewal_term,
        renewal_notice=following.renewal_notice,
        source=SUCCESSORS,
        source_id=source_id,
    )
    return Deal(
        id=0,
        key=deal_key(SUCCESSORS, source_id),
        version=1,
        pipeline=following.pipeline,
        stage=following.stage,
        stage_entered_at=at,
        contract=contract,
        arrived_at=at,
        owner=deal.owner,
        sales=deal.sales,
        manager=deal.manager,
        health=deal.health,
        health_because=deal.said_health.because if deal.said_health else "",
        people=deal.people,
        said_health=deal.said_health,
        health_timeline=deal.health_timeline,
        signals=deal.signals,
    )


def successor_id(deal: str, number: int) -> str:
    """The source's id for the `number`-th successor of the deal with this key: a renewal that is
    undone and made again has a second."""
    return f"{deal}+{number}"
