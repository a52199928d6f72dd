"""After a notice or an order nothing asks for the renewal: milestones, offers, words; and a day the
program chose is nobody's promise."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from scheduler.core.answers.answer import Answer
from scheduler.core.answers.effects import apply_answer
from scheduler.core.answers.offers import offers_for
from scheduler.core.deal.deal import EXPECTED, NOTICE, Deal, Event, Lost
from scheduler.core.facts.nudge_facts import nudge_facts
from scheduler.core.policy.milestone_days import anchor_day, facts_of, zone_of
from scheduler.core.policy.milestones import Milestone
from scheduler.core.policy.received import Received, is_about_renewal, received, settling
from scheduler.core.rules.decide import after, decide
from scheduler.core.rules.followup import open_question
from scheduler.core.time.dates import Term
from scheduler.core.words.lexicon import Anchor, EventState, ForecastCall, Language, Paperwork, Verb
from scheduler.core.words.reasons import code_of
from tests.cast import ANN, DEADLINE, T1M, T3M, WELCOME, at, contract, deal, milestone, policy, sent

P = policy(T3M, T1M, DEADLINE, WELCOME)
RENEWING = contract(
    date(2027, 3, 31), auto_renew=True, notice=Term(days=60), decide_by=date(2027, 1, 31)
)
REVIEW = milestone("review", "0 days", anchor=Anchor.ANNIVERSARY, series="review")
ENTERED = milestone(
    "entered",
    "+10 days",
    anchor=Anchor.STAGE_ENTERED_ON,
    series="entered",
    in_stages=("renewal_3m", "onboarding"),
)


def looked(d: Deal, day: str) -> Deal:
    return sent(after(d, decide(d, P, at(day))))


def said(d: Deal, verb: Verb, day: str, **more: Any) -> Deal:
    answered = apply_answer(d, Answer(verb, ANN.name, ANN, **more), P, at(day))
    changed = {e.key: e for e in answered.events}
    return replace(answered.deal, events=tuple(changed.get(e.key, e) for e in answered.deal.events))


def event_of(d: Deal, name: str) -> Event | None:
    standing = [e for e in d.events if e.milestone == name and e.state is not EventState.WITHDRAWN]
    return standing[-1] if standing else None


def offered(d: Deal, about: str = "renewal_3m") -> list[str]:
    return [o.id for o in offers_for(d, about, P)]


def test_a_notice_counts_before_an_order() -> None:
    ordered = deal(RENEWING, paperwork=Paperwork.ORDERED)
    assert received(deal(RENEWING)) is None
    assert received(ordered) is Received.ORDER
    assert received(replace(ordered, notice_on=date(2027, 1, 4))) is Received.NOTICE


@pytest.mark.parametrize(
    ("rule", "stage", "about"),
    [(T3M, "renewal_3m", True), (DEADLINE, "stable", True), (WELCOME, "onboarding", False), (REVIEW, "stable", False),
     (ENTERED, "renewal_3m", True), (ENTERED, "onboarding", False), (None, "stable", False)],
)  # fmt: skip
def test_what_counts_towards_the_end_is_about_the_renewal(
    rule: Milestone | None, stage: str, about: bool
) -> None:
    assert is_about_renewal(rule, deal(RENEWING, stage=stage), P) is about
    assert (
        settling(rule, deal(RENEWING, stage=stage, notice_on=date(2027, 1, 4)), P)
        is Received.NOTICE
    ) is about


def test_after_a_notice_the_deadline_is_not_asked_about_and_once_it_is_withdrawn_it_is() -> None:
    d = said(looked(deal(RENEWING), "2026-12-31"), Verb.NOTICE, "2026-12-31", lost=Lost("budget"))
    d = looked(d, "2027-01-04")
    skipped = event_of(d, "decide_by_30d")
    assert skipped is not None
    assert (skipped.state, code_of(skipped.reason)) == (EventState.SKIPPED, "notice_stands")
    d = said(d, Verb.NOTICE_WITHDRAWN, "2027-01-05")
    asked = event_of(d, "renewal_3m")
    assert asked is not None
    assert asked.answered_at is None
    assert asked.snoozed_until is not None
    assert asked.snoozed_until > date(2027, 1, 5)
    d = looked(looked(d, "2027-01-05"), "2027-01-05")
    anew = event_of(d, "decide_by_30d")
    assert anew is not None
    assert anew.state is EventState.FIRED
    assert open_question(d, P) is not None


def test_a_deadline_that_passed_under_a_notice_stays_as_it_was() -> None:
    d = looked(replace(deal(RENEWING), notice_on=date(2026, 12, 1)), "2027-01-04")
    late = decide(replace(d, notice_on=None), P, at("2027-02-01"))
    assert not [e for e in late.withdrawn if e.milestone == "decide_by_30d"]


def test_an_order_is_asked_about_once_to_be_recorded_and_never_again() -> None:
    d = looked(deal(contract(date(2027, 3, 31)), paperwork=Paperwork.ORDERED), "2026-12-31")
    assert event_of(d, "renewal_3m") is not None
    assert not decide(d, P, at("2027-01-20")).nudges


def test_after_a_notice_no_renewal_and_no_forecast_is_offered() -> None:
    noticed = deal(RENEWING, stage="renewal_3m", notice_on=date(2027, 1, 4))
    for about in ("renewal_3m", NOTICE, EXPECTED):
        assert offered(noticed, about) == ["notice_withdrawn", "lost", "health"]
    assert offered(replace(noticed, paperwork=Paperwork.ORDERED))[0] == "notice_withdrawn"


def test_after_an_order_the_renewal_is_offered_first_and_no_forecast() -> None:
    ordered = offered(deal(RENEWING, stage="renewal_3m", paperwork=Paperwork.ORDERED))
    assert ordered[0] == "won"
    assert "notice" in ordered
    assert not {"renew", "at_risk", "unsure"} & set(ordered)


def test_onboarding_goes_on_under_a_notice() -> None:
    noticed = deal(RENEWING, stage="onboarding", notice_on=date(2027, 1, 4))
    assert offered(noticed, "onboarding_30d") == [
        "onboarded",
        "health",
        "snooze",
        "seen",
        "lost",
        "notice_withdrawn",
    ]


def facts(d: Deal, rule: Milestone | str) -> dict[str, Any]:
    name = rule if isinstance(rule, str) else rule.id
    about = Event(name, date(2027, 3, 31), date(2027, 1, 4), EventState.FIRED, "", at("2027-01-04"))
    return nudge_facts(d, rule, about, P, date(2027, 1, 14), Language.EN)


def test_a_milestone_does_not_ask_after_a_notice_and_its_configured_question_is_not_put() -> None:
    rule = replace(T3M, ask=T3M.label)
    noticed = facts(deal(RENEWING, notice_on=date(2027, 1, 4)), rule)
    assert (noticed["asks"], noticed["ask"], noticed["received"]) == (False, "", "notice")
    ordered = facts(deal(RENEWING, paperwork=Paperwork.ORDERED), rule)
    assert (ordered["asks"], ordered["ask"], ordered["received"]) == (True, "", "order")
    plain = facts(deal(RENEWING), rule)
    assert (plain["asks"], bool(plain["ask"]), plain["received"]) == (True, True, "")


@pytest.mark.parametrize(
    ("more", "read"),
    [
        ({}, (False, "none", "none")),
        ({"notice_on": date(2027, 1, 4)}, (True, "none", "none")),
        (
            {"call": ForecastCall.AT_RISK, "paperwork": Paperwork.QUOTED},
            (False, "at_risk", "quoted"),
        ),
    ],
)
def test_conditions_read_notice_call_and_paperwork(
    more: dict[str, Any], read: tuple[object, ...]
) -> None:
    found = facts_of(deal(RENEWING, **more))
    assert (found["notice"], found["call"], found["paperwork"]) == read


def test_a_day_that_nobody_named_is_the_programs() -> None:
    d = looked(deal(contract(date(2027, 3, 31))), "2026-12-31")
    chosen = said(d, Verb.FORECAST, "2026-12-31", call=ForecastCall.RENEW)
    assert (chosen.expected_on, chosen.expected_by_default) == (date(2027, 2, 26), True), (
        "when something is asked anyway"
    )
    named = said(
        chosen, Verb.FORECAST, "2027-01-04", call=ForecastCall.RENEW, expected_on=date(2027, 1, 14)
    )
    assert (named.expected_on, named.expected_by_default) == (date(2027, 1, 14), False)
    again = said(named, Verb.PAPERWORK, "2027-01-05", paperwork=Paperwork.QUOTED)
    assert (again.expected_on, again.expected_by_default) == (date(2027, 1, 14), False)
    kept = said(chosen, Verb.PAPERWORK, "2027-01-05", paperwork=Paperwork.QUOTED)
    assert (kept.expected_on, kept.expected_by_default) == (date(2027, 2, 26), True)


def test_nothing_counts_from_a_day_that_nobody_named() -> None:
    order_due = milestone("order_due", "0 days", anchor=Anchor.EXPECTED_ON, series="order")
    named = deal(RENEWING, expected_on=date(2027, 1, 14))
    assert anchor_day(order_due, named, zone_of(named, P)) == date(2027, 1, 14)
    chosen = replace(named, expected_by_default=True)
    assert anchor_day(order_due, chosen, zone_of(chosen, P)) is None


@pytest.mark.parametrize(
    ("chosen", "label", "code", "first"),
    [
        (True, "Where do things stand?", "time_to_ask", "renew"),
        (False, "Decision or order expected", "expected_day", "won"),
    ],
)
def test_only_a_named_day_is_called_expected(
    chosen: bool, label: str, code: str, first: str
) -> None:
    answered = said(
        looked(deal(contract(date(2027, 3, 31))), "2026-12-31"),
        Verb.FORECAST,
        "2026-12-31",
        call=ForecastCall.RENEW,
    )
    d = replace(answered, expected_on=date(2027, 1, 14), expected_by_default=chosen)
    (event,) = [e for e in decide(d, P, at("2027-01-14")).events if e.milestone == EXPECTED]
    assert code_of(event.reason) == code
    assert facts(d, EXPECTED)["label"] == label
    assert facts(d, EXPECTED)["expected_said"] is not chosen
    assert offered(d, EXPECTED)[0] == first
