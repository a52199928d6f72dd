"""The daemon's round with HubSpot: a step at a time, as often as `[hubspot]` says.

Always holds: whatever HubSpot does, the daemon goes on; what a person has to fix is told to the
admins once a day and stands in the status until a round ends; while a copy that was restored waits,
HubSpot is neither read nor written.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from scheduler.core.time.dates import local_day
from scheduler.core.words.errors import UserMustActError
from scheduler.core.words.labels import Label
from scheduler.services.delivery.alerts import alert
from scheduler.services.sync.syncing import StepFailure
from scheduler.system.logs import log

if TYPE_CHECKING:
    from scheduler.app.hubspot import HubSpotRounds
    from scheduler.app.wiring import App
    from scheduler.services.sync.ingesting import IngestResult

LOOK_SECONDS = 5.0
_MISTAKE = timedelta(minutes=5)
_TO_DO = Label("Fix the cause, then look: renewals sync hubspot status")


class HubSpotJob:
    """Keeps HubSpot and one working folder in step. `held` says whether nothing is to be done,
    `on_taken` is called when something was taken in."""

    def __init__(self, app: "App", held: Callable[[], bool], on_taken: Callable[[], None]) -> None:
        self._app, self._held, self._on_taken = app, held, on_taken
        self._rounds: HubSpotRounds | None = None
        self._not_before = app.clock.now()
        self._trouble = ""

    def step(self, stop: Callable[[], bool]) -> bool:
        """A bounded piece of the round, where it is time for one; whether there is more."""
        now, settings = self._app.clock.now(), self._app.policy.hubspot
        if settings is None or not settings.every_seconds or now < self._not_before or self._held():
            return False
        try:
            synced = self._made().step(now, stop)
        except UserMustActError as error:
            synced = StepFailure(error.label, type(error).__name__, _MISTAKE, passes=False)
        if isinstance(synced, StepFailure):
            self._failed(synced, now)
            return False
        if synced.took is not None and synced.took.records:
            self._say(synced.took)
        if not synced.more:
            self._not_before = now + timedelta(seconds=settings.every_seconds)
            self._well()
        return synced.more

    def _made(self) -> "HubSpotRounds":
        """What speaks to the account, once there is one to be spoken to."""
        if self._rounds is None:
            self._rounds = self._app.hubspot_rounds()
        return self._rounds

    def close(self) -> None:
        """Lets go of connections."""
        if self._rounds is not None:
            self._rounds.close()

    def _say(self, took: "IngestResult") -> None:
        """Says what was taken in."""
        counts = {n: getattr(took, n) for n in ("records", "answers", "moves", "held", "conflicts")}
        log().info("hubspot taken in", **counts)
        self._on_taken()

    def _well(self) -> None:
        """A round has ended: all is well, perhaps again."""
        if self._trouble:
            self._trouble = ""
            log().info("HubSpot is in step again")

    def _failed(self, hindered: StepFailure, now: datetime) -> None:
        """A round that was broken off: said once, tried again later."""
        self._not_before = now + hindered.again
        if self._trouble != hindered.kind:
            self._trouble = hindered.kind
            say = log().warning if hindered.passes else log().error
            because, at = hindered.because.en, self._not_before.isoformat()
            say("HubSpot is not in step", because=because, again_at=at)
        if not hindered.passes:
            self._tell(hindered, now)

    def _tell(self, hindered: StepFailure, now: datetime) -> None:
        """Tells the admins, once a day for each kind of trouble."""
        policy = self._app.policy
        today = local_day(now, policy.zone_of(None))
        title = Label("HubSpot and the deals here are not kept in step")
        named = f"hubspot:{hindered.kind}:{today}"
        key, facts = alert(named, policy.language, title, hindered.because, _TO_DO)
        with self._app.delivering() as transaction:
            transaction.alert(key, facts, policy, tuple(self._app.channels), now)
