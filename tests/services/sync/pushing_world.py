"""Two sides of which ours pushes, for tests of the push."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from sqlalchemy import Engine, select, update

from scheduler.core.answers.answer import Answer
from scheduler.core.answers.effects import apply_answer
from scheduler.core.deal.deal import Deal, Lost
from scheduler.core.sync.desired_values import PROPERTIES
from scheduler.core.sync.values import PropertyType
from scheduler.core.sync.writes import RecordWrite, WriteResult
from scheduler.core.words.lexicon import Health, Language, Verb
from scheduler.hubspot.deal_writer import DealWriter
from scheduler.services.sync.push_step import push_step
from scheduler.services.sync.pushing import Pushed, Pusher
from scheduler.storage.database.deals import DEALS
from scheduler.storage.database.rows import metadata
from scheduler.storage.database.transactions import transactions
from scheduler.storage.sync.ingesting import IngestRows
from scheduler.storage.sync.pushing import PushQueries
from tests.services.sync.in_step import InStep, in_step, settings

_FIELDS = {PropertyType.DATE: "date", PropertyType.ENUMERATION: "select"}


class KilledError(Exception):
    """The process is killed."""


@dataclass(frozen=True)
class Writer(DealWriter):
    """An account that is written to by a process that may be killed before or after."""

    dies: str = ""

    def write(self, changes: Sequence[RecordWrite]) -> Iterator[WriteResult]:
        """As ever, unless it dies."""
        if self.dies == "before":
            raise KilledError
        for result in DealWriter.write(self, changes):
            if self.dies == "after":
                raise KilledError
            yield result


@dataclass
class PushWorld:
    """Both sides; `record` is the deal that a test is about."""

    both: InStep
    record: int = 0

    def pusher(self, *, worker: str = "one", dies: str = "", **more: Any) -> Pusher:
        """What a process pushes with."""
        writer = Writer(self.both.here.client, dies)
        made = Pusher(
            transactions(self.both.engine, PushQueries),
            writer,
            self.both.settings,
            self.both.policy,
            self.both.here.time,
            worker,
            lambda: self.both.syncing.schema(self.both.here.time.now()),
            lambda deal: f"https://renewals.example/deals/{deal.id}",
        )
        return replace(made, **more)

    def push(self, **more: Any) -> list[Pushed]:
        """Steps until there is nothing more; what each came to."""
        pusher, steps = self.pusher(**more), []
        while (step := push_step(pusher)).more:
            steps.append(step)
            assert len(steps) < 50, "it never ends"
        return steps

    def loaded(self, **values: Any) -> int:
        """A deal of both sides; what the push says at first is written."""
        record = self.both.deal(**values)
        self.both.pull()
        self.both.sweep()
        self.later(hours=1)
        self.push()
        self.later(hours=1)
        return record

    def later(self, **more: float) -> None:
        """So long later."""
        self.both.here.time.passes(**more)

    def answers(self, record: int, verb: Verb, **more: Any) -> None:
        """A colleague answers here."""
        deal, now = self.both.ours(record), self.both.here.time.now()
        said = Answer(verb, "Ken Abe", **more)
        with transactions(self.both.engine, IngestRows)() as transaction:
            answered = apply_answer(deal, said, self.both.policy, now)
            transaction.record(deal, said, answered, now)

    def at_risk(self, record: int) -> None:
        """A colleague says that the customer is at risk."""
        self.answers(record, Verb.HEALTH, health=Health.AT_RISK)

    def lose(self, record: int, note: str = "") -> None:
        """A colleague says that the deal is lost."""
        self.answers(record, Verb.LOST, lost=Lost("other", note=note))

    def win(self, record: int, **more: Any) -> Deal:
        """A colleague says that the deal is won; the next term's deal here."""
        self.answers(record, Verb.WON, **more)
        return self.both.deals()[-1]

    def round(self) -> list[Pushed]:
        """A pull, then steps of a push."""
        self.both.pull()
        return self.push()

    def there(self, record: int) -> Mapping[str, str]:
        """What HubSpot has."""
        found: Mapping[str, str] = self.both.here.server.state()["deals"][record]["values"]
        return found

    def row(self, record: int) -> Mapping[str, Any]:
        """What is kept of the push of a record."""
        return self._rows("hubspot_pushes", record)[0]

    def ledger(self, record: int) -> list[tuple[str, str]]:
        """What we wrote to a record: names and values."""
        return [(row["name"], row["value"]) for row in self._rows("hubspot_ledger", record)]

    def _rows(self, name: str, record: int) -> list[Mapping[str, Any]]:
        table = metadata.tables[name]
        with self.both.engine.connect() as connection:
            query = select(table).where(table.c.record_id == str(record))
            return [dict(row) for row in connection.execute(query).mappings()]

    def touch(self, record: int) -> None:
        """Something changes here that HubSpot is not told of."""
        deal = self.both.ours(record)
        with self.both.engine.begin() as connection:
            connection.execute(
                update(DEALS).where(DEALS.c.id == deal.id).values(version=DEALS.c.version + 1)
            )

    def calls(self, kind: str) -> int:
        """How many requests of a kind there were."""
        return self.both.here.server.log.count[kind]


@contextmanager
def push_world(engine: Engine, *, made: bool = True, **more: Any) -> Iterator[PushWorld]:
    """An account with our properties, unless they are not `made`; `fields` as mapped."""
    push = more.pop("push", True)
    given = settings(
        push=push,
        language=more.pop("language", Language.EN),
        create_renewals=more.pop("create_renewals", False),
        **({"fields": more.pop("fields")} if "fields" in more else {}),
    )
    with in_step(engine, settings=given, **more) as both:
        for each in PROPERTIES if made else ():
            more_of: dict[str, Any] = {"hasUniqueValue": each.unique}
            if each.options:
                more_of["options"] = [{"label": v, "value": v} for v, _ in each.options]
            field_type = _FIELDS.get(each.kind, "text")
            both.here.server.property(each.name, each.kind.value, field_type, **more_of)
        yield PushWorld(both)


LEASE = timedelta(minutes=16)
"""Longer than a lease."""
