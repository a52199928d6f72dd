"""Peaks are levelled: sixty renewals of one rep that end on 31 March come up over ten working days
instead of on one."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest

from scheduler.core.deal.deal import Deal
from scheduler.core.facts.nudge_facts import why_now
from scheduler.core.policy.milestone_days import due_days, zone_of
from scheduler.core.policy.policy import Policy
from scheduler.core.time.calendar import WEEKDAYS
from scheduler.core.words.keys import deal_key
from scheduler.core.words.lexicon import Language
from tests.cast import T3M, at, contract, deal, policy
from tests.core.life import Life

PEAK = date(2027, 3, 31)
BARE = date(2026, 12, 31)
SIXTY = [
    deal(contract(PEAK, id=n, number=f"C-{n}"), id=n, key=deal_key("test", f"C-{n}"))
    for n in range(60)
]


def days_of(deals: Sequence[Deal], by: Policy) -> Counter[date]:
    """How many of the deals come up on each day."""
    (milestone,) = by.milestones
    return Counter(
        due.day_on for one in deals for due in due_days(milestone, one, by, date(2026, 11, 1))
    )


def spread_over(days: int) -> Policy:
    """Three months before the end, levelled."""
    return policy(replace(T3M, spread=days))


@pytest.mark.parametrize(
    ("spread", "days", "most"), [(0, 1, 60), (4, 5, 18), (9, 10, 11), (19, 20, 8)]
)
def test_sixty_of_one_day_are_spread_over_the_days_before_it(
    spread: int, days: int, most: int
) -> None:
    counts = days_of(SIXTY, spread_over(spread))
    assert len(counts) == days
    assert max(counts.values()) <= most
    assert max(counts) == BARE
    assert min(counts) == WEEKDAYS.add(BARE, -spread)
    assert all(WEEKDAYS.is_business_day(day) for day in counts)


def test_the_day_of_a_contract_depends_on_nothing_but_the_contract() -> None:
    by = spread_over(9)
    (milestone,) = by.milestones
    first = [d.day_on for one in SIXTY for d in due_days(milestone, one, by, date(2026, 11, 1))]
    fewer = [
        d.day_on
        for one in SIXTY[40:]
        for d in due_days(milestone, replace(one, version=9), by, date(2026, 12, 24))
    ]
    assert fewer == first[40:]


def test_each_is_told_once_on_its_own_day_and_the_nudge_says_why() -> None:
    by = spread_over(9)
    (milestone,) = by.milestones
    told: Counter[date] = Counter()
    for one in SIXTY:
        life = Life(one, by).until(at("2026-12-01"), at("2027-01-31"))
        ((event,), (_,)) = life.events, life.nudges
        told[event.at.astimezone(zone_of(one, by)).date()] += 1
        said = why_now(milestone, event, one.contract, WEEKDAYS, by, event.day_on, Language.JA)
        assert said == (
            "満了3か月前" if event.day_on == BARE else "満了3か月前(集中を避けるため前倒し)"
        )
    assert told == days_of(SIXTY, by)
