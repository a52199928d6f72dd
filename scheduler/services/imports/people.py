"""Importing people: colleagues come in or are changed, found by e-mail, else by name. One
transaction, undoable, as contracts are.

Always holds: somebody whom a contracts file named before (and who therefore has no address yet) is
that person, not a second one; the deals of people who changed, and of those they manage, have their
alarm set to now.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from scheduler.core.imports.by_hand import EditRule
from scheduler.core.imports.edits import as_json, settle
from scheduler.core.imports.records import PersonRecord, person_key, who_is_meant
from scheduler.core.imports.texts import RecordProblem, Reject
from scheduler.ports import Begin
from scheduler.services.imports.edits import contradiction, of_the_edit, rule_for
from scheduler.services.imports.erased import erased_by, refuse_erased
from scheduler.services.imports.files import SourceFile
from scheduler.services.imports.import_report import FieldMoved, ImportReport, OpenDecision
from scheduler.services.imports.store import ImportBasics, RowChange

FIELDS = (
    "name",
    "email",
    "slack_id",
    "role",
    "zone",
    "calendar",
    "language",
    "hours",
    "active",
    "team",
)
_DEFAULTS: Mapping[str, Any] = {"role": "rep", "active": True}


class PeopleSource(SourceFile, Protocol):
    """A file of people that was read (scheduler.sources.people)."""

    @property
    def rows(self) -> Sequence[PersonRecord | Reject]:
        """Its rows."""


class PeopleTransaction(ImportBasics, Protocol):
    """One open transaction on people."""

    def everybody(self) -> Sequence[dict[str, Any]]:
        """All people, as their rows."""

    def add_rows(self, people: Sequence[dict[str, Any]]) -> Sequence[int]:
        """New people; their ids, in the same order."""

    def wake_deals_of(self, people: Sequence[int], now: datetime) -> None:
        """Sets the alarms of the open deals that these people, or those they manage, look after."""


class PeopleBook:
    """Everybody, found by what files call them (name, address, id), in one step however many there
    are.

    `same`, `other`: as `Decided` has them; `said`: the addresses that the file names.
    """

    def __init__(
        self,
        people: Iterable[dict[str, Any]],
        same: frozenset[str] = frozenset(),
        other: frozenset[str] = frozenset(),
        said: frozenset[str] = frozenset(),
    ) -> None:
        self.same, self.other, self.said = same, other, said
        self.by_id: dict[int, dict[str, Any]] = {}
        self._named: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self._addressed: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self._keyed: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self._merged: dict[int, int] = {}
        self.add(people)

    def add(self, people: Iterable[dict[str, Any]]) -> None:
        """More people."""
        for person in people:
            self.by_id[person["id"]] = person
            self._named[person_key(person["name"])].append(person)
            self._keyed[person["key"]].append(person)
            if person["email"]:
                self._addressed[person["email"]].append(person)
        self._merged = who_is_meant({i: p.get("merged_into_id") for i, p in self.by_id.items()})

    def find(self, record: PersonRecord) -> dict[str, Any] | None:
        """Finds whom a row means: the person with the e-mail, else one of the same name without
        another e-mail; somebody who was merged counts as the one they were merged into."""
        if record.email:
            found = next(iter(self._addressed.get(record.email, ())), None) or next(
                (p for p in self._keyed.get(record.email, ()) if not p["email"]), None
            )
            if found:
                return self._meant(found)
            if record.email in self.same and (moved := self.moved(record)) is not None:
                return moved
        named = [
            p
            for p in self._named.get(person_key(record.name), ())
            if not record.email or not p["email"]
        ]
        meant = {p["id"]: p for p in map(self._meant, named)}
        return next(iter(meant.values())) if len(meant) == 1 else None

    def _meant(self, person: dict[str, Any]) -> dict[str, Any]:
        """Finds whom somebody was merged into."""
        return self.by_id[self._merged[person["id"]]]

    def moved(self, record: PersonRecord) -> dict[str, Any] | None:
        """Finds whom a row with an unknown address may be under another address: people of the same
        name and manager that no other row names."""
        if (
            not record.email
            or record.email in self.other
            or record.email in self._addressed
            or record.email in self._keyed
        ):
            return None
        alike = [
            p
            for p in self._named.get(person_key(record.name), ())
            if p["email"] and p["email"] not in self.said and p["active"]
        ]
        managers = self.manager(record.manager) if record.manager else [None]
        return alike[0] if len(alike) == 1 and alike[0]["manager_id"] in managers else None

    def manager(self, text: str) -> list[int]:
        """The ids that a manager's cell may mean."""
        key = person_key(text)
        return list(
            dict.fromkeys(
                p["id"] for p in (*self._addressed.get(key, ()), *self._named.get(key, ()))
            )
        )


