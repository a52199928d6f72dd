"""The people: who owns accounts, who manages them, who decides. Values only; storage keeps them,
routing chooses among them."""

from dataclasses import dataclass
from datetime import date, time

from scheduler.core.words.lexicon import Language, Pace, Role


@dataclass(frozen=True, slots=True)
class WorkingHours:
    """The part of a working day in which a person may be reached, in their own zone. `opens` is
    inclusive, `closes` exclusive."""

    opens: time = time(9, 0)
    closes: time = time(18, 0)


@dataclass(frozen=True, slots=True)
class Absence:
    """Days on which a person is away, first and last inclusive, and who stands in for them (None:
    nobody was named)."""

    first_on: date
    last_on: date
    delegate_id: int | None = None
    id: int | None = None

    def covers(self, day: date) -> bool:
        """Whether the person is away on `day`."""
        return self.first_on <= day <= self.last_on


@dataclass(frozen=True, slots=True)
class Person:
    """One colleague. An empty `zone`, `calendar`, `language` or `hours` means the policy's
    default."""

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
    pace: Pace = Pace.DAILY
    absences: tuple[Absence, ...] = ()

    def absence_on(self, day: date) -> Absence | None:
        """The absence that covers `day`; of several, the one that ends last."""
        return max(
            (a for a in self.absences if a.covers(day)), key=lambda a: a.last_on, default=None
        )


@dataclass(frozen=True, slots=True)
class Recipient:
    """Whom a nudge is for: either a person or an address (`slack:#renewals`,
    `email:cs@example.com`)."""

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
