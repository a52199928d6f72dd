"""Recover: settles what a crash or a lost reply left behind, and looks before it resends anything
(DESIGN §7).

    an expired lease without a hand-over    back in the queue
    an expired lease with a hand-over       unknown
    unknown, Slack                          looked up by the message's key, not before 60 s: found →
                                            sent, certainly absent → queued again
    unknown, e-mail                         resent after 15 minutes with the same Message-ID, or in
                                            doubt, as configured
    unknown again, e-mail                   told by the reader's other way, else resent once more
                                            the next morning
    unknown, preview                        queued again: its text would have been kept
    queued on a channel that is gone        after an hour in which no machine took it, it goes
                                            another way
What cannot be settled is in doubt, and the admins are told. Nothing is looked up in a paused
channel: the hours of asking count from the first look that was possible.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from scheduler.core.messages.states import (
    GIVE_UP,
    Message,
    goes_another_way,
    move_message,
    outcome_unknown,
    sent,
    settled_unknown,
)
from scheduler.core.policy.policy import Policy
from scheduler.core.rules.windows import next_window
from scheduler.core.time.dates import local_day
from scheduler.core.words.lexicon import MessageState
from scheduler.core.words.reasons import reason
from scheduler.ports import Envelope, NotSent, Outcome, Rendered, Sent, Unknown
from scheduler.services.delivery.alerts import in_doubt
from scheduler.services.delivery.delivery import Delivery
from scheduler.services.delivery.delivery_store import DeliveryTransaction
from scheduler.services.delivery.recording import dead_letter

STRANDED = timedelta(hours=1)
"""How long a message waits on a channel that no machine seems to have any more."""
LOOK_UPS = 4
"""How many unknown messages one step looks up: each may take half a minute, and the storage keeps
them from others for two."""


@dataclass(frozen=True, slots=True)
class Recovered:
    """The result of a step: what it settled."""

    queued: int = 0
    unknown: int = 0
    sent: int = 0
    in_doubt: int = 0
    dead: int = 0

    @property
    def total(self) -> int:
        """Messages whose outcome was looked up."""
        return self.queued + self.unknown + self.sent + self.in_doubt + self.dead


def recover_once(
    delivery: Delivery, policy: Policy, stop: Callable[[], bool] = lambda: False, limit: int = 50
) -> Recovered:
    """Takes one step: expired leases, messages on channels that are gone, then unknown messages,
    until `stop` says so."""
    now = delivery.clock.now()
    queued = unknown = dead = 0
    with delivery.delivering() as transaction:
        for message in transaction.expired(now, limit):
            if message.handed_over_at is None:
                queued += transaction.save(
                    move_message(message, MessageState.QUEUED, lease_until=None), message.fence
                )
            else:
                unknown += transaction.save(
                    outcome_unknown(message, reason("worker_gone"), message.handed_over_at),
                    message.fence,
                )
        for message in transaction.stranded(now, now - STRANDED, limit, tuple(delivery.channels)):
            dead += dead_letter(
                transaction,
                delivery,
                policy,
                message,
                reason("channel_gone", channel=message.channel.value),
                now,
            ).dead
    with delivery.delivering() as transaction:
        messages = transaction.unsettled(now, now - GIVE_UP, LOOK_UPS, tuple(delivery.channels))
    settled = [_settle(delivery, policy, message) for message in messages if not stop()]
    count = settled.count
    return Recovered(
        queued + count(MessageState.QUEUED),
        unknown,
        count(MessageState.SENT),
        count(MessageState.IN_DOUBT),
        dead,
    )


def _settle(delivery: Delivery, policy: Policy, message: Message) -> MessageState:
    """Looks up one unknown message, with no transaction open, and writes what is known now."""
    now = delivery.clock.now()
    outcome = _look_up(delivery, message)
    if isinstance(outcome, Sent):
        after = sent(message, outcome.receipt, now)
    elif message.channel not in delivery.channels:
        after = move_message(message, MessageState.IN_DOUBT)
    elif isinstance(outcome, NotSent) and not outcome.permanent and outcome.retry_after is None:
        after = move_message(message, MessageState.QUEUED, not_before_at=now, handed_over_at=None)
    else:
        after = None
    with delivery.delivering() as transaction:
        around = after is None and goes_another_way(message, policy.email_unknown)
        if around and transaction.other_way(message, tuple(delivery.channels), message.reason, now):
            return MessageState.QUEUED
        after = after or settled_unknown(
            message, policy.email_unknown, now, _next_morning(transaction, message, policy, now)
        )
        stood = transaction.save(after, message.fence)
        if stood and message.posts and isinstance(outcome, NotSent) and not outcome.begun:
            transaction.keep_posts(message, None)
        if after.state is MessageState.IN_DOUBT:
            key, facts = in_doubt(message, policy.language)
            transaction.alert(key, facts, policy, tuple(delivery.channels), now)
    return after.state


def _next_morning(
    transaction: DeliveryTransaction, message: Message, policy: Policy, now: datetime
) -> datetime:
    """The beginning of its reader's next day."""
    reader = (
        transaction.readers([message]).get(message.person_id)
        if message.person_id is not None
        else None
    )
    zone = policy.zone_of(reader)
    return next_window(
        local_day(now, zone), policy.hours_of(reader), zone, policy.calendar_of(reader)
    ).until_at


def _look_up(delivery: Delivery, message: Message) -> Outcome:
    """Asks the channel, if it is still configured."""
    channel = delivery.channels.get(message.channel)
    if channel is None:
        return Unknown(reason("channel_gone", channel=message.channel.value))
    envelope = Envelope(
        message.key, message.channel, message.address, message.language, Rendered("", "")
    )
    return channel.look_up(envelope, message.handed_over_at or delivery.clock.now())
