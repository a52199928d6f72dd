"""Work that may hang, waited for no longer than so many seconds.

Always holds: one call is under way at a time, and whoever else asks waits for that one; a call that
hangs does not keep the process from ending.
"""

from collections.abc import Callable
from concurrent.futures import Future
from threading import Lock, Thread
from typing import Generic, TypeVar

T = TypeVar("T")


class OneAtATime(Generic[T]):
    """Does the work in a thread of its own, called `name`."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._lock = Lock()
        self._current: Future[T] | None = None

    def ask(self, work: Callable[[], T], seconds: float) -> T:
        """The result of `work`, or of the call that is already under way. Raises TimeoutError after
        `seconds`, and whatever the work raises."""
        with self._lock:
            future = self._current
            if future is None or future.done():
                future = self._current = Future()
                Thread(target=_do, args=(future, work), name=self._name, daemon=True).start()
        return future.result(seconds)


def _do(future: "Future[T]", work: Callable[[], T]) -> None:
    """Does the work in its thread and keeps the result, or the error, for whoever asked."""
    try:
        future.set_result(work())
    except BaseException as error:  # whoever asked gets it
        future.set_exception(error)
