"""Follow-up: a question that nobody answers is asked again, then climbs to the manager; one that
was snoozed or seen comes back on its day (DESIGN §5, §11).

Each deal has one ladder, that of its latest question: an answer settles all questions, and T-1m
silences T-3m. Rung 0 is the first telling; each further rung is `repeat_every` business days later,
counted from rung 0 and never chained. The first rungs ask the milestone's recipients again, later
ones add the manager, then the admins; then the ladder rests, and digests keep the question alive.

Always holds: while a question waits, the last working day before a deadline (core.policy.deadlines)
has a last call, to the owner and the manager; the message before it comes at most one rung earlier,
and no quiet lasts beyond it. A manager who cannot be reached on that day is told on the last day on
which they can be (`managers_day`). Nothing is repeated once it is too late to act (`renewal` asks
after the end), once notice was received, or once the order has come in.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from scheduler.core.deal.deal import (
    EXPECTED,
    NOTHING,
    SYSTEM_ASKS,
    TOLD,
    Cancel,
    Deal,
    Decision,
    Event,
    Nudge,
)
from scheduler.core.deal.pipeline import StageKind
from scheduler.core.policy.anchors import ANCHORS
from scheduler.core.policy.deadlines import LastDay, last_days, next_last_day
from scheduler.core.policy.milestone_days import calendar_of, day_start, today_of, zone_of
from scheduler.core.policy.milestones import Milestone
from scheduler.core.policy.policy import Policy
from scheduler.core.policy.received import received
from scheduler.core.rules.managers_day import manager_told_on
from scheduler.core.rules.nudges import nudge_to, nudges_of
from scheduler.core.rules.routing import known_person, route_person
from scheduler.core.time.calendar import Calendar
from scheduler.core.words.lexicon import Anchor, EventState, Tell
from scheduler.core.words.reasons import code_of, fact, reason

_DAY = timedelta(days=1)
_AHEAD = {Anchor.DECIDE_BY: "last_call_ahead", Anchor.ENDS_ON: "last_call_end_ahead"}
"""Why the manager is told before the last working day."""


@dataclass(frozen=True, slots=True)
class Question:
    """The steps of one milestone's day that somebody was told about, the latest last."""

    steps: tuple[Event, ...]

    @property
    def last(self) -> Event:
        """What was said last."""
        return self.steps[-1]

    @property
    def last_asked(self) -> Event:
        """What was said last, but for what the manager alone was told ahead of a last call."""
        return next(s for s in reversed(self.steps) if code_of(s.reason) not in _AHEAD.values())

    @property
    def first_rung(self) -> Event:
        """The step from which reminders are counted: the first, or the one after the last that
        somebody snoozed or marked as seen."""
        reacted = [n for n, step in enumerate(self.steps[:-1]) if step.snoozed_until is not None]
        return self.steps[reacted[-1] + 1] if reacted else self.steps[0]

    @property
    def rung(self) -> int:
        """How many reminders have gone out; a reaction does not start a new ladder."""
        return max((_times(step) for step in self.steps), default=0)

    @property
    def rungs_before(self) -> int:
        """How many reminders had gone out before `first_rung`."""
        return max(
            (_times(step) for step in self.steps if step.step < self.first_rung.step), default=0
        )


def _times(step: Event) -> int:
    """Which reminder a step is, counted from 1; 0 for a first telling, a return or a last call."""
    return int(fact(step.reason, "times") or 0)


def followup(deal: Deal, policy: Policy, now: datetime) -> Decision:
    """What to ask again now, and when to look next."""
    pipeline = policy.pipeline(deal.pipeline)
    stage = pipeline.find(deal.stage)
    question = open_question(deal, policy)
    if stage is None or not stage.is_open or question is None:
        return NOTHING
    today, ends_on = today_of(deal, policy, now), deal.contract.ends_on
    if (
        ends_on is not None
        and today > ends_on
        and pipeline.of_kind(StageKind.ACTIVE, StageKind.RENEWAL)
    ):
        return NOTHING
    if question.last.snoozed_until is not None:
        return _after_quiet(question, deal, policy, today, now)
    return _ladder(question, deal, policy, today, now)


def open_question(deal: Deal, policy: Policy) -> Question | None:
    """The latest question that waits for an answer or for a quiet time to end; None if everything
    is answered.

    A question about the renewal comes before any other: a later one from onboarding or a business
    review must not silence it.
    """
    last = _latest(deal, policy)
    return last if last is not None and last.last.answered_at is None else None


