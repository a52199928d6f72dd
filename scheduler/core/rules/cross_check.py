"""What the calendar says should have happened to a deal, worked out independently of `decide`: the
second opinion of the balance.

Always holds: only days, the contract and the events are read; conditions, recipients and moves are
not considered.
"""

from datetime import date, datetime

from scheduler.core.deal.deal import Deal, Decision, Event
from scheduler.core.policy.milestone_days import calendar_of, due_days, falls_before_start, today_of
from scheduler.core.policy.milestones import Due
from scheduler.core.policy.policy import Policy
from scheduler.core.time.dates import Shift, offset_day
from scheduler.core.words.lexicon import EventState
from scheduler.core.words.reasons import code_of


def missing_events(deal: Deal, policy: Policy, now: datetime) -> list[Due]:
    """Milestone days that have been reached but have no standing event, except those whose
    condition may still come true (`open_until`).

    Raises KeyError for a pipeline that the policy does not have.
    """
    pipeline, today = policy.pipeline(deal.pipeline), today_of(deal, policy, now)
    stage = pipeline.find(deal.stage)
    is_open, known = stage is None or stage.is_open, set(_standing(deal, policy))
    found: list[Due] = []
    for milestone in policy.milestones:
        if milestone.pipeline == pipeline.id and (is_open or deal.stage in milestone.in_stages):
            due = (
                d
                for d in due_days(milestone, deal, policy, today)
                if d.day_on <= today and (milestone.id, d.anchor_on) not in known
            )
            found += [d for d in due if not _may_wait(d, deal, policy, today)]
    return found


def duplicate_events(deal: Deal, policy: Policy) -> list[Event]:
    """Standing events for a milestone day that has one already, perhaps under the milestone's
    former name."""
    seen: set[tuple[str, date]] = set()
    again = []
    for event in deal.events:
        if event.step == 0 and event.state is not EventState.WITHDRAWN:
            place = _place(event, policy)
            again += [event] if place in seen else []
            seen.add(place)
    return again


def only_hands_over(decision: Decision) -> bool:
    """Whether the decision would only pass on nudges that wait for somebody who is away: that
    happens when their window opens, without an alarm."""
    more = (
        decision.moves
        or decision.renamed
        or decision.events
        or decision.withdrawn
        or decision.won
        or decision.lost
    )
    return (
        not more
        and bool(decision.cancels)
        and all(code_of(c.reason) == "passed_on" for c in decision.cancels)
    )


def _standing(deal: Deal, policy: Policy) -> list[tuple[str, date]]:
    """The milestone days that have a standing event."""
    return [
        _place(e, policy)
        for e in deal.events
        if e.step == 0 and e.state is not EventState.WITHDRAWN
    ]


def _place(event: Event, policy: Policy) -> tuple[str, date]:
    """The event's milestone under its present id, and the anchor's day."""
    milestone = policy.milestone(event.milestone)
    return (milestone.id if milestone else event.milestone, event.anchor_on)


def _may_wait(due: Due, deal: Deal, policy: Policy, today: date) -> bool:
    """Whether its condition may still come true."""
    milestone = due.milestone
    if milestone.open_until is None or falls_before_start(milestone, deal, due.anchor_on):
        return False
    return today <= offset_day(
        due.day_on, milestone.open_until, calendar_of(deal, policy), Shift.NONE, milestone.month_end
    )
