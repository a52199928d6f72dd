"""The queries of the inbox. Always holds: one row for each envelope, and one worker at a time on
it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite
from typing_extensions import override

from scheduler.services.answers.inbox import InboxTransaction, Kept
from scheduler.storage.database.rows import metadata
from scheduler.storage.database.transactions import OnConnection

ENVELOPES = metadata.tables["envelopes"]


class InboxQueries(OnConnection, InboxTransaction):
    """Keeps envelopes, and notes which of them are dealt with."""

    @override
    def keep(self, envelope_id: str, kind: str, payload: Mapping[str, Any], now: datetime) -> int:
        insert = (
            postgresql.insert if self._connection.dialect.name == "postgresql" else sqlite.insert
        )
        row = {
            "envelope_id": envelope_id,
            "kind": kind,
            "payload": dict(payload),
            "attempts": 0,
            "outcome": "",
        }
        self._connection.execute(
            insert(ENVELOPES)
            .values(**row, received_at=now, not_before_at=now)
            .on_conflict_do_nothing()
        )
        number: int = self._connection.execute(
            select(ENVELOPES.c.id).where(ENVELOPES.c.envelope_id == envelope_id)
        ).scalar_one()
        return number

    @override
    def take(self, number: int, now: datetime, until: datetime) -> Kept | None:
        free = (
            ENVELOPES.c.id == number,
            ENVELOPES.c.handled_at.is_(None),
            ENVELOPES.c.not_before_at <= now,
        )
        taken = self._connection.execute(
            update(ENVELOPES)
            .where(*free)
            .values(attempts=ENVELOPES.c.attempts + 1, not_before_at=until)
        )
        if taken.rowcount != 1:
            return None
        row = (
            self._connection.execute(select(ENVELOPES).where(ENVELOPES.c.id == number))
            .mappings()
            .one()
        )
        return Kept(row["id"], row["kind"], row["payload"], row["received_at"], row["attempts"])

    @override
    def waiting(self, since: datetime, limit: int) -> Sequence[int]:
        query = select(ENVELOPES.c.id).where(
            ENVELOPES.c.handled_at.is_(None), ENVELOPES.c.not_before_at <= since
        )
        return list(self._connection.scalars(query.order_by(ENVELOPES.c.received_at).limit(limit)))

    @override
    def settle(self, number: int, outcome: str, now: datetime) -> None:
        self._connection.execute(
            update(ENVELOPES)
            .where(ENVELOPES.c.id == number)
            .values(handled_at=now, outcome=outcome)
        )

    @override
    def put_off(self, number: int, until: datetime, because: str) -> None:
        self._connection.execute(
            update(ENVELOPES)
            .where(ENVELOPES.c.id == number)
            .values(not_before_at=until, outcome=because)
        )
