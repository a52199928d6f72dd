"""ISO weeks and the day of a week on which digests go out (DESIGN §5 "Attention").

Always holds: a week has exactly one digest day, within that week; a week without business days has
none.
"""

from datetime import date, timedelta

from scheduler.core.time.calendar import Calendar

_WEEKS = 53


def iso_week(day: date) -> str:
    """The ISO 8601 week of a day (weeks begin on Monday).

    >>> iso_week(date(2027, 1, 3)), iso_week(date(2027, 1, 4))
    ('2026-W53', '2027-W01')
    """
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02d}"


def monday_of(day: date) -> date:
    """The Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def digest_day(day: date, weekday: int, calendar: Calendar) -> date | None:
    """The digest's day in the week of `day`: `weekday` (Monday is 0), or the next business day if
    that is closed. If none follows in that week, it is the last one before; None in a week without
    any.

    >>> from scheduler.core.time.calendar import WEEKDAYS
    >>> digest_day(date(2027, 1, 6), 0, WEEKDAYS), digest_day(date(2027, 1, 6), 5, WEEKDAYS)
    (datetime.date(2027, 1, 4), datetime.date(2027, 1, 8))
    """
    monday = monday_of(day)
    worked = [d for n in range(7) if calendar.is_business_day(d := monday + timedelta(days=n))]
    return next((d for d in worked if d.weekday() >= weekday), worked[-1] if worked else None)


def next_digest_day(today: date, weekday: int, calendar: Calendar) -> date:
    """This week's digest day if it is today or still to come, else that of the next week that has
    one; 53 weeks later if nobody ever works.

    >>> from scheduler.core.time.calendar import WEEKDAYS
    >>> (next_digest_day(date(2027, 1, 4), 0, WEEKDAYS),
    ...  next_digest_day(date(2027, 1, 6), 0, WEEKDAYS))
    (datetime.date(2027, 1, 4), datetime.date(2027, 1, 11))
    """
    for weeks in range(_WEEKS):
        day = digest_day(today + timedelta(days=7 * weeks), weekday, calendar)
        if day is not None and day >= today:
            return day
    return today + timedelta(days=7 * _WEEKS)
