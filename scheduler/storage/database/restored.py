"""Whether a database is a copy that was put back and waits for `renewals release --since`; and the
generation by which an older copy is known.

Always holds: the generation only grows, with everything that people may have been told; while a
copy waits nothing is swept or sent, on any machine.
"""

import json
from datetime import datetime

from sqlalchemy import Connection, Engine

from scheduler.services.audit.restored import Restored
from scheduler.storage.database.engine import looking, transaction
from scheduler.storage.database.meta import get_fact, set_fact

GENERATION, RESTORED = "mark", "restored"


def read_generation(connection: Connection) -> int:
    """The generation: how often anything went out from here."""
    return int(get_fact(connection, GENERATION) or 0)


def raise_generation(connection: Connection, least: int = 0) -> int:
    """Raises the generation by one, at least to this number; returns the new generation."""
    generation = max(int(get_fact(connection, GENERATION, locked=True) or 0) + 1, least)
    set_fact(connection, GENERATION, str(generation))
    return generation


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

    def generation(self) -> int:
        """The generation: how far the database has come."""
        with looking(self._reading) as connection:
            return read_generation(connection)

    def raise_generation(self) -> int:
        """Notes that something went out; returns the new generation."""
        with transaction(self._engine) as connection:
            return raise_generation(connection)

    def hold(self, restored: Restored, generation: int) -> None:
        """Stops sweeping and sending from now on, with a generation higher than `generation`, so
        that this copy is not taken for an older one again."""
        with transaction(self._engine) as connection:
            set_fact(connection, RESTORED, as_text(restored))
            raise_generation(connection, generation + 1)

    def end(self) -> None:
        """Sweeping and sending go on."""
        with transaction(self._engine) as connection:
            set_fact(connection, RESTORED, None)
