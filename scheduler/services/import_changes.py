"""Rows that are there already and say something else now: changed fields, renewals, stage moves, and terms the program opened itself.

The rules (DESIGN §5 "Renewal", "Moves")
    An end that moves later by at least half a term on an open deal is a renewal: `on_extension = renewed` closes the deal as won and opens the
    next term, `moved` only moves the dates, `ask` leaves the dates and lists the contract. The row's id stays on the newest term; the term
    before keeps its history under `id#n`. A row that says what the program already opened by itself adopts that term.
    A stage or a health that a file says again is not news: only one that differs from what the file said last moves anything.
Always holds: columns a file does not have change nothing; an emptied cell of a column it has does.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from scheduler.core.contracts import Money
from scheduler.core.deal import Lost, Won
from scheduler.core.importing import ContractRecord, adopts, as_next_term, contract_fields, is_renewal, merged
from scheduler.core.keys import deal_key
from scheduler.core.pipeline import Actor, MoveRefusedError, Passage, StageKind, move
from scheduler.core.policy import Policy
from scheduler.core.reasons import reason
from scheduler.services.import_report import ImportReport, Moved
from scheduler.services.import_store import Change, Closing, ImportTransaction, Opening, Stored

Row = tuple[ContractRecord, int | None, int | None]
"""A record with its owner's and sales person's ids."""

_DATES = ("starts_on", "ends_on", "term", "notice", "decide_by", "evergreen", "estimated")
_TOLD = ("starts_on", "ends_on", "term", "notice", "decide_by", "auto_renew", "amount", "currency", "product", "number")


@dataclass
class Changes:
    """What a batch of known rows does. It collects, and writes at the end of the batch."""

    transaction: ImportTransaction
    source: str
    present: frozenset[str]
    policy: Policy
    now: datetime
    report: ImportReport
    actor: Actor

    def take(self, rows: Sequence[tuple[int, ContractRecord, int | None, int | None]]) -> None:
        """Rows whose hash is new, with the ids of their contracts."""
        stored = self.transaction.stored([contract_id for contract_id, *_ in rows])
        customers = self.transaction.see_customers([r for _, r, *_ in rows], self.present)
        batch = _Batch(self)
        for contract_id, record, owner_id, sales_id in rows:
            batch.compare(stored[contract_id], (record, owner_id, sales_id))
        batch.write()
        updated = batch.touched | {contract_id for contract_id, r, *_ in rows if r.customer_id in customers}
        self.report.updated += len(updated)
        self.report.unchanged += len(rows) - len(updated)

    def adopt(self, rows: Sequence[Row]) -> set[int]:
        """The lines of new rows that took over a term the program opened: same customer and product, starting within 31 days."""
        terms = self.transaction.successors(self.source, {r.customer_id for r, *_ in rows})
        if not terms:
            return set()
        free = {t.contract_id: t for t in terms}
        batch, lines = _Batch(self), set()
        for row in rows:
            term = next((t for t in free.values() if _same(t, row[0])), None)
            if term is not None:
                del free[term.contract_id]
                batch.take_over(term, row)
                lines.add(row[0].line)
        batch.write()
        return lines


def _same(term: Stored, record: ContractRecord) -> bool:
    """Whether a row is the term that the program opened."""
    old = term.record
    return old.customer_id == record.customer_id and old.product == record.product and adopts(record.starts_on, old.starts_on)


@dataclass
class _Batch:
    """The changes of one batch, collected."""

    of: Changes

    def __post_init__(self) -> None:
        self.changes: list[Change] = []
        self.hashes: list[tuple[int, str]] = []
        self.wakes: list[int] = []
        self.moves: list[tuple[Stored, Passage]] = []
        self.closings: list[Closing] = []
        self.openings: list[Opening] = []
        self.touched: set[int] = set()

    def compare(self, old: Stored, row: Row) -> None:
        """One known row: what it changes."""
        row = (merged(row[0], old.record, self.of.present), *row[1:])
        record = row[0]
        longer = is_renewal(old.record.ends_on, record.ends_on, old.record.starts_on, old.record.term)
        if record.place and record.place.bought and old.pipeline != record.place.pipeline and not old.closed:
            self._bought(old, row)
        elif longer and old.closed:
            self._after_closing(old, row)
        elif longer and self.of.policy.on_extension == "renewed":
            self._renewed(old, row)
        elif longer and self.of.policy.on_extension == "ask":
            self._ask(old, row)
        else:
            self._changed(old, row)
            self._staged(old, record)

    def _changed(self, old: Stored, row: Row, more: Mapping[str, Any] | None = None) -> None:
        """Fields that differ are written, with `more` columns; the deal's alarm is set."""
        record = row[0]
        now = _columns(row, self.of.present) | {"source_id": old.record.source_id, "system_made": old.system_made} | dict(more or {})
        was = _columns((old.record, old.owner_id, old.sales_id), self.of.present) | {
            "source_id": old.record.source_id,
            "system_made": old.system_made,
        }
        after = {name: value for name, value in now.items() if value != was[name]}
        if not after:
            self.hashes.append((old.contract_id, record.row_hash))
            return
        self.touched.add(old.contract_id)
        for name in after:
            if name in _TOLD:
                self._moved(record, name, was[name], now[name])
        if "owner_id" in after:
            self._moved(record, "owner", old.record.owner, record.owner)
        before = {name: was[name] for name in after}
        self.changes.append(
            Change("contracts", old.contract_id, before | {"row_hash": old.record.row_hash}, after | {"row_hash": record.row_hash or None})
        )
        self.wakes.append(old.deal_id)

    def _moved(self, record: ContractRecord, field: str, before: Any, after: Any) -> None:
        """One line of the report."""
        self.of.report.note(Moved(record.number, record.customer, field, _shown(field, before, record), _shown(field, after, record)))

    def _staged(self, old: Stored, record: ContractRecord) -> None:
        """A stage or a health that the file says anew."""
        if record.health and record.health is not old.record.health and record.health is not old.health:
            self.touched.add(old.contract_id)
            self.changes.append(Change("deals", old.deal_id, {"health": old.health.value}, {"health": record.health.value}))
            self.wakes.append(old.deal_id)
        place = record.place
        if not record.stage or record.stage == old.record.stage or place is None or not place.stage or place.pipeline != old.pipeline:
            return
        if place.stage != old.stage:
            self._move(old, record, place.stage)

    def _move(self, old: Stored, record: ContractRecord, stage: str) -> None:
        """A move by the pipeline's rules; a refusal is listed."""
        pipeline = self.of.policy.pipeline(old.pipeline)
        why = reason("import_stage", stage=record.stage)
        try:
            passage = move(pipeline, old.stage, stage, self.of.actor, why, self.of.now)
        except MoveRefusedError as error:
            self.of.report.refused = self.of.report.refused.plus(f"{record.number} {record.customer}: {error}")
            return
        self.touched.add(old.contract_id)
        target = pipeline.stage(stage)
        if target.kind is StageKind.WON:
            self._succeed(old, (record, old.owner_id, old.sales_id), why, agreed=None)
        elif target.kind is StageKind.LOST:
            self.closings.append(Closing(old, passage, lost=Lost("other", note=record.note)))
        else:
            self.moves.append((old, passage))
        self._moved(record, "stage", old.stage, stage)

    def _ask(self, old: Stored, row: Row) -> None:
        """Dates that look like a renewal wait for somebody's decision; everything else comes in. The next import asks again."""
        record = row[0]
        self.of.report.decisions = self.of.report.decisions.plus(f"{record.number} {record.customer}: {old.record.ends_on} → {record.ends_on}")
        kept = replace(record, row_hash="", **{name: getattr(old.record, name) for name in _DATES})
        self._changed(old, (kept, *row[1:]))

    def _after_closing(self, old: Stored, row: Row) -> None:
        """The end of a closed deal moved: the term the program opened after it is what the file means now; without one somebody must look."""
        successor = self.of.transaction.stored([old.successor_id]).get(old.successor_id) if old.successor_id else None
        if successor is None or not successor.system_made or successor.closed:
            record = row[0]
            text = f"{record.number} {record.customer}: {old.stage}, {old.record.ends_on} → {record.ends_on}"
            self.of.report.decisions = self.of.report.decisions.plus(text)
            return
        self._retire(old)
        self.take_over(successor, (as_next_term(row[0], old.record), *row[1:]))

    def take_over(self, term: Stored, row: Row) -> None:
        """A row takes over the term that the program opened: from now on its source speaks for it."""
        record = merged(row[0], term.record, self.of.present)
        self.of.report.adopted += 1
        self._changed(term, (record, *row[1:]), {"source_id": record.source_id, "system_made": False})

    def _renewed(self, old: Stored, row: Row) -> None:
        """The deal is won, the next term opens."""
        record = as_next_term(row[0], old.record)
        why = reason("import_renewed", old=old.record.ends_on, new=record.ends_on)
        agreed = Won(Money(record.amount, record.currency), record.term, record.ends_on)
        self._moved(record, "ends_on", old.record.ends_on, record.ends_on)
        self._succeed(old, (record, *row[1:]), why, agreed)

    def _bought(self, old: Stored, row: Row) -> None:
        """Won new business: a contract and a deal in the pipeline of existing customers."""
        record = row[0]
        assert record.place is not None
        self._close(old, reason("import_bought", stage=record.stage), Won(Money(record.amount, record.currency), record.term, record.ends_on))
        pipeline = self.of.policy.pipeline(record.place.pipeline)
        self._moved(record, "stage", old.stage, f"{pipeline.id}/{pipeline.first.id}")
        self._open(old, row, pipeline.id, pipeline.first.id, series=record.starts_on, number=0)

    def _succeed(self, old: Stored, row: Row, why: str, agreed: Won | None) -> None:
        """Closes a deal as won and opens the term after it."""
        pipeline = self.of.policy.pipeline(old.pipeline)
        record = row[0] if agreed else as_next_term(row[0], old.record)
        self._close(old, why, agreed or Won(Money(record.amount, record.currency), record.term, record.ends_on))
        stage = pipeline.active_stage(old.health, old.stage) or pipeline.first
        series = old.series_starts_on or old.record.starts_on or record.starts_on
        self._open(old, (record, *row[1:]), pipeline.id, stage.id, series=series, number=old.term_number + 1)

    def _close(self, old: Stored, why: str, won: Won) -> None:
        """The old term's deal is won; its contract gives the source's id away."""
        pipeline = self.of.policy.pipeline(old.pipeline)
        passage = move(pipeline, old.stage, pipeline.won.id, self.of.actor, why, self.of.now)
        self.closings.append(Closing(old, passage, won))
        self._retire(old)
        self.of.report.renewed += 1
        self.touched.add(old.contract_id)

    def _retire(self, old: Stored) -> None:
        """The term before keeps its history under an id of its own."""
        before = {"source_id": old.record.source_id, "row_hash": old.record.row_hash}
        self.changes.append(
            Change("contracts", old.contract_id, before, {"source_id": f"{old.record.source_id}#{old.term_number}", "row_hash": None})
        )

    def _open(self, old: Stored, row: Row, pipeline: str, stage: str, *, series: date | None, number: int) -> None:
        """The next term's contract and deal."""
        record, owner_id, sales_id = row
        passage = Passage(None, stage, self.of.now, reason("renewal_opened"), self.of.actor)
        key = deal_key(self.of.source, f"{record.source_id}#{old.deal_id}>{number}")
        self.openings.append(
            Opening(
                record,
                pipeline,
                stage,
                (passage,),
                self.of.now,
                key,
                owner_id,
                sales_id,
                predecessor_id=old.contract_id,
                series_starts_on=series,
                term_number=number,
            )
        )

    def write(self) -> None:
        """Everything, in the order that unique ids need: closed and retired first, then changed, then opened."""
        of = self.of
        of.transaction.close(self.closings, of.now)
        of.transaction.change(self.changes, of.now)
        of.transaction.move(self.moves, of.now)
        of.transaction.wake(self.wakes, of.now)
        of.transaction.remember(self.hashes)
        of.transaction.open(self.openings, of.now)


def _columns(row: Row, present: frozenset[str]) -> dict[str, Any]:
    """The columns of a contract's row that a file speaks for."""
    people = {name: person for name, person in (("owner_id", row[1]), ("sales_id", row[2])) if name.removesuffix("_id") in present}
    return contract_fields(row[0]) | people


def _shown(field: str, value: Any, record: ContractRecord) -> str:
    """A value as the report shows it."""
    if field == "amount":
        return f"{Money(value, record.currency).major:,}"
    return "" if value is None else str(value)
