"""The rows of what became of records. Always holds: a pause that somebody ended is not begun again
for the same state."""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import Connection, and_, bindparam, delete, insert, or_, select, update
from typing_extensions import override

from scheduler.core.deal.pauses import Pause, Scope
from scheduler.core.sync.identity import RecordFound, RecordState
from scheduler.core.sync.passages import HUBSPOT
from scheduler.core.sync.records import STAGE
from scheduler.core.sync.states import Waits
from scheduler.core.sync.terms import SOURCE
from scheduler.services.sync.census import CensusTransaction
from scheduler.storage.database.deals import CONTRACTS, DEALS
from scheduler.storage.database.rows import metadata
from scheduler.storage.database.transactions import OnConnection
from scheduler.storage.delivery.pauses import PauseQueries
from scheduler.storage.sync.pulling import in_pieces, waits_for

LEDGER = metadata.tables["hubspot_ledger"]
RECORDS, PAUSES = metadata.tables["hubspot_records"], metadata.tables["pauses"]
_BROUGHT_BACK = (RecordState.HERE.value, RecordState.RESTORED.value, RecordState.UNMAPPED.value)


def goes_on(connection: Connection, number: str | None, now: datetime) -> None:
    """Ends the pause that a state of its record began, of the contract with this number."""
    connection.execute(
        update(PAUSES)
        .where(
            PAUSES.c.scope == Scope.CONTRACT.value,
            PAUSES.c.name == number,
            PAUSES.c.actor == HUBSPOT,
            PAUSES.c.ended_at.is_(None),
        )
        .values(ended_at=now, ended_by=HUBSPOT)
    )


class CensusRows(OnConnection, CensusTransaction):
    """Keeps what became of records."""

    @override
    def known(self) -> Mapping[str, RecordState]:
        rows = self._connection.execute(
            select(RECORDS.c.record_id, RECORDS.c.state).where(
                RECORDS.c.state != RecordState.MERGED.value
            )
        )
        return {row.record_id: RecordState(row.state) for row in rows}

    @override
    def waiting_for(self, waits: Waits, limit: int) -> Mapping[str, bool]:
        rows = self._connection.execute(
            select(RECORDS.c.record_id, RECORDS.c.state)
            .where(waits_for(waits))
            .order_by(RECORDS.c.read_at, RECORDS.c.record_id)
            .limit(limit)
        )
        return {row.record_id: row.state == RecordState.ARCHIVED.value for row in rows}

    @override
    def asked_for(self, ids: Collection[str], now: datetime) -> None:
        for some in in_pieces(ids):
            self._connection.execute(
                update(RECORDS).where(RECORDS.c.record_id.in_(some)).values(read_at=now)
            )

    @override
    def settle(self, found: RecordFound, because: str, now: datetime) -> bool:
        was = self._connection.scalar(
            select(RECORDS.c.state).where(RECORDS.c.record_id == found.id)
        )
        self._connection.execute(
            update(RECORDS)
            .where(RECORDS.c.record_id == found.id)
            .values(state=found.state.value, into=found.into, waits="", read_at=now)
        )
        if was is None or was == found.state.value:
            return False
        number = self._number(found.id)
        if number is not None and because:
            pause = Pause(Scope.CONTRACT, number, now, None, because, HUBSPOT)
            pausing = PauseQueries(self._connection)
            pausing.end(pause)
            pausing.begin(pause)
        elif number is not None and was not in _BROUGHT_BACK:
            goes_on(self._connection, number, now)
        return True

    def _number(self, record: str) -> str | None:
        """The number of the contract that is this record."""
        return self._connection.scalar(
            select(CONTRACTS.c.number)
            .join(DEALS, DEALS.c.contract_id == CONTRACTS.c.id)
            .where(
                CONTRACTS.c.source == SOURCE,
                CONTRACTS.c.source_id == record,
                DEALS.c.voided_at.is_(None),
            )
        )

    @override
    def read(self, ids: Collection[str], now: datetime) -> None:
        known = set(self._among(ids))
        rows = [
            {"record_id": id, "raw": {}, "read_at": now, "waits": Waits.HISTORY.value, "held": ""}
            for id in sorted(set(ids) - known)
        ]
        if rows:
            self._connection.execute(insert(RECORDS), rows)
        self._wait(known, Waits.HISTORY)

    @override
    def differing(self, values: Mapping[str, str]) -> Collection[str]:
        found: set[str] = set()
        mark = update(RECORDS).where(RECORDS.c.record_id == bindparam("id_"))
        mark = mark.values(counted_values=bindparam("mark_"))
        for some in in_pieces(values):
            query = select(RECORDS.c.record_id, RECORDS.c.counted_values)
            rows = self._connection.execute(query.where(RECORDS.c.record_id.in_(some))).all()
            news = [row for row in rows if row.counted_values != values[row.record_id]]
            if news:
                marks = [{"id_": id, "mark_": values[id]} for id, _ in news]
                self._connection.execute(mark, marks)
            found.update(row.record_id for row in news if row.counted_values)
        return found

    @override
    def look(self, ids: Collection[str]) -> None:
        self._wait(ids, Waits.LOOK)

    @override
    def trim_ledger(self, before: datetime) -> None:
        later = LEDGER.alias("later")
        same = and_(later.c.record_id == LEDGER.c.record_id, later.c.name == LEDGER.c.name)
        is_not_last = select(later.c.id).where(same, later.c.id > LEDGER.c.id).exists()
        self._connection.execute(
            delete(LEDGER).where(
                LEDGER.c.at < before,
                LEDGER.c.checked_at.is_not(None),
                or_(LEDGER.c.name != STAGE, is_not_last),
            )
        )

    def _among(self, ids: Collection[str]) -> Collection[str]:
        """The known ones."""
        found: list[str] = []
        for some in in_pieces(ids):
            query = select(RECORDS.c.record_id).where(RECORDS.c.record_id.in_(some))
            found += self._connection.scalars(query)
        return found

    def _wait(self, ids: Collection[str], waits: Waits) -> None:
        """Lets records wait for something."""
        for some in in_pieces(ids):
            self._connection.execute(
                update(RECORDS).where(RECORDS.c.record_id.in_(some)).values(waits=waits.value)
            )
