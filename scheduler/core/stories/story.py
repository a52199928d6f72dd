"""A story as values: who and what exists, what happens on which day, and what must be true at the
end of it.

Always holds: a story's days are in order; everything that can turn out wrong carries its line in
the file.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from scheduler.core.answers.answer import Answer

ADMIN, FALLBACK = "admin", "fallback"
"""What stories call the policy's first admin and the pipeline's fallback."""

CAST: Mapping[str, Mapping[str, str]] = {
    "Ann": {
        "role": "rep",
        "manager": "Bob",
        "zone": "Europe/London",
        "calendar": "weekdays",
        "language": "en",
    },
    "Bob": {"role": "manager", "zone": "Europe/London", "calendar": "weekdays", "language": "en"},
    "Chika": {
        "role": "rep",
        "manager": "Bob",
        "zone": "Asia/Tokyo",
        "calendar": "jp",
        "language": "ja",
    },
    "Dan": {"role": "rep", "zone": "Europe/London", "calendar": "weekdays", "language": "en"},
    "安藤": {
        "role": "rep",
        "manager": "馬場",
        "zone": "Asia/Tokyo",
        "calendar": "jp",
        "language": "ja",
    },
    "馬場": {"role": "manager", "zone": "Asia/Tokyo", "calendar": "jp", "language": "ja"},
    "千葉": {
        "role": "rep",
        "manager": "馬場",
        "zone": "Asia/Tokyo",
        "calendar": "jp",
        "language": "ja",
    },
    "段": {"role": "rep", "zone": "Asia/Tokyo", "calendar": "jp", "language": "ja"},
}
"""Who need not be introduced: Ann owns accounts, Bob is her manager, Chika works in Tokyo, Dan is
of another team; and the same four in Japanese."""

CONTRACT: Mapping[str, str] = {
    "contract": "C-1",
    "customer": "Acme",
    "product": "Pro",
    "term": "12 months",
    "amount": "1200000",
    "owner": "Ann",
}
"""What a contract is unless the story says otherwise."""


@dataclass(frozen=True, slots=True)
class ExpectedTelling:
    """One thing that somebody is told. `contract` empty: the story's only one; `instead_of`: the
    person they stand in for, `None` if the story does not say."""

    who: str
    milestone: str
    step: int = 0
    contract: str = ""
    instead_of: str | None = None

    def __str__(self) -> str:
        step = f"+{self.step}" if self.step else ""
        stands_in = f"for {self.instead_of}" if self.instead_of else ""
        return " ".join(
            part for part in (self.who, self.contract, self.milestone, step, stands_in) if part
        )


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer that somebody gives (`by` empty: the contract's owner); `refused`: the program must
    refuse it."""

    said: Answer
    by: str
    contract: str
    refused: bool
    line: int


@dataclass(frozen=True, slots=True)
class Away:
    """Somebody's absence from one day to another, both inclusive, perhaps with a delegate."""

    who: str
    first_on: date
    last_on: date
    delegate: str | None = None


Row = Mapping[str, str]
"""One row of a file, its columns by their English names."""


@dataclass(frozen=True, slots=True)
class StoryDay:
    """What happens on the afternoon of a day, and what must be true when the day is over. `facts`:
    by contract ("" for the only one), by name."""

    on: date
    line: int
    people: tuple[Row, ...] = ()
    file: tuple[Row, ...] = ()
    away: tuple[Away, ...] = ()
    policy: Mapping[str, Any] | None = None
    backfill: bool = False
    replies: tuple[Reply, ...] = ()
    stopped_until: date | None = None
    told: tuple[ExpectedTelling, ...] | None = None
    quiet_until: date | None = None
    facts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    next: Mapping[str, str] = field(default_factory=dict)
    lines: Mapping[str, int] = field(default_factory=dict)

    @property
    def acts(self) -> bool:
        """Whether anything happens."""
        return bool(
            self.people
            or self.file
            or self.away
            or self.policy is not None
            or self.replies
            or self.stopped_until
        )


@dataclass(frozen=True, slots=True)
class Story:
    """One story. `complete`: nobody is told anything except what is listed here; `never`: what must
    not be told at all."""

    file: str
    title: str
    contracts: tuple[Row, ...]
    begins: date
    until: date
    people: tuple[Row, ...] = ()
    away: tuple[Away, ...] = ()
    policy: Mapping[str, Any] = field(default_factory=dict)
    complete: bool = True
    never: tuple[tuple[str, ...], ...] = ()
    at_most: Mapping[str, int] = field(default_factory=dict)
    days: tuple[StoryDay, ...] = ()
    lines: Mapping[str, int] = field(default_factory=dict)

    @property
    def only(self) -> str:
        """The number of the story's only contract, which need not be named."""
        return self.contracts[0]["contract"]
