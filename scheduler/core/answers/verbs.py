"""Verbs: what can be answered, each with what it takes, wherever it is said: by a command, a form,
a button or a story.

Always holds: a member of `Verb` (`core.words.lexicon`) has one entry in `VERBS`; what it changes is
in `effects`, when it is offered in `offers`. Only `UNDO` changes nothing by itself: it takes the
last answer back (`services.answers.answering`). Who may say it is the same for all:
`core.deal.authority`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from scheduler.core.words.labels import Label
from scheduler.core.words.lexicon import ForecastCall, Health, Paperwork, Verb


class Asked(StrEnum):
    """What an answer asks for besides the click. A form shows them in this order; `required` ones
    may not stay empty."""

    REASON = "reason"
    SECOND = "second"
    AVOIDABLE = "avoidable"
    UNTIL = "until"
    EXPECTED_ON = "expected_on"
    ON = "on"
    AMOUNT = "amount"
    TERM = "term"
    STARTS_ON = "starts_on"
    ENDS_ON = "ends_on"
    HEALTH = "health"
    PAPERWORK = "paperwork"
    CONFIRM = "confirm"
    NOTE = "note"


class Value(NamedTuple):
    """The word that follows a verb (`call renew`): of which kind, in which field of an Answer, and
    how somebody is asked for it."""

    kind: type[ForecastCall] | type[Paperwork] | type[Health]
    field: str
    question: Label


@dataclass(frozen=True, slots=True)
class VerbRule:
    """One verb: what a command calls it, other words that are read as it, what it takes.

    `asks` is what its form asks for, `required` what may not stay empty. `called`: fields that
    have another name in its form. `ends_term`: the deal, or its term, is over with it, so the same
    command given twice must not end the next one too.
    """

    label: Label
    value: Value | None = None
    asks: tuple[Asked, ...] = ()
    required: tuple[Asked, ...] = ()
    called: Mapping[Asked, Label] = field(default_factory=dict)
    ends_term: bool = False
    spellings: tuple[str, ...] = ()


_FORECAST = (Asked.EXPECTED_ON, Asked.CONFIRM, Asked.NOTE)
_HEALTH = Value(Health, "health", Label("How is the customer doing"))

VERBS: Mapping[Verb, VerbRule] = {
    Verb.SEEN: VerbRule(Label("seen")),
    Verb.SNOOZE: VerbRule(
        Label("ask again later"),
        asks=(Asked.UNTIL, Asked.CONFIRM),
        required=(Asked.UNTIL,),
    ),
    Verb.FORECAST: VerbRule(
        Label("forecast"),
        Value(ForecastCall, "call", Label("What do you expect")),
        _FORECAST,
    ),
    Verb.NOTICE: VerbRule(
        Label("notice received"),
        asks=(Asked.REASON, Asked.ON, Asked.ENDS_ON, Asked.CONFIRM, Asked.NOTE),
        required=(Asked.REASON,),
        called={Asked.ENDS_ON: Label("The contract's last day")},
        ends_term=True,
        spellings=("解約通知",),
    ),
    Verb.NOTICE_WITHDRAWN: VerbRule(
        Label("notice withdrawn"), asks=(Asked.NOTE,), spellings=("withdrawn",)
    ),
    Verb.PAPERWORK: VerbRule(
        Label("paperwork"),
        Value(Paperwork, "paperwork", Label("How far along is it")),
        (Asked.PAPERWORK, *_FORECAST),
        (Asked.PAPERWORK,),
    ),
    Verb.HEALTH: VerbRule(
        Label("health"), _HEALTH, (Asked.HEALTH, Asked.REASON, Asked.NOTE), (Asked.HEALTH,)
    ),
    Verb.ONBOARDED: VerbRule(
        Label("onboarding done"),
        _HEALTH,
        (Asked.HEALTH, Asked.REASON, Asked.NOTE),
        (Asked.HEALTH,),
        spellings=("onboarding", "onboarding_done"),
    ),
    Verb.WON: VerbRule(
        Label("renewed"),
        asks=(
            Asked.AMOUNT,
            Asked.TERM,
            Asked.STARTS_ON,
            Asked.ENDS_ON,
            Asked.CONFIRM,
            Asked.NOTE,
        ),
        required=(Asked.AMOUNT,),
        ends_term=True,
    ),
    Verb.LOST: VerbRule(
        Label("lost"),
        asks=(Asked.REASON, Asked.SECOND, Asked.AVOIDABLE, Asked.NOTE),
        required=(Asked.REASON,),
        ends_term=True,
        spellings=("失注",),
    ),
    Verb.UNDO: VerbRule(Label("undo")),
}
"""The last day of a contract is asked for only where it has none, a confirmation only where
something is unusual."""
