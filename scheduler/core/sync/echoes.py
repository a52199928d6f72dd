"""Whose change is it: what comes back of our own writing, and what a person said.

Always holds: only what is provably ours is an echo; anything else counts as somebody's move. Whose
change stands where both said something is decided by `core.sync.conflicts`.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from scheduler.core.sync.fields import CLOSE_DATE
from scheduler.core.sync.records import ChangeSource, PropertyVersion, Record
from scheduler.core.sync.values import PropertyType, means_same

_BY_ITSELF = timedelta(seconds=10)
"""How soon after a deal was closed HubSpot sets its close date by itself."""
_SAME_MOMENT = timedelta(seconds=10)
"""How far apart the entry of our write in a history and HubSpot's answer to it may lie."""


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """One line of the ledger: what we wrote, when by HubSpot's clock, under which mark of ours."""

    deal: str
    name: str
    value: str
    at: datetime
    trace: str = ""


LEDGER_KEPT = timedelta(days=30)
"""How long a line of the ledger is kept that is not the last one about the stage of its record. An
echo is told by the last line about the stage alone, however old; an older one can only come back by
a run that reads from before our write: runs overlap by a quarter of an hour, other programs hold an
hour back (estuary/connectors#2210), and the pages of one run may lie days apart where it broke off.
A month is longer than any of these. What nobody has looked at yet stays."""


@dataclass(frozen=True, slots=True)
class OwnSources:
    """What HubSpot calls our own writing; learned from the history after the first push, empty
    until then."""

    known: frozenset[ChangeSource] = frozenset()

    def wrote(self, version: PropertyVersion) -> bool:
        """Whether an entry is certainly ours. An id is needed: a family alone is everybody's."""
        return bool(version.source.id) and version.source in self.known and not version.by_person

    def as_text(self) -> str:
        """All of them, to be kept."""
        return json.dumps(sorted([source.kind, source.id] for source in self.known))

    @classmethod
    def from_text(cls, text: str | None) -> "OwnSources":
        """What `as_text` gave; none for None."""
        return cls(frozenset(ChangeSource(kind, id) for kind, id in json.loads(text or "[]")))

    def learned(self, history: Sequence[PropertyVersion], written: LedgerLine) -> "OwnSources":
        """With what the entry of our write says of its source; unchanged where no entry is plainly
        it: the same value at the same moment, by no person."""
        near = [
            v
            for v in history
            if v.value == written.value
            and abs(v.at - written.at) <= _SAME_MOMENT
            and v.source.id
            and not v.by_person
        ]
        return OwnSources(self.known | {near[0].source}) if len(near) == 1 else self


def written_before_merge(
    history: Sequence[PropertyVersion], written: Iterable[LedgerLine]
) -> LedgerLine | None:
    """Our write that the newest entry of a record is which others have become, from what we
    `written` last in each of those; None where it is somebody else's."""
    if not history or history[-1].by_person:
        return None
    last = history[-1]
    same = [
        line
        for line in written
        if line.value == last.value and timedelta(0) <= line.at - last.at <= _SAME_MOMENT
    ]
    return same[-1] if same else None


class ValueVerdict(StrEnum):
    """What a pulled value is. `NEWS`: somebody else's, to be taken as an answer. `CONFIRMED`: a
    person wrote the same after us. `ECHO`: our own. `STALE`: older than what we wrote since.
    `SAME`: nothing has happened."""

    NEWS = "news"
    CONFIRMED = "confirmed"
    ECHO = "echo"
    STALE = "stale"
    SAME = "same"


@dataclass(frozen=True, slots=True)
class Pulled:
    """A property of a deal as it was read: its value and, where it was asked for, its history.
    `known` is the value read before, None where there was none."""

    name: str
    value: str
    kind: PropertyType = PropertyType.STRING
    history: tuple[PropertyVersion, ...] = ()
    known: str | None = None
    changed_at: datetime | None = None

    @property
    def latest(self) -> PropertyVersion | None:
        """The newest entry."""
        return self.history[-1] if self.history else None

    @property
    def at(self) -> datetime | None:
        """When the value was written, as far as the answer says."""
        return self.latest.at if self.latest else self.changed_at


def judged(pulled: Pulled, written: LedgerLine | None, own: OwnSources) -> ValueVerdict:
    """What a pulled value is, beside what we wrote last.

    Equal to our last write, and the newest entry not newer than it or from our source: an echo.
    Equal, but a later entry of somebody else's: they confirmed it. Unequal and older than our
    write: the index has not seen it yet.
    """
    latest = pulled.latest
    if written is None:
        if pulled.known is not None and means_same(pulled.value, pulled.known, pulled.kind):
            return ValueVerdict.SAME
        return ValueVerdict.ECHO if latest and own.wrote(latest) else ValueVerdict.NEWS
    if means_same(pulled.value, written.value, pulled.kind):
        if latest is None or latest.at <= written.at or own.wrote(latest):
            return ValueVerdict.ECHO
        return ValueVerdict.CONFIRMED
    if latest is not None and own.wrote(latest):
        return ValueVerdict.STALE if latest.at <= written.at else ValueVerdict.ECHO
    return (
        ValueVerdict.STALE
        if pulled.at is not None and pulled.at < written.at
        else ValueVerdict.NEWS
    )


@dataclass(frozen=True, slots=True)
class Closings:
    """The instants at which a deal entered a closed stage in HubSpot, by anybody."""

    at: tuple[datetime, ...] = ()

    @classmethod
    def of(cls, history: Iterable[PropertyVersion], closed: frozenset[str]) -> "Closings":
        """From the history of its stage; `closed` are the ids of closed stages."""
        return cls(tuple(version.at for version in history if version.value in closed))

    def wrote(self, version: PropertyVersion) -> bool:
        """Whether an entry of the close date came of closing the deal, not of anybody setting it:
        HubSpot writes it then, even over a value."""
        return any(timedelta(0) <= version.at - at <= _BY_ITSELF for at in self.at)


def said_close_date(record: Record, closings: Closings) -> PropertyVersion | None:
    """The last close date that somebody meant, from its history; None where every one came of a
    close, or there is none."""
    meant = [v for v in record.histories.get(CLOSE_DATE, ()) if not closings.wrote(v)]
    return meant[-1] if meant else None
