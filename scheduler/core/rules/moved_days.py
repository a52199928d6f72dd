"""What becomes of events whose anchor's day is no longer true: they are withdrawn, their unsent
nudges are cancelled, and a stage they led to is left again. A question whose day moves a little
later moves with it (`carried_over`), and keeps its reminders, its answer and its quiet.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from scheduler.core.deal.deal import (
    AUTO_RENEWAL,
    ENDED,
    EXPECTED,
    NOTHING,
    NOTICE,
    SYSTEM_MILESTONES,
    TOLD,
    UNSENT,
    Cancel,
    Deal,
    Decision,
    Event,
    Nudge,
)
from scheduler.core.deal.pipeline import Passage, Pipeline, StageKind, move
from scheduler.core.policy.anchors import ANCHORS, DaySource
from scheduler.core.policy.milestone_days import (
    anchor_day,
    facts_of,
    falls_before_start,
    occurrence_of,
    today_of,
    zone_of,
)
from scheduler.core.policy.milestones import Due, Milestone
from scheduler.core.policy.policy import Policy
from scheduler.core.policy.received import Received, received
from scheduler.core.policy.timeline import Timeline
from scheduler.core.rules.candidates import MilestoneCandidate, move_to
from scheduler.core.rules.nudges import nudge_to, policy_actor
from scheduler.core.rules.routing import Routed
from scheduler.core.time.dates import term_days
from scheduler.core.words.lexicon import EventState, NudgeState
from scheduler.core.words.reasons import code_of, fact, iso, reason

_JUDGED_ANEW: Mapping[str | None, str] = {
    "notice_stands": "notice_gone",
    "asked_already": "joined_gone",
}


_OF_THE_DEAL: Mapping[str, Callable[[Deal], date | None]] = {
    ENDED: lambda deal: deal.contract.ends_on,
    AUTO_RENEWAL: lambda deal: deal.contract.decide_by or deal.contract.ends_on,
    EXPECTED: lambda deal: deal.expected_on,
    NOTICE: lambda deal: deal.notice_on,
}
"""The days on which the events stand that rules make themselves."""


def _told_before(due: Due, gone: Sequence[Event], deal: Deal, policy: Policy) -> tuple[Event, ...]:
    """The steps of a milestone that was told for a slightly earlier day; for one that recurs, half
    its interval or more makes it another occurrence."""
    names = {due.milestone.id, *due.milestone.was}
    told = _moved_a_little(names, due.anchor_on, gone, deal, policy)
    rhythm = due.milestone.rhythm
    if (
        told
        and rhythm is not None
        and 2 * (due.anchor_on - told[0].anchor_on).days >= term_days(rhythm, told[0].anchor_on)
    ):
        return ()
    return told


def _ended_before(
    gone: Sequence[Event], withdrawn: Sequence[Event], deal: Deal, policy: Policy, today: date
) -> tuple[Event, ...]:
    """The steps of the question after the end, if the corrected end also lies in the past; one that
    lies ahead is asked about when it comes."""
    ends_on, taken_back = deal.contract.ends_on, {e.key for e in withdrawn}
    if ends_on is None or ends_on >= today:
        return ()
    if any(e.key not in taken_back for e in deal.ledger.of(ENDED)):
        return ()
    return _moved_a_little({ENDED}, ends_on, gone, deal, policy)


def _moved_a_little(
    names: Collection[str], anchor_on: date, gone: Sequence[Event], deal: Deal, policy: Policy
) -> tuple[Event, ...]:
    """The withdrawn steps of a question, if it was told for a day less than `resend_after_move`
    days before the new one."""
    gone = [e for e in gone if e.milestone in names]
    latest = next((e for e in reversed(gone) if e.step == 0), None)
    told = next((e for e in reversed(gone) if _was_sent(e, deal)), None)
    if (
        latest is None
        or told is None
        or not 0 <= (anchor_on - told.anchor_on).days < policy.resend_after_move
    ):
        return ()
    return tuple({e.step: e for e in gone if e.anchor_on == latest.anchor_on}.values())


def _was_sent(event: Event, deal: Deal) -> bool:
    """Whether somebody was told of `event`."""
    gone = (NudgeState.SENT, NudgeState.IN_DOUBT)
    return any(
        (n.milestone, n.anchor_on, n.step) == event.key and n.state in gone for n in deal.nudges
    )


def anchors_moved(
    deal: Deal,
    policy: Policy,
    pipeline: Pipeline,
    line: Timeline,
    candidates: Sequence[MilestoneCandidate],
    now: datetime,
) -> Decision:
    """Withdraws events whose day is no longer true, carries questions over to the new day, and
    cancels nudges of milestones the policy no longer has."""
    stage = pipeline.find(deal.stage)
    if stage is not None and not stage.is_open:
        return NOTHING
    today = today_of(deal, policy, now)
    withdrawn = tuple(_withdraw(e, new) for e, new in _stale(deal, policy, line, today))
    carried = [
        _carried(milestone, anchor_on, told, deal, policy)
        for milestone, anchor_on, told in _moved(deal, policy, candidates, withdrawn, today)
        if told
    ]
    gone = {e.key: e for e in withdrawn}
    cancels = tuple(
        Cancel(n.key, why) for n in deal.ledger.unsent if (why := _cancel_because(n, gone, policy))
    )
    moves = _carried_to([e for said in carried for e in said.events], deal, policy, pipeline, now)
    return Decision(
        events=tuple(e for said in carried for e in said.events),
        nudges=tuple(n for said in carried for n in said.nudges),
        withdrawn=withdrawn,
        cancels=cancels,
        moves=moves
        or _rewind(deal, policy, pipeline, candidates, _left_behind(withdrawn, carried), now),
    )


def _moved(
    deal: Deal,
    policy: Policy,
    candidates: Sequence[MilestoneCandidate],
    withdrawn: Sequence[Event],
    today: date,
) -> Iterator[tuple[str, date, tuple[Event, ...]]]:
    """For each milestone and its new day, the steps that were told for a slightly earlier day and
    no longer stand."""
    if not withdrawn and len(deal.ledger.standing) == len(deal.events):
        return
    now_gone = {e.key: e for e in withdrawn}
    before = (e if e.state is EventState.WITHDRAWN else now_gone.get(e.key) for e in deal.events)
    gone = [e for e in before if e is not None and e.was in TOLD]
    for due in (c.due for c in candidates if c.event is None):
        yield due.milestone.id, due.anchor_on, _told_before(due, gone, deal, policy)
    if deal.contract.ends_on is not None:
        ended = _ended_before(gone, withdrawn, deal, policy, today)
        yield ENDED, deal.contract.ends_on, ended


def _carried(
    milestone: str, anchor_on: date, told: Sequence[Event], deal: Deal, policy: Policy
) -> Decision:
    """The question on its new day: every step with its answer or its quiet, and the last step's
    nudges that had not gone out yet."""
    known = {e.key: e.reason for e in deal.ledger.standing}
    days = (anchor_on - told[0].anchor_on).days
    first = reason("carried_over", told=told[0].anchor_on, days=days)
    steps = tuple(
        replace(
            step,
            milestone=milestone,
            anchor_on=anchor_on,
            state=EventState.FIRED if step.step else EventState.CARRIED_OVER,
            reason=(
                known.get(step.key) or reason("asked_again", since=told[0].day_on, times=step.step)
            )
            if step.step
            else first,
            was=None,
            id=None,
        )
        for step in told
    )
    nudges = [n for n in deal.nudges if (n.milestone, n.anchor_on, n.step) == told[-1].key]
    untold = not any(n.state in (NudgeState.SENT, NudgeState.IN_DOUBT) for n in nudges)
    waiting = [
        n for n in nudges if untold and (n.state in UNSENT or code_of(n.reason) == "anchor_moved")
    ]
    return Decision(
        events=steps,
        nudges=tuple(
            nudge_to(Routed(n.recipient, n.role, n.because, n.instead_of), steps[-1], deal, policy)
            for n in waiting
        ),
    )


def _carried_to(
    carried: Sequence[Event], deal: Deal, policy: Policy, pipeline: Pipeline, now: datetime
) -> tuple[Passage, ...]:
    """The move back to the stage that carried questions belong to, if the deal left it when the end
    moved away and back."""
    moves = [
        p
        for e in carried
        if not e.step and (m := policy.milestone(e.milestone))
        for p in move_to(m, deal, pipeline, policy, e.reason, now)
    ]
    return tuple(sorted(moves, key=lambda p: pipeline.position(p.to_stage))[-1:])


def _left_behind(withdrawn: Sequence[Event], carried: Sequence[Decision]) -> list[Event]:
    """The withdrawn events that were not carried over."""
    along = {e.milestone for said in carried for e in said.events}
    return [e for e in withdrawn if e.milestone not in along]


def _stale(
    deal: Deal, policy: Policy, line: Timeline, today: date
) -> Iterator[tuple[Event, date | None]]:
    """Standing events whose day is no longer their anchor's, with the day it has now."""
    for event in deal.ledger.standing:
        if event.milestone == EXPECTED and event.answered_at is not None:
            continue
        if _is_asked_after_all(event, deal, today) or _is_joined_to_nothing(
            event, deal, policy, today
        ):
            yield event, None
            continue
        milestone = policy.milestone(event.milestone)
        days = _days_now(event.milestone, milestone, deal, line)
        if days is None or event.anchor_on in days:
            continue
        if milestone is None or not (
            _recurs_on(milestone, event, deal, policy)
            or _counted_otherwise(event, milestone, deal, policy)
        ):
            yield event, days[-1] if days else None


