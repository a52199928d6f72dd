"""Line items, quotes and contracts that were changed, made or taken away: HubSpot tells nothing of
it with the deal they belong to, so that once a day all of them are compared.

It takes, for each kind that fills a field, one request for a thousand deals in our care and one for
a hundred of their records; what differs is read whole with the next round.
"""

from collections.abc import Callable
from datetime import datetime

from scheduler.core.policy.hubspot import HubSpotSettings
from scheduler.core.sync.amounts import LINKS_BATCH
from scheduler.core.sync.linked import differs
from scheduler.core.sync.states import Waits
from scheduler.ports import Begin
from scheduler.services.sync.account import DealReading
from scheduler.services.sync.pull_store import PullingTransaction, keep_unread


def linked_changes(
    pulling: Begin[PullingTransaction],
    deals: DealReading,
    settings: HubSpotSettings,
    now: datetime,
    stop: Callable[[], bool],
) -> bool:
    """Compares all of them with what was read, by when each was changed; whether it reached the
    end. Where it was to `stop`, what it found is kept. Raises what the account raises."""
    after = ""
    while settings.linked:
        if stop():
            return False
        with pulling() as transaction:
            before = transaction.linked_after(after, LINKS_BATCH)
        if not before:
            break
        after = list(before)[-1]
        found = deals.linked_of(before)
        changed = [id for id, linked in found.of.items() if differs(before[id], linked)]
        with pulling() as transaction:
            transaction.wait(changed, Waits.HISTORY)
            keep_unread(transaction, found, settings, now)
    return True
