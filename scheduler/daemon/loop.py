"""The daemon: ticks, signals, the watchdog and the one catch-all.

The main thread owns the signals and looks once a second at the clocks, the ticker and the
watchdog; the ticker calls each job in a thread of its own. A job is a step that does a bounded
piece of work and says whether there is more.

Always holds
    - a job that fails is logged with its traceback and tried again (after 1, 2, 4 … 60 seconds);
      the daemon goes on;
    - no job that reads the clock to act on it takes a step without a look at the clocks first;
      while the time is doubted it takes none;
    - systemd's watchdog is told only while every job completes its ticks;
    - the first SIGTERM or SIGINT lets what is under way finish, releases what was claimed, and ends
      with 0; the second ends at once;
    - what cannot go on without a person (its database is gone, or has become a newer program's)
      ends it with 1, after a line in the log: never with 0.
"""

import os
import signal
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from threading import Event, Lock
from typing import Any, Protocol

from scheduler.core.machine.liveness import dead
from scheduler.core.words.labels import Label
from scheduler.daemon.ticker import Ticker
from scheduler.ports import StoreUnavailableError
from scheduler.system.job_health import JobHealth
from scheduler.system.logs import log
from scheduler.system.signals import STOP_SIGNALS, Signals
from scheduler.system.systemd import Notifier

LOOK_SECONDS = 1.0
EXIT_GONE = 1
"""The exit code where the database is gone, or a newer program's."""


@dataclass(frozen=True, slots=True)
class Job:
    """One kind of work. `step` does a bounded piece and says whether there is more; it asks its
    argument between two messages whether to stop.

    `needs_clock`: it acts on the time, so it waits while that is doubted.
    """

    name: str
    seconds: float
    step: Callable[[Callable[[], bool]], bool]
    needs_clock: bool = True


class Watch(Protocol):
    """Whether the time is to be believed."""

    def look(self) -> Label | None:
        """What is doubted, if anything. Called once a second."""

    def moved(self) -> bool:
        """Whether the wall clock was set since the last look, even by little."""


