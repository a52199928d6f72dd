"""Form: when a recipient's window opens, all nudges that wait for them become one message (DESIGN
§5 "Attention", §7 step 0).

Always holds: one message per recipient and window; a nudge that comes after it joins it while it is
still queued, else waits for the next window, unless it is urgent or the recipient wishes to hear at
once; the nudges of a recipient who cannot be reached at all go to the pipeline's fallback, with the
reason. What waits for somebody who is away is decided again; more late nudges than the flood
breaker lets through are held; somebody who wishes to hear once a week waits for that day, but never
with what presses.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from scheduler.core.deal.people import Person
from scheduler.core.policy.policy import Policy
from scheduler.core.rules.delivery_window import Wait, reach
from scheduler.core.rules.routing import Destination, destination_of_address, destinations_of
from scheduler.core.rules.windows import next_window
from scheduler.core.time.dates import local_day
from scheduler.core.words.keys import window_key
from scheduler.core.words.lexicon import ChannelName, Language, Pace
from scheduler.core.words.reasons import reason
from scheduler.ports import Begin
from scheduler.services.delivery.alerts import AlertTransaction, flooded


@dataclass(frozen=True, slots=True)
class WaitingRecipient:
    """A recipient for whom nudges wait: a person or an address, the pipeline of one of the nudges,
    and how many are pressing, urgent, or merely late."""

    recipient: str
    person: Person | None
    pipeline: str
    urgent: int = 0
    pressing: int = 0
    late: int = 0


@dataclass(frozen=True, slots=True)
class Formed:
    """The result of a step: messages made, and recipients put off, redirected to a fallback, joined
    to a queued message, or held by the flood breaker."""

    messages: int = 0
    joined: int = 0
    put_off: int = 0
    redirected: int = 0
    held: int = 0

    def __add__(self, other: "Formed") -> "Formed":
        return Formed(*(getattr(self, f) + getattr(other, f) for f in self.__dataclass_fields__))

    @property
    def total(self) -> int:
        """Recipients that were dealt with."""
        return self.messages + self.joined + self.put_off + self.redirected + self.held


@dataclass(frozen=True, slots=True)
class WindowMessage:
    """The message a recipient has in a window: the one that is still queued, whether one went out,
    and how many there ever were."""

    queued_id: int | None
    exists: bool
    messages: int


class FormingTransaction(AlertTransaction, Protocol):
    """One open transaction on nudges that wait."""

    def waiting(self, now: datetime, limit: int) -> Sequence[WaitingRecipient]:
        """Recipients with nudges due at `now` that no message carries. Empty while another machine
        is forming."""

    def message_of(self, recipient: str, window_on: date) -> WindowMessage:
        """The message the recipient already has in this window."""

    def join(self, recipient: str, message_id: int, now: datetime) -> None:
        """Adds the waiting nudges to that message."""

    def open(
        self,
        key: str,
        waiting: WaitingRecipient,
        destination: Destination,
        language: Language,
        window_on: date,
        now: datetime,
    ) -> None:
        """Makes a new message that carries the waiting nudges."""

    def put_off(
        self,
        recipient: str,
        until_at: datetime,
        because: str,
        now: datetime,
        *,
        pressing_too: bool = True,
    ) -> None:
        """Puts the waiting nudges (or only those that are not pressing) off until `until_at`."""

    def hold_late(self, recipient: str, because: str, now: datetime) -> int:
        """Holds the late nudges that are not pressing until an admin releases them; returns how
        many."""

    def decide_anew(self, recipient: str, now: datetime) -> None:
        """Sets the alarm of every deal that has a nudge waiting for this recipient."""

    def redirect(
        self, waiting: WaitingRecipient, address: str, because: str, now: datetime
    ) -> None:
        """Redirects the waiting nudges to that address."""


def form_messages(
    forming: Begin[FormingTransaction],
    policy: Policy,
    configured: Collection[ChannelName],
    now: datetime,
    limit: int = 100,
) -> Formed:
    """Runs one step for up to `limit` recipients; `total` is 0 when nobody waits."""
    total = Formed()
    with forming() as transaction:
        for waiting in transaction.waiting(now, limit):
            total += _form(transaction, waiting, policy, configured, now)
    return total


def _form(
    transaction: FormingTransaction,
    waiting: WaitingRecipient,
    policy: Policy,
    configured: Collection[ChannelName],
    now: datetime,
) -> Formed:
    """Forms the message of one recipient, or finds a reason to wait."""
    pipeline = policy.pipelines.get(waiting.pipeline)
    destination = _destination(waiting, configured)
    if destination is None:
        name = waiting.person.name if waiting.person is not None else waiting.recipient
        transaction.redirect(
            waiting, policy.fallback_of(waiting.pipeline), reason("no_way", name=name), now
        )
        return Formed(redirected=1)
    if waiting.late > policy.attention.flood_nudges:
        return _hold_flood(transaction, waiting, policy, configured, now)
    person = waiting.person
    found = reach(person, pipeline, policy, now, pressing=False)
    if isinstance(found, Wait) and found.weekly and waiting.pressing:
        transaction.put_off(
            waiting.recipient, found.until_at, found.because, now, pressing_too=False
        )
        found = reach(person, pipeline, policy, now, pressing=True)
    if isinstance(found, Wait):
        if found.away:
            transaction.decide_anew(waiting.recipient, now)
        transaction.put_off(waiting.recipient, found.until_at, found.because, now)
        return Formed(put_off=1)
    has = transaction.message_of(waiting.recipient, found.window_on)
    if has.queued_id is not None:
        transaction.join(waiting.recipient, has.queued_id, now)
        return Formed(joined=1)
    at_once = bool(waiting.urgent) or (person is not None and person.pace is Pace.IMMEDIATE)
    if has.exists and not at_once:
        zone = policy.zone_of(person, pipeline)
        later = next_window(
            local_day(now, zone),
            policy.hours_of(person),
            zone,
            policy.calendar_of(person, pipeline),
        )
        transaction.put_off(waiting.recipient, later.until_at, reason("told_today"), now)
        return Formed(put_off=1)
    key = window_key(waiting.recipient, found.window_on, f"{destination[0]}{has.messages or ''}")
    transaction.open(key, waiting, destination, policy.language_of(person), found.window_on, now)
    return Formed(messages=1)


def _hold_flood(
    transaction: FormingTransaction,
    waiting: WaitingRecipient,
    policy: Policy,
    configured: Collection[ChannelName],
    now: datetime,
) -> Formed:
    """The flood breaker: late nudges wait for an admin, the rest go on (DESIGN §5 "Attention")."""
    held = transaction.hold_late(waiting.recipient, reason("flood", count=waiting.late), now)
    name = waiting.person.name if waiting.person else waiting.recipient
    key, facts = flooded(name, held, now.date(), policy.language)
    transaction.alert(key, facts, policy, configured, now)
    return Formed(held=1)


def _destination(
    waiting: WaitingRecipient, configured: Collection[ChannelName]
) -> Destination | None:
    """The best way to the recipient, if there is one."""
    if waiting.person is None:
        return destination_of_address(waiting.recipient, configured)
    return (
        next(iter(destinations_of(waiting.person, configured)), None)
        if waiting.person.active
        else None
    )
