"""What the database knows about time: the last sweep, whether it was ever used for a rehearsal, and
whether somebody confirmed the clock.

Always holds: the last sweep only moves forward, except when a person accepts an earlier time.
"""

from datetime import datetime

from sqlalchemy import Engine, select

from scheduler.core.machine.clock_sense import LastSeen, Uptime
from scheduler.core.words.lexicon import ChannelName, MessageState
from scheduler.storage.database.engine import looking, transaction
from scheduler.storage.database.meta import LAST_SWEEP, get_fact, set_fact
from scheduler.storage.database.rows import metadata

TIME_TRAVEL, ACCEPTED, _SEEN = "time_travel", "clock_accepted_at", "last_sweep_machine"
MESSAGES = metadata.tables["messages"]


class Timekeeping:
    """The facts about time, read and written in short transactions."""

    def __init__(self, writing: Engine, reading: Engine) -> None:
        self._writing = writing
        self._reading = reading

    def _fact(self, key: str) -> str | None:
        """One fact."""
        with looking(self._reading) as connection:
            return get_fact(connection, key)

    def last_sweep_at(self) -> datetime | None:
        """The instant of the last sweep of any machine; None before the first."""
        found = self._fact(LAST_SWEEP)
        return datetime.fromisoformat(found) if found else None

    def last_seen(self) -> LastSeen | None:
        """The last sweep with how its machine was running; None before the first, and in a
        rehearsal's database, where time leaps."""
        found, at = self._fact(_SEEN), self.last_sweep_at()
        if at is None or self.rehearsed():
            return None
        boot, _, steady = (found or " 0").partition(" ")
        return LastSeen(at, Uptime(boot, float(steady)))

    def record_sweep(self, now: datetime, on: Uptime | None = None) -> None:
        """Notes a sweep at `now`, unless a later one is known; `on`: how this machine is
        running."""
        with transaction(self._writing) as connection:
            found = get_fact(connection, LAST_SWEEP, locked=True)
            if found is None or datetime.fromisoformat(found) < now:
                set_fact(connection, LAST_SWEEP, now.isoformat())
                set_fact(connection, _SEEN, f"{on.boot} {on.steady}" if on else None)

    def accepted(self) -> str | None:
        """The time when a person last confirmed the clock, as text; it changes with every
        confirmation."""
        return self._fact(ACCEPTED)

    def accept(self, now: datetime) -> None:
        """Notes that a person says `now` is right: a later sweep on record was made with a wrong
        clock."""
        with transaction(self._writing) as connection:
            set_fact(connection, ACCEPTED, now.isoformat())
            found = get_fact(connection, LAST_SWEEP, locked=True)
            if found is not None and datetime.fromisoformat(found) > now:
                set_fact(connection, LAST_SWEEP, now.isoformat())
                set_fact(connection, _SEEN, None)

    def rehearsed(self) -> bool:
        """Whether a command with `--as-of` ever wrote here; such a database only sends to preview
        and loopback."""
        return self._fact(TIME_TRAVEL) is not None

    def mark_rehearsed(self, at: datetime) -> None:
        """Notes that this database is one for rehearsals."""
        with transaction(self._writing) as connection:
            if get_fact(connection, TIME_TRAVEL) is None:
                set_fact(connection, TIME_TRAVEL, at.isoformat())

    def has_told_people(self) -> bool:
        """Whether a message ever went to a real person; in such a database what a rehearsal tells
        in preview would count as told."""
        told = (
            select(MESSAGES.c.id)
            .where(
                MESSAGES.c.channel != ChannelName.PREVIEW.value,
                MESSAGES.c.state == MessageState.SENT.value,
            )
            .limit(1)
        )
        with looking(self._reading) as connection:
            return connection.execute(told).first() is not None
