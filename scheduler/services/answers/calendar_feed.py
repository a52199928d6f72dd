"""The calendar feed: one secret address for each person, under which their calendar program reads
their days.

Always holds: the secret itself is kept nowhere, only its hash; reading the feed changes nothing;
somebody who has left has none.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Protocol

from scheduler.core.deal.deal import Deal
from scheduler.core.deal.people import Person
from scheduler.core.facts.calendar_feed import KEPT_FOR, CalendarEntry, entries
from scheduler.core.policy.policy import Policy
from scheduler.core.words.lexicon import Language


class FeedStore(Protocol):
    """The storage as the feed needs it."""

    def subscriber(self, secret_hash: str) -> Person | None:
        """Whose feed it is."""

    def reports_of(self, person_id: int) -> Collection[int]:
        """Everybody below a manager, however many levels down."""

    def feed_deals(self, owners: Collection[int], since: date) -> Sequence[Deal]:
        """The deals of these owners that have not ended before `since`, and deals they were told
        about before somebody else took them over."""

    def notes_of(self, deals: Collection[int]) -> Mapping[int, str]:
        """The latest note on each of these deals."""

    def has_feed(self, person_id: int) -> bool:
        """Whether the person has an address."""

    def keep_secret(self, person_id: int, secret_hash: str | None) -> None:
        """Replaces the person's secret; None takes their feed away."""


@dataclass(frozen=True, slots=True)
class CalendarFeed:
    """A person's calendar."""

    person: Person
    language: Language
    entries: Sequence[CalendarEntry]


def hash_of(secret: str) -> str:
    """The hash that is kept of a secret; one of 256 random bits needs neither a salt nor a slow
    hash."""
    return sha256(secret.encode()).hexdigest()


def feed_of(
    store: FeedStore, secret: str, policy: Policy, now: datetime, *, team: bool = False
) -> CalendarFeed | None:
    """The feed under a secret, with `team` also for everybody below its owner; None where there is
    no such feed (any more)."""
    person = store.subscriber(hash_of(secret))
    if person is None or not person.active:
        return None
    owners = frozenset({person.id, *(store.reports_of(person.id) if team else ())})
    deals = store.feed_deals(owners, now.date() - KEPT_FOR)
    language = policy.language_of(person)
    notes = store.notes_of([deal.id for deal in deals])
    return CalendarFeed(person, language, entries(deals, owners, policy, now, language, notes))
