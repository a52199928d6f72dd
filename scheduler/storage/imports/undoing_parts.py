"""Undoing a large import of signals in parts, each a transaction so short that nobody who answers
waits for it.

Always holds: from the first part on its row says that it is being undone, and since when: that is
until when all its signals were believed. Nothing is decided or sent meanwhile. Whoever dies in
between leaves what the next who writes, or the daemon, goes on with where it stopped
(`storage.imports.unfinished`).
"""

from datetime import datetime

from sqlalchemy import Connection, Engine, update
from typing_extensions import override

from scheduler.services.imports.undo import UndoneInParts
from scheduler.storage.database.engine import explained
from scheduler.storage.database.import_in_progress import (
    IMPORTING,
    IMPORTS,
    UNDOING,
    holding,
    refuse_while_importing,
)
from scheduler.storage.database.meta import set_fact
from scheduler.storage.imports.parts import PART_SECONDS, ImportLeftError
from scheduler.storage.imports.unfinished import UnfinishedImportCleanup


class UndoingParts(UndoneInParts):
    """Undoes imports of signals. `part_seconds`: how long one part takes."""

    def __init__(self, engine: Engine, part_seconds: float = PART_SECONDS) -> None:
        self._engine, self._seconds = engine, part_seconds

    @override
    def take_back(self, import_id: int, now: datetime) -> int | None:
        with (
            explained(self._engine),
            holding(self._engine) as held,
            self._engine.connect() as connection,
        ):
            with connection.begin():
                begun = held and _begun(connection, import_id, now)
            return self._taken(connection, import_id, now) if begun else None

    def _taken(self, connection: Connection, import_id: int, now: datetime) -> int:
        """All parts; how many signals they were."""
        settling = UnfinishedImportCleanup(connection, import_id, self._seconds)
        done = False
        try:
            while not done:
                with connection.begin():
                    done = settling.some(now).done
        except KeyboardInterrupt:
            raise ImportLeftError from None
        return settling.voided


def _begun(connection: Connection, import_id: int, now: datetime) -> bool:
    """Whether it was there to be undone, and is being undone from now on. Raises
    ImportUnderWayError."""
    refuse_while_importing(connection)
    there = update(IMPORTS).where(IMPORTS.c.id == import_id, IMPORTS.c.state == "completed")
    if not connection.execute(there.values(state=UNDOING, undone_at=now)).rowcount:
        return False
    set_fact(connection, IMPORTING, str(import_id))
    return True
