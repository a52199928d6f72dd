"""Calendar arithmetic: months, days, business days, terms and notice; and the two functions that
convert between days and instants.

Always holds: months are counted from the original day, never chained; a result before year 1 or
after year 9999 becomes `date.min` or `date.max`, because contracts "until 9999-12-31" exist and
must not stop anything.
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo

from scheduler.core.time.calendar import Calendar
from scheduler.core.words.units import counted, read

_FIRST_INSTANT, _LAST_INSTANT = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


class MonthEnd(StrEnum):
    """What becomes of a month's last day when months are added: kept as a number and clamped, or it
    sticks to the month's end."""

    CLAMP = "clamp"
    STICK = "stick"


class Shift(StrEnum):
    """Where a day that is not a business day moves: earlier for deadlines, later for information,
    none to stay."""

    EARLIER = "earlier"
    LATER = "later"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Offset:
    """A distance from one day to another: months first, then days, then business days."""

    months: int = 0
    days: int = 0
    business_days: int = 0

    @classmethod
    def parse(cls, text: str) -> "Offset":
        """An offset from English or Japanese. Either every part has a sign or none has; 前 and
        before count back.

        Raises ValueError with what is wrong and an example.

        >>> Offset.parse("-1 month -5 days"), Offset.parse("+10 business days")
        (Offset(months=-1, days=-5, business_days=0), Offset(months=0, days=0, business_days=10))
        >>> str(Offset.parse("3か月前")), str(Offset.parse("10営業日後")), str(Offset.parse("当日"))
        ('-3 months', '+10 business days', '0 days')
        >>> Offset.parse("3 moths")
        Traceback (most recent call last):
        ValueError: "3 moths" is not an offset; write e.g. "-3 months" (expected a number and years, months, weeks, days or business days)
        """  # noqa: E501
        try:
            return cls(**read(text))
        except ValueError as error:
            raise ValueError(
                f'"{text}" is not an offset; write e.g. "-3 months" ({error})'
            ) from None

    def __str__(self) -> str:
        fields = ((self.months, "month"), (self.days, "day"), (self.business_days, "business day"))
        return " ".join(counted(number, unit, "+") for number, unit in fields if number) or "0 days"


@dataclass(frozen=True, slots=True)
class Term:
    """A length of time as contracts write it, in months or in days, never both. Without either its
    length is zero (allowed for a notice)."""

    months: int = 0
    days: int = 0

    def __post_init__(self) -> None:
        if self.months < 0 or self.days < 0:
            raise ValueError("a term has no sign")
        if self.months and self.days:
            raise ValueError("a term is in months or in days, not in both")

    @classmethod
    def parse(cls, text: str) -> "Term":
        """A term from English or Japanese; a bare number is months. A notice may end in 前 or
        before.

        Raises ValueError with what is wrong and an example.

        >>> Term.parse("1 year"), Term.parse("90日"), Term.parse("12")
        (Term(months=12, days=0), Term(months=0, days=90), Term(months=12, days=0))
        >>> Term.parse("-1 month")
        Traceback (most recent call last):
        ValueError: "-1 month" is not a length of time; write e.g. "12 months" or "90 days" (a term has no sign)
        """  # noqa: E501
        length = _without_before(text)
        try:
            sums = read(f"{length} months" if length.isdecimal() else length)
            if "business_days" in sums:
                raise ValueError("no contract runs in business days")
            return cls(**sums)
        except ValueError as error:
            raise ValueError(
                f'"{text}" is not a length of time; write e.g. "12 months" or "90 days" ({error})'
            ) from None

    def __str__(self) -> str:
        return counted(self.months, "month") if self.months else counted(self.days, "day")


def _without_before(text: str) -> str:
    """A length without the 前 or "before" at its end."""
    plain = text.strip()
    word = next((w for w in ("前", "before") if plain.lower().endswith(w)), "")
    return plain[: len(plain) - len(word)].rstrip()


def _month_length(year: int, month: int) -> int:
    """How many days a month has."""
    return monthrange(year, month)[1]


def _ends_month(day: date) -> bool:
    """Whether `day` is its month's last."""
    return day.day == _month_length(day.year, day.month)


