"""A private copy of a SQLite file, on which something is tried and then thrown away.

Always holds: a trial keeps nobody from writing; what a killed process left behind is removed by the
next trial.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory

from sqlalchemy import Engine

from scheduler.ports import StoreUnavailableError
from scheduler.storage.database.backup import copy_to
from scheduler.storage.database.driver_errors import PASSING_ERRORS
from scheduler.storage.database.engine import open_engine

_PREFIX = ".tried-"
_YOUNG_SECONDS = 60.0
"""A folder made less than so long before another may not be locked yet."""


@contextmanager
def private_copy(url: str, folder: Path) -> Iterator[Engine]:
    """An engine on a copy in `folder`, if there is room for one, until the end of the block. Raises
    StoreUnavailableError."""
    with _private_folder(folder) as private:
        copy = private / "tried.db"
        copy_to(url, copy)
        engine = open_engine(f"sqlite:///{copy}", lasting=False)
        try:
            yield engine
        finally:
            engine.dispose()


@contextmanager
def _private_folder(folder: Path) -> Iterator[Path]:
    """A locked folder of our own, removed at the end of the block. Raises StoreUnavailableError."""
    try:
        made = TemporaryDirectory(prefix=_PREFIX, dir=folder)
    except OSError as error:
        raise StoreUnavailableError(
            "no copy can be made in {folder}: {strerror}",
            folder=folder,
            strerror=error.strerror,
            passing=error.errno in PASSING_ERRORS,
        ) from error
    with made as name:
        descriptor = os.open(name, os.O_RDONLY | os.O_CLOEXEC)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            _take_away_what_was_left(folder, Path(name).stat().st_mtime)
            yield Path(name)
        finally:
            os.close(descriptor)


def _take_away_what_was_left(folder: Path, now: float) -> None:
    """Removes the folders of processes that ended before they could do so. `now`: the time of the
    folder's disk, in seconds."""
    for left in folder.glob(f"{_PREFIX}*"):
        with suppress(OSError):
            if (
                left.is_dir()
                and not left.is_symlink()
                and left.stat().st_mtime < now - _YOUNG_SECONDS
                and not _is_locked(left)
            ):
                rmtree(left, ignore_errors=True)


def _is_locked(folder: Path) -> bool:
    """Whether the process that made the folder still works with it."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False
