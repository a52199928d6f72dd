"""The copies that are made every night, and how many of them are kept.

Always holds: only files named like a nightly copy are ever deleted, and only once a new one is
whole; without room for a copy none is begun, so that the disk of the database does not fill up.
"""

import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from shutil import disk_usage

from scheduler.ports import StoreUnavailableError
from scheduler.storage.database.backup import copy_to
from scheduler.storage.database.journal import file_of
from scheduler.system.private_files import make_private_folder

_NAME = re.compile(r"renewals-(\d{4}-\d{2}-\d{2})\.db", re.ASCII)
_LEFT_FREE = 64 * 2**20


@dataclass(frozen=True, slots=True)
class Nightly:
    """The place where the copies of the database at `url` are kept, and how many."""

    url: str
    folder: Path
    kept: int

    def newest(self) -> tuple[date, Path] | None:
        """The day of the newest copy, and where it is."""
        return max(self._all(), default=None)

    def has(self, day: date) -> bool:
        """Whether the copy of this day is there."""
        return any(made == day for made, _ in self._all())

    def make(self, today: date) -> Path:
        """Makes today's copy and deletes the oldest ones beyond those to be kept. Raises
        StoreUnavailableError."""
        target = self.folder / f"renewals-{today}.db"
        self._make_room(target)
        copy_to(self.url, target)
        for _, copy in sorted(self._all())[: -self.kept]:
            copy.unlink(missing_ok=True)
        return target

    def _make_room(self, target: Path) -> None:
        """Makes the folder, and checks that there is room for the copy. Raises
        StoreUnavailableError."""
        database = file_of(self.url)
        try:
            make_private_folder(self.folder)
            free, size = (
                disk_usage(self.folder).free,
                sum(f.stat().st_size for f in self._files(database)),
            )
        except OSError as error:
            raise StoreUnavailableError(
                "the folder of the copies, {folder}, cannot be used: {strerror}",
                folder=self.folder,
                strerror=error.strerror,
                passing=True,
            ) from error
        if free < size + _LEFT_FREE:
            raise StoreUnavailableError(
                "there is not enough space for the copy {target}: it needs {needed}, {free} is "
                "free",
                target=target,
                needed=_megabytes(size + _LEFT_FREE),
                free=_megabytes(free),
                passing=True,
            )

    @staticmethod
    def _files(database: Path | None) -> list[Path]:
        """The database and its journal."""
        return [f for f in (database, Path(f"{database}-wal")) if f is not None and f.is_file()]

    def _all(self) -> list[tuple[date, Path]]:
        """Every nightly copy with its day."""
        if not self.folder.is_dir():
            return []
        named = [(_day(file.name), file) for file in self.folder.iterdir() if file.is_file()]
        return [(day, file) for day, file in named if day is not None]


def _day(name: str) -> date | None:
    """The day of a nightly copy; None for any other file.

    >>> _day("renewals-2027-01-05.db"), _day("renewals-2027-13-05.db")
    (datetime.date(2027, 1, 5), None)
    """
    found = _NAME.fullmatch(name)
    try:
        return date.fromisoformat(found[1]) if found else None
    except ValueError:
        return None


def _megabytes(size: int) -> str:
    """A size for people to read.

    >>> _megabytes(70_000_000)
    '67 MB'
    """
    return f"{-(-size // 2**20):,} MB"
