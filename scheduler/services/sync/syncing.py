"""One round of keeping in step, in steps that can be broken off anywhere: find what has changed,
read it whole, take it in, move the mark.

Always holds: a step that fails leaves what was read; the next one goes on from there.
"""

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from scheduler.core.policy.hubspot import HubSpotSettings, LinkedKind
from scheduler.core.policy.policy import Policy
from scheduler.core.sync.account_schema import AccountSchema
from scheduler.core.sync.clocks import ClockOffsets
from scheduler.core.sync.desired_values import TYPES
from scheduler.core.sync.echoes import OwnSources
from scheduler.core.sync.identity import Census
from scheduler.core.sync.states import Waits
from scheduler.core.sync.terms import lacking
from scheduler.core.time.dates import local_day
from scheduler.core.words.keys import stable_key
from scheduler.core.words.labels import Label
from scheduler.core.words.reasons import as_said, code_of, reason
from scheduler.ports import Begin
from scheduler.services.imports.store import ImportStore
from scheduler.services.sync.account import DealReading
from scheduler.services.sync.census import CensusTransaction, RecordCensus
from scheduler.services.sync.company_changes import company_changes
from scheduler.services.sync.ingesting import Ingesting, IngestResult, IngestTransaction
from scheduler.services.sync.linked_changes import linked_changes
from scheduler.services.sync.owner_changes import OwnersTransaction, follow_owners
from scheduler.services.sync.pull_store import (
    CLOCKS,
    LACKING,
    MAPPING,
    RUN,
    STAGES,
    UNREAD,
    WATERMARK,
    PullingTransaction,
    after_company,
    unread,
)
from scheduler.services.sync.pulling import Pull, Run, RunKind
from scheduler.services.sync.pushing import Pushed
from scheduler.services.sync.record_rows import KeptRecord
from scheduler.services.sync.sync_status import LAST, TROUBLE, LastRound

OWN_SOURCES, MADE, CENSUS = "own_sources", "made", "census"
"""Where it is kept what HubSpot calls our own writing, which properties of ours are there, and on
which day all were counted."""
SCHEMA_KEPT_FOR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Synced:
    """The result of one step. `more`: the round goes on; `ended`: the run that has found and taken
    in everything; `took`: what was taken in; `pushed`: what HubSpot was told at the end; `unread`:
    the linked records that could not be read, and why; `lacking`: what the mapping names that the
    account does not have, as stored reasons."""

    more: bool
    ended: Run | None = None
    took: IngestResult | None = None
    pushed: Pushed | None = None
    unread: Mapping[LinkedKind, str] = field(default_factory=dict)
    lacking: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class StepFailure:
    """A step that was broken off: why, of which kind, when it may be tried again, and whether that
    passes without anybody's doing."""

    because: Label
    kind: str
    again: timedelta
    passes: bool


