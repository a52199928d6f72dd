"""Why an answer cannot be given (回答できない理由): one value for every door. Commands, pages and
Slack show its sentence; none of them has one of its own.

Always holds: the sentence is the same wherever the answer was given; what one would type at a
command is kept apart from it; what depends on nothing that is typed is known before it is
(`impossible`), so that nobody fills in a form for nothing.
"""

from datetime import date
from typing import Any

from scheduler.core.answers.verbs import Asked
from scheduler.core.deal.deal import CALL_REVIEW, NOTICE, TOLD, Deal, Event
from scheduler.core.deal.formats import long_day
from scheduler.core.deal.pipeline import StageKind
from scheduler.core.policy.policy import Policy
from scheduler.core.rules.quiet import Limit, quiet_limit
from scheduler.core.words.errors import LabelledError
from scheduler.core.words.labels import ByLanguage, Label
from scheduler.core.words.lexicon import Verb


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


class GoneError(AnswerRefusedError):
    """There is no such deal any more."""

    def __init__(self) -> None:
        super().__init__("the contract of this reminder is gone (its renewal or import was undone)")


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
        return AnswerRefusedError("nothing waits for an answer on this deal")
    limit = quiet_limit(deal, policy, today) if verb is Verb.SNOOZE else None
    if limit is not None and limit.until_on <= today:
        return AnswerRefusedError(too_long(limit, today), beside=Asked.UNTIL)
    if verb is Verb.NOTICE and deal.notice_on is not None:
        return AnswerRefusedError(
            "a notice was already received on {notice_on}", notice_on=shown(deal.notice_on)
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
    told_only = (CALL_REVIEW, NOTICE)
    return tuple(
        e
        for e in deal.events
        if e.state in TOLD and e.answered_at is None and e.milestone not in told_only
    )


def too_long(limit: Limit, today: date) -> Label:
    """Until when a question can be snoozed, and why."""
    if limit.until_on <= today:
        return Label(
            "{what} is on {comes_on}, so there is no day left to snooze it until",
            what=limit.what,
            comes_on=shown(limit.comes_on),
        )
    return Label(
        "{what} is on {comes_on}, so it can be snoozed until {until_on} at the latest",
        what=limit.what,
        comes_on=shown(limit.comes_on),
        until_on=shown(limit.until_on),
    )


def shown(day: date) -> ByLanguage:
    """A day within a sentence."""
    return ByLanguage(long_day, day)