def _latest(deal: Deal, policy: Policy) -> Question | None:
    """The question that speaks for the deal, answered or not; None if nothing was asked."""

    def order(question: Question) -> tuple[bool, datetime, date, int]:
        last = question.last
        return (
            last.answered_at is None and asks_of_renewal(last.milestone, policy),
            last.at,
            last.day_on,
            last.step,
        )

    return max(_questions(deal, policy), key=order, default=None)


def _questions(deal: Deal, policy: Policy) -> Iterator[Question]:
    """Every milestone's day that was told and either asks something or was snoozed."""
    for steps in deal.ledger.told.values():
        if asks(steps[-1].milestone, policy) or steps[-1].snoozed_until is not None:
            yield Question(tuple(steps))


def asks(milestone_id: str, policy: Policy) -> bool:
    """Whether an answer is wanted."""
    milestone = policy.milestone(milestone_id)
    return milestone.asks if milestone else milestone_id in SYSTEM_ASKS


def asked_already(milestone: Milestone, on: date, deal: Deal, policy: Policy) -> Event | None:
    """The question about the same renewal that was asked a few days before `on`, or that is open
    and has its last call a few days after.

    A question with its own wording (`ask`) never counts as the same.
    """
    if not policy.attention.one_question_days or not _asks_of_renewal(milestone):
        return None
    zone = zone_of(deal, policy)
    for event in reversed(deal.events):
        if (
            event.state not in TOLD
            or not 0 <= (on - _told_on(event, zone)).days <= policy.attention.one_question_days
        ):
            continue
        if _asks_the_same(event.milestone, milestone, policy):
            return event
    waits = open_question(deal, policy)
    if (
        waits is None
        or not _asks_the_same(waits.last.milestone, milestone, policy)
        or not _is_called_soon(milestone, on, deal, policy)
    ):
        return None
    return waits.last


def _is_called_soon(milestone: Milestone, on: date, deal: Deal, policy: Policy) -> bool:
    """Whether the last call for another anchor than the milestone's own comes on `on` or a few days
    later."""
    last_day = next_last_day(deal, policy, on - _DAY, on) if policy.attention.last_call else None
    return (
        last_day is not None
        and (last_day.last_on - on).days <= policy.attention.one_question_days
        and last_day.anchor is not milestone.anchor
    )


def _asks_the_same(asked: str, milestone: Milestone, policy: Policy) -> bool:
    """Whether an earlier question (an expected day, or a milestone of another series) asks the same
    people the same thing."""
    other = policy.milestone(asked)
    if other is None:
        return asked == EXPECTED and set(milestone.tell) <= {Tell.OWNER}
    of_another_series = other.id != milestone.id and other.series != milestone.series
    return of_another_series and _asks_of_renewal(other) and set(milestone.tell) <= set(other.tell)


def last_call_now(milestone: Milestone, deal: Deal, policy: Policy, today: date) -> str:
    """Why a question that is asked for the first time today is already the last call; empty if it
    is not, or if somebody has answered or named a day.

    If a question about the renewal is open, the last call belongs to that one.
    """
    reached = next(
        (d for d in last_days(deal, policy) if d.last_on <= today <= d.deadline_on), None
    )
    if reached is None or not policy.attention.last_call or settled(deal):
        return ""
    before = _latest(deal, policy)
    if before is not None and (before.last.answered_at is not None or _is_wished(before.last)):
        return ""
    if (
        before is not None
        and asks_of_renewal(before.last.milestone, policy)
        and not _asks_of_renewal(milestone)
    ):
        return ""
    return _called(
        reached, _told_on(before.steps[0], zone_of(deal, policy)) if before is not None else None
    )


def _is_wished(step: Event) -> bool:
    """Whether somebody chose the day on which to be asked again."""
    return step.snoozed_until is not None and not step.seen


def _called(last_day: LastDay, since: date | None) -> str:
    """The reason of a last call; `since` is when the question was first asked, if it was asked
    before."""
    because = "last_call_end" if last_day.anchor is Anchor.ENDS_ON else "last_call"
    return (
        reason(because, deadline=last_day.deadline_on, since=since)
        if since
        else reason(f"{because}_first", deadline=last_day.deadline_on)
    )


def asks_of_renewal(milestone_id: str, policy: Policy) -> bool:
    """Whether the milestone of this id asks only what becomes of the renewal."""
    milestone = policy.milestone(milestone_id)
    return _asks_of_renewal(milestone) if milestone else milestone_id in SYSTEM_ASKS


def _asks_of_renewal(milestone: Milestone) -> bool:
    """Whether the milestone asks only what becomes of the renewal."""
    return milestone.asks and milestone.ask is None and ANCHORS[milestone.anchor].is_deadline


def settled(deal: Deal) -> bool:
    """Whether nothing more is asked about the renewal: notice was received, or the order has come
    in."""
    return received(deal) is not None


