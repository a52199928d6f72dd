"""The customers of a source: found by their id there, made when a contract names one for the first
time, changed when rows say something else.

Always holds: rows of one file that contradict each other about a customer come to the same,
whatever their order: a value beats none, a name in plain width one in full width, else the later
one in the alphabet stays.
"""

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import Connection, insert, select, update

from scheduler.core.imports.records import ContractRecord, better_spelt, customer_key
from scheduler.services.imports.missing_contracts import ContractsSeen
from scheduler.services.imports.store import CustomerNews, RowChange, SeenCustomers
from scheduler.storage.database.bulk import Ids, among
from scheduler.storage.imports.reading import CUSTOMERS

_COLUMNS = ("name", "country", "segment", "parent_id")
_Said = tuple[str, str, str, str]
"""Name, country, segment, key of the parent; an empty text where nothing is said."""


class Customers:
    """Customers of one import."""

    def __init__(self, connection: Connection, ids: Ids) -> None:
        self._connection = connection
        self._ids = ids
        self._spoken = ContractsSeen()
        self._rows: dict[str, int] = {}
        self._only_parents: set[int] = set()
        self._named: dict[int, tuple[str, str]] = {}

    def rows_of(
        self, source: str, records: Sequence[ContractRecord], import_id: int
    ) -> Mapping[str, int]:
        """Row ids by the source's id of the customer, made where they were not there. Those seen
        last are remembered."""
        if not all(r.customer_id in self._rows for r in records):
            self._rows = {}
            said, parents = _said(records), self._parents(source, records, import_id)
            found = {
                key: int(row[0])
                for key, row in among(self._connection, "customers", "id", source, said).items()
            }
            self._rows = found | self._made(
                source, {k: v for k, v in said.items() if k not in found}, parents, import_id
            )
        return self._rows

    def see(
        self,
        source: str,
        records: Sequence[ContractRecord],
        present: frozenset[str],
        import_id: int,
    ) -> tuple[list[RowChange], SeenCustomers]:
        """Makes customers that are not there; returns what rows change in the others (name,
        segment, country, parent), and the same in words for people."""
        self._named = {}
        said, parents = _said(records), self._parents(source, records, import_id)
        found = among(self._connection, "customers", f"id, {', '.join(_COLUMNS)}", source, said)
        made = self._made(
            source, {k: v for k, v in said.items() if k not in found}, parents, import_id
        )
        self._rows = {key: int(row[0]) for key, row in found.items()} | made
        told = {"name", *("parent_id" if f == "parent" else f for f in present)}
        changes, news = [], []
        for key, (row_id, *was) in found.items():
            before = dict(zip(_COLUMNS, was, strict=True))
            now = dict(zip(_COLUMNS, _columns(said[key], parents), strict=True))
            after = {
                name: now[name] for name in _COLUMNS if name in told and now[name] != before[name]
            }
            if after and self._spoken.has(row_id):
                after = {
                    name: value
                    for name, value in after.items()
                    if self._beats(name, value, before[name])
                }
            if after:
                changes.append(
                    RowChange("customers", row_id, {name: before[name] for name in after}, after)
                )
                news += [
                    CustomerNews(key, *self._worded(name, before[name], value))
                    for name, value in after.items()
                ]
        earlier = {
            key: str(name) for key, (row_id, name, *_) in found.items() if self._spoken.has(row_id)
        }
        self._spoken.saw(self._rows.values())
        self._only_parents -= set(self._rows.values())
        return changes, SeenCustomers(news, _joined(records, said, earlier))

    def _parents(
        self, source: str, records: Sequence[ContractRecord], import_id: int
    ) -> Mapping[str, int]:
        """The rows of parents by their keys, made where they were not there."""
        named: dict[str, _Said] = {}
        for parent in (r.parent for r in records if r.parent):
            key = customer_key(parent)
            named[key] = (
                better_spelt(parent, named[key][0]) if key in named else parent,
                "",
                "",
                "",
            )
        if not named:
            return {}
        found = among(self._connection, "customers", "id, name", source, named)
        for key, (row_id, name) in found.items():
            if row_id in self._only_parents and name != named[key][0] == better_spelt(
                name, named[key][0]
            ):
                self._connection.execute(
                    update(CUSTOMERS).where(CUSTOMERS.c.id == row_id).values(name=named[key][0])
                )
        made = self._made(source, {k: v for k, v in named.items() if k not in found}, {}, import_id)
        self._only_parents |= set(made.values())
        return {key: int(row[0]) for key, row in found.items()} | made

    def _made(
        self, source: str, missing: Mapping[str, _Said], parents: Mapping[str, int], import_id: int
    ) -> dict[str, int]:
        """New customers; their ids."""
        ids = self._ids.take(CUSTOMERS, len(missing))
        rows = [
            dict(zip(_COLUMNS, _columns(said, parents), strict=True))
            | {"id": id_, "source": source, "source_id": key, "import_id": import_id}
            for (key, said), id_ in zip(missing.items(), ids, strict=True)
        ]
        if rows:
            self._connection.execute(insert(CUSTOMERS), rows)
        return dict(zip(missing, ids, strict=True))

    def _beats(self, name: str, value: str | int | None, before: str | int | None) -> bool:
        """Whether a value replaces another that this file has said before: the better spelling of a
        name, of anything else the later in the alphabet."""
        if name == "name":
            return better_spelt(str(value), str(before)) == value
        if name != "parent_id":
            return str(value or "") > str(before or "")
        return self._parent(value)[0] > self._parent(before)[0]

    def _worded(
        self, name: str, before: str | int | None, after: str | int | None
    ) -> tuple[str, str, str]:
        """A field, what it was and is, as people are told."""
        if name == "parent_id":
            return "parent", self._parent(before)[1], self._parent(after)[1]
        return "customer" if name == "name" else name, str(before or ""), str(after or "")

    def _parent(self, row_id: str | int | None) -> tuple[str, str]:
        """The key and the name of a parent, read once for all rows that are seen together; empty
        texts without one."""
        if row_id is None:
            return "", ""
        if (number := int(row_id)) not in self._named:
            row = self._connection.execute(
                select(CUSTOMERS.c.source_id, CUSTOMERS.c.name).where(CUSTOMERS.c.id == number)
            ).one()
            self._named[number] = row.source_id, row.name
        return self._named[number]


