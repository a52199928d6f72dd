"""Liveness: the answers to "are you alive" and "are you ready", for probes, load balancers and
`renewals ready` (`core.machine.liveness` judges).

Always holds: an answer takes a bounded time even if the database hangs; however many ask, there is
only one look at the database at a time.
"""

from collections.abc import Callable
from typing import Protocol

from typing_extensions import override

from scheduler.core.machine.liveness import DaemonTrouble, Facts, Trouble, Vitals, dead, unready
from scheduler.ports import StoreUnavailableError
from scheduler.system.bounded import OneAtATime

LOOK_SECONDS = 3.0
"""How long a look at the database may take before it counts as not reachable."""
FRESH_SECONDS = 1.0
"""How long the last look's result is reused for those who ask next."""


class LivenessStore(Protocol):
    """The database as liveness needs it."""

    def facts(self) -> Facts:
        """The time and the last sweep. Raises StoreUnavailableError."""


class LivenessAnswers(Protocol):
    """The answers given to whoever watches the daemon."""

    def dead(self) -> list[DaemonTrouble]:
        """The troubles that a restart would cure; empty if alive."""

    def unready(self) -> list[DaemonTrouble]:
        """Why nudges do not go out as they should; empty if ready."""


class DaemonHealth(LivenessAnswers):
    """Answers for one daemon. `steady` is a clock that nobody can set; `failed` is called with an
    unexpected error, once until another one comes; `seconds`: how long a look may take."""

    def __init__(
        self,
        vitals: Callable[[], Vitals],
        store: LivenessStore,
        sweep_seconds: float,
        steady: Callable[[], float],
        failed: Callable[[Exception], None],
        seconds: float = LOOK_SECONDS,
    ) -> None:
        self.vitals = vitals
        self._store, self._sweep_seconds, self._steady, self._seconds = (
            store,
            sweep_seconds,
            steady,
            seconds,
        )
        self._failed, self._told = failed, ""
        self._look = OneAtATime[Facts]("health")
        self._seen: tuple[float, Facts | None] | None = None

    @override
    def dead(self) -> list[DaemonTrouble]:
        return dead(self.vitals())

    @override
    def unready(self) -> list[DaemonTrouble]:
        return unready(self.vitals(), self._facts(), self._sweep_seconds)

    def serving(self) -> bool:
        """Whether the pages can be used: people may still answer while sending is paused or
        held."""
        return all(trouble.kind in (Trouble.HELD, Trouble.PAUSED) for trouble in self.unready())

    def _facts(self) -> Facts | None:
        """The facts the database gives, or gave a moment ago; None if it cannot be asked."""
        seen = self._seen
        if seen is None or self._steady() - seen[0] > FRESH_SECONDS:
            seen = self._seen = (self._steady(), self._asked())
        return seen[1]

    def _asked(self) -> Facts | None:
        """The facts the database gives now."""
        try:
            facts = self._look.ask(self._store.facts, self._seconds)
        except (StoreUnavailableError, TimeoutError):
            return None
        # a fault of the program's own: whoever asks hears "not ready", whoever reads the log why
        except Exception as error:
            self._tell(error)
            return None
        self._told = ""
        return facts

    def _tell(self, error: Exception) -> None:
        """Reports an unexpected error, unless it is the same as the last one."""
        before, self._told = self._told, repr(error)
        if before != self._told:
            self._failed(error)
