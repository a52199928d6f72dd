"""Whom a command means: a colleague by e-mail or name, or by a part of either.

Always holds: nobody is guessed; if several fit they are listed; whole names and addresses come
before parts.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol, TypeVar

from scheduler.core.deal.people import Person
from scheduler.core.imports.records import person_key
from scheduler.core.words.errors import UserMustActError


class Named(Protocol):
    """Somebody with a name and perhaps an address."""

    @property
    def name(self) -> str:
        """As people say it."""

    @property
    def email(self) -> str | None:
        """The address, if there is one."""


N = TypeVar("N", bound=Named)


class PeopleLook(Protocol):
    """A transaction in which people can be found."""

    def people(self) -> Sequence[Person]:
        """Everybody, with the absences that stand."""


def number_of(look: PeopleLook, wanted: str | None) -> int | None:
    """The number of the person who is meant; None for nobody in particular. Raises
    UserMustActError."""
    return find_person(look.people(), wanted).id if wanted else None


def find_person(people: Sequence[N], wanted: str) -> N:
    """The person who is meant. Raises UserMustActError that lists those who fit, or says that
    nobody does."""
    key = person_key(wanted)
    exact = [p for p in people if key in (person_key(p.name), (p.email or "").lower())]
    found = exact or [
        p for p in people if key and (key in person_key(p.name) or key in (p.email or "").lower())
    ]
    if len(found) == 1:
        return found[0]
    if not found:
        raise UserMustActError(
            "nobody matches {wanted}; `renewals people` lists everybody", wanted=wanted
        )
    names = ", ".join(shown(p) for p in found[:10])
    raise UserMustActError("{wanted} matches several people: {names}", wanted=wanted, names=names)


def find_meant(people: Sequence[N], merged: Mapping[str, N], wanted: str) -> N:
    """The person who is meant, also by a name or address of somebody merged into them (`merged`, by
    `person_key`). Raises UserMustActError."""
    if person_key(wanted) in merged and not any(
        person_key(wanted) in (person_key(p.name), (p.email or "").lower()) for p in people
    ):
        return merged[person_key(wanted)]
    return find_person(people, wanted)


def shown(person: Named) -> str:
    """A person with the address that tells them apart from others of the same name.

    >>> from scheduler.core.deal.people import Person
    >>> shown(Person(1, "Ann Ito", email="ann@example.com")), shown(Person(2, "Bob"))
    ('Ann Ito <ann@example.com>', 'Bob')
    """
    return f"{person.name} <{person.email}>" if person.email else person.name
