"""Pausing: a failure of a channel pauses the channel, not its messages (DESIGN §11 "Channels and
messages").

    1  failed    in the commit that records the failure: the channel is paused for all workers, the
                 message goes back to its place in the queue, and the admins are told another way
    2  around    what waits for a channel that stands still goes its recipient's other way, where
                 there is one
    3  probe     the claim lets one message through at growing intervals; where none waits, the
                 server is looked at instead, so that it is known to work again before anybody
                 needs it
    4  worked    in the commit that records a success: the pause ends, what was refused meanwhile is
                 tried again, and the admins are told

A crash between any two steps leaves rows from which the next step goes on. Always holds: a pause is
told once when it begins to matter and once when it ends; the log says both, and why.
"""

from collections.abc import Collection, Mapping, MutableMapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Protocol

from scheduler.core.messages.circuit_breaker import (
    ASK_AGAIN,
    ChannelBreaker,
    doubtful,
    failed,
    probing,
    refused,
    stands,
    to_check,
    worked,
)
from scheduler.core.messages.faults import FaultKind, FaultScope, signature_of
from scheduler.core.messages.states import Message, requeued
from scheduler.core.policy.policy import Policy
from scheduler.core.words.lexicon import ChannelName
from scheduler.ports import NotSent
from scheduler.services.delivery.alerts import AlertTransaction, channel_paused, channel_works

_NOTED_EVERY = timedelta(minutes=1)
"""How often the row notes that a channel still works."""
_AROUND_AT_ONCE = 200


class PausingTransaction(AlertTransaction, Protocol):
    """One open transaction on the condition of channels."""

    def condition(self, channel: ChannelName, *, locked: bool = True) -> ChannelBreaker:
        """A channel's condition with this machine's configuration; `locked`: nobody else changes it
        meanwhile."""

    def keep_condition(self, condition: ChannelBreaker) -> None:
        """Writes how a channel does."""

    def keep_pause(self, before: ChannelBreaker, now: datetime) -> None:
        """Records how long a channel was paused, now that it works again."""

    def hasten(self, channel: ChannelName, addresses: Collection[str], now: datetime) -> None:
        """Has messages that were refused and put off tried again at once."""

    def waiting_for(self, channel: ChannelName) -> int:
        """How many messages wait for a channel."""

    def go_around(
        self,
        condition: ChannelBreaker,
        usable: Collection[ChannelName],
        now: datetime,
        limit: int,
    ) -> int:
        """Sends what waits for a paused channel its recipient's other way, where there is one;
        returns how many."""

    def tell_past(
        self,
        key: str,
        facts: Mapping[str, Any],
        policy: Policy,
        configured: Collection[ChannelName],
        broken: Collection[ChannelName],
        now: datetime,
    ) -> int:
        """Tells the admins once for each `key`, by ways that avoid broken channels; returns how
        many ways there are."""

    def save(self, message: Message, fence: int) -> bool:
        """Writes a message's state if its fence still stands."""


@dataclass(frozen=True, slots=True)
class ChannelNews:
    """A change in a channel's condition, for the log. `heard`: in how many ways the admins were
    told, None where they need not know (yet)."""

    channel: ChannelName
    paused: bool
    because: str
    waiting: int
    again_at: datetime | None = None
    heard: int | None = None


@dataclass(frozen=True, slots=True)
class FailureEffect:
    """What followed from a failure. `believed`: the failure is about this message or its recipient,
    and the channel works."""

    believed: bool
    saved: bool = False
    news: tuple[ChannelNews, ...] = ()


Known = MutableMapping[ChannelName, ChannelBreaker]
"""The condition of channels as this process last saw it, which saves reading the row for every mail
that is accepted."""