def _days_now(
    name: str, milestone: Milestone | None, deal: Deal, line: Timeline
) -> Sequence[date] | None:
    """The days on which events of this name may stand now; None if any day will do."""
    if milestone is not None:
        stands_still = ANCHORS[milestone.anchor].source is DaySource.STAGE
        return None if stands_still else line.anchors.get(milestone.id, ())
    if name not in _OF_THE_DEAL:
        return None
    day = _OF_THE_DEAL[name](deal)
    return (day,) if day else ()


def _is_asked_after_all(event: Event, deal: Deal, today: date) -> bool:
    """Whether a day was skipped only because of a notice that no longer stands (withdrawn, undone),
    and its deadline lies ahead."""
    return (
        event.state is EventState.SKIPPED
        and event.anchor_on >= today
        and code_of(event.reason) == "notice_stands"
        and received(deal) is not Received.NOTICE
    )


def _is_joined_to_nothing(event: Event, deal: Deal, policy: Policy, today: date) -> bool:
    """Whether this day was joined to a question that has since been taken back, and its own
    deadline lies ahead."""
    if (
        event.state is not EventState.SUPERSEDED
        or event.anchor_on < today
        or code_of(event.reason) != "asked_already"
    ):
        return False
    known = policy.milestone(by := str(fact(event.reason, "by")))
    names = {by, *((known.id, *known.was) if known else ())}
    return not any(e.milestone in names and e.state in TOLD for e in deal.events)


