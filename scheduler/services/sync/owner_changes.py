"""Owners who were deactivated in HubSpot, came back, or have another address: nothing of it comes
with their deals.

Always holds: HubSpot's word counts once, when it changes, as an import's would: what somebody has
edited here stands by the policy's rule (`[import] edits`); whoever is active here again, by an
edit, a file or an undo, stays so until HubSpot deactivates them anew; whom somebody here made
inactive HubSpot does not bring back. Nobody comes in this way.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from scheduler.core.imports.by_hand import EditRule
from scheduler.core.imports.edits import Edit, as_json, settle
from scheduler.core.imports.records import PersonRecord
from scheduler.core.sync.owners import Owners
from scheduler.core.sync.passages import HUBSPOT
from scheduler.core.sync.states import Waits
from scheduler.core.sync.terms import SOURCE
from scheduler.core.words.keys import stable_key
from scheduler.ports import Begin
from scheduler.services.imports.edits import of_the_edit
from scheduler.services.imports.import_report import ImportReport
from scheduler.services.imports.people import PeopleBook, PeopleTransaction
from scheduler.services.imports.store import RowChange
from scheduler.services.sync.pull_store import PullingTransaction

OWNERS = "owners"
"""Where it is kept what HubSpot said of its owners."""


@dataclass(frozen=True, slots=True)
class OwnersSaid:
    """What HubSpot said of its owners. `left`: the addresses of those who were deactivated, with
    whether that made them inactive here (None: nobody here has the address); `addresses`: of
    people, by the owner's id."""

    left: Mapping[str, bool | None] = field(default_factory=dict)
    addresses: Mapping[str, str] = field(default_factory=dict)

    def as_text(self) -> str:
        """To be kept."""
        return json.dumps({"left": dict(self.left), "addresses": dict(self.addresses)})

    @classmethod
    def from_text(cls, text: str | None) -> "OwnersSaid":
        """What `as_text` gave; nothing for None."""
        return cls(**json.loads(text or "{}"))

    def moved(self, owners: Owners) -> Mapping[str, str]:
        """Addresses that have become others, by the old one."""
        return {
            old: new
            for id, new in owners.addresses.items()
            if (old := self.addresses.get(id)) is not None and old != new
        }


class OwnersTransaction(PeopleTransaction, Protocol):
    """One open transaction on people and on what is kept of owners, so that nobody is made inactive
    of whom it is not known that HubSpot did it."""

    def keep(self, key: str, value: str, now: datetime) -> None:
        """Remembers what HubSpot said, with what it changed."""

    def again_of(self, people: Collection[int], waits: Waits) -> None:
        """Has the records of contracts that these people look after read for this, where they wait
        for nothing."""


def follow_owners(
    people: Begin[OwnersTransaction],
    pulling: Begin[PullingTransaction],
    owners: Owners,
    rule: EditRule,
    now: datetime,
    *,
    came: bool,
) -> None:
    """Follows what has changed among the owners since it was looked at last. `came`: deals were
    taken in since, and maybe people with them. Deals of an owner whose new address is somebody
    else's here are read anew. Raises what an import raises."""
    with pulling() as transaction:
        before = OwnersSaid.from_text(transaction.kept(OWNERS))
    moved = before.moved(owners)
    left = {moved.get(email, email): done for email, done in before.left.items()}
    known = {email for email, done in left.items() if done is not None or not came}
    gone, back = owners.left - known, owners.here & left.keys()
    kept = {email: done for email, done in left.items() if email not in back}
    if not (moved or gone or back) and OwnersSaid(kept, owners.addresses) == before:
        return
    with people() as transaction:
        if moved or gone or back:
            book = PeopleBook(transaction.everybody())
            changing = _Changing.of(transaction, book, rule, {*moved, *gone, *back})
            transaction.again_of(changing.move(moved), Waits.HISTORY)
            kept |= changing.leave(gone)
            changing.come_back({email for email in back if left[email]})
            changing.write(now)
        said = OwnersSaid(kept, owners.addresses)
        transaction.keep(OWNERS, said.as_text(), now)


