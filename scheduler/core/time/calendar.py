"""Which days are worked: weekends, public holidays and closures as one immutable value, asked by
`scheduler.core.time.dates`.

Always holds: the same day always gets the same answer (the years are computed once); no call loops
for ever; a result before year 1 or after year 9999 becomes the first or last possible day.
"""

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import MAXYEAR, MINYEAR, date, timedelta
from types import MappingProxyType

from scheduler.core.words.labels import Label
from scheduler.core.words.lexicon import Language

SATURDAY, SUNDAY = 5, 6

_LEAP_YEAR = 2000
_FAR_DAYS = 36_525
_NOTHING: Mapping[date, str] = MappingProxyType({})
_WEEKDAYS = (
    Label("Monday"),
    Label("Tuesday"),
    Label("Wednesday"),
    Label("Thursday"),
    Label("Friday"),
    Label("Saturday"),
    Label("Sunday"),
)
_EXAMPLES = 'write e.g. "2026-08-12", "2026-08-12..2026-08-14", or for every year "12-29..01-03"'


class CalendarError(Exception):
    """A calendar that cannot answer, because it has no business days; the text names it."""


class NoHolidaysError(ValueError):
    """There are no known public holidays for a setting. `key` is the setting to correct, `country`
    or `subdivision`; `label` says what to write instead."""

    def __init__(self, key: str, label: Label) -> None:
        super().__init__(label.en)
        self.key = key
        self.label = label


def no_holidays(year: int) -> Mapping[date, str]:
    """No public holidays, for a calendar without any."""
    return _NOTHING


@dataclass(frozen=True, slots=True)
class Closure:
    """Days on which a company is closed, both ends inclusive.

    A `yearly` closure reads only month and day (its year is 2000) and wraps the year's end where
    `to_on` comes before `from_on`; 29 February is then closed in leap years only.
    """

    label: str
    from_on: date
    to_on: date
    yearly: bool = False

    @classmethod
    def parse(cls, text: str, label: str) -> "Closure":
        """A closure from one day or a range of days, with or without the year. Raises ValueError
        with an example.

        >>> str(Closure.parse("12-29..01-03", "年末年始休業"))
        '12-29..01-03'
        >>> Closure.parse("2026-08-12", "Obon").to_on
        datetime.date(2026, 8, 12)
        """
        parts = re.split(r"\s*(?:\.\.|~|〜)\s*", unicodedata.normalize("NFKC", text).strip())
        if len(parts) > 2:
            raise ValueError(f'"{text}" is not a closure; {_EXAMPLES}')
        first, last = _closure_day(parts[0], text), _closure_day(parts[-1], text)
        if first[1] != last[1]:
            raise ValueError(f'"{text}" has a year on one side only; {_EXAMPLES}')
        if last[0] < first[0] and not first[1]:
            raise ValueError(f'"{text}" ends before it begins; {_EXAMPLES}')
        return cls(label, first[0], last[0], yearly=first[1])

    def covers(self, day: date) -> bool:
        """Whether the company is closed on `day` because of this."""
        if not self.yearly:
            return self.from_on <= day <= self.to_on
        first, here, last = ((d.month, d.day) for d in (self.from_on, day, self.to_on))
        return first <= here <= last if first <= last else here >= first or here <= last

    def __str__(self) -> str:
        days = [
            d.strftime("%m-%d") if self.yearly else d.isoformat()
            for d in (self.from_on, self.to_on)
        ]
        return days[0] if self.from_on == self.to_on else "..".join(days)


def _closure_day(part: str, text: str) -> tuple[date, bool]:
    """The day written in `part`, and whether it stands for every year."""
    match = re.fullmatch(r"(?:(\d{4})[-/])?(\d{1,2})[-/](\d{1,2})", part)
    if match is None:
        raise ValueError(f'"{text}" is not a closure; {_EXAMPLES}')
    year, month, day = match.groups()
    try:
        return date(int(year or _LEAP_YEAR), int(month), int(day)), year is None
    except ValueError:
        raise ValueError(f'"{text}": there is no day {part}; {_EXAMPLES}') from None


