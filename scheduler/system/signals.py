"""Signals: noted from the first moment of a daemon, also before it is ready, and acted on when
there is time.

Always holds: the handler only notes; the second request to stop ends the process at once.
"""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from queue import Empty, SimpleQueue
from types import FrameType

STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)


class Signals:
    """Those that came and nobody has acted on yet."""

    def __init__(self) -> None:
        self._came: SimpleQueue[int] = SimpleQueue()
        self._stops = 0
        self.stopped_by = 0
        """The first request to stop; 0 if none came."""
        self._kept = False

    @contextmanager
    def kept(self) -> Iterator["Signals"]:
        """Notes signals during the block instead of dying of them. Blocks within one another are
        one. Main thread only."""
        if self._kept:
            yield self
            return
        self._kept = True
        before = {
            number: signal.signal(number, self._received)
            for number in (*STOP_SIGNALS, signal.SIGHUP)
        }
        try:
            yield self
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
            self._kept = False

    def _received(self, number: int, frame: FrameType | None) -> None:
        """The signal handler: only notes it (SimpleQueue.put is safe here); the second stop ends
        the process at once."""
        if number in STOP_SIGNALS:
            self._stops += 1
            self.stopped_by = self.stopped_by or number
        if self._stops > 1:
            os._exit(128 + number)
        self._came.put(number)

    @property
    def stopped(self) -> bool:
        """Whether somebody has asked to stop."""
        return self._stops > 0

    def next(self, seconds: float) -> int:
        """The next signal; 0 if none came in so many seconds."""
        try:
            return self._came.get(timeout=seconds)
        except Empty:
            return 0
