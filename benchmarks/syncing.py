"""An account of HubSpot's, kept in step, counted in requests: a first load, a thousand changes, an
idle day, telling HubSpot of every deal, comparing every deal.

    python -m benchmarks.syncing [deals] [push] [repair]

The account is a process of its own on this machine (`tests.servers.hubspot`), with the limits of a
Professional one switched off. What is measured first, always: the requests of a first load against
the least there could be (a page for every fifty deals with their history; goal ≤ 1.05 times, the
names of customers, a hundred a request, counted apart), its seconds and how much the process grew
(goal ≤ 150 MB); the requests of a thousand changes, those of a round in which nothing has changed,
of the count of all deals and of what is read anew every hour, and with these of an idle day.

`push`: telling HubSpot of all deals against the least there could be (a hundred read and a hundred
written by one request each), its seconds and its growth. `repair`: comparing all deals, as
`--repair --dry-run` does, against the least (a hundred deals, and a thousand deals' companies, a
request; a hundred customers; a hundred ids of the list), its seconds and its growth.
"""

import random
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from multiprocessing.connection import Connection as Pipe
from pathlib import Path
from time import perf_counter
from typing import Any, TypeVar

from sqlalchemy import Engine

from benchmarks._filling import shipped_policy
from benchmarks._timing import peak_mb
from scheduler.core.imports.placement import Placement
from scheduler.core.policy.hubspot import HubSpotSettings, StageMap, StageRule
from scheduler.core.sync.account_schema import AccountSchema
from scheduler.core.sync.desired_values import PROPERTIES
from scheduler.core.sync.echoes import OwnSources
from scheduler.core.sync.fields import DEFAULT_FIELDS
from scheduler.core.sync.values import PropertyType
from scheduler.core.words.lexicon import Language
from scheduler.hubspot.client import HubspotClient
from scheduler.hubspot.deal_writer import DealWriter
from scheduler.hubspot.deals import DealReader
from scheduler.services.sync.differences import Differences
from scheduler.services.sync.drift import DriftCheck
from scheduler.services.sync.push_step import push_step
from scheduler.services.sync.pushing import Pushed, Pusher
from scheduler.services.sync.record_rows import KeptRecord
from scheduler.services.sync.repairing import compared, seen_until
from scheduler.services.sync.syncing import Syncing
from scheduler.storage.database.engine import open_engine
from scheduler.storage.database.schema import upgrade
from scheduler.storage.database.transactions import transactions
from scheduler.storage.imports.comparing import ComparedRows
from scheduler.storage.imports.parts import ImportRows
from scheduler.storage.sync.census import CensusRows
from scheduler.storage.sync.drift import DriftQueries
from scheduler.storage.sync.ingesting import IngestRows, waiting_records
from scheduler.storage.sync.owners import FollowingOwners
from scheduler.storage.sync.pulling import PullQueries
from scheduler.storage.sync.pushing import PushQueries
from scheduler.system.clock import SystemClock, steady_seconds
from tests.servers.hubspot import HubSpotServer, Limits
from tests.servers.hubspot.__main__ import furnish

CHANGES, MINUTES, HOURS = 1000, 24 * 60, 24
PARTS = ("push", "repair")
T = TypeVar("T")
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
            if order == "later":
                server.skew += timedelta(hours=1)
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


def pushed_all(engine: Engine, client: HubspotClient, schema: AccountSchema) -> Pushed:
    """Tells HubSpot of every deal; what that came to."""
    pusher = Pusher(
        transactions(engine, PushQueries),
        DealWriter(client),
        replace(settings(), push=True),
        shipped_policy(),
        SystemClock(),
        "benchmark",
        schema=lambda: schema,
    )
    total = Pushed()
    while (step := push_step(pusher)).more:
        total = total.and_also(step)
    return total


def round_of(syncing: Syncing) -> None:
    """One round."""
    while syncing.step(datetime.now(UTC)).more:
        pass


@dataclass(frozen=True, slots=True)
class Took:
    """What something took: requests by kind, seconds of work, seconds that the pace would wait, and
    by how many MB the process grew."""

    requests: Counter[str]
    seconds: float
    paced: float
    grew: float

    def __str__(self) -> str:
        return (
            f"{self.requests.total():,} requests {dict(self.requests)}; {self.seconds:.1f} s of "
            f"work, {self.paced:.0f} s that the pace waits; grew by {self.grew:.0f} MB"
        )


