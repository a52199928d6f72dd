"""Milestones on a deal's calendar as the rules about them see them, and the moves they ask for."""

from datetime import date, datetime
from typing import NamedTuple

from scheduler.core.deal.deal import Deal, Event
from scheduler.core.deal.pipeline import Passage, Pipeline, move
from scheduler.core.policy.milestones import Due, Milestone
from scheduler.core.policy.policy import Policy
from scheduler.core.policy.timeline import Timeline
from scheduler.core.rules.nudges import policy_actor


class MilestoneCandidate(NamedTuple):
    """A milestone on the deal's calendar with its place in the policy, which breaks ties, and the
    live event if its day is settled."""

    due: Due
    rank: int
    event: Event | None

    @property
    def order(self) -> tuple[date, int]:
        """Later is stronger within a series."""
        return (self.due.day_on, self.rank)


def candidates_of(deal: Deal, policy: Policy, line: Timeline) -> list[MilestoneCandidate]:
    """Every day of the deal's timeline, with the event that stands on it."""
    live = live_events(deal, policy)
    return [
        MilestoneCandidate(due, rank, live.get((due.milestone.id, due.anchor_on)))
        for rank, due in line.days
    ]


def live_events(deal: Deal, policy: Policy) -> dict[tuple[str, date], Event]:
    """The events of step 0 that stand, by the milestone's present id and the anchor's day."""
    found = {}
    for event in deal.ledger.standing:
        if event.step == 0:
            milestone = policy.milestone(event.milestone)
            found[(milestone.id if milestone else event.milestone, event.anchor_on)] = event
    return found


def move_to(
    milestone: Milestone,
    deal: Deal,
    pipeline: Pipeline,
    policy: Policy,
    because: str,
    now: datetime,
) -> tuple[Passage, ...]:
    """The passage a milestone asks for; never backwards."""
    if milestone.moves_to is None or pipeline.position(milestone.moves_to) <= pipeline.position(
        deal.stage
    ):
        return ()
    return (move(pipeline, deal.stage, milestone.moves_to, policy_actor(policy), because, now),)
