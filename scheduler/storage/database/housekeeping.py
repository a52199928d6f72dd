"""Housekeeping: what keeps the database small and quick. Always holds: nothing a person could miss
is removed."""

from contextlib import suppress
from datetime import datetime, timedelta
from sqlite3 import OperationalError

from sqlalchemy import Engine, delete

from scheduler.storage.database.engine import looking, transaction
from scheduler.storage.database.rows import metadata

LIMITS, ENVELOPES = metadata.tables["limits"], metadata.tables["envelopes"]
_PAST = timedelta(days=1)
_GIVES_WAY_MS = 100
_ENVELOPES_KEPT = timedelta(days=30)
"""How long one can look up what became of an envelope: far longer than its sender may repeat it."""


class Housekeeping:
    """Tidies one database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def tidy(self, now: datetime) -> None:
        """Removes limits that ended long ago and envelopes that were dealt with long ago; on SQLite
        refreshes the planner's statistics and folds the write-ahead log back into the file.

        The statistics come from a sample (SQLite advises a limit of 100 to 1000 rows): reading a
        million rows would keep the sweep waiting. The log's file keeps its size: a commit that
        makes it grow waits twice as long for the disk. Folding waits for every reader and keeps
        writers waiting meanwhile, so it gives way at once and tries again an hour later.
        """
        with transaction(self._engine) as connection:
            connection.execute(delete(LIMITS).where(LIMITS.c.until_at < now - _PAST))
            connection.execute(
                delete(ENVELOPES).where(ENVELOPES.c.handled_at < now - _ENVELOPES_KEPT)
            )
        if self._engine.dialect.name == "sqlite":
            with looking(self._engine) as connection:
                autocommit = connection.connection.cursor()
                patience = autocommit.execute("PRAGMA busy_timeout").fetchone()[0]
                autocommit.execute(f"PRAGMA busy_timeout={_GIVES_WAY_MS}")
                for pragma in (
                    "analysis_limit=1000",
                    "optimize",
                    "wal_checkpoint(RESTART)",
                    "shrink_memory",
                ):
                    with suppress(OperationalError):
                        autocommit.execute(f"PRAGMA {pragma}")
                autocommit.execute(f"PRAGMA busy_timeout={patience}")
                autocommit.close()
