"""A copy of a SQLite database while others use it, by SQLite's own online backup; and such a copy
put back.

Always holds: a copy is one whole file, of one moment, checked and private; an existing file is
never overwritten or thrown away, but for a copy that an earlier attempt at the same left; half a
copy is removed. A crash while a copy is put back leaves
the old database with all its rows, none at all, or the copy: never a mixture.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from sqlite3 import Connection, DatabaseError, connect
from urllib.parse import quote

from scheduler.core.deal.pauses import Pause, Scope
from scheduler.ports import StoreUnavailableError
from scheduler.storage.database.address import parse_url, place
from scheduler.storage.database.driver_errors import PASSING_ERRORS
from scheduler.storage.database.integrity import look_through, open_to_read
from scheduler.storage.database.journal import has_rows
from scheduler.storage.database.revisions import known
from scheduler.system.private_files import make_private


def copy_to(url: str, target: Path, *, anew: bool = False) -> int:
    """Copies the database at `url` into the new file `target`; returns its size in bytes. `anew`: a
    copy that an earlier attempt left there makes room for this one first. Raises
    StoreUnavailableError: PostgreSQL, an existing file, no room, a damaged database."""
    source = _sqlite_file(url)
    if target.exists() and not anew:
        raise StoreUnavailableError(
            "{target} is there already; name another file (nothing is overwritten)", target=target
        )
    if not target.parent.is_dir():
        raise StoreUnavailableError(
            "there is no folder {parent}; make it first, or name another place",
            parent=target.parent,
        )
    with _whole(target, anew=anew) as part, closing(open_to_read(source)) as reading:
        _copy(reading, part)
    return target.stat().st_size


@contextmanager
def _whole(target: Path, *, anew: bool = False) -> Iterator[Path]:
    """A private file to write to, which becomes `target` at the end of the block, or is removed.
    Raises StoreUnavailableError."""
    part = target.with_name(f".{target.name}.part")
    try:
        if anew:
            target.unlink(missing_ok=True)
        part.unlink(missing_ok=True)
        make_private(part)
        yield part
        _to_disk(part)
        part.replace(target)
        _to_disk(target.parent)
    except OSError as error:
        raise StoreUnavailableError(
            "{target} cannot be written: {strerror}",
            target=target,
            strerror=error.strerror,
            passing=error.errno in PASSING_ERRORS,
        ) from error
    except DatabaseError as error:
        raise StoreUnavailableError(
            (
                "the copy {target} cannot be made: {error}; check the free space on the disk and "
                "the database"
            ),
            target=target,
            error=error,
        ) from error
    finally:
        part.unlink(missing_ok=True)


def _to_disk(place: Path) -> None:
    """Makes sure that what was written is on the disk."""
    descriptor = os.open(place, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@dataclass(frozen=True, slots=True)
class Copy:
    """The facts a copy gives about itself."""

    instance: str
    revision: str
    last_sweep_at: datetime | None = None
    generation: int = 0
    pauses: Sequence[Pause] = ()


def examine(source: Path, *, alone: bool = False) -> Copy:
    """Looks through a copy. Raises StoreUnavailableError if it is missing, damaged, not one of
    ours, or from a newer program."""
    if not source.is_file():
        raise StoreUnavailableError("there is no file {source}", source=source)
    alone = alone or not has_rows(Path(f"{source}-wal"))
    try:
        with closing(open_to_read(source, alone=alone)) as reading:
            found = reading.execute("PRAGMA integrity_check(1)").fetchone()[0]
            if found != "ok":
                raise DatabaseError(found)
            facts = dict(
                reading.execute(
                    "SELECT key, value FROM meta WHERE key IN ('instance_id', 'last_sweep_at', "
                    "'mark')"
                )
            )
            revision = reading.execute("SELECT version_num FROM alembic_version").fetchone()[0]
            pauses = _pauses(reading)
    except DatabaseError as error:
        raise StoreUnavailableError(
            "{source} is not a copy of a renewals database, or it is damaged: {error}",
            source=source,
            error=error,
        ) from error
    if revision not in known():
        raise StoreUnavailableError(
            (
                "{source} belongs to a newer version of renewals (revision {revision}); update "
                "this program"
            ),
            source=source,
            revision=revision,
        )
    swept = facts.get("last_sweep_at")
    return Copy(
        facts.get("instance_id", ""),
        revision,
        datetime.fromisoformat(swept) if swept else None,
        int(facts.get("mark", 0)),
        pauses,
    )


def _pauses(reading: Connection) -> list[Pause]:
    """The pauses nobody has ended; none in a database from before there were pauses."""
    if not reading.execute("SELECT 1 FROM sqlite_master WHERE name = 'pauses'").fetchall():
        return []
    rows = reading.execute(
        "SELECT scope, name, since_at, until_at, because, actor FROM pauses WHERE ended_at IS "
        "NULL ORDER BY id"
    )
    return [
        Pause(Scope(scope), name, _instant(since), _instant(until) if until else None, *why)
        for scope, name, since, until, *why in rows
    ]


def _instant(stored: str) -> datetime:
    """An instant as SQLite keeps it."""
    return datetime.fromisoformat(stored).replace(tzinfo=UTC)


def fold_journal(url: str) -> None:
    """Folds the journal into the database, so that it is all in one file; a damaged database, or
    one that others use, is left as it is. Only for a journal that belongs to the file
    (`journal.stray_journal`)."""
    file = _sqlite_file(url)
    if not has_rows(Path(f"{file}-wal")) or look_through(file).damage:
        return
    with (
        suppress(DatabaseError),
        closing(connect(f"file:{quote(str(file))}?mode=rw", uri=True)) as writing,
    ):
        writing.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()


def put_back(
    url: str, source: Path, held: str, generation: int, now: datetime, *, alone: bool = False
) -> Path | None:
    """Puts the copy in the place of the database, held (`held`, as the database keeps it; its
    generation above `generation`); returns the name under which the old one is kept, None if there
    was none. Nobody else may use the database meanwhile. Raises StoreUnavailableError."""
    target, alone = _sqlite_file(url), alone or not has_rows(Path(f"{source}-wal"))
    aside = free_name(target.with_name(f"{target.name}.replaced-{now:%Y%m%dT%H%M%SZ}"))
    moved = [
        (Path(f"{target}{ending}"), Path(f"{aside}{ending}")) for ending in ("", "-wal", "-shm")
    ]
    moved = [(there, to) for there, to in moved if there.exists()]
    with _whole(target) as part:
        with closing(open_to_read(source, alone=alone)) as reading:
            _copy(reading, part)
        with closing(connect(part)) as writing, writing:
            facts = (("restored", held), ("mark", str(generation + 1)))
            writing.executemany(
                (
                    "INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET "
                    "value = excluded.value"
                ),
                facts,
            )
        for (
            there,
            to,
        ) in moved:  # the file first: without its journal it is not the database of before
            there.rename(to)
    return aside if moved else None


def free_name(file: Path) -> Path:
    """The name, or with a number behind it if it is taken."""
    names = (file if n == 0 else file.with_name(f"{file.name}.{n}") for n in range(10_000))
    return next(name for name in names if not name.exists())


def _sqlite_file(url: str) -> Path:
    """The file behind the address. Raises StoreUnavailableError for a server."""
    database = parse_url(url)
    if database.get_backend_name() != "sqlite":
        raise StoreUnavailableError(
            (
                "for PostgreSQL ({place}) make the copy with pg_dump: pg_dump --format=custom "
                "--file=renewals.dump {database}"
            ),
            place=place(database),
            database=database.database,
        )
    return Path(database.database or "")


def _copy(reading: Connection, part: Path) -> None:
    """Makes the copy, without a journal, so that it is all in one file, and looks through it before
    it counts."""
    with closing(connect(part)) as writing:
        reading.backup(writing)
        writing.execute("PRAGMA journal_mode = DELETE")
        found = writing.execute("PRAGMA quick_check(1)").fetchone()[0]
        if found != "ok":
            raise DatabaseError(f"it is damaged: {found}")
