"""The words that a report's filters know: which segments, teams, currencies and owners there
are."""

from collections.abc import Sequence

from sqlalchemy import Connection, select
from typing_extensions import override

from scheduler.services.reports.scope import ScopeReading
from scheduler.storage.database.deals import CONTRACTS, CUSTOMERS, PEOPLE
from scheduler.storage.database.schema import require_current
from scheduler.storage.database.transactions import OnConnection

_COLUMNS = {
    "segment": CUSTOMERS.c.segment,
    "team": PEOPLE.c.team,
    "currency": CONTRACTS.c.currency,
}


class ScopeRows(OnConnection, ScopeReading):
    """The rows by which the filters of reports are checked."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        require_current(connection)

    @override
    def words(self, field: str) -> Sequence[str]:
        column = _COLUMNS[field]
        query = select(column).where(column.is_not(None), column != "").distinct()
        return sorted(self._connection.scalars(query).all())

    @override
    def owners(self) -> Sequence[tuple[str, str]]:
        query = select(PEOPLE.c.name, PEOPLE.c.email).where(
            PEOPLE.c.id.in_(select(CONTRACTS.c.owner_id))
        )
        return sorted((name, email or "") for name, email in self._connection.execute(query).all())
