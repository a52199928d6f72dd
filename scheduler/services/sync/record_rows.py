"""Records that wait to be taken in, as the rows of an import.

Always holds: a deal that is known says only what its fields say; where it stands there is
somebody's answer (`ingesting`). A deal that is closed on both sides says nothing any more: what
HubSpot writes into it by itself is not about the term after it. A known deal with a value that
cannot be read changes nothing: what cannot be read is not empty. A record whose stage has no place
here, or that was made for a term that is no more, opens nothing and is held.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property
from typing import Protocol

from scheduler.core.deal.pipeline import Passage, Pipeline, Stage
from scheduler.core.imports.placement import Placement
from scheduler.core.imports.records import ContractRecord
from scheduler.core.imports.texts import LeftOut, Reject
from scheduler.core.imports.written_days import OrderElsewhere
from scheduler.core.policy.hubspot import HubSpotSettings, Theirs, kind_and_property
from scheduler.core.sync.account_schema import AccountSchema
from scheduler.core.sync.echoes import Closings, said_close_date
from scheduler.core.sync.linked import Linked, called
from scheduler.core.sync.linked_terms import TermSaid, term_said
from scheduler.core.sync.passages import HUBSPOT, passages
from scheduler.core.sync.records import PIPELINE, STAGE, Record
from scheduler.core.sync.terms import SOURCE, FieldMap, RowContext, ValueProblem, contract_row
from scheduler.core.sync.values import PropertyType, day
from scheduler.core.words.keys import stable_key

NOT_A_COMPANY = "deal-"
"""How the id of a customer begins that is only the name of a deal without a company."""
_ALWAYS = ("customer", "owner", "url", "title", "amount", "currency")


@dataclass(frozen=True, slots=True)
class KeptRecord:
    """A record as it was kept. `known`: a contract has its id; `closed`: its deal is closed here;
    `company_id` is empty for none; `linked`: the line items, quotes and contracts that fill a
    field; `taken_back`: we made it for a next term that was taken back since."""

    record: Record
    company_id: str
    company: str
    known: bool
    closed: bool = False
    linked: Linked = field(default_factory=dict)
    taken_back: bool = False

    @property
    def theirs(self) -> Theirs:
        """The record's stage in HubSpot."""
        return (self.record.value(PIPELINE), self.record.value(STAGE))

    @property
    def customer(self) -> tuple[str, str]:
        """The customer's id and name: the company, else the deal itself."""
        if self.company_id:
            return self.company_id, self.company or self.company_id
        name = self.record.value("dealname") or self.record.id
        return f"{NOT_A_COMPANY}{self.record.id}", name


class WaitingRecords(Protocol):
    """Reads the records that wait."""

    def __call__(self) -> Iterator[Sequence[KeptRecord]]:
        """All of them, in some hundreds at a time."""


@dataclass(frozen=True, slots=True)
class RecordWay:
    """How a deal came to its stage, from the history of its stage there."""

    record: Record
    settings: HubSpotSettings
    schema: AccountSchema

    def passages(
        self, pipeline: Pipeline, stage: Stage, *, has_contract: bool
    ) -> tuple[Passage, ...]:
        """Its passages through a pipeline."""
        schema = self.schema
        return passages(
            self.record,
            self.settings.stages,
            pipeline,
            stage,
            schema.owners,
            schema.labels,
            has_contract=has_contract,
        )


@dataclass(frozen=True, slots=True)
class EndOrigin:
    """Where the end of one deal comes from: the property, as `[hubspot.fields]` names it (empty for
    none), and, of linked records, their names. `estimated`: reckoned from the close date."""

    record_id: str
    ends_on: date | None
    place: str
    named: Sequence[str] = ()
    estimated: bool = False


