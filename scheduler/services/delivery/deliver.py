"""Deliver: waiting nudges become messages when their recipient's window opens, and messages go out
(DESIGN §7).

    0  form one transaction: all nudges that wait for a recipient whose window is open become one
       message
    1  claim      one transaction: a batch of queued messages gets a lease and a higher fence
    2  drop nudges that no longer matter leave their message; an empty message is cancelled. Where
       the reader's window has closed by now (a stop, a retry, a channel that was mended at night)
       the nudges wait for the next one, and then say that they are late
    3  render     with today's facts
    4  hand over commit `handed_over_at` if the fence and the lease still stand; else somebody else
       has it: stop
    5  send       no transaction open, a deadline shorter than the lease
    6  record     what became of it, if the fence still stands
Steps 6 of one message and 2–4 of the next share a commit.

A crash before 4 leaves a lease that expires: the message is queued again. Between 4 and 6 nobody
knows: the message becomes `unknown` and `scheduler.services.delivery.recover` looks before anything
is resent. After 6 nothing is open. A database that fails at 6 is no crash: the process knows what
became of the message, keeps it in `Delivery.unrecorded` and records it before it does anything
else.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Protocol

from scheduler.core.deal.deal import Deal, Nudge
from scheduler.core.deal.people import Person
from scheduler.core.facts.nudge_facts import message_facts, nudge_facts
from scheduler.core.messages.channel_conditions import ChannelCondition
from scheduler.core.messages.faults import FaultScope
from scheduler.core.messages.states import (
    LONGEST_SENDING,
    TELL_AFTER_ATTEMPTS,
    Message,
    Shown,
    died,
    lost_sight,
    move_message,
    retried,
    sent,
)
from scheduler.core.policy.milestone_days import zone_of
from scheduler.core.policy.policy import Policy
from scheduler.core.policy.relevance import dropped_because, event_of
from scheduler.core.rules.delivery_window import Wait, may_leave
from scheduler.core.time.dates import local_day
from scheduler.core.words.lexicon import ChannelName, MessageState
from scheduler.core.words.reasons import reason
from scheduler.ports import (
    Begin,
    Channel,
    Clock,
    Envelope,
    Links,
    NotSent,
    Outcome,
    Rendered,
    Renderer,
    Sent,
    StoreUnavailableError,
)
from scheduler.services.delivery.alerts import undelivered
from scheduler.services.delivery.channel_pauses import (
    ChannelNews,
    PausingTransaction,
    look_at_channels,
    note_failure,
    note_look,
    note_success,
    without_messages,
)


@dataclass(frozen=True, slots=True)
class CarriedNudge:
    """One nudge of a message with its deal as it is now."""

    nudge: Nudge
    deal: Deal


class CarriedLook(Protocol):
    """A look at what messages carry, and for whom."""

    def carried(self, messages: Sequence[Message]) -> Mapping[int, Sequence[CarriedNudge]]:
        """The deals and nudges that each message carries, as they are now."""

    def recipient_name(self, message: Message) -> str:
        """The name its recipient is addressed by; empty for a bare address."""


class DeliveryTransaction(CarriedLook, PausingTransaction, Protocol):
    """One open transaction on messages and nudges."""

    def claim(
        self,
        now: datetime,
        lease_until: datetime,
        worker: str,
        limit: int,
        channels: Collection[ChannelName],
    ) -> Sequence[Message]:
        """Up to `limit` queued messages whose time has come and whose channel is neither limited
        nor paused, now claimed; only one on a paused channel that is to be probed."""

    def readers(self, messages: Sequence[Message]) -> Mapping[int, Person]:
        """The people the messages are for, by number, with their absences."""

    def wait_for_window(
        self,
        message: Message,
        until_at: datetime,
        because: str,
        now: datetime,
        *,
        decide_anew: bool,
    ) -> bool:
        """Makes what the message carries wait until then for a new message, and cancels this one,
        if its fence stands. `decide_anew`: the deals' alarms ring, because somebody else may be the
        recipient by now."""

    def unchanged(self, carried: Sequence[CarriedNudge]) -> bool:
        """Whether deals and nudges are still as they were read."""

    def hand_over(self, message: Message, now: datetime) -> bool:
        """Writes `handed_over_at` if the fence stands, the lease has not run out and nobody limited
        or paused the channel meanwhile."""

    def save(self, message: Message, fence: int) -> bool:
        """Writes a message's state if the fence stands; nudges that it carries follow a final
        state."""

    def keep_text(self, message: Message, rendered: Rendered, shown: Shown | None) -> None:
        """Keeps what was sent, as people see it, and what its posts show."""

    def keep_posts(self, message: Message, rendered: Rendered | None) -> None:
        """Keeps the text of a message of several posts as it goes out, so that it is finished as it
        began; None if nothing of it went out."""

    def drop(self, nudges: Sequence[tuple[Nudge, str]]) -> None:
        """Cancels nudges, each with its reason."""

    def note_delay(self, message: Message) -> None:
        """Notes that what the message carries goes out on a later day than that of its window."""

    def reroute(
        self,
        message: Message,
        policy: Policy,
        configured: Collection[ChannelName],
        because: str,
        now: datetime,
    ) -> bool:
        """Gives a dead message's nudges their recipient's next way out, or the fallback; False
        where there is none and they are dead too."""

    def pass_on(
        self,
        message: Message,
        policy: Policy,
        configured: Collection[ChannelName],
        because: str,
        now: datetime,
    ) -> bool:
        """Like `reroute`, for a message whose reader got it instead of somebody else and is now
        away; False if its fence does not stand."""

    def other_way(
        self, message: Message, configured: Collection[ChannelName], because: str, now: datetime
    ) -> bool:
        """Sends what a message of unknown outcome carried by its reader's other way; False if the
        reader has none."""

    def limit(self, scope: str, until_at: datetime, because: str) -> None:
        """Keeps everybody from using `scope` before `until_at`."""

    def expired(self, now: datetime, limit: int) -> Sequence[Message]:
        """Claimed or handed-over messages whose lease has run out, locked. Those not handed over
        get a higher fence: their worker is too late."""

    def stranded(
        self, now: datetime, since: datetime, limit: int, channels: Collection[ChannelName]
    ) -> Sequence[Message]:
        """Messages due since `since` on channels other than these, now claimed: no machine seems to
        have their channel any more."""

    def unsettled(
        self, now: datetime, given_up: datetime, limit: int, channels: Collection[ChannelName]
    ) -> Sequence[Message]:
        """Unknown messages that are due to be looked up, on channels that work; on channels that
        are not ours, those handed over before `given_up`. They are hidden from others for a
        while."""


OUTCOMES = ("sent", "retried", "dead", "unknown", "held", "cancelled", "put_off")
"""What may become of a message in a step."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """The result of a batch. `unheard`: what the admins should be told and none of them can be;
    `news` of channels; `outcomes`: the same counts one by one, each with its channel."""

    sent: int = 0
    retried: int = 0
    dead: int = 0
    unknown: int = 0
    held: int = 0
    cancelled: int = 0
    put_off: int = 0
    released: int = 0
    unheard: tuple[str, ...] = ()
    news: tuple[ChannelNews, ...] = ()
    outcomes: tuple[tuple[ChannelName, str], ...] = field(default=(), compare=False)

    def by(self, channel: ChannelName) -> "Delivered":
        """The result of one message on that channel."""
        return replace(
            self, outcomes=tuple((channel, name) for name in OUTCOMES if getattr(self, name))
        )

    def __add__(self, other: "Delivered") -> "Delivered":
        return Delivered(*(getattr(self, f) + getattr(other, f) for f in self.__dataclass_fields__))

    @property
    def total(self) -> int:
        """Messages that were dealt with."""
        return sum(getattr(self, name) for name in OUTCOMES)


@dataclass(frozen=True, slots=True)
class Delivery:
    """The parts a delivery works with. `lease` must be longer than `send_seconds`; `loopback_only`
    for rehearsals; `links` where pages are served.

    `unrecorded` is what was sent while the database could not be written to; it is known only here.
    `known` is the condition of the channels.
    """

    delivering: Begin[DeliveryTransaction]
    channels: Mapping[ChannelName, Channel]
    renderer: Renderer
    clock: Clock
    worker: str
    lease: timedelta = timedelta(seconds=120)
    send_seconds: float = 30.0
    batch: int = 20
    loopback_only: bool = False
    links: Links | None = None
    unrecorded: "list[_Flown]" = field(default_factory=list)
    known: dict[ChannelName, ChannelCondition] = field(default_factory=dict)


def deliver_batch(
    delivery: Delivery, policy: Policy, stop: Callable[[], bool] = lambda: False
) -> Delivered:
    """Claims a batch and sends it, one message after the other. Once `stop` says so, the message in
    flight is finished and the rest are released."""
    total = _catch_up(delivery, policy)
    now = delivery.clock.now()
    with delivery.delivering() as transaction:
        total += Delivered(
            news=look_at_channels(
                transaction, delivery.known, policy, tuple(delivery.channels), now
            )
        )
        messages = transaction.claim(
            now, now + delivery.lease, delivery.worker, delivery.batch, tuple(delivery.channels)
        )
        contents, readers = transaction.carried(messages), transaction.readers(messages)
        idle = without_messages(
            transaction,
            delivery.known,
            tuple(delivery.channels),
            {m.channel for m in messages},
            now,
        )
    for number, message in enumerate(messages):
        if stop():
            return total + _release(delivery, policy, messages[number:])
        reader = readers.get(message.person_id) if message.person_id is not None else None
        total += _next(delivery, policy, message, contents.get(message.id, ()), reader)
    total += _catch_up(delivery, policy)
    return total + _look_at(delivery, policy, idle, stop)


def _look_at(
    delivery: Delivery, policy: Policy, idle: Collection[ChannelName], stop: Callable[[], bool]
) -> Delivered:
    """Probes paused channels for which no message waits; no transaction is open while their servers
    are asked. A server that is not asked because of `stop` is asked the next time."""
    total = Delivered()
    for name in idle:
        if stop():
            break
        channel = delivery.channels[name]
        if delivery.loopback_only and not channel.is_loopback():
            continue
        problems = channel.check()
        with delivery.delivering() as transaction:
            news = note_look(
                transaction,
                delivery.known,
                policy,
                tuple(delivery.channels),
                name,
                problems,
                delivery.clock.now(),
            )
        total += Delivered(news=news)
    return total


@dataclass(frozen=True, slots=True)
class _Flown:
    """A message that was sent, not yet recorded."""

    message: Message
    rendered: Rendered
    outcome: Outcome


def _next(
    delivery: Delivery,
    policy: Policy,
    message: Message,
    contents: Sequence[CarriedNudge],
    reader: Person | None,
) -> Delivered:
    """Records the message before and hands over this one in one commit, then sends it."""
    now = delivery.clock.now()
    with delivery.delivering() as transaction:
        total = _record_all(transaction, delivery, policy, now)
        prepared = _prepare(transaction, delivery, policy, message, contents, reader, now)
    delivery.unrecorded.clear()
    if isinstance(prepared, Delivered):
        return total + prepared.by(message.channel)
    handed, envelope = prepared
    outcome = delivery.channels[message.channel].send(
        envelope, min(delivery.send_seconds, LONGEST_SENDING)
    )
    delivery.unrecorded.append(_Flown(handed, envelope.rendered, outcome))
    return total


def _catch_up(delivery: Delivery, policy: Policy) -> Delivered:
    """Records what was sent and is not recorded yet: the last message of a batch, or what was left
    when the database failed.

    What the database refuses for another reason is left to `recover`.
    """
    if not delivery.unrecorded:
        return Delivered()
    try:
        with delivery.delivering() as transaction:
            total = _record_all(transaction, delivery, policy, delivery.clock.now())
    except StoreUnavailableError:
        raise
    except Exception:
        delivery.unrecorded.clear()
        raise
    delivery.unrecorded.clear()
    return total


def _release(delivery: Delivery, policy: Policy, rest: Sequence[Message]) -> Delivered:
    """On a stop, records what was sent and puts the rest back into the queue."""
    with delivery.delivering() as transaction:
        recorded = _record_all(transaction, delivery, policy, delivery.clock.now())
        released = sum(_give_back(transaction, message) for message in rest)
    delivery.unrecorded.clear()
    return recorded + Delivered(released=released)


def _give_back(transaction: DeliveryTransaction, message: Message) -> bool:
    """Puts a claimed message back into the queue, if its fence still stands."""
    return transaction.save(
        move_message(message, MessageState.QUEUED, lease_until=None), message.fence
    )


def _prepare(
    transaction: DeliveryTransaction,
    delivery: Delivery,
    policy: Policy,
    message: Message,
    contents: Sequence[CarriedNudge],
    reader: Person | None,
    now: datetime,
) -> Delivered | tuple[Message, Envelope]:
    """Steps 2 to 4: returns the envelope of a message that is handed over, or what became of the
    message instead."""
    if delivery.loopback_only and not delivery.channels[message.channel].is_loopback():
        _settle(transaction, message, MessageState.HELD, reason("rehearsal"))
        return Delivered(held=1)
    if message.kind == "nudges":
        contents = _still_wanted(transaction, policy, message, contents)
        if not contents:
            _settle(transaction, message, MessageState.CANCELLED, reason("nothing_left"))
            return Delivered(cancelled=1)
    wait = may_leave(message, reader, contents[0].deal.pipeline if contents else None, policy, now)
    if isinstance(wait, Wait):
        return _put_off(transaction, delivery, policy, message, contents, reader, wait, now)
    name = transaction.recipient_name(message)
    try:
        rendered = _begun(message) or _render(name, delivery, policy, message, contents, now)
    except Exception as error:  # whatever a template does must not stop the other messages
        return bury(transaction, delivery, policy, message, f"{type(error).__name__}: {error}", now)
    if not transaction.hand_over(message, now):
        return Delivered(released=int(_give_back(transaction, message)))
    if len(rendered.blocks) > 1:
        transaction.keep_posts(message, rendered)
    handed = move_message(
        message, MessageState.HANDED_OVER, handed_over_at=now, attempts=message.attempts + 1
    )
    return handed, Envelope(
        message.key,
        message.channel,
        message.address,
        message.language,
        rendered,
        _thread(contents),
        _headers(delivery, message),
    )


def _settle(
    transaction: DeliveryTransaction, message: Message, state: MessageState, because: str
) -> None:
    """Moves a claimed message to a state for a reason, if its fence still stands."""
    settled = move_message(message, state, reason=because, lease_until=None)
    transaction.save(settled, message.fence)


def _still_wanted(
    transaction: DeliveryTransaction,
    policy: Policy,
    message: Message,
    contents: Sequence[CarriedNudge],
) -> Sequence[CarriedNudge]:
    """What of a message's nudges is still to be said; the others are dropped, each with why. They
    are read again where a deal or a nudge has changed since they were."""
    if not transaction.unchanged(contents):
        contents = transaction.carried([message]).get(message.id, ())
    dropped = [(c, dropped_because(c.nudge, c.deal, policy)) for c in contents]
    transaction.drop([(c.nudge, because) for c, because in dropped if because])
    return [c for c, because in dropped if not because]


def _thread(contents: Sequence[CarriedNudge]) -> str | None:
    """The thread a message belongs to: its deal's, if it is about one alone."""
    deals = {c.deal.key for c in contents}
    return deals.pop() if len(deals) == 1 else None


