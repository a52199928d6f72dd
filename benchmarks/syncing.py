"""A first load from HubSpot, a thousand changes, an idle minute, and telling HubSpot of every deal,
counted in requests.

    python -m benchmarks.syncing [deals]

The account is a process of its own on this machine (`tests.servers.hubspot`), with the limits of a
Professional one switched off. Prints the requests of a first load against the least there could be
(a page for every fifty deals with their history; goal ≤ 1.05 times, the names of customers, a
hundred a request, counted apart), its seconds and how much the process grew (goal ≤ 150 MB), the
requests of a thousand changes, those of an idle day, and those of a push of all deals against the
least there could be (a hundred read and a hundred written by one each), its seconds and its growth.
"""

import random
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from multiprocessing.connection import Connection as Pipe
from pathlib import Path
from time import perf_counter
from typing import Any

from sqlalchemy import Engine

from benchmarks._filling import shipped_policy
from benchmarks._timing import peak_mb
from scheduler.core.imports.records import Placement
from scheduler.core.policy.hubspot import HubSpotSettings, StageMap, StageRule
from scheduler.core.sync.pushes import PROPERTIES
from scheduler.core.sync.surroundings import Surroundings
from scheduler.core.sync.terms import DEFAULT_FIELDS
from scheduler.core.sync.values import PropertyType
from scheduler.core.words.lexicon import Language
from scheduler.hubspot.client import HubspotClient
from scheduler.hubspot.deal_writer import DealWriter
from scheduler.hubspot.deals import DealReader
from scheduler.services.sync.push_once import push_once
from scheduler.services.sync.pushing import Pushed, Pusher
from scheduler.services.sync.record_rows import KeptRecord
from scheduler.services.sync.syncing import Syncing
from scheduler.storage.database.engine import open_engine
from scheduler.storage.database.schema import upgrade
from scheduler.storage.database.transactions import transactions
from scheduler.storage.imports.parts import ImportRows
from scheduler.storage.sync.fates import FateRows
from scheduler.storage.sync.pulling import Pulling
from scheduler.storage.sync.pushing import Pushing
from scheduler.storage.sync.taking import TakingIn, waiting_records
from scheduler.system.clock import SystemClock, steady_seconds
from tests.servers.hubspot import HubSpotServer, Limits
from tests.servers.hubspot.__main__ import furnish

CHANGES, MINUTES = 1000, 24 * 60
_FIELDS = {PropertyType.DATE: "date", PropertyType.ENUMERATION: "select"}
STAGES = {
    "appointmentscheduled": "onboarding",
    "qualifiedtobuy": "stable",
    "presentationscheduled": "at_risk",
    "decisionmakerboughtin": "critical",
    "contractsent": "renewal_3m",
    "closedwon": "won",
    "closedlost": "lost",
}


class Waits:
    """A stopwatch that does not wait: it adds up what the pace would have waited."""

    def __init__(self) -> None:
        self.waited = 0.0

    def seconds(self) -> float:
        """So late it would be."""
        return steady_seconds() + self.waited

    def wait(self, seconds: float) -> None:
        """So much later."""
        self.waited += seconds


def account(deals: int, orders: Pipe) -> None:
    """The account, in a process of its own: says where it is, then does what it is told."""
    with HubSpotServer(limits=Limits.none()) as server:
        server.log.keep = False
        ids = furnish(server, deals)
        for each in PROPERTIES:
            options = [{"label": value, "value": value} for value, _ in each.options]
            more: dict[str, Any] = {"hasUniqueValue": each.unique} | (
                {"options": options} if options else {}
            )
            server.property(each.name, each.kind.value, _FIELDS.get(each.kind, "text"), **more)
        ann = server.person("changes@example.com", "Ann Changes")
        orders.send((server.url, server.token))
        while order := orders.recv():
            if order == "change":
                for deal in random.Random(3).sample(list(ids), min(CHANGES, deals)):
                    ann.edits(deal, {"amount": "12340000"})
            orders.send(Counter(server.log.count))


def settings() -> HubSpotSettings:
    """HubSpot's own pipeline as that of existing customers."""
    rules = [
        StageRule(("default", theirs), Placement("existing", ours))
        for theirs, ours in STAGES.items()
    ]
    overlap = timedelta(minutes=15)
    fields = dict(DEFAULT_FIELDS)
    return HubSpotSettings(60, overlap, Language.EN, False, StageMap(tuple(rules)), fields)


