"""What a milestone does once its day has come: due means reached and not done (DESIGN §5). The days
themselves are those of `core.policy.milestone_days`.

For each milestone of the deal's pipeline, in this order:

    1. An event whose anchor's day is no longer true is withdrawn, or carried over to the new day
       (`moved_days`).
    2. A day not yet reached sets the alarm.
    3. A day that was reached is judged: too long for the term, wrong stage or condition false means
       `skipped` (or it waits until `open_until`, then `expired`).
    4. Of those of one series that remain, the latest wins: it fires (or is `baseline`, or `expired`
       if the end or deadline it announces is already over; its move is made all the same). The
       earlier ones are `superseded`, and so is a question that another series asked a few days ago.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from scheduler.core.deal.deal import Cancel, Deal, Decision, Event
from scheduler.core.deal.pipeline import Pipeline
from scheduler.core.policy.anchors import ANCHORS
from scheduler.core.policy.milestone_days import (
    calendar_of,
    counted_from,
    day_start,
    facts_of,
    falls_before_start,
    today_of,
    zone_of,
)
from scheduler.core.policy.milestones import Due
from scheduler.core.policy.policy import Policy
from scheduler.core.policy.received import Received, received
from scheduler.core.policy.timeline import timeline
from scheduler.core.rules.candidates import MilestoneCandidate, candidates_of, move_to
from scheduler.core.rules.followup import asked_already, last_call_now
from scheduler.core.rules.moved_days import anchors_moved
from scheduler.core.rules.nudges import nudges_of
from scheduler.core.time.dates import Shift, local_day, offset_day
from scheduler.core.words.lexicon import Anchor, EventState
from scheduler.core.words.reasons import reason

_DONE = (EventState.FIRED, EventState.BASELINE, EventState.CARRIED_OVER, EventState.SUPERSEDED)


@dataclass(frozen=True, slots=True)
class _Wait:
    """Nothing to do now: look again at this instant."""

    wake_at: datetime


def fire_milestones(deal: Deal, policy: Policy, now: datetime) -> Decision:
    """What the configured milestones decide for `deal` at `now`."""
    pipeline, today = policy.pipeline(deal.pipeline), today_of(deal, policy, now)
    line = timeline(deal, policy, today)
    candidates = candidates_of(deal, policy, line)
    moved = anchors_moved(deal, policy, pipeline, line, candidates, now)
    if moved.changes:
        return moved
    ahead = [c.due.day_on for c in candidates if c.event is None and c.due.day_on > today]
    wakes = [day_start(min(ahead), zone_of(deal, policy))] if ahead else []
    reached = [c for c in candidates if c.event is None and c.due.day_on <= today]
    judged: list[Event] = []
    eligible: list[MilestoneCandidate] = []
    for candidate in reached:
        verdict = _judge(candidate, deal, policy, now)
        if isinstance(verdict, Event):
            judged.append(verdict)
        elif isinstance(verdict, _Wait):
            wakes.append(verdict.wake_at)
        else:
            eligible.append(candidate)
    decision = Decision(events=tuple(judged), wake_at=min(wakes, default=None))
    for series in dict.fromkeys(
        c.due.milestone.series for c in sorted(eligible, key=lambda c: c.due.anchor_on)
    ):
        mates = [c for c in candidates if c.due.milestone.series == series]
        mine = [c for c in eligible if c.due.milestone.series == series]
        seen = replace(deal, events=(*deal.events, *decision.events)) if decision.events else deal
        decision = _combine(decision, _settle_series(seen, policy, pipeline, mine, mates, now))
    return decision


def _combine(left: Decision, right: Decision) -> Decision:
    """Combines both, keeping the left one's alarm."""
    return replace(
        left,
        events=left.events + right.events,
        moves=left.moves + right.moves,
        nudges=left.nudges + right.nudges,
        cancels=left.cancels + right.cancels,
    )


def _judge(
    candidate: MilestoneCandidate, deal: Deal, policy: Policy, now: datetime
) -> Event | _Wait | None:
    """Judges a day that was reached: an event if it does not apply, a wait if it may apply later,
    None if it may fire."""
    milestone, due = candidate.due.milestone, candidate.due
    if falls_before_start(milestone, deal, due.anchor_on):
        return _event(
            due, EventState.SKIPPED, reason("longer_than_term", term=deal.contract.term or "?"), now
        )
    if (
        milestone.asks
        and milestone.anchor is Anchor.DECIDE_BY
        and received(deal) is Received.NOTICE
    ):
        return _event(due, EventState.SKIPPED, reason("notice_stands"), now)
    facts = facts_of(deal)
    if milestone.in_stages and deal.stage not in milestone.in_stages:
        read = false = reason("stage_not_meant", stage=deal.stage)
    else:
        broken = [f"{c} ({facts.get(c.field)})" for c in milestone.where if not c.holds(facts)]
        if not broken:
            return None
        read = "; ".join(broken)
        false = reason("where_false", read=read)
    if milestone.open_until is None:
        return _event(due, EventState.SKIPPED, false, now)
    until = offset_day(
        due.day_on, milestone.open_until, calendar_of(deal, policy), Shift.NONE, milestone.month_end
    )
    closes_at = day_start(date.fromordinal(until.toordinal() + 1), zone_of(deal, policy))
    if now < closes_at:
        return _Wait(closes_at)
    return _event(due, EventState.EXPIRED, reason("open_until_over", until=until, read=read), now)