def _put_off(
    transaction: DeliveryTransaction,
    delivery: Delivery,
    policy: Policy,
    message: Message,
    contents: Sequence[CarriedNudge],
    reader: Person | None,
    wait: Wait,
    now: datetime,
) -> Delivered:
    """Makes what a message carries wait for the next window, because its reader's is closed.

    A message that may have arrived, in whole or in part, keeps its key and its words. One whose
    reader stands in for somebody who cannot be reached stays theirs, because a new message would
    begin with the person who cannot be reached; if the stand-in is away, it is passed on.
    """
    stands_in = any(c.nudge.recipient.key != message.recipient for c in contents)
    begun = bool(message.unknowns) or message.posts is not None
    if stands_in and wait.away and not begun:
        return Delivered(
            put_off=int(
                transaction.pass_on(message, policy, tuple(delivery.channels), wait.because, now)
            )
        )
    if message.kind == "nudges" and not stands_in and not begun:
        return Delivered(
            put_off=int(
                transaction.wait_for_window(
                    message, wait.until_at, wait.because, now, decide_anew=wait.away
                )
            )
        )
    later = move_message(
        message,
        MessageState.QUEUED,
        not_before_at=wait.until_at,
        reason=wait.because,
        lease_until=None,
    )
    saved = transaction.save(later, message.fence)
    if (
        saved
        and message.window_on is not None
        and local_day(wait.until_at, policy.zone_of(reader)) > message.window_on
    ):
        transaction.note_delay(message)
    return Delivered(put_off=int(saved))


