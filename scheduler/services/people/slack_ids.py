"""Slack ids: people without a member id are looked up by e-mail, so that nobody has to collect ids
by hand.

Always holds: an id that somebody entered stays; an id is given to only one person; a second run
does what is left.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from scheduler.core.deal.people import Person


@dataclass(frozen=True, slots=True)
class Match:
    """The result for one person: an id, or why there is none (`no_email`, `not_found`, `taken`)."""

    person: int
    name: str
    email: str
    slack_id: str = ""
    why_not: str = ""


class Directory(Protocol):
    """Tells who somebody is on Slack."""

    def id_of(self, email: str) -> str:
        """The member id of the person with this e-mail; empty if there is none. Raises
        DirectoryError."""


class SlackIdStore(Protocol):
    """The storage that Slack ids are entered into."""

    def everybody(self) -> Sequence[Person]:
        """All people."""

    def set_slack_id(self, person_id: int, slack_id: str) -> bool:
        """Enters an id, unless the person has one by now; returns whether it was entered."""


def match(people: Iterable[Person], look_up: Callable[[str], str]) -> list[Match]:
    """An id for each active person without one, as `look_up` finds them by e-mail."""
    everybody = list(people)
    taken = {person.slack_id for person in everybody if person.slack_id}
    found = []
    for person in everybody:
        if not person.active or person.slack_id:
            continue
        one = _match(person, look_up, taken)
        taken |= {one.slack_id} - {""}
        found.append(one)
    return found


def _match(person: Person, look_up: Callable[[str], str], taken: Collection[str]) -> Match:
    """Matches one person."""
    if not person.email:
        return Match(person.id, person.name, "", why_not="no_email")
    slack_id = look_up(person.email)
    if not slack_id or slack_id in taken:
        return Match(
            person.id, person.name, person.email, why_not="taken" if slack_id else "not_found"
        )
    return Match(person.id, person.name, person.email, slack_id)


def enter(store: SlackIdStore, matches: Iterable[Match]) -> int:
    """Enters the ids that were found; returns how many."""
    return sum(store.set_slack_id(one.person, one.slack_id) for one in matches if one.slack_id)
