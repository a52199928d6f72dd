"""One daemon per SQLite file: a lock on a file beside the database, which the system releases when
the process ends, however it ends.

Always holds: on PostgreSQL, where row locks coordinate any number of daemons, nothing is locked.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from errno import EACCES, EROFS
from pathlib import Path
from time import sleep

from sqlalchemy.engine import URL

from scheduler.ports import StoreUnavailableError
from scheduler.storage.database.address import parse_url
from scheduler.storage.database.driver_errors import PASSING_ERRORS, read_only_disk
from scheduler.system.private_files import make_private

_LOOKS, _BETWEEN_SECONDS = 5, 0.05
"""How long to wait for processes that only ask whether there is a daemon."""


@contextmanager
def sole_daemon(url: str) -> Iterator[None]:
    """Holds the lock for the block. Raises StoreUnavailableError with the process id of its
    holder."""
    database = parse_url(url)
    if (
        database.get_backend_name() != "sqlite"
        or not database.database
        or database.database == ":memory:"
    ):
        yield
        return
    path = Path(f"{Path(database.database).resolve()}.daemon")
    descriptor = _open(path, database)
    try:
        _lock(descriptor, path)
        yield
    finally:
        os.close(descriptor)


def daemon_of(url: str) -> str:
    """The process id of the daemon that works with this SQLite file; empty if there is none, or
    nobody can tell. Makes and changes nothing."""
    database = parse_url(url)
    path = Path(f"{Path(database.database or '').resolve()}.daemon")
    if database.get_backend_name() != "sqlite" or not database.database or not path.is_file():
        return ""
    try:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return path.read_text("ascii", "replace").strip() or "?"
    except OSError:
        pass
    return ""


def _open(path: Path, database: URL) -> int:
    """Opens the lock file, and makes it if it is missing."""
    try:
        make_private(path)
        return os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except OSError as error:
        if error.errno == EROFS and (read_only := read_only_disk(database)):
            raise read_only from error
        if error.errno == EACCES and path.exists():
            owner = path.stat().st_uid
            raise StoreUnavailableError(
                (
                    "the lock file {path} belongs to another user (uid {owner}); give it to "
                    "this one: chown --reference={parent} {path}"
                ),
                path=path,
                owner=owner,
                parent=path.parent,
            ) from error
        raise StoreUnavailableError(
            (
                "cannot make the lock file {path}: {strerror}; check the folder's permissions "
                "and the room on its disk"
            ),
            path=path,
            strerror=error.strerror,
            passing=error.errno in PASSING_ERRORS,
        ) from error


def _lock(descriptor: int, path: Path) -> None:
    """Takes the lock without waiting for another daemon, and writes down who has it. On a full disk
    that cannot be written, but the lock holds."""
    if not _taken(descriptor):
        holder = os.read(descriptor, 20).decode("ascii", "replace").strip() or "?"
        raise StoreUnavailableError(
            (
                "another daemon runs on this database (process {holder}, {path}); stop it, or "
                "use PostgreSQL for several"
            ),
            holder=holder,
            path=path,
        )
    with suppress(OSError):
        os.ftruncate(descriptor, 0)
        os.write(descriptor, f"{os.getpid()}\n".encode())


def _taken(descriptor: int) -> bool:
    """Whether the lock could be taken. A process that looks for a daemon (`daemon_of`) shares the
    lock for a moment, and is not taken for one."""
    for _ in range(_LOOKS):
        if try_lock(descriptor, fcntl.LOCK_EX):
            return True
        if not try_lock(descriptor, fcntl.LOCK_SH):
            return False
        fcntl.flock(descriptor, fcntl.LOCK_UN)
        sleep(_BETWEEN_SECONDS)
    return False


def try_lock(descriptor: int, kind: int) -> bool:
    """Takes a lock of this kind without waiting; returns whether that worked."""
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