def _begun(message: Message) -> Rendered | None:
    """The posts that an earlier attempt began: with today's facts, the posts still missing would
    not fit those already out."""
    kept = message.posts
    if not kept:
        return None
    return Rendered(
        kept["subject"],
        kept["text"],
        blocks=tuple(tuple(post) for post in kept["posts"]),
        order=tuple(kept.get("order", ())),
    )


def _render(
    name: str,
    delivery: Delivery,
    policy: Policy,
    message: Message,
    contents: Sequence[CarriedNudge],
    now: datetime,
) -> Rendered:
    """Renders the message with today's facts, and with links if it is for a person."""
    links = delivery.links if message.person_id is not None else None
    less = {
        "less_url": links.less(message.person_id) if links and message.person_id is not None else ""
    }
    if message.kind != "nudges":
        return delivery.renderer.render(
            message.kind,
            {"recipient": name, **less, **(message.facts or {})},
            message.language,
            message.channel,
        )
    items = [
        facts | _answers(links, message, facts)
        for c in contents
        if (facts := _facts(c, policy, message, now))
    ]
    return delivery.renderer.render(
        "nudges", {**message_facts(name, items), **less}, message.language, message.channel
    )


def _answers(links: Links | None, message: Message, facts: Mapping[str, Any]) -> dict[str, Any]:
    """The address at which each offer of a nudge is taken."""
    if links is None or message.person_id is None:
        return {}
    return {
        "links": links.answers(
            message.person_id, facts["nudge"], [offer["id"] for offer in facts["offers"]]
        )
    }