@dataclass
class Syncing:
    """Keeps one account and one database in step, by one policy."""

    pulling: Begin[PullingTransaction]
    ingest: Begin[IngestTransaction]
    imports: ImportStore
    people: Begin[OwnersTransaction]
    states: Begin[CensusTransaction]
    waiting: Callable[[], Iterator[Sequence[KeptRecord]]]
    deals: DealReading
    settings: HubSpotSettings
    policy: Policy
    _schema: tuple[datetime, AccountSchema] | None = None

    def schema(self, now: datetime) -> AccountSchema:
        """What is needed to interpret deals, read again every hour. Raises what the account
        raises."""
        if self._schema is None or now - self._schema[0] >= SCHEMA_KEPT_FOR:
            self._schema = (now, self.deals.account_schema())
        return self._schema[1]

    def step(self, now: datetime, stop: Callable[[], bool] = lambda: False) -> Synced:
        """A bounded piece of the round. Raises what the account and an import raise."""
        schema = self.schema(now)
        lacks = self._lacks(schema, now)
        self._mapped(schema, now)
        pull = Pull(self.pulling, self.deals, self.settings, stop)
        states = RecordCensus(self.states, self.deals, self.settings)
        if not pull.find(now) or states.look(now) or not pull.complete(now):
            return Synced(more=True)
        with self.pulling() as transaction:
            count = transaction.count(Waits.TAKING)
            own = OwnSources.from_text(transaction.kept(OWN_SOURCES))
            clocks = self._clocks(transaction, now)
            transaction.keep(CLOCKS, clocks.as_text(), now)
            left_out = unread(transaction)
        took = None
        self._follow_owners(schema, now)
        if count:
            ingest = self._ingesting(schema, own, clocks, left_out, stop)
            took = ingest.take(count, now, today=self._today(now))
            self._follow_owners(schema, now, came=True)
        ended = pull.finish(now)
        with self.pulling() as transaction:
            transaction.keep(LAST, LastRound.of(now, ended, took).as_text(), now)
            if ended is not None and ended.kind is RunKind.FIRST:
                transaction.keep(CENSUS, self._today(now).isoformat(), now)
            transaction.forget(TROUBLE)
        here = {k: why for k, why in left_out.items() if k in self.settings.linked}
        return Synced(more=False, ended=ended, took=took, unread=here, lacking=lacks)

    def _follow_owners(self, schema: AccountSchema, now: datetime, *, came: bool = False) -> None:
        """Follows what has become of owners: addresses before their deals come in, so that nobody
        comes in twice, and who left also after it."""
        owners, rule = schema.owners, self.policy.edits
        follow_owners(self.people, self.pulling, owners, rule, now, came=came)

    def clocks(self, now: datetime) -> ClockOffsets:
        """How far the two clocks were apart when, up to the last answer."""
        with self.pulling() as transaction:
            return self._clocks(transaction, now)

    def _clocks(self, transaction: PullingTransaction, now: datetime) -> ClockOffsets:
        """What is kept of them, with what the last answer said."""
        kept = ClockOffsets.from_text(transaction.kept(CLOCKS))
        return kept.measured(now, self.deals.offset)

    def hindered(self, because: Label, now: datetime) -> None:
        """Keeps what hinders the round, until one ends."""
        with self.pulling() as transaction:
            transaction.keep(TROUBLE, as_said(because), now)

    def count(self, now: datetime, stop: Callable[[], bool] = lambda: False) -> Census | None:
        """The daily count of all deals; None where it was done today, or the first load is still to
        come, which is a count as well. Raises what the account raises."""
        today = self._today(now).isoformat()
        with self.pulling() as transaction:
            done = transaction.kept(CENSUS) == today or transaction.kept(WATERMARK) is None
        if done:
            return None
        counted = RecordCensus(self.states, self.deals, self.settings).count(now, stop)
        if counted is not None and self._compared(now, stop):
            with self.pulling() as transaction:
                transaction.keep(CENSUS, today, now)
                transaction.try_held(after_company(self.settings))
        return counted

    def _compared(self, now: datetime, stop: Callable[[], bool]) -> bool:
        """Lets deals be read whose company, line items, quotes or contracts are others than before;
        whether it reached the end."""
        return linked_changes(
            self.pulling, self.deals, self.settings, now, stop
        ) and company_changes(self.pulling, self.deals, stop)

    def _ingesting(
        self,
        schema: AccountSchema,
        own: OwnSources,
        clocks: ClockOffsets,
        left_out: Collection[LinkedKind],
        stop: Callable[[], bool],
    ) -> Ingesting:
        """What taking in works with. What cannot be read counts as not mapped, so that it changes
        nothing."""
        return Ingesting(
            self.ingest,
            self.imports,
            self.waiting,
            self.settings.without(left_out).without_fields(
                lacking(self.settings.fields, schema.types)
            ),
            schema,
            self.policy,
            own,
            clocks,
            stop,
        )

    def _today(self, now: datetime) -> date:
        """The day it is where the policy is at home."""
        return local_day(now, self.policy.zone_of(None))

    def _lacks(self, schema: AccountSchema, now: datetime) -> Sequence[str]:
        """Keeps what the mapping names that the account lacks. Where a property is there again,
        everything is read anew, since what it said meanwhile is not known."""
        lacks = lacked(self.settings, schema)
        with self.pulling() as transaction:
            before: list[str] = json.loads(transaction.kept(LACKING) or "[]")
            if before != lacks:
                transaction.keep(LACKING, json.dumps(lacks), now)
            if any(code_of(why) == _NO_PROPERTY for why in before if why not in lacks):
                transaction.forget(MAPPING)
        return lacks

    def _mapped(self, schema: AccountSchema, now: datetime) -> None:
        """Reads everything anew where the mapping has changed, tells everything anew where other
        properties of ours are there than before, and keeps what stages are called."""
        rules = [repr(rule) for rule in self.settings.stages.rules]
        mark = stable_key(*rules, *sorted(self.settings.fields.items()))
        made = " ".join(sorted(TYPES.keys() & schema.types.keys()))
        with self.pulling() as transaction:
            called: dict[str, str] = json.loads(transaction.kept(STAGES) or "{}")
            if called | dict(schema.names) != called:
                named = json.dumps(called | dict(schema.names), ensure_ascii=False)
                transaction.keep(STAGES, named, now)
            if transaction.kept(MADE) != made:
                transaction.push_anew()
                transaction.keep(MADE, made, now)
            if transaction.kept(MAPPING) == mark:
                return
            for key in (WATERMARK, RUN, UNREAD):
                transaction.forget(key)
            transaction.read_anew()
            transaction.keep(MAPPING, mark, now)


def lacked(settings: HubSpotSettings, schema: AccountSchema) -> list[str]:
    """The properties and stages that the mapping names and the account does not have, as stored
    reasons."""
    fields = lacking(settings.fields, schema.types)
    gone = [r.theirs for r in settings.stages.rules if not r.place.skip]
    stages = ["/".join(theirs) for theirs in gone if theirs not in schema.labels]
    return [
        *(reason(_NO_PROPERTY, name=name, property=place) for name, place in fields.items()),
        *(reason("sync_stage_gone", stage=stage) for stage in stages),
    ]


_NO_PROPERTY = "sync_no_property"
