"""Follow-up: a question that nobody answers is asked again, then climbs; what was snoozed or seen comes back on its day (DESIGN §5 "Attention").

One ladder for each deal, that of the latest question: an answer settles all of them, and T-1m silences T-3m. Rung 0 is the first telling, or the
return of what was snoozed or seen; each further rung is `repeat_every` business days later, counted from rung 0 and never chained. The rungs first
repeat to those the milestone tells, then add the manager, then the admins; then the ladder ends, and digests keep the question alive. Nothing is
repeated after the end (`renewal` asks then), once notice was received, or once the order is there.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from scheduler.core.deal import ENDED, NOTHING, SYSTEM_ASKS, Cancel, Deal, Decision, Event, Nudge
from scheduler.core.policy import Policy
from scheduler.core.reasons import code_of, reason
from scheduler.core.routing import route_person
from scheduler.core.rules.telling import UNSENT, nudge_to, nudges_of
from scheduler.core.schedule import calendar_of, day_start, zone_of
from scheduler.core.words import EventState, Paperwork


@dataclass(frozen=True, slots=True)
class Question:
    """All steps of one milestone's day that were told, the latest last."""

    steps: tuple[Event, ...]

    @property
    def last(self) -> Event:
        """What was said last."""
        return self.steps[-1]

    @property
    def first_rung(self) -> Event:
        """The step from which reminders count: the first, or the one after the last that somebody snoozed or had seen."""
        reacted = [n for n, step in enumerate(self.steps[:-1]) if step.snoozed_until is not None]
        return self.steps[reacted[-1] + 1] if reacted else self.steps[0]

    @property
    def rung(self) -> int:
        """How many reminders have gone out since then."""
        return self.last.step - self.first_rung.step


def followup(deal: Deal, policy: Policy, now: datetime) -> Decision:
    """What is asked again now, and when next."""
    stage = policy.pipeline(deal.pipeline).find(deal.stage)
    question = open_question(deal, policy)
    if stage is None or not stage.is_open or question is None:
        return NOTHING
    today = now.astimezone(zone_of(deal, policy)).date()
    if question.last.snoozed_until is not None:
        return _after_quiet(question, deal, policy, today, now)
    return _ladder(question, deal, policy, today, now)


def open_question(deal: Deal, policy: Policy) -> Question | None:
    """The latest question that waits for an answer or for a quiet time to end; None if everything is answered."""
    last = max(_questions(deal, policy), key=lambda q: (q.last.at, q.last.day_on, q.last.step), default=None)
    return last if last is not None and last.last.answered_at is None else None


def _questions(deal: Deal, policy: Policy) -> Iterator[Question]:
    """Every milestone's day that was told and that asks something or was snoozed."""
    steps: dict[tuple[str, date], list[Event]] = {}
    for event in deal.events:
        if event.state is EventState.FIRED and event.milestone != ENDED:
            steps.setdefault((event.milestone, event.anchor_on), []).append(event)
    for told in steps.values():
        question = Question(tuple(sorted(told, key=lambda e: e.step)))
        if asks(question.last.milestone, policy) or question.last.snoozed_until is not None:
            yield question


def asks(milestone_id: str, policy: Policy) -> bool:
    """Whether an answer is wanted."""
    milestone = policy.milestone(milestone_id)
    return milestone.asks if milestone else milestone_id in SYSTEM_ASKS


def _after_quiet(question: Question, deal: Deal, policy: Policy, today: date, now: datetime) -> Decision:
    """Snoozed or seen: it comes back on the day that was named, to the one who wished it or had seen it."""
    until = question.last.snoozed_until
    assert until is not None
    if today < until:
        return Decision(wake_at=day_start(until, zone_of(deal, policy)))
    why = reason(_over(question.last), until=until)
    event = _step(question.last, question.last.step + 1, until, why, now)
    return Decision(events=(event,), nudges=_to_whoever_wished(question.last, event, deal, policy, today))


def _over(quiet: Event) -> str:
    """Why it comes back: what had put it off is over."""
    if code_of(quiet.answer) == "said_notice_withdrawn":
        return "withdrawn_over"
    return "seen_over" if quiet.seen else "snooze_over"


def _to_whoever_wished(quiet: Event, event: Event, deal: Deal, policy: Policy, today: date) -> tuple[Nudge, ...]:
    """To the person who snoozed it or had seen it if he is still with us, else to those whom the milestone tells."""
    person = deal.people.get(quiet.snoozed_by) if quiet.snoozed_by is not None else None
    known = person or next((p for p in (deal.owner, deal.manager, deal.sales) if p and p.id == quiet.snoozed_by), None)
    if known is None or not known.active:
        return nudges_of(event, _tell(event.milestone, policy), deal, policy)
    return (nudge_to(route_person(known, "snoozed", deal, policy, today), event, deal, policy),)


def _ladder(question: Question, deal: Deal, policy: Policy, today: date, now: datetime) -> Decision:
    """The latest rung that has been reached; several missed at once are one reminder."""
    every = _every(question.last.milestone, policy)
    settled = deal.notice_on is not None or deal.paperwork is Paperwork.ORDERED
    if settled or not every or question.rung >= policy.attention.last_rung or not asks(question.last.milestone, policy):
        return NOTHING
    zone, calendar = zone_of(deal, policy), calendar_of(deal, policy)
    first = question.first_rung
    since = max(first.day_on, first.at.astimezone(zone).date())
    rung, ends_on = question.rung + 1, deal.contract.ends_on
    day = calendar.add(since, every * rung)
    if day > today:
        over = ends_on is not None and day > ends_on
        return NOTHING if over else Decision(wake_at=day_start(day, zone))
    while rung < policy.attention.last_rung and (following := calendar.add(since, every * (rung + 1))) <= today:
        rung, day = rung + 1, following
    if ends_on is not None and day > ends_on:
        return NOTHING
    added = policy.attention.added_on(rung)
    why = reason(("asked_again", "climbed", "climbed_to_admins")[len(added)], since=since, times=rung)
    event = _step(question.last, first.step + rung, day, why, now)
    nudges = nudges_of(event, (*_tell(event.milestone, policy), *added), deal, policy)
    return Decision(events=(event,), nudges=nudges, cancels=_unsent(question, deal))


def _every(milestone_id: str, policy: Policy) -> int:
    """Business days between reminders of this milestone."""
    milestone = policy.milestone(milestone_id)
    own = milestone.repeat_every if milestone else None
    return policy.attention.repeat_every if own is None else own


def _tell(milestone_id: str, policy: Policy) -> tuple[str, ...]:
    """Whom the milestone tells."""
    milestone = policy.milestone(milestone_id)
    return milestone.tell if milestone else ("owner",)


def _step(before: Event, number: int, day_on: date, why: str, now: datetime) -> Event:
    """The event of a later step."""
    return Event(before.milestone, before.anchor_on, day_on, EventState.FIRED, why, now, step=number)


def _unsent(question: Question, deal: Deal) -> tuple[Cancel, ...]:
    """What of the earlier steps has not gone out yet: the reminder says it."""
    about = {(s.milestone, s.anchor_on) for s in question.steps}
    why = reason("later_told", by=question.last.milestone)
    return tuple(Cancel(n.key, why) for n in deal.nudges if n.state in UNSENT and (n.milestone, n.anchor_on) in about)
