"""`renewals retry`: sends what could reach nobody again, once a person has fixed the cause.

Always holds: only what is certain not to have arrived is sent again; nudges go back to waiting and
get a new message in their recipient's window, with today's addresses, so that a corrected address
is used and what was answered meanwhile is left out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from scheduler.ports import Begin
from scheduler.services.people.naming import PeopleLook, number_of


@dataclass(frozen=True, slots=True)
class Undeliverable:
    """A message that nobody got in any way: for whom, of which kind, how many nudges it carries,
    when it was made, and why (a stored reason)."""

    number: int
    recipient: str
    address: str
    kind: str
    nudges: int
    since: datetime
    because: str


@dataclass(frozen=True, slots=True)
class Retried:
    """The result: nudges put back, and messages that carry none."""

    nudges: int = 0
    messages: int = 0


class RetryTransaction(PeopleLook, Protocol):
    """One open transaction on what could not be delivered."""

    def undeliverable(self, person: int | None, numbers: Sequence[int]) -> Sequence[Undeliverable]:
        """What reached nobody, for everybody or one person, in full or only these messages."""

    def again(self, numbers: Sequence[int], now: datetime) -> Retried:
        """Puts back what these messages carry."""


def look_at_undeliverable(
    retrying: Begin[RetryTransaction], wanted: str | None, numbers: Sequence[int] = ()
) -> Sequence[Undeliverable]:
    """Finds what would be tried again. Raises UserMustActError for an unknown person."""
    with retrying() as transaction:
        return transaction.undeliverable(number_of(transaction, wanted), numbers)


def retry(
    retrying: Begin[RetryTransaction], wanted: str | None, numbers: Sequence[int], now: datetime
) -> Retried:
    """Tries it again. Raises UserMustActError for an unknown person."""
    with retrying() as transaction:
        found = transaction.undeliverable(number_of(transaction, wanted), numbers)
        return transaction.again([u.number for u in found], now)