class Daemon:
    """Runs jobs until it is told to stop."""

    def __init__(
        self,
        jobs: Sequence[Job],
        watch: Watch,
        notifier: Notifier,
        reload: Callable[[bool], None],
        on_doubt: Callable[[Label], None],
        *,
        signals: Signals | None = None,
        gone: Callable[[], Label | None] = lambda: None,
        on_gone: Callable[[Label], None] = lambda _: None,
        job_health: JobHealth | None = None,
    ) -> None:
        """`gone` says once a second what the work cannot go on without, if that is gone; `on_gone`
        tells people. `job_health` is told how the jobs do."""
        self.stopping = Event()
        self._jobs = jobs
        self._job_health = job_health or JobHealth()
        self._job_health.begin({job.name: job.seconds for job in jobs})
        self._watch = watch
        self._notifier = notifier
        self._reload = reload
        self._on_doubt = on_doubt
        self._doubt: Label | None = None
        self._looking = Lock()
        self._ticker: Ticker | None = None
        self._ticking: set[str] = set()
        self._signals = signals or Signals()
        self._gone, self._on_gone = gone, on_gone
        self._exit_code = 0

    def run(self, ready: str) -> int:
        """Ticks until a signal says stop; the exit code. Signals that came before are acted on
        now."""
        with self._signals.kept():
            return self._run(ready)

    def _run(self, ready: str) -> int:
        """The main thread's life."""
        self._look_at_clocks()
        self._ticker = ticker = Ticker(
            {job.name: (partial(self.tick, job), job.seconds) for job in self._jobs}
        )
        self._notifier.ready(ready)
        self._job_health.looked()
        log().info("ready", status=ready, pid=os.getpid())
        while not self.stopping.is_set():
            self._next_second(ticker)
        self._notifier.stopping()
        self._job_health.ended()
        ticker.stop()
        log().info("stopped")
        return self._exit_code

    def _next_second(self, ticker: Ticker) -> None:
        """Waits for a signal for a second, then looks after everything."""
        number = self._signals.next(LOOK_SECONDS)
        if number in STOP_SIGNALS:
            log().info("stopping", signal=signal.Signals(number).name)
            self.stopping.set()
            return
        self._guarded("database", self._look_at_database)
        self._guarded("config", lambda: self._reload(number == signal.SIGHUP))
        self._guarded("clock", self._look_at_clocks)
        if ticker.check():
            log().error("the metronome had stopped; a new one was started")
        self._job_health.looked()
        if not dead(self._job_health.vitals()):
            self._notifier.watchdog()

    def _look_at_database(self) -> None:
        """Ends the daemon where its database is gone, or a newer program's: whatever it did from
        now on, nobody would ever see, or it would do harm."""
        what = self._gone()
        if what is not None:
            log().error("the daemon ends: it cannot go on with its database", because=what.en)
            self._exit_code = EXIT_GONE
            self.stopping.set()
            self._on_gone(what)

    def _look_at_clocks(self) -> None:
        """Stops work that needs the clock while there is a doubt, and says so once; wakes every
        job when the clock was set."""
        with self._looking:
            self._notice(self._watch.look())
            if self._ticker is not None and self._watch.moved():
                self._ticker.now()

    def _notice(self, doubt: Label | None) -> None:
        """A doubt that begins or ends."""
        if doubt is not None and self._doubt is None:
            self._doubt = doubt
            self._job_health.doubted = True
            log().error("clock doubted: sweeping and sending stop", because=doubt.en)
            self._notifier.status(doubt.en)
            self._on_doubt(doubt)
        elif doubt is None and self._doubt is not None:
            self._doubt, self._job_health.doubted = None, False
            log().warning("clock trusted again: sweeping and sending go on")
            self._notifier.status("running")

    def wake(self, name: str) -> None:
        """Makes a job due at once, unless it is under way: there is news for it."""
        if self._ticker is not None and name not in self._ticking and not self.stopping.is_set():
            self._ticker.now(name)

    def tick(self, job: Job) -> None:
        """Steps of one job until there is no more to do, the daemon stops, or one fails."""
        self._ticking.add(job.name)
        try:
            if self._job_health.may_try(job.name):
                while not self.stopping.is_set() and self._may_act(job) and self._step(job):
                    self._job_health.progress(job.name)
        finally:
            self._ticking.discard(job.name)
        self._job_health.progress(job.name)

    def _may_act(self, job: Job) -> bool:
        """Whether the time is trusted, as far as the job needs it: a clock that jumped since the
        last second must not send anything."""
        if job.needs_clock:
            self._guarded("clock", self._look_at_clocks)
        return not (job.needs_clock and self._doubt)

    def _step(self, job: Job) -> bool:
        """Runs one step under the catch-all; returns whether there is more."""

        def stop() -> bool:
            self._job_health.progress(job.name)
            return self.stopping.is_set()

        try:
            more = job.step(stop)
        except Exception as error:
            _report(job.name, error, *self._job_health.failed(job.name))
            return False
        if failures := self._job_health.completed(job.name):
            log().info("works again", job=job.name, failures=failures)
        return more

    def _guarded(self, name: str, act: Callable[[], None]) -> None:
        """Something the main thread does; a failure is logged."""
        try:
            act()
        except Exception as error:
            _report(name, error, 1, LOOK_SECONDS)


def _report(name: str, error: Exception, failures: int, wait: float) -> None:
    """Logs a failure: with its traceback, unless it is a database that cannot be reached just
    now."""
    facts: dict[str, Any] = {"job": name, "failures": failures, "again_in_seconds": wait}
    if isinstance(error, StoreUnavailableError):
        log().error("database not available", because=str(error), **facts)
    else:
        log().error("failed", because=str(error), exc_info=error, **facts)