@dataclass(frozen=True, slots=True)
class Calendar:
    """A named calendar. `weekend` holds weekdays as `date.weekday()` counts them (Monday is 0);
    `holidays` names a year's public holidays.

    Equal calendars have equal parts; the years already computed do not count.
    """

    name: str
    weekend: frozenset[int] = frozenset({SATURDAY, SUNDAY})
    holidays: Callable[[int], Mapping[date, str]] = no_holidays
    closures: tuple[Closure, ...] = ()
    _open_days: dict[int, tuple[date, ...]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    _open_sets: dict[int, frozenset[date]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def __hash__(self) -> int:
        return hash(
            self.name
        )  # of one part only: days are remembered by calendar, and asked for often

    def is_business_day(self, day: date) -> bool:
        """Whether people work on `day`."""
        days = self._open_sets.get(day.year)
        if days is None:
            days = self._open_sets[day.year] = frozenset(self._business_days(day.year))
        return day in days

    def closed_because(self, day: date, language: Language = Language.EN) -> str | None:
        """Why `day` is not worked: the holiday's name, else the closure's label, else the weekday
        in `language`; None if it is worked."""
        holiday = self.holidays(day.year).get(day)
        if holiday is not None:
            return holiday
        closure = next((c for c in self.closures if c.covers(day)), None)
        if closure is not None:
            return closure.label
        return _WEEKDAYS[day.weekday()].of(language) if day.weekday() in self.weekend else None

    def on_or_after(self, day: date) -> date:
        """`day`, or the first business day after it."""
        return day if self.is_business_day(day) else self.add(day, 1)

    def on_or_before(self, day: date) -> date:
        """`day`, or the last business day before it."""
        return day if self.is_business_day(day) else self.add(day, -1)

    def add(self, day: date, n: int) -> date:
        """The n-th business day strictly after `day`, strictly before it for negative n; `day`
        itself for 0.

        >>> WEEKDAYS.add(date(2026, 11, 21), 1), WEEKDAYS.add(date(2026, 11, 23), -1)
        (datetime.date(2026, 11, 23), datetime.date(2026, 11, 20))
        """
        if n == 0:
            return day
        return self._nth_after(day, n) if n > 0 else self._nth_before(day, -n)

    def between(self, a: date, b: date) -> int:
        """How many business days lie between `a` and `b`; negative if `b` is earlier.

        `a` does not count, `b` does, so that `between(a, add(a, n)) == n`. Days more than 100 years
        from `a` are not counted: "until 9999-12-31" costs no more than that.

        >>> (WEEKDAYS.between(date(2026, 11, 20), date(2026, 11, 23)),
        ...  WEEKDAYS.between(date(2026, 11, 23), date(2026, 11, 20)))
        (1, -1)
        """
        near = date.fromordinal(
            min(max(b.toordinal(), a.toordinal() - _FAR_DAYS), a.toordinal() + _FAR_DAYS)
        )
        if near < a:
            return -self._count(near, a - timedelta(days=1))
        return self._count(a + timedelta(days=1), near) if a < near else 0

    def _count(self, first: date, last: date) -> int:
        """The business days from `first` to `last`, both inclusive."""
        whole = sum(len(self._business_days(year)) for year in range(first.year, last.year))
        return (
            whole
            + bisect_right(self._business_days(last.year), last)
            - bisect_left(self._business_days(first.year), first)
        )

    def _nth_after(self, day: date, n: int) -> date:
        """The n-th business day after `day`, n from 1."""
        days = self._business_days(day.year)
        index = bisect_right(days, day) + n - 1
        for year in range(day.year + 1, MAXYEAR + 1):
            if index < len(days):
                return days[index]
            index -= len(days)
            days = self._next_year(year, year - 1)
        return days[index] if index < len(days) else date.max

    def _nth_before(self, day: date, n: int) -> date:
        """The n-th business day before `day`, n from 1."""
        days = self._business_days(day.year)
        index = bisect_left(days, day) - n
        for year in range(day.year - 1, MINYEAR - 1, -1):
            if index >= 0:
                return days[index]
            days = self._next_year(year, year + 1)
            index += len(days)
        return days[index] if index >= 0 else date.min

    def _next_year(self, year: int, last: int) -> tuple[date, ...]:
        """The business days of `year`; a CalendarError if neither it nor `last`, the year searched
        before, has any."""
        days = self._business_days(year)
        if not days and not self._business_days(last):
            raise CalendarError(
                f'calendar "{self.name}" has no business day in {min(year, last)} and '
                f"{max(year, last)}; "
                "remove days from its weekend or shorten its closures"
            )
        return days

    def _business_days(self, year: int) -> tuple[date, ...]:
        """The business days of one year in order, computed once."""
        days = self._open_days.get(year)
        if days is None:
            days = self._open_days[year] = self._compute(year)
        return days

    def _compute(self, year: int) -> tuple[date, ...]:
        """The days of `year` that are neither weekend, holiday nor closure."""
        holidays = self.holidays(year)
        first, last = date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal()
        days = (date.fromordinal(n) for n in range(first, last + 1))
        worked = (d for d in days if d.weekday() not in self.weekend and d not in holidays)
        return tuple(d for d in worked if not any(c.covers(d) for c in self.closures))


WEEKDAYS = Calendar("weekdays")
"""Monday to Friday, no holidays."""

ALWAYS_OPEN = Calendar("always", weekend=frozenset())
"""Every day is a business day."""
