"""Rows that are there already and say something else now: changed fields, renewals, stage moves, and terms the program opened itself.

The rules (DESIGN §5 "Renewal", "Moves")
    An end that moves later by at least half a term on an open deal is a renewal: `on_extension = renewed` closes the deal as won and opens the
    next term, `moved` only moves the dates, `ask` leaves the dates and lists the contract. The source's id stays on the newest term; the term
    before keeps its history under `id#row`. A row that says what the program already opened by itself adopts that term.
    A stage or a health that a file says again is not news: only one that differs from what the file said last moves anything.
Always holds: columns a file does not have change nothing; an emptied cell of a column it has does.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from scheduler.core.contracts import Money
from scheduler.core.deal import Lost, Won
from scheduler.core.import_terms import as_next_term, as_same_term, in_series, is_renewal, merged
from scheduler.core.importing import ContractRecord, contract_fields, without_estimate
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


@dataclass(frozen=True, slots=True)
class Import:
    """What every part of one import knows."""

    transaction: ImportTransaction
    source: str
    file: str
    present: frozenset[str]
    policy: Policy
    now: datetime
    report: ImportReport
    actor: Actor


@dataclass
class Changes:
    """The changes of one batch: collected row by row, then written."""

    of: Import
    changes: list[Change] = field(default_factory=list)
    hashes: list[tuple[int, str]] = field(default_factory=list)
    wakes: list[int] = field(default_factory=list)
    moves: list[tuple[Stored, Passage]] = field(default_factory=list)
    closings: list[Closing] = field(default_factory=list)
    openings: list[Opening] = field(default_factory=list)
    touched: set[int] = field(default_factory=set)

    def compare(self, old: Stored, row: Row) -> None:
        """One known row: what it changes. Raises FieldError when what it says does not fit what is there."""
        said = without_estimate(row[0]) if _is_no_contract(old, row[0]) else row[0]
        record = merged(as_same_term(said, old.record, self.of.present, follows=old.follows), old.record, self.of.present)
        row = (record, *row[1:])
        longer = not old.record.estimated and is_renewal(old.record.ends_on, record.ends_on, old.record.starts_on, old.record.term)
        if record.place and record.place.bought and old.pipeline != record.place.pipeline and not old.closed:
            self._bought(old, row, record.place.pipeline)
        elif longer and old.closed:
            self._after_closing(old, row)
        elif longer and self.of.policy.on_extension == "renewed":
            self._renewed(old, row)
        elif longer and self.of.policy.on_extension == "ask":
            self._ask(old, row)
        else:
            self._changed(old, row)
            self._said(old, record)

    def take_over(self, term: Stored, row: Row) -> None:
        """A row takes over the term that the program opened: from now on its source speaks for it."""
        record = merged(row[0], term.record, self.of.present)
        self.of.report.adopted += 1
        self._changed(term, (record, *row[1:]), {"source": self.of.source, "source_id": record.source_id, "system_made": False})

    def _changed(self, old: Stored, row: Row, more: Mapping[str, Any] | None = None) -> None:
        """Fields that differ are written, with `more` columns; the deal's alarm is set."""
        record = row[0]
        same = {"source": old.source, "source_id": old.record.source_id, "system_made": old.system_made}
        was = _columns((old.record, old.owner_id, old.sales_id), self.of.present) | same
        now = _columns(row, self.of.present) | same | dict(more or {})
        after = {name: value for name, value in now.items() if value != was[name]}
        if not after:
            self.hashes.append((old.contract_id, record.row_hash))
            return
        for name in (n for n in _TOLD if n in after):
            self._tell(record, name, was[name], now[name])
        if "owner_id" in after:
            self._tell(record, "owner", old.record.owner, record.owner)
        self.touched.add(old.contract_id)
        before = {name: was[name] for name in after} | {"row_hash": old.record.row_hash or None}
        self.changes.append(Change("contracts", old.contract_id, before, after | {"row_hash": record.row_hash or None}))
        self.wakes.append(old.deal_id)

    def _tell(self, record: ContractRecord, column: str, before: Any, after: Any) -> None:
        """One line of the report."""
        if column == "amount":
            before, after = (f"{Money(value, record.currency).major:,}" for value in (before, after))
        texts = ("" if value is None else str(value) for value in (before, after))
        self.of.report.note(Moved(record.number, record.customer, column, *texts))

    def _said(self, old: Stored, record: ContractRecord) -> None:
        """A stage or a health that the file says anew."""
        if record.health and record.health is not old.record.health and record.health is not old.health:
            self.touched.add(old.contract_id)
            self._tell(record, "health", old.health, record.health)
            after = {"health": record.health.value, "health_because": self.of.file}
            self.changes.append(Change("deals", old.deal_id, {"health": old.health.value, "health_because": old.health_because}, after))
            self.wakes.append(old.deal_id)
        if record.closed_on and record.closed_on != old.record.closed_on and old.expected_on is not None and not old.closed:
            was = {"expected_on": old.expected_on, "expected_chosen": old.expected_chosen}
            self.changes.append(Change("deals", old.deal_id, was, {"expected_on": record.closed_on, "expected_chosen": False}))
            self._tell(record, "expected_on", old.expected_on, record.closed_on)
        place = record.place
        if record.stage == old.record.stage or place is None or not place.stage or (place.pipeline, place.stage) == (old.pipeline, old.stage):
            return
        if place.pipeline == old.pipeline:
            self._move(old, record, place.stage)
        else:
            self._refused(record, f"{old.pipeline}/{old.stage} → {place.pipeline}/{place.stage}")

    def _move(self, old: Stored, record: ContractRecord, stage: str) -> None:
        """A move by the pipeline's rules; a refusal is listed."""
        pipeline = self.of.policy.pipeline(old.pipeline)
        why = reason("import_stage", stage=record.stage)
        try:
            passage = move(pipeline, old.stage, stage, self.of.actor, why, self.of.now)
        except MoveRefusedError as error:
            self._refused(record, str(error))
            return
        self.touched.add(old.contract_id)
        self._tell(record, "stage", old.stage, stage)
        kind = pipeline.stage(stage).kind
        if kind is StageKind.WON and old.record.ends_on is not None:
            self._succeed(old, (as_next_term(replace(record, ends_on=None), old.record), old.owner_id, old.sales_id), why)
        elif kind is StageKind.LOST:
            self.closings.append(Closing(old, passage, lost=Lost("other", note=record.note)))
        else:
            self.moves.append((old, passage))

    def _refused(self, record: ContractRecord, why: str) -> None:
        """A move that is not made."""
        self.of.report.refused = self.of.report.refused.plus(f"{record.number} {record.customer}: {why}")

    def _ask(self, old: Stored, row: Row) -> None:
        """Dates that look like a renewal wait for somebody's decision; everything else comes in. The next import asks again."""
        record = row[0]
        self._decide(old, record)
        kept = replace(record, row_hash="", **{name: getattr(old.record, name) for name in _DATES})
        self._changed(old, (kept, *row[1:]))

    def _decide(self, old: Stored, record: ContractRecord) -> None:
        """Something a person has to look at."""
        text = f"{record.number} {record.customer}: {old.stage}, {old.record.ends_on} → {record.ends_on}"
        self.of.report.decisions = self.of.report.decisions.plus(text)

    def _after_closing(self, old: Stored, row: Row) -> None:
        """The end of a closed deal moved: the term the program opened after it is what the file means now; without one somebody must look."""
        successor = self.of.transaction.stored([old.successor_id]).get(old.successor_id) if old.successor_id else None
        if successor is None or successor.closed:
            self._decide(old, row[0])
            return
        self._retire(old)
        self.touched.add(old.contract_id)
        self._tell(row[0], "ends_on", old.record.ends_on, row[0].ends_on)
        self.take_over(successor, (as_next_term(row[0], old.record), *row[1:]))

    def _renewed(self, old: Stored, row: Row) -> None:
        """The deal is won, the next term opens."""
        record = as_next_term(row[0], old.record)
        self._tell(record, "ends_on", old.record.ends_on, record.ends_on)
        self._succeed(old, (record, *row[1:]), reason("import_renewed", old=old.record.ends_on, new=record.ends_on))

    def _succeed(self, old: Stored, row: Row, why: str) -> None:
        """Closes a deal as won and opens the term after it."""
        record = row[0]
        pipeline = self.of.policy.pipeline(old.pipeline)
        self._close(old, record, why)
        stage = pipeline.active_stage(old.health, old.stage) or pipeline.first
        series, number = in_series(record, old.series_starts_on or old.record.starts_on, old.term_number + 1)
        self._open(old, row, pipeline.id, stage.id, series=series, number=number)

    def _bought(self, old: Stored, row: Row, pipeline_id: str) -> None:
        """Won new business: a contract and a deal in the first stage of the pipeline of existing customers."""
        record = row[0]
        first = self.of.policy.pipeline(pipeline_id).first.id
        self._tell(record, "stage", old.stage, f"{pipeline_id}/{first}")
        self._close(old, record, reason("import_bought", stage=record.stage))
        self._open(old, row, pipeline_id, first, series=record.starts_on, number=0)

    def _close(self, old: Stored, record: ContractRecord, why: str) -> None:
        """The old term's deal is won; its contract gives the source's id away."""
        pipeline = self.of.policy.pipeline(old.pipeline)
        passage = move(pipeline, old.stage, pipeline.won.id, self.of.actor, why, self.of.now)
        self.closings.append(Closing(old, passage, Won(Money(record.amount, record.currency), record.term, record.ends_on)))
        self._retire(old)
        self.of.report.renewed += 1
        self.touched.add(old.contract_id)

    def _retire(self, old: Stored) -> None:
        """The term before keeps its history under an id of its own."""
        before = {"source_id": old.record.source_id, "row_hash": old.record.row_hash or None}
        self.changes.append(
            Change("contracts", old.contract_id, before, {"source_id": f"{old.record.source_id}#{old.contract_id}", "row_hash": None})
        )

    def _open(self, old: Stored, row: Row, pipeline: str, stage: str, *, series: date | None, number: int) -> None:
        """The next term's contract and deal."""
        record, owner_id, sales_id = row
        self.openings.append(
            Opening(
                record,
                pipeline,
                stage,
                (Passage(None, stage, self.of.now, reason("renewal_opened"), self.of.actor),),
                self.of.now,
                deal_key(self.of.source, f"{record.source_id}#{old.contract_id}+1"),
                owner_id if "owner" in self.of.present else old.owner_id,
                sales_id if "sales" in self.of.present else old.sales_id,
                predecessor_id=old.contract_id,
                series_starts_on=series,
                term_number=number,
            )
        )

    def write(self) -> None:
        """Everything, in the order that unique ids need: closed and retired first, then changed, then opened."""
        now, transaction = self.of.now, self.of.transaction
        transaction.close(self.closings, now)
        transaction.change(self.changes)
        transaction.move(self.moves, now)
        transaction.wake(self.wakes, now)
        transaction.remember(self.hashes)
        transaction.open(self.openings, now)


def _is_no_contract(old: Stored, record: ContractRecord) -> bool:
    """Whether the row is about a deal whose customer had no contract when it came in: it stays the new business it is."""
    return record.place is not None and record.place.by_contract and old.pipeline != record.place.pipeline


def _columns(row: Row, present: frozenset[str]) -> dict[str, Any]:
    """The columns of a contract's row that a file speaks for."""
    people = {name: person for name, person in (("owner_id", row[1]), ("sales_id", row[2])) if name.removesuffix("_id") in present}
    return contract_fields(row[0]) | people
