"""Owners: who deals belong to. The owner's id is not the user's id.

[S] CRM/Crm Owners 2026-09. Those who left are listed only with archived=true, have no `userId` any
more ([I] airbytehq/airbyte#27799, #55818) and empty names ([I] getprobo/probo#1594).
"""

from dataclasses import dataclass

from tests.servers.hubspot.answers import Json
from tests.servers.hubspot.moments import iso

LARGEST, USUAL = 500, 100


@dataclass(slots=True)
class Owner:
    """One person or queue."""

    id: int
    user: int
    email: str
    first: str = ""
    last: str = ""
    type: str = "PERSON"
    archived: bool = False
    created: int = 0
    updated: int = 0
    team: str | None = None

    def as_json(self) -> Json:
        """[S] PublicOwner"""
        found: Json = {
            "id": str(self.id),
            "email": self.email,
            "type": self.type,
            "firstName": "" if self.archived else self.first,
            "lastName": "" if self.archived else self.last,
            "userId": None if self.archived else self.user,
            "userIdIncludingInactive": self.user,
            "createdAt": iso(self.created),
            "updatedAt": iso(self.updated),
            "archived": self.archived,
        }
        if self.team:
            found["teams"] = [{"id": "1", "name": self.team, "primary": True}]
        return found


class Owners:
    """All of them, by id."""

    def __init__(self) -> None:
        self.owners: dict[int, Owner] = {}

    def add(self, user: int, email: str, name: str, now: int) -> Owner:
        """A new one."""
        first, _, last = name.partition(" ")
        made = Owner(9_000_000 + user, user, email, first, last, created=now, updated=now)
        self.owners[made.id] = made
        return made

    def listed(self, *, archived: bool, email: str | None, after: int, limit: int) -> list[Owner]:
        """One page and one more, in order of their ids."""
        found = (
            o
            for o in sorted(self.owners.values(), key=lambda o: o.id)
            if o.archived is archived
            and o.id > after
            and (email is None or o.email.lower() == email.lower())
        )
        return [o for o, _ in zip(found, range(limit + 1), strict=False)]
