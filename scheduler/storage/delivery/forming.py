"""The queries of forming messages. Always holds: one machine forms at a time (SQLite lets one
transaction write, PostgreSQL takes a lock)."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    case,
    func,
    insert,
    select,
    text,
    true,
    update,
)
from typing_extensions import override

from scheduler.core.policy.policy import Policy
from scheduler.core.rules.routing import Destination, destination_of_address
from scheduler.core.words.keys import stable_key
from scheduler.core.words.lexicon import ChannelName, Language, MessageState, NudgeState, Urgency
from scheduler.services.delivery.alerts import AlertTransaction
from scheduler.services.delivery.form import FormingTransaction, WaitingRecipient, WindowMessage
from scheduler.storage.database.deals import DEALS, NUDGES, load_people
from scheduler.storage.database.engine import upsert
from scheduler.storage.database.import_in_progress import is_coming_in
from scheduler.storage.database.paused import but_held_back
from scheduler.storage.database.rows import metadata
from scheduler.storage.database.transactions import OnConnection
from scheduler.storage.delivery.pauses import FORMING_LOCK

MESSAGES = metadata.tables["messages"]
_PRESSES = NUDGES.c.urgency != Urgency.NORMAL.value
_RECIPIENTS = (
    select(
        NUDGES.c.recipient,
        func.max(NUDGES.c.person_id).label("person_id"),
        func.min(DEALS.c.pipeline).label("pipeline"),
        func.sum(case((NUDGES.c.urgency == Urgency.URGENT.value, 1), else_=0)).label("urgent"),
        func.sum(case((_PRESSES, 1), else_=0)).label("pressing"),
        func.sum(case((and_(NUDGES.c.late, ~_PRESSES), 1), else_=0)).label("late"),
    )
    .join(DEALS, DEALS.c.id == NUDGES.c.deal_id)
    .group_by(NUDGES.c.recipient)
)


class AlertQueries(OnConnection, AlertTransaction):
    """Tells the admins."""

    @override
    def alert(
        self,
        key: str,
        facts: Mapping[str, Any],
        policy: Policy,
        configured: Collection[ChannelName],
        now: datetime,
    ) -> bool:
        return alert_admins(self._connection, key, facts, policy, configured, now)


class FormingQueries(AlertQueries, FormingTransaction):
    """Makes messages of what waits."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._but: ColumnElement[bool] = true()

    def _waits(self, now: datetime) -> ColumnElement[bool]:
        """Nudges that are due, that no message carries, and that no pause holds back."""
        return and_(_due_without_message(now), self._but)

    @override
    def waiting(self, now: datetime, limit: int) -> Sequence[WaitingRecipient]:
        """Recipients with nudges due at `now` that no message carries. Empty while another machine
        is forming, and while a large import is coming in."""
        if is_coming_in(self._connection):
            return []
        if self._connection.dialect.name == "postgresql" and not self._connection.scalar(
            text("SELECT pg_try_advisory_xact_lock(:n)"), {"n": FORMING_LOCK}
        ):
            return []
        self._but = but_held_back(self._connection, now)
        rows = self._connection.execute(_RECIPIENTS.where(self._waits(now)).limit(limit)).all()
        people = load_people(
            self._connection, {r.person_id for r in rows if r.person_id is not None}
        )
        return [
            WaitingRecipient(
                r.recipient, people.get(r.person_id), r.pipeline, r.urgent, r.pressing, r.late
            )
            for r in rows
        ]

    @override
    def message_of(self, recipient: str, window_on: date) -> WindowMessage:
        """What the recipient already has in this window, locked: a nudge that joined after the
        claim would never be said.

        Nor does anything join a message that may have arrived: of two mails with one Message-ID the
        second may be thrown away.
        """
        query = select(MESSAGES.c.id, MESSAGES.c.state, MESSAGES.c.unknowns).where(
            MESSAGES.c.recipient == recipient,
            MESSAGES.c.window_on == window_on,
            MESSAGES.c.kind == "nudges",
        )
        if self._connection.dialect.name == "postgresql":
            query = query.with_for_update()
        rows = self._connection.execute(query).all()
        queued = next(
            (r.id for r in rows if r.state == MessageState.QUEUED.value and not r.unknowns), None
        )
        return WindowMessage(
            queued, any(r.state != MessageState.CANCELLED.value for r in rows), len(rows)
        )

    @override
    def join(self, recipient: str, message_id: int, now: datetime) -> None:
        self._change(recipient, now, message_id=message_id, reason="")

    @override
    def open(
        self,
        key: str,
        waiting: WaitingRecipient,
        destination: Destination,
        language: Language,
        window_on: date,
        now: datetime,
    ) -> None:
        values = {
            "key": key,
            "kind": "nudges",
            "recipient": waiting.recipient,
            "person_id": waiting.person.id if waiting.person else None,
            "channel": destination[0].value,
            "address": destination[1],
            "language": language.value,
            "window_on": window_on,
        }
        self.join(waiting.recipient, insert_message(self._connection, values, now), now)

    @override
    def put_off(
        self,
        recipient: str,
        until_at: datetime,
        because: str,
        now: datetime,
        *,
        pressing_too: bool = True,
    ) -> None:
        which = true() if pressing_too else ~_PRESSES
        self._connection.execute(
            update(NUDGES)
            .where(self._waits(now), NUDGES.c.recipient == recipient, which)
            .values(due_at=until_at, reason=because)
        )

    @override
    def hold_late(self, recipient: str, because: str, now: datetime) -> int:
        held = update(NUDGES).where(
            self._waits(now), NUDGES.c.recipient == recipient, NUDGES.c.late, ~_PRESSES
        )
        return self._connection.execute(
            held.values(state=NudgeState.HELD.value, reason=because)
        ).rowcount

    @override
    def decide_anew(self, recipient: str, now: datetime) -> None:
        waiting = select(NUDGES.c.deal_id).where(self._waits(now), NUDGES.c.recipient == recipient)
        self._connection.execute(
            update(DEALS)
            .where(DEALS.c.id.in_(waiting))
            .values(wake_at=now, version=DEALS.c.version + 1)
        )

    @override
    def redirect(
        self, waiting: WaitingRecipient, address: str, because: str, now: datetime
    ) -> None:
        self._change(
            waiting.recipient,
            now,
            recipient=address,
            person_id=None,
            role="fallback",
            because=because,
        )

    def _change(self, whose: str, now: datetime, **values: Any) -> None:
        """Changes the waiting nudges of a recipient."""
        self._connection.execute(
            update(NUDGES).where(self._waits(now), NUDGES.c.recipient == whose).values(**values)
        )


