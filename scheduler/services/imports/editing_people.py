"""Editing people by hand: colleagues are added, changed, merged, or leave; contracts go from one to
another.

Always holds: each edit is an import with a number, which can be undone; a preview is the same work
rolled back. Open contracts are left without an owner only if that was asked for; a merged person is
found as the other one, under all their names and addresses.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from scheduler.core.answers.refusals import open_asks
from scheduler.core.deal.contracts import Money, sums
from scheduler.core.facts.coming import Upcoming, upcoming
from scheduler.core.imports.edits import as_json
from scheduler.core.imports.records import person_key
from scheduler.core.imports.texts import TEXTS
from scheduler.core.policy.choosing import ReadCondition, chosen
from scheduler.core.policy.policy import Policy
from scheduler.core.words.errors import UserMustActError
from scheduler.core.words.labels import Label
from scheduler.ports import Begin
from scheduler.services.imports.edit_store import EditTransaction
from scheduler.services.imports.edit_subjects import Colleague, everybody_by_name
from scheduler.services.imports.edit_work import NothingError, keep_edits, new_edit
from scheduler.services.imports.import_report import FieldMoved, ImportReport
from scheduler.services.imports.people import stands_above
from scheduler.services.imports.store import RowChange, StoredTerm
from scheduler.services.people.naming import find_meant, shown

_AHEAD = 60
_FILLED = ("zone", "calendar", "language", "hours", "team", "manager_id")
"""The fields that a merged person passes on to the one they turned out to be, if that one has
none."""


@dataclass(slots=True)
class PeopleEdited:
    """What an edit does: whom it is about, what changes, the open contracts it moves with their
    money and open questions, and what comes in the next 60 days. `number` is None if it was only
    looked at."""

    person: str
    report: ImportReport
    number: int | None = None
    contracts: int = 0
    money: tuple[Money, ...] = ()
    without_amount: int = 0
    questions: int = 0
    coming: tuple[Upcoming, ...] = ()
    notices: list[Label] = field(default_factory=list)

    @property
    def changes(self) -> bool:
        """Whether anything changes."""
        return bool(self.report.moved_count or self.report.new or self.contracts)


@dataclass(frozen=True, slots=True)
class PeopleEdit:
    """What each edit needs to know: where people are, under which policy and when it is made, by
    whom, and whether it is kept or only looked at."""

    begin: Begin[EditTransaction]
    policy: Policy
    now: datetime
    by: str
    keep: bool


@dataclass
class _Work:
    """One edit under way."""

    transaction: EditTransaction
    policy: Policy
    now: datetime
    edited: PeopleEdited
    number: int
    people: list[Colleague]
    merged: Mapping[str, Colleague]

    def find(self, wanted: str) -> Colleague:
        """Finds the person who is meant. Raises UserMustActError."""
        return find_meant(self.people, self.merged, wanted)

    def moved(self, deals: Sequence[StoredTerm]) -> None:
        """Notes how many contracts go over, their money, open questions and coming days."""
        loaded = self.transaction.deals([t.deal_id for t in deals])
        edited = self.edited
        edited.contracts = len(loaded)
        edited.money, edited.without_amount = sums(d.contract.amount for d in loaded)
        edited.questions = sum(len(open_asks(d, self.policy)) for d in loaded)
        edited.coming = tuple(upcoming(loaded, self.policy, self.now, _AHEAD))


def _edit(
    edit: PeopleEdit, what: str, person: str, work_of: Callable[[_Work], None]
) -> PeopleEdited:
    """The frame of each edit: begin, do, count."""
    policy, now = edit.policy, edit.now
    edited = PeopleEdited(person, ImportReport(source="people", file=what, dry_run=not edit.keep))
    try:
        with edit.begin(keep=edit.keep) as transaction:
            number = transaction.begin_edit("people", what, edit.by, now)
            work_of(
                _Work(transaction, policy, now, edited, number, *everybody_by_name(transaction))
            )
            if not edited.changes:
                raise NothingError
            edited.number = number if edit.keep else None
            transaction.finish(number, edited.report.counts, now)
    except NothingError:
        edited.number = None
    return edited


def add_person(
    edit: PeopleEdit,
    given: Mapping[str, Any],
) -> PeopleEdited:
    """Adds a colleague. `given` has at least a name; `manager` as it was typed. Raises
    UserMustActError."""

    def work(of: _Work) -> None:
        key = given.get("email") or person_key(given["name"])
        taken = next((p for p in of.transaction.everybody() if key in (p["key"], p["email"])), None)
        if taken is not None:
            raise UserMustActError(
                ("{name} is there already ({key}); to change them: renewals people edit {key} …"),
                name=taken["name"],
                key=key,
            )
        manager = of.find(given["manager"]).id if given.get("manager") else None
        row = {
            name: given.get(name)
            for name in (
                "name",
                "email",
                "slack_id",
                "zone",
                "calendar",
                "language",
                "hours",
                "team",
            )
        }
        of.transaction.add_rows(
            [
                row
                | {
                    "key": key,
                    "role": given.get("role") or "rep",
                    "active": True,
                    "manager_id": manager,
                }
            ]
        )
        of.edited.report.new = 1

    return _edit(edit, f"people add {given['name']}", given["name"], work)


def edit_person(
    edit: PeopleEdit,
    wanted: str,
    given: Mapping[str, Any],
) -> PeopleEdited:
    """Changes a colleague; None takes a value away. Raises UserMustActError."""

    def work(of: _Work) -> None:
        person = of.find(wanted)
        of.edited.person = person.name
        values = {name: value for name, value in given.items() if name != "manager"}
        if "manager" in given:
            values["manager_id"] = _manager(of, person, given["manager"])
        if values.get("email"):
            values["key"] = _free_address(of, person, values["email"])
        if values.get("active") and not person.row["active"]:
            values["left_told_at"] = None
        _change_person(of, person, values)

    return _edit(edit, f"people edit {wanted}", wanted, work)


def _manager(of: _Work, person: Colleague, wanted: str | None) -> int | None:
    """The manager's id. Raises UserMustActError for the person themselves and for circles."""
    if wanted is None:
        return None
    manager = of.find(wanted)
    code = "own_manager" if manager.id == person.id else ""
    if not code and stands_above(
        manager.id, person.id, {p.id: p.row["manager_id"] for p in of.people}
    ):
        code = "manager_circle"
    if code:
        raise UserMustActError("{texts}", texts=TEXTS[code])
    return manager.id