def pushed_all(engine: Engine, client: HubspotClient, around: Surroundings) -> Pushed:
    """Tells HubSpot of every deal; what that came to."""
    pusher = Pusher(
        transactions(engine, Pushing),
        DealWriter(client),
        replace(settings(), push=True),
        shipped_policy(),
        SystemClock(),
        "benchmark",
        around=lambda: around,
    )
    total = Pushed()
    while (step := push_once(pusher)).more:
        total = total.and_also(step)
    return total


def round_of(syncing: Syncing) -> None:
    """One round."""
    while syncing.step(datetime.now(UTC)).more:
        pass


def main() -> None:
    """Measures and prints."""
    deals = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    context = get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=account, args=(deals, there), daemon=True)
    process.start()
    url, token = here.recv()

    def asked(order: str) -> Counter[str]:
        here.send(order)
        found: Counter[str] = here.recv()
        return found

    with tempfile.TemporaryDirectory() as folder:
        address = f"sqlite:///{Path(folder) / 'sync.db'}"
        engine, reading = open_engine(address), open_engine(address, reading=True)
        upgrade(engine, datetime.now(UTC))

        def waiting() -> Iterator[Sequence[KeptRecord]]:
            with reading.connect() as connection:
                yield from waiting_records(connection)

        waits = Waits()
        with HubspotClient(lambda: token, SystemClock(), waits, lambda: 0.0, api_url=url) as client:
            syncing = Syncing(
                transactions(engine, Pulling),
                transactions(engine, TakingIn),
                ImportRows(engine),
                transactions(engine, FateRows),
                waiting,
                DealReader(client, settings()),
                settings(),
                shipped_policy(),
            )
            before, began, grew = asked("count"), perf_counter(), peak_mb()
            round_of(syncing)
            took, grew, paced = perf_counter() - began, peak_mb() - grew, waits.waited
            first = asked("count") - before
            changed = asked("change")
            began = perf_counter()
            round_of(syncing)
            changes, seconds = asked("count") - changed, perf_counter() - began
            before = asked("count")
            round_of(syncing)
            idle = asked("count") - before
            before, began, grown = asked("count"), perf_counter(), peak_mb()
            pushed = pushed_all(engine, client, syncing.around(datetime.now(UTC)))
            pushing = asked("count") - before, perf_counter() - began, peak_mb() - grown
        engine.dispose()
        reading.dispose()
    here.send("")
    process.join()
    least = -(-deals // 50)
    _tell(deals, first, least, took, paced, grew, changes, seconds, idle)
    _tell_push(pushed, *pushing)


def _tell(
    deals: int,
    first: Counter[str],
    least: int,
    took: float,
    paced: float,
    grew: float,
    changes: Counter[str],
    seconds: float,
    idle: Counter[str],
) -> None:
    """The figures."""
    names = -(-max(1, deals // 5) // 100)
    ratio = (first.total() - names) / least
    print(
        f"first load of {deals:,}: {first.total():,} requests, of which {names:,} for the names of "
        f"customers; the others {ratio:.3f} times the least, {least:,} (goal ≤ 1.05); "
        f"{dict(first)}"
    )
    print(f"{took:.1f} s of work, {paced:.0f} s that the pace waits; grew by {grew:.0f} MB (≤ 150)")
    print(f"{min(CHANGES, deals):,} changes: {seconds:.1f} s; requests {dict(changes)}")
    print(f"idle: {idle.total()} a minute, {idle.total() * MINUTES:,} a day; {dict(idle)}")


def _tell_push(pushed: Pushed, requests: Counter[str], seconds: float, grew: float) -> None:
    """The figures of the push."""
    told = pushed.written + pushed.in_step
    least = 2 * -(-told // 100)
    print(
        f"push of {told:,} deals ({pushed.written:,} written, {pushed.parked:,} parked): "
        f"{requests.total():,} requests, {requests.total() / max(1, least):.3f} times the least, "
        f"{least:,}; {dict(requests)}; {seconds:.1f} s; grew by {grew:.0f} MB"
    )


if __name__ == "__main__":
    main()
