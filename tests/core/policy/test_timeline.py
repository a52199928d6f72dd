"""A deal's timeline is made once for its anchors' days and shared by the deals that have the same;
whatever its days depend on keeps deals apart."""

from dataclasses import replace
from datetime import date

import pytest

from scheduler.core.deal.contracts import Customer, Money
from scheduler.core.deal.deal import Deal, Event
from scheduler.core.policy.milestone_days import due_days
from scheduler.core.policy.policy import Policy
from scheduler.core.policy.timeline import timeline
from scheduler.core.time.dates import Term
from scheduler.core.words.lexicon import Anchor, EventState
from tests.cast import (
    CHIKA,
    DAN,
    DEADLINE,
    T1M,
    T3M,
    WELCOME,
    at,
    contract,
    deal,
    milestone,
    policy,
)

TODAY = date(2026, 11, 20)
SPREAD = replace(T1M, spread=5)
REVIEW = milestone("review", "0 days", anchor=Anchor.STARTS_ON, series="review", every=Term(3))
ENTERED = milestone(
    "long_here",
    "+60 days",
    anchor=Anchor.STAGE_ENTERED_ON,
    series="long_here",
    in_stages=("stable",),
)
EXPECTED_DAY = milestone("promised", "+3 days", anchor=Anchor.EXPECTED_ON, series="promised")
ALL = policy(T3M, SPREAD, DEADLINE, WELCOME, REVIEW, ENTERED, EXPECTED_DAY)


def test_deals_with_the_same_days_have_one_timeline() -> None:
    by = policy(T3M, T1M, DEADLINE)
    other = contract(customer=Customer(2, "Midori"), amount=Money(5, "EUR"), number="C-2")
    theirs = deal(other, key="other", owner=DAN, expected_on=TODAY)
    assert timeline(deal(), by, TODAY) is timeline(theirs, by, date(2027, 1, 1))


@pytest.mark.parametrize(
    ("milestone_of", "other", "today"),
    [
        (T3M, deal(contract(date(2027, 4, 30))), TODAY),
        (DEADLINE, deal(contract(notice=Term(2))), TODAY),
        (T3M, deal(owner=CHIKA), TODAY),
        (T3M, deal(stage="won"), TODAY),
        (SPREAD, deal(key="other"), TODAY),
        (REVIEW, deal(), date(2027, 1, 5)),
        (REVIEW, deal(contract(series_starts_on=date(2025, 4, 1))), TODAY),
        (ENTERED, deal(stage_entered_at=at("2026-05-01")), TODAY),
        (EXPECTED_DAY, deal(expected_on=date(2026, 12, 1)), TODAY),
    ],
    ids=(
        "its end",
        "its deadline",
        "its owner's calendar",
        "closed",
        "spread by its key",
        "another day, of what recurs",
        "its first term",
        "its stage's day",
        "its expected day",
    ),
)
def test_what_days_depend_on_keeps_deals_apart(
    milestone_of: object, other: Deal, today: date
) -> None:
    by = policy(milestone_of)  # type: ignore[arg-type]
    assert timeline(other, by, today) is not timeline(deal(), by, TODAY)
    assert timeline(other, by, today) is timeline(replace(other, id=7), by, today)


@pytest.mark.parametrize("today", [date(2026, 4, 1), TODAY, date(2027, 3, 31)])
@pytest.mark.parametrize(
    "of", [deal(), deal(owner=CHIKA), deal(expected_on=date(2027, 2, 1)), deal(stage="lost")]
)
def test_its_days_are_those_of_each_milestone(of: Deal, today: date) -> None:
    closed = of.stage == "lost"
    mine = [(n, m) for n, m in enumerate(ALL.milestones) if not closed or "lost" in m.in_stages]
    for _ in range(2):
        assert list(timeline(of, ALL, today).days) == [
            (rank, due) for rank, m in mine for due in due_days(m, of, ALL, today)
        ]


def test_a_policy_forgets_before_it_remembers_too_much() -> None:
    by: Policy = policy()
    for n in range(5_000):
        timeline(deal(contract(date.fromordinal(TODAY.toordinal() + n))), by, TODAY)
    assert len(by.remembered) < 4_200


def test_a_ledger_is_of_one_deal() -> None:
    event = Event("renewal_3m", TODAY, TODAY, EventState.FIRED, "", at("2026-11-20"))
    asked = deal(events=(event, replace(event, milestone="gone", state=EventState.WITHDRAWN)))
    assert asked.ledger.standing == [event]
    assert asked.ledger.told == {("renewal_3m", TODAY): [event]}
    assert asked.ledger.of("gone") == ()
    after = replace(asked, events=(replace(event, step=1), event))
    assert [e.step for e in after.ledger.told["renewal_3m", TODAY]] == [0, 1]
    assert [e.step for e in after.ledger.of("renewal_3m")] == [1, 0]