@dataclass
class _Changing:
    """What is to be changed of people, and written as one import. `edits`: what was edited here of
    those it may concern."""

    transaction: PeopleTransaction
    book: PeopleBook
    rule: EditRule
    edits: Mapping[int, Sequence[Edit]]
    wanted: list[tuple[dict[str, Any], dict[str, Any]]] = field(default_factory=list)

    @classmethod
    def of(
        cls,
        transaction: PeopleTransaction,
        book: PeopleBook,
        rule: EditRule,
        emails: Collection[str],
    ) -> "_Changing":
        """Nothing yet, for the people with these addresses."""
        found = (book.find(PersonRecord(0, email, email)) for email in emails)
        ids = sorted(person["id"] for person in found if person is not None)
        return cls(transaction, book, rule, transaction.edits("people", ids) if ids else {})

    def _find(self, email: str) -> dict[str, Any] | None:
        """Who has the address."""
        return self.book.find(PersonRecord(0, email, email))

    def move(self, moved: Mapping[str, str]) -> list[int]:
        """Gives people their new addresses; those people whose new one is somebody else's here."""
        others: list[int] = []
        for old, new in moved.items():
            person, other = self._find(old), self._find(new)
            if person is None:
                continue
            if other is not None and other["id"] != person["id"]:
                others.append(person["id"])
            elif not self._edited(person, "email"):
                self.wanted.append((person, _addressed(person, old, new)))
        return others

    def leave(self, emails: Collection[str]) -> Mapping[str, bool | None]:
        """Makes people inactive; of each address whether it does."""
        found: dict[str, bool | None] = {}
        for email in sorted(emails):
            person = self._find(email)
            found[email] = None if person is None else self._becomes(person, active=False)
        return found

    def come_back(self, emails: Collection[str]) -> None:
        """Makes people active again."""
        for email in sorted(emails):
            if (person := self._find(email)) is not None:
                self._becomes(person, active=True)

    def _becomes(self, person: dict[str, Any], *, active: bool) -> bool:
        """Changes whether a person is active; whether there was something to change."""
        if bool(person["active"]) is active or self._edited(person, "active"):
            return False
        after = {"active": active} | ({"left_told_at": None} if active else {})
        self.wanted.append((person, after))
        return True

    def _edited(self, person: dict[str, Any], name: str) -> bool:
        """Whether somebody has set a field here and that stands."""
        standing = self.edits.get(person["id"], ())
        mine = (e for e in standing if e.field == name and e.value == as_json(person[name]))
        return self.rule is not EditRule.FILE and next(mine, None) is not None

    def write(self, now: datetime) -> None:
        """Writes it all."""
        if not self.wanted:
            return
        began = self.transaction.begin(SOURCE, "people", HUBSPOT, stable_key(HUBSPOT), now)
        changes = [
            RowChange("people", p["id"], {name: p[name] for name in after}, after)
            for p, after in self.wanted
        ]
        self.transaction.change([*changes, *self._ended(began.import_id)])
        self.transaction.wake_deals_of(sorted({p["id"] for p, _ in self.wanted}), now)
        report = ImportReport(file=HUBSPOT, source=SOURCE, updated=len(changes))
        self.transaction.finish(began.import_id, report.counts, now)

    def _ended(self, number: int) -> list[RowChange]:
        """The edits that are over with it."""
        found: list[RowChange] = []
        for person, after in self.wanted:
            for edit in self.edits.get(person["id"], ()):
                if edit.field in after:
                    said = as_json(after[edit.field])
                    settled = settle(edit, said, self.rule, decided=False)
                    found += of_the_edit(edit, said, settled, number)
        return found


def _addressed(person: dict[str, Any], old: str, new: str) -> dict[str, Any]:
    """A person's columns with their new address; one who is known by nothing else is called by
    it."""
    after = {"key": new} if str(person["key"]).lower() == old else {}
    after |= {"email": new} if person["email"] else {}
    return after | ({"name": new} if str(person["name"]).lower() == old else {})
