"""An account on loopback and a database that are kept in step, for tests of the sync."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import count
from typing import Any

from sqlalchemy import Engine, select

from scheduler.core.deal.deal import Deal
from scheduler.core.deal.pauses import Pause, Scope
from scheduler.core.imports.placement import Placement
from scheduler.core.policy.hubspot import HubSpotSettings, StageMap, StageRule
from scheduler.core.policy.policy import Policy
from scheduler.core.sync.fields import DEFAULT_FIELDS
from scheduler.core.words.lexicon import Language
from scheduler.hubspot.deals import DealReader
from scheduler.ports import Begin
from scheduler.services.deals.sweep import sweep_once
from scheduler.services.sync.ingesting import IngestTransaction
from scheduler.services.sync.record_rows import KeptRecord
from scheduler.services.sync.syncing import Synced, Syncing
from scheduler.storage.database.deals import CONTRACTS, DEALS, PASSAGES, load_deals
from scheduler.storage.database.engine import open_engine
from scheduler.storage.database.rows import metadata
from scheduler.storage.database.transactions import transactions
from scheduler.storage.deals.sweeping import SweepQueries
from scheduler.storage.delivery.pauses import PauseQueries
from scheduler.storage.imports.parts import ImportRows
from scheduler.storage.sync.census import CensusRows
from scheduler.storage.sync.ingesting import IngestRows, waiting_records
from scheduler.storage.sync.owners import FollowingOwners
from scheduler.storage.sync.pulling import PullQueries
from tests.cast import EXISTING
from tests.core.sync.sync_cast import NEW, both
from tests.hubspot.world import World, world
from tests.servers.hubspot.people import Person

CARE, SALES = "care", "default"
_STAGES = (
    ("onboarding", "Onboarding", 0.1),
    ("stable", "Stable", 0.5),
    ("calm", "Calm", 0.5),
    ("at_risk", "At risk", 0.4),
    ("critical", "Critical", 0.2),
    ("renewal_3m", "Renewal 3m", 0.6),
    ("renewal_1m", "Renewal 1m", 0.8),
    ("won", "Won", 1.0),
    ("lost", "Lost", 0.0),
)
STAGES = {name: f"care_{name}" for name, _, _ in _STAGES}
"""What our stages of existing customers are called there; `calm` means stable as well."""
RECORDS = metadata.tables["hubspot_records"]


def settings(**more: Any) -> HubSpotSettings:
    """The mapping of the pipeline of existing customers, and of won sales."""
    rules = [
        StageRule(
            (CARE, STAGES[name]),
            Placement(EXISTING.id, "stable" if name == "calm" else name),
            target=name == "stable",
        )
        for name, _, _ in _STAGES
    ]
    rules.append(StageRule((SALES, "closedwon"), Placement(EXISTING.id, bought=True)))
    rules += [
        StageRule((SALES, theirs), Placement(NEW.id, ours))
        for theirs, ours in (
            ("appointmentscheduled", "qualified"),
            ("qualifiedtobuy", "problem_agreed"),
            ("closedlost", "lost"),
        )
    ]
    fields = dict(DEFAULT_FIELDS) | {"starts_on": "starts_on", "ends_on": "ends_on"}
    made = HubSpotSettings(
        60, timedelta(minutes=15), Language.EN, False, StageMap(tuple(rules)), fields
    )
    return replace(made, **more)


@dataclass
class InStep:
    """Both sides, and what keeps them in step."""

    here: World
    engine: Engine
    reading: Engine
    settings: HubSpotSettings
    policy: Policy
    people: dict[str, Person] = field(default_factory=dict)
    companies: dict[str, int] = field(default_factory=dict)

    @property
    def syncing(self) -> Syncing:
        """A new process's."""

        def waiting() -> Iterator[Sequence[KeptRecord]]:
            with self.reading.connect() as connection:
                yield from waiting_records(connection)

        return Syncing(
            transactions(self.engine, PullQueries),
            transactions(self.engine, IngestRows),
            ImportRows(self.engine),
            transactions(self.engine, FollowingOwners),
            transactions(self.engine, CensusRows),
            waiting,
            DealReader(self.here.client, self.settings),
            self.settings,
            self.policy,
        )

    def pull(self, before_moves: Callable[[], None] | None = None) -> Synced:
        """Steps until everything is taken in. `before_moves` is called once the fields are."""
        syncing = self.syncing
        if before_moves is not None:
            syncing.ingest = _interrupted(syncing.ingest, before_moves)
        while True:
            synced = syncing.step(self.here.time.now())
            if not synced.more:
                return synced

    def pauses(self) -> list[str]:
        """Which contracts are paused."""
        table = metadata.tables["pauses"]
        with self.engine.connect() as connection:
            return list(connection.scalars(select(table.c.name).where(table.c.ended_at.is_(None))))

    def resume(self, record: int) -> None:
        """An admin lets a contract go on."""
        with transactions(self.engine, PauseQueries)() as pausing:
            pausing.end(Pause(Scope.CONTRACT, str(record), self.here.time.now(), by="admin"))

    def sweep(self) -> None:
        """Decides whatever is due."""
        sweeping = transactions(self.engine, SweepQueries)
        while sweep_once(sweeping, self.policy, self.here.time.now(), 200).deals:
            pass

    def deal(self, **values: Any) -> int:
        """A deal there, of a customer's that has run since April."""
        name = values.pop("customer", "Aoba")
        if name not in self.companies:
            self.companies[name] = self.here.server.add("companies", {"name": name})
        given = {
            "dealname": "Aoba Pro",
            "pipeline": CARE,
            "dealstage": STAGES["stable"],
            "amount": "3600000",
            "deal_currency_code": "JPY",
            "starts_on": "2026-04-01",
            "ends_on": "2027-03-31",
        }
        return self.here.server.add("deals", given | values, company=self.companies[name])

    def ours(self, record: int) -> Deal:
        """The deal that a record belongs to."""
        with self.engine.connect() as connection:
            found = connection.scalar(
                select(DEALS.c.id)
                .join(CONTRACTS, CONTRACTS.c.id == DEALS.c.contract_id)
                .where(CONTRACTS.c.source == "hubspot", CONTRACTS.c.source_id == str(record))
            )
            assert found is not None, f"no deal has the record {record}"
            return load_deals(connection, [found])[0]

    def deals(self) -> list[Deal]:
        """All deals."""
        with self.engine.connect() as connection:
            ids = list(connection.scalars(select(DEALS.c.id).order_by(DEALS.c.id)))
            return load_deals(connection, ids)

    def record(self, record: int) -> Mapping[str, Any]:
        """What is kept of a record."""
        with self.engine.connect() as connection:
            row = connection.execute(select(RECORDS).where(RECORDS.c.record_id == str(record)))
            return dict(row.mappings().one())

    def way(self, deal: Deal) -> list[tuple[str | None, str, str, bool]]:
        """A deal's passages: from, to, by whom, observed."""
        with self.engine.connect() as connection:
            rows = connection.execute(
                select(PASSAGES).where(PASSAGES.c.deal_id == deal.id).order_by(PASSAGES.c.id)
            )
            return [(r.from_stage, r.to_stage, r.actor, r.observed) for r in rows]

    def conflicts(self) -> list[Mapping[str, Any]]:
        """All conflicts."""
        table = metadata.tables["hubspot_conflicts"]
        with self.engine.connect() as connection:
            return [dict(row) for row in connection.execute(select(table)).mappings()]


def _interrupted(
    begin: Begin[IngestTransaction], act: Callable[[], None]
) -> Begin[IngestTransaction]:
    """Lets somebody act before the second transaction is begun: the first looks for merges."""
    begun = count()

    def with_act(*, keep: bool = True) -> AbstractContextManager[IngestTransaction]:
        if next(begun) == 1:
            act()
        return begin(keep=keep)

    return with_act


@contextmanager
def in_step(engine: Engine, **more: Any) -> Iterator[InStep]:
    """An account with both pipelines and the properties of a term."""
    with world() as here:
        here.server.pipeline(
            "Customers", *((STAGES[id], name, p) for id, name, p in _STAGES), id_=CARE
        )
        for name in ("starts_on", "ends_on"):
            here.server.property(name, "date", "date")
        reading = open_engine(engine.url.render_as_string(hide_password=False), reading=True)
        made = InStep(
            here, engine, reading, more.pop("settings", settings()), more.pop("policy", both())
        )
        made.people["ann"] = here.server.person("ann@example.com", "Ann Ito")
        try:
            yield made
        finally:
            reading.dispose()
