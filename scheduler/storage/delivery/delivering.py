"""The queries of delivery.

Always holds: every write about a message asks for the fence it was claimed with, so that a late
worker changes nothing.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    RowMapping,
    Select,
    and_,
    bindparam,
    case,
    func,
    or_,
    select,
    update,
)
from typing_extensions import override

from scheduler.core.deal.deal import Nudge
from scheduler.core.deal.pauses import everything
from scheduler.core.deal.people import Person
from scheduler.core.messages.circuit_breaker import probing
from scheduler.core.messages.states import Message, Shown, move_message
from scheduler.core.policy.policy import Policy
from scheduler.core.rules.routing import destinations_of
from scheduler.core.words.lexicon import ChannelName, MessageState, NudgeState
from scheduler.core.words.reasons import reason
from scheduler.ports import Rendered
from scheduler.services.delivery.delivery_store import CarriedNudge, DeliveryTransaction
from scheduler.storage.database.deals import DEALS, NUDGES, load_deals, load_people
from scheduler.storage.database.engine import upsert
from scheduler.storage.database.import_in_progress import is_coming_in
from scheduler.storage.database.meta import get_fact
from scheduler.storage.database.paused import active
from scheduler.storage.database.restored import RESTORED
from scheduler.storage.database.rows import metadata
from scheduler.storage.delivery.channel_pausing import ChannelPauseQueries
from scheduler.storage.delivery.forming import MESSAGES, insert_message
from scheduler.storage.delivery.message_rows import message_from, shown_as_json
from scheduler.storage.delivery.rerouting import instead_of, next_way
from scheduler.storage.delivery.statements import (
    FOLLOW,
    HAND_OVER,
    KEEP_TEXT,
    NAME,
    SAVE,
    SAVED,
    versions,
)

LIMITS = metadata.tables["limits"]
LOOKING = timedelta(minutes=2)
"""For how long a machine that looks an unknown message up keeps it to itself."""

FOLLOWS = {
    MessageState.SENT: NudgeState.SENT,
    MessageState.IN_DOUBT: NudgeState.IN_DOUBT,
    MessageState.HELD: NudgeState.HELD,
    MessageState.CANCELLED: NudgeState.CANCELLED,
}
_LIMITED = select(LIMITS.c.scope).where(LIMITS.c.until_at > bindparam("now"))
_QUEUED = select(MESSAGES).where(MESSAGES.c.state == MessageState.QUEUED.value)


class DeliveryQueries(ChannelPauseQueries, DeliveryTransaction):
    """Claims messages and records what became of them. `setups` are marks of this machine's
    configuration of each channel."""

    @override
    def claim(
        self,
        now: datetime,
        lease_until: datetime,
        worker: str,
        limit: int,
        channels: Collection[ChannelName],
    ) -> Sequence[Message]:
        """Up to `limit` queued messages whose time has come and whose channel is neither limited
        nor paused, now claimed; of a paused channel that is to be probed one. None from a copy that
        was put back and waits, and while a large import is coming in; where everything is paused,
        what admins must hear."""
        if get_fact(self._connection, RESTORED) is not None or is_coming_in(self._connection):
            return []
        limited = {s.partition(":")[0] for s in self._connection.scalars(_LIMITED, {"now": now})}
        free = [c for c in channels if c.value not in limited]
        conditions = [self.condition(channel, locked=False) for channel in free]
        usable = [c.channel.value for c in conditions if not c.paused]
        due = MESSAGES.c.not_before_at <= now
        if everything(active(self._connection, now)):
            due = and_(due, MESSAGES.c.kind == "alert")
        claimed = (
            list(self._claim(and_(due, MESSAGES.c.channel.in_(usable)), lease_until, worker, limit))
            if usable
            else []
        )
        for channel in (c.channel for c in conditions if c.paused and c.may_send(now)):
            claimed += self._claim_probe(channel, lease_until, worker, now)
        return [replace(message, claimed_at=now) for message in claimed]

    def _claim_probe(
        self, channel: ChannelName, lease_until: datetime, worker: str, now: datetime
    ) -> Sequence[Message]:
        """The message that tries a paused channel, one that was tried least; none while another
        worker's is on its way."""
        condition = self.condition(channel)
        if not condition.may_send(now):
            return []
        of_it = and_(MESSAGES.c.not_before_at <= now, MESSAGES.c.channel == channel.value)
        probe = self._claim(of_it, lease_until, worker, 1, MESSAGES.c.attempts)
        if probe:
            self.keep_condition(probing(condition, now))
        return probe

    @override
    def stranded(
        self, now: datetime, since: datetime, limit: int, channels: Collection[ChannelName]
    ) -> Sequence[Message]:
        return self._claim(
            and_(
                MESSAGES.c.not_before_at <= since,
                MESSAGES.c.channel.not_in([c.value for c in channels]),
            ),
            now,
            "stranded",
            limit,
        )

    def _claim(
        self,
        which: ColumnElement[bool],
        lease_until: datetime,
        worker: str,
        limit: int,
        *first: ColumnElement[Any],
    ) -> Sequence[Message]:
        """Claims queued messages, those that have waited longest first."""
        rows = self._locked(
            _QUEUED.where(which)
            .order_by(*first, MESSAGES.c.not_before_at, MESSAGES.c.id)
            .limit(limit)
        )
        if rows:
            self._connection.execute(
                update(MESSAGES)
                .where(MESSAGES.c.id.in_([r["id"] for r in rows]))
                .values(
                    state=MessageState.CLAIMED.value,
                    lease_until=lease_until,
                    claimed_by=worker,
                    fence=MESSAGES.c.fence + 1,
                )
            )
        return [
            message_from(
                r, state=MessageState.CLAIMED, lease_until=lease_until, fence=r["fence"] + 1
            )
            for r in rows
        ]

    def _locked(self, query: Select[Any]) -> Sequence[RowMapping]:
        """Rows, on PostgreSQL locked and without those another worker holds."""
        if self._connection.dialect.name == "postgresql":
            query = query.with_for_update(skip_locked=True)
        return self._connection.execute(query).mappings().all()

    @override
    def carried(self, messages: Sequence[Message]) -> Mapping[int, Sequence[CarriedNudge]]:
        ids = [m.id for m in messages]
        rows = (
            self._connection.execute(
                select(NUDGES.c.id, NUDGES.c.message_id, NUDGES.c.deal_id).where(
                    NUDGES.c.message_id.in_(ids)
                )
            ).all()
            if ids
            else []
        )
        deals = {
            d.id: d
            for d in load_deals(self._connection, list(dict.fromkeys(r.deal_id for r in rows)))
        }
        contents: dict[int, list[CarriedNudge]] = defaultdict(list)
        for row in rows:
            deal = deals[row.deal_id]
            contents[row.message_id].extend(
                CarriedNudge(n, deal) for n in deal.nudges if n.id == row.id
            )
        return contents

    @override
    def readers(self, messages: Sequence[Message]) -> Mapping[int, Person]:
        return load_people(
            self._connection, {m.person_id for m in messages if m.person_id is not None}
        )

    @override
    def wait_for_window(
        self,
        message: Message,
        until_at: datetime,
        because: str,
        now: datetime,
        *,
        decide_anew: bool,
    ) -> bool:
        """Cancels the message, if its fence stands; what it carries waits until `until_at` for a
        message of its own. `decide_anew`: the deals concerned are woken, so that the next sweep
        decides them. False where the fence does not stand."""
        over = move_message(message, MessageState.CANCELLED, reason=because, lease_until=None)
        if not self._write(over, message.fence):
            return False
        carried = and_(
            NUDGES.c.message_id == message.id,
            NUDGES.c.state.in_([NudgeState.WAITING.value, NudgeState.HELD.value]),
        )
        if decide_anew:
            deals = select(NUDGES.c.deal_id).where(carried)
            self._connection.execute(
                update(DEALS)
                .where(DEALS.c.id.in_(deals))
                .values(wake_at=now, version=DEALS.c.version + 1)
            )
        free = {"message_id": None, "due_at": until_at, "reason": because}
        delayed = func.coalesce(NUDGES.c.delayed_from, message.window_on)
        self._connection.execute(update(NUDGES).where(carried).values(delayed_from=delayed, **free))
        return True

    @override
    def note_delay(self, message: Message) -> None:
        delayed = func.coalesce(NUDGES.c.delayed_from, message.window_on)
        self._connection.execute(
            update(NUDGES).where(NUDGES.c.message_id == message.id).values(delayed_from=delayed)
        )

    @override
    def unchanged(self, carried: Sequence[CarriedNudge]) -> bool:
        if not carried:
            return True
        deals = {c.deal.id for c in carried}
        found = {row.id: row.version for row in versions(len(deals)).run(self._connection, *deals)}
        return all(found.get(c.deal.id) == c.deal.version for c in carried)

    @override
    def recipient_name(self, message: Message) -> str:
        name: str | None = (
            NAME.run(self._connection, message.person_id).scalar()
            if message.person_id is not None
            else None
        )
        return name or ""

    def _person(self, message: Message) -> Person | None:
        """The person it is for."""
        return (
            load_people(self._connection, [message.person_id]).get(message.person_id)
            if message.person_id is not None
            else None
        )

    @override
    def hand_over(self, message: Message, now: datetime) -> bool:
        channel, claimed_at = message.channel.value, message.claimed_at or now
        setup = self._setups.get(message.channel, "")
        limited, paused = (now, f"{channel}:%"), (channel, setup, claimed_at)
        return (
            HAND_OVER.run(
                self._connection, now, message.id, message.fence, now, *limited, *paused
            ).rowcount
            == 1
        )

    @override
    def save(self, message: Message, fence: int) -> bool:
        """Writes a message's state if the fence stands and the state is not there yet; nudges that
        it carries follow a final state."""
        if not self._write(message, fence):
            return False
        follows = FOLLOWS.get(message.state)
        if follows is not None:
            FOLLOW.run(self._connection, follows.value, message.sent_at, message.reason, message.id)
        return True

    def _write(self, message: Message, fence: int) -> bool:
        """Writes a message's state alone."""
        values = (
            message.state.value if name == "state" else getattr(message, name) for name in SAVED
        )
        return SAVE[message.state].run(self._connection, *values, message.id, fence).rowcount == 1

    @override
    def keep_text(self, message: Message, rendered: Rendered, shown: Shown | None) -> None:
        """Keeps what was sent, as people see it, and what its posts show; the page of a mail only
        where nothing else holds it."""
        body: dict[str, Any] = {"text": rendered.text}
        if message.channel is ChannelName.PREVIEW:
            body |= {"html": rendered.html}
        KEEP_TEXT.run(self._connection, rendered.subject, body, shown_as_json(shown), message.id)

    @override
    def keep_posts(self, message: Message, rendered: Rendered | None) -> None:
        body: dict[str, Any] | None = None
        if rendered:
            body = {
                "text": rendered.text,
                "subject": rendered.subject,
                "posts": [list(post) for post in rendered.blocks],
            }
            body |= {"order": list(rendered.order)} if rendered.order else {}
        self._connection.execute(
            update(MESSAGES)
            .where(MESSAGES.c.id == message.id, MESSAGES.c.fence == message.fence)
            .values(body=body)
        )

    @override
    def drop(self, nudges: Sequence[tuple[Nudge, str]]) -> None:
        for nudge, because in nudges:
            self._connection.execute(
                update(NUDGES)
                .where(
                    NUDGES.c.key == nudge.key,
                    NUDGES.c.state.in_([NudgeState.WAITING.value, NudgeState.HELD.value]),
                )
                .values(state=NudgeState.CANCELLED.value, reason=because)
            )

    @override
    def other_way(
        self, message: Message, configured: Collection[ChannelName], because: str, now: datetime
    ) -> bool:
        person = self._person(message)
        destinations = (
            destinations_of(person, configured) if person is not None and person.active else []
        )
        destination = next(
            (
                w
                for w in destinations
                if w[0] is not message.channel and not self.condition(w[0], locked=False).paused
            ),
            None,
        )
        if destination is None:
            return False
        went_on = replace(
            move_message(message, MessageState.IN_DOUBT),
            reason=reason("went_on", to=destination[0].value, because=because),
            lease_until=None,
        )
        if not self._write(went_on, message.fence):
            return True
        number = insert_message(
            self._connection,
            instead_of(message, destination, message.recipient, person, message.language, because),
            now,
        )
        waiting = and_(
            NUDGES.c.message_id == message.id, NUDGES.c.state == NudgeState.WAITING.value
        )
        self._connection.execute(update(NUDGES).where(waiting).values(message_id=number))
        return True

    @override
    def reroute(
        self,
        message: Message,
        policy: Policy,
        configured: Collection[ChannelName],
        because: str,
        now: datetime,
    ) -> bool:
        """Gives a dead message's nudges their recipient's next way out, then their manager, then
        the fallback; False where there is none and they are dead too."""
        onward = (
            next_way(self._connection, message, self._person(message), policy, configured, now)
            if message.kind != "alert"
            else None
        )
        waiting = and_(
            NUDGES.c.message_id == message.id, NUDGES.c.state == NudgeState.WAITING.value
        )
        if onward is None:
            self._connection.execute(
                update(NUDGES).where(waiting).values(state=NudgeState.DEAD.value, reason=because)
            )
            return False
        destination, recipient, person = onward
        language = (
            message.language if recipient == message.recipient else policy.language_of(person)
        )
        number = insert_message(
            self._connection,
            instead_of(message, destination, recipient, person, language, because),
            now,
        )
        self._connection.execute(update(NUDGES).where(waiting).values(message_id=number))
        went_on = reason(
            "went_on",
            to=recipient if recipient != message.recipient else destination[0].value,
            because=because,
        )
        self._connection.execute(
            update(MESSAGES).where(MESSAGES.c.id == message.id).values(reason=went_on)
        )
        return True

    @override
    def pass_on(
        self,
        message: Message,
        policy: Policy,
        configured: Collection[ChannelName],
        because: str,
        now: datetime,
    ) -> bool:
        over = move_message(message, MessageState.CANCELLED, reason=because, lease_until=None)
        if not self._write(over, message.fence):
            return False
        self.reroute(message, policy, configured, because, now)
        return True

    @override
    def limit(self, scope: str, until_at: datetime, because: str) -> None:
        """Nobody uses `scope` before `until_at`, or before a later limit that is known already."""
        new = upsert(self._connection, LIMITS).values(
            scope=scope, until_at=until_at, reason=because
        )
        self._connection.execute(
            new.on_conflict_do_update(
                index_elements=[LIMITS.c.scope],
                set_={"until_at": new.excluded.until_at, "reason": new.excluded.reason},
                where=LIMITS.c.until_at < new.excluded.until_at,
            )
        )

    @override
    def expired(self, now: datetime, limit: int) -> Sequence[Message]:
        rows = self._locked(select(MESSAGES).where(MESSAGES.c.lease_until <= now).limit(limit))
        late = [r["id"] for r in rows if r["handed_over_at"] is None]
        if late:
            self._connection.execute(
                update(MESSAGES).where(MESSAGES.c.id.in_(late)).values(fence=MESSAGES.c.fence + 1)
            )
        return [message_from(r, fence=r["fence"] + (r["id"] in late)) for r in rows]

    @override
    def unsettled(
        self, now: datetime, given_up: datetime, limit: int, channels: Collection[ChannelName]
    ) -> Sequence[Message]:
        """Unknown messages that are due to be looked up, on channels that work; of a channel that
        is not ours, those handed over before `given_up`. A paused channel is asked too when it is
        to be probed, because nothing else may be waiting that could show that it works again; such
        a look does not count as the first that could be made. For a while no other worker sees
        these messages."""
        conditions = [self.condition(c, locked=False) for c in channels]
        working = [c.channel.value for c in conditions if not c.paused]
        asked = [c.channel.value for c in conditions if not c.paused or c.may_send(now)]
        ours = or_(MESSAGES.c.channel.in_(asked), _foreign(channels, given_up))
        query = select(MESSAGES).where(
            MESSAGES.c.state == MessageState.UNKNOWN.value, MESSAGES.c.not_before_at <= now, ours
        )
        rows = self._locked(query.order_by(MESSAGES.c.not_before_at, MESSAGES.c.id).limit(limit))
        if rows:
            looked_at = case(
                (MESSAGES.c.channel.in_(working), func.coalesce(MESSAGES.c.looked_at, now)),
                else_=MESSAGES.c.looked_at,
            )
            taken = update(MESSAGES).where(MESSAGES.c.id.in_([r["id"] for r in rows]))
            self._connection.execute(
                taken.values(
                    not_before_at=now + LOOKING, looked_at=looked_at, fence=MESSAGES.c.fence + 1
                )
            )
        first = {
            r["id"]: r["looked_at"] or (now if r["channel"] in working else None) for r in rows
        }
        return [message_from(r, fence=r["fence"] + 1, looked_at=first[r["id"]]) for r in rows]


def _foreign(channels: Collection[ChannelName], given_up: datetime) -> ColumnElement[bool]:
    """The condition for messages handed over long ago on a channel that this machine does not
    have."""
    return and_(
        MESSAGES.c.channel.not_in([c.value for c in channels]),
        MESSAGES.c.handed_over_at <= given_up,
    )
