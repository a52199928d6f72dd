"""Who and what is refused before anything is filled in, and which reason comes first."""

from dataclasses import replace
from datetime import date

import pytest

from scheduler.core.answers.answer import Answer
from scheduler.core.answers.effects import apply_answer
from scheduler.core.answers.refusals import (
    AnsweredError,
    ClosedError,
    GoneError,
    NotAllowedError,
    UndoneError,
    answerable,
    refused,
)
from scheduler.core.deal.deal import Deal
from scheduler.core.deal.people import Person
from scheduler.core.rules.decide import after, decide
from scheduler.core.words.lexicon import ForecastCall, Language, Verb
from tests.cast import ANN, BOB, at, contract, deal, policy, sent

P, NOW, LATER = policy(), at("2027-01-05"), at("2027-01-05 15:00")
STRANGER = Person(99, "Zoe")


def told() -> Deal:
    """Ann's deal that ends on 31 March, which she was asked about on 4 January."""
    d = deal(contract(date(2027, 3, 31)))
    return sent(after(d, decide(d, P, at("2027-01-04"))))


def said(d: Deal, verb: Verb, call: ForecastCall | None = None) -> Deal:
    """The deal after Bob's answer."""
    answered = apply_answer(d, Answer(verb, BOB.name, BOB, call=call), P, NOW)
    changed = {e.key: e for e in answered.events}
    return replace(answered.deal, events=tuple(changed.get(e.key, e) for e in d.events))


def key(d: Deal) -> str:
    """The nudge that asked."""
    return d.nudges[-1].key


def test_who_was_first_is_named_with_what_they_said_and_when() -> None:
    d = said(told(), Verb.FORECAST, ForecastCall.RENEW)
    refusal = refused(d, key(d), ANN, Verb.FORECAST, P, LATER, once=True)
    assert isinstance(refusal, AnsweredError)
    assert refusal.label.alone(Language.EN) == (
        "This was answered already: Bob Hill: will renew (Tue 5 Jan)"
    )
    assert refusal.label.ja == "この件はすでに回答済みです：Bob Hill：更新予定(1/5(火))"
    assert refusal.number == "C-1"


def test_a_page_may_answer_what_was_answered_before_it_was_shown_but_not_since() -> None:
    d = said(told(), Verb.FORECAST, ForecastCall.RENEW)
    assert refused(d, key(d), ANN, Verb.FORECAST, P, LATER, NOW, once=False) is None
    early = at("2027-01-05 09:00")
    refusal = refused(d, key(d), ANN, Verb.FORECAST, P, LATER, early, once=False)
    assert isinstance(refusal, AnsweredError)


def test_a_deals_own_number_is_no_question_that_could_have_been_answered() -> None:
    d = said(told(), Verb.FORECAST, ForecastCall.RENEW)
    assert refused(d, "#1", ANN, Verb.FORECAST, P, LATER, once=True) is None


def test_what_was_seen_is_not_seen_again_but_can_be_answered() -> None:
    d = said(told(), Verb.SEEN)
    assert isinstance(refused(d, key(d), ANN, Verb.SEEN, P, LATER, once=True), AnsweredError)
    assert refused(d, key(d), ANN, Verb.FORECAST, P, LATER, once=True) is None


def test_a_deal_that_is_over_says_so_before_anything_that_was_said_of_it() -> None:
    d = replace(said(told(), Verb.FORECAST, ForecastCall.RENEW), stage="won")
    early = at("2027-01-05 09:00")
    refusal = refused(d, key(d), ANN, Verb.FORECAST, P, LATER, early, once=True)
    assert isinstance(refusal, ClosedError)
    assert refusal.number == "C-1"


def test_only_what_is_over_can_be_taken_back_by_its_message() -> None:
    d = told()
    assert isinstance(refused(d, key(d), ANN, Verb.UNDO, P, LATER, once=True), UndoneError)
    over = replace(d, stage="won")
    assert refused(over, key(d), ANN, Verb.UNDO, P, LATER, once=True) is None


def test_a_stranger_learns_nothing_of_how_the_deal_stands() -> None:
    d = replace(said(told(), Verb.FORECAST, ForecastCall.RENEW), stage="won")
    refusal = refused(d, key(d), STRANGER, Verb.FORECAST, P, LATER, once=True)
    assert isinstance(refusal, NotAllowedError)


def test_of_what_was_told_together_the_first_that_can_be_answered_is_meant() -> None:
    free = told()
    over = said(free, Verb.FORECAST, ForecastCall.RENEW)
    deals = {"#1": None, key(over): over, "#2": free}
    assert answerable(deals, key(over), ANN, Verb.FORECAST, P, LATER) is free


def test_where_none_of_it_can_be_answered_it_is_said_why_not_of_what_was_pressed() -> None:
    over = said(told(), Verb.FORECAST, ForecastCall.RENEW)
    with pytest.raises(AnsweredError):
        answerable({key(over): over}, key(over), ANN, Verb.FORECAST, P, LATER)
    with pytest.raises(NotAllowedError):
        answerable({"#2": over}, "#2", STRANGER, Verb.FORECAST, P, LATER)


def test_what_was_pressed_must_be_there_although_others_are() -> None:
    with pytest.raises(GoneError):
        answerable({"#1": None, "#2": told()}, "#1", ANN, Verb.FORECAST, P, LATER)
