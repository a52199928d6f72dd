"""Calendar arithmetic against independent oracles: dateutil for months, the article's own words for
terms."""

from datetime import date, timedelta

import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import example, given
from hypothesis import strategies as st

from scheduler.core.time.calendar import ALWAYS_OPEN, WEEKDAYS, Calendar
from scheduler.core.time.dates import (
    MonthEnd,
    Offset,
    Shift,
    Term,
    add_days,
    add_months,
    decide_by,
    nth_term,
    offset_day,
    term_between,
    term_days,
    term_end,
)

days = st.dates(date(1900, 1, 1), date(2200, 12, 31))
terms = st.builds(lambda n: Term(months=n), st.integers(1, 240)) | st.builds(
    lambda n: Term(days=n), st.integers(1, 4000)
)
notices = st.just(Term()) | terms
month_ends = st.sampled_from(MonthEnd)


def next_day(day: date) -> date:
    return day + timedelta(days=1)


# Months


@given(days, st.integers(-1200, 1200))
@example(date(2028, 2, 29), -12)
def test_months_are_added_as_dateutil_adds_them(day: date, months: int) -> None:
    assert add_months(day, months) == day + relativedelta(months=months)


@given(days, st.integers(-1200, 1200))
def test_a_month_end_that_sticks_stays_a_month_end_and_other_days_clamp(
    day: date, months: int
) -> None:
    moved = add_months(day, months, MonthEnd.STICK)
    if next_day(day).day == 1:
        assert next_day(moved).day == 1
        assert (moved.year, moved.month) == (
            add_months(day, months).year,
            add_months(day, months).month,
        )
    else:
        assert moved == add_months(day, months)


def test_three_months_before_the_31st_of_may_is_the_end_of_february() -> None:
    assert add_months(date(2026, 5, 31), -3) == date(2026, 2, 28)
    assert add_months(date(2028, 5, 31), -3) == date(2028, 2, 29)


def test_arithmetic_beyond_the_calendar_stops_at_its_first_and_last_day() -> None:
    assert add_months(date(9999, 12, 1), 1) == add_days(date(9999, 12, 31), 1) == date.max
    assert add_months(date(1, 1, 31), -1) == add_days(date(1, 1, 1), -(10**12)) == date.min
    assert (
        term_end(date(9999, 1, 1), Term(months=12))
        == term_end(date(9999, 6, 1), Term(months=12))
        == date.max
    )
    assert offset_day(date.max, Offset(business_days=5), WEEKDAYS, Shift.LATER) == date.max
    assert offset_day(date.min, Offset(business_days=-5), WEEKDAYS, Shift.EARLIER) == date.min


def test_a_contract_until_the_end_of_9999_has_its_deadlines() -> None:
    assert decide_by(date.max, Term()) == date.max
    assert decide_by(date.max, Term(months=3)) == date(9999, 9, 30)
    assert offset_day(date.max, Offset(months=-3), WEEKDAYS, Shift.EARLIER) == date(9999, 9, 30)


# Offsets on a calendar


@given(
    days,
    st.builds(Offset, st.integers(-24, 24), st.integers(-60, 60), st.integers(-20, 20)),
    st.sampled_from(Shift),
    month_ends,
)
def test_an_offset_counts_months_then_days_then_business_days_then_shifts(
    day: date, offset: Offset, shift: Shift, month_end: MonthEnd
) -> None:
    reached = add_months(day, offset.months, month_end) + timedelta(days=offset.days)
    step = 1 if offset.business_days > 0 else -1
    for _ in range(abs(offset.business_days)):
        reached += timedelta(days=step)
        while reached.weekday() > 4:
            reached += timedelta(days=step)
    while shift is not Shift.NONE and reached.weekday() > 4:
        reached += timedelta(days=1 if shift is Shift.LATER else -1)
    assert offset_day(day, offset, WEEKDAYS, shift, month_end) == reached


