"""Whose turn it is to write to a SQLite file: first come, first served, across processes and
threads.

SQLite lets waiting writers poll, in the end every tenth of a second; a daemon that begins its next
transaction a moment after the last one would keep a command waiting for as long as it has work. So
every writer first takes a lock beside the file (`FILE.turn`), and holds it until its transaction
has begun: then the newcomer waits there, not the writer who is waiting already.

Always holds: the lock is only about fairness. If it cannot be had (a read-only folder, a file
system without locks) SQLite's own locks remain, and nothing else changes.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic, sleep

from scheduler.system.private_files import make_private

_LOOK_SECONDS = 0.004


class WriterQueue:
    """Those who want to write to one file, in the order in which they came. `patience`: after so
    many seconds it is left to SQLite to say that somebody else is writing."""

    def __init__(self, file: Path, patience: float) -> None:
        self._lock = Path(f"{file}.turn")
        self._patience = patience

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Waits for a turn, and keeps it during the block, in which the transaction begins."""
        descriptor = self._opened()
        if descriptor is None:
            yield
            return
        try:
            self._wait(descriptor)
            yield
        finally:
            os.close(descriptor)

    def _opened(self) -> int | None:
        """The lock file; each turn has a descriptor of its own, so that threads wait for one
        another too."""
        with suppress(OSError):
            if not self._lock.exists():
                make_private(self._lock)
            return os.open(self._lock, os.O_RDONLY | os.O_CLOEXEC)
        return None

    def _wait(self, descriptor: int) -> None:
        """Takes the lock."""
        until = monotonic() + self._patience
        while monotonic() < until:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                sleep(_LOOK_SECONDS)
            except OSError:
                return
            else:
                return
