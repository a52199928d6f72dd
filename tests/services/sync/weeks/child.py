"""One round with HubSpot in a process of its own, which kills itself at a moment it is told.

    python -m tests.services.sync.weeks.child DATABASE API_URL TOKEN NOW POINT WORKER CREATE

A moment is a statement or a commit, just before it: between two of them nothing else is kept. 0:
it lives to the end. CREATE: `create` where the deals of next terms are made there. Ends with 3 where the round was broken off by the account.
"""

import os
import signal
import sys
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import Engine, event

from scheduler.core.sync.keyset import LoopError
from scheduler.hubspot.client import HubspotClient
from scheduler.hubspot.errors import HubspotError
from scheduler.storage.database.engine import open_engine
from tests.hubspot.world import Time, World
from tests.services.sync.in_step import InStep, settings
from tests.services.sync.pushing_world import PushWorld
from tests.services.sync.weeks.living import steps, week_policy

if TYPE_CHECKING:
    from tests.servers.hubspot import HubSpotServer

HINDERED = 3


def main(url: str, api_url: str, token: str, now: str, point: str, worker: str, create: str) -> int:
    """One round; how it ended."""
    time = Time(datetime.fromisoformat(now))
    engine, reading = open_engine(url), open_engine(url, reading=True)
    _dies_at(engine, int(point))
    client = HubspotClient(lambda: token, time, time, lambda: 0.0, api_url=api_url)
    here = World(cast("HubSpotServer", None), client, time, token)
    given = settings(push=True, create_renewals=create == "create")
    both = InStep(here, engine, reading, given, week_policy())
    try:
        steps(PushWorld(both), both.syncing, worker)
    except (HubspotError, LoopError):
        return HINDERED
    finally:
        client.close()
    return 0


def _dies_at(engine: Engine, point: int) -> None:
    """Counts moments, and kills the process at one."""
    passed = 0

    def moment(*_: Any) -> None:
        nonlocal passed
        passed += 1
        if passed == point:
            os.kill(os.getpid(), signal.SIGKILL)

    if point:
        event.listen(engine, "before_cursor_execute", moment)
        event.listen(engine, "commit", moment)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
