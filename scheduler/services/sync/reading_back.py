"""Looking whether a write of unknown outcome has arrived: by id, in HubSpot's database.

What the record holds has arrived. What it does not hold after a while has not, and the deal is due
again: pushing reads anew and writes only what still differs. What restores somebody's move is
written once more, for as long as the record still shows what we had written over it.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from scheduler.core.sync.desired_values import differing
from scheduler.core.sync.records import STAGE, Record
from scheduler.core.sync.states import PushState, Waits
from scheduler.core.sync.writes import PendingWrite, RecordsRead, WriteOutcome, WriteResult
from scheduler.core.words.errors import LabelledError
from scheduler.services.sync.push_store import PushClaim, PushingTransaction, SettledPush
from scheduler.services.sync.pushing import Pushed, Pusher, write
from scheduler.services.sync.recording import LOOK_AFTER, record


def read_back(pusher: Pusher, doubtful: Sequence[PushClaim]) -> Pushed:
    """Ends pushes of unknown outcome. Raises what the account raises; they stay unknown then."""
    names = sorted({name for claim in doubtful for name in _handed(claim).values})
    now = pusher.clock.now()
    try:
        looked = pusher.account.read([c.record_id for c in doubtful], names, histories=True)
    except LabelledError:
        with pusher.begin() as transaction:
            for claim in doubtful:
                transaction.settle(claim, _still_unknown(claim, now), now)
        raise
    again = []
    outcomes = []
    with pusher.begin() as transaction:
        for claim in doubtful:
            if _must_restore(claim, looked):
                again.append((claim, _handed(claim)))
            else:
                outcomes.append(_settled(pusher, transaction, claim, looked))
        stand = transaction.hand_over(again, pusher.clock.now())
    told = write(pusher, [(c, handed) for c, handed in again if c.deal.id in stand])
    return Pushed().plus(Counter(filter(None, outcomes))).plus(told)


def _handed(claim: PushClaim) -> PendingWrite:
    """The values that were on their way."""
    assert claim.handed is not None, "an unknown push has what was handed over"
    return claim.handed


def _must_restore(claim: PushClaim, looked: RecordsRead) -> bool:
    """Whether somebody's move is still to be restored."""
    handed, found = _handed(claim), looked.records.get(claim.record_id)
    return handed.restores and found is not None and found.value(STAGE) == handed.was.get(STAGE)


def _still_unknown(claim: PushClaim, now: datetime) -> SettledPush:
    """To be looked up later."""
    return SettledPush.unknown(claim, claim.handed, now + LOOK_AFTER)


def _settled(
    pusher: Pusher, transaction: PushingTransaction, claim: PushClaim, looked: RecordsRead
) -> str:
    """Settles one push by what its record shows; returns the count under which it goes."""
    now, handed = pusher.clock.now(), _handed(claim)
    if claim.record_id not in looked.records:
        transaction.settle(claim, _still_unknown(claim, now), now)
        return "unknown"
    found = looked.records[claim.record_id]
    if found is None or found.id != claim.record_id:
        transaction.wait([claim.record_id], Waits.LOOK)
        transaction.settle(claim, _due_again(claim), now)
        return "gone"
    if not differing(handed.values, found.properties):
        at = _written_at(found, handed)
        result = WriteResult(handed.change(claim.record_id), WriteOutcome.WRITTEN, found.id, at)
        return record(transaction, claim, handed, result, now)
    _enter_part(transaction, claim, found)
    if handed.restores:
        transaction.wait([claim.record_id], Waits.HISTORY)
    transaction.settle(claim, _due_again(claim), now)
    return ""


def _enter_part(transaction: PushingTransaction, claim: PushClaim, found: Record) -> None:
    """Enters what of a write has arrived, if not all of it did."""
    handed = _handed(claim)
    missing = differing(handed.values, found.properties)
    part = {name: value for name, value in handed.values.items() if name not in missing}
    if part:
        at = _written_at(found, handed) or handed.read_at
        transaction.enter(claim.record_id, replace(handed, values=part), at)


def _due_again(claim: PushClaim) -> SettledPush:
    """A settled push: what did not arrive is due as it was before."""
    return SettledPush(PushState.IN_STEP, claim.version, claim.policy_version)


def _written_at(found: Record, handed: PendingWrite) -> datetime | None:
    """When it was written: by the history of the stage if one was written, else when the record was
    last changed."""
    stage = handed.values.get(STAGE)
    entries = [
        version.at
        for version in found.histories.get(STAGE, ())
        if version.value == stage and version.at >= handed.read_at and not version.by_person
    ]
    return entries[-1] if entries else found.updated_at
