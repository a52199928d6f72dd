"""Owners' changes in one transaction: people, and what is kept of owners."""

from collections.abc import Collection
from datetime import datetime

from typing_extensions import override

from scheduler.core.sync.states import Waits
from scheduler.services.sync.owner_changes import OwnersTransaction
from scheduler.storage.imports.importing import ImportQueries
from scheduler.storage.sync.pulling import PullQueries


class FollowingOwners(ImportQueries, OwnersTransaction):
    """Changes people as an import does, and remembers."""

    @override
    def keep(self, key: str, value: str, now: datetime) -> None:
        PullQueries(self._connection).keep(key, value, now)

    @override
    def again_of(self, people: Collection[int], waits: Waits) -> None:
        PullQueries(self._connection).again_of(people, waits)
