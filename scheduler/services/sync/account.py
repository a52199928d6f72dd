"""What a sync asks of an account of HubSpot's; `scheduler.hubspot.deals` answers it.

Always holds: whatever is asked may raise HubSpot's errors, which say whether it passes by itself;
nothing here is kept.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from scheduler.core.sync.account_schema import AccountSchema
from scheduler.core.sync.identity import DealEntry
from scheduler.core.sync.keyset import Cursor
from scheduler.core.sync.linked import LinkedFound
from scheduler.core.sync.records import Association, Record, WholeRead


class DealReading(Protocol):
    """Reads deals. Whole records come with their mapped properties and the histories of stage,
    pipeline and close date."""

    @property
    def offset(self) -> timedelta:
        """How far HubSpot's clock is ahead of ours."""

    def now(self) -> datetime:
        """The present, by HubSpot's clock."""

    def account_schema(self) -> AccountSchema:
        """Reads what is needed to interpret the account's deals."""

    def count(self, pipelines: Collection[str] = ()) -> int:
        """Counts the deals in these pipelines or in all."""

    def listed(self, after: str) -> Iterator[tuple[Sequence[Record], str]]:
        """Whole records with their companies, page by page, and where the next page begins (empty
        after the last)."""

    def searched(self, cursor: Cursor) -> Iterator[tuple[Sequence[Record], Cursor]]:
        """The results of a search, page by page, with the cursor behind each: ids, pipelines, and
        when they were changed."""

    def by_id(self, ids: Collection[str], *, archived: bool = False) -> Mapping[str, Record | None]:
        """Whole records by the ids they were asked for (a merged one has another), None for one
        that is not there; what HubSpot says nothing of is missing."""

    def whole(self, ids: Collection[str]) -> WholeRead:
        """As `by_id`, with what HubSpot says of records that it does not give."""

    def bare(self, ids: Collection[str], more: Collection[str]) -> Mapping[str, Record | None]:
        """Records by the ids they were asked for, as `by_id`, but without histories and with `more`
        properties."""

    def companies_of(self, deals: Collection[str]) -> Mapping[str, tuple[Association, ...] | None]:
        """The companies of deals; None where HubSpot says nothing of a deal."""

    def names_of(self, companies: Collection[str]) -> Mapping[str, str]:
        """The names of companies, an id where it has none, empty for one that is gone; what
        HubSpot says nothing of is missing."""

    def linked_of(self, deals: Collection[str]) -> LinkedFound:
        """The line items, quotes and contracts of deals, those kinds that fill a field."""

    def ids(self, *, archived: bool) -> Iterator[Sequence[DealEntry]]:
        """All deals of the account, page by page."""
