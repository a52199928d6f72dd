"""Instants as HubSpot writes and reads them: inside the server always whole milliseconds since
1970."""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

_START = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
DAY = 86_400_000


def millis(instant: datetime) -> int:
    """The milliseconds of an aware instant."""
    return (instant - _START) // _MILLISECOND


def instant_of(ms: int) -> datetime:
    """The aware instant, in UTC."""
    return _START + ms * _MILLISECOND


@lru_cache(1024)
def iso(ms: int) -> str:
    """As in answers: UTC, milliseconds only where there are any.

    >>> iso(1_800_000_000_000), iso(1_800_000_000_678)
    ('2027-01-15T08:00:00Z', '2027-01-15T08:00:00.678Z')
    """
    text = datetime.fromtimestamp(ms // 1000, UTC).isoformat()[:19]
    return f"{text}.{ms % 1000:03}Z" if ms % 1000 else f"{text}Z"


def read_instant(text: str) -> int | None:
    """Milliseconds or ISO 8601, as both are taken; a day is its midnight in UTC.
    [H] docs/faq/how-should-timestamps-be-formatted-for-hubspots-apis

    >>> read_instant("1800000000000"), read_instant("2027-01-15"), read_instant("soon")
    (1800000000000, 1799971200000, None)
    """
    if text.lstrip("-").isdecimal():
        return int(text)
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return millis(found if found.tzinfo else found.replace(tzinfo=UTC))


def day_of(ms: int) -> date:
    """The day in UTC."""
    return instant_of(ms).date()
