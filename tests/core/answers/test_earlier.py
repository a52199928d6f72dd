"""An answer never takes the place of one that its author has not read; what only keeps quiet, and
what is said of something else, stands in nobody's way."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest

from scheduler.core.answers.answer import Answer
from scheduler.core.answers.earlier import KeptAnswer, refuse_replacing, refuse_second_closing
from scheduler.core.answers.refusals import AnsweredError, AnswerRefusedError
from scheduler.core.deal.contracts import Money
from scheduler.core.deal.deal import Deal, Won
from scheduler.core.time.dates import Term
from scheduler.core.words.lexicon import Verb
from tests.cast import ANN, at, contract, deal, policy

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
        (Verb.FORECAST, bob(Verb.NOTICE)),
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
        (Verb.FORECAST, bob(Verb.HEALTH, STABLE)),
        (Verb.HEALTH, bob(Verb.LOST)),
    ],
)
def test_what_keeps_quiet_or_is_about_something_else_is_in_nobodys_way(
    verb: Verb, other: KeptAnswer
) -> None:
    answered(verb, other)


WON = Won(Money(3_600_000, "JPY"), Term(12), date(2028, 3, 31))
RENEWED = deal(id=1, stage="won", stage_entered_at=at("2027-02-03 10:00"), won=WON)
NEXT = deal(contract(date(2028, 3, 31), starts_on=date(2027, 4, 1)), id=2)


def closed(verb: Verb, day: str, of: Deal = NEXT, *terms: Deal) -> None:
    said = Answer(verb, ANN.name, by=ANN)
    refuse_second_closing(of, terms or (RENEWED, of), said, policy(), at(day))


@pytest.mark.parametrize("verb", [Verb.WON, Verb.LOST])
@pytest.mark.parametrize("day", ["2027-02-03 11:00", "2027-02-20", "2027-03-31"])
def test_a_closing_before_the_renewed_term_has_begun_must_name_it(verb: Verb, day: str) -> None:
    with pytest.raises(AnswerRefusedError, match="'#2'"):
        closed(verb, day)


@pytest.mark.parametrize(
    ("verb", "day"),
    [(Verb.LOST, "2027-04-01"), (Verb.WON, "2027-12-01"), (Verb.FORECAST, "2027-02-20")],
)
def test_a_term_that_has_begun_and_what_closes_nothing_need_no_name(verb: Verb, day: str) -> None:
    closed(verb, day)


def test_a_first_term_and_one_named_by_its_deal_are_closed_before_they_begin() -> None:
    closed(Verb.LOST, "2027-02-20", NEXT, NEXT)
    closed(Verb.LOST, "2027-02-20", NEXT, NEXT, deal(id=3, stage="lost"))


def test_the_newest_renewal_is_the_one_that_is_named() -> None:
    first = deal(id=3, stage="won", stage_entered_at=at("2026-02-03 10:00"), won=WON)
    with pytest.raises(AnswerRefusedError, match="3 Feb 2027"):
        closed(Verb.LOST, "2027-02-20", NEXT, first, RENEWED, NEXT)
