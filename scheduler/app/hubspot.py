"""HubSpot, joined to one working folder: a client with its token, and what keeps the two in step.

Always holds: the token is read anew for every call, so that one that is rotated works without a
restart; in a rehearsal only an account on this machine is spoken to.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from os import getpid
from random import random
from socket import gethostname
from typing import TYPE_CHECKING

from scheduler.core.policy.hubspot import HubSpotSettings
from scheduler.core.sync.keyset import LoopError
from scheduler.core.words.errors import LabelledError, UserMustActError
from scheduler.hubspot.client import HubspotClient
from scheduler.hubspot.deal_writer import DealWriter
from scheduler.hubspot.deals import DealReader
from scheduler.hubspot.errors import HubspotError, LaterError, NotInStepError
from scheduler.services.sync.push_status import PushStatus, push_status
from scheduler.services.sync.push_step import push_step
from scheduler.services.sync.pushing import Pushed, Pusher
from scheduler.services.sync.record_rows import KeptRecord
from scheduler.services.sync.rehearsing import SyncRehearsal, rehearse
from scheduler.services.sync.sync_status import QUOTA, CallsLeft, SyncStatus
from scheduler.services.sync.syncing import StepFailure, Synced, Syncing
from scheduler.storage.sync.census import CensusRows
from scheduler.storage.sync.ingesting import IngestRows, waiting_records
from scheduler.storage.sync.owners import FollowingOwners
from scheduler.storage.sync.pulling import PullQueries
from scheduler.storage.sync.push_status import PushCounts
from scheduler.storage.sync.pushing import PushQueries
from scheduler.storage.sync.sync_status import SyncRows
from scheduler.system.clock import SystemStopwatch

if TYPE_CHECKING:
    from scheduler.app.sending import Sending
    from scheduler.core.deal.deal import Deal
    from scheduler.core.policy.policy import Policy
    from scheduler.ports import Stopwatch

API_URL, TOKEN = "HUBSPOT_API_URL", "HUBSPOT_TOKEN"


def hubspot_client(app: "Sending", stopwatch: "Stopwatch | None" = None) -> HubspotClient:
    """A client of the account whose token is set; to be closed by whoever asked. `stopwatch` waits
    for the pace, the machine's own where none is given.

    Raises AddressError for an address that cannot be used, UserMustActError in a rehearsal for one
    that is not on this machine. That there is no token is said by the first call.
    """
    client = HubspotClient(
        partial(app.secret_now, TOKEN),
        app.clock,
        stopwatch or SystemStopwatch(),
        random,
        api_url=app.env.get(API_URL),
    )
    if app.as_of is not None and not client.is_loopback:
        client.close()
        raise UserMustActError(
            "a rehearsal (--as-of) uses only a HubSpot server on this machine; to use your "
            "account leave --as-of out"
        )
    return client


def hubspot_settings(app: "Sending", *, drafted: bool = False) -> HubSpotSettings:
    """What `[hubspot]` says in the policy in force, or, if `drafted`, in config.toml. Raises
    UserMustActError where there is no such table."""
    settings = app.config.policy.hubspot if drafted else app.policy.hubspot
    if settings is None:
        raise UserMustActError(
            "config.toml has no [hubspot]; `renewals sync hubspot --init` proposes one"
        )
    return settings


def syncing(app: "Sending", client: HubspotClient, *, drafted: bool = False) -> Syncing:
    """What keeps the folder's database and the account in step."""
    settings = hubspot_settings(app, drafted=drafted)

    def waiting() -> Iterator[Sequence[KeptRecord]]:
        with app.reading.connect() as connection:
            yield from waiting_records(connection)

    return Syncing(
        app.transactions(PullQueries),
        app.transactions(IngestRows),
        app.imports,
        app.transactions(FollowingOwners),
        app.transactions(CensusRows),
        waiting,
        DealReader(client, settings),
        settings,
        app.policy,
    )


