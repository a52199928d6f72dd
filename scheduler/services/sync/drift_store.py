"""What a comparison of all deals asks of the database, and how what it finds is marked.

Always holds: a mark changes no deal: it lets the next round read, take in, look up or push.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from scheduler.core.sync.drift import FollowedRecord
from scheduler.core.sync.echoes import LedgerLine


class DriftTransaction(Protocol):
    """One open transaction on all that is followed."""

    def kept(self, key: str) -> str | None:
        """One of the facts that are remembered of a sync."""

    def keep(self, key: str, value: str, now: datetime) -> None:
        """Remembers a fact."""

    def after(self, record: str, limit: int, policy_version: int) -> Sequence[FollowedRecord]:
        """The next records by id: those that are kept and may still change, and those that only a
        contract names."""

    def of(self, records: Sequence[str], policy_version: int) -> Sequence[FollowedRecord]:
        """These records, those that are known."""

    def unseen(self, records: Collection[str]) -> Collection[str]:
        """The records that are not kept here."""

    def written(self, records: Sequence[str]) -> Mapping[str, LedgerLine]:
        """Our last write of a stage for each of these records."""

    def take_again(self, records: Collection[str], now: datetime) -> None:
        """Lets records be read whole and compared field by field, known or not."""

    def look(self, records: Collection[str]) -> None:
        """Lets records be looked up."""

    def resume(self, records: Collection[str]) -> None:
        """Lets records be looked up whose contracts are paused although they are there."""

    def push_again(self, deals: Collection[int]) -> None:
        """Has deals sent to HubSpot again, as far as it differs there."""