def look_at_channels(
    transaction: PausingTransaction,
    known: Known,
    policy: Policy,
    channels: Collection[ChannelName],
    now: datetime,
) -> tuple[ChannelNews, ...]:
    """Looks at the channels' condition; what waits for a broken one goes another way, except the
    message that is to probe it."""
    known.update({channel: transaction.condition(channel, locked=False) for channel in channels})
    standing = [c for c in known.values() if stands(c, now)]
    usable = [c for c in channels if all(c is not s.channel for s in standing)]
    news: tuple[ChannelNews, ...] = ()
    for condition in standing:
        if not condition.told:
            news += _tell(transaction, known, policy, channels, condition.channel, now)
        if not condition.may_send(now):
            transaction.go_around(condition, usable, now, _AROUND_AT_ONCE)
    return news


def _tell(
    transaction: PausingTransaction,
    known: Known,
    policy: Policy,
    configured: Collection[ChannelName],
    channel: ChannelName,
    now: datetime,
) -> tuple[ChannelNews, ...]:
    """Tells the admins of a pause that has not passed by itself, unless another worker has just
    done so."""
    condition = transaction.condition(channel)
    if condition.told or not stands(condition, now):
        return ()
    waiting, heard = (
        transaction.waiting_for(channel),
        _told(transaction, known, policy, configured, condition, now),
    )
    known[channel] = told = replace(condition, told=True)
    transaction.keep_condition(told)
    return (ChannelNews(channel, True, condition.because, waiting, condition.probe_at, heard),)


def _told(
    transaction: PausingTransaction,
    known: Known,
    policy: Policy,
    configured: Collection[ChannelName],
    condition: ChannelBreaker,
    now: datetime,
) -> int:
    """Tells the admins in every way that works; returns how many ways there are."""
    broken = {condition.channel} | {c.channel for c in known.values() if c.paused}
    key, facts = channel_paused(condition, transaction.waiting_for(condition.channel), policy)
    return transaction.tell_past(key, facts, policy, configured, broken, now)


def without_messages(
    transaction: PausingTransaction,
    known: Known,
    channels: Collection[ChannelName],
    claimed: Collection[ChannelName],
    now: datetime,
) -> list[ChannelName]:
    """The paused channels that are due for a probe and for which nothing waits; they are kept from
    other workers for a while."""
    found = []
    for channel in channels:
        seen = known.get(channel)
        if (
            seen is None
            or channel in claimed
            or not to_check(seen, now)
            or transaction.waiting_for(channel)
        ):
            continue
        condition = transaction.condition(channel)
        if to_check(condition, now):
            transaction.keep_condition(probing(condition, now))
            found.append(channel)
    return found


def note_look(
    transaction: PausingTransaction,
    known: Known,
    policy: Policy,
    configured: Collection[ChannelName],
    channel: ChannelName,
    problems: Collection[str],
    now: datetime,
) -> tuple[ChannelNews, ...]:
    """Notes what a look at a paused channel's server showed: it works again, or is to be looked at
    later."""
    condition = transaction.condition(channel)
    if not condition.paused:
        return ()
    if not problems:
        return note_success(transaction, known, policy, configured, channel, now)
    known[channel] = after = failed(
        condition, condition.fault_kind or FaultKind.NETWORK, condition.because, now
    )
    transaction.keep_condition(after)
    return ()


def note_success(
    transaction: PausingTransaction,
    known: Known,
    policy: Policy,
    configured: Collection[ChannelName],
    channel: ChannelName,
    now: datetime,
) -> tuple[ChannelNews, ...]:
    """Notes that a message was accepted: the channel works."""
    seen = known.get(channel)
    if channel is ChannelName.PREVIEW:
        return ()
    if (
        seen is not None
        and not seen.paused
        and not seen.refused
        and seen.ok_at is not None
        and now - seen.ok_at < _NOTED_EVERY
    ):
        return ()
    before = transaction.condition(channel)
    known[channel] = after = worked(before, now)
    transaction.keep_condition(after)
    if before.refused:
        transaction.hasten(channel, before.refused, now)
    return _ended(transaction, policy, configured, before, now) if before.paused else ()


