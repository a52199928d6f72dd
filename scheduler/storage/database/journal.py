"""What can be read of a SQLite file without opening it as a database: whether the journal beside it
is its own.

SQLite folds a `-wal` that lies beside a file into it, whichever file that is: a copy put over a
database whose journal was left behind becomes a mixture of both (sqlite.org/howtocorrupt.html, 1.2
and 1.4). Always holds: nothing is opened as a database, so nothing is folded; and no file that was
looked at is closed again while this process may have it open as a database: a process that closes
any descriptor of a file loses all its locks on it (2.2 there), and the next process would take the
journal away from under the daemon.
"""

import os
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from scheduler.core.words.labels import Label
from scheduler.ports import StoreUnavailableError
from scheduler.storage.database.address import parse_url

_MAGIC = b"SQLite format 3\0"
_HEADER, _MODE, _CHANGES = 100, 18, slice(24, 28)
"""sqlite.org/fileformat.html, 1.3: which kind of journal the file is written with, and how often it
was changed."""
_ROLLBACK = 1
_MOST = 32
_descriptors: OrderedDict[tuple[int, int], int] = OrderedDict()
_one_at_a_time = Lock()


@dataclass(frozen=True, slots=True)
class Header:
    """The first bytes of a database file. `journaled`: it is written through a `-wal`, as every
    database in use is, and none of our copies."""

    journaled: bool
    changes: int


def file_of(url: str) -> Path | None:
    """The file behind the address; None for a server, a database in memory, or no address."""
    try:
        parsed = parse_url(url)
    except StoreUnavailableError:
        return None
    plain = (
        parsed.get_backend_name() == "sqlite"
        and parsed.database
        and parsed.database != ":memory:"
        and not parsed.database.startswith("file:")
    )
    return Path(parsed.database or "").absolute() if plain else None


def header_of(file: Path) -> Header | None:
    """The file's header; None if it is missing, empty or something else."""
    try:
        found = os.pread(_kept(file), _HEADER, 0)
    except OSError:
        return None
    if len(found) < _HEADER or not found.startswith(_MAGIC):
        return None
    return Header(found[_MODE] != _ROLLBACK, int.from_bytes(found[_CHANGES], "big"))


def _kept(file: Path) -> int:
    """A descriptor of the file that stays open; only those of the latest `_MOST` files are kept.
    Raises OSError."""
    with _one_at_a_time:
        there = file.stat()
        known = _descriptors.pop((there.st_dev, there.st_ino), None)
        _descriptors[there.st_dev, there.st_ino] = found = (
            os.open(file, os.O_RDONLY | os.O_CLOEXEC) if known is None else known
        )
        if len(_descriptors) > _MOST:
            os.close(_descriptors.popitem(last=False)[1])
        return found


def changes_of(url: str) -> int:
    """The number of times the file at this address was changed, by its own count; 0 if there is
    none."""
    file = file_of(url)
    header = header_of(file) if file is not None else None
    return header.changes if header is not None else 0


def stray_journal(url: str, changes: int) -> Label | None:
    """Detects that a file was copied over the database while its journal still held rows.
    `changes`: how often the database had been changed at the last look."""
    file = file_of(url)
    header = header_of(file) if file is not None else None
    if file is None or header is None or not has_rows(journal := Path(f"{file}-wal")):
        return None
    if header.journaled and header.changes >= changes:
        return None
    return Label(
        (
            "{file} is a copy, but the journal of the previous database ({journal_name}) is "
            "still beside it; opening it would mix the two, so it is not opened. To use only the "
            "copy: renewals restore {file} (the journal is kept under another name)"
        ),
        file=file,
        journal_name=journal.name,
    )


def has_rows(journal: Path) -> bool:
    """Whether a journal holds any rows."""
    try:
        return journal.stat().st_size > 0
    except OSError:
        return False
