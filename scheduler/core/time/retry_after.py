"""How long a server asks to be left alone: the headers `Retry-After` and `Date` (RFC 9110 §10.2.3
and §6.6.1).

Always holds: a wait is a second or more and no longer than its reader believes; whatever says
nothing usable is None, and the reader waits as it does where nothing is said.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime

_SECONDS = re.compile(r"\d+(\.\d+)?", re.ASCII)
_DATE = re.compile(
    r"[A-Z][a-z]{2}, (\d\d) ([A-Z][a-z]{2}) (\d{4}) (\d\d):(\d\d):(\d\d) GMT", re.ASCII
)
_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()


def retry_after(headers: Mapping[str, str], longest: float) -> float | None:
    """The seconds to wait, at most `longest`: a server that is wrong, or a proxy before it, would
    silence us for years. A date counts from the server's own clock.

    >>> retry_after({"Retry-After": "7"}, 3600.0), retry_after({"retry-after": "9" * 12}, 3600.0)
    (7.0, 3600.0)
    >>> retry_after({"Retry-After": "Sun, 29 Nov 2026 10:00:30 GMT",
    ...              "Date": "Sun, 29 Nov 2026 10:00:00 GMT"}, 3600.0)
    30.0
    >>> retry_after({"Retry-After": "0"}, 3600.0) is None
    True
    """
    said = {name.lower(): value.strip() for name, value in headers.items()}
    seconds = _seconds(said.get("retry-after", ""), said.get("date", ""))
    return min(max(seconds, 1.0), longest) if seconds > 0 else None


def _seconds(wait: str, date: str) -> float:
    """What is written, in seconds; 0 where it says nothing."""
    if _SECONDS.fullmatch(wait):
        return float(wait)
    until, now = _instant(wait), _instant(date)
    return 0.0 if until is None or now is None else (until - now).total_seconds()


def _instant(text: str) -> datetime | None:
    """A date of HTTP's, as every server writes it today (IMF-fixdate)."""
    found = _DATE.fullmatch(text)
    if found is None or found[2] not in _MONTHS:
        return None
    day, year, hour, minute, second = (int(found[number]) for number in (1, 3, 4, 5, 6))
    try:
        return datetime(
            year, _MONTHS.index(found[2]) + 1, day, hour, minute, min(second, 59), tzinfo=UTC
        )
    except ValueError:
        return None
