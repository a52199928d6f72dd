"""The queries of delivery.

Always holds: every write about a message asks for the fence it was claimed with, so that a late worker changes nothing.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, RowMapping, Select, and_, func, or_, select, update

from scheduler.core.deal import Nudge
from scheduler.core.keys import stable_key
from scheduler.core.messages import Message
from scheduler.core.people import Person
from scheduler.core.policy import Policy
from scheduler.core.reasons import reason
from scheduler.core.routing import Way, way_of_address, ways_of
from scheduler.core.words import ChannelName, Language, MessageState, NudgeState
from scheduler.ports import Rendered
from scheduler.services.deliver import Carried
from scheduler.storage.deals import DEALS, NUDGES, load_deals, load_people
from scheduler.storage.delivery_statements import FOLLOW, HAND_OVER, KEEP_TEXT, NAME, SAVE, SAVED, versions
from scheduler.storage.engine import transaction, upsert
from scheduler.storage.forming import MESSAGES, alert_admins, insert_message
from scheduler.storage.rows import metadata

LIMITS = metadata.tables["limits"]
LOOKING = timedelta(minutes=2)
"""For how long a machine that looks an unknown message up keeps it to itself."""

FOLLOWS = {
    MessageState.SENT: NudgeState.SENT,
    MessageState.IN_DOUBT: NudgeState.IN_DOUBT,
    MessageState.HELD: NudgeState.HELD,
    MessageState.CANCELLED: NudgeState.CANCELLED,
}


class DeliveryRows:
    """scheduler.services.deliver.DeliveryStore on SQL."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @contextmanager
    def delivering(self) -> Iterator["Delivering"]:
        """A transaction that commits at the end of the block and rolls back on any error."""
        with transaction(self._engine) as connection:
            yield Delivering(connection)


