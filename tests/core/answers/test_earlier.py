"""An answer never takes the place of one that its author has not read; what only keeps quiet, and
what is said of something else, stands in nobody's way."""

from collections.abc import Mapping
from typing import Any

import pytest

from scheduler.core.answers.answer import Answer
from scheduler.core.answers.earlier import KeptAnswer, refuse_replacing
from scheduler.core.answers.refusals import AnsweredError
from scheduler.core.words.lexicon import Verb
from tests.cast import ANN, at, deal, policy

READ_AT, LATER = at("2027-01-04 10:00"), at("2027-01-04 11:00")
STABLE: Mapping[str, Any] = {"health": "stable"}


def answered(verb: Verb, *since: KeptAnswer) -> None:
    refuse_replacing(deal(), Answer(verb, ANN.name, by=ANN), since, policy(), LATER)


def bob(verb: Verb, details: Mapping[str, Any] | None = None) -> KeptAnswer:
    return KeptAnswer(verb, "Bob", READ_AT, details or {})


@pytest.mark.parametrize(
    ("verb", "other"),
    [
        (Verb.WON, bob(Verb.LOST)),
        (Verb.CALL, bob(Verb.NOTICE)),
        (Verb.HEALTH, bob(Verb.HEALTH, STABLE)),
        (Verb.ONBOARDED, bob(Verb.HEALTH, STABLE)),
    ],
)
def test_what_a_colleague_said_meanwhile_is_not_replaced(verb: Verb, other: KeptAnswer) -> None:
    with pytest.raises(AnsweredError, match="Bob"):
        answered(verb, bob(Verb.SEEN), other)


@pytest.mark.parametrize(
    ("verb", "other"),
    [
        (Verb.WON, bob(Verb.SEEN)),
        (Verb.WON, bob(Verb.SNOOZE)),
        (Verb.CALL, bob(Verb.HEALTH, STABLE)),
        (Verb.HEALTH, bob(Verb.LOST)),
    ],
)
def test_what_keeps_quiet_or_is_about_something_else_is_in_nobodys_way(
    verb: Verb, other: KeptAnswer
) -> None:
    answered(verb, other)