def _after_quiet(
    question: Question, deal: Deal, policy: Policy, today: date, now: datetime
) -> Decision:
    """Brings back a question that was snoozed or seen, on the day that was named, at the latest on
    the last working day before a deadline."""
    quiet, zone = question.last, zone_of(deal, policy)
    until = quiet.snoozed_until
    assert until is not None
    last_day = (
        None if settled(deal) else next_last_day(deal, policy, _quiet_since(quiet, zone), today)
    )
    if last_day is not None and last_day.last_on <= until:
        if today < last_day.last_on:
            ahead = _told_ahead(question, last_day, deal, policy, now)
            return ahead if ahead.events else _looks(ahead, last_day.last_on, zone)
        return _last_call(question, last_day, deal, policy, now)
    if today < until:
        return Decision(wake_at=day_start(until, zone))
    event = _step(quiet, quiet.step + 1, until, reason(_over(quiet), until=until), now)
    return Decision(events=(event,), nudges=_to_whoever_wished(quiet, event, deal, policy, today))


def _quiet_since(quiet: Event, zone: ZoneInfo) -> date:
    """The day on which somebody asked for quiet."""
    said_on = fact(quiet.answer, "on")
    return date.fromisoformat(said_on) if said_on else _told_on(quiet, zone)


def _told_on(step: Event, zone: ZoneInfo) -> date:
    """The day on which a step was said."""
    return max(step.day_on, step.at.astimezone(zone).date())


def _over(quiet: Event) -> str:
    """Why the question comes back now."""
    if code_of(quiet.answer) == "said_notice_withdrawn":
        return "withdrawn_over"
    return "seen_over" if quiet.seen else "snooze_over"


def _to_whoever_wished(
    quiet: Event, event: Event, deal: Deal, policy: Policy, today: date
) -> tuple[Nudge, ...]:
    """Nudges to the person who snoozed it or marked it as seen, if they are still here, otherwise
    to the milestone's recipients."""
    known = known_person(quiet.snoozed_by, deal)
    if known is None or not known.active:
        return nudges_of(event, _tell(event.milestone, policy), deal, policy)
    return (nudge_to(route_person(known, "snoozed", deal, policy, today), event, deal, policy),)


def _ladder(question: Question, deal: Deal, policy: Policy, today: date, now: datetime) -> Decision:
    """The latest rung or last call that has been reached; several missed ones become one
    reminder."""
    if settled(deal) or not asks(question.last.milestone, policy):
        return NOTHING
    zone = zone_of(deal, policy)
    told_on = _told_on(question.last_asked, zone)
    last_day = next_last_day(deal, policy, told_on, today) if policy.attention.last_call else None
    if last_day is not None and last_day.last_on <= today:
        return _last_call(question, last_day, deal, policy, now)
    if last_day is None and _is_over(deal, policy, today):
        return NOTHING
    rung, day = _next_rung(question, last_day, told_on, deal, policy, today)
    if day is None or day > today:
        ahead = _told_ahead(question, last_day, deal, policy, now) if last_day else NOTHING
        waits = [d for d in (day, last_day.last_on if last_day else None) if d is not None]
        return ahead if ahead.events or not waits else _looks(ahead, min(waits), zone)
    added = policy.attention.added_on(min(rung, policy.attention.last_rung))
    since = _told_on(question.first_rung, zone)
    why = reason(
        ("asked_again", "climbed", "climbed_to_admins")[len(added)], since=since, times=rung
    )
    number = max(question.last.step + 1, question.first_rung.step + rung - question.rungs_before)
    event = _step(question.last, number, day, why, now)
    nudges = nudges_of(event, (*_tell(event.milestone, policy), *added), deal, policy)
    return Decision(events=(event,), nudges=nudges, cancels=_unsent(question, deal))


def _is_over(deal: Deal, policy: Policy, today: date) -> bool:
    """Whether the last working day before every deadline has come, so that a reminder no longer
    helps."""
    days = last_days(deal, policy)
    return bool(days) and all(day.last_on <= today for day in days)


def _next_rung(
    question: Question,
    last_day: LastDay | None,
    told_on: date,
    deal: Deal,
    policy: Policy,
    today: date,
) -> tuple[int, date | None]:
    """The number and day of the next reminder, or of the latest one reached; the day is None if the
    ladder rests.

    A question that rests, or is not repeated by itself, is asked once more before a last call, so
    that there is no long silence before a deadline.
    """
    every, last_rung, calendar = (
        own_rhythm(question.last.milestone, policy),
        policy.attention.last_rung,
        calendar_of(deal, policy),
    )
    rung, since, before = (
        question.rung,
        _told_on(question.first_rung, zone_of(deal, policy)),
        question.rungs_before,
    )
    day: date | None = None
    while (
        every
        and rung < last_rung
        and (day is None or calendar.add(since, every * (rung + 1 - before)) <= today)
    ):
        rung += 1
        day = calendar.add(since, every * (rung - before))
    if day is not None:
        return rung, day
    return rung + 1, _run_up(
        told_on, last_day.last_on, every or policy.attention.repeat_every, calendar
    ) if last_day is not None else None


