"""Missed notice deadlines: none. A sample of what `python -m benchmarks.deadlines` tries in full,
and the judge itself on both sides."""

from datetime import date

import pytest

from benchmarks.deadlines import judged, missed
from scheduler.core.policy.deadlines import last_days, next_last_day
from scheduler.core.time.dates import Term
from scheduler.core.words.lexicon import Anchor
from tests.cast import CHIKA, contract, deal, policy

WEEKDAYS = frozenset(date(2027, 1, day) for day in range(1, 32) if date(2027, 1, day).weekday() < 5)
SUNDAY = date(2027, 1, 31)


@pytest.mark.parametrize("calendar", ["jp closed", "friday saturday", "long closures", "weekdays"])
def test_no_deadline_of_a_sample_is_missed(calendar: str) -> None:
    _, tried, alive, faults = judged(calendar, 2503)
    assert (tried, alive, faults) == (5 * 134, 1, [])


@pytest.mark.parametrize(
    ("words", "wrong"),
    [
        ([date(2027, 1, 29)], ""),
        ([date(2027, 1, 26)], ""),
        (
            [date(2027, 1, 25)],
            "the last word comes on 2027-01-25, 4 working days before 2027-01-29",
        ),
        (
            [date(2027, 1, 30)],
            "nobody is asked by 2027-01-29, the last working day before 2027-01-31",
        ),
        ([], "nobody is asked by 2027-01-29, the last working day before 2027-01-31"),
    ],
)
def test_the_judge_knows_both_sides(words: list[date], wrong: str) -> None:
    assert missed(WEEKDAYS, words, SUNDAY) == wrong


def test_the_last_days_are_working_days_of_the_owners_calendar() -> None:
    ends = deal(contract(date(2027, 1, 2), notice=Term(1)), owner=CHIKA)
    assert [(d.last_on.isoformat(), d.anchor) for d in last_days(ends, policy())] == [
        ("2026-12-02", Anchor.DECIDE_BY),
        ("2026-12-28", Anchor.ENDS_ON),
    ]
    renews = deal(contract(date(2027, 3, 31), notice=Term(2), auto_renew=True))
    assert [
        (d.last_on.isoformat(), d.deadline_on.isoformat()) for d in last_days(renews, policy())
    ] == [("2027-01-29", "2027-01-31")]
    assert not list(last_days(deal(contract(None)), policy()))


def test_a_last_day_is_the_next_one_until_its_deadline_has_passed() -> None:
    both = deal(contract(date(2027, 3, 31), notice=Term(2)))
    nexts = [
        next_last_day(both, policy(), after, today)
        for after, today in ((date(2027, 1, 28), SUNDAY), (date(2027, 1, 29), SUNDAY))
    ]
    assert [d.last_on.isoformat() for d in nexts if d] == ["2027-01-29", "2027-03-31"]
    assert next_last_day(both, policy(), date(2027, 3, 31), date(2027, 3, 31)) is None
