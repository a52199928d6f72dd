"""The rows that say what is paused.

Always holds: a pause that is over keeps its row, with who ended it; nothing that has begun to go
out is called back.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import and_, exists, false, func, insert, or_, select, update
from typing_extensions import override

from scheduler.core.deal.deal import Deal
from scheduler.core.deal.pauses import Pause
from scheduler.core.words.lexicon import MessageState, NudgeState
from scheduler.core.words.reasons import reason
from scheduler.services.deals.pauses import PausesLook, PausesTransaction
from scheduler.storage.database.deals import CONTRACTS, DEALS, NUDGES, load_deals
from scheduler.storage.database.naming import same
from scheduler.storage.database.paused import PAUSES, active, covered_by, numbers_of_terms
from scheduler.storage.database.rows import metadata
from scheduler.storage.database.transactions import OnConnection, take_turn

MESSAGES = metadata.tables["messages"]
FORMING_LOCK = 7_220_118
"""PostgreSQL: whoever makes messages of what waits has it, and whoever takes back what waits, so
that neither works with what the other changes."""
_NOT_BEGUN = (MessageState.QUEUED.value, MessageState.CLAIMED.value)
_MEANT_ON = func.coalesce(
    NUDGES.c.delayed_from,
    select(MESSAGES.c.window_on).where(MESSAGES.c.id == NUDGES.c.message_id).scalar_subquery(),
)
_NEAR = timedelta(days=14)
"""How long after its last working day a deadline may lie: the longest holidays."""


class PauseRows(OnConnection, PausesLook):
    """The pauses in force, and whom they concern."""

    @override
    def standing(self, now: datetime) -> Sequence[Pause]:
        return active(self._connection, now)

    @override
    def of_contract(self, wanted: Pause) -> Pause | None:
        column = CONTRACTS.c.number
        number = self._connection.scalar(
            select(column).where(same(column, wanted.name)).order_by(column != wanted.name).limit(1)
        )
        if number is None:
            return None
        numbers = numbers_of_terms(self._connection, [number])[number]
        return replace(wanted, name=number, numbers=numbers)

    @override
    def open_deals(self, pauses: Sequence[Pause], first_on: date, last_on: date) -> Sequence[Deal]:
        near = or_(
            *(
                day.between(first_on, last_on + _NEAR)
                for day in (CONTRACTS.c.decide_by, CONTRACTS.c.ends_on)
            )
        )
        covered = or_(false(), *(covered_by(pause) for pause in pauses))
        query = select(DEALS.c.id).join(CONTRACTS, CONTRACTS.c.id == DEALS.c.contract_id)
        ids = self._connection.scalars(
            query.where(near, covered, DEALS.c.closed_at.is_(None), DEALS.c.voided_at.is_(None))
        )
        return load_deals(self._connection, sorted(ids))


class PauseQueries(PauseRows, PausesTransaction):
    """Begins and ends pauses."""

    @override
    def begin(self, pause: Pause) -> int:
        """Pauses; what waits leaves the message it is in and keeps the day it was meant for.
        Returns how many nudges wait."""
        take_turn(self._connection, FORMING_LOCK)
        values = {
            "scope": pause.scope.value,
            "name": pause.name,
            "because": pause.because,
            "actor": pause.by,
        }
        self._connection.execute(
            insert(PAUSES).values(**values, since_at=pause.since_at, until_at=pause.until_at)
        )
        begun = exists().where(
            MESSAGES.c.id == NUDGES.c.message_id,
            or_(
                MESSAGES.c.state.not_in(_NOT_BEGUN),
                MESSAGES.c.unknowns > 0,
                MESSAGES.c.handed_over_at.is_not(None),
            ),
        )
        covered = NUDGES.c.deal_id.in_(select(DEALS.c.id).where(covered_by(pause)))
        waits = and_(
            NUDGES.c.state == NudgeState.WAITING.value,
            covered,
            or_(NUDGES.c.message_id.is_(None), ~begun),
        )
        deals = select(NUDGES.c.deal_id).where(waits, NUDGES.c.message_id.is_not(None))
        self._connection.execute(
            update(DEALS).where(DEALS.c.id.in_(deals)).values(version=DEALS.c.version + 1)
        )
        taken: dict[str, Any] = {
            "message_id": None,
            "reason": reason("paused", because=pause.because or "—"),
            "delayed_from": _MEANT_ON,
        }
        count = self._connection.execute(update(NUDGES).where(waits).values(taken)).rowcount
        self._cancel_empty()
        return count

    def _cancel_empty(self) -> None:
        """Messages that have lost all they carried."""
        carried = exists().where(NUDGES.c.message_id == MESSAGES.c.id)
        empty = and_(
            MESSAGES.c.kind == "nudges", MESSAGES.c.state == MessageState.QUEUED.value, ~carried
        )
        self._connection.execute(
            update(MESSAGES)
            .where(empty)
            .values(state=MessageState.CANCELLED.value, reason=reason("nothing_left"))
        )

    @override
    def end(self, wanted: Pause) -> int:
        now = wanted.since_at
        stands = and_(
            PAUSES.c.scope == wanted.scope.value,
            PAUSES.c.name.in_(wanted.names),
            PAUSES.c.ended_at.is_(None),
        )
        over = or_(PAUSES.c.until_at.is_(None), PAUSES.c.until_at > now)
        return self._connection.execute(
            update(PAUSES).where(stands, over).values(ended_at=now, ended_by=wanted.by)
        ).rowcount
