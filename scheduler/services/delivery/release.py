"""Release: lets what is held back go out after a person has looked at it (DESIGN §5 "Attention",
§7).

What there is
    nudges the flood breaker holds      released: due now, as one bundle each, and no longer late,
                                        so that the breaker does not trip again
    messages that were held unsent      queued again, unless this database is for rehearsals, which
                                        would hold them again
    messages in doubt                   listed: they may have arrived, and only their reader knows;
                                        settled one by one by a person who has asked
Always holds: nothing that may have been sent is sent again from here, unless somebody says so of
that very message.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from scheduler.core.words.errors import UserMustActError
from scheduler.ports import Begin
from scheduler.services.people.naming import PeopleLook, number_of


@dataclass(frozen=True, slots=True)
class HeldNudges:
    """Nudges of one recipient that are held: how many, since when, and why (a stored reason)."""

    recipient: str
    count: int
    since: datetime
    because: str


@dataclass(frozen=True, slots=True)
class HeldMessage:
    """A message that is held or in doubt. `untouched`: it was never handed over, so that queueing
    it again sends it once."""

    number: int
    recipient: str
    since: datetime
    because: str
    in_doubt: bool
    untouched: bool


@dataclass(frozen=True, slots=True)
class HeldBack:
    """All that is held, and whether this database is one for rehearsals."""

    nudges: tuple[HeldNudges, ...] = ()
    messages: tuple[HeldMessage, ...] = ()
    rehearsal: bool = False

    @property
    def safe(self) -> tuple[HeldMessage, ...]:
        """The messages that may be queued again."""
        return (
            ()
            if self.rehearsal
            else tuple(m for m in self.messages if m.untouched and not m.in_doubt)
        )

    @property
    def count(self) -> int:
        """How many nudges would be released."""
        return sum(n.count for n in self.nudges)


@dataclass(frozen=True, slots=True)
class Released:
    """The result of a release: nudges, and messages that were queued again."""

    nudges: int = 0
    messages: int = 0


class DoubtVerdict(StrEnum):
    """A person's verdict on a message in doubt: it arrived, or it is to be sent again."""

    SENT = "sent"
    AGAIN = "again"


class ReleaseTransaction(PeopleLook, Protocol):
    """One open transaction on what is held."""

    def held(self, person: int | None, since: datetime | None) -> HeldBack:
        """What is held, for everybody or one person, in full or only what came up since then."""

    def release(self, person: int | None, since: datetime | None, now: datetime) -> int:
        """Releases nudges that no message carries, as `held` lists them; returns how many."""

    def queue_again(self, messages: Sequence[int], now: datetime) -> int:
        """Queues held messages again, with what they carry; how many."""

    def settle(self, number: int, verdict: DoubtVerdict, now: datetime) -> bool:
        """Settles a message in doubt; False where there is none with this number."""


def look_at_held(
    releasing: Begin[ReleaseTransaction], wanted: str | None, since: datetime | None
) -> HeldBack:
    """What would be released. Raises UserMustActError for an unknown person."""
    with releasing() as transaction:
        return transaction.held(number_of(transaction, wanted), since)


def release(
    releasing: Begin[ReleaseTransaction], wanted: str | None, since: datetime | None, now: datetime
) -> Released:
    """Releases it. Raises UserMustActError for an unknown person."""
    with releasing() as transaction:
        person = number_of(transaction, wanted)
        safe = transaction.held(person, since).safe
        return Released(
            transaction.release(person, since, now),
            transaction.queue_again([m.number for m in safe], now),
        )


def settle(
    releasing: Begin[ReleaseTransaction], number: int, verdict: DoubtVerdict, now: datetime
) -> None:
    """Settles a message in doubt. Raises UserMustActError where there is none with this number."""
    with releasing() as transaction:
        if not transaction.settle(number, verdict, now):
            raise UserMustActError(
                ("there is no message {number} in doubt; `renewals release --in-doubt` lists them"),
                number=number,
            )
