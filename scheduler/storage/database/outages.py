"""The times in which nothing could be sent, as a fact about this database.

Always holds: only the latest `MOST` are kept; each is written in the transaction that ends it.
"""

import json
from datetime import datetime

from sqlalchemy import Connection

from scheduler.core.facts.punctuality import Cause, Outage
from scheduler.core.messages.circuit_breaker import ChannelBreaker
from scheduler.storage.database.meta import get_fact, set_fact

OUTAGES = "outages"
MOST = 1_000


def read_outages(connection: Connection, *, locked: bool = False) -> list[Outage]:
    """The outages that are over."""
    found = json.loads(get_fact(connection, OUTAGES, locked=locked) or "[]")
    return [
        Outage(Cause(cause), datetime.fromisoformat(a), datetime.fromisoformat(b), channel)
        for cause, a, b, channel in found
    ]


def keep_outage(connection: Connection, outage: Outage) -> None:
    """Adds one; the oldest is forgotten if there are too many."""
    all_of_them = [*read_outages(connection, locked=True), outage][-MOST:]
    said = [
        (o.cause.value, o.from_at.isoformat(), o.to_at.isoformat(), o.channel) for o in all_of_them
    ]
    set_fact(connection, OUTAGES, json.dumps(said))


def keep_pause(connection: Connection, before: ChannelBreaker, now: datetime) -> None:
    """Adds the pause of a channel that works again."""
    if before.paused_at is not None:
        keep_outage(connection, Outage(Cause.CHANNEL, before.paused_at, now, before.channel.value))
