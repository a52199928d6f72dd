"""Deals that were given another company: HubSpot tells nothing of it with the deal (airbyte#27199),
so that once a day the links of all of them are compared.

It takes one request for a thousand deals in our care; what differs is read whole with the next
round.
"""

from collections.abc import Callable

from scheduler.core.sync.amounts import LINKS_BATCH
from scheduler.core.sync.records import main_company
from scheduler.core.sync.states import Waits
from scheduler.ports import Begin
from scheduler.services.sync.account import DealReading
from scheduler.services.sync.pull_store import PullingTransaction


def company_changes(
    pulling: Begin[PullingTransaction], deals: DealReading, stop: Callable[[], bool]
) -> bool:
    """Compares all companies with what was read; whether it reached the end. Where it was to
    `stop`, what it found is kept. Raises what the account raises."""
    after = ""
    while not stop():
        with pulling() as transaction:
            before = transaction.companies_after(after, LINKS_BATCH)
        if not before:
            return True
        after = list(before)[-1]
        told = {id: links for id, links in deals.companies_of(before).items() if links is not None}
        changed = [id for id, links in told.items() if (main_company(links) or "") != before[id]]
        with pulling() as transaction:
            transaction.wait(changed, Waits.HISTORY)
    return False
