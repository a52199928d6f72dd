"""The queries of refreshing posted messages. Always holds: a mark that came while a message was
being refreshed is not lost."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Connection, and_, select, update
from typing_extensions import override

from scheduler.core.messages.channels import CHANGING
from scheduler.core.messages.states import Message, Shown
from scheduler.core.words.lexicon import ChannelName, MessageState
from scheduler.services.delivery.refresh import RefreshTransaction
from scheduler.storage.database.deals import NUDGES
from scheduler.storage.delivery.delivering import LIMITS, DeliveryQueries
from scheduler.storage.delivery.forming import MESSAGES
from scheduler.storage.delivery.message_rows import message_from, shown_as_json

_CHANGES = "changes:"
"""Scopes of limits that concern changing posts alone."""
_POSTED = (MessageState.SENT.value, MessageState.HANDED_OVER.value, MessageState.UNKNOWN.value)
"""Also what is on its way: it may arrive with words from before the answer."""


class RefreshQueries(DeliveryQueries, RefreshTransaction):
    """Takes posts that are to say something else, and notes how that went."""

    @override
    def take(
        self,
        now: datetime,
        until: datetime,
        limit: int,
        channels: Collection[ChannelName],
        besides: Collection[int] = (),
    ) -> Sequence[Message]:
        over = select(LIMITS.c.scope).where(
            LIMITS.c.scope.like(f"{_CHANGES}%"), LIMITS.c.until_at > now
        )
        limited = {scope.removeprefix(_CHANGES) for scope in self._connection.scalars(over)}
        named = [c.value for c in channels if c.value not in limited]
        due = and_(
            MESSAGES.c.refresh_at <= now,
            MESSAGES.c.state == MessageState.SENT.value,
            MESSAGES.c.id.not_in(besides),
        )
        query = (
            select(MESSAGES)
            .where(due, MESSAGES.c.channel.in_(named))
            .order_by(MESSAGES.c.refresh_at, MESSAGES.c.id)
            .limit(limit)
        )
        rows = self._locked(query)
        if rows:
            self._connection.execute(
                update(MESSAGES)
                .where(MESSAGES.c.id.in_([r["id"] for r in rows]))
                .values(refresh_at=until)
            )
        return [message_from(r) for r in rows]

    @override
    def note(
        self,
        message: Message,
        taken_until: datetime,
        again_at: datetime | None,
        because: str,
        shown: Shown | None,
    ) -> None:
        if shown is not None:
            self._connection.execute(
                update(MESSAGES)
                .where(MESSAGES.c.id == message.id)
                .values(shown=shown_as_json(shown))
            )
        values = {"refresh_at": again_at} | (
            {"reason": because} if because and again_at is None else {}
        )
        self._connection.execute(
            update(MESSAGES)
            .where(MESSAGES.c.id == message.id, MESSAGES.c.refresh_at == taken_until)
            .values(**values)
        )

    @override
    def limit_changes(self, channel: ChannelName, until_at: datetime, because: str) -> None:
        self.limit(f"{_CHANGES}{channel.value}", until_at, because)


def mark_posted(connection: Connection, deal_ids: Collection[int], now: datetime) -> None:
    """Every copy that was posted about these deals is to show what became of them."""
    carrying = select(NUDGES.c.message_id).where(
        NUDGES.c.deal_id.in_(deal_ids), NUDGES.c.message_id.is_not(None)
    )
    posted = and_(
        MESSAGES.c.id.in_(carrying),
        MESSAGES.c.channel.in_([name.value for name in CHANGING]),
        MESSAGES.c.state.in_(_POSTED),
    )
    connection.execute(update(MESSAGES).where(posted).values(refresh_at=now))
