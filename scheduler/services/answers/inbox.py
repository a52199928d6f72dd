"""The inbox: what comes from outside is kept before it is acknowledged and acted on once, however
often it comes.

    1  keep    one transaction: the envelope's row; a known one is not kept again
    2  (the sender is told that it arrived)
    3  take    one transaction: nobody else acts on it for a while
    4  act     whatever it asks for, in its own transactions, which are idempotent
    5  settle  done, or to be tried again later, or given up

A crash before 2 makes the sender send it again; after 2 the row is there and `pick_up` takes it.
Always holds: what keeps failing is given up after `ATTEMPTS`, and the admins are told.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from scheduler.ports import Begin

TAKEN = timedelta(seconds=60)
"""How long an envelope is hidden from others while somebody acts on it."""
ATTEMPTS = 5
"""After how many failures an envelope is given up."""


@dataclass(frozen=True, slots=True)
class Kept:
    """One stored envelope. `attempts` counts how often somebody began to act on it."""

    id: int
    kind: str
    payload: Mapping[str, Any]
    received_at: datetime
    attempts: int = 0


class InboxTransaction(Protocol):
    """One open transaction on envelopes."""

    def keep(self, envelope_id: str, kind: str, payload: Mapping[str, Any], now: datetime) -> int:
        """The number of the envelope, which is kept unless it is known."""

    def take(self, number: int, now: datetime, until: datetime) -> Kept | None:
        """The envelope, hidden from others until `until`; None if it was dealt with or somebody is
        acting on it."""

    def waiting(self, since: datetime, limit: int) -> Sequence[int]:
        """Envelopes that are not dealt with and that nobody has acted on since then."""

    def settle(self, number: int, outcome: str, now: datetime) -> None:
        """Marks it as dealt with; `outcome` says how."""

    def put_off(self, number: int, until: datetime, because: str) -> None:
        """Notes that it failed and is to be tried again later."""


@dataclass(frozen=True, slots=True)
class Failed:
    """An envelope that could not be acted on. `given_up`: it is not tried again."""

    kept: Kept
    error: Exception
    given_up: bool


def keep(
    inbox: Begin[InboxTransaction],
    envelope_id: str,
    kind: str,
    payload: Mapping[str, Any],
    now: datetime,
) -> int:
    """Step 1: the envelope's number."""
    with inbox() as transaction:
        return transaction.keep(envelope_id, kind, payload, now)


def act_on(
    inbox: Begin[InboxTransaction], number: int, act: Callable[[Kept], str], now: datetime
) -> Failed | None:
    """Steps 3 to 5 for one envelope; what went wrong, if anything."""
    with inbox() as transaction:
        kept = transaction.take(number, now, now + TAKEN)
    if kept is None:
        return None
    try:
        outcome = act(kept)
    except Exception as error:  # whatever one envelope does must not stop the others
        return _failed(inbox, kept, error, now)
    with inbox() as transaction:
        transaction.settle(number, outcome, now)
    return None


def settle(inbox: Begin[InboxTransaction], number: int, outcome: str, now: datetime) -> None:
    """Marks an envelope as dealt with when it needs no work."""
    with inbox() as transaction:
        transaction.settle(number, outcome, now)


def pick_up(
    inbox: Begin[InboxTransaction],
    act: Callable[[Kept], str],
    now: datetime,
    since: datetime,
    limit: int = 20,
) -> list[Failed]:
    """Acts on what a crash or a failure before `since` left behind; what went wrong."""
    with inbox() as transaction:
        numbers = transaction.waiting(since, limit)
    return [failed for number in numbers if (failed := act_on(inbox, number, act, now))]


def _failed(inbox: Begin[InboxTransaction], kept: Kept, error: Exception, now: datetime) -> Failed:
    """Tried again in 10, 20, 40 … seconds, or given up."""
    because = f"{type(error).__name__}: {error}"
    given_up = kept.attempts >= ATTEMPTS
    with inbox() as transaction:
        if given_up:
            transaction.settle(kept.id, f"given up: {because}", now)
        else:
            transaction.put_off(kept.id, now + timedelta(seconds=5 * 2**kept.attempts), because)
    return Failed(kept, error, given_up)