@pytest.mark.parametrize(
    ("shift", "expected"),
    [
        (Shift.NONE, date(2027, 1, 31)),
        (Shift.EARLIER, date(2027, 1, 29)),
        (Shift.LATER, date(2027, 2, 1)),
    ],
)
def test_a_deadline_shifts_earlier_and_information_later(shift: Shift, expected: date) -> None:
    assert offset_day(date(2027, 3, 31), Offset(months=-2), WEEKDAYS, shift) == expected


def test_an_offset_from_a_months_end_sticks_to_the_months_end_if_asked() -> None:
    assert offset_day(
        date(2027, 2, 28), Offset(months=-1), WEEKDAYS, month_end=MonthEnd.STICK
    ) == date(2027, 1, 31)
    assert offset_day(date(2027, 2, 28), Offset(months=-1), WEEKDAYS) == date(2027, 1, 28)


def test_days_are_counted_on_a_calendar_that_never_closes() -> None:
    assert offset_day(date(2026, 11, 20), Offset(business_days=3), ALWAYS_OPEN) == date(
        2026, 11, 23
    )


def test_two_calendars_of_one_name_keep_their_own_days() -> None:
    short_week = Calendar("weekdays", weekend=frozenset({4, 5, 6}))
    assert [
        offset_day(date(2026, 11, 20), Offset(business_days=1), c) for c in (WEEKDAYS, short_week)
    ] == [date(2026, 11, 23)] * 2
    assert [
        offset_day(date(2026, 11, 19), Offset(business_days=1), c) for c in (WEEKDAYS, short_week)
    ] == [date(2026, 11, 20), date(2026, 11, 23)]


# Terms


def last_day_by_article_143(starts_on: date, months: int) -> date:
    """The article read literally: look for the corresponding day in the last month, day by day."""
    year, month0 = divmod(starts_on.year * 12 + starts_on.month - 1 + months, 12)
    day = date(year, month0 + 1, 1)
    while day.day != starts_on.day:
        if next_day(day).month != day.month:
            return day
        day = next_day(day)
    return day - timedelta(days=1)


@given(days, st.integers(1, 240))
@example(date(2026, 1, 31), 1)
@example(date(2024, 2, 29), 12)
def test_a_term_ends_as_article_143_says(starts_on: date, months: int) -> None:
    assert term_end(starts_on, Term(months=months)) == last_day_by_article_143(starts_on, months)


@pytest.mark.parametrize(
    ("starts_on", "text", "ends_on"),
    [
        (date(2026, 4, 1), "12 months", date(2027, 3, 31)),
        (date(2026, 4, 15), "12 months", date(2027, 4, 14)),
        (date(2026, 1, 31), "1 month", date(2026, 2, 28)),
        (date(2026, 1, 30), "1 month", date(2026, 2, 28)),
        (date(2026, 1, 29), "1 month", date(2026, 2, 28)),
        (date(2026, 1, 28), "1 month", date(2026, 2, 27)),
        (date(2028, 1, 30), "1 month", date(2028, 2, 29)),
        (date(2024, 2, 29), "1 year", date(2025, 2, 28)),
        (date(2024, 2, 29), "4 years", date(2028, 2, 28)),
        (date(2026, 4, 1), "1 day", date(2026, 4, 1)),
        (date(2026, 4, 1), "90 days", date(2026, 6, 29)),
    ],
)
def test_known_terms_end_on_their_known_day(starts_on: date, text: str, ends_on: date) -> None:
    assert term_end(starts_on, Term.parse(text)) == ends_on


def test_a_series_that_sticks_begins_each_term_on_a_months_last_day() -> None:
    starts = [nth_term(date(2026, 1, 31), Term(months=1), n, MonthEnd.STICK)[0] for n in range(4)]
    assert starts == [date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30)]
    assert term_end(date(2026, 1, 31), Term(months=1), MonthEnd.STICK) == date(2026, 2, 27)
    assert term_end(date(2026, 1, 30), Term(months=1), MonthEnd.STICK) == date(2026, 2, 28)


def test_a_term_of_no_time_is_refused() -> None:
    with pytest.raises(ValueError, match="a contract's term cannot be 0 days"):
        term_end(date(2026, 4, 1), Term())


