"""Whether a SQLite file is whole, and how large it and its journal are. Always holds: the file is
only read."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from shutil import disk_usage
from urllib.parse import quote

SQLITE_VERSION = sqlite3.sqlite_version


@dataclass(frozen=True, slots=True)
class IntegrityCheck:
    """The result of a check: `damage` (empty if none), and the sizes in bytes of the file, of its
    journal and of the free room on its disk."""

    damage: str
    size: int
    journal: int
    free: int


def open_to_read(file: Path, *, alone: bool = False) -> sqlite3.Connection:
    """A connection that only reads; `alone`: for a file that nobody changes, read without the
    journal beside it, even on a read-only disk."""
    return sqlite3.connect(
        f"file:{quote(str(file))}?mode=ro{'&immutable=1' if alone else ''}", uri=True
    )


def look_through(file: Path) -> IntegrityCheck:
    """Looks through a database file; a large one takes some seconds."""
    journal = Path(f"{file}-wal")
    sizes = (
        file.stat().st_size,
        journal.stat().st_size if journal.exists() else 0,
        disk_usage(file.parent).free,
    )
    try:
        with closing(open_to_read(file)) as connection:
            said = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    except sqlite3.DatabaseError as error:
        said = str(error)
    return IntegrityCheck("" if said == "ok" else said, *sizes)
