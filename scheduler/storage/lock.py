"""One daemon per SQLite file: a lock on a file beside the database, which the system lets go of when the process ends, however it ends.

Always holds: on PostgreSQL, where row locks coordinate any number of daemons, nothing is locked.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from scheduler.ports import StoreUnavailableError
from scheduler.storage.address import parse_url


@contextmanager
def sole_daemon(url: str) -> Iterator[None]:
    """Holds the lock for the block. Raises StoreUnavailableError with the process id of whoever has it."""
    database = parse_url(url)
    if database.get_backend_name() != "sqlite" or not database.database or database.database == ":memory:":
        yield
        return
    path = Path(f"{Path(database.database).resolve()}.daemon")
    descriptor = _open(path)
    try:
        _lock(descriptor, path)
        yield
    finally:
        os.close(descriptor)


def _open(path: Path) -> int:
    """The lock file, made if it is not there."""
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise StoreUnavailableError(
            f"ロックファイルを作れません({path})：{error.strerror}。フォルダーの権限と空き容量を確認してください。",
            f"cannot make the lock file {path}: {error.strerror}; check the folder's permissions and the room on its disk",
        ) from error


def _lock(descriptor: int, path: Path) -> None:
    """Takes the lock without waiting, and says who has it now. On a full disk nobody can be told who, but the lock holds."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        holder = os.read(descriptor, 20).decode("ascii", "replace").strip() or "?"
        raise StoreUnavailableError(
            f"このデータベースでは別のデーモンが動いています(プロセス {holder}、{path})。そちらを止めるか、PostgreSQLをお使いください。",
            f"another daemon runs on this database (process {holder}, {path}); stop it, or use PostgreSQL for several",
        ) from None
    with suppress(OSError):
        os.ftruncate(descriptor, 0)
        os.write(descriptor, f"{os.getpid()}\n".encode())
