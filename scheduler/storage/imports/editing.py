"""Editing by hand, in the database: an import whose one row a person said. Always holds: what an
edit changes is kept like what an import does."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select
from typing_extensions import override

from scheduler.core.deal.deal import Deal
from scheduler.core.deal.pipeline import Passage
from scheduler.core.imports.by_hand import EDITS as KIND
from scheduler.core.imports.records import customer_key
from scheduler.services.imports.edit_store import (
    CalledCustomer,
    EditTransaction,
    NewEdit,
)
from scheduler.services.imports.store import StoredTerm
from scheduler.storage.database.deals import ABSENCES, load_deals, load_passages
from scheduler.storage.database.naming import named
from scheduler.storage.imports.importing import ImportQueries
from scheduler.storage.imports.looking import CHANGES, EDITS, IMPORTS
from scheduler.storage.imports.reading import CONTRACTS, CUSTOMERS, DEALS, PEOPLE, read_stored


class EditQueries(ImportQueries, EditTransaction):
    """The storage that editing by hand needs beyond what a file needs."""

    @override
    def begin_edit(self, source: str, what: str, actor: str, now: datetime) -> int:
        """Writes the import's row and returns its number. Raises ImportUnderWayError."""
        row = {"kind": KIND, "file": what, "sha256": "", "first_load": False, "actor": actor}
        return self._begun(source, now, row)

    @override
    def set_by_hand(self, edits: Sequence[NewEdit]) -> None:
        fields = [
            {
                "table_name": e.table,
                "row_id": e.row,
                "field": e.field,
                "value": e.value,
                "was": e.was,
            }
            for e in edits
        ]
        self._insert(EDITS, [row | {"import_id": self._import_id} for row in fields])

    @override
    def called(self, contract: str) -> Sequence[StoredTerm]:
        return read_stored(self._connection, named(contract))[::-1]

    @override
    def owned(self, person: int) -> Sequence[StoredTerm]:
        return read_stored(
            self._connection, (CONTRACTS.c.owner_id == person) & DEALS.c.closed_at.is_(None)
        )

    @override
    def of_person(self, person: int) -> Sequence[StoredTerm]:
        return read_stored(
            self._connection, or_(CONTRACTS.c.owner_id == person, CONTRACTS.c.sales_id == person)
        )

    @override
    def of_customer(self, customer: int) -> Sequence[StoredTerm]:
        return read_stored(
            self._connection, (CONTRACTS.c.customer_id == customer) & DEALS.c.closed_at.is_(None)
        )

    @override
    def customers_called(self, name: str) -> Sequence[CalledCustomer]:
        """The customers of this name, of any source, whatever its width, case and spaces."""
        key = customer_key(name)
        query = select(CUSTOMERS.c.id, CUSTOMERS.c.source, CUSTOMERS.c.source_id, CUSTOMERS.c.name)
        where = or_(
            CUSTOMERS.c.source_id == key,
            CUSTOMERS.c.name == name,
            func.lower(CUSTOMERS.c.name) == name.lower(),
        )
        found = [
            CalledCustomer(*row)
            for row in self._connection.execute(query.where(where).order_by(CUSTOMERS.c.id))
        ]
        return [c for c in found if customer_key(c.name) == key]

    @override
    def deals(self, ids: Collection[int]) -> Sequence[Deal]:
        return load_deals(self._connection, list(ids))

    @override
    def way(self, deal: int) -> Sequence[Passage]:
        return load_passages(self._connection, [deal])[deal]

    @override
    def closing(self, deal: int) -> dict[str, Any]:
        row = (
            self._connection.execute(
                select(DEALS.c.closed_at, DEALS.c.won, DEALS.c.lost).where(DEALS.c.id == deal)
            )
            .mappings()
            .one()
        )
        return dict(row)

    @override
    def last_edit(self, contracts: Collection[int], *, undone: bool = False) -> int | None:
        query = (
            select(func.max(IMPORTS.c.id))
            .join(CHANGES, CHANGES.c.import_id == IMPORTS.c.id, isouter=True)
            .where(IMPORTS.c.kind == KIND, IMPORTS.c.state == ("undone" if undone else "completed"))
        )
        changed = (CHANGES.c.table_name == "contracts") & CHANGES.c.row_id.in_(contracts)
        opened = IMPORTS.c.id.in_(
            select(CONTRACTS.c.import_id).where(CONTRACTS.c.id.in_(contracts))
        )
        closed = (CHANGES.c.table_name == "deals") & CHANGES.c.row_id.in_(
            select(DEALS.c.id).where(DEALS.c.contract_id.in_(contracts))
        )
        number: int | None = self._connection.scalar(query.where(or_(changed, opened, closed)))
        return number

    @override
    def absences_of(self, people: Collection[int]) -> Sequence[dict[str, Any]]:
        theirs = or_(ABSENCES.c.person_id.in_(people), ABSENCES.c.delegate_id.in_(people))
        query = (
            select(ABSENCES)
            .where(ABSENCES.c.cancelled_at.is_(None), theirs)
            .order_by(ABSENCES.c.id)
        )
        return [dict(row) for row in self._connection.execute(query).mappings()]

    @override
    def managed(self, person: int) -> Sequence[int]:
        return list(
            self._connection.scalars(select(PEOPLE.c.id).where(PEOPLE.c.manager_id == person))
        )
