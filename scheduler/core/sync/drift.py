"""What differs between HubSpot and here although nothing waits: who is right about it, and what
repair does.

The rules
    Who a record is and whether it is there is HubSpot's to say. A stage is whoever's word is later
    (`moves`). A field is HubSpot's, as the next import of it would say. Our own properties are
    ours.
Always holds: what is held, refused, on its way, or still to be read is no drift; what nobody writes
to HubSpot (`push = false`) is no drift either.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from scheduler.core.deal.deal import Deal
from scheduler.core.sync.conflicts import Side
from scheduler.core.sync.desired_values import TYPES
from scheduler.core.sync.identity import RecordFound, RecordState
from scheduler.core.sync.moves import NotFollowed, SupersededMove, TheirMove
from scheduler.core.sync.records import Record
from scheduler.core.sync.values import means_same

IN_CARE = frozenset({RecordState.HERE, RecordState.RESTORED, RecordState.UNMAPPED})
"""The states of records that are there and followed."""
NO_DEAL, NEVER_READ, PAUSED = "no_deal", "never_read", "paused"
"""What stands here of a record, besides its state: nothing; a contract whose record was never read;
one that is paused for no reason any more."""


class Aspect(StrEnum):
    """What differs: what became of the record, its stage, a field that is followed, or one of our
    own properties."""

    RECORD = "record"
    STAGE = "stage"
    FIELD = "field"
    PROPERTY = "property"


class Repair(StrEnum):
    """What repair does: take the record in again from HubSpot, push ours again, look the record up
    and pause or resume its contract, or take the id that it has by now."""

    TAKE_IN = "take_in"
    PUSH = "push"
    LOOK_UP = "look_up"
    ADOPT = "adopt"


class PushProgress(StrEnum):
    """What HubSpot was told of a deal: all of it, or it is due, refused, on its way, of unknown
    outcome; or nothing of its own, because the record is closed there and tells of the term
    before."""

    ALL = "all"
    DUE = "due"
    PARKED = "parked"
    UNDER_WAY = "under_way"
    UNKNOWN = "unknown"
    ANOTHER = "another"


@dataclass(frozen=True, slots=True)
class FollowedRecord:
    """What is kept of one record. `state` is None where it was never read; `contract` is empty
    where none has its id, `deal` None where that one has none; `closed` says whether it is.
    `paused`: its contract waits because the record was gone; `anothers`: the term before was
    renewed in it."""

    record_id: str
    state: RecordState | None = None
    waits: bool = False
    held: bool = False
    modified_at: datetime | None = None
    taken_at: datetime | None = None
    company_id: str = ""
    company: str = ""
    contract: str = ""
    customer: str = ""
    paused: bool = False
    deal: Deal | None = None
    closed: bool = False
    told: PushProgress = PushProgress.DUE
    anothers: bool = False

    def is_coming(self, record: Record, seen_until: datetime) -> bool:
        """Whether the next round reads what this record says now: it was changed after what the
        last one was to see, and not read since."""
        at = record.modified_at()
        return at is not None and at > seen_until and at != self.modified_at


@dataclass(frozen=True, slots=True)
class DriftFinding:
    """One difference. `name` is a field or a property; `theirs` and `ours` are what stands on each
    side (a state, the id that a merged record has by now, a stage's id, a value as text), `right`
    is who is right."""

    record_id: str
    contract: str
    customer: str
    aspect: Aspect
    theirs: str
    ours: str
    right: Side
    mend: Repair
    name: str = ""
    pipeline: str = ""
    deal_id: int = 0


def finding(
    one: FollowedRecord, aspect: Aspect, theirs: str, ours: str, right: Side, mend: Repair
) -> DriftFinding:
    """A difference of one record."""
    deal = one.deal
    return DriftFinding(
        one.record_id,
        one.contract,
        one.customer,
        aspect,
        theirs,
        ours,
        right,
        mend,
        pipeline=deal.pipeline if deal else "",
        deal_id=deal.id if deal else 0,
    )


def record_drift(one: FollowedRecord, found: RecordFound) -> DriftFinding | None:
    """What is wrong with what is kept of a record's state; None where it is right."""
    known = one.state
    ours = known.value if known is not None else NEVER_READ
    if found.state is RecordState.MERGED:
        if known is RecordState.MERGED and (one.deal is None or one.closed):
            return None
        return finding(one, Aspect.RECORD, found.into, ours, Side.THEIRS, Repair.ADOPT)
    if found.state not in IN_CARE:
        if known is found.state:
            return None
        return finding(one, Aspect.RECORD, found.state, ours, Side.THEIRS, Repair.LOOK_UP)
    if one.paused:
        return finding(one, Aspect.RECORD, RecordState.HERE, PAUSED, Side.THEIRS, Repair.LOOK_UP)
    if known is None:
        return finding(one, Aspect.RECORD, RecordState.HERE, ours, Side.THEIRS, Repair.TAKE_IN)
    if known not in IN_CARE:
        return finding(one, Aspect.RECORD, RecordState.HERE, ours, Side.THEIRS, Repair.LOOK_UP)
    return None


def stage_drift(
    one: FollowedRecord,
    theirs: str,
    news: TheirMove | SupersededMove | NotFollowed | None,
    push: bool,
) -> DriftFinding | None:
    """What is wrong where a stage there does not mean ours: `news` is what its history says. None
    where all is as it should be, or nothing is written there."""
    if one.deal is None:
        return None
    ours = one.deal.stage
    if isinstance(news, TheirMove | NotFollowed):
        return finding(one, Aspect.STAGE, theirs, ours, Side.THEIRS, Repair.TAKE_IN)
    if isinstance(news, SupersededMove):
        mend = Repair.PUSH if push else Repair.TAKE_IN
        return finding(one, Aspect.STAGE, theirs, ours, Side.OURS, mend)
    if push and one.told is PushProgress.ALL:
        return finding(one, Aspect.STAGE, theirs, ours, Side.OURS, Repair.PUSH)
    return None


def own_drift(
    one: FollowedRecord, wanted: Mapping[str, str], there: Mapping[str, str | None]
) -> list[DriftFinding]:
    """Our own properties that do not say there what they are to say."""
    return [
        DriftFinding(
            one.record_id,
            one.contract,
            one.customer,
            Aspect.PROPERTY,
            there.get(name) or "",
            value,
            Side.OURS,
            Repair.PUSH,
            name,
            deal_id=one.deal.id if one.deal else 0,
        )
        for name, value in wanted.items()
        if name in TYPES and not means_same(value, there.get(name), TYPES[name])
    ]