def _run_up(told_on: date, last_on: date, rhythm: int, calendar: Calendar) -> date | None:
    """The day of the reminder before a last call: one interval before it, or half-way if that is
    too soon after the last message; None if none is needed."""
    days = calendar.between(told_on, last_on)
    if not rhythm or days <= rhythm:
        return None
    return max(calendar.add(last_on, -rhythm), calendar.add(told_on, (days + 1) // 2))


def _last_call(
    question: Question, last_day: LastDay, deal: Deal, policy: Policy, now: datetime
) -> Decision:
    """The last call on the last working day: to the owner and whoever was asked, and to the manager
    unless somebody chose a day."""
    before, ahead = question.last, _is_told_ahead(question, last_day)
    why = _called(last_day, _told_on(question.steps[0], zone_of(deal, policy)))
    event = _step(before, before.step + 1, last_day.last_on, why, now)
    tell = dict.fromkeys(
        (*_tell(event.milestone, policy), "owner", *(() if _is_wished(before) else ("manager",)))
    )
    told = tuple(name for name in tell if name != "manager" or not ahead)
    return Decision(
        events=(event,),
        nudges=nudges_of(event, told, deal, policy),
        cancels=_unsent(question, deal),
    )


def _told_ahead(
    question: Question, last_day: LastDay, deal: Deal, policy: Policy, now: datetime
) -> Decision:
    """What the manager is told ahead of a last call that would reach them too late, or when to look
    again; nothing where it reaches them, or somebody chose a day. A quiet goes on."""
    before, zone = question.last, zone_of(deal, policy)
    if _is_wished(before) or _is_told_ahead(question, last_day):
        return NOTHING
    day = manager_told_on(last_day.last_on, deal, policy)
    if day == last_day.last_on or day < _told_on(before, zone):
        return NOTHING
    if today_of(deal, policy, now) < day:
        return Decision(wake_at=day_start(day, zone))
    since = _told_on(question.steps[0], zone)
    days = {"deadline": last_day.deadline_on, "last_on": last_day.last_on, "since": since}
    step = _step(before, before.step + 1, day, reason(_AHEAD[last_day.anchor], **days), now)
    event = replace(
        step,
        snoozed_until=before.snoozed_until,
        snoozed_by=before.snoozed_by,
        seen=before.seen,
        answer=before.answer,
    )
    return Decision(events=(event,), nudges=nudges_of(event, ("manager",), deal, policy))


def _is_told_ahead(question: Question, last_day: LastDay) -> bool:
    """Whether the manager has been told ahead of this last call."""
    why = (_AHEAD[last_day.anchor], last_day.deadline_on.isoformat())
    return any((code_of(s.reason), fact(s.reason, "deadline")) == why for s in question.steps)


def _looks(ahead: Decision, day: date, zone: ZoneInfo) -> Decision:
    """Looks again at the beginning of a day, or earlier where something is told ahead of it."""
    at = day_start(day, zone)
    return Decision(wake_at=at if ahead.wake_at is None else min(at, ahead.wake_at))


def own_rhythm(milestone_id: str, policy: Policy) -> int:
    """Business days between this milestone's reminders; 0 if it is not repeated by itself."""
    milestone = policy.milestone(milestone_id)
    own = milestone.repeat_every if milestone else None
    return policy.attention.repeat_every if own is None else own


def _tell(milestone_id: str, policy: Policy) -> tuple[str, ...]:
    """Whom the milestone tells."""
    milestone = policy.milestone(milestone_id)
    return milestone.tell if milestone else ("owner",)


def _step(before: Event, number: int, day_on: date, why: str, now: datetime) -> Event:
    """The event of a later step."""
    return Event(
        before.milestone, before.anchor_on, day_on, EventState.FIRED, why, now, step=number
    )


def _unsent(question: Question, deal: Deal) -> tuple[Cancel, ...]:
    """Cancels nudges of earlier steps that have not gone out yet: the reminder replaces them."""
    about = {(s.milestone, s.anchor_on) for s in question.steps}
    why = reason("later_told", by=question.last.milestone)
    return tuple(
        Cancel(n.key, why) for n in deal.ledger.unsent if (n.milestone, n.anchor_on) in about
    )
