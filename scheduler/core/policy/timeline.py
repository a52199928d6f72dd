"""A deal's timeline: its milestones' days, past and to come, in the order of the policy.

Always holds: the days are those of `milestone_days`, computed once under a policy and shared by all
deals whose anchors fall on the same days; what was done on those days plays no part here.
"""

from collections.abc import Callable, Hashable, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from scheduler.core.deal.deal import Deal
from scheduler.core.policy.anchors import ANCHORS
from scheduler.core.policy.milestone_days import calendar_of, due_days_in, zone_of
from scheduler.core.policy.milestones import Due, Milestone
from scheduler.core.policy.policy import Policy

_MOST = 4096


class Timeline(NamedTuple):
    """Each day with its milestone's rank in the policy, and the anchor's days of each milestone."""

    days: Sequence[tuple[int, Due]]
    anchors: Mapping[str, Sequence[date]]


class _Lane(NamedTuple):
    """The milestones of one stage of a pipeline with their ranks, and what their days depend on
    besides the contract's dates."""

    milestones: Sequence[tuple[int, Milestone]]
    recurs: bool
    spreads: bool
    depends_on: Sequence[Callable[[Deal], Hashable]]


def timeline(deal: Deal, policy: Policy, today: date) -> Timeline:
    """The days of every milestone that concerns the deal; for a closed deal only of those meant for
    its stage (offboarding). For a recurring one: the latest past and the next day."""
    lane, contract = _lane(deal, policy), deal.contract
    calendar, zone = calendar_of(deal, policy), zone_of(deal, policy)
    key = (
        deal.pipeline,
        deal.stage,
        contract.starts_on,
        contract.ends_on,
        contract.decide_by,
        calendar,
        zone,
        (today, contract.series_starts_on, deal.arrived_at) if lane.recurs else None,
        (deal.key, contract.number) if lane.spreads else None,
        *(of(deal) for of in lane.depends_on),
    )
    known = policy.remembered
    found: Timeline | None = known.get(key)
    if found is None:
        days = [
            (rank, due)
            for rank, milestone in lane.milestones
            for due in due_days_in(milestone, deal, calendar, zone, today)
        ]
        anchors: dict[str, list[date]] = {}
        for _, due in days:
            anchors.setdefault(due.milestone.id, []).append(due.anchor_on)
        if len(known) >= _MOST:
            known.clear()
        found = known[key] = Timeline(days, anchors)
    return found


def _lane(deal: Deal, policy: Policy) -> _Lane:
    """The lane of a deal in its stage."""
    key = (deal.pipeline, deal.stage)
    found: _Lane | None = policy.remembered.get(key)
    if found is None:
        pipeline = policy.pipeline(deal.pipeline)
        stage = pipeline.find(deal.stage)
        is_open = stage is None or stage.is_open
        mine = [
            (rank, m)
            for rank, m in enumerate(policy.milestones)
            if m.pipeline == pipeline.id and (is_open or deal.stage in m.in_stages)
        ]
        found = policy.remembered[key] = _Lane(
            mine,
            recurs=any(m.rhythm for _, m in mine),
            spreads=any(m.spread for _, m in mine),
            depends_on=tuple({ANCHORS[m.anchor].depends_on: None for _, m in mine}),
        )
    return found