def add_days(day: date, days: int) -> date:
    """`day` moved by `days`, at most to `date.min` or `date.max`."""
    try:
        return day + timedelta(days=days)
    except OverflowError:
        return date.max if days > 0 else date.min


def add_months(day: date, months: int, month_end: MonthEnd = MonthEnd.CLAMP) -> date:
    """The same day of the month `months` later, or that month's last day if it has no such day.

    `MonthEnd.STICK` also takes a month's last day to the last day of the resulting month.

    >>> (add_months(date(2026, 5, 31), -3), add_months(date(2026, 2, 28), 1),
    ...  add_months(date(2026, 2, 28), 1, MonthEnd.STICK))
    (datetime.date(2026, 2, 28), datetime.date(2026, 3, 28), datetime.date(2026, 3, 31))
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if not date.min.year <= year <= date.max.year:
        return date.max if months > 0 else date.min
    length = _month_length(year, month + 1)
    sticks = month_end is MonthEnd.STICK and _ends_month(day)
    return date(year, month + 1, length if sticks else min(day.day, length))


@lru_cache(maxsize=8192)  # many contracts share their days
def is_far(ends_on: date, today: date) -> bool:
    """Whether an end is so far ahead, over ten years, that its year may be mistyped.

    >>> today = date(2026, 11, 29)
    >>> is_far(date(2036, 11, 29), today), is_far(date(2072, 3, 31), today)
    (False, True)
    """
    return ends_on > add_months(today, 120)


def offset_day(
    anchor: date,
    offset: Offset,
    calendar: Calendar,
    shift: Shift = Shift.NONE,
    month_end: MonthEnd = MonthEnd.CLAMP,
) -> date:
    """The day that lies `offset` from `anchor`: months, then days, then business days of
    `calendar`, then the shift off a closed day.

    >>> from scheduler.core.time.calendar import WEEKDAYS
    >>> offset_day(date(2027, 4, 30), Offset(months=-3), WEEKDAYS, Shift.EARLIER)
    datetime.date(2027, 1, 29)
    """
    day = add_days(add_months(anchor, offset.months, month_end), offset.days)
    day = calendar.add(day, offset.business_days)
    if shift is Shift.EARLIER:
        return calendar.on_or_before(day)
    return calendar.on_or_after(day) if shift is Shift.LATER else day


def term_end(starts_on: date, term: Term, month_end: MonthEnd = MonthEnd.CLAMP) -> date:
    """The last day of a term that begins on `starts_on` (Civil Code of Japan, art. 143).

    A term in months ends on the day before the one that corresponds to its first day; if the last
    month has no such day, it ends on that month's last day. With `MonthEnd.STICK` a month's last
    day corresponds to a month's last day. Raises ValueError for a length of zero.

    >>> term_end(date(2026, 4, 1), Term(months=12)), term_end(date(2026, 1, 15), Term(months=1))
    (datetime.date(2027, 3, 31), datetime.date(2026, 2, 14))
    >>> term_end(date(2026, 1, 31), Term(months=1)), term_end(date(2026, 1, 31), Term(months=2))
    (datetime.date(2026, 2, 28), datetime.date(2026, 3, 30))
    >>> (term_end(date(2026, 1, 31), Term(months=1), MonthEnd.STICK),
    ...  term_end(date(2026, 2, 28), Term(months=1), MonthEnd.STICK))
    (datetime.date(2026, 2, 27), datetime.date(2026, 3, 30))
    """
    if term == Term():
        raise ValueError("a contract's term cannot be 0 days; give its months or days")
    if term.days:
        return add_days(starts_on, term.days - 1)
    there = add_months(starts_on, term.months, month_end)
    sticks = month_end is MonthEnd.STICK and _ends_month(starts_on)
    corresponds = there.day >= starts_on.day or sticks
    return add_days(there, -1) if corresponds and there != date.max else there


def nth_term(
    series_starts_on: date, term: Term, n: int, month_end: MonthEnd = MonthEnd.CLAMP
) -> tuple[date, date]:
    """The first and last day of a series' n-th term, n from 0, counted from the series' first day:
    terms adjoin and never drift.

    >>> [nth_term(date(2026, 1, 31), Term(months=1), n)[1].isoformat() for n in range(4)]
    ['2026-02-28', '2026-03-30', '2026-04-30', '2026-05-30']
    """
    if n < 0:
        raise ValueError(f"terms are counted from 0, not {n}")
    last = term_end(series_starts_on, Term(term.months * (n + 1), term.days * (n + 1)), month_end)
    if n == 0:
        return series_starts_on, last
    return add_days(
        term_end(series_starts_on, Term(term.months * n, term.days * n), month_end), 1
    ), last


def decide_by(ends_on: date, notice: Term) -> date:
    """The last day on which notice can be given (解約通知期限): the notice before the day after the
    end, less one day. Never shifted.

    >>> (decide_by(date(2027, 3, 31), Term(months=2)),
    ...  decide_by(date(2027, 3, 31), Term(months=3)), decide_by(date(2027, 3, 31), Term()))
    (datetime.date(2027, 1, 31), datetime.date(2026, 12, 31), datetime.date(2027, 3, 31))
    """
    if notice.days or not notice.months:
        return add_days(ends_on, -notice.days)
    if _ends_month(ends_on):
        return add_months(ends_on, -notice.months, MonthEnd.STICK)
    return add_days(add_months(add_days(ends_on, 1), -notice.months), -1)


def term_between(starts_on: date, ends_on: date) -> Term:
    """The term from the first to the last day: in months if whole months fit exactly (art. 143),
    else in days.

    Raises ValueError if it ends before it starts.

    >>> (term_between(date(2026, 4, 1), date(2027, 3, 31)),
    ...  term_between(date(2026, 4, 1), date(2026, 4, 10)))
    (Term(months=12, days=0), Term(months=0, days=10))
    """
    if ends_on < starts_on:
        raise ValueError(
            f"the contract ends on {ends_on}, before it starts on {starts_on}; correct one of "
            "the two"
        )
    apart = (ends_on.year - starts_on.year) * 12 + ends_on.month - starts_on.month
    months = next(
        (m for m in (apart, apart + 1) if m and term_end(starts_on, Term(months=m)) == ends_on), 0
    )
    return Term(months=months) if months else Term(days=(ends_on - starts_on).days + 1)


def term_days(term: Term, from_day: date) -> int:
    """The length in days of a term that begins on `from_day`; 0 for a length of zero.

    >>> term_days(Term(months=1), date(2026, 2, 1)), term_days(Term(days=90), date(2026, 2, 1))
    (28, 90)
    """
    return 0 if term == Term() else (term_end(from_day, term) - from_day).days + 1


def send_instant(day: date, at: time, zone: ZoneInfo) -> datetime:
    """The instant (UTC) at which clocks in `zone` show `at` on `day`: the only conversion from a
    day to an instant.

    Daylight saving: a time that the clocks skip moves forward by the gap (02:30 becomes 03:30; a
    day that a zone skips becomes the next); for a time that they show twice, the earlier instant
    counts. Outside the years 1 to 9999 in UTC the result is the first or last possible instant.

    >>> send_instant(date(2026, 3, 8), time(2, 30), ZoneInfo("America/New_York")).isoformat()
    '2026-03-08T07:30:00+00:00'
    """
    wall = datetime.combine(day, at.replace(tzinfo=None, fold=0), zone)
    try:
        return wall.astimezone(UTC)
    except OverflowError:
        return _LAST_INSTANT if day.year > 1 else _FIRST_INSTANT


def local_day(instant: datetime, zone: ZoneInfo) -> date:
    """The day that calendars in `zone` show at `instant`. Raises ValueError for a naive instant.

    >>> local_day(datetime(2026, 12, 31, 15, 0, tzinfo=UTC), ZoneInfo("Asia/Tokyo"))
    datetime.date(2027, 1, 1)
    """
    if instant.tzinfo is None:
        raise ValueError(f"{instant} has no time zone; instants are aware and in UTC")
    try:
        return instant.astimezone(zone).date()
    except OverflowError:
        return date.max if instant.year > 1 else date.min
