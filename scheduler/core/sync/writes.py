"""What is written to HubSpot's records, what became of it, and what is kept while it is on its way.

Always holds: each change has an outcome of its own; what nobody can tell is UNKNOWN, which is
neither written nor refused.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from scheduler.core.sync.records import PIPELINE, STAGE, Record
from scheduler.core.sync.values import PropertyType

RESTORING = "restore:"
"""How our mark begins on a write that restores somebody's move, over which we had written."""
CREATING = "create:"
"""How our mark begins on a write that makes a record."""


@dataclass(frozen=True, slots=True)
class RecordWrite:
    """What is to be written to one record: its id, or the value of its unique property. `trace` is
    our mark of this write, of which each has its own; it comes back with the answer. `company`: the
    one that a new record is linked with, empty for none."""

    key: str
    properties: Mapping[str, str]
    trace: str
    company: str = ""


class WriteOutcome(StrEnum):
    """What became of a change. `LATER`: it was not carried out, and may be tried again."""

    WRITTEN = "written"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    LATER = "later"


@dataclass(frozen=True, slots=True)
class WriteResult:
    """What became of a change. `at` is HubSpot's clock; `because` its words for a refusal; `gone`:
    the refusal is that there is no such record; `seconds`: how long one that was put off has to
    wait; `refused`: the properties of a written one that were refused all the same, each with
    HubSpot's words."""

    change: RecordWrite
    outcome: WriteOutcome
    record_id: str = ""
    at: datetime | None = None
    because: str = ""
    gone: bool = False
    seconds: float = 0.0
    refused: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RecordsRead:
    """Records by the ids they were asked for: None for one that is not there; what HubSpot says
    nothing of is missing. `at`: when they were asked for, by HubSpot's clock."""

    records: Mapping[str, Record | None]
    at: datetime


@dataclass(frozen=True, slots=True)
class Writable:
    """The properties of an account's deals that may be written, with their types, and those of them
    whose values are unique."""

    types: Mapping[str, PropertyType]
    unique: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class PendingWrite:
    """The values of one deal on their way: what they are, what stood there when it was read at
    `read_at` (HubSpot's clock), and the versions of deal and policy they tell of. `lacking` is why
    the deal is not in step even when they have arrived, as a stored reason."""

    values: Mapping[str, str]
    trace: str
    read_at: datetime
    version: int
    policy_version: int
    was: Mapping[str, str] = field(default_factory=dict)
    digest: str = ""
    lacking: str = ""

    @property
    def restores(self) -> bool:
        """Whether they restore somebody's move."""
        return self.trace.startswith(RESTORING)

    @property
    def creates(self) -> bool:
        """Whether they make a record."""
        return self.trace.startswith(CREATING)

    def only_stage(self) -> "PendingWrite":
        """The part of them that is the stage with its pipeline."""
        stage = {n: v for n, v in self.values.items() if n in (STAGE, PIPELINE)}
        was = {n: v for n, v in self.was.items() if n in stage}
        return replace(self, values=stage, was=was)

    def change(self, record_id: str) -> RecordWrite:
        """As it is written to a record."""
        return RecordWrite(record_id, self.values, self.trace)

    def as_json(self) -> dict[str, Any]:
        """All of it, to be kept."""
        kept = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return kept | {"read_at": self.read_at.isoformat(), "values": dict(self.values)}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "PendingWrite":
        """What `as_json` gave."""
        return cls(**{**kept, "read_at": datetime.fromisoformat(kept["read_at"])})