@dataclass
class RecordRows:
    """What waits, as an import reads a file. `problems` are the values that could not be read,
    `handed` is when each record was changed that the import was given, `ends` where their ends come
    from, kept where that is wanted."""

    waiting: WaitingRecords
    settings: HubSpotSettings
    schema: AccountSchema
    rows: int
    problems: list[ValueProblem] = field(default_factory=list)
    handed: dict[str, datetime | None] = field(default_factory=dict)
    ends: list[EndOrigin] | None = None
    file: str = HUBSPOT
    source: str = SOURCE
    empty: frozenset[str] = frozenset()
    ignored: tuple[str, ...] = ()
    unit: tuple[str, int] | None = None
    taxes: tuple[str, str, str] | None = None
    orders: tuple[OrderElsewhere, ...] = ()

    @property
    def sha256(self) -> str:
        """A digest of nothing: a sync is no file."""
        return stable_key(HUBSPOT)

    @cached_property
    def present(self) -> frozenset[str]:
        """The fields that a property fills. Lengths and days that no property fills are not
        emptied."""
        return frozenset((*self.settings.fields, *_ALWAYS)) - {"closed_on"}

    @property
    def has_deferred(self) -> bool:
        """Whether some stages depend on the customer having a contract."""
        return any(rule.place.by_contract for rule in self.settings.stages.rules)

    @cached_property
    def _context(self) -> RowContext:
        fields = FieldMap(self.settings.fields, self.schema.types)
        return RowContext(fields, self.schema.account, self.schema.owners)

    def records(self, deferred: bool = False) -> Iterator[ContractRecord | Reject | LeftOut]:
        """The rows, numbered in their order."""
        line = 0
        for some in self.waiting():
            for kept in some:
                line += 1
                self.handed[kept.record.id] = kept.record.modified_at()
                place = self.settings.stages.place(kept.theirs)
                by_contract = place is not None and place.by_contract and not kept.known
                if by_contract is deferred:
                    yield self._row(line, kept, place)

    def _row(
        self, line: int, kept: KeptRecord, place: Placement | None
    ) -> ContractRecord | LeftOut:
        """Reads one record as a row."""
        over = kept.closed and kept.theirs[1] in self.schema.closed
        if over or kept.taken_back or (not kept.known and (place is None or place.skip)):
            return LeftOut(line, kept.record.id)
        at = place or Placement("")
        labels = self.schema.labels
        said = self.term_said(kept)
        row, problems = contract_row(
            replace(kept.record, properties={**kept.record.properties, **said.values}),
            at,
            labels.get(kept.theirs, kept.theirs[1]),
            kept.customer,
            self._context,
            closed_on=self._closed_on(kept.record),
        )
        if self.ends is not None:
            self.ends.append(self._origin(kept, row, said))
        problems = [*said.problems, *problems]
        self.problems += problems
        if kept.known and problems:
            return LeftOut(line, kept.record.id)
        if kept.known:
            return replace(row, line=line, place=None, stage="")
        return replace(row, line=line, way=RecordWay(kept.record, self.settings, self.schema))

    def _origin(self, kept: KeptRecord, row: ContractRecord, said: TermSaid) -> EndOrigin:
        """Where the record's end comes from."""
        place = self.settings.fields.get("ends_on", "")
        kind = kind_and_property(place)[0]
        read = kept.record.value(place) or said.values.get(place)
        named = [called(kind, each) for each in said.origins.get(kind, ())] if kind else []
        return EndOrigin(
            kept.record.id,
            row.ends_on,
            place if read and not row.estimated else "",
            named,
            row.estimated,
        )

    def term_said(self, kept: KeptRecord) -> TermSaid:
        """The term as given by a deal's line items, quotes and contracts."""
        context, standings = self._context, self.schema.standings
        wanted = {k: kept.linked[k] for k in self.settings.linked if k in kept.linked}
        return term_said(kept.record.id, wanted, context.fields, standings, context.account.zone)

    def _closed_on(self, record: Record) -> date | None:
        """The close date that somebody meant."""
        closings = Closings.of(record.histories.get(STAGE, ()), self.schema.closed)
        said = said_close_date(record, closings)
        if said is None:
            return None
        return day(said.value, PropertyType.DATETIME, self.schema.account.zone)