@given(days, terms, st.integers(0, 30), month_ends)
@example(date(2026, 1, 31), Term(months=1), 1, MonthEnd.CLAMP)
@example(date(2026, 2, 28), Term(months=1), 0, MonthEnd.STICK)
def test_consecutive_terms_adjoin_without_gap_or_overlap(
    starts_on: date, term: Term, n: int, month_end: MonthEnd
) -> None:
    first, last = nth_term(starts_on, term, n, month_end)
    assert first <= last
    assert nth_term(starts_on, term, n + 1, month_end)[0] == next_day(last)
    assert nth_term(starts_on, term, 0, month_end) == (
        starts_on,
        term_end(starts_on, term, month_end),
    )


@given(days, st.integers(1, 12), st.integers(1, 60))
@example(date(2026, 1, 31), 1, 3)
def test_the_31st_does_not_drift(starts_on: date, months: int, n: int) -> None:
    started_on, _ = nth_term(starts_on, Term(months=months), n)
    month = starts_on.replace(day=1) + relativedelta(months=months * n)
    month_has_it = (month + timedelta(days=starts_on.day - 1)).month == month.month
    assert started_on == (
        month.replace(day=starts_on.day) if month_has_it else month + relativedelta(months=1)
    )


def test_terms_are_counted_from_zero() -> None:
    with pytest.raises(ValueError, match="counted from 0, not -1"):
        nth_term(date(2026, 4, 1), Term(months=1), -1)


@given(days, terms)
def test_the_term_between_two_days_leads_from_the_one_to_the_other(
    starts_on: date, term: Term
) -> None:
    ends_on = term_end(starts_on, term)
    between = term_between(starts_on, ends_on)
    assert term_end(starts_on, between) == ends_on
    assert between == term or not term.months


@given(days, st.integers(0, 4000))
def test_a_term_is_in_months_wherever_whole_months_lead_to_its_end(
    starts_on: date, length: int
) -> None:
    ends_on = starts_on + timedelta(days=length)
    fits = [m for m in range(1, 140) if last_day_by_article_143(starts_on, m) == ends_on]
    assert term_between(starts_on, ends_on) == (
        Term(months=fits[0]) if fits else Term(days=length + 1)
    )


def test_a_contract_that_ends_before_it_starts_is_refused() -> None:
    with pytest.raises(ValueError, match="ends on 2026-03-31, before it starts on 2026-04-01"):
        term_between(date(2026, 4, 1), date(2026, 3, 31))


@given(days, notices)
def test_the_days_of_a_term_are_the_days_from_its_first_to_its_last(
    starts_on: date, term: Term
) -> None:
    if term == Term():
        assert term_days(term, starts_on) == 0
    else:
        assert starts_on + timedelta(days=term_days(term, starts_on)) == next_day(
            term_end(starts_on, term)
        )


# Notice


@given(days, notices)
@example(date(2027, 5, 30), Term(months=3))
def test_notice_is_counted_back_from_the_day_after_the_end(ends_on: date, notice: Term) -> None:
    expected = (
        next_day(ends_on)
        - relativedelta(months=notice.months, days=notice.days)
        - timedelta(days=1)
    )
    assert decide_by(ends_on, notice) == expected


@given(days, notices)
def test_notice_is_never_due_after_the_end(ends_on: date, notice: Term) -> None:
    assert decide_by(ends_on, notice) <= ends_on
    assert (decide_by(ends_on, notice) == ends_on) == (notice == Term())


@given(days, st.integers(1, 60))
def test_whoever_gives_notice_in_time_leaves_the_whole_notice_before_the_end(
    ends_on: date, months: int
) -> None:
    """The notice period that begins the day after decide_by is over by the contract's end (art.
    143), and never by more than three days."""
    first_day = next_day(decide_by(ends_on, Term(months=months)))
    spare = ends_on - term_end(first_day, Term(months=months))
    assert timedelta(0) <= spare <= timedelta(days=3)