def _nowhere(reject: Reject) -> None:
    """No rejects file."""


@dataclass(frozen=True, slots=True)
class Decided:
    """What a person decided about a file of people: which addresses are new ones of known people
    (`same`), which belong to others of the same name (`other`), what becomes of fields edited here
    (`edits`: for all, "", or by address or name; else `rule`), and whether a column may be
    emptied."""

    same: frozenset[str] = frozenset()
    other: frozenset[str] = frozenset()
    edits: Mapping[str, EditRule] = field(default_factory=dict)
    rule: EditRule = EditRule.ASK
    erase: bool = False


def import_people(
    importing: Begin[PeopleTransaction],
    source: PeopleSource,
    now: datetime,
    *,
    dry_run: bool = False,
    on_reject: Callable[[Reject], None] = _nowhere,
    decided: Decided | None = None,
) -> ImportReport:
    """Imports people. A manager who cannot be found is a reject of that cell: the person comes in
    without them.

    Somebody who may be a colleague under another address waits for a decision. Raises
    ImportRefusedError for a column emptied throughout.
    """
    decided = decided or Decided()
    report = ImportReport(
        file=source.file, source=source.source, dry_run=dry_run, ignored_columns=source.ignored
    )
    with importing(keep=not dry_run) as transaction:
        begun = transaction.begin(source.source, "people", source.file, source.sha256, now)
        report.import_id, report.first_load = None if dry_run else begun.import_id, begun.first_load

        def reject(what: Reject) -> None:
            report.rejected += 1
            on_reject(what)

        rows = [row for row in source.rows if isinstance(row, PersonRecord)]
        for row in source.rows:
            if isinstance(row, Reject):
                reject(row)
        book = PeopleBook(
            transaction.everybody(),
            decided.same,
            decided.other,
            frozenset(r.email for r in rows if r.email),
        )
        records = [row for row in rows if not _waits(row, book, report)]
        added = _add([r for r in records if book.find(r) is None], book, transaction)
        said = _said(records, book, source.present, added, reject)
        refuse_erased(
            report,
            Counter(erased_by(_changes(said, book), "people")),
            source.empty,
            erase=decided.erase,
        )
        transaction.change(_beside_edits(said, book, transaction, begun.import_id, decided, report))
        changes = _changes(said, book)
        transaction.change(changes)
        changed = {c.row_id for c in changes}
        _tell([c for c in changes if c.row_id not in added], book, report)
        transaction.wake_deals_of(sorted(changed - added), now)
        report.new, report.updated = len(added), len(changed - added)
        report.unchanged = len(records) - report.new - report.updated
        transaction.finish(begun.import_id, report.counts, now)
    return report


def _add(
    records: Sequence[PersonRecord], book: PeopleBook, transaction: PeopleTransaction
) -> set[int]:
    """Writes new people, without their managers, who may come further down in the file."""
    rows = [
        _values(r, frozenset(FIELDS)) | {"key": r.email or person_key(r.name), "manager_id": None}
        for r in records
    ]
    ids = transaction.add_rows(rows)
    book.add(row | {"id": id_} for row, id_ in zip(rows, ids, strict=True))
    return set(ids)


def _waits(record: PersonRecord, book: PeopleBook, report: ImportReport) -> bool:
    """Whether a row waits for somebody to say whether it is a colleague under another address."""
    moved = book.moved(record) if book.find(record) is None else None
    if moved is None:
        return False
    report.decide(
        OpenDecision(
            record.email or "",
            record.name,
            (("email", moved["email"], record.email or ""),),
            other=SAME_PERSON,
        )
    )
    return True


SAME_PERSON = "same_person"
"""`Decision.other` where a row may be a colleague under another address."""


_ALONG: Mapping[str, tuple[str, ...]] = {"email": ("key",), "active": ("left_told_at",)}
"""The columns that change along with another."""


