"""Deals of an account, as a sync asks for them (`services.sync.account`).

Always holds: only mapped properties are asked for, with the histories of stage, pipeline and close
date; HubSpot's clock is reckoned from its answers.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from scheduler.core.policy.hubspot import HubSpotSettings
from scheduler.core.sync.account_schema import AccountSchema
from scheduler.core.sync.desired_values import KEY
from scheduler.core.sync.fields import CLOSE_DATE
from scheduler.core.sync.identity import DealEntry
from scheduler.core.sync.keyset import Cursor
from scheduler.core.sync.linked import LinkedFound
from scheduler.core.sync.records import (
    MODIFIED,
    OWNER,
    PIPELINE,
    STAGE,
    Association,
    Record,
    WholeRead,
)
from scheduler.core.words.keys import stable_key
from scheduler.hubspot.account import account, owners, pipelines, properties
from scheduler.hubspot.client import HubspotClient
from scheduler.hubspot.linked_records import LinkedReader
from scheduler.hubspot.linking import linked
from scheduler.hubspot.lookups import LookupOutcome, by_id
from scheduler.hubspot.reading import COMPANIES, PropertiesAsked, counted, listed, searched

_HISTORIES = (STAGE, PIPELINE, CLOSE_DATE)
_ALWAYS = (STAGE, PIPELINE, CLOSE_DATE, OWNER, MODIFIED, KEY, "dealname", "deal_currency_code")
_KNOWN = (LookupOutcome.FOUND, LookupOutcome.MISSING)


@dataclass
class DealReader:
    """Reads one account by one mapping."""

    client: HubspotClient
    settings: HubSpotSettings
    _asked: PropertiesAsked = field(init=False)
    _linked: LinkedReader = field(init=False)

    def __post_init__(self) -> None:
        names = tuple(dict.fromkeys((*_ALWAYS, *self.settings.own_properties)))
        self._asked = PropertiesAsked(names, _HISTORIES, companies=True)
        self._linked = LinkedReader(self.client, self.settings.linked)

    @property
    def offset(self) -> timedelta:
        """As the last answer told it."""
        return self.client.offset

    def now(self) -> datetime:
        """Our clock, corrected by the last answer."""
        return self.client.now()

    def account_schema(self) -> AccountSchema:
        """Reads what is needed to interpret deals: four requests, one more for a hundred owners,
        and one for each kind of linked record that fills a field."""
        found = account(self.client)
        types = {name: each.kind for name, each in properties(self.client).items()}
        return AccountSchema(
            found,
            owners(self.client),
            tuple(pipelines(self.client)),
            types | dict(self._linked.types()),
            dict(self._linked.standings),
        )

    def count(self, mapped: Collection[str] = ()) -> int:
        """The total of one search."""
        return counted(self.client, tuple(mapped))

    def listed(self, after: str) -> Iterator[tuple[Sequence[Record], str]]:
        """Pages of fifty, from the database."""
        for page in listed(self.client, self._asked, after=after):
            yield page.records, page.after

    def searched(self, cursor: Cursor) -> Iterator[tuple[Sequence[Record], Cursor]]:
        """Pages of two hundred, from the index."""
        yield from searched(self.client, cursor, (PIPELINE,))

    def by_id(self, ids: Collection[str], *, archived: bool = False) -> Mapping[str, Record | None]:
        """In batches of fifty, from the database."""
        return self._whole(ids, archived=archived).of

    def whole(self, ids: Collection[str]) -> WholeRead:
        """As `by_id`, and what HubSpot refuses."""
        return self._whole(ids, archived=False)

    def _whole(self, ids: Collection[str], *, archived: bool) -> WholeRead:
        found: dict[str, Record | None] = {}
        refused: dict[str, str] = {}
        for looked in by_id(self.client, ids, self._asked, archived=archived):
            if looked.look in _KNOWN:
                found[looked.asked] = looked.record
            elif looked.look is LookupOutcome.REFUSED:
                refused[looked.asked] = looked.because
        return WholeRead(found, refused)

    def bare(self, ids: Collection[str], more: Collection[str]) -> Mapping[str, Record | None]:
        """In batches of a hundred, from the database."""
        asked = PropertiesAsked((*self._asked.properties, *more))
        return {
            looked.asked: looked.record
            for looked in by_id(self.client, ids, asked)
            if looked.look in _KNOWN
        }

    def companies_of(self, deals: Collection[str]) -> Mapping[str, tuple[Association, ...] | None]:
        """A thousand deals a request."""
        return dict(linked(self.client, deals))

    def names_of(self, companies: Collection[str]) -> Mapping[str, str]:
        """A hundred companies a request."""
        asked = PropertiesAsked(("name",))
        return {
            looked.asked: (looked.record.value("name") or looked.asked) if looked.record else ""
            for looked in by_id(self.client, companies, asked, object_type=COMPANIES)
            if looked.look in _KNOWN
        }

    def linked_of(self, deals: Collection[str]) -> LinkedFound:
        """A thousand deals a request and kind, and a hundred of their records."""
        return self._linked.of(deals)

    def ids(self, *, archived: bool) -> Iterator[Sequence[DealEntry]]:
        """Pages of a hundred, from the database."""
        mapped = self.settings.own_properties
        asked = PropertiesAsked(tuple(dict.fromkeys((PIPELINE, *mapped))))
        for page in listed(self.client, asked, archived=archived):
            yield [
                DealEntry(r.id, r.value(PIPELINE), r.merged, _fingerprint(r, mapped))
                for r in page.records
            ]


def _fingerprint(record: Record, names: Sequence[str]) -> str:
    """A mark of these values of a record and of what they fill, the same as long as they are."""
    return stable_key(*(f"{name}={record.value(name)}" for name in names))