def _headers(delivery: Delivery, message: Message) -> Mapping[str, str]:
    """The headers by which a mail program offers to hear less (RFC 2369, one click: RFC 8058)."""
    if delivery.links is None or message.person_id is None:
        return {}
    return {
        "List-Unsubscribe": f"<{delivery.links.less(message.person_id)}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def _facts(
    carried: CarriedNudge, policy: Policy, message: Message, now: datetime
) -> dict[str, Any]:
    """The facts a template may use about one nudge."""
    event = event_of(carried.nudge, carried.deal)
    if event is None:
        return {}
    milestone = policy.milestone(carried.nudge.milestone) or carried.nudge.milestone
    today = now.astimezone(zone_of(carried.deal, policy)).date()
    nudge = replace(carried.nudge, delayed_from=carried.nudge.delayed_from or message.window_on)
    return nudge_facts(carried.deal, milestone, event, policy, today, message.language, nudge=nudge)


def _record_all(
    transaction: DeliveryTransaction, delivery: Delivery, policy: Policy, now: datetime
) -> Delivered:
    """Does step 6 for everything that was sent and is not recorded yet."""
    recorded = (
        _record(transaction, delivery, policy, flown, now).by(flown.message.channel)
        for flown in delivery.unrecorded
    )
    return sum(recorded, Delivered())


