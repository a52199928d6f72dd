"""Whose turn it is to write to a SQLite file: who came first, whichever process or thread that is.

SQLite lets waiting writers poll, at the end every tenth of a second; a daemon that begins its next
transaction a moment after the last one would keep a command waiting for as long as it has work. So
whoever wants to write first goes through a lock beside the file (`FILE.turn`), and holds it until
their transaction has begun: the next one waits there, not the one who waits already.

Always holds: the lock is only about manners. Where it cannot be had (a folder that cannot be
written to, a file system without locks) SQLite's own locks are all there is, and nothing else
changes.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic, sleep

from scheduler.system.private_files import make_private

_LOOK_SECONDS = 0.004


class Turnstile:
    """One file's. `patience`: after so many seconds SQLite itself has to say that somebody else is
    writing."""

    def __init__(self, file: Path, patience: float) -> None:
        self._lock = Path(f"{file}.turn")
        self._patience = patience

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Waits for its turn, and keeps it during the block, in which the transaction begins."""
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
        """The lock's file; each turn has a descriptor of its own, so that threads wait for one
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
