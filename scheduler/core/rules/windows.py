"""When a recipient may be reached: on their working days, in their hours, in their zone. This
decides only when a message goes out, never when a deal moves.

Always holds: a held message has an instant at which it will be looked at again; the hours follow
the local clock through daylight saving.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from scheduler.core.deal.people import WorkingHours
from scheduler.core.time.calendar import Calendar
from scheduler.core.time.dates import local_day, send_instant
from scheduler.core.words.reasons import reason

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Open:
    """The recipient may be reached now, in the window of `window_on`, until `closes_at`."""

    window_on: date
    closes_at: datetime


@dataclass(frozen=True, slots=True)
class Hold:
    """The recipient may not be reached before `until_at`, and why."""

    until_at: datetime
    because: str


Window = Open | Hold


def window(now: datetime, hours: WorkingHours, zone: ZoneInfo, calendar: Calendar) -> Window:
    """Whether somebody with these hours may be reached at `now`; the hours begin inclusive and end
    exclusive."""
    today = local_day(now, zone)
    if calendar.is_business_day(today):
        opens_at, closes_at = (
            send_instant(today, hours.opens, zone),
            send_instant(today, hours.closes, zone),
        )
        if opens_at <= now < closes_at:
            return Open(today, closes_at)
        if now < opens_at:
            return Hold(
                opens_at,
                reason(
                    "outside_hours",
                    opens=hours.opens.strftime("%H:%M"),
                    closes=hours.closes.strftime("%H:%M"),
                ),
            )
    return next_window(today, hours, zone, calendar)


def next_window(after_on: date, hours: WorkingHours, zone: ZoneInfo, calendar: Calendar) -> Hold:
    """The opening of the first window on a day after `after_on`."""
    day = calendar.on_or_after(after_on + _DAY)
    closed = calendar.closed_because(after_on)
    why = (
        reason("closed_day", day=after_on, what=closed)
        if closed
        else reason("next_window", day=day)
    )
    return Hold(send_instant(day, hours.opens, zone), why)