def _record(
    transaction: DeliveryTransaction,
    delivery: Delivery,
    policy: Policy,
    flown: _Flown,
    now: datetime,
) -> Delivered:
    """Step 6."""
    message, outcome = flown.message, flown.outcome
    if isinstance(outcome, NotSent) and outcome.fault_scope is not FaultScope.MESSAGE:
        setback = note_failure(
            transaction, delivery.known, policy, tuple(delivery.channels), message, outcome, now
        )
        if not setback.believed:
            return Delivered(retried=int(setback.saved), news=setback.news)
    if isinstance(outcome, NotSent) and outcome.permanent:
        return bury(transaction, delivery, policy, message, outcome.because, now)
    if isinstance(outcome, NotSent):
        return _record_retry(transaction, delivery, policy, message, outcome, now)
    if isinstance(outcome, Sent):
        stood = transaction.save(
            _noted(sent(message, outcome.receipt, now), flown.rendered), message.fence
        )
    else:
        stood = transaction.save(lost_sight(message, outcome.because, now), message.fence)
    if stood and (isinstance(outcome, Sent) or len(flown.rendered.blocks) <= 1):
        transaction.keep_text(
            message, flown.rendered, outcome.shown if isinstance(outcome, Sent) else None
        )
    if not isinstance(outcome, Sent):
        return Delivered(unknown=int(stood))
    news = note_success(
        transaction, delivery.known, policy, tuple(delivery.channels), message.channel, now
    )
    return Delivered(sent=int(stood), news=news)


