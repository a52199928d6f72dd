"""What a page of a comparison is about: records that are there, of which something may differ, and
their results."""

from collections import Counter
from dataclasses import dataclass, field

from scheduler.core.sync.drift import DriftFinding, FollowedRecord
from scheduler.core.sync.linked import Linked
from scheduler.core.sync.records import Record
from scheduler.services.sync.record_rows import KeptRecord

COMING, HELD, EDITED, UNPUSHED, TOLD = "coming", "held", "edited", "unpushed", "told_"
"""What differs and is no drift: the next round reads it, it waits for a person, somebody has set it
by hand here, nothing is written there; and what HubSpot was told
(`core.sync.drift.PushProgress`)."""


@dataclass(slots=True)
class DriftPage:
    """The result of one page: `read` records were compared; `counts` are those that differ and are
    not drift."""

    read: int = 0
    findings: list[DriftFinding] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Suspect:
    """A record that is there, as it was read, with its company and what it is linked with."""

    one: FollowedRecord
    record: Record
    company_id: str
    company: str
    linked: Linked

    @property
    def kept(self) -> KeptRecord:
        """The record in the form that an import is given."""
        one, known = self.one, bool(self.one.contract)
        return KeptRecord(
            self.record, self.company_id, self.company, known, one.closed, self.linked
        )
