"""Records what became of a message that was sent (step 6 of `deliver`): sent, unknown, tried
again, or given up with its nudges on another way.
"""

from dataclasses import replace
from datetime import datetime

from scheduler.core.messages.faults import FaultScope
from scheduler.core.messages.states import (
    TELL_AFTER_ATTEMPTS,
    Message,
    dead_lettered,
    outcome_unknown,
    retried,
    sent,
)
from scheduler.core.policy.policy import Policy
from scheduler.ports import NotSent, Rendered, Sent
from scheduler.services.delivery.alerts import broken_texts, undelivered
from scheduler.services.delivery.channel_pauses import note_doubt, note_failure, note_success
from scheduler.services.delivery.delivery import Delivered, Delivery, UnrecordedMessage
from scheduler.services.delivery.delivery_store import DeliveryTransaction


def record_all(
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
    flown: UnrecordedMessage,
    now: datetime,
) -> Delivered:
    """Step 6."""
    message, outcome, news = flown.message, flown.outcome, Delivered()
    if isinstance(outcome, NotSent) and outcome.fault_scope is not FaultScope.MESSAGE:
        setback = note_failure(
            transaction, delivery.known, policy, tuple(delivery.channels), message, outcome, now
        )
        if not setback.believed:
            return Delivered(retried=int(setback.saved), news=setback.news)
        news = Delivered(news=setback.news)
    if isinstance(outcome, NotSent) and outcome.permanent:
        return news + dead_letter(transaction, delivery, policy, message, outcome.because, now)
    if isinstance(outcome, NotSent):
        return news + _record_retry(transaction, delivery, policy, message, outcome, now)
    if isinstance(outcome, Sent):
        stood = transaction.save(
            _noted(sent(message, outcome.receipt, now), flown.rendered), message.fence
        )
    else:
        stood = transaction.save(outcome_unknown(message, outcome.because, now), message.fence)
    if stood and (isinstance(outcome, Sent) or len(flown.rendered.blocks) <= 1):
        transaction.keep_text(
            message, flown.rendered, outcome.shown if isinstance(outcome, Sent) else None
        )
    if not isinstance(outcome, Sent):
        doubts = note_doubt(
            transaction,
            delivery.known,
            policy,
            tuple(delivery.channels),
            message,
            outcome.because,
            now,
        )
        return Delivered(unknown=int(stood), news=doubts)
    if stood and (because := flown.rendered.fallback_because) and policy.admins:
        for key, facts in broken_texts(message, because, policy):
            transaction.alert(key, facts, policy, tuple(delivery.channels), now)
    works = note_success(
        transaction, delivery.known, policy, tuple(delivery.channels), message.channel, now
    )
    return Delivered(sent=int(stood), news=works)


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
        undeliverable_alerts=_tell_admins(
            transaction, delivery, policy, message, outcome.because, now
        ),
    )


def _noted(message: Message, rendered: Rendered) -> Message:
    """The message, with the reason why the shipped template stood in for the user's."""
    return (
        replace(message, reason=rendered.fallback_because) if rendered.fallback_because else message
    )


def dead_letter(
    transaction: DeliveryTransaction,
    delivery: Delivery,
    policy: Policy,
    message: Message,
    because: str,
    now: datetime,
) -> Delivered:
    """Gives up a message that will never be accepted: its nudges go another way, and the admins are
    told."""
    if not transaction.save(dead_lettered(message, because), message.fence):
        return Delivered()
    transaction.reroute(message, policy, tuple(delivery.channels), because, now)
    return Delivered(
        dead=1,
        undeliverable_alerts=_tell_admins(transaction, delivery, policy, message, because, now),
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
