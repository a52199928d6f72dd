"""One batch of rows at a time: which are new, which unchanged, which changed, and what becomes of each. The inner part of an import."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from scheduler.core.import_terms import adopts
from scheduler.core.import_texts import FieldError, Reject
from scheduler.core.importing import ContractRecord, person_key
from scheduler.services.import_changes import Changes, Import, Row
from scheduler.services.import_openings import Openings
from scheduler.services.import_report import ImportReport
from scheduler.services.import_store import KnownPerson, Opening


@dataclass(slots=True)
class Directory:
    """The people, found by e-mail, else by name (width and case do not count). Unknown ones are made up when the batch is written."""

    by_email: dict[str, int]
    by_name: dict[str, list[int]]

    @classmethod
    def of(cls, people: Sequence[KnownPerson]) -> "Directory":
        """A directory of these people."""
        names: dict[str, list[int]] = {}
        for person in people:
            for key in {person_key(person.name), person.key} - {""}:
                names.setdefault(key, []).append(person.id)
        return cls({p.email.lower(): p.id for p in people if p.email}, names)

    def find(self, text: str) -> int | None:
        """The person a cell names, or None. Raises FieldError when several have that name."""
        key = person_key(text)
        if "@" in key:
            return self.by_email.get(key) or next(iter(self.by_name.get(key, ())), None)
        ids = self.by_name.get(key, [])
        if len(ids) > 1:
            raise FieldError("two_people")
        return ids[0] if ids else None

    def add(self, text: str, person_id: int) -> None:
        """Somebody who was just written."""
        self.by_name[person_key(text)] = [person_id]


@dataclass
class Rows:
    """Takes batches and keeps the report. `baseline_at` is set in a source's first load (DESIGN §5 "First load is silent")."""

    of: Import
    directory: Directory
    baseline_at: datetime | None
    first_load: bool
    on_reject: Callable[[Reject], None]

    @property
    def report(self) -> ImportReport:
        """What the import came to so far."""
        return self.of.report

    def take(self, batch: Sequence[ContractRecord | Reject | None]) -> None:
        """One batch, in the file's order."""
        records = [r for r in batch if isinstance(r, ContractRecord)]
        for row in batch:
            if row is None:
                self.report.skipped += 1
            elif isinstance(row, Reject):
                self._reject(row)
        self._split(records)

    def _reject(self, reject: Reject) -> None:
        """A row that does not come in."""
        self.report.rejected += 1
        self.on_reject(reject)

    def _split(self, records: Sequence[ContractRecord]) -> None:
        """New rows open deals, known ones are compared unless their hash says that nothing changed."""
        known = self.of.transaction.known(self.of.source, [r.source_id for r in records])
        unknown = [r for r in records if r.source_id not in known]
        changed = [r for r in records if r.source_id in known and known[r.source_id].row_hash != r.row_hash]
        self.report.unchanged += len(records) - len(unknown) - len(changed)
        people = self._people([*unknown, *changed])
        if changed:
            self._compare([(known[r.source_id].contract_id, (r, *people[r.line])) for r in changed if r.line in people])
        if unknown:
            self._open([r for r in unknown if r.line in people], people)

    def _compare(self, rows: Sequence[tuple[int, Row]]) -> None:
        """Rows whose hash is new, with the ids of their contracts."""
        stored = self.of.transaction.stored([contract_id for contract_id, _ in rows])
        batch, customers = Changes(self.of), self.of.transaction.see_customers([row[0] for _, row in rows], self.of.present)
        compared = 0
        for contract_id, row in rows:
            if contract_id not in stored:
                self.report.decisions = self.report.decisions.plus(f"{row[0].number} {row[0].customer}: voided")
                continue
            try:
                batch.compare(stored[contract_id], row)
                compared += 1
            except FieldError as error:
                self._reject(Reject(row[0].line, error.field, "", error.problem))
        batch.write()
        updated = batch.touched | {contract_id for contract_id, row in rows if row[0].customer_id in customers}
        self.report.updated += len(updated)
        self.report.unchanged += max(0, compared - len(updated))

    def _adopt(self, rows: Sequence[Row]) -> set[int]:
        """The lines of new rows that took over a term the program opened: same customer and product, starting within 31 days."""
        terms = {t.contract_id: t for t in self.of.transaction.successors(self.of.source, {row[0].customer_id for row in rows})}
        batch, lines = Changes(self.of), set[int]()
        for row in rows if terms else ():
            term = next((t for t in terms.values() if _same_contract(t.record, row[0])), None)
            if term is not None:
                del terms[term.contract_id]
                batch.take_over(term, row)
                lines.add(row[0].line)
        batch.write()
        self.report.updated += len(lines)
        return lines

    def _people(self, records: Sequence[ContractRecord]) -> dict[int, tuple[int | None, int | None]]:
        """Owner and sales of each row by its line; rows that name somebody ambiguous are rejected, and missing here."""
        missing = dict.fromkeys(t for r in records for t in (r.owner, r.sales) if t and not self._known(t))
        if missing:
            self._introduce(list(missing))
        found = {}
        for record in records:
            try:
                found[record.line] = (self._person(record.owner, "owner"), self._person(record.sales, "sales"))
            except FieldError as error:
                self._reject(Reject(record.line, error.field, getattr(record, error.field), error.problem))
        return found

    def _known(self, text: str) -> bool:
        """Whether the directory has that name, once or more often."""
        try:
            return self.directory.find(text) is not None
        except FieldError:
            return True

    def _person(self, text: str, column: str) -> int | None:
        """The person in a cell. Raises FieldError with the column."""
        try:
            return self.directory.find(text) if text else None
        except FieldError as error:
            error.field = column
            raise

    def _introduce(self, names: list[str]) -> None:
        """People a file names for the first time: without a route, so that the pipeline's fallback gets what is theirs."""
        by_key: dict[str, str] = {}
        for name in names:
            by_key.setdefault(person_key(name), name)
        fresh = [(key, name, key if "@" in key else None) for key, name in by_key.items()]
        for (key, name, _), person_id in zip(fresh, self.of.transaction.add_people(fresh), strict=True):
            self.directory.add(key, person_id)
            self.report.unknown_owners = self.report.unknown_owners.plus(name)

    def _open(self, records: Sequence[ContractRecord], people: dict[int, tuple[int | None, int | None]]) -> None:
        """New contracts; those that are a term the program opened itself take that term over instead."""
        adopted = set() if self.first_load else self._adopt([(r, *people[r.line]) for r in records])
        fresh = [r for r in records if r.line not in adopted]
        if not self.first_load or "parent" in self.of.present:
            self.of.transaction.see_customers(fresh, self.of.present)
        openings = self._openings.of_batch(fresh, people)
        self.of.transaction.open(openings, self.of.now)
        self.report.new += len(openings)
        for opening in openings:
            self._list(opening)

    @cached_property
    def _openings(self) -> Openings:
        """Where new contracts start."""
        return Openings(self.of, self.baseline_at)

    def _list(self, opening: Opening) -> None:
        """What the report says of a new contract."""
        record = opening.record
        if record.estimated:
            self.report.estimated = self.report.estimated.plus(f"{record.number} {record.customer} {record.ends_on}")
        if record.ends_on is None and not record.evergreen and not opening.closed_at and opening.pipeline == self._openings.existing.id:
            self.report.unscheduled = self.report.unscheduled.plus(f"{record.number} {record.customer}")


def _same_contract(old: ContractRecord, record: ContractRecord) -> bool:
    """Whether a row is the term that the program opened."""
    return old.customer_id == record.customer_id and old.product == record.product and adopts(record.starts_on, old.starts_on)