def _said(records: Iterable[ContractRecord]) -> dict[str, _Said]:
    """The customers that rows name, by the source's id of each."""
    found: dict[str, _Said] = {}
    for r in records:
        said = (
            r.customer,
            r.country or "",
            r.segment or "",
            customer_key(r.parent) if r.parent else "",
        )
        before = found.get(r.customer_id)
        if before is None:
            found[r.customer_id] = said
        elif before != said:
            _, country, segment, parent = map(max, before, said)
            found[r.customer_id] = (better_spelt(before[0], said[0]), country, segment, parent)
    return found


def _joined(
    records: Iterable[ContractRecord], said: Mapping[str, _Said], earlier: Mapping[str, str]
) -> list[tuple[str, str]]:
    """The other spellings of a customer's name in a file, each with the one that is kept.
    `earlier`: the names that earlier rows of the file gave."""
    kept = {key: said[key][0] for key in said} | {
        key: better_spelt(name, said[key][0]) for key, name in earlier.items()
    }
    written = [
        (r.customer, kept[r.customer_id]) for r in records if r.customer != kept[r.customer_id]
    ]
    written += [(name, kept[key]) for key, name in earlier.items() if name != kept[key]]
    return [
        (one, other)
        for one, other in dict.fromkeys(written)
        if customer_key(one) == customer_key(other)
    ]


def _columns(
    said: _Said, parents: Mapping[str, int]
) -> tuple[str, str | None, str | None, int | None]:
    """The values as columns."""
    name, country, segment, parent = said
    return name, country or None, segment or None, parents.get(parent)
