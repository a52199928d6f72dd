"""A large file that is being imported in parts: whether there is one, and whether its process is
alive.

Always holds: between the first part and the last a fact of the database names the import, written
in the same transaction as the part. While it is there nothing is swept, formed or sent, on any
machine. A process that imports, or settles what a dead process left, has a lock that ends with it:
on a file beside SQLite's (`FILE.import`), on PostgreSQL in a transaction that is kept open. If it
cannot be had, a file comes in in one transaction.
"""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from time import sleep

from sqlalchemy import Connection, Engine, select, text

from scheduler.ports import StoreUnavailableError
from scheduler.storage.database.lock import try_lock
from scheduler.storage.database.meta import get_fact
from scheduler.storage.database.rows import metadata
from scheduler.system.private_files import make_private

IMPORTING = "importing"
IMPORTS = metadata.tables["imports"]
RUNNING, FINISHING, UNDOING = "running", "finishing", "undoing"
"""The states of an import of which parts are there, of one that is complete but not visible yet,
and of one that somebody undoes, of which parts are there still."""
_LOCK = 7_240_032
_LOOKS, _BETWEEN_SECONDS = 5, 0.05
_TRY = text("SELECT pg_try_advisory_xact_lock(:lock)")


@dataclass(frozen=True, slots=True)
class Parts:
    """An unfinished import, of which parts are there."""

    import_id: int
    file: str
    state: str


class ImportUnderWayError(StoreUnavailableError):
    """Something has to wait until an import is over."""

    def __init__(self, parts: Parts) -> None:
        super().__init__(
            "import {import_id} ({parts_file}) is under way; try again once it has finished",
            import_id=parts.import_id,
            parts_file=parts.file,
            passing=True,
        )


def is_coming_in(connection: Connection) -> bool:
    """Whether parts of an import are there, so that nothing may be decided or sent."""
    return get_fact(connection, IMPORTING) is not None


def parts_there(connection: Connection) -> Parts | None:
    """The large import that is not complete yet, if any."""
    number = get_fact(connection, IMPORTING)
    if number is None:
        return None
    query = select(IMPORTS.c.file, IMPORTS.c.state).where(IMPORTS.c.id == int(number))
    row = connection.execute(query).one()
    return Parts(int(number), row.file, row.state)


def refuse_while_importing(connection: Connection) -> None:
    """Raises ImportUnderWayError while parts of an import are there."""
    if (parts := parts_there(connection)) is not None:
        raise ImportUnderWayError(parts)


@contextmanager
def holding(engine: Engine) -> Iterator[bool]:
    """Holds the importer's lock until the end of the block; yields whether it could be had."""
    if engine.dialect.name == "postgresql":
        with engine.connect() as connection, connection.begin():
            yield _in_time(lambda: bool(connection.scalar(_TRY, {"lock": _LOCK})))
        return
    descriptor = _opened(engine)
    if descriptor is None:
        yield False
        return
    try:
        yield _in_time(lambda: try_lock(descriptor, fcntl.LOCK_EX))
    finally:
        os.close(descriptor)


def is_alive(engine: Engine) -> bool:
    """Whether somebody is importing, or settling what was left, at this moment. A server notices
    with a short delay that a process is dead."""
    if engine.dialect.name == "postgresql":
        with engine.connect() as connection, connection.begin():
            return not _in_time(lambda: bool(connection.scalar(_TRY, {"lock": _LOCK})))
    descriptor = _opened(engine)
    if descriptor is None:
        return True
    try:
        return not try_lock(descriptor, fcntl.LOCK_SH)
    finally:
        os.close(descriptor)


def _in_time(take: Callable[[], bool]) -> bool:
    """Whether the lock could be had; a process that only looks holds it for a moment, too."""
    for _ in range(_LOOKS):
        if take():
            return True
        sleep(_BETWEEN_SECONDS)
    return False


def _opened(engine: Engine) -> int | None:
    """The lock file; None if there can be none."""
    file = engine.url.database or ""
    if not file or file == ":memory:" or file.startswith("file:"):
        return None
    with suppress(OSError):
        make_private(lock := Path(f"{Path(file).resolve()}.import"))
        return os.open(lock, os.O_RDWR | os.O_CLOEXEC)
    return None
