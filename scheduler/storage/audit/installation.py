"""The queries of an installation's facts. Always holds: each uses an index, except `outcomes`,
which reads every message."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, and_, func, select, true

from scheduler.core.messages.circuit_breaker import ChannelBreaker
from scheduler.core.words.lexicon import ChannelName, MessageState, NudgeState
from scheduler.services.audit.installation import Balanced, Installation, Queue
from scheduler.storage.database.deals import DEALS, NUDGES
from scheduler.storage.database.engine import looking, transaction
from scheduler.storage.database.meta import INSTANCE, LAST_SWEEP, get_fact, set_fact
from scheduler.storage.database.paused import active, not_paused
from scheduler.storage.database.restored import read_restored
from scheduler.storage.database.revisions import newest
from scheduler.storage.database.schema import require_current
from scheduler.storage.delivery.channel_conditions import read_conditions
from scheduler.storage.delivery.forming import MESSAGES

LAST_BALANCE = "last_balance"
_WAITING = (MessageState.QUEUED.value, MessageState.CLAIMED.value)


class InstallationRows:
    """Reads how an installation is doing. `setups` are marks of this machine's configuration of
    each channel."""

    def __init__(self, reading: Engine, engine: Engine, setups: Mapping[ChannelName, str]) -> None:
        self._reading, self._engine, self._setups = reading, engine, setups

    def look(self, now: datetime) -> Installation:
        """The facts at `now`. Raises StoreUnavailableError."""
        with looking(self._reading) as connection:
            require_current(connection)
            pauses = active(connection, now)
            free = (
                NUDGES.c.deal_id.in_(select(DEALS.c.id).where(not_paused(pauses)))
                if pauses
                else true()
            )
            alarms, oldest_alarm_at = _count(
                connection, DEALS.c.wake_at, and_(DEALS.c.wake_at <= now, not_paused(pauses))
            )
            waiting = and_(
                NUDGES.c.state == NudgeState.WAITING.value,
                NUDGES.c.message_id.is_(None),
                NUDGES.c.due_at <= now,
                free,
            )
            nudges, oldest_nudge_at = _count(connection, NUDGES.c.due_at, waiting)
            held = and_(NUDGES.c.state == NudgeState.HELD.value, NUDGES.c.message_id.is_(None))
            swept, balanced = get_fact(connection, LAST_SWEEP), get_fact(connection, LAST_BALANCE)
            return Installation(
                now,
                get_fact(connection, INSTANCE) or "",
                newest(),
                datetime.fromisoformat(swept) if swept else None,
                alarms,
                oldest_alarm_at,
                nudges,
                oldest_nudge_at,
                tuple(self._queues(connection, now)),
                _messages(connection, MessageState.HELD),
                _count(connection, NUDGES.c.due_at, held)[0],
                _messages(connection, MessageState.IN_DOUBT),
                _balanced(balanced),
                tuple(pauses),
                read_restored(connection),
            )

    def _queues(self, connection: Connection, now: datetime) -> list[Queue]:
        """The queues by channel, and which channels are paused with this machine's
        configuration."""
        query = select(
            MESSAGES.c.channel,
            func.count().label("n"),
            func.min(MESSAGES.c.not_before_at).label("oldest"),
        )
        due = and_(MESSAGES.c.state.in_(_WAITING), MESSAGES.c.not_before_at <= now)
        rows = {
            row.channel: row
            for row in connection.execute(query.where(due).group_by(MESSAGES.c.channel))
        }
        paused = {
            c.channel.value: c
            for c in read_conditions(connection)
            if c.paused and c.setup == self._setups.get(c.channel, "")
        }
        return [
            _queue(ChannelName(name), rows.get(name), paused.get(name))
            for name in sorted({*rows, *paused})
        ]

    def outcomes(self) -> Mapping[tuple[str, str], int]:
        """The number of messages by (channel, state); reads every message, so it is not to be asked
        every second."""
        query = select(MESSAGES.c.channel, MESSAGES.c.state, func.count()).group_by(
            MESSAGES.c.channel, MESSAGES.c.state
        )
        with looking(self._reading) as connection:
            return {(channel, state): n for channel, state, n in connection.execute(query)}

    def note_balance(self, balanced: Balanced) -> None:
        """Keeps the result of a balance."""
        facts = {
            name: getattr(balanced, name) for name in ("balanced", "due", "nudges", "unschedulable")
        }
        said = json.dumps(facts | {"at": balanced.at.isoformat(), "faults": dict(balanced.faults)})
        with transaction(self._engine) as connection:
            set_fact(connection, LAST_BALANCE, said)


def _count(connection: Connection, instant: Any, where: Any) -> tuple[int, datetime | None]:
    """The number of rows, and the earliest of their instants."""
    row = connection.execute(select(func.count(), func.min(instant)).where(where)).one()
    return row[0], row[1]


def _messages(connection: Connection, state: MessageState) -> int:
    """The number of messages in a state."""
    return (
        connection.scalar(
            select(func.count()).select_from(MESSAGES).where(MESSAGES.c.state == state.value)
        )
        or 0
    )


def _queue(channel: ChannelName, row: Any, paused: ChannelBreaker | None) -> Queue:
    """The queue of one channel."""
    waits = (row.n, row.oldest) if row is not None else (0, None)
    return Queue(
        channel,
        *waits,
        *((paused.paused_at, paused.because, paused.probe_at) if paused is not None else ()),
    )


def _balanced(said: str | None) -> Balanced | None:
    """The balance that was kept last."""
    return (
        Balanced(**(found := json.loads(said)) | {"at": datetime.fromisoformat(found["at"])})
        if said
        else None
    )
