"""What is told once a week, on somebody's return or leaving, and to admins every day; then the
balance."""

from collections.abc import Callable
from datetime import date, datetime
from typing import TYPE_CHECKING

from scheduler.core.deal.pauses import everything
from scheduler.core.time.dates import local_day
from scheduler.daemon.balance_job import SETTLES, BalanceJob
from scheduler.daemon.hold import DaemonHold
from scheduler.daemon.shared_delivery import SharedDelivery, Stop
from scheduler.services.deals.pauses import passing_soon
from scheduler.services.digests.round import Digested, digest_once
from scheduler.system.clock import steady_seconds
from scheduler.system.logs import log

if TYPE_CHECKING:
    from scheduler.app.wiring import App

DIGEST_SECONDS = 3.0
"""How long digests are worked on in one go; the rest comes a minute later, so that a thousand are
spread over the first hour."""


class DigestJob:
    """Digests of one App; `digested` adds up what all steps came to. `at_rest` says whether the
    first sweep and delivery have come to rest."""

    def __init__(
        self,
        app: "App",
        shared: SharedDelivery,
        hold: DaemonHold,
        balance: BalanceJob,
        at_rest: Callable[[], bool],
    ) -> None:
        self._app, self._shared, self._hold = app, shared, hold
        self._balance, self._at_rest = balance, at_rest
        self._paused_told_on = date.min
        self.digested = Digested()

    def step(self, stop: Stop) -> bool:
        """Digests for some seconds, and when there are none left the balance. After a start nudges
        go first: digests wait until the first sweep and delivery have come to rest, or for
        SETTLES."""
        if not self._at_rest() and self._app.clock.now() - self._balance.begun_at < SETTLES:
            return False
        began = steady_seconds()
        while self.digests(stop, lambda: stop() or steady_seconds() - began > DIGEST_SECONDS):
            if stop() or steady_seconds() - began > DIGEST_SECONDS:
                return False
        return self._balance.step(stop)

    def digests(self, stop: Stop, enough: Stop = lambda: False) -> bool:
        """Queues what is told once a week, on somebody's return or leaving, and to admins every
        day; returns whether there may be more. `enough` is asked between two messages."""
        if self._hold.look():
            return False
        delivery = self._shared.now()
        now = delivery.clock.now()
        with self._app.paused() as look:
            pauses = look.standing(now)
        if pauses:
            self.digested += Digested(alerts=self._tell_of_pauses(now))
        if everything(pauses):
            return False
        digested = digest_once(
            self._app.digest_looking,
            self._app.digest_writing,
            self._app.policy,
            tuple(delivery.channels),
            now,
            enough=enough,
            stop=stop,
        )
        self.digested += digested
        if digested.total:
            log().info("digests", messages=digested.messages, alerts=digested.alerts)
        return bool(digested.messages or digested.silent)

    def _tell_of_pauses(self, now: datetime) -> int:
        """Tells the admins, once a day, of deadlines that pass while their contracts are paused;
        how many alerts."""
        today = local_day(now, self._app.policy.zone_of(None))
        if (
            self._paused_told_on == today
            or (soon := passing_soon(self._app.paused, now, self._app.policy)) is None
        ):
            return 0
        with self._app.delivering() as transaction:
            told = transaction.alert(*soon, self._app.policy, tuple(self._app.channels), now)
        self._paused_told_on = today
        return int(told)