def _record_retry(
    transaction: DeliveryTransaction,
    delivery: Delivery,
    policy: Policy,
    message: Message,
    outcome: NotSent,
    now: datetime,
) -> Delivered:
    """After a temporary failure: puts the message back into the queue, notes a limit for all
    workers, and tells the admins after a while."""
    again = retried(message, outcome.because, outcome.retry_after, now, begun=outcome.begun)
    if outcome.scope:
        transaction.limit(outcome.scope, again.not_before_at, outcome.because)
    if not transaction.save(again, message.fence):
        return Delivered()
    if message.attempts != TELL_AFTER_ATTEMPTS:
        return Delivered(retried=1)
    return Delivered(
        retried=1,
        unheard=_tell_admins(transaction, delivery, policy, message, outcome.because, now),
    )


def _noted(message: Message, rendered: Rendered) -> Message:
    """The message, with the reason why the shipped template stood in for the user's."""
    return (
        replace(message, reason=rendered.fallback_because) if rendered.fallback_because else message
    )


def bury(
    transaction: DeliveryTransaction,
    delivery: Delivery,
    policy: Policy,
    message: Message,
    because: str,
    now: datetime,
) -> Delivered:
    """Gives up a message that will never be accepted: its nudges go another way, and the admins are
    told."""
    if not transaction.save(died(message, because), message.fence):
        return Delivered()
    transaction.reroute(message, policy, tuple(delivery.channels), because, now)
    return Delivered(
        dead=1, unheard=_tell_admins(transaction, delivery, policy, message, because, now)
    )


def _tell_admins(
    transaction: DeliveryTransaction,
    delivery: Delivery,
    policy: Policy,
    message: Message,
    because: str,
    now: datetime,
) -> tuple[str, ...]:
    """Alerts the admins about a message, once for each state it gets into. Returns what nobody can
    be told, such as an alert about an alert."""
    if message.kind == "alert" or not policy.admins:
        return (f"{message.channel}:{message.address}: {because}",)
    key, facts = undelivered(message, because, policy.language)
    transaction.alert(key, facts, policy, tuple(delivery.channels), now)
    return ()
