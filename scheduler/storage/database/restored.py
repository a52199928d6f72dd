"""Whether a database is a copy that was put back and waits for `renewals release --since`; and the
mark by which an older copy is known.

Always holds: the mark only grows, with everything that people may have been told; while a copy
waits nothing is swept or sent, on any machine.
"""

import json
from datetime import datetime

from sqlalchemy import Connection, Engine

from scheduler.services.audit.restored import Restored
from scheduler.storage.database.engine import looking, transaction
from scheduler.storage.database.meta import get_fact, set_fact

MARK, RESTORED = "mark", "restored"


def read_mark(connection: Connection) -> int:
    """The mark: how often anything went out from here."""
    return int(get_fact(connection, MARK) or 0)


def raise_mark(connection: Connection, least: int = 0) -> int:
    """Raises the mark by one, at least to this number; returns the new mark."""
    mark = max(int(get_fact(connection, MARK, locked=True) or 0) + 1, least)
    set_fact(connection, MARK, str(mark))
    return mark


def read_restored(connection: Connection) -> Restored | None:
    """The copy that was put back, if one waits for a decision."""
    return restored_from(get_fact(connection, RESTORED))


def restored_from(said: str | None) -> Restored | None:
    """Parses the text that `as_text` made."""
    if said is None:
        return None
    facts = json.loads(said)
    instants = {
        name: datetime.fromisoformat(facts[name]) if facts[name] else None
        for name in ("copy_at", "seen_at")
    }
    return Restored(
        datetime.fromisoformat(facts["found_at"]),
        by=facts["by"],
        noticed=facts["noticed"],
        **instants,
    )


def as_text(restored: Restored) -> str:
    """The text that is kept of it."""
    instants = {
        name: at.isoformat() if (at := getattr(restored, name)) else None
        for name in ("found_at", "copy_at", "seen_at")
    }
    return json.dumps(instants | {"by": restored.by, "noticed": restored.noticed})


class RestoredRows:
    """The database's record of having been restored from a copy."""

    def __init__(self, engine: Engine, reading: Engine) -> None:
        self._engine, self._reading = engine, reading

    def restored(self) -> Restored | None:
        """The copy that was put back and waits, if any."""
        with looking(self._reading) as connection:
            return read_restored(connection)

    def mark(self) -> int:
        """The mark: how far the database has come."""
        with looking(self._reading) as connection:
            return read_mark(connection)

    def raise_mark(self) -> int:
        """Notes that something went out; returns the new mark."""
        with transaction(self._engine) as connection:
            return raise_mark(connection)

    def hold(self, restored: Restored, mark: int) -> None:
        """Stops sweeping and sending from now on, with a mark higher than `mark`, so that this copy
        is not taken for an older one again."""
        with transaction(self._engine) as connection:
            set_fact(connection, RESTORED, as_text(restored))
            raise_mark(connection, mark + 1)

    def end(self) -> None:
        """Sweeping and sending go on."""
        with transaction(self._engine) as connection:
            set_fact(connection, RESTORED, None)