def _free_address(of: _Work, person: Colleague, email: str) -> str:
    """The address, if nobody else has it. Raises UserMustActError."""
    other = next(
        (
            p
            for p in of.transaction.everybody()
            if p["id"] != person.id and email in (p["key"], p["email"])
        ),
        None,
    )
    if other is not None:
        raise UserMustActError(
            (
                "{email} is the address of {name}; if they are the same person: renewals "
                "people merge"
            ),
            email=email,
            name=other["name"],
        )
    return email


def _change_person(of: _Work, person: Colleague, values: Mapping[str, Any]) -> None:
    """Writes what differs, reports it, and keeps which fields were set."""
    after = {name: value for name, value in values.items() if person.row[name] != value}
    told = [name for name in after if name not in ("key", "left_told_at")]
    names = {p.id: p.name for p in of.people}
    for name in told:
        before, now = (
            names.get(v, "") if name == "manager_id" else v for v in (person.row[name], after[name])
        )
        said = ("" if value is None else str(value) for value in (before, now))
        of.edited.report.note(FieldMoved("", person.name, name.removesuffix("_id"), *said))
    if not told:
        return
    of.transaction.change(
        [RowChange("people", person.id, {name: person.row[name] for name in after}, after)]
    )
    standing = {e.field: e for e in of.transaction.edits("people", [person.id]).get(person.id, ())}
    new = [
        new_edit(
            ("people", person.id), n, as_json(person.row[n]), as_json(after[n]), standing.get(n)
        )
        for n in told
    ]
    keep_edits(of.transaction, new, [standing[n] for n in told if n in standing], of.number)
    of.transaction.wake_deals_of([person.id], of.now)
    of.edited.report.updated = 1


def deactivate_person(
    edit: PeopleEdit,
    wanted: str,
    *,
    to: str | None = None,
    leave: bool = False,
) -> PeopleEdited:
    """Marks somebody as having left. `to`: who takes their open contracts; `leave`: the fallback is
    told about them. Raises UserMustActError."""

    def work(of: _Work) -> None:
        person = of.find(wanted)
        of.edited.person = person.name
        owned = of.transaction.owned(person.id)
        if owned and to is None and not leave:
            raise UserMustActError(
                (
                    "{person_name} owns {owned} open contracts: say who takes them (--to), or "
                    "share them out first: renewals reassign --from {person_email} --to NEW "
                    "--where …; to leave them to the fallback: --leave"
                ),
                person_name=person.name,
                owned=len(owned),
                person_email=person.email or person.name,
            )
        if to is not None:
            _hand_over(of, person, _receiver(of, person, to), owned)
        below = of.transaction.managed(person.id)
        if below:
            of.edited.notices.append(
                Label(
                    "{name} manages {below}; give them another manager: renewals people edit NAME "
                    "--manager NAME",
                    name=person.name,
                    below=len(below),
                )
            )
        _change_person(of, person, {"active": False})

    return _edit(edit, f"people deactivate {wanted}", wanted, work)


def reassign(
    edit: PeopleEdit,
    old: str,
    new: str,
    where: Sequence[ReadCondition],
) -> PeopleEdited:
    """Gives the open contracts of one person (those for which `where` holds) to another. Raises
    UserMustActError."""

    def work(of: _Work) -> None:
        person = of.find(old)
        receiver = _receiver(of, person, new)
        of.edited.person = f"{person.name} → {receiver.name}"
        owned = of.transaction.owned(person.id)
        if where:
            meant = {d.id for d in chosen(of.transaction.deals([t.deal_id for t in owned]), where)}
            owned = [t for t in owned if t.deal_id in meant]
            if not owned:
                raise UserMustActError(
                    "no open contract of {person_name} meets the conditions",
                    person_name=person.name,
                )
        _hand_over(of, person, receiver, owned)

    return _edit(edit, f"reassign {old} to {new}", f"{old} → {new}", work)


