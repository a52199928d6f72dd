"""What a round would bring, without keeping anything: the records are held in memory, the import
is rolled back, moves are only looked at.

Always holds: nothing is written, here or there; of a first load only the first records are read.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from scheduler.core.deal.deal import Deal
from scheduler.core.policy.hubspot import LinkedKind
from scheduler.core.sync.account_schema import AccountSchema
from scheduler.core.sync.amounts import FirstLoad, first_load
from scheduler.core.sync.clocks import ClockOffsets
from scheduler.core.sync.keyset import Cursor
from scheduler.core.sync.linked import Linked
from scheduler.core.sync.moves import (
    NotFollowed,
    StageBefore,
    SupersededMove,
    TheirMove,
    stage_news,
)
from scheduler.core.sync.passages import actor_of
from scheduler.core.sync.records import PIPELINE, Record, main_company
from scheduler.core.sync.terms import ValueProblem, lacking
from scheduler.core.sync.values import milliseconds
from scheduler.services.imports.choices import ImportChoices, MissingContracts
from scheduler.services.imports.import_report import ImportReport
from scheduler.services.imports.importing import import_contracts
from scheduler.services.sync.pull_store import WATERMARK
from scheduler.services.sync.pulling import GRAIN
from scheduler.services.sync.record_rows import EndOrigin, KeptRecord, RecordRows
from scheduler.services.sync.syncing import Syncing

SAMPLE = 500
"""How many records of a first load, or of changes, a rehearsal reads."""


@dataclass(frozen=True, slots=True)
class ForeseenMove:
    """A move in HubSpot that a round would follow, or why it would not (`because`, a stored
    reason)."""

    deal: Deal
    who: str
    to: str
    because: str = ""
    ours_stands: bool = False


@dataclass(frozen=True, slots=True)
class SyncRehearsal:
    """What a round would bring. `load` is what a first load takes, None for a round of changes;
    `read` records were looked at, of `total`; `ends` says where their ends come from, `problems`
    are values that cannot be read, `unread` the kinds of linked records that cannot, and why;
    `stages`: what stages are called in HubSpot, by id."""

    report: ImportReport
    read: int
    total: int
    load: FirstLoad | None
    moves: Sequence[ForeseenMove]
    ends: Sequence[EndOrigin] = ()
    problems: Sequence[ValueProblem] = ()
    unread: Mapping[LinkedKind, str] = field(default_factory=dict)
    stages: Mapping[str, str] = field(default_factory=dict)


def rehearse(syncing: Syncing, now: datetime) -> SyncRehearsal:
    """Looks. Raises what the account and an import raise."""
    schema = syncing.schema(now)
    with syncing.pulling() as transaction:
        mark = transaction.kept(WATERMARK)
    if mark is None:
        every, mapped = (
            syncing.deals.count(),
            syncing.deals.count(syncing.settings.stages.pipelines),
        )
        load = first_load(every, mapped, kinds=len(syncing.settings.linked))
        total = mapped
        records = list(islice(_listed(syncing), SAMPLE))
    else:
        load = None
        records = _changed(syncing, datetime.fromisoformat(mark))
        total = len(records)
    linked = syncing.deals.linked_of([record.id for record in records])
    kept = _kept(syncing, records, linked.of)
    ends: list[EndOrigin] = []
    lacks = lacking(syncing.settings.fields, schema.types)
    settings = syncing.settings.without(linked.why).without_fields(lacks)
    rows = RecordRows(lambda: iter([kept]), settings, schema, len(kept), ends=ends)
    report = import_contracts(
        syncing.imports,
        rows,
        syncing.policy,
        now,
        ImportChoices(gone=MissingContracts.KEEP),
        dry_run=True,
    )
    moves = _moves(syncing, schema, kept, syncing.clocks(now))
    return SyncRehearsal(
        report,
        len(records),
        total,
        load,
        moves,
        ends,
        rows.problems,
        linked.why,
        schema.names,
    )


def _listed(syncing: Syncing) -> Iterator[Record]:
    """Records in our care, in the order of the list."""
    mapped = set(syncing.settings.stages.pipelines)
    for records, _ in syncing.deals.listed(""):
        yield from (record for record in records if record.value(PIPELINE) in mapped)


def _changed(syncing: Syncing, mark: datetime) -> list[Record]:
    """Records that have changed since the mark, whole."""
    mapped, upto = set(syncing.settings.stages.pipelines), milliseconds(syncing.deals.now() + GRAIN)
    cursor = Cursor.by_time(min(milliseconds(mark), upto), upto)
    ids = (
        record.id
        for records, _ in syncing.deals.searched(cursor)
        for record in records
        if record.value(PIPELINE) in mapped
    )
    found = syncing.deals.by_id(list(islice(ids, SAMPLE)))
    return [record for record in found.values() if record is not None]


def _kept(
    syncing: Syncing, records: Sequence[Record], linked: Mapping[str, Linked]
) -> list[KeptRecord]:
    """The records with their customers and what they are linked with, as they would be kept."""
    bare = [record.id for record in records if record.companies is None]
    asked = syncing.deals.companies_of(bare) if bare else {}
    links = {r.id: r.companies if r.companies is not None else asked.get(r.id) for r in records}
    companies = {id: main_company(found) or "" for id, found in links.items()}
    names = syncing.deals.names_of({company for company in companies.values() if company})
    with syncing.ingest() as transaction:
        known = transaction.of_records([record.id for record in records])
    return [
        KeptRecord(
            record,
            companies[record.id],
            names.get(companies[record.id], ""),
            record.id in known,
            closed=_is_closed(syncing, known.get(record.id)),
            linked=linked.get(record.id, {}),
        )
        for record in records
    ]


def _is_closed(syncing: Syncing, deal: Deal | None) -> bool:
    """Whether a deal is closed here."""
    if deal is None:
        return False
    stage = syncing.policy.pipeline(deal.pipeline).find(deal.stage)
    return stage is not None and not stage.is_open


def _moves(
    syncing: Syncing,
    schema: AccountSchema,
    kept: Sequence[KeptRecord],
    clocks: ClockOffsets,
) -> list[ForeseenMove]:
    """The moves that the stages of known deals would make."""
    found = []
    with syncing.ingest() as transaction:
        deals = transaction.of_records([each.record.id for each in kept if each.known])
        before = {
            id: StageBefore(at, clocks=clocks)
            for id, at in transaction.taken_at(list(deals)).items()
        }
    for each in (each for each in kept if each.record.id in deals):
        deal = deals[each.record.id]
        known = before.get(each.record.id, StageBefore())
        news = stage_news(each.record, deal, syncing.settings.stages, syncing.policy, known)
        if isinstance(news, NotFollowed):
            found.append(ForeseenMove(deal, "", each.theirs[1], news.because))
        elif isinstance(news, TheirMove | SupersededMove):
            who = actor_of(news.version, schema.owners).name
            to = news.stage.id if isinstance(news, TheirMove) else news.version.value
            stands = isinstance(news, SupersededMove)
            found.append(ForeseenMove(deal, who, to, ours_stands=stands))
    return found
