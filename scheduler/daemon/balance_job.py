"""The daily proof that nothing was lost."""

from collections import Counter
from datetime import date, timedelta
from typing import TYPE_CHECKING

from scheduler.core.time.dates import local_day
from scheduler.daemon.hold import DaemonHold
from scheduler.daemon.shared_delivery import Stop
from scheduler.services.audit.balance import balance
from scheduler.services.audit.installation import Balanced
from scheduler.services.delivery.alerts import unbalanced
from scheduler.services.delivery.punctuality import keep as keep_punctuality
from scheduler.system.logs import log

if TYPE_CHECKING:
    from scheduler.app.wiring import App

SETTLES = timedelta(minutes=10)
"""How long after its start the daemon may take to catch up before it is asked whether anything
stands still."""


class BalanceJob:
    """The balance of one App."""

    def __init__(self, app: "App", hold: DaemonHold) -> None:
        self._app, self._hold = app, hold
        self.begun_at = app.clock.now()
        """When the daemon began, as far as the clock can be believed."""
        self._balanced_on = date.min

    def step(self, stop: Stop) -> bool:
        """Once a day, and some minutes after the start, when what had piled up is done: the proof
        that nothing was lost. There is never more.

        It goes on beside sweeps and deliveries and asks `stop` all the while. What does not agree
        is told to the admins; deals that a sweep should look at now are woken.
        """
        now, policy = self._app.clock.now(), self._app.policy
        today = local_day(now, policy.zone_of(None))
        self.begun_at = min(self.begun_at, now)
        if self._balanced_on == today or now - self.begun_at < SETTLES or self._hold.look():
            return False
        channels = tuple(self._app.channels)
        found = balance(self._app.balancing, policy, now, channels, stop)
        if found is None:
            return False
        self._balanced_on = today
        if found.undelivered:
            log().warning("reminders that reached nobody", count=len(found.undelivered))
        total, faults = found.total(), Counter(f.fault.value for f in found.findings)
        say = log().info if found.balanced else log().error
        say(
            "balance",
            balanced=found.balanced,
            due=total.due,
            nudges=total.made,
            cannot_be_scheduled=len(found.unschedulable),
            **faults,
        )
        self._app.installation.note_balance(
            Balanced(now, found.balanced, total.due, total.made, len(found.unschedulable), faults)
        )
        keep_punctuality(self._app.punctuality, policy, now)
        if not found.balanced:
            key, facts = unbalanced(found.findings, today, policy.language)
            with self._app.delivering() as transaction:
                transaction.alert(key, facts, policy, channels, now)
        if found.sleepers:
            with self._app.sweeping() as sweeping:
                sweeping.wake(found.sleepers, now)
        return False