def _receiver(of: _Work, person: Colleague, wanted: str) -> Colleague:
    """Finds the person who takes over. Raises UserMustActError for the same person and for somebody
    who has left."""
    found = of.find(wanted)
    if found.id == person.id:
        raise UserMustActError("the person who takes over must be somebody else")
    if not found.row["active"]:
        raise UserMustActError(
            "{found_name} is no longer active; name somebody else", found_name=found.name
        )
    return found


def _hand_over(of: _Work, old: Colleague, new: Colleague, owned: Sequence[StoredTerm]) -> None:
    """Gives these contracts to the new owner; a later file that says otherwise meets the rule for
    edited fields."""
    standing = of.transaction.edits("contracts", [t.contract_id for t in owned])
    ended = [e for edits in standing.values() for e in edits if e.field == "owner"]
    before = {e.row: e for e in ended}
    for term in owned:
        of.edited.report.note(
            FieldMoved(term.record.number, term.record.customer, "owner", old.name, new.name)
        )
    was = [{"owner_id": old.id, "row_hash": t.record.row_hash or None} for t in owned]
    of.transaction.change(
        [
            RowChange("contracts", t.contract_id, b, {"owner_id": new.id, "row_hash": None})
            for t, b in zip(owned, was, strict=True)
        ]
    )
    edits = [
        new_edit(
            ("contracts", t.contract_id),
            "owner",
            as_json(old.id),
            as_json(new.id),
            before.get(t.contract_id),
        )
        for t in owned
    ]
    keep_edits(of.transaction, edits, ended, of.number)
    of.transaction.wake([t.deal_id for t in owned], of.now)
    of.edited.report.updated += len(owned)
    of.moved(owned)


def merge_people(
    edit: PeopleEdit,
    old: str,
    into: str,
) -> PeopleEdited:
    """Merges one colleague into another: contracts and reports go over, history stays, and both
    addresses mean the one who is left. Raises UserMustActError."""

    def work(of: _Work) -> None:
        gone, kept = of.find(old), of.find(into)
        if gone.id == kept.id:
            raise UserMustActError(
                "both are {shown}; name them by their addresses", shown=shown(kept)
            )
        of.edited.person = f"{shown(gone)} → {shown(kept)}"
        theirs = of.transaction.of_person(gone.id)
        for role in ("owner_id", "sales_id"):
            of.transaction.change(
                [
                    RowChange("contracts", t.contract_id, {role: gone.id}, {role: kept.id})
                    for t in theirs
                    if getattr(t, role) == gone.id
                ]
            )
        of.transaction.wake([t.deal_id for t in theirs if not t.closed], of.now)
        _take_over_people(of, gone, kept)
        _tell_absences(of, gone, kept)
        of.moved([t for t in theirs if not t.closed])
        of.edited.report.note(FieldMoved("", gone.name, "merged", shown(gone), shown(kept)))
        of.edited.report.updated = 1

    return _edit(edit, f"people merge {old} into {into}", f"{old} → {into}", work)


def _take_over_people(of: _Work, gone: Colleague, kept: Colleague) -> None:
    """Hands over whom the one managed or stood in for and what the other lacks, and notes who is
    meant from now on."""
    below = [p for p in of.people if p.row["manager_id"] == gone.id and p.id != kept.id]
    changes = [
        RowChange("people", p.id, {"manager_id": gone.id}, {"manager_id": kept.id}) for p in below
    ]
    filled = {
        name: gone.row[name]
        for name in (*_FILLED, "slack_id")
        if kept.row[name] is None and gone.row[name] not in (None, kept.id)
    }
    if kept.row["manager_id"] == gone.id:
        above = gone.row["manager_id"]
        filled["manager_id"] = above if above != kept.id else None
    left = {
        "active": False,
        "merged_into_id": kept.id,
        "slack_id": None,
        "left_told_at": gone.row["left_told_at"] or of.now,
    }
    changes.append(RowChange("people", gone.id, {name: gone.row[name] for name in left}, left))
    if filled:
        changes.append(
            RowChange("people", kept.id, {name: kept.row[name] for name in filled}, filled)
        )
    of.transaction.change(changes)
    of.transaction.wake_deals_of([kept.id, *(p.id for p in below)], of.now)


def _tell_absences(of: _Work, gone: Colleague, kept: Colleague) -> None:
    """Names the absences still to come: they stay with the person they were entered for."""
    today = of.now.date()
    found = [a for a in of.transaction.absences_of([gone.id]) if a["last_on"] >= today]
    if found:
        of.edited.notices.append(
            Label(
                "{found} absences of {gone} (or with them standing in) stay as they are; enter "
                "them for {kept}: renewals absence add",
                found=len(found),
                gone=gone.name,
                kept=kept.name,
            )
        )
