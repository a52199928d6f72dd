"""What comes for a deal is what the rules will do: Ann's contracts, lived ahead on paper."""

from dataclasses import replace
from datetime import date, datetime

import pytest

from scheduler.core.answers.answer import Answer
from scheduler.core.answers.effects import apply_answer
from scheduler.core.deal.deal import Deal, Lost
from scheduler.core.facts.coming import upcoming
from scheduler.core.policy.policy import Policy
from scheduler.core.rules.decide import after, decide
from scheduler.core.time.dates import Term
from scheduler.core.words.lexicon import ForecastCall, Verb
from tests.cast import ANN, DEADLINE, T1M, T3M, at, contract, deal, policy
from tests.core.life import Life

EVERY_RULE = policy(T3M, T1M, DEADLINE)


def told(
    of: Deal, now: datetime, under: Policy = EVERY_RULE, days: int = 400
) -> list[tuple[str, str, tuple[str, ...]]]:
    return [(u.on.isoformat(), u.what.en, u.asked) for u in upcoming([of], under, now, days)]


def test_milestones_deadline_and_end_come_in_order_with_those_who_are_told() -> None:
    assert told(deal(contract(notice=Term(2))), at("2026-10-01")) == [
        ("2026-12-31", "renewal_3m", ("Ann Ito",)),
        ("2027-01-01", "decide_by_30d", ("Ann Ito",)),
        ("2027-01-31", "the decision deadline", ()),
        ("2027-02-26", "renewal_1m", ("Ann Ito",)),
        ("2027-03-31", "the end", ()),
        ("2027-04-01", "asks how it ended, if nobody has said", ("Ann Ito",)),
    ]


def test_an_automatic_renewal_ends_the_list() -> None:
    assert told(deal(contract(notice=Term(2), auto_renew=True)), at("2027-01-04"))[-2:] == [
        ("2027-01-31", "the notice deadline", ()),
        ("2027-02-03", "renews automatically", ("Ann Ito",)),
    ]


def test_a_notice_ends_it_on_the_day_that_decides() -> None:
    given = deal(
        contract(notice=Term(2), auto_renew=True),
        notice_on=date(2027, 1, 20),
        notice_lost=Lost("budget"),
    )
    assert told(given, at("2027-01-25"))[-1] == (
        "2027-02-03",
        "closed as lost, as the customer gave notice",
        (),
    )


def test_nothing_beyond_the_horizon_and_nothing_for_a_closed_deal() -> None:
    assert [
        what for _, what, _ in told(deal(contract(notice=Term(2))), at("2026-10-01"), days=100)
    ] == ["renewal_3m", "decide_by_30d"]
    assert told(deal(stage="won"), at("2027-04-10")) == []


def test_a_milestone_reached_and_not_decided_yet_comes_today() -> None:
    assert told(deal(), at("2027-01-04"))[0] == ("2027-01-04", "renewal_3m", ("Ann Ito",))


def test_what_was_snoozed_comes_back_to_the_one_who_asked() -> None:
    asked = after(deal(), decide(deal(), EVERY_RULE, at("2027-01-04")))
    snoozed = apply_answer(
        asked,
        Answer(Verb.SNOOZE, ANN.name, ANN, until=date(2027, 1, 18)),
        EVERY_RULE,
        at("2027-01-05"),
    )
    again = replace(asked, events=snoozed.events, nudges=())
    assert told(again, at("2027-01-05"))[0] == ("2027-01-18", "renewal_3m", ("Ann Ito",))


def test_who_nobody_is_goes_to_the_fallback_by_its_address() -> None:
    assert told(deal(owner=None), at("2026-12-01"))[0][2] == ("email:renewals@example.com",)


def test_a_deal_that_cannot_be_decided_hides_no_other() -> None:
    nowhere = deal(owner=replace(ANN, zone="Mars/Olympus"))
    found = upcoming(
        [nowhere, deal(replace(contract(), number="C-2"))], EVERY_RULE, at("2026-12-01"), 60
    )
    assert [(u.contract, u.what.en) for u in found] == [
        ("C-1", "cannot be decided (`renewals run --dry-run` says why)"),
        ("C-2", "renewal_3m"),
    ]


@pytest.mark.parametrize("auto_renew", [False, True])
@pytest.mark.parametrize("notice", [None, Term(1), Term(2), Term(3)])
@pytest.mark.parametrize("ends_on", [date(2027, 3, 31), date(2027, 5, 10), date(2027, 12, 31)])
@pytest.mark.parametrize("call", [None, ForecastCall.RENEW])
def test_it_is_what_will_happen(
    ends_on: date, notice: Term | None, auto_renew: bool, call: ForecastCall | None
) -> None:
    """Living the deal for a year by its alarm tells the same people the same things on the same
    days, up to the first reminder after the end."""
    start, first = (
        at("2026-10-01"),
        deal(contract(ends_on, notice=notice, auto_renew=auto_renew), call=call),
    )
    life = Life(first, EVERY_RULE).until(start, at("2027-10-01"))
    happened = [
        (e.day_on.isoformat(), e.milestone)
        for e in life.events
        if e.state.value == "fired" and (e.milestone != "ended" or e.step == 0)
    ]
    foreseen = [
        (u.on.isoformat(), u.milestone)
        for u in upcoming([first], EVERY_RULE, start, 365)
        if u.milestone
    ]
    assert foreseen == happened
