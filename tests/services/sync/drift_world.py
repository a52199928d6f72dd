"""Two sides that can be made to differ without anybody noticing, for tests of the drift check."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine

from scheduler.core.deal.deal import Deal
from scheduler.core.sync.echoes import OwnSources
from scheduler.services.sync.differences import Differences
from scheduler.services.sync.drift import DriftCheck
from scheduler.services.sync.repairing import Drift, compared, compared_again, seen_until
from scheduler.services.sync.syncing import OWN_SOURCES
from scheduler.storage.database.transactions import transactions
from scheduler.storage.imports.comparing import ComparedRows
from scheduler.storage.sync.drift import DriftQueries
from tests.services.sync.pushing_world import PushWorld, push_world


@dataclass
class DriftWorld:
    """Both sides; a colleague of theirs works in HubSpot."""

    push: PushWorld

    def __post_init__(self) -> None:
        self.ann = self.push.both.people["ann"]

    def check(self, page: int = 1_000) -> DriftCheck:
        """A new process's comparison."""
        both = self.push.both
        syncing, begin = both.syncing, transactions(both.engine, DriftQueries)
        with begin() as transaction:
            own, seen_to = transaction.kept(OWN_SOURCES), seen_until(transaction, syncing)
        now = both.here.time.now()
        assert seen_to is not None
        differences = Differences(
            ComparedRows(both.engine),
            syncing,
            syncing.schema(now),
            OwnSources.from_text(own),
            syncing.clocks(now),
            seen_to,
            now,
        )
        return DriftCheck(begin, differences, self.push.pusher().url_of, page)

    def compared(self, *, mark: bool = False, page: int = 1_000) -> Drift:
        """What differs."""
        return compared(self.check(page), most=None, mark=mark)

    def round(self) -> None:
        """An ordinary round."""
        self.push.both.pull()
        if self.push.both.settings.push:
            self.push.push()

    def repaired(self) -> Drift:
        """What is left once everything that differs was marked and a round has passed."""
        found = self.compared(mark=True)
        assert found.records
        self.round()
        return compared_again(self.check(), found.records, most=None)

    def loaded(self, **values: Any) -> int:
        """A deal of both sides, whose own writing came back."""
        record = self.push.loaded(**values)
        self.push.later(hours=1)
        self.round()
        self.push.later(hours=1)
        return record

    def unseen(self, record: int, **values: Any) -> None:
        """A colleague changes values there, and the index of searches loses it."""
        self.ann.edits(record, values)
        self.push.both.here.server.search_loses(record)
        self.push.later(hours=1)
        self.round()

    def ours(self, record: int) -> Deal:
        """The deal of a record."""
        return self.push.both.ours(record)


@contextmanager
def drift_world(engine: Engine, **more: Any) -> Iterator[DriftWorld]:
    """An account that is pushed to."""
    with push_world(engine, **more) as push:
        yield DriftWorld(push)
