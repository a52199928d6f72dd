"""Deliver: waiting nudges become messages when their recipient's window opens, and messages go out
(DESIGN §7).

    0  form       one transaction: all nudges that wait for a recipient whose window is open become
                  one message
    1  claim      one transaction: a batch of queued messages gets a lease and a higher fence
    2  drop       nudges that no longer matter leave their message; an empty message is cancelled.
                  Where the reader's window has closed by now (a stop, a retry, a channel that was
                  repaired at night) the nudges wait for the next one, then say they are late
    3  render     with today's facts
    4  hand over  commit `handed_over_at` if the fence and the lease still stand; else somebody else
                  has it: stop
    5  send       no transaction open, a deadline shorter than the lease
    6  record     what became of it, if the fence still stands
Steps 6 of one message and 2–4 of the next share a commit.

A crash before 4 leaves a lease that expires: the message is queued again. Between 4 and 6 nobody
knows: the message becomes `unknown` and `scheduler.services.delivery.recover` looks before anything
is resent. After 6 nothing is open. A database that fails is no crash: the process knows what became
of the message (`Delivery.unrecorded`) and which it has not sent (`Delivery.unsent`); it records the
one and gives back the others before it does anything else.
"""

from collections.abc import Callable, Collection, Sequence

from scheduler.core.deal.people import Person
from scheduler.core.messages.states import LONGEST_SENDING, Message
from scheduler.core.policy.policy import Policy
from scheduler.core.words.lexicon import ChannelName
from scheduler.ports import StoreUnavailableError
from scheduler.services.delivery.channel_pauses import look_at_channels, note_look, without_messages
from scheduler.services.delivery.delivery import Delivered, Delivery, UnrecordedMessage
from scheduler.services.delivery.delivery_store import CarriedNudge
from scheduler.services.delivery.preparing import give_back, prepare
from scheduler.services.delivery.recording import record_all


def deliver_batch(
    delivery: Delivery, policy: Policy, stop: Callable[[], bool] = lambda: False
) -> Delivered:
    """Claims a batch and sends it, one message after the other. Once `stop` says so, the message in
    flight is finished and the rest are released."""
    total = catch_up(delivery, policy)
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
        try:
            total += _record_and_send(
                delivery, policy, message, contents.get(message.id, ()), reader
            )
        except StoreUnavailableError:
            delivery.unsent.extend(messages[number:])
            raise
    total += catch_up(delivery, policy)
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


def _record_and_send(
    delivery: Delivery,
    policy: Policy,
    message: Message,
    contents: Sequence[CarriedNudge],
    reader: Person | None,
) -> Delivered:
    """Records the message before and hands over this one in one commit, then sends it."""
    now = delivery.clock.now()
    with delivery.delivering() as transaction:
        total = record_all(transaction, delivery, policy, now)
        prepared = prepare(transaction, delivery, policy, message, contents, reader, now)
    delivery.unrecorded.clear()
    if isinstance(prepared, Delivered):
        return total + prepared.by(message.channel)
    handed, envelope = prepared
    outcome = delivery.channels[message.channel].send(
        envelope, min(delivery.send_seconds, LONGEST_SENDING)
    )
    delivery.unrecorded.append(UnrecordedMessage(handed, envelope.rendered, outcome))
    return total


def catch_up(delivery: Delivery, policy: Policy) -> Delivered:
    """Records what was sent and is not recorded yet: the last message of a batch, or what was left
    when the database failed; then what was claimed goes back into the queue.

    What the database refuses for another reason is left to `recover`.
    """
    if not delivery.open:
        return Delivered()
    try:
        with delivery.delivering() as transaction:
            total = record_all(transaction, delivery, policy, delivery.clock.now())
            released = sum(give_back(transaction, message) for message in delivery.unsent)
    except StoreUnavailableError:
        raise
    except Exception:
        delivery.clear()
        raise
    delivery.clear()
    return total + Delivered(released=released)


def _release(delivery: Delivery, policy: Policy, rest: Sequence[Message]) -> Delivered:
    """On a stop, records what was sent and puts the rest back into the queue."""
    delivery.unsent.extend(rest)
    return catch_up(delivery, policy)