def standing_of(app: "Sending", now: datetime) -> "tuple[SyncStatus, PushStatus]":
    """How far the two are in step, by the database alone."""
    with app.looks(SyncRows)() as look:
        standing = look.standing()
    return standing, push_status(app.looks(PushCounts), now, app.policy.version)


def forget_told(app: "Sending") -> None:
    """Forgets what HubSpot was sent: whenever something is written there again, every deal is sent
    to it again."""
    with app.transactions(PullQueries)() as transaction:
        transaction.push_anew()


AFTER_FAILURE = timedelta(minutes=5)


class HubSpotRounds:
    """Rounds with the account, by whichever policy is in force; whoever makes it closes it."""

    def __init__(self, app: "Sending") -> None:
        self._app = app
        self._client: HubspotClient | None = None
        self._policy: Policy | None = None
        self._syncing: Syncing | None = None

    def close(self) -> None:
        """Lets go of connections."""
        if self._client is not None:
            self._client.close()

    @property
    def parts(self) -> Syncing:
        """What works by the policy in force. Raises UserMustActError."""
        if self._client is None:
            self._client = hubspot_client(self._app)
        if self._syncing is None or self._policy is not self._app.policy:
            self._policy = self._app.policy
            self._syncing = syncing(self._app, self._client)
        return self._syncing

    def rehearsed(self, now: datetime) -> SyncRehearsal | StepFailure:
        """Rehearses a round by the mapping in config.toml; nothing is kept. Raises
        UserMustActError."""
        self._client = self._client or hubspot_client(self._app)
        try:
            return rehearse(syncing(self._app, self._client, drafted=True), now)
        except (HubspotError, LoopError) as error:
            return hindered_by(error)

    def pusher(self, now: datetime) -> Pusher:
        """The pusher of changes to HubSpot."""
        parts, app = self.parts, self._app
        assert self._client is not None
        return Pusher(
            app.transactions(PushQueries),
            DealWriter(self._client),
            parts.settings,
            parts.policy,
            app.clock,
            f"{gethostname()}:{getpid()}",
            schema=lambda: parts.schema(now),
            url_of=self._url_of,
        )

    def _url_of(self, deal: "Deal") -> str:
        """Where a deal is seen here; nowhere without `[machine] base_url`."""
        links = self._app.links
        return links.deal(deal.key) if links is not None else ""

    def _pushed(self, now: datetime, stop: Callable[[], bool]) -> Pushed:
        """Tells HubSpot what is due, batch by batch."""
        pusher, total = self.pusher(now), Pushed()
        while not stop():
            pushed = push_step(pusher)
            total = total.and_also(pushed)
            if not pushed.more:
                break
        return total

    def _keep_quota(self, now: datetime) -> None:
        """Keeps what is left of the day's calls, as the last answer that spoke of it said."""
        quota = self._client.pace.quota if self._client is not None else None
        if quota is not None:
            left = CallsLeft(quota.daily, quota.left, quota.seen_at)
            with self.parts.pulling() as transaction:
                transaction.keep(QUOTA, left.as_text(), now)

    def step(self, now: datetime, stop: Callable[[], bool]) -> Synced | StepFailure:
        """A bounded piece of the round, with the daily count and what HubSpot is to be told at its
        end. Raises UserMustActError for an address or a mapping that cannot be used."""
        try:
            synced = self.parts.step(now, stop)
            if not synced.more:
                self.parts.count(now, stop)
                pushed = self._pushed(now, stop)
                self._keep_quota(now)
                return replace(synced, pushed=pushed)
            return synced
        except (HubspotError, LoopError) as error:
            hindered = hindered_by(error)
            self.parts.hindered(hindered.because, now)
            return hindered


def hindered_by(error: LabelledError) -> StepFailure:
    """Explains what an error means for the round."""
    passes = isinstance(error, LaterError | NotInStepError | LoopError)
    again = AFTER_FAILURE
    if isinstance(error, LaterError):
        again = timedelta(seconds=max(1.0, error.seconds))
    return StepFailure(error.label, type(error).__name__, again, passes)