def _beside_edits(
    said: Mapping[int, dict[str, Any]],
    book: PeopleBook,
    transaction: PeopleTransaction,
    number: int,
    decided: Decided,
    report: ImportReport,
) -> list[RowChange]:
    """The changes to the edits made here (`core.imports.edits`); a field that stays as edited is
    taken out of `said`."""
    found: list[RowChange] = []
    for row, edits in transaction.edits("people", said).items():
        person = book.by_id[row]
        key = person["email"] or person["name"]
        rule, settles = rule_for(key, decided.edits, decided.rule)
        for edit in (
            e for e in edits if e.field in said[row] and as_json(person[e.field]) == e.value
        ):
            by_file = as_json(said[row][edit.field])
            settled = settle(edit, by_file, rule, decided=settles)
            found += of_the_edit(edit, by_file, settled, number)
            if settled.told:
                here, file = (
                    _shown(json.loads(value), edit.field, book) for value in (edit.value, by_file)
                )
                report.contradict(
                    contradiction(key, person["name"], edit, here, file, rule, settled)
                )
            if settled.stays:
                for name in (edit.field, *_ALONG.get(edit.field, ())):
                    said[row].pop(name, None)
    return found


def _shown(value: Any, name: str, book: PeopleBook) -> str:
    """A value of a person as a report says it."""
    named = book.by_id.get(value) if name == "manager_id" else None
    return named["name"] if named else "" if value is None else str(value)


def _values(record: PersonRecord, present: frozenset[str]) -> dict[str, Any]:
    """The values of a row, as columns; an empty cell of a column that is there means the
    default."""
    said = {name: getattr(record, name) for name in FIELDS if name in present}
    return {name: _DEFAULTS.get(name) if value is None else value for name, value in said.items()}


def _said(
    records: Sequence[PersonRecord],
    book: PeopleBook,
    present: frozenset[str],
    added: set[int],
    reject: Callable[[Reject], None],
) -> dict[int, dict[str, Any]]:
    """The values that rows give for known people, and everybody's manager, as columns by the
    person's id."""
    found: dict[int, dict[str, Any]] = defaultdict(dict)
    managers = {p["id"]: p["manager_id"] for p in book.by_id.values()}
    for record in records:
        person = book.find(record)
        assert person is not None
        now = {} if person["id"] in added else _values(record, present)
        if (
            record.email
            and person["email"] != record.email
            and person["email"]
            and record.email not in book.same
        ):
            now = {name: value for name, value in now.items() if name not in ("email", "name")}
        elif record.email and person["email"] != record.email:
            now["key"] = record.email
        if now.get("active") and not person["active"]:
            now["left_told_at"] = None
        if "manager" in present:
            managers[person["id"]] = now["manager_id"] = _manager(
                record, person["id"], book, managers, reject
            )
        found[person["id"]] |= now
    return found


def _changes(said: Mapping[int, Mapping[str, Any]], book: PeopleBook) -> list[RowChange]:
    """The changes to people."""
    changes = []
    for row, now in said.items():
        before = book.by_id[row]
        after = {name: value for name, value in now.items() if before[name] != value}
        if after:
            changes.append(RowChange("people", row, {name: before[name] for name in after}, after))
    return changes


def _manager(
    record: PersonRecord,
    person_id: int,
    book: PeopleBook,
    managers: Mapping[int, int | None],
    reject: Callable[[Reject], None],
) -> int | None:
    """The manager's id; None, with a reject, if nobody, several, or the person themselves is
    meant."""
    if not record.manager:
        return None
    ids = book.manager(record.manager)
    code = (
        "no_manager"
        if not ids
        else "two_people"
        if len(ids) > 1
        else "own_manager"
        if ids[0] == person_id
        else ""
    )
    if not code and stands_above(ids[0], person_id, managers):
        code = "manager_circle"
    if code:
        reject(Reject(record.line, "manager", record.manager, RecordProblem.of(code)))
        return None
    return ids[0]


def stands_above(manager: int, person: int, managers: Mapping[int, int | None]) -> bool:
    """Whether `person` already stands above `manager`."""
    seen: set[int] = set()
    at: int | None = manager
    while at is not None and at not in seen:
        seen.add(at)
        at = managers.get(at)
        if at == person:
            return True
    return False


def _tell(changes: Sequence[RowChange], book: PeopleBook, report: ImportReport) -> None:
    """Reports what changed about known people; a new person's manager is part of what is new."""
    for change in changes:
        for name, value in change.after.items():
            if name not in ("key", "left_told_at"):
                shown = [_shown(v, name, book) for v in (change.before[name], value)]
                report.note(
                    FieldMoved(
                        "",
                        change.after.get("name", book.by_id[change.row_id]["name"]),
                        name.removesuffix("_id"),
                        *shown,
                    )
                )
