"""Importing people: colleagues come in or are changed, found by e-mail, else by name. One transaction, undoable, as contracts are.

Always holds: somebody a contracts file named before (and who therefore has no address yet) is that person, not a second one; the deals of whoever
changed, and of those he manages, have their alarm set to now.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from scheduler.core.import_texts import Problem, Reject
from scheduler.core.importing import PersonRecord, person_key
from scheduler.services.import_report import ImportReport, Moved
from scheduler.services.import_store import Begun, Change

FIELDS = ("name", "email", "slack_id", "role", "zone", "calendar", "language", "hours", "active", "team")
_DEFAULTS: Mapping[str, Any] = {"role": "rep", "active": True}


class PeopleSource(Protocol):
    """A file of people that was read (scheduler.sources.people)."""

    @property
    def file(self) -> str:
        """Its name."""

    @property
    def source(self) -> str:
        """What kind of list it is."""

    @property
    def sha256(self) -> str:
        """Its digest."""

    @property
    def present(self) -> frozenset[str]:
        """The fields it fills."""

    @property
    def ignored(self) -> tuple[str, ...]:
        """Its columns that nothing reads."""

    @property
    def rows(self) -> Sequence[PersonRecord | Reject]:
        """Its rows."""


class PeopleTransaction(Protocol):
    """One open transaction on people."""

    def begin(self, source: str, kind: str, file: str, sha256: str, now: datetime) -> Begun:
        """Writes the import's row."""

    def finish(self, import_id: int, counts: Mapping[str, int], now: datetime) -> None:
        """Marks the import completed."""

    def everybody(self) -> Sequence[dict[str, Any]]:
        """All people, as their rows."""

    def add_rows(self, people: Sequence[dict[str, Any]]) -> Sequence[int]:
        """New people; their ids, in the same order."""

    def change(self, changes: Sequence[Change]) -> None:
        """Writes changed columns and keeps both sides."""

    def wake_deals_of(self, people: Sequence[int], now: datetime) -> None:
        """Sets the alarms of the open deals that these people, or those they manage, look after."""


class PeopleStore(Protocol):
    """What importing people needs of the storage."""

    def importing(self, *, keep: bool) -> AbstractContextManager[PeopleTransaction]:
        """One transaction; rolled back at the end unless `keep`, and on any error."""


@dataclass
class _Book:
    """Everybody, found by what files call them."""

    people: list[dict[str, Any]]

    def find(self, record: PersonRecord) -> dict[str, Any] | None:
        """Who a row means: the e-mail, else the same name without another e-mail."""
        if record.email:
            found = next((p for p in self.people if record.email in (p["email"], p["key"] if not p["email"] else None)), None)
            if found:
                return found
        key = person_key(record.name)
        named = [p for p in self.people if person_key(p["name"]) == key and (not record.email or not p["email"])]
        return named[0] if len(named) == 1 else None

    def manager(self, text: str) -> list[int]:
        """The ids a manager's cell may mean."""
        key = person_key(text)
        return [p["id"] for p in self.people if key in (p["email"], person_key(p["name"]))]


def _nowhere(reject: Reject) -> None:
    """No rejects file."""


def import_people(
    store: PeopleStore, source: PeopleSource, now: datetime, *, dry_run: bool = False, on_reject: Callable[[Reject], None] = _nowhere
) -> ImportReport:
    """Brings people in. A manager who cannot be found is a reject of that cell: the person comes in without him."""
    report = ImportReport(file=source.file, source=source.source, dry_run=dry_run, ignored_columns=source.ignored)
    with store.importing(keep=not dry_run) as transaction:
        begun = transaction.begin(source.source, "people", source.file, source.sha256, now)
        report.import_id, report.first_load = None if dry_run else begun.import_id, begun.first_load

        def reject(what: Reject) -> None:
            report.rejected += 1
            on_reject(what)

        book = _Book(list(transaction.everybody()))
        records = []
        for row in source.rows:
            if isinstance(row, Reject):
                reject(row)
            else:
                records.append(row)
        added = _add([r for r in records if book.find(r) is None], book, transaction)
        changes = _changes(records, book, source.present, added, reject)
        transaction.change(changes)
        changed = {c.row_id for c in changes}
        _tell(changes, book, report)
        transaction.wake_deals_of(sorted(changed - added), now)
        report.new, report.updated = len(added), len(changed - added)
        report.unchanged = len(records) - report.new - report.updated
        transaction.finish(begun.import_id, report.counts, now)
    return report


def _add(records: Sequence[PersonRecord], book: _Book, transaction: PeopleTransaction) -> set[int]:
    """Writes new people, without their managers, who may stand further down."""
    rows = [_values(r, frozenset(FIELDS)) | {"key": r.email or person_key(r.name), "manager_id": None} for r in records]
    ids = transaction.add_rows(rows)
    book.people.extend(row | {"id": id_} for row, id_ in zip(rows, ids, strict=True))
    return set(ids)


def _values(record: PersonRecord, present: frozenset[str]) -> dict[str, Any]:
    """What a row says, as columns; an empty cell of a column that is there means the default."""
    said = {name: getattr(record, name) for name in FIELDS if name in present}
    return {name: _DEFAULTS.get(name) if value is None else value for name, value in said.items()}


def _changes(
    records: Sequence[PersonRecord], book: _Book, present: frozenset[str], added: set[int], reject: Callable[[Reject], None]
) -> list[Change]:
    """What rows say anew of people who are there, and everybody's manager."""
    changes = []
    managers = {p["id"]: p["manager_id"] for p in book.people}
    for record in records:
        person = book.find(record)
        assert person is not None
        now = {} if person["id"] in added else _values(record, present)
        if record.email and person["email"] != record.email:
            now["key"] = record.email
        if now.get("active") and not person["active"]:
            now["left_told_at"] = None
        if "manager" in present:
            managers[person["id"]] = now["manager_id"] = _manager(record, person["id"], book, managers, reject)
        after = {name: value for name, value in now.items() if person[name] != value}
        if after:
            changes.append(Change("people", person["id"], {name: person[name] for name in after}, after))
    return changes


def _manager(record: PersonRecord, person_id: int, book: _Book, managers: Mapping[int, int | None], reject: Callable[[Reject], None]) -> int | None:
    """The manager's id; None, with a reject, where nobody or several or oneself is meant."""
    if not record.manager:
        return None
    ids = book.manager(record.manager)
    code = "no_manager" if not ids else "two_people" if len(ids) > 1 else "own_manager" if ids[0] == person_id else ""
    if not code and _above(ids[0], person_id, managers):
        code = "manager_circle"
    if code:
        reject(Reject(record.line, "manager", record.manager, Problem.of(code)))
        return None
    return ids[0]


def _above(manager: int, person: int, managers: Mapping[int, int | None]) -> bool:
    """Whether `person` already stands above `manager`."""
    seen: set[int] = set()
    at: int | None = manager
    while at is not None and at not in seen:
        seen.add(at)
        at = managers.get(at)
        if at == person:
            return True
    return False


def _tell(changes: Sequence[Change], book: _Book, report: ImportReport) -> None:
    """What the report says changed."""
    names = {p["id"]: p["name"] for p in book.people}
    for change in changes:
        for name, value in change.after.items():
            if name not in ("key", "left_told_at"):
                shown = [str(names.get(v, v) if name == "manager_id" else v) if v is not None else "" for v in (change.before[name], value)]
                report.note(Moved("", change.after.get("name", names[change.row_id]), name.removesuffix("_id"), *shown))
