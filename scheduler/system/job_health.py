"""How a daemon's jobs are doing, written down by the daemon and read by whoever must know: the
watchdog, /livez and /readyz, the outside watcher.

Always holds: reading waits for nothing, so that a daemon that stands still can be seen to.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import monotonic

from scheduler.core.machine.liveness import JobVitals, Vitals

LONGEST_WAIT = 60.0


@dataclass(slots=True)
class _Record:
    """One job. `progress_at` and `not_before` are on the monotonic clock."""

    seconds: float
    progress_at: float
    not_before: float = 0.0
    failures: int = 0
    completed: int = 0


class JobHealth:
    """How the jobs of one daemon do. `steady` is a clock that nobody can set."""

    def __init__(self, steady: Callable[[], float] = monotonic) -> None:
        self._steady = steady
        self._records: dict[str, _Record] = {}
        self._looked_at: float | None = None
        self.doubted = False

    def begin(self, jobs: Mapping[str, float]) -> None:
        """These jobs are to be watched, each with its interval in seconds."""
        self._records = {name: _Record(seconds, self._steady()) for name, seconds in jobs.items()}

    def looked(self) -> None:
        """Notes that the main thread has just looked after everything."""
        self._looked_at = self._steady()

    def ended(self) -> None:
        """Notes that the main thread looks after nothing any more."""
        self._looked_at = None

    def progress(self, name: str) -> None:
        """Notes that a job is making progress."""
        self._records[name].progress_at = self._steady()

    def completed(self, name: str) -> int:
        """Notes that a step was completed; returns how many times in a row it had failed before."""
        record = self._records[name]
        failures, record.failures = record.failures, 0
        record.completed += 1
        return failures

    def failed(self, name: str) -> tuple[int, float]:
        """Notes that a step failed; returns how many times in a row it has, and for how many
        seconds the job is left alone."""
        record = self._records[name]
        record.failures += 1
        wait = min(LONGEST_WAIT, 2.0 ** (record.failures - 1))
        record.not_before = self._steady() + wait
        return record.failures, wait

    def may_try(self, name: str) -> bool:
        """Whether a job that failed has been left alone long enough."""
        return self._steady() >= self._records[name].not_before

    def vitals(self) -> Vitals:
        """How everything is now."""
        now, looked_at = self._steady(), self._looked_at
        jobs = tuple(
            JobVitals(name, r.seconds, now - r.progress_at, r.failures, r.completed)
            for name, r in self._records.items()
        )
        return Vitals(None if looked_at is None else now - looked_at, jobs, self.doubted)
