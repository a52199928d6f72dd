"""Owners' changes in one transaction: people, and what is kept of owners."""

from collections.abc import Collection
from datetime import datetime

from typing_extensions import override

from scheduler.core.sync.states import Waits
from scheduler.services.sync.owner_changes import OwnersTransaction
from scheduler.storage.imports.importing import Importing
from scheduler.storage.sync.pulling import Pulling


class FollowingOwners(Importing, OwnersTransaction):
    """Changes people as an import does, and remembers."""

    @override
    def keep(self, key: str, value: str, now: datetime) -> None:
        Pulling(self._connection).keep(key, value, now)

    @override
    def again_of(self, people: Collection[int], waits: Waits) -> None:
        Pulling(self._connection).again_of(people, waits)
