"""What the daemon does in its rounds, one bounded step at a time; each job has a file of its own.

    sweep_job     due deals decided, rows sealed
    deliver_job   messages formed, sent, their posts kept up to date
    digest_job    the weekly digests, then `balance_job`, the daily proof
    copy_job      the nightly copy
    hubspot_job   a round with HubSpot
    alarms        what the admins must hear although the queue stands still
    reload        a saved config.toml
Always holds: the clock is read once per step; a step leaves everything either done or as it was;
nothing here ends the daemon; while `hold` says so, nothing is swept, formed or sent.
"""

from typing import TYPE_CHECKING

from scheduler.core.words.labels import Label
from scheduler.daemon.admins import Admins
from scheduler.daemon.alarms import Alarms
from scheduler.daemon.balance_job import BalanceJob
from scheduler.daemon.copy_job import CopyJob
from scheduler.daemon.deliver_job import DeliverJob
from scheduler.daemon.digest_job import DigestJob
from scheduler.daemon.hold import DaemonHold
from scheduler.daemon.reload import Reload
from scheduler.daemon.shared_delivery import SharedDelivery, Stop
from scheduler.daemon.sweep_job import SweepJob
from scheduler.services.answers.inbox import Failed
from scheduler.system.logs import log

if TYPE_CHECKING:
    from scheduler.app.wiring import App


class Jobs:
    """The daemon's jobs on one App, joined. `clock_is_moved`: on purpose (`SweepJob`)."""

    def __init__(self, app: "App", *, clock_is_moved: bool = False) -> None:
        self._app, self._admins = app, Admins(app)
        shared = SharedDelivery(app)
        self.alarms = Alarms(app, shared)
        self.holding = DaemonHold(app, self.alarms)
        self.sweeps = SweepJob(app, self._admins, self.holding, clock_is_moved=clock_is_moved)
        self.deliveries = DeliverJob(app, shared, self.holding)
        self.balances = BalanceJob(app, self.holding)
        self.digesting = DigestJob(app, shared, self.holding, self.balances, self._at_rest)
        self.copies = CopyJob(app, self._admins)
        self.edits = Reload(app, self._admins)

    def _at_rest(self) -> bool:
        """Whether the first sweep and delivery have come to rest."""
        return self.sweeps.recorded_at is not None and self.deliveries.was_at_rest

    def tell_of_start(self) -> None:
        """Tells the admins, once for each content, what stands in the daemon's way at its start."""
        self.holding.look()
        self.edits.tell_of_start()

    def doubted(self, doubt: Label) -> None:
        """The clock is doubted: the admins are told by `alarms`, beside the queue, because the
        queue stands still."""
        self.sweeps.doubted = True
        self.alarms.doubted(doubt)

    def envelope_failed(self, failed: Failed) -> None:
        """Something from outside could not be acted on; the admins hear of it once it is given
        up."""
        because = f"{type(failed.error).__name__}: {failed.error}"
        log().error(
            "envelope not acted on",
            envelope=failed.kept.id,
            kind=failed.kept.kind,
            given_up=failed.given_up,
            exc_info=failed.error,
        )
        if failed.given_up:
            self._admins.tell(
                f"envelope:{failed.kept.id}",
                Label("something that was pressed or written in Slack could not be handled"),
                Label("Reason: {because}", because=because),
                Label("Ask the person to try again; if it fails again, look at the log."),
                self._app.clock.now(),
            )

    def keep_house(self, stop: Stop) -> bool:
        """Keeps the database small and quick."""
        self._app.housekeeping.tidy(self._app.clock.now())
        return False
