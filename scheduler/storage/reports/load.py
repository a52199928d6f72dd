"""What comes on which day, as the report of the load reads it. Always holds: the database counts,
by owner and day; only open deals are counted."""

from collections.abc import Collection, Iterator, Mapping
from datetime import date
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Connection, func, select, true
from typing_extensions import override

from scheduler.core.reports.asked import ReportScope
from scheduler.core.reports.load import ComingDay, LoadKind
from scheduler.core.time.dates import local_day
from scheduler.services.reports.load import LoadReading
from scheduler.storage.database.deals import CONTRACTS, CUSTOMERS, DEALS, PEOPLE
from scheduler.storage.database.schema import require_current
from scheduler.storage.database.transactions import OnConnection
from scheduler.storage.digests.standing import OPEN

_JOINED = DEALS.join(CONTRACTS, CONTRACTS.c.id == DEALS.c.contract_id).join(
    CUSTOMERS, CUSTOMERS.c.id == CONTRACTS.c.customer_id
)


class LoadRows(OnConnection, LoadReading):
    """The rows of the report of the load."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        require_current(connection)

    @override
    def coming(
        self, renewing: Collection[str], scope: ReportScope, zone: ZoneInfo, today: date
    ) -> Iterator[ComingDay]:
        renewals = DEALS.c.pipeline.in_(renewing)
        for kind, day in ((LoadKind.RENEWAL, CONTRACTS.c.ends_on), (LoadKind.DEADLINE, _DECIDE_BY)):
            within = [renewals, day >= scope.from_on, day <= scope.until_on]
            for owner, on, contracts in self._counted(day, scope, *within):
                yield ComingDay(owner, kind, on, contracts)
        local = lru_cache(maxsize=None)(lambda at: max(local_day(at, zone), today))
        for owner, at, contracts in self._counted(DEALS.c.wake_at, scope, true()):
            yield ComingDay(owner, LoadKind.NUDGE, local(at), contracts)

    def _counted(
        self, day: ColumnElement[Any], scope: ReportScope, *meant: ColumnElement[bool]
    ) -> Iterator[tuple[int | None, Any, int]]:
        """(owner, day, open contracts) of the deals selected by the filters, except the owner
        filter."""
        by = (CONTRACTS.c.owner_id, day, *_FILTERED)
        query = (
            select(*by, func.count())
            .select_from(_JOINED)
            .where(OPEN, day.is_not(None), *meant)
            .group_by(*by)
        )
        for owner, on, pipeline, currency, segment, contracts in self._connection.execute(
            query
        ).all():
            if scope.wants_contract(pipeline=pipeline, currency=currency, segment=segment):
                yield owner, on, contracts

    @override
    def colleagues(self) -> Mapping[int, tuple[str, str | None, str | None]]:
        query = select(PEOPLE.c.id, PEOPLE.c.name, PEOPLE.c.email, PEOPLE.c.team)
        return {
            number: (name, email, team)
            for number, name, email, team in self._connection.execute(query)
        }


_DECIDE_BY = CONTRACTS.c.decide_by
_FILTERED = (DEALS.c.pipeline, CONTRACTS.c.currency, CUSTOMERS.c.segment)
"""What filters look at apart from the owner."""
