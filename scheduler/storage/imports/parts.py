"""A large file is imported in parts, in transactions so short that nobody who answers has to wait.

How the whole import still succeeds or fails as one
    1. `running`: new contracts get deals that are marked void, so no list, answer or sweep sees
       them. Changes to existing rows are noted in `import_changes` in the same transaction.
       Nothing is decided or sent during this time (`storage.database.import_in_progress`);
       answers about existing deals are still accepted.
    2. `finishing`: everything is written, with the import's number and counts. Its deals become
       visible, a few thousand at a time.
    3. `completed`.
    Signals are visible at once; all values of one measurement are in the same part. Still in 1,
    once every signal is written, the contracts they are about are woken, and their deals are
    decided again after 3.
    If the process dies in 1, the import is taken back; if it dies in 2, it is finished. The next
    process that writes, or the daemon, does this, again in short transactions. Ctrl-C in 1 takes it
    back at once. What somebody has answered in the meantime stays.
Always holds: a part is written completely or not at all; an import that is taken back leaves only
its own row, marked as undone.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from time import monotonic

from sqlalchemy import Connection, Engine, update
from typing_extensions import override

from scheduler.ports import StoreUnavailableError
from scheduler.services.imports.store import Begun, ImportStore
from scheduler.storage.database.engine import DEFERRED, explained
from scheduler.storage.database.import_in_progress import (
    FINISHING,
    IMPORTING,
    IMPORTS,
    RUNNING,
    holding,
    parts_there,
)
from scheduler.storage.database.meta import set_fact
from scheduler.storage.imports.importing import ImportQueries
from scheduler.storage.imports.unfinished import UnfinishedImportCleanup
from scheduler.storage.signals.subjects import keep_meanings, meanings

PART_SECONDS = 0.25
"""A part that has taken so long is kept, and whoever waits has their turn."""


def _quiet() -> None:
    """Says nothing: for callers who do not ask to be told."""


class ImportLeftError(StoreUnavailableError):
    """Taking back what had come in was interrupted."""

    def __init__(self) -> None:
        super().__init__(
            "interrupted while undoing the import; the rest is undone at the next start"
        )
        self.exit_code = 130


class ImportRows(ImportStore):
    """Imports, large ones in parts. `part_seconds`: how long one part
    takes."""

    def __init__(self, engine: Engine, part_seconds: float = PART_SECONDS) -> None:
        self._engine = engine
        self._seconds = part_seconds

    @contextmanager
    @override
    def importing(
        self, *, keep: bool, large: bool = False, taking_back: Callable[[], None] = _quiet
    ) -> Iterator[ImportQueries]:
        """An import: rolled back unless `keep`, and on any error. A `large` one comes in in parts;
        `taking_back` is called before those that are there are taken back."""
        with explained(self._engine), self._engine.connect() as connection:
            seconds = self._seconds if keep and large else None
            with coming_in(connection, seconds, keep=keep, taking_back=taking_back) as importing:
                yield importing


@contextmanager
def coming_in(
    connection: Connection,
    seconds: float | None,
    *,
    keep: bool,
    taking_back: Callable[[], None] = _quiet,
) -> Iterator[ImportQueries]:
    """An import on this connection: in parts of so many `seconds`, if the lock for that can be had;
    None: in one transaction, which is rolled back unless `keep`."""
    if seconds is None:
        with _whole(connection, keep=keep) as importing:
            yield importing
        return
    with holding(connection.engine) as held:
        parts = _in_parts(connection, seconds, taking_back) if held else _whole(connection)
        with parts as importing:
            yield importing


@contextmanager
def _whole(connection: Connection, *, keep: bool = True) -> Iterator[ImportQueries]:
    """Opens one transaction for everything."""
    with connection.begin() as under_way:
        yield ImportQueries(connection)
        if not keep:
            under_way.rollback()


@contextmanager
def _in_parts(
    connection: Connection, seconds: float, taking_back: Callable[[], None]
) -> Iterator[ImportQueries]:
    """Many. Whatever ends it early takes the parts back, unless all are there."""
    importing = InParts(connection, seconds)
    try:
        yield importing
        connection.commit()
    except BaseException:
        connection.rollback()
        if not importing.ended_early(taking_back):
            raise


class InParts(ImportQueries):
    """An import over many transactions."""

    def __init__(self, connection: Connection, seconds: float) -> None:
        connection.begin()
        super().__init__(connection)
        self._seconds, self._since = seconds, monotonic()

    @override
    def begin(self, source: str, kind: str, file: str, sha256: str, now: datetime) -> Begun:
        """Writes the import's row, and that it comes in in parts. Raises ImportUnderWayError."""
        begun = super().begin(source, kind, file, sha256, now)
        set_fact(self._connection, IMPORTING, str(begun.import_id))
        self._hidden_at = now
        return begun

    @override
    def finish(self, import_id: int, counts: Mapping[str, int], now: datetime) -> None:
        """Everything is written; from here on it is only finished."""
        with self.looking():
            meant = meanings(self._connection)
        self._resume()
        keep_meanings(self._connection, meant, now)
        done = {"state": FINISHING, "counts": dict(counts), "finished_at": now}
        self._connection.execute(update(IMPORTS).where(IMPORTS.c.id == import_id).values(done))
        self._connection.commit()
        self._settle(now)

    @contextmanager
    @override
    def part(self) -> Iterator[None]:
        """Work that is kept together; once a part has taken long enough, so is what was before."""
        self._resume()
        yield
        if monotonic() - self._since >= self._seconds:
            self._connection.commit()

    @contextmanager
    @override
    def looking(self) -> Iterator[None]:
        """Reads of what is there now, for which nobody waits."""
        self._connection.commit()
        self._connection.execution_options(**{DEFERRED: True})
        try:
            yield
        finally:
            self._connection.rollback()
            self._connection.execution_options(**{DEFERRED: False})

    def ended_early(self, taking_back: Callable[[], None]) -> bool:
        """Takes back what was written, or finishes the import where all of it is there; returns
        whether it is there in the end. Raises ImportLeftError where that is interrupted too."""
        if self._hidden_at is None:
            return False
        with self._connection.begin():
            parts = parts_there(self._connection)
        if parts is None or parts.import_id != self._import_id:
            return False
        try:
            if parts.state == RUNNING:
                taking_back()
            return self._settle(self._hidden_at)
        except KeyboardInterrupt:
            raise ImportLeftError from None

    def _settle(self, now: datetime) -> bool:
        """Settles it; whether it is there."""
        settling = UnfinishedImportCleanup(self._connection, self._import_id, self._seconds)
        while True:
            with self._connection.begin():
                settled = settling.some(now)
            if settled.done:
                return settled.kept

    def _resume(self) -> None:
        """Begins the next transaction, where the last one was kept. Others may have taken numbers
        meanwhile."""
        if not self._connection.in_transaction():
            self._connection.begin()
            self._take_turn()
            self._ids.anew()
            self._since = monotonic()