def _due_without_message(now: datetime) -> ColumnElement[bool]:
    """Nudges that are due and that no message carries."""
    return and_(
        NUDGES.c.state == NudgeState.WAITING.value,
        NUDGES.c.message_id.is_(None),
        NUDGES.c.due_at <= now,
    )


def columns_when_restored(
    connection: Connection, nudge: ColumnElement[bool], state: str, now: datetime
) -> dict[str, Any]:
    """The columns of a cancelled nudge that is to be in `state` again, besides its reason: a held
    one stays in a message that has not gone on without it; otherwise it is due at once, for a
    message of its own."""
    carrier = (
        select(MESSAGES.c.state).join(NUDGES, NUDGES.c.message_id == MESSAGES.c.id).where(nudge)
    )
    stays = (None, MessageState.HELD.value, MessageState.QUEUED.value)
    if state == NudgeState.HELD.value and connection.scalar(carrier) in stays:
        return {"state": state}
    return {"state": NudgeState.WAITING.value, "message_id": None, "due_at": now}


def insert_message(connection: Connection, values: dict[str, Any], now: datetime) -> int:
    """A queued message; returns its number."""
    number: int = connection.execute(
        insert(MESSAGES).values(**_queued(values, now)).returning(MESSAGES.c.id)
    ).scalar_one()
    return number


def insert_once(connection: Connection, values: dict[str, Any], now: datetime) -> bool:
    """Queues a message unless there is one with its key; returns whether it is new. Of two who do
    it at once, one makes it."""
    new = (
        upsert(connection, MESSAGES)
        .on_conflict_do_nothing(index_elements=[MESSAGES.c.key])
        .returning(MESSAGES.c.id)
    )
    return connection.execute(new, _queued(values, now)).scalar() is not None


def _queued(values: dict[str, Any], now: datetime) -> dict[str, Any]:
    """The columns of a queued message."""
    return {
        "state": MessageState.QUEUED.value,
        "reason": "",
        "created_at": now,
        "not_before_at": now,
        "fence": 0,
        "attempts": 0,
        "unknowns": 0,
    } | values


def alert_admins(
    connection: Connection,
    key: str,
    facts: Mapping[str, Any],
    policy: Policy,
    configured: Collection[ChannelName],
    now: datetime,
) -> bool:
    """Queues an alert for each admin, once for each `key`; whether it was new."""
    queued = [
        queue_alert(
            connection,
            key,
            address,
            destination_of_address(address, configured),
            facts,
            policy,
            now,
        )
        for address in policy.admins
    ]
    return any(queued)


def queue_alert(
    connection: Connection,
    key: str,
    recipient: str,
    destination: Destination,
    facts: Mapping[str, Any],
    policy: Policy,
    now: datetime,
) -> bool:
    """Queues an alert for one address, once for each `key`; whether it was new."""
    channel, to = destination
    values = {
        "key": stable_key("alert", key, recipient),
        "kind": "alert",
        "recipient": recipient,
        "channel": channel.value,
        "address": to,
    }
    return insert_once(
        connection, values | {"language": policy.language.value, "facts": dict(facts)}, now
    )
