"""Each number has one meaning: what a renewal is, when it is due, what has ended, what is in doubt,
what waits, what it is worth."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from scheduler.core.answers.answer import Answer
from scheduler.core.answers.effects import apply_answer
from scheduler.core.deal.contracts import Money
from scheduler.core.deal.deal import ENDED, Deal, Event, Lost
from scheduler.core.deal.pipeline import Pipeline, Stage, StageKind
from scheduler.core.facts.digest_deals import digest_deals
from scheduler.core.facts.digest_facts import (
    LISTED,
    SOON,
    TEAM_PICKS,
    WEEK_PICKS,
    DigestChanges,
    team_facts,
    weekly_facts,
)
from scheduler.core.facts.tally import (
    AHEAD,
    due_on,
    has_ended,
    is_due,
    is_history,
    is_in_doubt,
    is_renewal,
    tally,
    total,
    unanswered,
)
from scheduler.core.rules.decide import after, decide
from scheduler.core.words.labels import Label
from scheduler.core.words.lexicon import EventState, ForecastCall, Health, Language, Paperwork, Verb
from tests.cast import ANN, BOB, DEADLINE, EXISTING, T1M, T3M, at, contract, deal, policy, sent

TODAY = date(2027, 1, 4)
_STAGES = (
    Stage("qualified", StageKind.OPEN, Label.given({"ja": "見極め", "en": "Qualified"})),
    *EXISTING.stages[-2:],
)
NEW = Pipeline(
    "new_business",
    Label.given({"ja": "新規", "en": "New"}),
    _STAGES,
    "email:renewals@example.com",
    opens_pipeline="existing",
)
P = replace(
    policy(T3M, T1M, DEADLINE),
    pipelines={"existing": EXISTING, "new_business": NEW},
    base_currency="JPY",
    rates={"USD": 150.0},
)


def ending(days: int, **more: Any) -> Deal:
    return replace(deal(contract(TODAY + timedelta(days=days)), owner=ANN), **more)


def test_a_prospect_is_no_renewal() -> None:
    assert is_renewal(ending(30), P)
    assert not is_renewal(ending(30, pipeline="new_business", stage="qualified"), P)


@pytest.mark.parametrize(
    ("days", "ended", "due"),
    [(-1, True, False), (0, False, True), (AHEAD, False, True), (AHEAD + 1, False, False)],
)
def test_what_has_ended_does_not_end_again(days: int, ended: bool, due: bool) -> None:
    assert has_ended(ending(days), TODAY) is ended
    assert is_due(ending(days), P, TODAY) is due


def test_an_automatic_renewal_is_due_by_its_notice_and_not_at_all_after_one() -> None:
    automatic = deal(contract(date(2027, 3, 31), auto_renew=True, decide_by=date(2027, 1, 31)))
    assert due_on(automatic, TODAY) == date(2027, 1, 31)
    assert due_on(automatic, date(2027, 2, 1)) is None
    assert due_on(replace(automatic, notice_on=TODAY), TODAY) is None


@pytest.mark.parametrize(
    ("more", "doubt"),
    [
        ({}, False),
        ({"call": ForecastCall.RENEW}, False),
        ({"call": ForecastCall.AT_RISK}, True),
        ({"call": ForecastCall.UNSURE}, True),
        ({"call": ForecastCall.AT_RISK, "notice_on": TODAY}, False),
        ({"call": ForecastCall.AT_RISK, "paperwork": Paperwork.ORDERED}, False),
    ],
)
def test_doubt_is_the_last_word_about_it(more: dict[str, Any], doubt: bool) -> None:
    assert is_in_doubt(ending(30, **more)) is doubt


def asked() -> Deal:
    d = deal(contract(date(2027, 3, 31)), owner=ANN)
    return sent(after(d, decide(d, P, at("2026-12-31"))))


def test_a_question_waits_until_it_is_answered_or_settled() -> None:
    question = unanswered(asked(), P)
    assert question is not None
    assert question.since == date(2026, 12, 31)
    assert unanswered(replace(asked(), notice_on=TODAY), P) is None
    assert unanswered(replace(asked(), paperwork=Paperwork.ORDERED), P) is None
    answered = apply_answer(
        asked(), Answer(Verb.NOTICE, "Ann", ANN, lost=Lost("budget")), P, at("2027-01-04")
    )
    assert unanswered(replace(answered.deal, events=answered.events), P) is None


def team(deals: Sequence[Deal]) -> dict[str, Any]:
    """What Bob hears of Ann's deals."""
    return team_facts(
        {ANN: tally(deals, P, TODAY)},
        digest_deals(deals, TEAM_PICKS, P, TODAY),
        P,
        TODAY,
        Language.EN,
        {1: ANN, 2: BOB},
    )


def week(deals: Sequence[Deal]) -> dict[str, Any]:
    """What Ann hears of hers."""
    return weekly_facts(
        digest_deals(deals, WEEK_PICKS, P, TODAY),
        DigestChanges(),
        P,
        TODAY,
        None,
        Language.EN,
        at("2027-01-04 09:00"),
    )


def over(state: EventState) -> Deal:
    said = Event(ENDED, date(2026, 12, 4), date(2026, 12, 5), state, "", at("2026-12-05"))
    return replace(ending(-31), events=(said,))


def test_what_ended_before_it_was_loaded_is_counted_apart() -> None:
    assert is_history(over(EventState.BASELINE))
    assert not is_history(over(EventState.FIRED))
    facts = team([over(EventState.BASELINE), over(EventState.FIRED)])
    assert (facts["open"], facts["ended"], facts["history"], facts["ended_lines_count"]) == (
        2,
        1,
        1,
        1,
    )
    assert facts["ended_lines"][0]["days"] == 31


