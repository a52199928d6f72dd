"""Whose change wins where somebody in HubSpot and we both said something, and what was covered when
both wrote at once.

Always holds: what wins is decided for each property alone, by the instants of HubSpot's own clock;
of two at the same instant the person's. HubSpot has no compare-and-set, so a push is looked at
again afterwards.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from scheduler.core.sync.echoes import LedgerLine, OwnSources
from scheduler.core.sync.records import PropertyVersion
from scheduler.core.words.reasons import reason


class Side(StrEnum):
    """Who said something."""

    OURS = "ours"
    THEIRS = "theirs"


def later(theirs_at: datetime | None, ours_at: datetime | None) -> Side:
    """Whose word on one property stands: the later one's; theirs where both are of one instant or
    where we said nothing; ours where theirs has no instant."""
    if ours_at is None:
        return Side.THEIRS
    return Side.THEIRS if theirs_at is not None and theirs_at >= ours_at else Side.OURS


@dataclass(frozen=True, slots=True)
class OverwrittenMove:
    """Somebody's move that our push wrote over. It came after we had read, so it is later than what
    we decided on: theirs wins, and is to be restored."""

    version: PropertyVersion
    ours: LedgerLine


def covered(
    history: Iterable[PropertyVersion],
    read: str,
    read_at: datetime,
    written: LedgerLine,
    own: OwnSources,
) -> OverwrittenMove | None:
    """The last entry of somebody else's between our reading (`read`, at `read_at`) and our write,
    unless it says what either of them says; None where nobody was covered.

    What stood there last before our write, and is not what was read, came after the reading,
    whatever the clocks say: an answer bears an instant that is later than what it holds, and is cut
    to whole seconds.
    """
    before = [v for v in history if v.at <= written.at and not _is(v, written)]
    after_reading = [v for v in before if v.at > read_at] or before[-1:]
    between = [
        v for v in after_reading if not own.wrote(v) and v.value not in (read, written.value)
    ]
    return OverwrittenMove(between[-1], written) if between else None


def _is(version: PropertyVersion, written: LedgerLine) -> bool:
    """Whether an entry may be that of our write."""
    return version.at == written.at and version.value == written.value


def explained(theirs: PropertyVersion, ours: LedgerLine, who: str, winner: Side) -> str:
    """A conflict as a stored reason: `who` set what in HubSpot, what we had written, and which of
    them stands because it is later."""
    code = "sync_theirs_stands" if winner is Side.THEIRS else "sync_ours_stands"
    return reason(code, who=who, theirs=theirs.value, ours=ours.value)
