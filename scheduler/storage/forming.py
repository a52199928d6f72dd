"""The queries of forming messages. Always holds: one machine forms at a time (SQLite lets one transaction write, PostgreSQL takes a lock)."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, and_, case, func, insert, select, text, true, update

from scheduler.core.keys import stable_key
from scheduler.core.policy import Policy
from scheduler.core.routing import Way, way_of_address
from scheduler.core.words import ChannelName, Language, MessageState, NudgeState, Urgency
from scheduler.services.form import Waiting, WindowMessage
from scheduler.storage.deals import DEALS, NUDGES, load_people
from scheduler.storage.engine import transaction
from scheduler.storage.rows import metadata

MESSAGES = metadata.tables["messages"]
_FORMING_LOCK = 7_220_118
_PRESSES = NUDGES.c.urgency != Urgency.NORMAL.value


class FormingRows:
    """scheduler.services.form.FormingStore on SQL."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @contextmanager
    def forming(self) -> Iterator["Forming"]:
        """A transaction that commits at the end of the block and rolls back on any error."""
        with transaction(self._engine) as connection:
            yield Forming(connection)


class Forming:
    """scheduler.services.form.FormingTransaction on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def waiting(self, now: datetime, limit: int) -> Sequence[Waiting]:
        """Recipients with nudges due at `now` that no message carries. Empty while another machine is forming."""
        if self._connection.dialect.name == "postgresql" and not self._connection.scalar(
            text("SELECT pg_try_advisory_xact_lock(:n)"), {"n": _FORMING_LOCK}
        ):
            return []
        query = (
            select(
                NUDGES.c.recipient,
                func.max(NUDGES.c.person_id).label("person_id"),
                func.min(DEALS.c.pipeline).label("pipeline"),
                func.sum(case((NUDGES.c.urgency == Urgency.URGENT.value, 1), else_=0)).label("urgent"),
                func.sum(case((_PRESSES, 1), else_=0)).label("pressing"),
                func.sum(case((and_(NUDGES.c.late, ~_PRESSES), 1), else_=0)).label("late"),
            )
            .join(DEALS, DEALS.c.id == NUDGES.c.deal_id)
            .where(_waits(now))
            .group_by(NUDGES.c.recipient)
            .limit(limit)
        )
        rows = self._connection.execute(query).all()
        people = load_people(self._connection, {r.person_id for r in rows if r.person_id is not None})
        return [Waiting(r.recipient, people.get(r.person_id), r.pipeline, r.urgent, r.pressing, r.late) for r in rows]

    def message_of(self, recipient: str, window_on: date) -> WindowMessage:
        """What the recipient already has in this window."""
        query = select(MESSAGES.c.id, MESSAGES.c.state).where(
            MESSAGES.c.recipient == recipient, MESSAGES.c.window_on == window_on, MESSAGES.c.kind == "nudges"
        )
        rows = self._connection.execute(query).all()
        queued = next((r.id for r in rows if r.state == MessageState.QUEUED.value), None)
        return WindowMessage(queued, any(r.state != MessageState.CANCELLED.value for r in rows), len(rows))

    def join(self, recipient: str, message_id: int, now: datetime) -> None:
        """The waiting nudges go with that message."""
        self._change(recipient, now, message_id=message_id, reason="")

    def open(self, key: str, waiting: Waiting, way: Way, language: Language, window_on: date, now: datetime) -> None:
        """A new message carries the waiting nudges."""
        values = {
            "key": key,
            "kind": "nudges",
            "recipient": waiting.recipient,
            "person_id": waiting.person.id if waiting.person else None,
            "channel": way[0].value,
            "address": way[1],
            "language": language.value,
            "window_on": window_on,
        }
        self.join(waiting.recipient, insert_message(self._connection, values, now), now)

    def put_off(self, recipient: str, until_at: datetime, because: str, now: datetime, *, pressing_too: bool = True) -> None:
        """The waiting nudges (or only those that do not press) are not looked at before `until_at`."""
        which = true() if pressing_too else ~_PRESSES
        self._connection.execute(update(NUDGES).where(_waits(now), NUDGES.c.recipient == recipient, which).values(due_at=until_at, reason=because))

    def hold_late(self, recipient: str, because: str, now: datetime) -> int:
        """Holds the late nudges that do not press until an admin releases them; how many."""
        held = update(NUDGES).where(_waits(now), NUDGES.c.recipient == recipient, NUDGES.c.late, ~_PRESSES)
        return self._connection.execute(held.values(state=NudgeState.HELD.value, reason=because)).rowcount

    def decide_anew(self, recipient: str, now: datetime) -> None:
        """Sets the alarm of every deal that has a nudge waiting for this recipient."""
        waiting = select(NUDGES.c.deal_id).where(_waits(now), NUDGES.c.recipient == recipient)
        self._connection.execute(update(DEALS).where(DEALS.c.id.in_(waiting)).values(wake_at=now, version=DEALS.c.version + 1))

    def alert(self, key: str, facts: Mapping[str, Any], policy: Policy, configured: Collection[ChannelName], now: datetime) -> bool:
        """Tells the admins once for each `key`; whether it was new."""
        return alert_admins(self._connection, key, facts, policy, configured, now)

    def redirect(self, waiting: Waiting, address: str, because: str, now: datetime) -> None:
        """The waiting nudges are for that address now."""
        self._change(waiting.recipient, now, recipient=address, person_id=None, role="fallback", because=because)

    def _change(self, whose: str, now: datetime, **values: Any) -> None:
        """Changes the waiting nudges of a recipient."""
        self._connection.execute(update(NUDGES).where(_waits(now), NUDGES.c.recipient == whose).values(**values))


def _waits(now: datetime) -> ColumnElement[bool]:
    """Nudges that are due and that no message carries."""
    return and_(NUDGES.c.state == NudgeState.WAITING.value, NUDGES.c.message_id.is_(None), NUDGES.c.due_at <= now)


def insert_message(connection: Connection, values: dict[str, Any], now: datetime) -> int:
    """A queued message; returns its number."""
    complete = {
        "state": MessageState.QUEUED.value,
        "reason": "",
        "created_at": now,
        "not_before_at": now,
        "fence": 0,
        "attempts": 0,
        "unknowns": 0,
    } | values
    number: int = connection.execute(insert(MESSAGES).values(**complete).returning(MESSAGES.c.id)).scalar_one()
    return number


def alert_admins(
    connection: Connection, key: str, facts: Mapping[str, Any], policy: Policy, configured: Collection[ChannelName], now: datetime
) -> bool:
    """Queues an alert for each admin, once for each `key`; whether it was new."""
    new = False
    for address in policy.admins:
        message_key = stable_key("alert", key, address)
        if connection.scalar(select(MESSAGES.c.id).where(MESSAGES.c.key == message_key)) is not None:
            continue
        channel, to = way_of_address(address, configured)
        values = {"key": message_key, "kind": "alert", "recipient": address, "channel": channel.value, "address": to}
        insert_message(connection, values | {"language": policy.language.value, "facts": dict(facts)}, now)
        new = True
    return new
