"""The inner part of an import: takes one batch of rows at a time and finds which are new, unchanged
or changed, and what becomes of each."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property

from scheduler.core.imports.names import number_key
from scheduler.core.imports.records import ContractRecord, customer_key
from scheduler.core.imports.term_matching import (
    NewRow,
    StandingTerm,
    is_itself,
    match_terms,
    may_be,
)
from scheduler.core.imports.texts import FieldError, LeftOut, RecordProblem, Reject
from scheduler.services.imports.changes import BatchChanges
from scheduler.services.imports.duplicate_ids import DuplicateIds
from scheduler.services.imports.edits import Edits
from scheduler.services.imports.erased import erased_by, erased_of_customers
from scheduler.services.imports.import_report import FieldMoved, ImportReport, OpenDecision
from scheduler.services.imports.missing_contracts import ContractsSeen
from scheduler.services.imports.one_import import Import, Row
from scheduler.services.imports.openings import Openings
from scheduler.services.imports.people_in_rows import PeopleInRows
from scheduler.services.imports.store import ENTERED, Opening, StoredTerm

_AT_A_TIME = 200
OWN_COLUMNS = "csv"
"""The source of files in our own columns: what they say about a number from another source is a
correction."""


@dataclass
class Rows:
    """Takes batches and keeps the report. `baseline_at` is set in a source's first load (DESIGN §5
    "First load is silent")."""

    of: Import
    people: PeopleInRows
    baseline_at: datetime | None
    first_load: bool
    on_reject: Callable[[Reject], None]
    waiting: list[Row] = field(default_factory=list)
    presence: ContractsSeen = field(default_factory=ContractsSeen)
    erased: Counter[str] = field(default_factory=Counter)
    same: set[tuple[str, str]] = field(default_factory=set)

    @property
    def report(self) -> ImportReport:
        """The result of the import so far."""
        return self.of.report

    def take(self, batch: Sequence[ContractRecord | Reject | LeftOut]) -> None:
        """Takes one batch, in the file's order."""
        records = [r for r in batch if isinstance(r, ContractRecord)]
        for row in batch:
            if isinstance(row, LeftOut):
                self.report.skipped += 1
            elif isinstance(row, Reject):
                self._reject(row)
        named = [
            row.source_id for row in batch if isinstance(row, (LeftOut, Reject)) and row.source_id
        ]
        if named:
            self.presence.saw(
                k.contract_id for k in self.of.transaction.known(self.of.source, named).values()
            )
        self._split(self._twins.settled(records))

    def _reject_field(self, record: ContractRecord, error: FieldError) -> None:
        """A row that does not come in because of one of its cells."""
        self._reject(_reject(record, error.field, getattr(record, error.field), error.problem))

    def _reject(self, reject: Reject) -> None:
        """A row that does not come in."""
        self.report.rejected += 1
        self.on_reject(reject)

    def _split(self, records: Sequence[ContractRecord]) -> None:
        """Splits a batch: new rows open deals, known ones are compared unless their hash says that
        nothing changed."""
        known = self.of.transaction.known(self.of.source, [r.source_id for r in records])
        self.presence.saw(k.contract_id for k in known.values())
        unknown = [r for r in records if r.source_id not in known]
        changed = [
            r for r in records if r.source_id in known and known[r.source_id].row_hash != r.row_hash
        ]
        self.report.unchanged += len(records) - len(unknown) - len(changed)
        people = self.people.of_rows([*unknown, *changed], self._reject_field)
        if changed:
            self._compare(
                [
                    (known[r.source_id].contract_id, (r, *people[r.line]))
                    for r in changed
                    if r.line in people
                ]
            )
        if unknown:
            self._open([r for r in unknown if r.line in people], people)

    def _compare(self, rows: Sequence[tuple[int, Row]], *, beside: bool = False) -> frozenset[int]:
        """Compares rows whose hash is new, with the ids of their contracts; rows `beside` correct
        what another source brought. Returns the contracts that change."""
        rows = [(contract_id, self.people.named(row)) for contract_id, row in rows]
        stored = self.of.transaction.stored([contract_id for contract_id, _ in rows])
        lines = self.of.transaction.lines(list(stored.values()))
        edits = Edits(self.of)
        renamed, moved_to = frozenset[str](), dict[str, int]()
        if not beside:
            taken = edits.of_customers([row[0] for _, row in rows])
            rows = [(id, (own, *row[1:])) for (id, row), own in zip(rows, taken, strict=True)]
            renamed = self._see(taken)
            moved_to |= self._moved_to(rows, stored)
        in_lines = {term.contract_id for line in lines.values() for term in line}
        edited = self.of.transaction.edits("contracts", in_lines)
        batch = BatchChanges(self.of, changes=edits.changes, customers=moved_to, edits=edited)
        compared = 0
        for contract_id, row in rows:
            old, line = stored.get(contract_id), lines.get(contract_id, ())
            compared += self._compare_one(batch, old, row, line, beside=beside)
        self.erased.update(erased_by(batch.changes))
        batch.write()
        changed = batch.touched | {id for id, row in rows if row[0].customer_id in renamed}
        self.report.updated += len(changed)
        self.report.unchanged += max(0, compared - len(changed))
        return frozenset(batch.touched)

    def _compare_one(
        self,
        batch: BatchChanges,
        old: StoredTerm | None,
        row: Row,
        line: Sequence[StoredTerm],
        *,
        beside: bool,
    ) -> bool:
        """Compares one row with its contract (None: it was taken out of the list) in its line of
        terms; whether that could be done."""
        if old is None:
            self.report.decide(OpenDecision(row[0].number, row[0].customer, other="voided"))
            return False
        terms = [old if term.contract_id == old.contract_id else term for term in line]
        try:
            batch.compare(old, row, terms, beside=beside)
        except FieldError as error:
            self._reject(_reject(row[0], error.field, "", error.problem))
            return False
        return True

    def _see(self, records: Sequence[ContractRecord]) -> frozenset[str]:
        """Brings the customers of rows up to date; returns the ids of those that changed, which the
        report names with one of their contracts.

        A spelling that was taken for a customer with another spelling is reported once.
        """
        seen = self.of.transaction.see_customers(records, self.of.present, self.of.now)
        for written, name in (pair for pair in seen.joined if pair not in self.same):
            self.report.joined_customers = self.report.joined_customers.plus(f"{written} = {name}")
        self.same.update(seen.joined)
        news = seen.news
        self.erased.update(erased_of_customers(news))
        one_of_theirs = {r.customer_id: r for r in reversed(records)} if news else {}
        for said in news:
            record = one_of_theirs[said.customer_id]
            self.report.note(
                FieldMoved(record.number, record.customer, said.field, said.before, said.after)
            )
        return frozenset(said.customer_id for said in news)

    def _moved_to(
        self, rows: Sequence[tuple[int, Row]], stored: Mapping[int, StoredTerm]
    ) -> Mapping[str, int]:
        """The customers that contracts are moved to, by their source ids: the contract was sold, or
        its customer was mistyped."""
        moved = [
            row[0]
            for contract_id, row in rows
            if contract_id in stored
            and stored[contract_id].record.customer_id != row[0].customer_id
        ]
        return self.of.transaction.customer_rows(moved) if moved else {}

    def _open(
        self, records: Sequence[ContractRecord], people: dict[int, tuple[int | None, int | None]]
    ) -> None:
        """Opens new contracts; those that could be a known term wait until the whole file is read
        (`finish`)."""
        rows = self._corrections([(r, *people[r.line]) for r in records])
        terms = self._standing([row[0] for row in rows])
        waits = {
            row[0].line
            for row in rows
            if row[0].customer_id in terms
            and self._continues(row[0])
            and may_be(row[0], terms[row[0].customer_id])
        }
        self.waiting += [row for row in rows if row[0].line in waits]
        self._bring_in([row for row in rows if row[0].line not in waits])

    def finish(self) -> None:
        """Finishes once the file is read: new numbers that are known terms take them over, or renew
        them; all others are new contracts. Those that say the same as another are listed."""
        with self.of.transaction.part():
            self.people.respell()
        if self.waiting:
            self._settle_waiting()
        if self.report.new:
            self._said_twice()

    def _settle_waiting(self) -> None:
        """Settles the new numbers that could be a known term."""
        with self.of.transaction.looking():
            certain, doubtful = self._matched()
        for at in range(0, len(self.waiting), _AT_A_TIME):
            with self.of.transaction.part():
                self._settle(self.waiting[at : at + _AT_A_TIME], certain)
        self._doubles([(line, term) for line, term in doubtful if line not in certain])

    def _said_twice(self) -> None:
        """Lists new contracts that say the same as another one under another number."""
        with self.of.transaction.looking():
            doubles = self.of.transaction.doubles()
        named = {decision.contract for decision in self.report.undecided}
        for double in (d for d in doubles if named.isdisjoint((d.number, d.other))):
            other = f"{double.other} {double.customer} {double.ends_on}"
            self.report.decide(OpenDecision(double.number, double.customer, other=other, same=True))

    def _matched(self) -> tuple[dict[int, int], list[tuple[int, StoredTerm]]]:
        """The terms that waiting rows are or renew for certain (their contracts, by line), and
        those that they may be."""
        terms = self._standing([row[0] for row in self.waiting])
        stored = {
            t.contract_id: t for t in self.of.transaction.open_terms(self.of.source, set(terms))
        }
        stored |= {t.contract_id: t for some in self._entered.values() for t in some}
        told = {old: new for new, old in self.of.choices.renews.items()}
        named = {
            new: i
            for i, t in reversed(stored.items())
            if (new := told.get(number_key(t.record.number))) is not None
        }
        matched = match_terms(
            [NewRow(row[0], row[1]) for row in self.waiting],
            [t for some in terms.values() for t in some],
        )
        certain = dict(matched.certain) | {
            row[0].line: named[new]
            for row in self.waiting
            if (new := number_key(row[0].number)) in named
        }
        return certain, [(line, stored[term]) for line, term in matched.doubtful]

    def _settle(self, waiting: Sequence[Row], certain: dict[int, int]) -> None:
        """Settles some of the waiting rows. A term that was closed meanwhile by an answer is named
        beside the new contract."""
        meant = {row[0].line: certain[row[0].line] for row in waiting if row[0].line in certain}
        stored = self.of.transaction.stored(meant.values())
        batch = BatchChanges(self.of, edits=self.of.transaction.edits("contracts", set(stored)))
        for row in waiting:
            term = stored.get(meant.get(row[0].line, 0))
            if term is None or term.closed:
                certain.pop(row[0].line, None)
                self._doubles([(row[0].line, term)] if term is not None else [])
                continue
            itself = term.system_made or (term.source == ENTERED and is_itself(row[0], term.record))
            (batch.take_over if itself else batch.renew_as)(term, row)
        batch.write()
        rest = [row for row in waiting if row[0].line not in certain]
        self.report.updated += len(waiting) - len(rest)
        self._bring_in(rest)

    def _doubles(self, doubtful: Sequence[tuple[int, StoredTerm]]) -> None:
        """Lists pairs of which nobody can tell whether they are one contract."""
        by_line = {row[0].line: row[0] for row in self.waiting} if doubtful else {}
        for line, term in doubtful:
            record, old = by_line[line], term.record
            self.report.decide(
                OpenDecision(
                    record.number,
                    record.customer,
                    other=f"{old.number} {old.customer} {old.ends_on}",
                )
            )

    def _standing(self, records: Sequence[ContractRecord]) -> dict[str, list[StandingTerm]]:
        """The open terms that new rows may be, by customer: in the pipeline of existing customers,
        with an end, either from this source or entered by hand for a customer of that name."""
        found: dict[str, list[StandingTerm]] = {}
        theirs = {record.customer_id for record in records}
        if not self.first_load:
            for term in self.of.transaction.open_terms(self.of.source, theirs):
                if self._may_be_in_a_file(term):
                    found.setdefault(term.record.customer_id, []).append(
                        StandingTerm(term.contract_id, term.record, term.owner_id, term.system_made)
                    )
        names = {r.customer_id: customer_key(r.customer) for r in records} if self._entered else {}
        for customer_id, name in names.items():
            for term in self._entered.get(name, ()):
                record = replace(term.record, customer_id=customer_id)
                found.setdefault(customer_id, []).extend(
                    StandingTerm(term.contract_id, record, term.owner_id, itself)
                    for itself in (True, False)
                )
        return found

    def _may_be_in_a_file(self, term: StoredTerm) -> bool:
        return term.pipeline == self._openings.existing.id and term.record.ends_on is not None

    @cached_property
    def _entered(self) -> Mapping[str, Sequence[StoredTerm]]:
        """Open terms that somebody entered by hand, by their customer's name."""
        found: dict[str, list[StoredTerm]] = {}
        for term in self.of.transaction.entered() if self.of.source != ENTERED else ():
            if self._may_be_in_a_file(term):
                found.setdefault(customer_key(term.record.customer), []).append(term)
        return found

    def _continues(self, record: ContractRecord) -> bool:
        """Whether a row is a running contract of an existing customer, not an open deal elsewhere
        or a lost one."""
        place = record.place
        return place is None or (
            place.pipeline == self._openings.existing.id
            and not place.passed
            and place.otherwise is None
        )

    def _corrections(self, rows: Sequence[Row]) -> list[Row]:
        """Compares rows in our own columns with the contracts from other sources that they correct;
        the other rows are handed back."""
        if self.of.source != OWN_COLUMNS or not rows or not self._has_others:
            return list(rows)
        theirs: dict[str, list[StoredTerm]] = {}
        for contract in self.of.transaction.elsewhere(
            self.of.source, self._spellings({row[0].number for row in rows})
        ):
            theirs.setdefault(number_key(contract.record.number), []).append(contract)
        found: list[tuple[int, Row]] = []
        others: list[Row] = []
        for row in rows:
            same = [
                c
                for c in _nearest(row[0].number, theirs)
                if customer_key(c.record.customer) == customer_key(row[0].customer)
            ]
            if len({c.source for c in same}) > 1:
                sources = ", ".join(c.source for c in same)
                problem = RecordProblem.of("two_sources", sources=sources)
                self._reject(_reject(row[0], "contract", row[0].number, problem))
            elif same:
                meant = max(same, key=lambda c: c.contract_id)
                record = replace(row[0], number=meant.record.number)
                found.append((meant.contract_id, (record, *row[1:])))
            else:
                others.append(row)
        changed = self._compare(found, beside=True) if found else frozenset()
        for contract_id, (record, *_) in found:
            if contract_id in changed:
                whose = next(
                    c.source
                    for c in theirs[number_key(record.number)]
                    if c.contract_id == contract_id
                )
                self.report.corrected = self.report.corrected.plus(
                    f"{record.number} {record.customer} ({whose})"
                )
        return others

    @cached_property
    def _has_others(self) -> bool:
        """Whether other sources have brought contracts; asked once, because most files have a
        database to themselves."""
        return self.of.transaction.has_others(self.of.source)

    def _spellings(self, numbers: Collection[str]) -> set[str]:
        """The numbers in every case and width in which other sources may have them."""
        keys = {number_key(number) for number in numbers}
        unusual = {written for key in keys for written in self._unusual.get(key, ())}
        return {*numbers, *keys, *(key.upper() for key in keys), *unusual}

    @cached_property
    def _unusual(self) -> Mapping[str, Sequence[str]]:
        """The numbers of other sources that no index finds by a plain one."""
        return self.of.transaction.unusual_numbers(self.of.source)

    def _bring_in(self, rows: Sequence[Row]) -> None:
        """New contracts with their deals."""
        if not rows:
            return
        records = [row[0] for row in rows]
        if self.first_load:
            self._see(records)
        else:
            edits = Edits(self.of)
            self._see(edits.of_customers(records))
            self.of.transaction.change(edits.changes)
        spans = [
            (r.starts_on, r.ends_on)
            for r in records
            if r.starts_on and r.ends_on and not r.estimated
        ]
        self.report.with_days += len(spans)
        self.report.same_day += sum(start.day == end.day and start < end for start, end in spans)
        openings = self._openings.of_batch(records, {row[0].line: row[1:] for row in rows})
        self.of.transaction.open(openings, self.of.now)
        self.report.new += len(openings)
        for opening in openings:
            self._list(opening)

    @cached_property
    def _twins(self) -> DuplicateIds:
        """Which contract a row means if several have one id."""
        return DuplicateIds(self.of.transaction, self.of.source)

    @cached_property
    def _openings(self) -> Openings:
        """Makes the deals of new contracts."""
        return Openings(self.of, self.baseline_at)

    def _list(self, opening: Opening) -> None:
        """Lists a new contract in the report."""
        record, today = opening.record, self.of.now.date()
        self.report.look_at_end(record.number, record.customer, record.ends_on, today)
        if record.estimated:
            self.report.estimated = self.report.estimated.plus(
                f"{record.number} {record.customer} {record.ends_on}"
            )
        if (
            record.ends_on is None
            and not record.evergreen
            and not opening.closed_at
            and opening.pipeline == self._openings.existing.id
        ):
            self.report.unscheduled = self.report.unscheduled.plus(
                f"{record.number} {record.customer}"
            )


def _nearest(number: str, theirs: Mapping[str, Sequence[StoredTerm]]) -> Sequence[StoredTerm]:
    """The contracts that a number means: those that have it as it is written, else in another case
    or width."""
    alike = theirs.get(number_key(number), ())
    return [c for c in alike if c.record.number == number] or alike


def _reject(record: ContractRecord, column: str, value: str, problem: RecordProblem) -> Reject:
    """A row that could be read and does not come in."""
    return Reject(record.line, column, value, problem, record.source_id)
