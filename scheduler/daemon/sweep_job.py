"""Sweeping: a batch of due deals at a time, and the rows it wrote sealed when it rests."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from scheduler.core.facts.punctuality import SHORTEST_STOP, Cause, Outage
from scheduler.core.rules.shared import SharedDecisions
from scheduler.core.words.labels import Label
from scheduler.daemon.admins import Admins
from scheduler.daemon.hold import DaemonHold
from scheduler.daemon.shared_delivery import Stop
from scheduler.services.deals.sweep import StalePolicyError, Swept, sweep_once
from scheduler.system.clock import steady_seconds, this_machine
from scheduler.system.logs import log

if TYPE_CHECKING:
    from scheduler.app.wiring import App

SWEEP_BATCH = 200
"""Deals decided in one transaction: short enough for a person who answers to wait for."""
RECORD_EVERY = timedelta(minutes=1)
SEAL_STEPS = 10
"""So many steps of some thousands of rows at a time: after an upgrade all there is is sealed little
by little."""


class SweepJob:
    """Sweeps one App; `swept` adds up what all steps came to.

    `clock_is_moved`: on purpose, to whenever something is due (a year lived in a minute), so a long
    time between two steps is no stop.
    """

    def __init__(
        self, app: "App", admins: Admins, hold: DaemonHold, *, clock_is_moved: bool
    ) -> None:
        self._app, self._admins, self._hold = app, admins, hold
        self._clock_is_moved = clock_is_moved
        self.recorded_at: datetime | None = None
        """When a sweep last found nothing more to do; None before the first."""
        self.doubted = False
        """Whether the clock was doubted since the last sweep."""
        self._stepped_at: datetime | None = None
        self._sweeping = False
        self._decided: SharedDecisions | None = None
        self.on_swept: Callable[[], None] = lambda: None
        """Called when everything that was due is swept, if anything was: those who are to hear of
        it need not wait for the next look."""
        self.swept = Swept()

    def step(self, stop: Stop) -> bool:
        """Sweeps one batch of due deals; returns whether there may be more."""
        now = self._app.clock.now()
        if self._hold.look():
            return self._hold.settles
        self._note_stop(now)
        try:
            swept = sweep_once(
                self._app.sweeping, self._app.policy, now, SWEEP_BATCH, self._decisions()
            )
        except StalePolicyError:
            self._app.keeper.refresh()
            return True
        self.swept += swept
        self._report(swept, now)
        if self._sweeping and not swept.deals:
            self.on_swept()
        self._sweeping = swept.deals > 0
        if not self._sweeping:
            self._decided = None
        if not swept.deals and (self.recorded_at is None or now - self.recorded_at >= RECORD_EVERY):
            self._app.keeping.record_sweep(now, this_machine(steady_seconds()))
            self._app.note_generation()
            self.recorded_at = now
            self.seal()
        return swept.deals > 0

    def _decisions(self) -> SharedDecisions:
        """The decisions since the last rest, under the policy in force."""
        if self._decided is None or self._decided.policy is not self._app.policy:
            self._decided = SharedDecisions(self._app.policy)
        return self._decided

    def _note_stop(self, now: datetime) -> None:
        """Keeps for how long no machine has swept, if that was long: what was due meanwhile is late
        because of it."""
        before, self._stepped_at = self._stepped_at, now
        if before is not None and (self._clock_is_moved or now - before < SHORTEST_STOP):
            return
        known = [at for at in (before, self._app.keeping.last_sweep_at()) if at is not None]
        if known and now - max(known) >= SHORTEST_STOP:
            self._app.punctuality.note(
                Outage(Cause.CLOCK if self.doubted else Cause.STOP, max(known), now)
            )
        self.doubted = False

    def seal(self, most: int = SEAL_STEPS) -> None:
        """Seals what was written since the last time, so that the balance finds a row that is
        changed or taken away behind the program's back."""
        for _ in range(most):
            if not self._app.seals.seal():
                return

    def _report(self, swept: Swept, now: datetime) -> None:
        """Logs a batch; deals that could not be decided are told to the admins."""
        if swept.deals:
            log().info(
                "swept",
                deals=swept.deals,
                moves=swept.moves,
                nudges=swept.nudges,
                cancels=swept.cancels,
                won=swept.won,
                lost=swept.lost,
            )
        for failure in swept.failures:
            log().error(
                "deal not decided",
                contract=failure.contract,
                deal=failure.deal,
                exc_info=failure.error,
            )
            self._admins.tell(
                f"undecided:{failure.deal}",
                Label("contract {contract} cannot be decided", contract=failure.contract),
                Label("Reason: {error}", error=failure.error),
                Label("It is tried again every hour; other contracts are not affected."),
                now,
            )
