"""Delivery states (DESIGN §7): a table, one `move_message`, and the effect of an attempt's outcome
on a message.

Always holds: an unknown outcome is never retried blindly; nothing leaves `sent`, `cancelled` or
`dead`; the time of the next try is computed, with a jitter that comes from the message's key alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any

from scheduler.core.messages.channels import CHANNELS, InDoubt
from scheduler.core.words.lexicon import ChannelName, Language, MessageState

S = MessageState
STATES: Mapping[MessageState, frozenset[MessageState]] = {
    S.QUEUED: frozenset({S.CLAIMED, S.HELD, S.CANCELLED}),
    S.CLAIMED: frozenset({S.HANDED_OVER, S.QUEUED, S.HELD, S.CANCELLED, S.DEAD}),
    S.HANDED_OVER: frozenset({S.SENT, S.QUEUED, S.DEAD, S.UNKNOWN}),
    S.UNKNOWN: frozenset({S.SENT, S.QUEUED, S.IN_DOUBT, S.UNKNOWN}),
    S.IN_DOUBT: frozenset({S.SENT, S.QUEUED, S.CANCELLED}),
    S.HELD: frozenset({S.QUEUED, S.CANCELLED}),
    S.SENT: frozenset(),
    S.CANCELLED: frozenset(),
    S.DEAD: frozenset(),
}
"""From each state, where it may go. docs/delivery.md shows the same table."""

FIRST_RETRY = timedelta(seconds=30)
LONGEST_RETRY = timedelta(hours=1)
LONGEST_SENDING = 45.0
"""For how many seconds a sending may go on, whatever is configured: nobody may look a message up
that is still on its way."""
GIVE_UP = timedelta(hours=6)
"""For how long an unknown outcome is looked up, from the first look that could be made, before it
is in doubt."""
RESENDS = 2
"""How often a mail of unknown outcome is sent again, with the same Message-ID."""
TELL_AFTER_ATTEMPTS = 5
"""After how many failed attempts an admin hears of a message that does not get through."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What the posts of a sent message show, by number: where each post is (as far as known), and a
    mark of its content.

    `pieces`: a mark of each piece of each post; `order`: a mark of each nudge
    (`posts.fingerprint_of` its key). Both keep everything where it was first shown.
    """

    places: Mapping[int, str] = field(default_factory=dict)
    marks: Mapping[int, str] = field(default_factory=dict)
    pieces: Sequence[Sequence[str]] = ()
    order: Sequence[str] = ()


class MessageMoveError(Exception):
    """A state change the table does not have."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message to one address. `attempts` counts hand-overs, `unknowns` those that may have
    succeeded at least in part. `posts`: the posts of a message that began to go out in several, so
    that it is finished the same way. `claimed_at` is known only to the process that claimed it.
    `looked_at`: when its outcome could first be looked up.
    """

    id: int
    key: str
    kind: str
    recipient: str
    channel: ChannelName
    address: str
    language: Language
    state: MessageState
    not_before_at: datetime
    fence: int = 0
    attempts: int = 0
    unknowns: int = 0
    lease_until: datetime | None = None
    handed_over_at: datetime | None = None
    person_id: int | None = None
    window_on: date | None = None
    facts: Mapping[str, Any] | None = None
    reason: str = ""
    receipt: str | None = None
    sent_at: datetime | None = None
    posts: Mapping[str, Any] | None = None
    claimed_at: datetime | None = None
    shown: Shown | None = None
    looked_at: datetime | None = None


def move_message(message: Message, to: MessageState, **changes: Any) -> Message:
    """Moves the message to another state. Raises MessageMoveError: `a sent message cannot become
    queued (allowed: none)`."""
    allowed = STATES[message.state]
    if to not in allowed:
        raise MessageMoveError(
            f"a {message.state} message cannot become {to} (allowed: "
            f"{', '.join(sorted(allowed)) or 'none'})"
        )
    return replace(message, state=to, **changes)


def next_retry_at(now: datetime, attempts: int, key: str) -> datetime:
    """The next try after the n-th attempt: 30 s, 1 min, 2 min … up to an hour later, varied by up
    to a fifth by the key, so that not all messages come back at once."""
    wait = min(LONGEST_RETRY, FIRST_RETRY * 2 ** min(attempts - 1, 16))
    jitter = int.from_bytes(sha256(f"{key}{attempts}".encode()).digest()[:4], "big") / 2**32
    return now + timedelta(seconds=wait.total_seconds() * (0.8 + 0.4 * jitter))


def sent(message: Message, receipt: str, now: datetime) -> Message:
    """The other side has it."""
    return move_message(message, S.SENT, receipt=receipt, sent_at=now, lease_until=None)


def retried(
    message: Message, because: str, retry_after: float | None, now: datetime, *, begun: bool = False
) -> Message:
    """The message was not accepted this time, or only `begun`: it goes back to the queue, until the
    other side allows another try."""
    wait_until = next_retry_at(now, message.attempts, message.key)
    if retry_after is not None:
        wait_until = now + timedelta(seconds=retry_after)
    unknowns = message.unknowns + begun
    return move_message(
        message,
        S.QUEUED,
        not_before_at=wait_until,
        reason=because,
        lease_until=None,
        handed_over_at=None,
        unknowns=unknowns,
    )


def requeued(
    message: Message,
    because: str,
    not_before_at: datetime | None = None,
    *,
    counted: bool,
    begun: bool = False,
) -> Message:
    """The message was not accepted, through no fault of its own: it goes back to its old place in
    the queue, or waits until `not_before_at`. `counted`: this counts as an attempt."""
    return move_message(
        message,
        S.QUEUED,
        reason=because,
        lease_until=None,
        handed_over_at=None,
        not_before_at=not_before_at or message.not_before_at,
        attempts=message.attempts if counted else message.attempts - 1,
        unknowns=message.unknowns + begun,
    )


def dead_lettered(message: Message, because: str) -> Message:
    """It will never be taken."""
    return move_message(message, S.DEAD, reason=because, lease_until=None)


def outcome_unknown(message: Message, because: str, now: datetime) -> Message:
    """Handed over, outcome unknown: not touched before it can be looked up or may be resent."""
    settle = CHANNELS[message.channel].settle
    return move_message(
        message,
        S.UNKNOWN,
        unknowns=message.unknowns + 1,
        reason=because,
        lease_until=None,
        not_before_at=now + settle,
    )


def settled_unknown(
    message: Message, email_unknown: str, now: datetime, next_morning_at: datetime
) -> Message:
    """Settles an unknown message that has no other way: a mail is resent with the same Message-ID
    after a quarter of an hour, and once more the next morning; after that, or at once if the policy
    says so, it is in doubt. A Slack message is looked up again until GIVE_UP after the first look.
    """
    in_doubt = CHANNELS[message.channel].in_doubt
    if in_doubt is InDoubt.RESEND and email_unknown == "resend" and message.unknowns <= RESENDS:
        at = now if message.unknowns <= 1 else next_morning_at
        return move_message(message, S.QUEUED, not_before_at=at, handed_over_at=None)
    if in_doubt is InDoubt.LOOK_UP and now - (message.looked_at or now) < GIVE_UP:
        return move_message(
            message, S.UNKNOWN, not_before_at=next_retry_at(now, message.unknowns + 3, message.key)
        )
    return move_message(message, S.IN_DOUBT)


def goes_another_way(message: Message, email_unknown: str) -> bool:
    """Whether an unknown message also goes through its reader's other channel, if there is one: a
    mail that was resent and is unknown again."""
    return (
        CHANNELS[message.channel].in_doubt is InDoubt.RESEND
        and email_unknown == "resend"
        and message.unknowns == RESENDS
    )
