"""The queries of retry. Always holds: only dead messages, and what they carry, change."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import and_, func, select, true, update
from typing_extensions import override

from scheduler.core.deal.people import Person
from scheduler.core.words.keys import stable_key
from scheduler.core.words.lexicon import NudgeState
from scheduler.core.words.reasons import reason
from scheduler.services.delivery.resending import Retried, RetryTransaction, Undeliverable
from scheduler.storage.database.deals import NUDGES, PEOPLE
from scheduler.storage.database.transactions import OnConnection
from scheduler.storage.delivery.forming import MESSAGES, insert_message
from scheduler.storage.delivery.undelivered import CARRIED, reached_nobody
from scheduler.storage.people.absences import everybody


class RetryQueries(OnConnection, RetryTransaction):
    """Finds what could not be delivered, and queues it again."""

    @override
    def people(self) -> Sequence[Person]:
        return everybody(self._connection)

    @override
    def undeliverable(self, person: int | None, numbers: Sequence[int]) -> Sequence[Undeliverable]:
        carried = select(func.count()).where(CARRIED).correlate(MESSAGES).scalar_subquery()
        query = (
            select(MESSAGES, PEOPLE.c.name.label("name"), carried.label("carried"))
            .select_from(MESSAGES.outerjoin(PEOPLE, PEOPLE.c.id == MESSAGES.c.person_id))
            .where(
                reached_nobody(), MESSAGES.c.person_id == person if person is not None else true()
            )
            .where(MESSAGES.c.id.in_(numbers) if numbers else true())
            .order_by(MESSAGES.c.id)
        )
        return [
            Undeliverable(
                r.id,
                r.name or r.recipient,
                f"{r.channel}:{r.address}",
                r.kind,
                r.carried,
                r.created_at,
                r.reason,
            )
            for r in self._connection.execute(query)
        ]

    @override
    def again(self, numbers: Sequence[int], now: datetime) -> Retried:
        """Puts back what these messages carry; one that carries nothing is made anew."""
        waiting = {
            "state": NudgeState.WAITING.value,
            "message_id": None,
            "due_at": now,
            "reason": "",
            "late": False,
        }
        dead = and_(NUDGES.c.message_id.in_(numbers), NUDGES.c.state == NudgeState.DEAD.value)
        nudges = (
            self._connection.execute(update(NUDGES).where(dead).values(**waiting)).rowcount
            if numbers
            else 0
        )
        rows = (
            self._connection.execute(
                select(MESSAGES).where(MESSAGES.c.id.in_(numbers), MESSAGES.c.kind != "nudges")
            )
            .mappings()
            .all()
        )
        for row in rows:
            kept = (
                "kind",
                "recipient",
                "person_id",
                "channel",
                "address",
                "language",
                "window_on",
                "facts",
            )
            insert_message(
                self._connection,
                {name: row[name] for name in kept} | {"key": stable_key("again", row["key"])},
                now,
            )
            went_on = reason("went_on", to="renewals retry", because=row["reason"])
            self._connection.execute(
                update(MESSAGES).where(MESSAGES.c.id == row["id"]).values(reason=went_on)
            )
        return Retried(nudges, len(rows))