def _recurs_on(milestone: Milestone, event: Event, deal: Deal, policy: Policy) -> bool:
    """Whether the event is about an occurrence that still exists: the timeline holds only the
    latest and the next one."""
    if milestone.rhythm is None or event.day_on > (deal.contract.ends_on or date.max):
        return False
    return (
        occurrence_of(
            milestone, anchor_day(milestone, deal, zone_of(deal, policy)), event.anchor_on
        )
        is not None
    )


def _counted_otherwise(event: Event, milestone: Milestone, deal: Deal, policy: Policy) -> bool:
    """Whether the milestone was counted from another of the deal's days when it was reached:
    editing the policy takes back neither what was told nor its reminders."""
    since, contract = policy.since.get(milestone.id), deal.contract
    steps = (e.at for e in deal.ledger.of(event.milestone) if e.anchor_on == event.anchor_on)
    if since is None or min(steps, default=event.at) > since:
        return False
    return milestone.rhythm is not None or event.anchor_on in (
        contract.ends_on,
        contract.starts_on,
        contract.decide_by,
        deal.expected_on,
    )


def _withdraw(event: Event, new: date | None) -> Event:
    """The event as withdrawn, with the state it had."""
    why = (
        reason("anchor_moved", old=event.anchor_on, new=new)
        if new
        else reason("anchor_gone", old=event.anchor_on)
    )
    if (because := code_of(event.reason)) in _JUDGED_ANEW:
        why = reason(_JUDGED_ANEW[because])
    return replace(event, state=EventState.WITHDRAWN, was=event.state, reason=why)


def _cancel_because(
    nudge: Nudge, gone: Mapping[tuple[str, date, int], Event], policy: Policy
) -> str:
    """Why an unsent nudge no longer matters; empty if it does."""
    event = gone.get((nudge.milestone, nudge.anchor_on, nudge.step))
    if event is not None:
        return event.reason
    if nudge.milestone not in SYSTEM_MILESTONES and policy.milestone(nudge.milestone) is None:
        return reason("milestone_gone")
    return ""


def _rewind(
    deal: Deal,
    policy: Policy,
    pipeline: Pipeline,
    candidates: Sequence[MilestoneCandidate],
    withdrawn: Sequence[Event],
    now: datetime,
) -> tuple[Passage, ...]:
    """The move to the right stage when the milestone that led to the present one is withdrawn: the
    furthest stage reached, else the one for the deal's health."""
    led_here = [
        e for e in withdrawn if (m := policy.milestone(e.milestone)) and m.moves_to == deal.stage
    ]
    if not led_here:
        return ()
    today = today_of(deal, policy, now)
    reached = [
        c
        for c in candidates
        if c.due.milestone.moves_to and c.due.day_on <= today and _still_applies(c, deal)
    ]
    if reached:
        target = max(reached, key=lambda c: c.order).due.milestone.moves_to or deal.stage
        code = "rewound"
    else:
        active = pipeline.active_stage(deal.health, deal.stage)
        target, code = (active.id if active else pipeline.first.id), "end_moved_out"
    if target == deal.stage or pipeline.stage(deal.stage).kind is not StageKind.RENEWAL:
        return ()
    because = reason(code, old=led_here[0].anchor_on, new=iso(deal.contract.ends_on))
    return (move(pipeline, deal.stage, target, policy_actor(policy), because, now),)


def _still_applies(candidate: MilestoneCandidate, deal: Deal) -> bool:
    """Whether the milestone's move would still be made: it fits into the term and its conditions
    hold."""
    facts = facts_of(deal)
    return not falls_before_start(candidate.due.milestone, deal, candidate.due.anchor_on) and all(
        c.holds(facts) for c in candidate.due.milestone.where
    )