def _ended(
    transaction: PausingTransaction,
    policy: Policy,
    configured: Collection[ChannelName],
    before: ChannelBreaker,
    now: datetime,
) -> tuple[ChannelNews, ...]:
    """The end of a pause, for the log and for the admins who heard of its beginning."""
    channel = before.channel
    transaction.keep_pause(before, now)
    waiting, heard = transaction.waiting_for(channel), None
    if before.told:
        key, facts = channel_works(before, waiting, now, policy)
        heard = int(transaction.alert(key, facts, policy, configured, now))
    return (ChannelNews(channel, False, before.because, waiting, heard=heard),)


def note_failure(
    transaction: PausingTransaction,
    known: Known,
    policy: Policy,
    configured: Collection[ChannelName],
    message: Message,
    outcome: NotSent,
    now: datetime,
) -> FailureEffect:
    """Notes that a message was not accepted. Unless the fault is the message's own, it waits in its
    place."""
    before, after, believed = _after(transaction, message, outcome, now)
    over = before.paused and not after.paused
    news = _ended(transaction, policy, configured, before, now) if over else ()
    if believed:
        if after != before:
            transaction.keep_condition(after)
        known[message.channel] = after
        return FailureEffect(believed=True, news=news)
    news += _keep(transaction, known, policy, configured, before, after, now)
    again = None if after.paused else now + ASK_AGAIN
    waits = requeued(
        message,
        outcome.because,
        again,
        counted=outcome.fault_scope is FaultScope.REFUSED,
        begun=outcome.begun,
    )
    return FailureEffect(believed=False, saved=transaction.save(waits, message.fence), news=news)


def note_doubt(
    transaction: PausingTransaction,
    known: Known,
    policy: Policy,
    configured: Collection[ChannelName],
    message: Message,
    because: str,
    now: datetime,
) -> tuple[ChannelNews, ...]:
    """Notes that nobody knows whether a message was accepted; where that meets several, the channel
    is paused. The message itself is looked up, whatever follows."""
    before = transaction.condition(message.channel)
    after = doubtful(before, message.address, because, now)
    return _keep(transaction, known, policy, configured, before, after, now)


def _keep(
    transaction: PausingTransaction,
    known: Known,
    policy: Policy,
    configured: Collection[ChannelName],
    before: ChannelBreaker,
    after: ChannelBreaker,
    now: datetime,
) -> tuple[ChannelNews, ...]:
    """Writes the channel's condition after a failure; the news, if it is paused."""
    news: tuple[ChannelNews, ...] = ()
    if after.paused:
        news = _news(transaction, policy, configured, before, after, known, now)
        after = replace(after, told=after.told or any(n.heard is not None for n in news))
    transaction.keep_condition(after)
    known[after.channel] = after
    return news


def _after(
    transaction: PausingTransaction, message: Message, outcome: NotSent, now: datetime
) -> tuple[ChannelBreaker, ChannelBreaker, bool]:
    """The channel's condition before and after, and whether the failure is the message's own."""
    before = transaction.condition(message.channel)
    if outcome.fault_scope is FaultScope.CHANNEL:
        return (
            before,
            failed(before, outcome.fault_kind or FaultKind.NETWORK, outcome.because, now),
            False,
        )
    last = message.kind == "nudges" and message.person_id is None
    after, believed = refused(
        before,
        message.address,
        signature_of(outcome.because),
        outcome.because,
        message.attempts,
        now,
        last_resort=last,
    )
    return before, after, believed


def _news(
    transaction: PausingTransaction,
    policy: Policy,
    configured: Collection[ChannelName],
    before: ChannelBreaker,
    after: ChannelBreaker,
    known: Known,
    now: datetime,
) -> tuple[ChannelNews, ...]:
    """The news for the log and the admins: that a pause begins, or that one that might have passed
    by itself did not."""
    tells = stands(after, now) and not after.told
    if before.paused and not tells:
        return ()
    waiting = transaction.waiting_for(after.channel)
    heard = _told(transaction, known, policy, configured, after, now) if tells else None
    return (ChannelNews(after.channel, True, after.because, waiting, after.probe_at, heard),)
