"""The people: who owns accounts, who manages them, who decides. Values only; storage keeps them, routing chooses among them."""

from dataclasses import dataclass
from datetime import time

from scheduler.core.words import Language, Role


@dataclass(frozen=True, slots=True)
class WorkingHours:
    """The part of a working day in which a person may be reached, in his own zone. `opens` is inclusive, `closes` exclusive."""

    opens: time = time(9, 0)
    closes: time = time(18, 0)


@dataclass(frozen=True, slots=True)
class Person:
    """One colleague. An empty `zone`, `calendar`, `language` or `hours` means the policy's default."""

    id: int
    name: str
    role: Role = Role.REP
    email: str | None = None
    slack_id: str | None = None
    zone: str | None = None
    calendar: str | None = None
    language: Language | None = None
    hours: WorkingHours | None = None
    manager_id: int | None = None
    active: bool = True


@dataclass(frozen=True, slots=True)
class Recipient:
    """Whom a nudge is for: exactly one of a person or an address (`slack:#renewals`, `email:cs@example.com`)."""

    person_id: int | None = None
    address: str | None = None

    def __post_init__(self) -> None:
        if (self.person_id is None) == (self.address is None):
            raise ValueError("a recipient is either a person or an address")

    @property
    def key(self) -> str:
        """The stable text of this recipient, part of a nudge's unique key.

        >>> Recipient(person_id=7).key, Recipient(address="slack:#cs").key
        ('person:7', 'slack:#cs')
        """
        return self.address if self.address is not None else f"person:{self.person_id}"
