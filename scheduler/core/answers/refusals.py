"""Why an answer cannot be given (回答できない理由): one value for every door. Commands, pages and
Slack show its sentence; none of them has one of its own.

Always holds: the sentence is the same wherever the answer was given; what one would type or press
instead is kept apart from it; what depends on nothing that is typed is known before it is
(`refused`, `impossible`), so that nobody fills in a form for nothing.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from scheduler.core.answers.verbs import Asked
from scheduler.core.deal.authority import may_answer
from scheduler.core.deal.deal import TOLD, TOLD_ONLY, Deal, Event
from scheduler.core.deal.formats import day_shown, near_day
from scheduler.core.deal.people import Person
from scheduler.core.deal.pipeline import StageKind
from scheduler.core.policy.milestone_days import today_of
from scheduler.core.policy.policy import Policy
from scheduler.core.policy.relevance import event_of
from scheduler.core.rules.snooze import SnoozeLimit, snooze_limit
from scheduler.core.words.errors import LabelledError
from scheduler.core.words.labels import ByLanguage, Label
from scheduler.core.words.lexicon import Verb
from scheduler.core.words.reasons import fact, word


class AnswerRefusedError(LabelledError):
    """The answer cannot be taken; `label` says why. `beside`: the field of its form that it is
    about; None for the answer as a whole. `to_type`: what to type at a command instead."""

    def __init__(
        self, said: str | Label, /, *, beside: Asked | None = None, to_type: str = "", **facts: Any
    ) -> None:
        super().__init__(said, **facts)
        self.beside = beside
        self.to_type = to_type

    @property
    def for_command(self) -> Label:
        """The same, with what to type."""
        return (
            Label("{said}: {typed}", said=self.label, typed=self.to_type)
            if self.to_type
            else self.label
        )


class QuestionedError(AnswerRefusedError):
    """The answer is unusual: `label` says how, and it is taken when it is given again as
    `confirmed`."""

    def __init__(self, asked: Label) -> None:
        super().__init__(asked, beside=Asked.CONFIRM)

    @property
    def for_command(self) -> Label:
        """The same, with the option that confirms it."""
        return Label("{asked} To record it all the same: --yes", asked=self.label)


class ClosedError(AnswerRefusedError):
    """The deal is over: whoever wants to change that takes its closing back first."""

    def __init__(self, number: str, stage: Label) -> None:
        super().__init__(
            "this deal is closed ({stage}); to change that, undo first",
            to_type=f"renewals answer {number} undo",
            stage=stage,
        )
        self.number = number


class AnsweredError(AnswerRefusedError):
    """Somebody was first: who, with what and on which day, read from the stored `answer`."""

    def __init__(self, number: str, answer: str, today: date) -> None:
        on = fact(answer, "on")
        day = ByLanguage(near_day, date.fromisoformat(on), today) if on else None
        super().__init__(
            "this was answered already: {what}{when}",
            what=ByLanguage(word, answer),
            when=Label(" ({day})", day=day) if day else "",
        )
        self.number = number


class TakenBackError(AnswerRefusedError):
    """This very request was recorded, and what it recorded was taken back."""

    def __init__(self) -> None:
        super().__init__("this answer was recorded before and has since been undone")


class MovedError(AnswerRefusedError):
    """The day of the question is another now, so that it was put anew or will be."""

    def __init__(self) -> None:
        super().__init__(
            "a date of the contract has changed, so this question no longer applies; you will be "
            "asked again at the new date"
        )


class GoneError(AnswerRefusedError):
    """There is no such deal any more."""

    def __init__(self) -> None:
        super().__init__(
            "the contract of this reminder no longer exists (its renewal or import was undone)"
        )


class NotAllowedError(AnswerRefusedError):
    """The person has nothing to do with the deal."""

    def __init__(self) -> None:
        super().__init__(
            "only its owner, their managers, whoever stands in or was told of it, and admins can "
            "answer for this contract; if it is yours, tell an admin"
        )


class UndoneError(AnswerRefusedError):
    """What was to be undone is no longer the last thing that was said."""

    def __init__(self) -> None:
        super().__init__("this answer was undone already, or another one came after it")


def refused(
    deal: Deal,
    key: str,
    by: Person,
    verb: Verb,
    policy: Policy,
    now: datetime,
    read_at: datetime | None = None,
    *,
    once: bool,
) -> AnswerRefusedError | None:
    """Why `by` cannot give this answer to the nudge `key` (or to a deal's number `#12`), whatever
    else is said with it; None where they can.

    `read_at` is when they were shown the deal: what somebody has answered since is not silently
    replaced. `once`: a question that was answered is not answered again, as under a message.
    """
    today = today_of(deal, policy, now)
    if not may_answer(by, deal, today, key):
        return NotAllowedError()
    over = closed(deal, policy)
    if verb is Verb.UNDO:
        return None if over else UndoneError()
    first = _first(deal, key, verb, today) if once else None
    late = _since(deal, read_at, today) if read_at is not None else None
    return over or _moved(deal, key) or first or late or impossible(deal, verb, policy, today)


def answerable(
    deals: Mapping[str, Deal | None],
    key: str,
    by: Person,
    verb: Verb,
    policy: Policy,
    now: datetime,
) -> Deal:
    """The first of the deals that were told together to which `by` can give this answer under their
    message. Raises AnswerRefusedError where there is none: why not to that of `key`."""
    there = {each: deal for each, deal in deals.items() if deal is not None}
    if key not in there:
        raise GoneError
    why = {n: refused(deal, n, by, verb, policy, now, once=True) for n, deal in there.items()}
    able = next((each for each, refusal in why.items() if refusal is None), key)
    if (refusal := why[able]) is not None:
        raise refusal
    return there[able]


def _moved(deal: Deal, key: str) -> MovedError | None:
    """Whether the question of this nudge no longer stands. A deal's own number is no question."""
    nudge = next((n for n in deal.nudges if n.key == key), None)
    return MovedError() if nudge is not None and event_of(nudge, deal) is None else None


def _first(deal: Deal, key: str, verb: Verb, today: date) -> AnsweredError | MovedError | None:
    """Who has answered the question of this nudge; that it was seen counts against seeing it again
    while it keeps quiet. A deal's own number is no question."""
    nudge = next((n for n in deal.nudges if n.key == key), None)
    event = event_of(nudge, deal) if nudge else None
    if event is None:
        return None
    quiet = event.seen and event.snoozed_until is not None and event.snoozed_until > today
    if event.answered_at is not None or (verb is Verb.SEEN and quiet):
        return AnsweredError(deal.contract.number, event.answer, today)
    return None


def _since(deal: Deal, read_at: datetime, today: date) -> AnsweredError | None:
    """Who has answered anything about the deal after `read_at`, the latest of them."""
    late = [(e.answered_at, e.answer) for e in deal.events if e.answered_at is not None]
    at, answer = max(late, default=(read_at, ""))
    return AnsweredError(deal.contract.number, answer, today) if at > read_at else None


def closed(deal: Deal, policy: Policy) -> ClosedError | None:
    """Why nothing can be answered on a deal that is over; None while it is open."""
    stage = policy.pipeline(deal.pipeline).find(deal.stage)
    over = stage is not None and not stage.is_open
    return ClosedError(deal.contract.number, stage.label) if stage is not None and over else None


def impossible(deal: Deal, verb: Verb, policy: Policy, today: date) -> AnswerRefusedError | None:
    """Why an answer cannot be given, whatever else is said with it; None where it can."""
    over = closed(deal, policy)
    if over is not None:
        return over
    if verb in (Verb.SEEN, Verb.SNOOZE) and not open_asks(deal, policy):
        return AnswerRefusedError("this deal has no open question")
    limit = snooze_limit(deal, policy, today) if verb is Verb.SNOOZE else None
    if limit is not None and limit.until_on <= today:
        return AnswerRefusedError(too_long(limit, today), beside=Asked.UNTIL)
    if verb is Verb.NOTICE and deal.notice_on is not None:
        return AnswerRefusedError(
            "a notice was already received on {notice_on}", notice_on=day_shown(deal.notice_on)
        )
    if verb is Verb.NOTICE_WITHDRAWN and deal.notice_on is None:
        return AnswerRefusedError("no notice was received on this deal")
    stage = policy.pipeline(deal.pipeline).stage(deal.stage)
    if verb is Verb.ONBOARDED and stage.kind is not StageKind.ONBOARDING:
        return AnswerRefusedError(
            "this deal is not in onboarding (it is in {stage})", stage=stage.label
        )
    return None


def open_asks(deal: Deal, policy: Policy) -> tuple[Event, ...]:
    """The events that told somebody and that nobody has answered; what the manager is only told of
    is none of them."""
    return tuple(
        e
        for e in deal.events
        if e.state in TOLD and e.answered_at is None and e.milestone not in TOLD_ONLY
    )


def too_long(limit: SnoozeLimit, today: date) -> Label:
    """Until when a question can be snoozed, and why."""
    if limit.until_on <= today:
        return Label(
            "{what} is on {comes_on}, so it is too late to snooze it",
            what=limit.what,
            comes_on=day_shown(limit.comes_on),
        )
    return Label(
        "{what} is on {comes_on}, so it can be snoozed until {until_on} at the latest",
        what=limit.what,
        comes_on=day_shown(limit.comes_on),
        until_on=day_shown(limit.until_on),
    )
