"""What people reach through the links in their mails: the deal as it stands, how often they hear, a
fresh link for one that has expired.

Always holds: looking changes nothing; a fresh link goes to the person's own address only, never to
whoever holds the old one, and at most once an hour; nobody can wish to hear nothing (DESIGN §5
"Attention").
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from scheduler.core.deal.deal import Deal, Nudge
from scheduler.core.deal.people import Person
from scheduler.core.facts.nudge_facts import facts_told
from scheduler.core.policy.policy import Policy
from scheduler.core.rules.routing import Destination, destinations_of
from scheduler.core.words.lexicon import ChannelName, Language
from scheduler.ports import Links
from scheduler.services.answers.answering import UndoableAct
from scheduler.services.answers.worklist import PaceStore

FRESH_AFTER = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class LinkedNudge:
    """A nudge with its deal as it is now, and the last thing that can be undone on it."""

    nudge: Nudge
    deal: Deal
    act: UndoableAct | None = None


class LinkedStore(PaceStore, Protocol):
    """The storage as the pages need it."""

    def look(self, nudge: str) -> LinkedNudge | None:
        """The nudge with this key; None for an unknown key or a voided deal."""

    def deal(self, key: str) -> Deal | None:
        """The deal with this key; None for an unknown key or a voided deal."""

    def linked_person(self, person_id: int) -> Person | None:
        """The person a link names."""

    def queue_fresh(
        self,
        person: Person,
        destination: Destination,
        language: Language,
        facts: Mapping[str, Any],
        since: datetime,
        now: datetime,
    ) -> bool:
        """Queues a message with fresh links unless the person got one after `since`; whether it
        did."""


def send_fresh(
    store: LinkedStore,
    person: Person,
    nudge: str,
    policy: Policy,
    configured: Collection[ChannelName],
    links: Links,
    now: datetime,
) -> bool:
    """Sends the person fresh links for a nudge, by mail if they have an address; False where
    nothing can be sent, or was sent within the hour."""
    looked = store.look(nudge)
    destinations = sorted(
        destinations_of(person, configured),
        key=lambda destination: destination[0] is not ChannelName.EMAIL,
    )
    if looked is None or not destinations:
        return False
    language = policy.language_of(person)
    facts = facts_told(looked.nudge, looked.deal, policy, now, language)
    if not facts:
        return False
    facts["links"] = dict(
        links.answers(person.id, nudge, [offer["id"] for offer in facts["offers"]])
    )
    return store.queue_fresh(
        person, destinations[0], language, {"items": [facts], "count": 1}, now - FRESH_AFTER, now
    )
