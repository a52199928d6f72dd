"""Watches the clocks for the daemon (DESIGN §7 "Clock sense"): the rules are
`core.machine.clock_sense`, the facts come from the machine and the database.

Always holds: a doubt ends when the clocks agree again, when the kernel says its clock is
synchronised, or when a person ran `renewals clock accept`.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

from scheduler.core.machine.clock_sense import LastSeen, Uptime, accept, begin, look
from scheduler.core.words.labels import Label
from scheduler.ports import Clock

_NOTICEABLE = timedelta(seconds=2)
_REFRESH_SECONDS = 60.0


class TimeFacts(Protocol):
    """The database's knowledge of time."""

    def last_sweep_at(self) -> datetime | None:
        """The instant of the last sweep of any machine."""

    def last_seen(self) -> LastSeen | None:
        """The last sweep with how its machine was running; None before the first, and in a
        rehearsal's database."""

    def accepted(self) -> str | None:
        """A text that changes whenever a person confirms the clock."""

    def accept(self, now: datetime) -> None:
        """Takes `now` for right, whatever was recorded."""


_unknown = partial(Uptime, "")


class ClockWatch:
    """Looks at the wall clock, the steady clock and the last sweep."""

    def __init__(
        self,
        clock: Clock,
        steady: Callable[[], float],
        facts: TimeFacts,
        synchronised: Callable[[], bool],
        machine: Callable[[float], Uptime] = _unknown,
    ) -> None:
        """`machine` says how this machine was running when the steady clock stood so."""
        self._clock, self._steady, self._facts, self._synchronised = (
            clock,
            steady,
            facts,
            synchronised,
        )
        self._last_sweep_at = facts.last_sweep_at()
        self._accepted = facts.accepted()
        wall_at, began = clock.now(), steady()
        self._sense, self._seen = (
            begin(wall_at, machine(began), facts.last_seen()),
            accept(wall_at, began),
        )
        self._read_at = steady()
        self._moved = False

    def look(self) -> Label | None:
        """What is doubted now, if anything."""
        wall_at, steady = self._clock.now(), self._steady()
        went = wall_at - (self._seen.wall_at + timedelta(seconds=steady - self._seen.monotonic))
        self._moved, self._seen = abs(went) > _NOTICEABLE, accept(wall_at, steady)
        if steady - self._read_at > _REFRESH_SECONDS:
            self._last_sweep_at, self._read_at = self._facts.last_sweep_at(), steady
        self._sense = look(self._sense, wall_at, steady, self._last_sweep_at)
        if self._sense.doubt is not None and self._confirmed(wall_at):
            self._last_sweep_at = self._facts.last_sweep_at()
            self._sense = accept(wall_at, steady)
        return self._sense.doubt

    def _confirmed(self, wall_at: datetime) -> bool:
        """Whether a person or the kernel says that the time is right."""
        said = self._facts.accepted()
        if said != self._accepted:
            self._accepted = said
            return True
        if self._synchronised():
            self._facts.accept(wall_at)
            self._accepted = self._facts.accepted()
            return True
        return False

    def moved(self) -> bool:
        """Whether the wall clock was set between the last two looks."""
        return self._moved