def test_money_is_added_where_there_is_a_rate_and_stands_beside_it_where_there_is_none() -> None:
    amounts = [
        Money(1000, "JPY"),
        Money(1000, "USD"),
        Money(500, "EUR"),
        Money(250, "EUR"),
        Money(None, "JPY"),
        Money(None, "EUR"),
    ]
    deals = [deal(contract(date(2027, 3, 31), amount=a)) for a in amounts]
    found = total(tally(deals, P, TODAY).worth, P)
    assert (found.base, found.others, found.without) == (
        Money(2500, "JPY"),
        (Money(750, "EUR"),),
        2,
    )


def test_cents_are_part_of_a_sum() -> None:
    dollars = replace(P, base_currency="USD", rates={})
    deals = [deal(contract(date(2027, 3, 31), amount=Money(1050, "USD"))) for _ in range(3)]
    assert total(tally(deals, dollars, TODAY).worth, dollars).base == Money(3150, "USD")


def test_numbers_of_two_books_add_up() -> None:
    deals = [
        ending(30),
        over(EventState.FIRED),
        asked(),
        ending(-3, contract=contract(TODAY, amount=Money(None, "JPY"))),
    ]
    assert tally(deals[:2], P, TODAY) + tally(deals[2:], P, TODAY) == tally(deals, P, TODAY)


def test_a_managers_numbers_are_those_of_the_deals() -> None:
    prospect = ending(40, pipeline="new_business", stage="qualified")
    noticed, doubtful = (
        ending(60, notice_on=TODAY, health=Health.UNKNOWN),
        replace(asked(), call=ForecastCall.AT_RISK, health=Health.STABLE),
    )
    deals = [
        prospect,
        over(EventState.FIRED),
        noticed,
        doubtful,
        ending(200, health=Health.UNKNOWN),
    ]
    facts = team(deals)
    counted = {
        name: facts[name]
        for name in (
            "open",
            "prospects",
            "ended",
            "due",
            "notices",
            "doubt",
            "unanswered",
            "not_assessed",
            "all",
        )
    }
    assert counted == {
        "open": 4,
        "prospects": 1,
        "ended": 1,
        "due": 1,
        "notices": 1,
        "doubt": 1,
        "unanswered": 2,
        "not_assessed": 2,
        "all": 5,
    }
    assert [
        len(facts[name]) for name in ("noticed", "doubtful", "ended_lines", "due_lines", "waiting")
    ] == [1, 1, 1, 1, 1]
    assert facts["counts"] == {name: facts[name] for name in facts["counts"]}
    assert all(facts["reps"][0][name] == counted[name] for name in counted)


def test_a_week_announces_no_milestone_of_a_term_that_will_be_over() -> None:
    automatic = deal(
        contract(date(2027, 3, 31), auto_renew=True, decide_by=date(2027, 1, 31)),
        owner=ANN,
        policy_version=0,
    )
    facts = week([automatic])
    comes = [(line["on"], line["label"]) for week in facts["weeks"] for line in week["lines"]]
    assert ("2027-01-31", "Notice deadline") in comes
    assert ("2027-02-03", "Renews automatically") in comes
    assert not [day for day, _ in comes if day > "2027-02-03"]
    assert facts["coming_contracts"] == 1


def test_a_week_says_where_the_order_is_there_and_nothing_is_recorded() -> None:
    ordered = replace(asked(), paperwork=Paperwork.ORDERED)
    facts = week([ordered])
    assert [line["number"] for line in facts["to_record"]] == [ordered.contract.number]
    assert (facts["waiting_count"], facts["unanswered"]) == (0, 0)


def numbered(number: int, days: int) -> Deal:
    """One of many deals, which ends in so many days."""
    return replace(ending(days, policy_version=1), id=number, key=f"k{number}")


def test_of_many_deals_a_week_names_those_that_come_first_and_counts_the_others() -> None:
    facts = week([numbered(n, 1 + n % 80) for n in range(200)])
    shown = [line for w in facts["weeks"] for line in w["lines"]]
    assert len(shown) == SOON
    assert max(line["on"] for line in shown) <= (TODAY + timedelta(days=10)).isoformat()
    assert (facts["coming_contracts"], facts["coming"] - facts["coming_rest"]) == (200, SOON)


def test_nothing_is_named_that_may_come_after_something_that_is_not() -> None:
    """What comes of the first deals on a day after that of the next one is counted, not named."""
    deals = [
        replace(d, contract=replace(d.contract, decide_by=TODAY + timedelta(days=1)))
        for d in (numbered(n, 60) for n in range(SOON + 1))
    ]
    facts = week(deals)
    shown = [line for w in facts["weeks"] for line in w["lines"]]
    assert {line["on"] for line in shown} == {(TODAY + timedelta(days=1)).isoformat()}
    assert (len(shown), facts["coming_contracts"]) == (SOON, SOON + 1)


def test_a_great_team_is_cut_to_those_who_wait_for_most() -> None:
    people = {
        replace(ANN, id=100 + n, name=f"Person {n:03}"): tally([asked()] * (n % 50), P, TODAY)
        for n in range(1, 200)
    }
    facts = team_facts(people, digest_deals([], TEAM_PICKS, P, TODAY), P, TODAY, Language.EN, {})
    assert (len(facts["reps"]), facts["reps_count"], facts["reps_rest"]) == (
        LISTED,
        199,
        199 - LISTED,
    )
    assert [r["unanswered"] for r in facts["reps"][:5]] == [49, 49, 49, 49, 48]
