"""A daemon that waits at its start for what passes by itself: a database server that boots later, a
network, a full disk.

Always holds: one line for each reason, none for each attempt; the pauses grow to a minute; a
request to stop is obeyed at once.
"""

from collections.abc import Callable
from time import monotonic

from scheduler.ports import StoreUnavailableError
from scheduler.system.logs import log
from scheduler.system.signals import STOP_SIGNALS, Signals
from scheduler.system.systemd import Notifier

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0


def with_retries(
    start: Callable[[], int],
    signals: Signals,
    notifier: Notifier,
    on_wait: Callable[[], None] = lambda: None,
) -> int:
    """The exit code of `start`, which is called again for as long as what it needs is not there; 0
    after a request to stop.

    `on_wait` is called before each pause. Raises whatever else `start` raises, and
    StoreUnavailableError for what a person must change.
    """
    pause, told, since = FIRST_PAUSE, "", monotonic()
    while True:
        try:
            return start()
        except StoreUnavailableError as error:
            if not error.passing:
                raise
            if str(error) != told:
                told = str(error)
                log().error("waiting for the database", because=told)
        notifier.waiting(told, pause)
        on_wait()
        if _asked_to_stop(signals, pause):
            log().info("stopped", waited_seconds=round(monotonic() - since))
            return 0
        pause = min(2 * pause, LONGEST_PAUSE)


def _asked_to_stop(signals: Signals, seconds: float) -> bool:
    """Waits for so many seconds; returns whether somebody asked to stop. A request to read the
    configuration again ends the wait early: the next attempt reads it."""
    number = 0 if signals.stopped else signals.next(seconds)
    return signals.stopped or number in STOP_SIGNALS
