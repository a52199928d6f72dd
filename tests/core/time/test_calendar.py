"""Calendars against a naive walk over the days, and closures as admins write them."""

from collections.abc import Mapping
from datetime import date, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from scheduler.core.time.calendar import ALWAYS_OPEN, WEEKDAYS, Calendar, CalendarError, Closure
from scheduler.core.words.lexicon import Language

YEAR_END = Closure.parse("12-29..01-03", "年末年始休業")
OBON = Closure.parse("2026-08-12..2026-08-14", "夏季休業")


def culture_day(year: int) -> Mapping[date, str]:
    return {date(year, 11, 3): "文化の日"}


JAPAN = Calendar("jp", holidays=culture_day, closures=(YEAR_END, OBON))
MIDDLE_EAST = Calendar("ae", weekend=frozenset({4, 5}))
MOSTLY_CLOSED = Calendar("seasonal", closures=(Closure.parse("02-01..12-24", "off season"),))

calendars = st.sampled_from((JAPAN, MIDDLE_EAST, MOSTLY_CLOSED, WEEKDAYS, ALWAYS_OPEN))
days = st.dates(date(2024, 1, 1), date(2029, 12, 31))


def is_open(calendar: Calendar, day: date) -> bool:
    """The slow definition: weekend, holidays and closures looked at one by one."""
    closed = any(c.covers(day) for c in calendar.closures) or day in calendar.holidays(day.year)
    return not closed and day.weekday() not in calendar.weekend


def walked(calendar: Calendar, day: date, n: int) -> date:
    """The n-th business day, one day at a time."""
    step = timedelta(days=1 if n > 0 else -1)
    while n:
        day += step
        if is_open(calendar, day):
            n += -1 if n > 0 else 1
    return day


@given(calendars, days, st.integers(-60, 60))
@example(JAPAN, date(2026, 12, 28), 1)
@example(JAPAN, date(2027, 1, 4), -1)
def test_business_days_are_those_met_by_walking(calendar: Calendar, day: date, n: int) -> None:
    assert calendar.add(day, n) == walked(calendar, day, n)


@given(calendars, days, st.integers(-60, 60))
def test_between_undoes_add(calendar: Calendar, day: date, n: int) -> None:
    assert calendar.between(day, calendar.add(day, n)) == n


@given(calendars, days, st.integers(-500, 500))
def test_between_counts_the_days_after_the_first_up_to_the_second_and_backwards_likewise(
    calendar: Calendar, a: date, apart: int
) -> None:
    b = a + timedelta(days=apart)
    passed = range(1, apart + 1) if apart > 0 else range(apart, 0)
    count = sum(is_open(calendar, a + timedelta(days=n)) for n in passed)
    assert calendar.between(a, b) == (count if apart > 0 else -count)


@given(calendars, days)
def test_a_day_is_a_business_day_or_there_is_a_reason_why_not(
    calendar: Calendar, day: date
) -> None:
    assert (
        calendar.is_business_day(day)
        == is_open(calendar, day)
        == (calendar.closed_because(day) is None)
    )


@given(calendars, days)
def test_a_business_day_stays_and_another_goes_to_its_neighbour(
    calendar: Calendar, day: date
) -> None:
    if calendar.is_business_day(day):
        assert (
            calendar.on_or_after(day) == calendar.on_or_before(day) == calendar.add(day, 0) == day
        )
    else:
        assert calendar.on_or_after(day) == walked(calendar, day, 1)
        assert calendar.on_or_before(day) == walked(calendar, day, -1)


@pytest.mark.parametrize(
    ("day", "because"),
    [
        (date(2026, 11, 2), None),
        (date(2026, 11, 3), "文化の日"),
        (date(2026, 11, 7), "Saturday"),
        (date(2026, 12, 28), None),
        (date(2026, 12, 29), "年末年始休業"),
        (date(2027, 1, 3), "年末年始休業"),
        (date(2027, 1, 4), None),
        (date(2026, 8, 13), "夏季休業"),
        (date(2027, 8, 13), None),
    ],
)
def test_a_closed_day_says_why(day: date, because: str | None) -> None:
    assert JAPAN.closed_because(day) == because


def test_the_weekday_is_named_in_the_readers_language() -> None:
    assert [WEEKDAYS.closed_because(date(2026, 11, 22), language) for language in Language] == [
        "日曜日",
        "Sunday",
    ]


def test_the_weekend_may_be_friday_and_saturday() -> None:
    assert MIDDLE_EAST.closed_because(date(2026, 11, 20)) == "Friday"
    assert MIDDLE_EAST.is_business_day(date(2026, 11, 22))


