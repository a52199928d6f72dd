"""How far HubSpot and the deals here are in step, as people and machines are told."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from scheduler.core.words.labels import Label
from scheduler.services.sync.ingesting import Conflict, IngestResult
from scheduler.services.sync.pulling import Run

LAST, TROUBLE, DRIFT, QUOTA = "last", "trouble", "drift", "quota"
"""Where the figures of the last round are kept, what hinders rounds at present, the figures of the
last comparison of all deals, and the day's quota as it was told last."""
LISTED = 20


@dataclass(frozen=True, slots=True)
class CallsLeft:
    """How many of the day's calls were left at `at`, to all apps of the account together."""

    daily: int
    left: int
    at: datetime

    @property
    def used(self) -> int:
        """How many calls were made."""
        return max(0, self.daily - self.left)

    def as_text(self) -> str:
        """Both numbers and the instant."""
        return json.dumps({"daily": self.daily, "left": self.left, "at": self.at.isoformat()})

    @classmethod
    def from_text(cls, text: str) -> "CallsLeft":
        """From what `as_text` gave."""
        kept: dict[str, Any] = json.loads(text)
        return cls(kept["daily"], kept["left"], datetime.fromisoformat(kept["at"]))


@dataclass(frozen=True, slots=True)
class LastDrift:
    """The last comparison of all deals: when, how many records it read, what it found and what was
    left of that after a repair."""

    at: datetime
    read: int = 0
    found: int = 0
    left: int = 0

    def as_text(self) -> str:
        """Its figures."""
        kept = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return json.dumps(kept | {"at": self.at.isoformat()})

    @classmethod
    def from_text(cls, text: str) -> "LastDrift":
        """From its figures."""
        kept: dict[str, Any] = json.loads(text)
        return cls(**kept | {"at": datetime.fromisoformat(kept["at"])})


@dataclass(frozen=True, slots=True)
class LastRound:
    """The last round that ended: when, how many records it read and took in, and what that came
    to."""

    at: datetime
    read: int = 0
    taken: int = 0
    answers: int = 0
    moves: int = 0
    held: int = 0
    conflicts: int = 0
    merged: int = 0
    new: int = 0
    updated: int = 0
    rejected: int = 0

    @classmethod
    def of(cls, at: datetime, run: Run | None, took: IngestResult | None) -> "LastRound":
        """Makes it from the result of a round."""
        report = took.report if took else None
        return cls(
            at,
            run.read if run else 0,
            took.records if took else 0,
            *((took.answers, took.moves, took.held, took.conflicts, took.merged) if took else ()),
            **{
                name: getattr(report, name)
                for name in ("new", "updated", "rejected")
                if report is not None
            },
        )

    def as_text(self) -> str:
        """All of it, to be kept."""
        kept = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return json.dumps(kept | {"at": self.at.isoformat()})

    @classmethod
    def from_text(cls, text: str) -> "LastRound":
        """What `as_text` gave."""
        kept: dict[str, Any] = json.loads(text)
        return cls(**kept | {"at": datetime.fromisoformat(kept["at"])})


@dataclass(frozen=True, slots=True)
class HeldRecord:
    """A deal whose stage in HubSpot is not followed, and why (a stored reason)."""

    record_id: str
    contract: str
    customer: str
    because: str


@dataclass(frozen=True, slots=True)
class ListedConflict:
    """A conflict with the contract and the customer it is about."""

    contract: str
    customer: str
    conflict: Conflict


@dataclass(frozen=True, slots=True)
class SyncStatus:
    """Everything about a sync that is not looked up in HubSpot itself. `run` is under way;
    `trouble` is why rounds are broken off (a stored reason, empty where they are not); `states`
    counts records by what became of them, `waits` by what is still to be done with them; `unread`:
    the kinds of linked records that cannot be read, and why; `stages`: what stages are called in
    HubSpot, by id; `lacking`: what the mapping names that the account does not have, as stored
    reasons; `left`: people whom HubSpot has deactivated, with whether they are active here."""

    last: LastRound | None = None
    run: Run | None = None
    trouble: str = ""
    mark: datetime | None = None
    states: Mapping[str, int] = field(default_factory=dict)
    waits: Mapping[str, int] = field(default_factory=dict)
    held: Sequence[HeldRecord] = ()
    held_count: int = 0
    conflicts: Sequence[ListedConflict] = ()
    conflict_count: int = 0
    drift: LastDrift | None = None
    quota: CallsLeft | None = None
    unread: Mapping[str, str] = field(default_factory=dict)
    stages: Mapping[str, str] = field(default_factory=dict)
    lacking: Sequence[str] = ()
    left: Mapping[str, bool] = field(default_factory=dict)

    @property
    def in_step(self) -> bool:
        """Whether everything that was found has been taken in, and nothing hinders the next
        round."""
        hindered = self.trouble or self.waits or self.unread or self.lacking
        return self.last is not None and not hindered

    def lag(self, now: datetime) -> timedelta | None:
        """How long ago the last round ended; None where none has."""
        return None if self.last is None else now - self.last.at


class SyncLook(Protocol):
    """A look at how closely the two agree."""

    def standing(self) -> SyncStatus:
        """All of it."""


def who_left(left: Mapping[str, bool]) -> Sequence[Label]:
    """What is said of people whom HubSpot has deactivated: how many are inactive here, and who is
    active all the same."""
    gone = sum(not active for active in left.values())
    lines = [
        Label(
            "{count} person who was deactivated in HubSpot is inactive here; what is asked about "
            "their deals goes to the fallback until they have another owner",
            many="{count} people who were deactivated in HubSpot are inactive here; what is asked "
            "about their deals goes to the fallback until they have another owner",
            count=gone,
        )
    ] * bool(gone)
    return [
        *lines,
        *(
            Label(
                "{name} was deactivated in HubSpot and is active here, as somebody said here; if "
                "they have left: renewals people deactivate NAME",
                name=name,
            )
            for name, active in left.items()
            if active
        ),
    ]
