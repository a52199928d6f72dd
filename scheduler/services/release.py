"""Release: what is held back goes out after a person has looked at it (DESIGN §5 "Attention", §7).

What there is
    nudges the flood breaker holds      released: due now, as one bundle each, and no longer late, so that the breaker does not trip again
    messages that were held unsent      queued again, unless this database is for rehearsals, which would hold them again
    messages in doubt                   listed only: they may have arrived, and nobody but their reader knows
Always holds: nothing that may have been sent is sent again from here.
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from scheduler.core.people import Person
from scheduler.services.naming import find_person


@dataclass(frozen=True, slots=True)
class HeldNudges:
    """Nudges of one recipient that are held: how many, since when, and why (a stored reason)."""

    recipient: str
    count: int
    since: datetime
    because: str


@dataclass(frozen=True, slots=True)
class HeldMessage:
    """A message that is held or in doubt. `untouched`: it was never handed over, so that queueing it again sends it once."""

    number: int
    recipient: str
    since: datetime
    because: str
    in_doubt: bool
    untouched: bool


@dataclass(frozen=True, slots=True)
class Held:
    """All that is held, and whether this database is one for rehearsals."""

    nudges: tuple[HeldNudges, ...] = ()
    messages: tuple[HeldMessage, ...] = ()
    rehearsal: bool = False

    @property
    def safe(self) -> tuple[HeldMessage, ...]:
        """The messages that may be queued again."""
        return () if self.rehearsal else tuple(m for m in self.messages if m.untouched and not m.in_doubt)

    @property
    def count(self) -> int:
        """How many nudges would be released."""
        return sum(n.count for n in self.nudges)


@dataclass(frozen=True, slots=True)
class Released:
    """What was released: nudges, and messages that were queued again."""

    nudges: int = 0
    messages: int = 0


class ReleaseTransaction(Protocol):
    """One open transaction on what is held."""

    def people(self) -> Sequence[Person]:
        """Everybody."""

    def held(self, person: int | None, since: datetime | None) -> Held:
        """What is held, of everybody or one person, all of it or what came up since then."""

    def release(self, person: int | None, since: datetime | None, now: datetime) -> int:
        """Lets nudges that no message carries go, as `held` lists them; how many."""

    def queue_again(self, messages: Sequence[int], now: datetime) -> int:
        """Queues held messages again, with what they carry; how many."""


class ReleaseStore(Protocol):
    """What this needs of the storage."""

    def releasing(self) -> AbstractContextManager[ReleaseTransaction]:
        """A transaction that commits at the end of the block and rolls back on any error."""


def look_at_held(store: ReleaseStore, wanted: str | None, since: datetime | None) -> Held:
    """What would be released. Raises UserMustActError for somebody who is not known."""
    with store.releasing() as transaction:
        return transaction.held(_person(transaction, wanted), since)


def release(store: ReleaseStore, wanted: str | None, since: datetime | None, now: datetime) -> Released:
    """Releases it. Raises UserMustActError for somebody who is not known."""
    with store.releasing() as transaction:
        person = _person(transaction, wanted)
        safe = transaction.held(person, since).safe
        return Released(transaction.release(person, since, now), transaction.queue_again([m.number for m in safe], now))


def _person(transaction: ReleaseTransaction, wanted: str | None) -> int | None:
    """The number of whoever is meant."""
    return find_person(transaction.people(), wanted).id if wanted else None