class Delivering:
    """scheduler.services.deliver.DeliveryTransaction on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def claim(self, now: datetime, lease_until: datetime, worker: str, limit: int, channels: Collection[ChannelName]) -> Sequence[Message]:
        """Up to `limit` queued messages whose time has come and whose channel is not limited, now claimed."""
        limited = {s.partition(":")[0] for s in self._connection.scalars(select(LIMITS.c.scope).where(LIMITS.c.until_at > now))}
        usable = [c.value for c in channels if c.value not in limited]
        return self._claim(and_(MESSAGES.c.not_before_at <= now, MESSAGES.c.channel.in_(usable)), lease_until, worker, limit)

    def stranded(self, now: datetime, since: datetime, limit: int, channels: Collection[ChannelName]) -> Sequence[Message]:
        """Messages due since `since` on other channels than these, now claimed: nobody seems to have their channel any more."""
        return self._claim(and_(MESSAGES.c.not_before_at <= since, MESSAGES.c.channel.not_in([c.value for c in channels])), now, "stranded", limit)

    def _claim(self, which: ColumnElement[bool], lease_until: datetime, worker: str, limit: int) -> Sequence[Message]:
        """Claims queued messages, those that have waited longest first."""
        query = select(MESSAGES).where(MESSAGES.c.state == MessageState.QUEUED.value, which)
        rows = self._locked(query.order_by(MESSAGES.c.not_before_at, MESSAGES.c.id).limit(limit))
        if rows:
            self._connection.execute(
                update(MESSAGES)
                .where(MESSAGES.c.id.in_([r["id"] for r in rows]))
                .values(state=MessageState.CLAIMED.value, lease_until=lease_until, claimed_by=worker, fence=MESSAGES.c.fence + 1)
            )
        return [message_from(r, state=MessageState.CLAIMED, lease_until=lease_until, fence=r["fence"] + 1) for r in rows]

    def _locked(self, query: Select[Any]) -> Sequence[RowMapping]:
        """Rows, on PostgreSQL locked and without those another worker holds."""
        if self._connection.dialect.name == "postgresql":
            query = query.with_for_update(skip_locked=True)
        return self._connection.execute(query).mappings().all()

    def carried(self, messages: Sequence[Message]) -> Mapping[int, Sequence[Carried]]:
        """What each message carries, deals and nudges as they are now."""
        ids = [m.id for m in messages]
        rows = (
            self._connection.execute(select(NUDGES.c.id, NUDGES.c.message_id, NUDGES.c.deal_id).where(NUDGES.c.message_id.in_(ids))).all()
            if ids
            else []
        )
        deals = {d.id: d for d in load_deals(self._connection, list(dict.fromkeys(r.deal_id for r in rows)))}
        contents: dict[int, list[Carried]] = defaultdict(list)
        for row in rows:
            deal = deals[row.deal_id]
            contents[row.message_id].extend(Carried(n, deal) for n in deal.nudges if n.id == row.id)
        return contents

    def unchanged(self, carried: Sequence[Carried]) -> bool:
        """Whether deals and nudges are still as they were read."""
        if not carried:
            return True
        deals = {c.deal.id for c in carried}
        found = {row.id: row.version for row in versions(len(deals)).run(self._connection, *deals)}
        return all(found.get(c.deal.id) == c.deal.version for c in carried)

    def recipient_name(self, message: Message) -> str:
        """Whom it is for, as he is addressed; empty for an address."""
        name: str | None = NAME.run(self._connection, message.person_id).scalar() if message.person_id is not None else None
        return name or ""

    def _person(self, message: Message) -> Person | None:
        """The person it is for."""
        return load_people(self._connection, [message.person_id]).get(message.person_id) if message.person_id is not None else None

    def hand_over(self, message: Message, now: datetime) -> bool:
        """Writes `handed_over_at` if the fence stands, the lease has not run out and nobody limited the channel meanwhile."""
        limit = f"{message.channel.value}:%"
        return HAND_OVER.run(self._connection, now, message.id, message.fence, now, now, limit).rowcount == 1

    def save(self, message: Message, fence: int) -> bool:
        """Writes a message's state if the fence stands and the state is not there yet; nudges that it carries follow a final state."""
        values = (message.state.value if name == "state" else getattr(message, name) for name in SAVED)
        if SAVE[message.state].run(self._connection, *values, message.id, fence).rowcount != 1:
            return False
        follows = FOLLOWS.get(message.state)
        if follows is not None:
            FOLLOW.run(self._connection, follows.value, message.sent_at, message.reason, message.id)
        return True

    def keep_text(self, message: Message, rendered: Rendered) -> None:
        """Keeps what was sent, as people see it; the page of a mail only where nothing else holds it."""
        body: dict[str, Any] = {"text": rendered.text}
        if message.channel is ChannelName.PREVIEW:
            body |= {"html": rendered.html}
        KEEP_TEXT.run(self._connection, rendered.subject, body, message.id)

    def keep_posts(self, message: Message, rendered: Rendered | None) -> None:
        """Keeps a message of several posts as it goes out, so that it is finished as it began; None: nothing of it went out."""
        body = {"text": rendered.text, "subject": rendered.subject, "posts": [list(post) for post in rendered.blocks]} if rendered else None
        self._connection.execute(update(MESSAGES).where(MESSAGES.c.id == message.id, MESSAGES.c.fence == message.fence).values(body=body))

    def drop(self, nudges: Sequence[tuple[Nudge, str]]) -> None:
        """Cancels nudges, each with its reason."""
        for nudge, because in nudges:
            self._connection.execute(
                update(NUDGES)
                .where(NUDGES.c.key == nudge.key, NUDGES.c.state.in_([NudgeState.WAITING.value, NudgeState.HELD.value]))
                .values(state=NudgeState.CANCELLED.value, reason=because)
            )

    def reroute(self, message: Message, policy: Policy, configured: Collection[ChannelName], because: str, now: datetime) -> bool:
        """Gives a dead message's nudges their recipient's next way out, or the fallback; False where there is none and they are dead too."""
        way, recipient = self._next_way(message, policy, configured)
        if way is None or message.kind == "alert":
            self._connection.execute(
                update(NUDGES)
                .where(NUDGES.c.message_id == message.id, NUDGES.c.state == NudgeState.WAITING.value)
                .values(state=NudgeState.DEAD.value, reason=because)
            )
            return False
        values = {
            "key": stable_key("instead", message.key, *way),
            "kind": message.kind,
            "recipient": recipient,
            "person_id": message.person_id if recipient == message.recipient else None,
            "channel": way[0].value,
            "address": way[1],
            "language": message.language.value,
            "window_on": message.window_on,
            "facts": dict(message.facts) if message.facts else None,
            "reason": reason("instead", channel=message.channel.value, because=because),
        }
        number = insert_message(self._connection, values, now)
        self._connection.execute(
            update(NUDGES).where(NUDGES.c.message_id == message.id, NUDGES.c.state == NudgeState.WAITING.value).values(message_id=number)
        )
        return True

    def _next_way(self, message: Message, policy: Policy, configured: Collection[ChannelName]) -> tuple[Way | None, str]:
        """The recipient's way after this one, after his last the fallback of the first nudge's pipeline."""
        person, this = self._person(message), (message.channel, message.address)
        ways = ways_of(person, configured) if person and person.active else []
        left = [(w, message.recipient) for w in (ways[ways.index(this) + 1 :] if this in ways else ways)]
        pipeline = self._connection.scalar(
            select(func.min(DEALS.c.pipeline)).join(NUDGES, NUDGES.c.deal_id == DEALS.c.id).where(NUDGES.c.message_id == message.id)
        )
        if pipeline is not None and message.kind == "nudges":
            fallback = policy.fallback_of(pipeline)
            left.append((way_of_address(fallback, configured), fallback))
        return next(((w, r) for w, r in left if w != this), (None, ""))

    def limit(self, scope: str, until_at: datetime, because: str) -> None:
        """Nobody uses `scope` before `until_at`, or later where somebody knows of a longer limit."""
        new = upsert(self._connection, LIMITS).values(scope=scope, until_at=until_at, reason=because)
        self._connection.execute(
            new.on_conflict_do_update(
                index_elements=[LIMITS.c.scope],
                set_={"until_at": new.excluded.until_at, "reason": new.excluded.reason},
                where=LIMITS.c.until_at < new.excluded.until_at,
            )
        )

    def alert(self, key: str, facts: Mapping[str, Any], policy: Policy, configured: Collection[ChannelName], now: datetime) -> bool:
        """Tells the admins once for each `key`; whether it was new."""
        return alert_admins(self._connection, key, facts, policy, configured, now)

    def expired(self, now: datetime, limit: int) -> Sequence[Message]:
        """Claimed or handed-over messages whose lease has run out, locked. Those not handed over get a higher fence: their worker is too late."""
        rows = self._locked(select(MESSAGES).where(MESSAGES.c.lease_until <= now).limit(limit))
        late = [r["id"] for r in rows if r["handed_over_at"] is None]
        if late:
            self._connection.execute(update(MESSAGES).where(MESSAGES.c.id.in_(late)).values(fence=MESSAGES.c.fence + 1))
        return [message_from(r, fence=r["fence"] + (r["id"] in late)) for r in rows]

    def unsettled(self, now: datetime, given_up: datetime, limit: int, channels: Collection[ChannelName]) -> Sequence[Message]:
        """Unknown messages whose time to be looked at has come, before `given_up` on any channel; out of others' sight for a while."""
        ours = or_(MESSAGES.c.channel.in_([c.value for c in channels]), MESSAGES.c.handed_over_at <= given_up)
        query = select(MESSAGES).where(MESSAGES.c.state == MessageState.UNKNOWN.value, MESSAGES.c.not_before_at <= now, ours)
        query = query.order_by(MESSAGES.c.not_before_at, MESSAGES.c.id).limit(limit)
        rows = self._locked(query)
        if rows:
            self._connection.execute(
                update(MESSAGES).where(MESSAGES.c.id.in_([r["id"] for r in rows])).values(not_before_at=now + LOOKING, fence=MESSAGES.c.fence + 1)
            )
        return [message_from(r, fence=r["fence"] + 1) for r in rows]


def message_from(row: RowMapping, **changes: Any) -> Message:
    """One row of `messages`."""
    values = {
        "id": row["id"],
        "key": row["key"],
        "kind": row["kind"],
        "recipient": row["recipient"],
        "channel": ChannelName(row["channel"]),
        "address": row["address"],
        "language": Language(row["language"]),
        "state": MessageState(row["state"]),
        "not_before_at": row["not_before_at"],
        "fence": row["fence"],
        "attempts": row["attempts"],
        "unknowns": row["unknowns"],
        "lease_until": row["lease_until"],
        "handed_over_at": row["handed_over_at"],
        "person_id": row["person_id"],
        "window_on": row["window_on"],
        "facts": row["facts"],
        "reason": row["reason"],
        "receipt": row["receipt"],
        "sent_at": row["sent_at"],
        "posts": row["body"] if row["unknowns"] and row["body"] and "posts" in row["body"] else None,
    }
    return Message(**(values | changes))
