"""A calendar feed as iCalendar text (RFC 5545).

Always holds: whole days carry VALUE=DATE and end on the day after (exclusive); a feed whose days
have not changed has the same tag, whenever it is asked for.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256

from icalendar import Calendar, Event

from scheduler.core.facts.calendar_feed import CalendarEntry
from scheduler.core.words.labels import Label
from scheduler.core.words.lexicon import Language

REFRESH = timedelta(hours=6)
_NAME = Label("Renewals ({name})")
_CANCELLED = Label("Cancelled: ")
_NOT_CONTENT = (b"DTSTAMP", b"LAST-MODIFIED")


def ics(entries: Sequence[CalendarEntry], name: str, language: Language, now: datetime) -> bytes:
    """The calendar of `name`."""
    calendar = Calendar()
    calendar.add("PRODID", "-//renewal-scheduler//feed//EN")
    calendar.add("VERSION", "2.0")
    calendar.add("METHOD", "PUBLISH")
    calendar.add("X-WR-CALNAME", _NAME.of(language).format(name=name))
    calendar.add("REFRESH-INTERVAL", REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("X-PUBLISHED-TTL", "PT6H")
    for entry in entries:
        calendar.add_component(_event(entry, language, now))
    return bytes(calendar.to_ical())


def _event(entry: CalendarEntry, language: Language, now: datetime) -> Event:
    """One whole day."""
    event = Event()
    event.add("UID", f"{entry.uid}@renewal-scheduler")
    event.add("DTSTAMP", now.replace(microsecond=0))
    event.add("DTSTART", entry.on)
    event.add("DTEND", entry.on + timedelta(days=1))
    event.add(
        "SUMMARY", f"{_CANCELLED.of(language)}{entry.title}" if entry.cancelled else entry.title
    )
    event.add("DESCRIPTION", entry.text)
    event.add("SEQUENCE", entry.sequence)
    event.add("STATUS", "CANCELLED" if entry.cancelled else "CONFIRMED")
    event.add("TRANSP", "TRANSPARENT")
    if entry.url:
        event.add("URL", entry.url)
    return event


def tag_of(content: bytes) -> str:
    """A weak entity tag (RFC 9110 §8.8.3) over everything but the time at which the text was
    made."""
    lines = [line for line in content.splitlines() if not line.startswith(_NOT_CONTENT)]
    digest = sha256(b"\n".join(lines)).hexdigest()[:32]
    return f'W/"{digest}"'
