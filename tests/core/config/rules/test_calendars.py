"""A calendar that is accepted never leaves the program without a business day, and closures of
companies as they are are accepted."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.core.config.rules.calendars import calendar_mistakes
from scheduler.core.config.tables.attention import Weekday
from scheduler.core.config.tables.calendars import CalendarTable, ClosureTable
from scheduler.core.time.calendar import Calendar, Closure

DAYS = st.integers(0, 365).map(lambda n: (date(2028, 1, 1) + timedelta(days=n)).strftime("%m-%d"))
ONCE = st.tuples(st.integers(0, 1500), st.integers(0, 800)).map(
    lambda d: (
        f"{date(2026, 1, 1) + timedelta(days=d[0])}..{date(2026, 1, 1) + timedelta(days=sum(d))}"
    )
)
YEARLY = st.tuples(DAYS, DAYS).map("..".join)


def mistakes(*days: str, weekend: tuple[Weekday, ...] = (Weekday.SAT, Weekday.SUN)) -> list[str]:
    """What is said of a calendar with these closures."""
    table = CalendarTable(
        weekend=list(weekend), closures=[ClosureTable(days=d, label="x") for d in days]
    )
    return [label.en for _, label in calendar_mistakes(table, ("calendars", "x"))]


@pytest.mark.parametrize(
    "days",
    [
        "12-29..01-03",
        "08-13",
        "02-29",
        "2026-08-12..2026-08-14",
        "04-29..05-05",
        "07-01..12-30",
        "2026-01-01..2026-12-30",
    ],
)
def test_closures_of_real_companies_are_accepted(days: str) -> None:
    assert mistakes(days) == []


def test_a_closure_of_a_year_is_the_longest() -> None:
    assert mistakes("2027-06-01..2028-05-31") == []
    assert mistakes("2027-06-01..2028-06-01") == [
        "would close the company for 367 days; check the years"
    ]
    assert mistakes("2028-01-01..2028-12-31") == [
        "these closures leave no business day in 2028; remove some"
    ]
    assert mistakes("01-01..07-01") == []
    assert mistakes("01-01..07-02") == [
        'would close the company on 184 days a year; did you mean "07-02..01-01"?'
    ]


@settings(max_examples=80)
@given(st.lists(st.one_of(YEARLY, ONCE), max_size=5), st.sets(st.sampled_from(Weekday)))
def test_a_calendar_that_is_accepted_has_business_days_in_every_year(
    days: list[str], weekend: set[Weekday]
) -> None:
    if mistakes(*days, weekend=tuple(weekend)):
        return
    calendar = Calendar(
        "x",
        frozenset(list(Weekday).index(d) for d in weekend),
        closures=tuple(Closure.parse(d, "x") for d in days),
    )
    for year in range(2025, 2034):
        assert any(
            calendar.is_business_day(date(year, 1, 1) + timedelta(days=n)) for n in range(365)
        ), year


def test_a_week_of_one_working_day_is_enough() -> None:
    assert mistakes(weekend=tuple(Weekday)[1:]) == []
    assert mistakes(weekend=tuple(Weekday)) == [
        "leaves no business day; remove the days on which people work"
    ]
