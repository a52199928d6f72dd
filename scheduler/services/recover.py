"""Recover: what a crash or a lost reply left behind is settled, looking before anything is resent (DESIGN §7).

    an expired lease without a hand-over    back in the queue
    an expired lease with a hand-over       unknown
    unknown, Slack                          looked up by the message's key, not before 60 s: found → sent, certainly absent → queued again
    unknown, e-mail                         resent once after 15 minutes with the same Message-ID, or in doubt, as configured
    unknown, preview                        sent
What cannot be settled is in doubt, and the admins are told.
"""

from dataclasses import dataclass

from scheduler.core.messages import Message, lost_sight, move_message, sent, settled_unknown
from scheduler.core.policy import Policy
from scheduler.core.reasons import reason
from scheduler.core.words import MessageState
from scheduler.ports import Envelope, NotSent, Outcome, Rendered, Sent
from scheduler.services.alerts import in_doubt
from scheduler.services.deliver import Delivery


@dataclass(frozen=True, slots=True)
class Recovered:
    """What a step settled."""

    queued: int = 0
    unknown: int = 0
    sent: int = 0
    in_doubt: int = 0

    @property
    def total(self) -> int:
        """Messages that were dealt with."""
        return self.queued + self.unknown + self.sent + self.in_doubt


def recover_once(delivery: Delivery, policy: Policy, limit: int = 50) -> Recovered:
    """One step: expired leases, then unknown messages."""
    now = delivery.clock.now()
    queued = unknown = 0
    with delivery.store.delivering() as transaction:
        for message in transaction.expired(now, limit):
            if message.handed_over_at is None:
                queued += transaction.save(move_message(message, MessageState.QUEUED, lease_until=None), message.fence)
            else:
                unknown += transaction.save(lost_sight(message, reason("worker_gone"), message.handed_over_at), message.fence)
    with delivery.store.delivering() as transaction:
        messages = transaction.unsettled(now, limit, tuple(delivery.channels))
    settled = [_settle(delivery, policy, message) for message in messages]
    return Recovered(queued + settled.count(MessageState.QUEUED), unknown, settled.count(MessageState.SENT), settled.count(MessageState.IN_DOUBT))


def _settle(delivery: Delivery, policy: Policy, message: Message) -> MessageState:
    """Looks one unknown message up, no transaction open, and writes what is known now."""
    now = delivery.clock.now()
    outcome = _look_up(delivery, message)
    if isinstance(outcome, Sent):
        after = sent(message, outcome.receipt, now)
    elif isinstance(outcome, NotSent) and not outcome.permanent and outcome.retry_after is None:
        after = move_message(message, MessageState.QUEUED, not_before_at=now, handed_over_at=None)
    else:
        after = settled_unknown(message, policy.email_unknown, now)
    with delivery.store.delivering() as transaction:
        transaction.save(after, message.fence)
        if after.state is MessageState.IN_DOUBT:
            key, facts = in_doubt(message, policy.language)
            transaction.alert(key, facts, policy, tuple(delivery.channels), now)
    return after.state


def _look_up(delivery: Delivery, message: Message) -> Outcome:
    """Asks the channel."""
    envelope = Envelope(message.key, message.channel, message.address, message.language, Rendered("", ""))
    return delivery.channels[message.channel].look_up(envelope, message.handed_over_at or delivery.clock.now())
