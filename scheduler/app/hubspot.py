"""HubSpot, joined to one working folder: a client with its token, and what keeps the two in step.

Always holds: the token is read anew for every call, so that one that is rotated works without a
restart; in a rehearsal only an account on this machine is spoken to.
"""

from collections.abc import Iterator, Sequence
from functools import partial
from random import random
from typing import TYPE_CHECKING

from scheduler.core.policy.hubspot import HubSpotSettings
from scheduler.core.words.errors import UserMustActError
from scheduler.hubspot.client import HubspotClient
from scheduler.hubspot.deals import DealReader
from scheduler.services.sync.record_rows import KeptRecord
from scheduler.services.sync.syncing import Syncing
from scheduler.storage.sync.fates import FateRows
from scheduler.storage.sync.pulling import Pulling
from scheduler.storage.sync.taking import TakingIn, waiting_records
from scheduler.system.clock import SystemStopwatch

if TYPE_CHECKING:
    from scheduler.app.wiring import App
    from scheduler.ports import Stopwatch

API_URL, TOKEN = "HUBSPOT_API_URL", "HUBSPOT_TOKEN"


def hubspot_client(app: "App", stopwatch: "Stopwatch | None" = None) -> HubspotClient:
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
            "a rehearsal (--as-of) speaks to no HubSpot account but one on this machine; leave "
            "--as-of out"
        )
    return client


def hubspot_settings(app: "App") -> HubSpotSettings:
    """What `[hubspot]` says. Raises UserMustActError where there is no such table."""
    settings = app.policy.hubspot
    if settings is None:
        raise UserMustActError(
            "config.toml has no [hubspot]; `renewals sync hubspot --init` proposes one"
        )
    return settings


def syncing(app: "App", client: HubspotClient) -> Syncing:
    """What keeps the folder's database and the account in step."""
    settings = hubspot_settings(app)

    def waiting() -> Iterator[Sequence[KeptRecord]]:
        with app.reading.connect() as connection:
            yield from waiting_records(connection)

    return Syncing(
        app.transactions(Pulling),
        app.transactions(TakingIn),
        app.imports,
        app.transactions(FateRows),
        waiting,
        DealReader(client, settings),
        settings,
        app.policy,
    )
