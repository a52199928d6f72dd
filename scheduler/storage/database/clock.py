"""The clock of the PostgreSQL server, so that several machines agree on leases and windows whatever
their own clocks say (DESIGN §6).

Always holds: asked at most every ASK_SECONDS, and in between carried on by a clock that nobody can
set; while the server cannot be reached the last answer is carried on, and before the first one the
machine's own clock has to do, because then nothing can be written anyway.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import Engine, text
from typing_extensions import override

from scheduler.ports import Clock, StoreUnavailableError
from scheduler.storage.database.engine import looking

ASK_SECONDS = 10.0
_ASK = text("SELECT clock_timestamp()")


class DatabaseClock(Clock):
    """scheduler.ports.Clock of a server. `machine` is this machine's own clock, `steady` seconds on
    one that nobody can set."""

    def __init__(self, engine: Engine, machine: Clock, steady: Callable[[], float]) -> None:
        self._engine, self._machine, self._steady = engine, machine, steady
        self._known: tuple[datetime, float] | None = None
        self._asked: float | None = None

    @override
    def now(self) -> datetime:
        """The instant it is, in UTC."""
        if self._asked is None or self._steady() - self._asked > ASK_SECONDS:
            self._ask()
        if self._known is None:
            return self._machine.now()
        at, when = self._known
        return at + timedelta(seconds=self._steady() - when)

    def _ask(self) -> None:
        """Asks the server; its answer is taken as true at the middle of the time the question
        took."""
        before = self._asked = self._steady()
        try:
            with looking(self._engine) as connection:
                at: datetime = connection.execute(_ASK).scalar_one()
        except StoreUnavailableError:
            return
        self._known = at.astimezone(self._machine.now().tzinfo), (before + self._steady()) / 2
