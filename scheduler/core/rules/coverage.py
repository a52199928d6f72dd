"""Coverage: which contracts a milestone can reach at all, in this term or the next, and which
contracts hear nothing before their end.

Always holds: only dates, terms, stages and lasting facts are read; health and paperwork may change,
so their conditions are taken to hold. Days are those of the rules, but without `spread`, which only
makes them earlier.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from scheduler.core.deal.deal import Deal
from scheduler.core.deal.pipeline import Pipeline, StageKind
from scheduler.core.deal.successor import next_term, successor_deal
from scheduler.core.policy.anchors import ANCHORS, DaySource
from scheduler.core.policy.milestone_days import (
    calendar_of,
    due_days_in,
    facts_of,
    falls_before_start,
    zone_of,
)
from scheduler.core.policy.milestones import Milestone
from scheduler.core.policy.policy import Policy
from scheduler.core.time.calendar import Calendar
from scheduler.core.time.dates import add_days

_PASSING = ("health", "paperwork")
_WITHOUT_END = timedelta(days=730)


@dataclass(slots=True)
class Coverage:
    """Answers for one deal after another. Contracts with the same dates are computed once."""

    policy: Policy
    today: date
    _known: dict[Any, bool] = field(default_factory=dict)
    _ahead: dict[Any, Collection[str]] = field(default_factory=dict)

    def reached(self, deal: Deal) -> Iterator[tuple[Milestone, bool]]:
        """Every milestone of the deal's pipeline, and whether it can reach this contract in this
        term or the next."""
        pipeline = self.policy.pipelines.get(deal.pipeline)
        if pipeline is None:
            return
        facts, comes = facts_of(deal), self._coming(deal, pipeline)
        for milestone in self.policy.milestones:
            if milestone.pipeline == pipeline.id:
                meant = all(c.holds(facts) for c in milestone.where if c.field not in _PASSING)
                yield milestone, meant and milestone.id in comes

    def too_short(self, deal: Deal) -> bool:
        """Whether nothing is told about the contract's end before it comes, because the term is too
        short for every milestone that counts back from it."""
        pipeline, contract = self.policy.pipelines.get(deal.pipeline), deal.contract
        if (
            pipeline is None
            or contract.ends_on is None
            or not pipeline.of_kind(StageKind.ACTIVE, StageKind.RENEWAL)
        ):
            return False
        about = [
            m
            for m in self.policy.milestones
            if m.pipeline == pipeline.id and m.tell and ANCHORS[m.anchor].is_deadline
        ]
        return bool(about) and not any(
            self._before_the_end(m, deal, contract.ends_on) for m in about
        )

    def _before_the_end(self, milestone: Milestone, deal: Deal, ends_on: date) -> bool:
        """Whether the milestone falls within the running term, past or still to come."""
        contract, calendar = deal.contract, calendar_of(deal, self.policy)
        key = (milestone.id, contract.starts_on, ends_on, contract.decide_by, calendar.name)
        if key not in self._known:
            whole, zone = replace(milestone, spread=0), zone_of(deal, self.policy)
            days = due_days_in(whole, deal, calendar, zone, add_days(ends_on, 1))
            self._known[key] = any(
                d.day_on <= ends_on and not falls_before_start(milestone, deal, d.anchor_on)
                for d in days
            )
        return self._known[key]

    def _coming(self, deal: Deal, pipeline: Pipeline) -> Collection[str]:
        """The milestones with a day ahead, in this term or the next, in a stage that the deal can
        still enter."""
        contract, calendar = deal.contract, calendar_of(deal, self.policy)
        key = (
            pipeline.id,
            deal.stage,
            calendar.name,
            (contract.starts_on, contract.ends_on, contract.decide_by, contract.series_starts_on),
            (contract.term, contract.notice, contract.renewal_term, contract.renewal_notice),
        )
        if key not in self._ahead:
            terms = list(_terms(deal, pipeline))
            self._ahead[key] = {
                m.id
                for m in self.policy.milestones
                if m.pipeline == pipeline.id
                and any(self._has_a_day(m, term, pipeline, calendar) for term in terms)
            }
        return self._ahead[key]

    def _has_a_day(
        self, milestone: Milestone, deal: Deal, pipeline: Pipeline, calendar: Calendar
    ) -> bool:
        """Whether the milestone has a day ahead in one term."""
        here = pipeline.find(deal.stage) or pipeline.first
        if milestone.in_stages and not any(
            _can_be_entered(s, here.id, pipeline) for s in milestone.in_stages
        ):
            return False
        if ANCHORS[milestone.anchor].source is not DaySource.CONTRACT:
            return True
        last = deal.contract.ends_on or self.today + _WITHOUT_END
        days = due_days_in(
            replace(milestone, spread=0),
            deal,
            calendar,
            zone_of(deal, self.policy),
            self.today,
            (self.today, last),
        )
        return any(
            d.day_on >= self.today and not falls_before_start(milestone, deal, d.anchor_on)
            for d in days
        )


def _terms(deal: Deal, pipeline: Pipeline) -> Iterator[Deal]:
    """The deal, and the deal that its renewal would open."""
    yield deal
    if not pipeline.of_kind(StageKind.ACTIVE, StageKind.RENEWAL):
        return
    try:
        following = next_term(deal, pipeline)
    except (ValueError, OverflowError):  # without an end, or past the last day there is
        return
    yield successor_deal(deal, following, deal.arrived_at)


def _can_be_entered(stage_id: str, here: str, pipeline: Pipeline) -> bool:
    """Whether a deal in one stage may still enter the other: further on, an active stage, or an
    outcome."""
    stage, at = pipeline.find(stage_id), pipeline.position(here)
    if stage is None:
        return False
    active = stage.kind is StageKind.ACTIVE and pipeline.stages[at].kind in (
        StageKind.ONBOARDING,
        StageKind.ACTIVE,
    )
    return not stage.is_open or active or pipeline.position(stage.id) >= at