def _event(due: Due, state: EventState, why: str, now: datetime) -> Event:
    """The event of a milestone's day."""
    return Event(due.milestone.id, due.anchor_on, due.day_on, state, why, now)


def _settle_series(
    deal: Deal,
    policy: Policy,
    pipeline: Pipeline,
    eligible: Sequence[MilestoneCandidate],
    mates: Sequence[MilestoneCandidate],
    now: datetime,
) -> Decision:
    """The latest of a series wins, unless one with a later day was settled before."""
    settled = [c for c in mates if c.event is not None and c.event.state in _DONE]
    winner = max([*eligible, *settled], key=lambda c: c.order)
    losers = [c for c in eligible if c is not winner]
    events = tuple(_lost_to(c, winner, deal, policy, now) for c in losers)
    if winner.event is not None:
        return Decision(events=events)
    fired = _fire(winner, deal, policy, pipeline, now)
    series = {c.due.milestone.id for c in mates}
    told, because = winner.due.milestone.id, reason("later_told", by=winner.due.milestone.id)
    cancels = []
    for nudge in deal.ledger.unsent if fired.nudges else ():
        milestone = policy.milestone(nudge.milestone)
        if milestone is None or milestone.id not in series:
            continue
        if (milestone.id, nudge.anchor_on) != (told, winner.due.anchor_on):
            cancels.append(Cancel(nudge.key, because))
    return replace(fired, events=(*events, *fired.events), cancels=tuple(cancels))


def _lost_to(
    candidate: MilestoneCandidate,
    winner: MilestoneCandidate,
    deal: Deal,
    policy: Policy,
    now: datetime,
) -> Event:
    """The event of a day that lost to another one of its series."""
    silent = _silent_because(candidate.due, deal, policy)
    if silent:
        return _event(candidate.due, EventState.BASELINE, silent, now)
    return _event(
        candidate.due, EventState.SUPERSEDED, reason("superseded", by=winner.due.milestone.id), now
    )


def _fire(
    candidate: MilestoneCandidate, deal: Deal, policy: Policy, pipeline: Pipeline, now: datetime
) -> Decision:
    """The winner's event, its move, and its nudges unless it is silent."""
    due, milestone = candidate.due, candidate.due.milestone
    from_day, _ = counted_from(milestone, deal, zone_of(deal, policy), due.anchor_on)
    reached = reason(
        "reached",
        label=milestone.label.of(policy.language),
        anchor=milestone.anchor.value,
        anchor_on=from_day,
    )
    silent = _silent_because(due, deal, policy)
    state, why = (EventState.BASELINE, silent) if silent else (EventState.FIRED, reached)
    today = today_of(deal, policy, now)
    if not silent and _is_past(due, today):
        state, why = EventState.EXPIRED, reason("past", on=due.anchor_on)
    elif not silent and (
        asked := asked_already(milestone, _judged_before(due, deal, policy) or today, deal, policy)
    ):
        state, why = (
            EventState.SUPERSEDED,
            reason("asked_already", by=asked.milestone, on=asked.day_on),
        )
    call = (
        last_call_now(milestone, deal, policy, today)
        if milestone.asks and state is EventState.FIRED
        else ""
    )
    event = _event(due, state, call or why, now)
    tell = dict.fromkeys((*milestone.tell, *(("owner", "manager") if call else ())))
    nudges = nudges_of(event, tuple(tell), deal, policy) if event.state is EventState.FIRED else ()
    return Decision(
        moves=move_to(milestone, deal, pipeline, policy, reached, now),
        events=(event,),
        nudges=nudges,
    )


def _judged_before(due: Due, deal: Deal, policy: Policy) -> date | None:
    """The day on which this day gave way to another question, before it moved away and back: it
    does so again, however long it was away."""
    before = next(
        (
            e
            for e in reversed(deal.events)
            if e.key == (due.milestone.id, due.anchor_on, 0) and e.was is EventState.SUPERSEDED
        ),
        None,
    )
    return local_day(before.at, zone_of(deal, policy)) if before is not None else None


def _is_past(due: Due, today: date) -> bool:
    """Whether it would announce an end or a deadline that is already over; `renewal` asks about a
    term that has ended."""
    milestone, before = (
        due.milestone,
        due.day_on < due.anchor_on or (due.milestone.asks and due.day_on == due.anchor_on),
    )
    return (
        milestone.rhythm is None
        and ANCHORS[milestone.anchor].is_deadline
        and before
        and due.anchor_on < today
    )


def _silent_because(due: Due, deal: Deal, policy: Policy) -> str:
    """Why a reached day is only history: it came with the source's first load, or the milestone is
    newer than both the day and the deal. Empty if it is not history."""
    if policy.speaks_of_the_past(due.milestone.id, deal.arrived_at):
        return ""
    reached_at = day_start(due.day_on, zone_of(deal, policy))
    if deal.baseline_at is not None and reached_at <= deal.baseline_at:
        return reason("baseline")
    since = policy.since.get(due.milestone.id)
    if since is not None and deal.arrived_at <= since and reached_at <= since:
        return reason("new_rule")
    return ""
