"""Owners: an owner's id is not a user's, and both lead to a person by e-mail.

Always holds: somebody who was deactivated is known still, and known to be so.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Owner:
    """One owner. A deactivated one's `user_id` is what it was, where HubSpot still says so."""

    id: str
    email: str = ""
    name: str = ""
    user_id: str = ""
    active: bool = True
    queue: bool = False

    @property
    def called(self) -> str:
        """What people call the owner."""
        return self.name or self.email or self.id


def owner_of(raw: Mapping[str, Any]) -> Owner:
    """An owner from the API's JSON; names of deactivated ones are empty."""
    names = (str(raw.get("firstName") or "").strip(), str(raw.get("lastName") or "").strip())
    return Owner(
        id=str(raw["id"]),
        email=str(raw.get("email") or "").strip().lower(),
        name=" ".join(filter(None, names)),
        user_id=str(raw.get("userId") or raw.get("userIdIncludingInactive") or ""),
        active=not raw.get("archived"),
        queue=raw.get("type") == "QUEUE",
    )


@dataclass(frozen=True, slots=True)
class Owners:
    """All owners of an account, also those who left. Who is active wins over an old entry."""

    by_id: Mapping[str, Owner] = field(default_factory=dict)
    by_user: Mapping[str, Owner] = field(default_factory=dict)

    @classmethod
    def of(cls, owners: Iterable[Owner]) -> "Owners":
        """From both lists, in whatever order."""
        known = sorted(owners, key=lambda owner: owner.active)
        return cls(
            {owner.id: owner for owner in known},
            {owner.user_id: owner for owner in known if owner.user_id},
        )

    def owner(self, owner_id: str) -> Owner | None:
        """The owner that `hubspot_owner_id` names; None where nobody knows the id."""
        return self.by_id.get(owner_id)

    def user_name(self, user_id: str) -> str:
        """What the user of a history is called, empty where nobody knows."""
        found = self.by_user.get(user_id)
        return found.called if found else ""

    def id_of(self, email: str) -> str | None:
        """The owner id of an active person, by e-mail; None where there is none."""
        wanted = email.strip().lower()
        return next(
            (
                owner.id
                for owner in self.by_id.values()
                if wanted and owner.email == wanted and owner.active and not owner.queue
            ),
            None,
        )

    @property
    def addresses(self) -> Mapping[str, str]:
        """The addresses of people, also of those who left, by the owner's id."""
        return {o.id: o.email for o in self.by_id.values() if o.email and not o.queue}

    @property
    def here(self) -> frozenset[str]:
        """The addresses of people who are active."""
        return frozenset(e for id, e in self.addresses.items() if self.by_id[id].active)

    @property
    def left(self) -> frozenset[str]:
        """The addresses of people who were deactivated, and have no active entry beside."""
        return frozenset(self.addresses.values()) - self.here
