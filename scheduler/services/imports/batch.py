"""What the rows of one batch change: collected row by row, told in the report, then written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from scheduler.core.deal.contracts import Money
from scheduler.core.deal.deal import Won
from scheduler.core.deal.formats import money
from scheduler.core.deal.pipeline import Passage
from scheduler.core.imports.edits import Edit
from scheduler.core.imports.outcomes import corrected, loss_words
from scheduler.core.imports.records import ContractRecord
from scheduler.core.words.labels import Label
from scheduler.services.imports.import_report import FieldMoved, MoveNotMade, OpenDecision
from scheduler.services.imports.one_import import Import
from scheduler.services.imports.store import Closing, Correction, Opening, RowChange, StoredTerm


@dataclass
class Batch:
    """The changes of one batch. `customers` are the rows of customers that a contract was moved to,
    by their id."""

    of: Import
    changes: list[RowChange] = field(default_factory=list)
    hashes: list[tuple[int, str]] = field(default_factory=list)
    wakes: list[int] = field(default_factory=list)
    moves: list[tuple[StoredTerm, Passage]] = field(default_factory=list)
    closings: list[Closing] = field(default_factory=list)
    corrections: list[Correction] = field(default_factory=list)
    openings: list[Opening] = field(default_factory=list)
    touched: set[int] = field(default_factory=set)
    customers: Mapping[str, int] = field(default_factory=dict)
    edits: Mapping[int, Sequence[Edit]] = field(default_factory=dict)

    def _tell(
        self, old: StoredTerm, record: ContractRecord, column: str, before: Any, after: Any
    ) -> None:
        """Adds one line to the report, with the term that is meant where there are several. An
        amount is told in the currency it had then."""
        if column in ("amount", "signed_amount"):
            before, after = (
                None if value is None else money(Money(value, currency))
                for value, currency in (
                    (before, old.record.currency),
                    (after, record.currency),
                )
            )
        if column == "ends_on":
            today = self.of.now.date()
            self.of.report.look_at_end(record.number, record.customer, record.ends_on, today)
        was, now = ("" if value is None else str(value) for value in (before, after))
        pipeline = old.pipeline if column == "stage" else ""
        self.of.report.note(
            FieldMoved(record.number, record.customer, column, was, now, _term_words(old), pipeline)
        )

    def _refused(
        self, record: ContractRecord, old: StoredTerm, to: str, because: Label | None = None
    ) -> None:
        """Lists a move that is not made, within a pipeline or `to` another."""
        was = f"{old.pipeline}/{old.stage}" if "/" in to else old.stage
        self.of.report.refuse(
            MoveNotMade(record.number, record.customer, "stage", was, to, "", old.pipeline, because)
        )

    def _undecided(self, term: StoredTerm, record: ContractRecord, fields: Sequence[str]) -> None:
        """Lists what a person has to decide: fields that fit no term, or may mean two things. The
        next import asks again."""
        doubts = tuple(_doubt(term.record, record, name) for name in fields)
        self.of.report.decide(
            OpenDecision(
                record.number, record.customer, doubts, _term_words(term), closed=term.closed
            )
        )

    def _retire(self, old: StoredTerm) -> None:
        """Gives the term before an id of its own, under which it keeps its history."""
        before = {"source_id": old.record.source_id} | row_hash_column(old.record)
        self.changes.append(
            RowChange(
                "contracts",
                old.contract_id,
                before,
                {"source_id": f"{old.record.source_id}#{old.contract_id}", "row_hash": None},
            )
        )

    def _correct(self, old: StoredTerm, record: ContractRecord) -> None:
        """Notes what a row says otherwise of how a closed deal ended."""
        policy, pipeline = self.of.policy, self.of.policy.pipelines.get(old.pipeline)
        stage = pipeline.find(old.stage) if pipeline is not None else None
        outcome = corrected(
            old.won or old.lost,
            stage.kind if stage is not None else None,
            record,
            policy.lost_reasons.get(old.pipeline, ()),
            renewed=old.successor_id is not None,
        )
        if outcome is not None:
            self.corrections.append(Correction(old, outcome))

    def _tell_correction(self, done: Correction) -> None:
        """Adds to the report what a closed deal's outcome was and is."""
        old = done.deal
        if isinstance(done.outcome, Won):
            was = None if old.won is None else old.won.amount.minor
            self._tell(old, old.record, "signed_amount", was, done.outcome.amount.minor)
        else:
            said, says = loss_words(old.lost), loss_words(done.outcome)
            self._tell(old, old.record, "note", said, says)
        self.touched.add(old.contract_id)

    def write(self) -> None:
        """Writes everything, in the order that unique ids need: closed and retired first, then
        changed, then opened."""
        now, transaction = self.of.now, self.of.transaction
        transaction.close(self.closings, now)
        for done in transaction.correct(self.corrections):
            self._tell_correction(done)
        transaction.change(self.changes)
        transaction.move(self.moves, now)
        transaction.wake(self.wakes, now)
        transaction.remember(self.hashes)
        transaction.open(self.openings, now)


def row_hash_column(record: ContractRecord) -> dict[str, str | None]:
    """The column with the digest of the row that a file had last; empty where there was none."""
    return {"row_hash": record.row_hash or None}


def _doubt(old: ContractRecord, record: ContractRecord, name: str) -> tuple[str, str, str]:
    """A field with what the term has and what the row says."""
    before, after = (getattr(r, name) for r in (old, record))
    if name == "amount":
        before, after = (
            None if r.amount is None else money(Money(r.amount, r.currency)) for r in (old, record)
        )
    return (name, "" if before is None else str(before), "" if after is None else str(after))


def _term_words(term: StoredTerm) -> str:
    """Words that say which term of a line is meant; empty for a contract that has only one."""
    if not term.follows and term.successor_id is None:
        return ""
    return f"{term.record.starts_on or ''} – {term.record.ends_on or ''}"
