"""The rules for one calendar of `config.toml`: some days are worked, and no closure is too long.

Always holds: a calendar without mistakes has business days in every year, apart from public
holidays.
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from scheduler.core.config.mistakes import Found, Place
from scheduler.core.config.tables.attention import Weekday
from scheduler.core.config.tables.calendars import CalendarTable
from scheduler.core.time.calendar import Calendar, Closure
from scheduler.core.words.labels import Label

_LONGEST_YEARLY, _LONGEST_ONCE = 183, 366
_COMMON_YEAR = 2001


def calendar_mistakes(calendar: CalendarTable, place: Place) -> Iterator[Found]:
    """Every mistake in one calendar."""
    if calendar.subdivision is not None and calendar.country is None:
        yield (
            (*place, "subdivision"),
            Label('needs a country as well, e.g. country = "GB"'),
        )
    if set(calendar.weekend) == set(Weekday):
        yield (
            (*place, "weekend"),
            Label("leaves no business day; remove the days on which people work"),
        )
        return
    closures = [Closure.parse(c.days, "") for c in calendar.closures]
    too_long = [
        ((*place, "closures", number, "days"), wrong)
        for number, c in enumerate(closures)
        if (wrong := _too_long(c))
    ]
    yield from too_long
    year = None if too_long else _year_without_work(calendar, closures)
    if year is not None:
        yield (
            (*place, "closures"),
            Label("these closures leave no business day in {year}; remove some", year=year),
        )


def _too_long(closure: Closure) -> Label | None:
    """A closure that is too long to be intended: probably its two days were swapped, or a year was
    mistyped."""
    days = (
        (closure.to_on - closure.from_on).days % 366 + 1
        if closure.yearly
        else (closure.to_on - closure.from_on).days + 1
    )
    if closure.yearly and days > _LONGEST_YEARLY:
        exchanged = f"{closure.to_on:%m-%d}..{closure.from_on:%m-%d}"
        return Label(
            ('would close the company on {days} days a year; did you mean "{exchanged}"?'),
            days=days,
            exchanged=exchanged,
        )
    if not closure.yearly and days > _LONGEST_ONCE:
        return Label("would close the company for {days} days; check the years", days=days)
    return None


def _year_without_work(calendar: CalendarTable, closures: Sequence[Closure]) -> Label | None:
    """A year in which nobody would work."""
    worked = Calendar(
        "",
        frozenset(list(Weekday).index(day) for day in calendar.weekend),
        closures=tuple(closures),
    )
    once = {
        year for c in closures if not c.yearly for year in range(c.from_on.year, c.to_on.year + 1)
    }
    for year in (_COMMON_YEAR, *sorted(once)):
        if all(
            worked.closed_because(date(year, 1, 1) + timedelta(days=n)) is not None
            for n in range(365)
        ):
            return Label("any year") if year == _COMMON_YEAR else Label("{year}", year=year)
    return None
