"""The customers of a source: found by their id there, made when a contract names one for the first time."""

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, insert, select

from scheduler.core.importing import ContractRecord, customer_key
from scheduler.services.import_store import Change
from scheduler.storage.bulk import Ids, among
from scheduler.storage.import_reading import CUSTOMERS

_Customer = tuple[str, str | None, str | None, int | None]
"""Name, country, segment, row id of the parent."""


class Customers:
    """Customers of a source, found by their id there; made when a contract names one for the first time."""

    def __init__(self, connection: Connection, ids: Ids) -> None:
        self._connection = connection
        self._ids = ids

    def rows_of(self, source: str, records: Sequence[ContractRecord], import_id: int) -> Mapping[str, int]:
        """Row ids by the source's id of the customer, parents first."""
        parents: dict[str, _Customer] = {customer_key(r.parent): (r.parent, None, None, None) for r in records if r.parent}
        above = self._written(source, parents, import_id) if parents else {}
        named: dict[str, _Customer] = {}
        for r in records:
            if r.customer_id not in named:
                named[r.customer_id] = (r.customer, r.country, r.segment, above.get(customer_key(r.parent)) if r.parent else None)
        return self._written(source, named, import_id)

    def _written(self, source: str, named: Mapping[str, "_Customer"], import_id: int) -> dict[str, int]:
        """The row ids of these customers, after writing those that were not there."""
        found: dict[str, int] = {key: row[0] for key, row in among(self._connection, "customers", "id", source, named).items()}
        missing = [key for key in named if key not in found]
        ids = self._ids.take(CUSTOMERS, len(missing))
        rows = [
            dict(zip(("name", "country", "segment", "parent_id"), named[key], strict=True))
            | {"id": id_, "source": source, "source_id": key, "import_id": import_id}
            for key, id_ in zip(missing, ids, strict=True)
        ]
        if rows:
            self._connection.execute(insert(CUSTOMERS), rows)
        return found | dict(zip(missing, ids, strict=True))

    def changes(self, source: str, records: Sequence[ContractRecord], present: frozenset[str], import_id: int) -> list[Change]:
        """What changed rows say anew of customers that are there: name, segment, country, parent; the last row of a customer counts."""
        said = {r.customer_id: r for r in records}
        above = self._written(source, {customer_key(r.parent): (r.parent, None, None, None) for r in records if r.parent}, import_id)
        query = select(CUSTOMERS).where(CUSTOMERS.c.source == source, CUSTOMERS.c.source_id.in_(said))
        changes = []
        for row in self._connection.execute(query).mappings():
            record = said[row["source_id"]]
            parent = above.get(customer_key(record.parent)) if record.parent else None
            now = {"name": record.customer, "segment": record.segment, "country": record.country, "parent_id": parent}
            told = {"name", *("parent_id" if f == "parent" else f for f in present)}
            after = {name: value for name, value in now.items() if name in told and row[name] != value}
            if after:
                changes.append(Change("customers", row["id"], {name: row[name] for name in after}, after))
        return changes
