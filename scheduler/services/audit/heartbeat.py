"""Heartbeat: an outside watcher hears that rounds are completed, so that somebody is called when
this machine is silent (DESIGN §7 "dead man").

Always holds: a ping is sent only if every round that matters was completed since the last one, and
none was held back because the database is a copy that waits for a person: such a machine tells
nobody anything; while a channel is broken and there is no way to tell any admin of it, the watcher
is told that something fails; a ping that fails affects nothing else, and each change is reported
once.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Protocol

from scheduler.core.machine.liveness import Vitals
from scheduler.core.words.lexicon import ChannelName

ROUNDS = ("sweep", "deliver")
"""The jobs without which nobody hears anything."""
PATIENCE_SECONDS = 120.0
"""How much longer than their longest interval these jobs may take before the log says that no ping
goes out."""


class Watcher(Protocol):
    """Somebody outside."""

    def ping(self, *, fail: bool) -> str:
        """Says whether all is well; returns what kept the ping from arriving, empty if it
        arrived."""


@dataclass(frozen=True, slots=True)
class WatcherNews:
    """Something to log. `problem`: why a ping did not arrive, empty if it does again; `silent`: no
    ping, because rounds are not completed; `held`: no ping, because a copy that was put back waits;
    `failing`: the channels of which only the watcher can be told."""

    problem: str = ""
    silent: bool = False
    held: bool = False
    failing: tuple[ChannelName, ...] = ()


class Heartbeat:
    """The heartbeat of one daemon. `unreported_failures`: the broken channels of which no admin can
    be told; `held`: whether a restored backup is waiting; `steady`: a clock that nobody can set."""

    def __init__(
        self,
        vitals: Callable[[], Vitals],
        unreported_failures: Callable[[], Collection[ChannelName]],
        held: Callable[[], bool],
        watcher: Watcher,
        steady: Callable[[], float],
    ) -> None:
        self._vitals, self._unreported_failures, self._held, self._watcher, self._steady = (
            vitals,
            unreported_failures,
            held,
            watcher,
            steady,
        )
        self._completed = dict.fromkeys(ROUNDS, 0)
        self._told_at = steady()
        self._last = WatcherNews()

    def beat(self) -> WatcherNews | None:
        """Pings if there is reason to; what changed since the last time, None if nothing did."""
        jobs = {job.name: job for job in self._vitals().jobs if job.name in ROUNDS}
        completed = {name: jobs[name].completed if name in jobs else 0 for name in ROUNDS}
        if self._held():
            self._completed, self._told_at = completed, self._steady()
            now = WatcherNews(held=True)
        elif all(completed[name] > self._completed[name] for name in ROUNDS):
            self._completed, self._told_at = completed, self._steady()
            failing = tuple(sorted(self._unreported_failures()))
            now = WatcherNews(self._watcher.ping(fail=bool(failing)), failing=failing)
        elif (
            self._steady() - self._told_at
            > max((job.seconds for job in jobs.values()), default=0.0) + PATIENCE_SECONDS
        ):
            now = WatcherNews(silent=True)
        else:
            return None
        changed, self._last = now != self._last, now
        return now if changed else None
