"""When something was measured, as files write it: a day, a week, a time with or without an offset.

A day is its first instant in the folder's zone, a week that of its Monday; a time without an offset
is on the folder's clock, or in UTC where the column's name says so.
"""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from scheduler.core.imports.texts import FieldError
from scheduler.core.imports.written_days import narrow
from scheduler.sources.cells.cell_readers import DaysOf, as_instant, date_reader

FIRST_YEAR = 1990
"""Nothing was measured before."""
_WEEK = re.compile(r"(\d{4})-?W(\d\d)(?:-?([1-7]))?")
_CLOCK = re.compile(r"(?:T|\s)(\d{1,2}):(\d\d)(?::(\d\d)(?:\.\d+)?)?$")


def instant_reader(
    days: DaysOf, zone: ZoneInfo, now: datetime, *, utc: bool
) -> Callable[[str], datetime]:
    """A function that reads the instants of one column: aware, in UTC. Raises FieldError, also for
    what lies after `now`."""
    read_day = date_reader(days)
    clock: tzinfo = UTC if utc else zone

    @lru_cache(maxsize=20_000)
    def read(written: str) -> datetime:
        text = written.strip()
        if not text:
            raise FieldError("required", "at")
        at = _instant(text, read_day, clock)
        if at > now:
            raise FieldError("signal_future", "at")
        if at.year < FIRST_YEAR:
            raise FieldError("signal_far", "at", first=FIRST_YEAR)
        return at

    return read


def _instant(text: str, read_day: Callable[[str], date], clock: tzinfo) -> datetime:
    """What a text means."""
    if (at := as_instant(text)) is not None:
        return at.astimezone(UTC)
    plain = narrow(text)
    week, timed = _WEEK.fullmatch(plain), _CLOCK.search(plain)
    try:
        day = _in_week(week) if week else read_day(text)
        hour, minute, second = map(int, timed.groups("0")) if timed else (0, 0, 0)
        clocked = time(hour, minute, second)
    except ValueError:
        raise FieldError("date_range", "at") from None
    except FieldError as error:
        raise _meant(error) from None
    return datetime.combine(day, clocked, clock).astimezone(UTC)


def _in_week(week: re.Match[str]) -> date:
    """The day of an ISO week that is named, else its Monday. Raises ValueError."""
    return date.fromisocalendar(int(week[1]), int(week[2]), int(week[3] or 1))


def _meant(error: FieldError) -> FieldError:
    """A year that no contract has is one in which nothing was measured."""
    if error.problem.code == "date_far":
        return FieldError("signal_far", "at", first=FIRST_YEAR)
    return error