@pytest.mark.parametrize(
    "never",
    [
        Calendar("nights", weekend=frozenset(range(7))),
        Calendar("shut", closures=(Closure.parse("01-01..12-31", "closed"),)),
    ],
)
def test_a_calendar_without_business_days_says_so_instead_of_looking_for_ever(
    never: Calendar,
) -> None:
    for n in (1, -1):
        with pytest.raises(
            CalendarError,
            match=(
                f'calendar "{never.name}" has no business day in 202[56] and 202[67]; remove days '
                "from"
            ),
        ):
            never.add(date(2026, 6, 1), n)
    with pytest.raises(CalendarError):
        never.on_or_after(date(2026, 6, 1))


def test_a_company_closed_for_a_year_is_waited_for() -> None:
    rebuilt = Calendar("rebuilt", closures=(Closure.parse("2025-12-01..2027-01-31", "rebuilding"),))
    assert rebuilt.add(date(2025, 12, 1), 1) == date(2027, 2, 1)
    assert rebuilt.add(date(2027, 1, 20), -1) == date(2025, 11, 28)


def test_the_first_and_last_day_of_the_calendar_are_the_limits() -> None:
    assert WEEKDAYS.add(date(9999, 12, 30), 5) == date.max
    assert WEEKDAYS.add(date(9999, 12, 24), 1) == date(9999, 12, 27)
    assert WEEKDAYS.add(date(1, 1, 2), -5) == date.min
    assert WEEKDAYS.add(date(1, 1, 8), -1) == date(1, 1, 5)
    assert WEEKDAYS.between(date(9999, 12, 20), date.max) == 9
    assert WEEKDAYS.between(date(1, 1, 5), date.min) == -4


def test_the_way_to_the_end_of_9999_is_counted_for_a_hundred_years_only() -> None:
    century = timedelta(days=36_525)
    today = date(2026, 11, 23)
    assert (
        ALWAYS_OPEN.between(today, date.max)
        == ALWAYS_OPEN.between(today, today + century)
        == 36_525
    )
    assert (
        ALWAYS_OPEN.between(today, date.min)
        == ALWAYS_OPEN.between(today, today - century)
        == -36_525
    )


def test_calendars_with_equal_parts_are_equal_whatever_they_were_asked() -> None:
    twin = Calendar("jp", holidays=culture_day, closures=(YEAR_END, OBON))
    twin.add(date(2030, 1, 1), 10)
    assert twin == JAPAN
    assert len({twin, JAPAN, WEEKDAYS}) == 2


# Closures


@pytest.mark.parametrize(
    ("text", "closed", "opened"),
    [
        (
            "2026-08-12",
            [date(2026, 8, 12)],
            [date(2026, 8, 11), date(2026, 8, 13), date(2027, 8, 12)],
        ),
        (
            "2026-08-12..2026-08-14",
            [date(2026, 8, 12), date(2026, 8, 14)],
            [date(2026, 8, 15), date(2025, 8, 13)],
        ),
        ("2026/8/12 〜 2026/8/14", [date(2026, 8, 13)], [date(2026, 8, 15)]),
        ("05-01", [date(2026, 5, 1), date(1999, 5, 1)], [date(2026, 5, 2)]),
        (
            "12-29..01-03",
            [date(2026, 12, 29), date(2026, 12, 31), date(2026, 1, 1), date(2027, 1, 3)],
            [date(2026, 12, 28), date(2026, 1, 4)],
        ),
        ("０８－１３．．０８－１５", [date(2026, 8, 14)], [date(2026, 8, 16)]),
        ("02-29", [date(2028, 2, 29)], [date(2026, 2, 28), date(2026, 3, 1)]),
        ("02-27..02-29", [date(2026, 2, 28), date(2028, 2, 29)], [date(2026, 3, 1)]),
    ],
)
def test_a_closure_covers_its_days_and_no_others(
    text: str, closed: list[date], opened: list[date]
) -> None:
    closure = Closure.parse(text, "closed")
    assert all(closure.covers(day) for day in closed)
    assert not any(closure.covers(day) for day in opened)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Obon", '"Obon" is not a closure'),
        ("2026-08-12..08-14", '"2026-08-12..08-14" has a year on one side only'),
        ("2026-08-14..2026-08-12", '"2026-08-14..2026-08-12" ends before it begins'),
        ("02-30", '"02-30": there is no day 02-30'),
        ("01-01..01-02..01-03", '"01-01..01-02..01-03" is not a closure'),
    ],
)
def test_what_is_no_closure_is_refused_with_the_reason_and_examples(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=r"write e\.g\.") as refused:
        Closure.parse(text, "closed")
    assert str(refused.value) == (
        f'{why}; write e.g. "2026-08-12", "2026-08-12..2026-08-14", or for every year '
        '"12-29..01-03"'
    )


@given(
    st.dates(date(2000, 1, 1), date(2000, 12, 31)),
    st.dates(date(2000, 1, 1), date(2000, 12, 31)),
    st.booleans(),
)
def test_a_closure_can_be_read_back_from_its_text(a: date, b: date, yearly: bool) -> None:
    closure = Closure("closed", a, b, yearly) if yearly else Closure("closed", min(a, b), max(a, b))
    assert Closure.parse(str(closure), "closed") == closure
