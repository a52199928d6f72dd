"""Deals of an account, as a push asks for them and writes to them
(`services.sync.push_store`).

Always holds: a record that is locked holds none of its batch back; whatever is not carried out for
want of quota, a token or a scope is said of each change before the error is raised.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass

from scheduler.core.sync.amounts import BATCH
from scheduler.core.sync.desired_values import KEY
from scheduler.core.sync.records import PIPELINE, STAGE
from scheduler.core.sync.writes import RecordsRead, RecordWrite, Writable, WriteOutcome, WriteResult
from scheduler.hubspot.account import properties
from scheduler.hubspot.batches import chunks, halves
from scheduler.hubspot.client import HubspotClient
from scheduler.hubspot.errors import CallWait, HubspotError, LaterError
from scheduler.hubspot.lookups import LookupOutcome, by_id
from scheduler.hubspot.reading import PropertiesAsked
from scheduler.hubspot.writing import created, updated

_STAGE = (STAGE, PIPELINE)


@dataclass(frozen=True, slots=True)
class DealWriter:
    """Writes to deals by their ids, and makes new ones."""

    client: HubspotClient

    def read(
        self, ids: Collection[str], names: Collection[str] = (), *, histories: bool = False
    ) -> RecordsRead:
        """Stage, pipeline and these properties, from the database: a hundred a request; with the
        histories of stage and pipeline fifty. Raises HubspotError."""
        asked = PropertiesAsked((*_STAGE, *names), _STAGE if histories else ())
        before = self.client.now() - self.client.offset
        found = {
            looked.asked: looked.record
            for looked in by_id(self.client, ids, asked)
            if looked.look in (LookupOutcome.FOUND, LookupOutcome.MISSING)
        }
        return RecordsRead(found, before + self.client.offset)

    def by_key(self, keys: Collection[str]) -> RecordsRead:
        """Records by our unique property, from the database: a hundred a request. Raises
        HubspotError."""
        before = self.client.now() - self.client.offset
        asked = PropertiesAsked((*_STAGE, KEY))
        found = {
            looked.asked: looked.record
            for looked in by_id(self.client, keys, asked, id_property=KEY)
            if looked.look in (LookupOutcome.FOUND, LookupOutcome.MISSING)
        }
        return RecordsRead(found, before + self.client.offset)

    def writable(self) -> Writable:
        """Finds what may be written, from the list of properties. Raises HubspotError."""
        free = [p for p in properties(self.client).values() if not (p.calculated or p.read_only)]
        unique = frozenset(p.name for p in free if p.unique)
        return Writable({p.name: p.kind for p in free}, unique)

    def write(self, changes: Sequence[RecordWrite]) -> Iterator[WriteResult]:
        """Writes each change and yields its result. Raises HubspotError after the last, where
        something keeps the account from being written to at all."""
        return self._in_batches(changes, updated)

    def create(self, changes: Sequence[RecordWrite]) -> Iterator[WriteResult]:
        """The same of records that are made."""
        return self._in_batches(changes, created)

    def _in_batches(
        self,
        changes: Sequence[RecordWrite],
        written: Callable[[HubspotClient, Sequence[RecordWrite]], Iterator[WriteResult]],
    ) -> Iterator[WriteResult]:
        """Batch by batch; one with a locked record is halved."""
        waiting = list(chunks(changes, BATCH))
        while waiting:
            batch = waiting.pop(0)
            done: set[str] = set()
            try:
                for result in written(self.client, batch):
                    done.add(result.change.trace)
                    yield result
            except HubspotError as error:
                left = [change for change in batch if change.trace not in done]
                if not _is_locked(error):
                    for change in (*left, *(c for more in waiting for c in more)):
                        yield _put_off(change, error)
                    raise
                if len(left) == 1:
                    yield _put_off(left[0], error)
                else:
                    waiting = [list(half) for half in halves(left)] + waiting


def _is_locked(error: HubspotError) -> bool:
    """Whether an error concerns single records, not the account."""
    return isinstance(error, LaterError) and error.why is CallWait.LOCKED


def _put_off(change: RecordWrite, error: HubspotError) -> WriteResult:
    """A change that was not carried out."""
    seconds = error.seconds if isinstance(error, LaterError) else 0.0
    return WriteResult(change, WriteOutcome.LATER, because=error.label.en, seconds=seconds)
