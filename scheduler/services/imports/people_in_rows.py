"""The people that a file's rows name: found, or created by the name they have there."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from scheduler.core.imports.records import (
    ContractRecord,
    better_spelt,
    customer_key,
    person_key,
    several_people,
    who_is_meant,
)
from scheduler.core.imports.texts import FieldError
from scheduler.services.imports.one_import import Import, Row
from scheduler.services.imports.store import KnownPerson, RowChange


@dataclass(slots=True)
class PeopleDirectory:
    """The people, found by e-mail, else by name (width and case do not count). Unknown people are
    created when the batch is written."""

    by_email: dict[str, int]
    by_name: dict[str, list[int]]
    names: dict[int, str] = field(default_factory=dict)

    @classmethod
    def of(cls, people: Sequence[KnownPerson]) -> "PeopleDirectory":
        """A directory of these people. A merged person is found as the other one, under each of
        their names and addresses."""
        names: dict[str, list[int]] = {}
        meant = who_is_meant({p.id: p.merged_into for p in people})
        for person in people:
            for key in {person_key(person.name), person.key} - {""}:
                same = names.setdefault(key, [])
                same += [meant[person.id]] if meant[person.id] not in same else []
        return cls(
            {p.email.lower(): meant[p.id] for p in people if p.email},
            names,
            {p.id: p.name for p in people},
        )

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
class PeopleInRows:
    """Finds the people whom rows name, and reports who is new or written otherwise. Of several in
    one cell the first who is known is meant, else the first (`chosen`)."""

    of: Import
    directory: PeopleDirectory
    chosen: dict[str, str] = field(default_factory=dict)
    joined: set[str] = field(default_factory=set)
    introduced: dict[int, str] = field(default_factory=dict)
    respelt: dict[int, str] = field(default_factory=dict)

    def of_rows(
        self,
        records: Sequence[ContractRecord],
        reject: Callable[[ContractRecord, FieldError], None],
    ) -> dict[int, tuple[int | None, int | None]]:
        """The owner and sales person of each row by its line; rows that name an ambiguous person
        go to `reject`, and are missing here."""
        named = dict.fromkeys(text for r in records for text in (r.owner, r.sales) if text)
        self.chosen |= {text: self._one_of(text) for text in named if text not in self.chosen}
        wanted = dict.fromkeys(self.chosen[text] for text in named)
        missing = [text for text in wanted if not self._known(text)]
        if missing:
            self._introduce(missing)
        found: dict[int, tuple[int | None, int | None]] = {}
        met: dict[str, int | None] = {}
        for record in records:
            try:
                found[record.line] = (
                    self._met(record.owner, "owner", met),
                    self._met(record.sales, "sales", met),
                )
            except FieldError as error:
                reject(record, error)
        return found

    def named(self, row: Row) -> Row:
        """A row whose people are called by their names, as all that is told of them is; a file may
        name them by their addresses."""
        record, owner, sales = row
        names = self.directory.names
        owner_name = names.get(owner or 0) or record.owner
        sales_name = names.get(sales or 0) or record.sales
        if (owner_name, sales_name) == (record.owner, record.sales):
            return row
        return replace(record, owner=owner_name, sales=sales_name), owner, sales

    def _met(self, text: str, column: str, met: dict[str, int | None]) -> int | None:
        """The person in a cell, looked up once per batch. Raises FieldError with the column."""
        text = self.chosen.get(text, text)
        if text not in met:
            met[text] = self._person(text, column)
        return met[text]

    def _one_of(self, text: str) -> str:
        """The person who is meant by a cell that may name several; who is known by all of it is
        one. Reports whom it took."""
        parts, sure = several_people(text)
        known = [part for part in parts if self._known_before(part)]
        if len(parts) == 1 or customer_key(text) in self.directory.by_name or not (sure or known):
            return text
        one = (*known, *parts)[0]
        self.of.report.several = self.of.report.several.plus(f"{text} → {one}")
        return one

    def _known_before(self, text: str) -> bool:
        """Whether somebody of that name was there before this import: the order of its rows says
        nothing."""
        return self._known(text) and not self.introduced.keys() & set(
            self.directory.by_name.get(person_key(text), ())
        )

    def _known(self, text: str) -> bool:
        """Whether the directory has that name, at least once."""
        try:
            return self.directory.find(text) is not None
        except FieldError:
            return True

    def _person(self, text: str, column: str) -> int | None:
        """The person in a cell. Raises FieldError with the column."""
        try:
            found = self.directory.find(text) if text else None
            if found is not None and "@" not in text:
                self._said_joined(text, found)
            return found
        except FieldError as error:
            error.field = column
            raise

    def _said_joined(self, written: str, person_id: int) -> None:
        """Reports once that a spelling was taken for a person with another spelling; a new person
        keeps the better one."""
        name = self.directory.names.get(person_id, "")
        if not name or name == written or written in self.joined:
            return
        self.joined.add(written)
        self.of.report.joined = self.of.report.joined.plus(f"{written} = {name}")
        if person_id in self.introduced:
            self.respelt[person_id] = better_spelt(written, self.respelt.get(person_id, name))

    def _introduce(self, names: list[str]) -> None:
        """Creates the people a file names for the first time: they have no address, so the
        pipeline's fallback gets what is for them."""
        by_key: dict[str, str] = {}
        for name in names:
            by_key.setdefault(person_key(name), name)
        fresh = list(by_key.items())
        for (key, name), person_id in zip(
            fresh, self.of.transaction.add_people(fresh), strict=True
        ):
            self.directory.add(key, person_id)
            self.directory.names[person_id] = self.introduced[person_id] = name
            self.of.report.unknown_owners = self.of.report.unknown_owners.plus(name)

    def respell(self) -> None:
        """Names new people by the better of their spellings."""
        respelt = {
            i: (self.introduced[i], name)
            for i, name in self.respelt.items()
            if name != self.introduced[i]
        }
        self.of.transaction.change(
            [
                RowChange("people", i, {"name": old}, {"name": new})
                for i, (old, new) in respelt.items()
            ]
        )
