"""Something that may hang, asked for no longer than so many seconds.

Always holds: one is under way at a time, whoever else asks waits for the same; one that hangs keeps
no process from ending.
"""

from collections.abc import Callable
from concurrent.futures import Future
from threading import Lock, Thread
from typing import Generic, TypeVar

T = TypeVar("T")


class OneAtATime(Generic[T]):
    """Does it in a thread of its own, called `name`."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._lock = Lock()
        self._current: Future[T] | None = None

    def ask(self, work: Callable[[], T], seconds: float) -> T:
        """What `work` comes to, or what is under way already. Raises TimeoutError, and whatever the
        work raises."""
        with self._lock:
            future = self._current
            if future is None or future.done():
                future = self._current = Future()
                Thread(target=_do, args=(future, work), name=self._name, daemon=True).start()
        return future.result(seconds)


def _do(future: "Future[T]", work: Callable[[], T]) -> None:
    """In the thread: the work, and what it came to."""
    try:
        future.set_result(work())
    except BaseException as error:  # whoever asked gets it
        future.set_exception(error)
