"""What became of a change that was written to HubSpot, kept (step 6 of `pushing`).

Always holds: what was written of a change is entered into the ledger even where the rest of it was
refused; a move of somebody's that HubSpot refuses to restore is kept to be restored, and ours is
not written over it again.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from scheduler.core.sync.conflicts import Side
from scheduler.core.sync.records import STAGE
from scheduler.core.sync.states import PushState, Waits
from scheduler.core.sync.writes import PendingWrite, WriteOutcome, WriteResult
from scheduler.core.words.reasons import reason
from scheduler.services.sync.push_plan import ASKED_AGAIN
from scheduler.services.sync.push_store import PushClaim, PushingTransaction, SettledPush

LOOK_AFTER = timedelta(minutes=1)
"""How long after a write of unknown outcome it is read back."""


def record(
    transaction: PushingTransaction,
    claim: PushClaim,
    handed: PendingWrite,
    result: WriteResult,
    now: datetime,
) -> str:
    """Records what happened to one change; returns the count under which it goes."""
    match result.outcome:
        case WriteOutcome.WRITTEN:
            return _arrived(transaction, claim, handed, result, now)
        case WriteOutcome.REFUSED if result.gone:
            transaction.wait([claim.record_id], Waits.LOOK)
            transaction.settle(claim, SettledPush.as_before(claim), now)
            return "gone"
        case WriteOutcome.REFUSED if handed.restores:
            return _not_restored(transaction, claim, handed, result.because, now)
        case WriteOutcome.REFUSED:
            parked = SettledPush.of(handed, result.because, now + ASKED_AGAIN)
            transaction.settle(claim, replace(parked, tried=True), now)
            return "parked"
        case WriteOutcome.LATER:
            put_off = _put_off(claim, handed, now + timedelta(seconds=result.seconds))
            transaction.settle(claim, put_off, now)
            return "put_off"
    unknown = SettledPush.unknown(claim, handed, now + LOOK_AFTER)
    transaction.settle(claim, replace(unknown, tried=True), now)
    return "unknown"


def _put_off(claim: PushClaim, handed: PendingWrite, until_at: datetime) -> SettledPush:
    """Not carried out: due again, or to be restored again."""
    if handed.restores:
        return SettledPush.unknown(claim, handed, until_at)
    return replace(SettledPush.as_before(claim), not_before_at=until_at)


def _arrived(
    transaction: PushingTransaction,
    claim: PushClaim,
    handed: PendingWrite,
    result: WriteResult,
    now: datetime,
) -> str:
    """Settles a write that arrived: up to date, or parked if something is lacking or was refused. A
    move that was restored waits for the pull that takes it as an answer."""
    written = {name: v for name, v in handed.values.items() if name not in result.refused}
    arrived = replace(handed, values=written)
    transaction.enter(claim.record_id, arrived, result.at or handed.read_at)
    if handed.restores and STAGE in result.refused:
        return _not_restored(transaction, claim, handed, result.because, now)
    because = result.because if result.refused else handed.lacking
    told = SettledPush.of(handed, because, now + ASKED_AGAIN)
    refused = bool(result.refused)
    transaction.settle(claim, replace(told, pushed=not refused, tried=refused), now)
    if handed.restores:
        transaction.wait([claim.record_id], Waits.HISTORY)
        _restored_late(transaction, claim)
        return "restored"
    return "partly" if refused else "written"


def _not_restored(
    transaction: PushingTransaction,
    claim: PushClaim,
    handed: PendingWrite,
    words: str,
    now: datetime,
) -> str:
    """HubSpot refuses to restore somebody's move: it stays to be restored, and the conflict says
    that ours stands there until then."""
    told = handed if handed.version else claim
    parked = SettledPush(
        PushState.PARKED,
        told.version,
        told.policy_version,
        words,
        told.digest,
        now + ASKED_AGAIN,
        handed.only_stage(),
        tried=True,
        asked=True,
    )
    transaction.settle(claim, parked, now)
    _decided(transaction, claim, Side.OURS, words)
    return "parked"


def _restored_late(transaction: PushingTransaction, claim: PushClaim) -> None:
    """A move that HubSpot refused to restore before has been restored after all."""
    if claim.handed is not None and claim.was is PushState.PARKED:
        _decided(transaction, claim, Side.THEIRS, claim.because)


def _decided(transaction: PushingTransaction, claim: PushClaim, winner: Side, words: str) -> None:
    """Keeps how a conflict stands now; `words` are HubSpot's."""
    last = transaction.last_conflict(claim.record_id)
    if last is not None:
        code = "sync_taken_back_late" if winner is Side.THEIRS else "sync_not_taken_back"
        facts = {"who": last.who, "theirs": last.theirs, "ours": last.ours}
        because = reason(code, words=words, **facts)
        transaction.decide(replace(last, winner=winner, because=because))