@dataclass(frozen=True, slots=True)
class Bench:
    """Both sides."""

    deals: int
    engine: Engine
    client: HubspotClient
    syncing: Syncing
    waits: Waits
    asked: Callable[[str], Counter[str]]

    def took(self, work: Callable[[], T]) -> tuple[T, Took]:
        """What something came to, and what it took."""
        before, grew, waited = self.asked("count"), peak_mb(), self.waits.waited
        began = perf_counter()
        came = work()
        seconds, grew, waited = (
            perf_counter() - began,
            peak_mb() - grew,
            self.waits.waited - waited,
        )
        return came, Took(self.asked("count") - before, seconds, waited, grew)

    def round(self) -> Took:
        """One round."""
        return self.took(lambda: round_of(self.syncing))[1]


@contextmanager
def bench(deals: int) -> Iterator[Bench]:
    """An account in a process of its own, and an empty database."""
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
                transactions(engine, PullQueries),
                transactions(engine, IngestRows),
                ImportRows(engine),
                transactions(engine, FollowingOwners),
                transactions(engine, CensusRows),
                waiting,
                DealReader(client, settings()),
                settings(),
                shipped_policy(),
            )
            yield Bench(deals, engine, client, syncing, waits, asked)
        engine.dispose()
        reading.dispose()
    here.send("")
    process.join()


def loading(of: Bench) -> None:
    """A first load, a thousand changes, an idle day."""
    first, least = of.round(), -(-of.deals // 50)
    names = first.requests["batch read"]
    ratio = (first.requests.total() - names) / least
    _say(
        f"first load of {of.deals:,}: {first}; {names:,} for the names of customers, the others "
        f"{ratio:.3f} times the least, {least:,} (goal ≤ 1.05)"
    )
    of.asked("change")
    _say(f"{min(CHANGES, of.deals):,} changes: {of.round()}")
    for _ in range(3):
        of.asked("later")
        idle = of.round()
    _, census = of.took(lambda: of.syncing.count(datetime.now(UTC) + timedelta(days=1)))
    _, hourly = of.took(of.syncing.deals.account_schema)
    a_day = MINUTES * idle.requests.total() + census.requests.total()
    a_day += HOURS * hourly.requests.total()
    _say(f"a round in which nothing has changed: {idle}")
    _say(f"the daily count: {census}")
    _say(f"an idle day, a round a minute: {a_day:,} requests; every hour {hourly.requests.total()}")


def pushing(of: Bench) -> None:
    """Telling HubSpot of every deal."""
    schema = of.syncing.schema(datetime.now(UTC))
    pushed, took = of.took(lambda: pushed_all(of.engine, of.client, schema))
    told = pushed.written + pushed.in_step
    least = 2 * -(-told // 100)
    _say(
        f"push of {told:,} deals ({pushed.written:,} written, {pushed.parked:,} parked): {took}; "
        f"{took.requests.total() / max(1, least):.3f} times the least, {least:,}"
    )


def repairing(of: Bench) -> None:
    """Comparing every deal."""
    now = datetime.now(UTC)
    begin = transactions(of.engine, DriftQueries)
    with begin() as transaction:
        seen_to = seen_until(transaction, of.syncing)
    assert seen_to is not None
    parts = replace(of.syncing, settings=replace(settings(), push=True))
    differences = Differences(
        ComparedRows(of.engine),
        parts,
        of.syncing.schema(now),
        OwnSources(),
        parts.clocks(now),
        seen_to,
        now,
    )
    check = DriftCheck(begin, differences, lambda deal: "")
    drift, took = of.took(lambda: compared(check, most=100))
    hundreds, thousands = -(-of.deals // 100), -(-of.deals // 1000)
    least = 2 * hundreds + thousands + -(-_companies(of.deals) // 100)
    _say(
        f"comparison of {drift.read:,} deals ({drift.found:,} differ): {took}; "
        f"{took.requests.total() / least:.3f} times the least, {least:,}"
    )


def _companies(deals: int) -> int:
    """How many customers the account has."""
    return max(1, deals // 5)


def _say(line: str) -> None:
    print(line, flush=True)


def main() -> None:
    """Measures and prints."""
    numbers = [int(word) for word in sys.argv[1:] if word.isdigit()]
    parts = [word for word in sys.argv[1:] if not word.isdigit()]
    if unknown := set(parts) - set(PARTS):
        raise SystemExit(
            f"no such part: {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}"
        )
    with bench(numbers[0] if numbers else 10_000) as both:
        loading(both)
        if "push" in parts:
            pushing(both)
        if "repair" in parts:
            repairing(both)


if __name__ == "__main__":
    main()
