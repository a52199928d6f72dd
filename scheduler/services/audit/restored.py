"""A copy that was put back, and from when on nudges are sent from it. Loaded by every command, so
apart from the reliving (`restoring`)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from scheduler.core.words.errors import UserMustActError

_ON = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Restored:
    """A copy that was put back, or noticed, at `found_at`. `copy_at`: the last sweep it knows.
    `seen_at`: when the database it replaced was last known to work, where the folder remembers
    that. `noticed`: the program found out by itself."""

    found_at: datetime
    copy_at: datetime | None = None
    seen_at: datetime | None = None
    by: str = ""
    noticed: bool = False

    @property
    def until_at(self) -> datetime:
        """Until when things are taken as told by default: until the replaced database last worked,
        or else until the copy was put back; never before the copy was made. Rounded up to a
        minute."""
        last = self.seen_at or self.found_at
        return minute_over(max(last, self.copy_at) if self.copy_at is not None else last)


def minute_over(instant: datetime) -> datetime:
    """The instant, rounded up to a whole minute.

    >>> from datetime import UTC
    >>> (minute_over(datetime(2027, 1, 5, 10, 1, 2, tzinfo=UTC)).minute,
    ...  minute_over(datetime(2027, 1, 5, 10, 1, tzinfo=UTC)).minute)
    (2, 1)
    """
    whole = instant.replace(second=0, microsecond=0)
    return whole if whole == instant else whole + _ON


def as_since(instant: datetime, zone: ZoneInfo) -> str:
    """An instant as `release --since` reads it, rounded up to a minute; in an hour that comes
    twice, the second time carries its offset.

    >>> from datetime import UTC
    >>> as_since(datetime(2027, 1, 5, 1, 1, 2, tzinfo=UTC), ZoneInfo("Asia/Tokyo"))
    '2027-01-05T10:02'
    >>> as_since(datetime(2027, 10, 31, 1, 30, tzinfo=UTC), ZoneInfo("Europe/London"))
    '2027-10-31T01:30+00:00'
    """
    there = minute_over(instant).astimezone(zone)
    return (there if there.fold else there.replace(tzinfo=None)).isoformat(timespec="minutes")


def instant_since(since: datetime, restored: Restored, now: datetime) -> datetime:
    """From when on nudges are sent, as somebody typed it, but never before the copy was made.
    Raises UserMustActError for an instant in the future."""
    if since > now + _ON:
        raise UserMustActError(
            (
                "--since ({since:%Y-%m-%d %H:%M} UTC) is still to come (it is {now:%Y-%m-%d "
                "%H:%M} UTC)"
            ),
            since=since,
            now=now,
        )
    since = min(since, now)
    return (
        min(max(since, minute_over(restored.copy_at)), max(now, since))
        if restored.copy_at is not None
        else since
    )
