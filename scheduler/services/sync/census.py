"""What becomes of deals whose records were archived, deleted, moved out of our care, or came back:
a daily count of all ids finds it, since no change ever tells.

    1. Read all ids, live and archived (`Census`): what is new is read, what is missing is looked
       up; merged ones are read under their new id, which takes them in (`ingesting`). What has
       other values than at the count before is read anew: a value that HubSpot calculates
       changes without the day of the last modification.
       What an echo can no longer need leaves the ledger with it.
    2. Each id that is looked up gets its state. The contract of a record that is gone or out of our
       care is paused, so that nobody is asked about it; one that came back goes on.

Always holds: no deal is closed because a record is gone: what a contract is worth is decided by a
person; what is not proved is not called gone.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile
from typing import Protocol

from scheduler.core.policy.hubspot import HubSpotSettings
from scheduler.core.sync.amounts import BATCH_WITH_HISTORY
from scheduler.core.sync.echoes import LEDGER_KEPT
from scheduler.core.sync.identity import (
    Census,
    DealEntry,
    RecordFound,
    RecordState,
    census,
    followed,
    found,
)
from scheduler.core.sync.states import Waits
from scheduler.core.words.reasons import reason
from scheduler.ports import Begin
from scheduler.services.sync.account import DealReading

_GONE = {
    RecordState.ARCHIVED: "sync_archived",
    RecordState.DELETED: "sync_deleted",
    RecordState.MOVED_OUT: "sync_moved_out",
}
"""The states that pause a contract, and why it is paused."""


class CensusTransaction(Protocol):
    """One open transaction on records and what became of them."""

    def known(self) -> Mapping[str, RecordState]:
        """All records we know that were not merged, with what became of them."""

    def waiting_for(self, waits: Waits, limit: int) -> Mapping[str, bool]:
        """Records that wait for this, with whether they count as archived; those first that were
        not asked for of late."""

    def asked_for(self, ids: Collection[str], now: datetime) -> None:
        """These were asked for in vain; those that were not come before them the next time."""

    def settle(self, found: RecordFound, because: str, now: datetime) -> bool:
        """Keeps a record's state, if it is another than before: pauses its contract for a reason,
        or lets it go on where that is empty and the pause was ours. Whether it is another."""

    def read(self, ids: Collection[str], now: datetime) -> None:
        """Lets records be read whole, known or not."""

    def differing(self, values: Mapping[str, str]) -> Collection[str]:
        """The known records that had another mark at the count before; the marks are kept for the
        next one. A record that was not counted before differs from nothing."""

    def look(self, ids: Collection[str]) -> None:
        """Lets known records be looked up."""

    def trim_ledger(self, before: datetime) -> None:
        """Drops lines of the ledger from before then, but the last one about each record's stage
        and those that are still to be checked."""


@dataclass(frozen=True, slots=True)
class RecordCensus:
    """Looks records up."""

    begin: Begin[CensusTransaction]
    deals: DealReading
    settings: HubSpotSettings

    def count(self, now: datetime, stop: Callable[[], bool]) -> Census | None:
        """Reads all ids of the account and lets what differs be read or looked up; None where it is
        to `stop` before it has all. Raises what the account raises; nothing is kept then."""
        live, archived = self._ids(stop, archived=False), self._ids(stop, archived=True)
        if stop():
            return None
        merged = {entry.id: entry.merged for entry in live.values() if entry.merged}
        mapped = set(self.settings.stages.pipelines)
        ours = {id for id, entry in live.items() if entry.pipeline in mapped}
        with self.begin() as transaction:
            known = _still_open(transaction.known(), followed(merged))
            was_archived = {id: state is RecordState.ARCHIVED for id, state in known.items()}
            counted = census(was_archived, live, archived, merged)
            left = {id for id, state in known.items() if _moved(id in live, id in ours, state)}
            transaction.look(counted.missing | counted.archived | counted.restored | left)
            moved = counted.merged or {}
            changed = transaction.differing({id: live[id].values for id in ours & known.keys()})
            transaction.read((set(moved.values()) | counted.unknown) & ours | set(changed), now)
            for id, into in moved.items():
                transaction.settle(RecordFound(id, RecordState.MERGED, into), "", now)
            transaction.trim_ledger(now - LEDGER_KEPT)
        return counted

    def _ids(self, stop: Callable[[], bool], *, archived: bool) -> dict[str, DealEntry]:
        """All ids."""
        pages = takewhile(lambda _: not stop(), self.deals.ids(archived=archived))
        return {entry.id: entry for page in pages for entry in page}

    def look(self, now: datetime) -> Sequence[RecordFound]:
        """Looks one batch of ids up; what became of them."""
        with self.begin() as transaction:
            asked = transaction.waiting_for(Waits.LOOK, BATCH_WITH_HISTORY)
        if not asked:
            return ()
        live = self.deals.by_id(asked)
        missing = [id for id, record in live.items() if record is None]
        archived = self.deals.by_id(missing, archived=True) if missing else {}
        stages = self.settings.stages
        states = [
            found(id, record, archived.get(id), stages, was_archived=asked[id])
            for id, record in live.items()
            if record is not None or id in archived
        ]
        with self.begin() as transaction:
            for each in states:
                self._settle(transaction, each, now)
            transaction.asked_for(asked.keys() - {each.id for each in states}, now)
        return states

    def _settle(self, transaction: CensusTransaction, each: RecordFound, now: datetime) -> None:
        """Settles one record's state. A record that is there is read whole; a merged one under its
        new id."""
        gone = each.state in _GONE
        because = reason(_GONE[each.state]) if gone else ""
        transaction.settle(each, because, now)
        if each.state is RecordState.MERGED:
            transaction.read([each.into], now)
        elif not gone:
            transaction.read([each.id], now)


def _still_open(
    known: Mapping[str, RecordState], became: Collection[str]
) -> Mapping[str, RecordState]:
    """The states that a count may settle: of those that seemed deleted, the ones that have been
    merged into another."""
    return {
        id: state for id, state in known.items() if state is not RecordState.DELETED or id in became
    }


def _moved(live: bool, ours: bool, state: RecordState) -> bool:
    """Whether a record that is there has left our care, or has come back to it."""
    return live and ours is (state is RecordState.MOVED_OUT)
