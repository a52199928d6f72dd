"""The ticker: makes the daemon look at the clocks at regular intervals. APScheduler only ticks;
the work is rows.

Always holds: a late tick is never dropped, several missed ones are one, a job never runs beside
itself, and a jump of the wall clock by years costs nothing (the trigger skips what was missed,
where APScheduler would list it tick by tick).
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from apscheduler.executors.pool import ThreadPoolExecutor  # type: ignore[import-untyped]
from apscheduler.schedulers.background import BackgroundScheduler  # type: ignore[import-untyped]
from apscheduler.triggers.interval import IntervalTrigger  # type: ignore[import-untyped]


class _Beat(IntervalTrigger):  # type: ignore[misc]
    """An interval whose next time is never in the past, however far the clock was moved."""

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime:
        """The next time: one interval after the last tick, or after now if that has passed."""
        if previous_fire_time is None:
            return now
        following: datetime = previous_fire_time + self.interval
        return max(following, now)


class _Watched(BackgroundScheduler):  # type: ignore[misc]
    """A scheduler that says whether its thread lives (`running` stays true when it died)."""

    @property
    def alive(self) -> bool:
        """Whether the scheduler's thread is there."""
        thread = self._thread
        return thread is not None and thread.is_alive()


class Ticker:
    """Calls each job every so many seconds, in threads of its own."""

    def __init__(self, jobs: Mapping[str, tuple[Callable[[], None], float]]) -> None:
        self._jobs = jobs
        self._scheduler = self._started()

    def _started(self) -> _Watched:
        """A running scheduler with all jobs, each due at once."""
        scheduler = _Watched(
            timezone=UTC,
            executors={"default": ThreadPoolExecutor(len(self._jobs))},
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
        )
        for name, (job, seconds) in self._jobs.items():
            scheduler.add_job(
                job,
                _Beat(seconds=max(1, round(seconds)), timezone=UTC),
                id=name,
                next_run_time=datetime.now(UTC),
            )
        scheduler.start()
        return scheduler

    def check(self) -> bool:
        """Starts a new scheduler where its thread has died; whether that was needed."""
        if self._scheduler.alive:
            return False
        self._scheduler = self._started()
        return True

    def now(self, *names: str) -> None:
        """Makes jobs due at once (all if none is named): after a clock was set, or when there is
        news."""
        for name in names or self._jobs:
            job: Any = self._scheduler.get_job(name)
            if job is not None:
                job.modify(next_run_time=datetime.now(UTC) - timedelta(microseconds=1))

    def stop(self) -> None:
        """No more ticks; jobs under way go on to their end and are waited for."""
        if self._scheduler.alive:
            self._scheduler.shutdown(wait=True)
