"""Anchors (起点): the days that milestones count from, each with everything the rules need to know
about it.

Always holds: a member of `Anchor` has one entry in `ANCHORS`, and nothing else in the program
distinguishes anchors; a rule that holds only for the end or the notice deadline names it.
"""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from zoneinfo import ZoneInfo

from scheduler.core.deal.contracts import Contract
from scheduler.core.deal.deal import Deal
from scheduler.core.time.dates import Term
from scheduler.core.words.labels import Label
from scheduler.core.words.lexicon import Anchor


class DaySource(StrEnum):
    """Where a day comes from: the contract's dates, somebody's answer, or the day the deal entered
    a stage."""

    CONTRACT = "contract"
    ANSWER = "answer"
    STAGE = "stage"


def _same(deal: Deal) -> Hashable:
    """Depends on nothing besides the contract's start, end and deadline."""
    return None


@dataclass(frozen=True, slots=True)
class AnchorRule:
    """What an anchor is called, and how it counts.

    `counted` is its name in "3 months before …", if that differs; `undecided` its name if the
    contract does not renew automatically. `day` is its day for a deal; `first_day` is that of the
    first term, from which a recurring milestone is counted across renewals. `rhythm`: it recurs by
    itself. `is_deadline`: the term is decided on that day, so asking later is too late.
    `is_about_term`: it continues whatever happens to the renewal. `depends_on` is what its day
    depends on besides the contract's start, end and deadline.
    """

    label: Label
    day: Callable[[Deal, ZoneInfo], date | None]
    first_day: Callable[[Deal], date | None] | None = None
    counted: Label | None = None
    undecided: Label | None = None
    source: DaySource = DaySource.CONTRACT
    rhythm: Term | None = None
    is_deadline: bool = False
    is_about_term: bool = False
    depends_on: Callable[[Deal], Hashable] = _same


ANCHORS: Mapping[Anchor, AnchorRule] = {
    Anchor.ENDS_ON: AnchorRule(
        Label("the end"),
        lambda deal, zone: deal.contract.ends_on,
        counted=Label("the end", context="coming"),
        is_deadline=True,
    ),
    Anchor.STARTS_ON: AnchorRule(
        Label("the start"),
        lambda deal, zone: deal.contract.starts_on,
        first_day=lambda deal: deal.contract.series_starts_on,
        counted=Label("the start", context="facts"),
        is_about_term=True,
    ),
    Anchor.DECIDE_BY: AnchorRule(
        Label("the notice deadline"),
        lambda deal, zone: deal.contract.decide_by,
        undecided=Label("the decision deadline"),
        is_deadline=True,
    ),
    Anchor.STAGE_ENTERED_ON: AnchorRule(
        Label("entering the stage"),
        lambda deal, zone: deal.stage_entered_at.astimezone(zone).date(),
        counted=Label("entering this stage"),
        source=DaySource.STAGE,
        depends_on=lambda deal: deal.stage_entered_at,
    ),
    Anchor.EXPECTED_ON: AnchorRule(
        Label("the expected day"),
        lambda deal, zone: None if deal.expected_by_default else deal.expected_on,
        source=DaySource.ANSWER,
        depends_on=lambda deal: (deal.expected_on, deal.expected_by_default),
    ),
    Anchor.ANNIVERSARY: AnchorRule(
        Label("the anniversary"),
        lambda deal, zone: deal.contract.starts_on,
        first_day=lambda deal: deal.contract.series_starts_on,
        rhythm=Term(months=12),
        is_about_term=True,
    ),
}


def anchor_label(anchor: Anchor, contract: Contract) -> Label:
    """The name of an anchor in an offset, for one contract: with automatic renewal the decision
    deadline is the notice deadline."""
    rule = ANCHORS[anchor]
    if rule.undecided is not None and not contract.auto_renew:
        return rule.undecided
    return rule.counted or rule.label
