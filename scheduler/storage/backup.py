"""A copy of a SQLite database while others use it, by SQLite's own online backup.

Always holds: the copy is one whole file, of one moment, checked and private; a file that is there is never overwritten; half a copy is taken away.
"""

from pathlib import Path
from sqlite3 import DatabaseError, connect

from scheduler.ports import StoreUnavailableError
from scheduler.private_files import make_private
from scheduler.storage.address import parse_url, place
from scheduler.storage.driver_errors import PASSING_ERRORS


def copy_to(url: str, target: Path) -> int:
    """Copies the database at `url` into the new file `target`; its size in bytes. Raises StoreUnavailableError: PostgreSQL, a file that is there, no
    room, a damaged database."""
    source = _sqlite_file(url)
    if target.exists():
        raise StoreUnavailableError(
            f"{target} はすでにあります。別の名前を指定してください(上書きはしません)。",
            f"{target} is there already; name another file (nothing is overwritten)",
        )
    part = target.with_name(f".{target.name}.part")
    try:
        part.unlink(missing_ok=True)
        make_private(part)
        _copy(source, part)
        part.replace(target)
    except OSError as error:
        raise StoreUnavailableError(
            f"{target} に書き込めません：{error.strerror}", f"{target} cannot be written: {error.strerror}", passing=error.errno in PASSING_ERRORS
        ) from error
    except DatabaseError as error:
        raise StoreUnavailableError(
            f"写しを作れません({target})：{error}。空き容量とデータベースを確認してください。",
            f"the copy {target} cannot be made: {error}; check the room on the disk and the database",
        ) from error
    finally:
        part.unlink(missing_ok=True)
    return target.stat().st_size


def _sqlite_file(url: str) -> Path:
    """The file behind the address. Raises StoreUnavailableError for a server."""
    database = parse_url(url)
    if database.get_backend_name() != "sqlite":
        raise StoreUnavailableError(
            f"PostgreSQL({place(database)})の写しは pg_dump で作ります：pg_dump --format=custom --file=renewals.dump {database.database}",
            f"a copy of PostgreSQL ({place(database)}) is made by pg_dump: pg_dump --format=custom --file=renewals.dump {database.database}",
        )
    return Path(database.database or "")


def _copy(source: Path, part: Path) -> None:
    """The copy, without a journal of its own, so that one file is all of it; looked through before it counts."""
    reading, writing = connect(f"file:{source}?mode=ro", uri=True), connect(part)
    try:
        reading.backup(writing)
        writing.execute("PRAGMA journal_mode = DELETE")
        found = writing.execute("PRAGMA quick_check(1)").fetchone()[0]
        if found != "ok":
            raise DatabaseError(f"it is damaged: {found}")
    finally:
        reading.close()
        writing.close()
