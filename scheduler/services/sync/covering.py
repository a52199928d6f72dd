"""Looking afterwards whom a stage that we wrote has covered, and restoring their move.

    1  read       the histories of what was written and not looked at yet
    2  keep       one transaction: what HubSpot calls our own writing; the conflict, who won and
                  why; what restores their move, handed over; the write counts as looked at
    3  write      their stage, no transaction open
    4  record     as any push; then the record waits for the next pull, which takes the move as
                  that person's answer
A crash before 2 leaves the write to be looked at again; between 2 and 4 the deal is `unknown`, and
reading back writes what is still missing. HubSpot has no compare-and-set: between its answer to our
reading and our write somebody may always come, so this is looked at after every stage.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from scheduler.core.sync.amounts import BATCH_WITH_HISTORY
from scheduler.core.sync.conflicts import OverwrittenMove, Side, covered, explained
from scheduler.core.sync.echoes import LedgerLine, OwnSources
from scheduler.core.sync.passages import actor_of, visits
from scheduler.core.sync.records import PIPELINE, STAGE, PropertyVersion, Record
from scheduler.core.sync.writes import RESTORING, PendingWrite
from scheduler.core.words.keys import stable_key
from scheduler.services.sync.ingesting import Conflict
from scheduler.services.sync.push_store import PushClaim, PushingTransaction, UncheckedWrite
from scheduler.services.sync.pushing import OWN_SOURCES, Pushed, Pusher, write

_NEAR = timedelta(seconds=10)
"""How far the entry of a write may be from what its answer said."""


@dataclass(frozen=True, slots=True)
class _Found:
    """The history's evidence about one write."""

    write: UncheckedWrite
    record: Record
    line: LedgerLine
    covered: OverwrittenMove | None


def check_written(pusher: Pusher) -> Pushed | None:
    """Looks at a batch of written stages; None where there are none. Raises what the account
    raises."""
    with pusher.begin() as transaction:
        unchecked = transaction.unchecked(BATCH_WITH_HISTORY)
        own = OwnSources.from_text(transaction.kept(OWN_SOURCES))
    if not unchecked:
        return None
    ids = list(dict.fromkeys(each.line.deal for each in unchecked))
    looked = pusher.account.read(ids, histories=True)
    found = [
        _looked_at(each, record, own)
        for each in unchecked
        if (record := looked.records.get(each.line.deal)) is not None
    ]
    handed = _kept(pusher, unchecked, found, own, looked.at)
    return Pushed().plus(write(pusher, handed))


def _looked_at(each: UncheckedWrite, record: Record, own: OwnSources) -> _Found:
    """Looks a write up in the history, by HubSpot's own instant of it."""
    history = record.histories.get(STAGE, ())
    line = _as_entered(each.line, history)
    return _Found(each, record, line, covered(history, each.was, each.read_at, line, own))


def _as_entered(line: LedgerLine, history: Sequence[PropertyVersion]) -> LedgerLine:
    """The line with the instant of its entry in the history; as it is where none is near."""
    near = [
        version
        for version in history
        if version.value == line.value
        and abs(version.at - line.at) <= _NEAR
        and not version.by_person
    ]
    at = near[0].at if near else line.at
    return LedgerLine(line.deal, line.name, line.value, at, line.trace)


def _kept(
    pusher: Pusher,
    unchecked: Sequence[UncheckedWrite],
    found: Sequence[_Found],
    own: OwnSources,
    looked_at: datetime,
) -> Sequence[tuple[PushClaim, PendingWrite]]:
    """Keeps what was found; what is to be restored and may go out now."""
    now = pusher.clock.now()
    learned = own
    for each in found:
        learned = learned.learned(each.record.histories.get(STAGE, ()), each.line)
    handed: list[tuple[PushClaim, PendingWrite]] = []
    done: dict[int, datetime] = {each.id: each.line.at for each in unchecked}
    with pusher.begin() as transaction:
        if learned != own:
            transaction.keep(OWN_SOURCES, learned.as_text(), now)
        for each in found:
            done[each.write.id] = each.line.at
            if each.covered is None:
                continue
            if each.record.value(STAGE) == each.line.value:
                claim = _handed_to_restore(pusher, transaction, each, each.covered, looked_at)
                if claim is None:
                    del done[each.write.id]
                    continue
                handed.append(claim)
            transaction.conflict(_conflict(pusher, each, each.covered), now)
        transaction.checked(done, now)
    return handed


def _handed_to_restore(
    pusher: Pusher,
    transaction: PushingTransaction,
    each: _Found,
    lost: OverwrittenMove,
    looked_at: datetime,
) -> tuple[PushClaim, PendingWrite] | None:
    """Hands their stage over; None where another worker has the deal now."""
    now = pusher.clock.now()
    handed = PendingWrite(
        _their_stage(pusher, each.record, lost.version),
        RESTORING + stable_key(each.record.id, lost.version.at.isoformat()),
        looked_at,
        0,
        0,
        {STAGE: each.line.value},
    )
    until = now + pusher.lease
    claim = transaction.give_back(each.write.deal_id, handed, until, pusher.worker, now)
    return None if claim is None else (claim, handed)


def _their_stage(pusher: Pusher, record: Record, version: PropertyVersion) -> Mapping[str, str]:
    """Their stage, with the pipeline it was in."""
    for visit in visits(record, pusher.settings.stages):
        if visit.version == version and visit.theirs is not None:
            return {PIPELINE: visit.theirs[0], STAGE: visit.theirs[1]}
    return {PIPELINE: record.value(PIPELINE), STAGE: version.value}


def _conflict(pusher: Pusher, each: _Found, lost: OverwrittenMove) -> Conflict:
    """The conflict, with who won and why."""
    who = actor_of(lost.version, pusher.schema().owners).name
    return Conflict(
        each.record.id,
        each.write.deal_id,
        STAGE,
        who,
        lost.version.value,
        lost.version.at,
        lost.ours.value,
        lost.ours.at,
        Side.THEIRS,
        explained(lost.version, lost.ours, who, Side.THEIRS),
    )
