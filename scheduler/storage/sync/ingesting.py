"""The rows of taking in what was read: records that wait with their deals, what they change.

Always holds: a record that was read again since is taken in again; a deal is locked with its
record."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, bindparam, func, insert, select, update
from typing_extensions import override

from scheduler.core.deal.deal import Deal
from scheduler.core.deal.people import Person
from scheduler.core.deal.pipeline import Passage
from scheduler.core.deal.successor import SUCCESSORS
from scheduler.core.sync.conflicts import Side
from scheduler.core.sync.desired_values import KEY
from scheduler.core.sync.echoes import LedgerLine, written_before_merge
from scheduler.core.sync.identity import OpenTerm, RecordState
from scheduler.core.sync.linked import linked_from
from scheduler.core.sync.records import STAGE, Record, record_of
from scheduler.core.sync.states import Waits
from scheduler.core.sync.terms import SOURCE
from scheduler.services.sync.ingesting import Conflict, Ingested, IngestTransaction, WaitingDeal
from scheduler.services.sync.record_rows import KeptRecord
from scheduler.storage.answers.answering import AnswerQueries
from scheduler.storage.database.deals import (
    CONTRACTS,
    DEALS,
    PASSAGES,
    PEOPLE,
    load_deals,
    load_people,
)
from scheduler.storage.database.rows import metadata
from scheduler.storage.delivery.refreshing import mark_posted
from scheduler.storage.sync.census import goes_on
from scheduler.storage.sync.pulling import in_pieces, waits_for
from scheduler.storage.sync.renewal_links import link_renewal

RECORDS = metadata.tables["hubspot_records"]
LEDGER, CONFLICTS = metadata.tables["hubspot_ledger"], metadata.tables["hubspot_conflicts"]
_TAKING = waits_for(Waits.TAKING)
_DEAL_OF = and_(CONTRACTS.c.source == SOURCE, CONTRACTS.c.source_id == RECORDS.c.record_id)


def waiting_records(connection: Connection) -> Iterator[Sequence[KeptRecord]]:
    """All records that wait to be taken in, some hundreds at a time."""
    waiting = select(RECORDS.c.record_id).where(_TAKING).order_by(RECORDS.c.record_id)
    query = (
        select(RECORDS, CONTRACTS.c.id.label("contract_id"), DEALS.c.closed_at)
        .outerjoin(CONTRACTS, _DEAL_OF)
        .outerjoin(DEALS, DEALS.c.contract_id == CONTRACTS.c.id)
        .order_by(RECORDS.c.record_id)
    )
    for some in in_pieces(connection.scalars(waiting)):
        rows = connection.execute(query.where(RECORDS.c.record_id.in_(some)))
        yield _taken_back(connection, [_kept(row) for row in rows])


def _taken_back(connection: Connection, some: Sequence[KeptRecord]) -> Sequence[KeptRecord]:
    """Records, of those that are no contract's with whether our key in them is that of a term that
    was taken back: its win was undone before the record that we made for it was known here."""
    keys = {kept.record.value(KEY) for kept in some if not kept.known} - {""}
    if not keys:
        return some
    voided = select(DEALS.c.key).where(DEALS.c.key.in_(keys), DEALS.c.voided_at.is_not(None))
    gone = set(connection.scalars(voided))
    return [replace(k, taken_back=not k.known and k.record.value(KEY) in gone) for k in some]


def _kept(row: Any) -> KeptRecord:
    """Makes a kept record of one row."""
    known, closed = row.contract_id is not None, row.closed_at is not None
    linked = linked_from(row.linked)
    return KeptRecord(record_of(row.raw), row.company_id, row.company, known, closed, linked)


def last_written(connection: Connection, records: Sequence[str]) -> Mapping[str, LedgerLine]:
    """The stage that we last wrote for each record."""
    newest = (
        select(func.max(LEDGER.c.id))
        .where(LEDGER.c.record_id.in_(records), LEDGER.c.name == STAGE)
        .group_by(LEDGER.c.record_id)
    )
    rows = connection.execute(select(LEDGER).where(LEDGER.c.id.in_(newest)))
    return {r.record_id: LedgerLine(r.record_id, r.name, r.value, r.at, r.trace) for r in rows}


def keep_conflict(connection: Connection, conflict: Conflict, now: datetime) -> None:
    """Keeps a conflict, once."""
    known = select(CONFLICTS.c.id).where(
        CONFLICTS.c.record_id == conflict.record_id,
        CONFLICTS.c.name == conflict.name,
        CONFLICTS.c.theirs_at == conflict.theirs_at,
    )
    if connection.scalar(known) is None:
        values = {name: getattr(conflict, name) for name in conflict.__dataclass_fields__}
        connection.execute(
            insert(CONFLICTS).values(**values | {"winner": conflict.winner.value}, at=now)
        )


def conflict_of(row: Any) -> Conflict:
    """A conflict as it is kept."""
    values = {name: getattr(row, name) for name in Conflict.__dataclass_fields__}
    return Conflict(**values | {"winner": Side(row.winner)})


class IngestRows(AnswerQueries, IngestTransaction):
    """Takes records in."""

    @override
    def waiting(self, records: Sequence[str]) -> Sequence[WaitingDeal]:
        query = (
            select(
                RECORDS,
                CONTRACTS.c.id.label("contract_id"),
                DEALS.c.id.label("deal_id"),
                DEALS.c.closed_at,
            )
            .outerjoin(CONTRACTS, _DEAL_OF)
            .outerjoin(
                DEALS, and_(DEALS.c.contract_id == CONTRACTS.c.id, DEALS.c.voided_at.is_(None))
            )
            .where(RECORDS.c.record_id.in_(records), _TAKING)
            .order_by(RECORDS.c.record_id)
        )
        if self._connection.dialect.name == "postgresql":
            query = query.with_for_update(of=RECORDS)
        rows = self._connection.execute(query).all()
        deals = self._locked([row.deal_id for row in rows if row.deal_id is not None])
        kept = _taken_back(self._connection, [_kept(row) for row in rows])
        written = self._written([one.record for one in kept])
        return [
            WaitingDeal(
                one,
                deals.get(row.deal_id),
                row.taken_at,
                written.get(row.record_id),
                bool(row.held),
            )
            for one, row in zip(kept, rows, strict=True)
        ]

    def _written(self, records: Sequence[Record]) -> Mapping[str, LedgerLine]:
        """What we wrote last as each record's stage; for one that others have become, and in which
        we wrote nothing yet, what of theirs stands in it."""
        ids = [id for record in records for id in (record.id, *record.merged)]
        written = dict(last_written(self._connection, ids))
        for record in records:
            lines = [written[id] for id in record.merged if id in written]
            history = record.histories.get(STAGE, ())
            if record.id not in written and (line := written_before_merge(history, lines)):
                written[record.id] = line
        return written

    def _locked(self, ids: Sequence[int]) -> Mapping[int, Deal]:
        """Deals, locked."""
        if self._connection.dialect.name == "postgresql" and ids:
            locked = select(DEALS.c.id).where(DEALS.c.id.in_(ids)).with_for_update()
            self._connection.execute(locked)
        return {deal.id: deal for deal in load_deals(self._connection, ids)}

    @override
    def of_records(self, records: Sequence[str]) -> Mapping[str, Deal]:
        found: dict[int, str] = {}
        for some in in_pieces(records):
            query = (
                select(DEALS.c.id, CONTRACTS.c.source_id)
                .join(CONTRACTS, CONTRACTS.c.id == DEALS.c.contract_id)
                .where(
                    CONTRACTS.c.source == SOURCE,
                    CONTRACTS.c.source_id.in_(some),
                    DEALS.c.voided_at.is_(None),
                )
            )
            found |= {row.id: row.source_id for row in self._connection.execute(query)}
        return {found[deal.id]: deal for deal in load_deals(self._connection, list(found))}

    @override
    def taken_at(self, records: Sequence[str]) -> Mapping[str, datetime | None]:
        found: dict[str, datetime | None] = {}
        for some in in_pieces(records):
            query = select(RECORDS.c.record_id, RECORDS.c.taken_at)
            rows = self._connection.execute(query.where(RECORDS.c.record_id.in_(some)))
            found |= {row.record_id: row.taken_at for row in rows}
        return found

    @override
    def person(self, email: str) -> Person | None:
        row = self._connection.execute(
            select(PEOPLE.c.id, PEOPLE.c.merged_into_id).where(func.lower(PEOPLE.c.email) == email)
        ).first()
        if row is None:
            return None
        return next(
            iter(load_people(self._connection, [row.merged_into_id or row.id]).values()), None
        )

    @override
    def move(self, deal: Deal, passages: Sequence[Passage], now: datetime) -> None:
        rows = [
            {
                "deal_id": deal.id,
                "from_stage": passage.from_stage,
                "to_stage": passage.to_stage,
                "at": passage.at,
                "because": passage.because,
                "actor_kind": passage.actor.kind.value,
                "actor": passage.actor.name,
                "observed": passage.observed,
            }
            for passage in passages
        ]
        self._connection.execute(insert(PASSAGES), rows)
        last = passages[-1]
        self._write_deal(deal.id, {"stage": last.to_stage, "stage_entered_at": last.at or now}, now)
        mark_posted(self._connection, [deal.id], now)

    @override
    def conflict(self, conflict: Conflict, now: datetime) -> None:
        keep_conflict(self._connection, conflict, now)

    @override
    def tell_again(self, deals: Sequence[int]) -> None:
        again = {"version": DEALS.c.version + 1}
        self._connection.execute(update(DEALS).where(DEALS.c.id.in_(deals)).values(**again))

    @override
    def taken(self, taken: Sequence[Ingested]) -> None:
        kept = {"taken_at": bindparam("at_"), "held": bindparam("held_"), "waits": ""}
        for held in (False, True):
            rows = [
                {"id_": each.record_id, "at_": each.at, "held_": each.held}
                for each in taken
                if bool(each.held) is held
            ]
            nothing: dict[str, Any] = {} if held else {"raw": {}}
            if rows:
                self._connection.execute(
                    update(RECORDS)
                    .where(RECORDS.c.record_id == bindparam("id_"), _TAKING)
                    .values(**kept, **nothing),
                    rows,
                )

    @override
    def link_renewals(self, now: datetime) -> None:
        lacking = select(CONTRACTS.c.id).where(
            CONTRACTS.c.source == SUCCESSORS, CONTRACTS.c.system_made
        )
        if self._connection.scalar(lacking.limit(1)) is None:
            return
        for some in waiting_records(self._connection):
            new = [kept.record for kept in some if not kept.known and kept.record.value(KEY)]
            query = (
                select(DEALS.c.id, DEALS.c.key)
                .join(CONTRACTS, CONTRACTS.c.id == DEALS.c.contract_id)
                .where(DEALS.c.key.in_([record.value(KEY) for record in new]))
            )
            deals = {row.key: row.id for row in self._connection.execute(query)} if new else {}
            for record in new:
                if (deal := deals.get(record.value(KEY))) is not None:
                    at = record.created_at or now
                    link_renewal(self._connection, deal, record.id, at)

    @override
    def merged_from(self) -> Mapping[str, Sequence[tuple[str, OpenTerm]]]:
        found: dict[str, list[tuple[str, OpenTerm]]] = {}
        for some in waiting_records(self._connection):
            olds = {old: kept.record.id for kept in some for old in kept.record.merged}
            for id, term in self._terms(list(olds)):
                if id != olds[id]:
                    found.setdefault(olds[id], []).append((id, term))
        return found

    def _terms(self, ids: Sequence[str]) -> Iterator[tuple[str, OpenTerm]]:
        """The known ones among these ids, with their deals."""
        query = (
            select(CONTRACTS.c.source_id, CONTRACTS.c.ends_on, DEALS)
            .join(DEALS, DEALS.c.contract_id == CONTRACTS.c.id)
            .where(
                CONTRACTS.c.source == SOURCE,
                CONTRACTS.c.source_id.in_(ids),
                DEALS.c.voided_at.is_(None),
            )
        )
        for row in self._connection.execute(query) if ids else ():
            yield row.source_id, OpenTerm(row.id, row.closed_at is None, row.ends_on, row.pipeline)

    @override
    def merge(self, into: str, known: Sequence[str], kept: int, now: datetime) -> None:
        taken = select(CONTRACTS.c.id).where(
            CONTRACTS.c.source == SOURCE, CONTRACTS.c.source_id == into
        )
        if self._connection.scalar(taken) is None:
            mine = select(DEALS.c.contract_id).where(DEALS.c.id == kept).scalar_subquery()
            self._connection.execute(
                update(CONTRACTS).where(CONTRACTS.c.id == mine).values(source_id=into)
            )
        self._connection.execute(
            update(RECORDS)
            .where(RECORDS.c.record_id.in_(known))
            .values(state=RecordState.MERGED.value, into=into, waits="")
        )
        number = select(CONTRACTS.c.number).join(DEALS, DEALS.c.contract_id == CONTRACTS.c.id)
        goes_on(self._connection, self._connection.scalar(number.where(DEALS.c.id == kept)), now)
        self.tell_again([kept])

    @override
    def become_one(self) -> Collection[str]:
        query = (
            select(RECORDS.c.record_id, RECORDS.c.raw)
            .join(CONTRACTS, _DEAL_OF)
            .where(_TAKING, RECORDS.c.taken_at.is_(None), RECORDS.c.held == "")
        )
        rows = self._connection.execute(query)
        return [row.record_id for row in rows if record_of(row.raw).merged]

    @override
    def deals(self, ids: Sequence[int]) -> Sequence[Deal]:
        return list(self._locked(ids).values())
