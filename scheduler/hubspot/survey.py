"""What an account is like before anything is kept in step with it: read once, for a proposal.

Always holds: only reads; a scope that is missing is noted with what it is for and leaves its part
empty, and the rest is read all the same; at most `LOOKED_AT` records of each type are looked at,
those first that were changed last.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from http import HTTPStatus
from itertools import islice
from typing import TypeVar

from scheduler.core.policy.hubspot import LinkedKind
from scheduler.core.sync.desired_values import TYPES
from scheduler.core.sync.ends import EndCount, ends_in
from scheduler.core.sync.guesses import Offered
from scheduler.core.sync.owners import Owners
from scheduler.core.sync.records import MODIFIED, PIPELINE, STAGE, Record
from scheduler.core.sync.stages import TheirPipeline
from scheduler.core.sync.survey import MissingScopes, Survey
from scheduler.core.sync.terms import Account
from scheduler.core.sync.values import PropertyType
from scheduler.core.time.dates import local_day
from scheduler.core.words.lexicon import Language
from scheduler.hubspot.account import (
    TYPE_OF,
    Property,
    account,
    owners,
    pipelines,
    properties,
    usage,
)
from scheduler.hubspot.client import HubspotClient
from scheduler.hubspot.errors import MissingScopeError, RefusedError
from scheduler.hubspot.probes import probes, tried_to_write
from scheduler.hubspot.reading import COMPANIES, DEALS, PropertiesAsked, counted, listed, newest

LOOKED_AT = 1_000
CURRENCY = "deal_currency_code"
_ALWAYS = (PIPELINE, STAGE, CURRENCY, MODIFIED)
_KNOWN_DAYS: Mapping[LinkedKind, tuple[str, ...]] = {
    LinkedKind.LINE_ITEMS: ("hs_recurring_billing_start_date", "hs_recurring_billing_end_date"),
    LinkedKind.QUOTES: (),
    LinkedKind.CONTRACTS: ("hs_contract_effective_date",),
}
"""What is asked for where the list of properties may not be read; what an account does not have is
left out without a word."""
_MOST_ASKED = 100
"""Properties asked of each record; more make an answer large and an address too long."""
_NO_SUCH_TYPE = (HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND)
T = TypeVar("T")


def surveyed(client: HubspotClient, language: Language, *, writes: bool = False) -> Survey:
    """Reads an account; labels come in `language` first; `writes`: whether the token may write is
    asked, too. Raises HubspotError for what concerns
    all: no token that is accepted, an account that is being moved."""
    look = _Look(client, account(client), client.now(), language)
    there: Labelled = look.part(lambda: _labelled(client, language)) or {}
    deals = look.part(lambda: look.newest(DEALS, (*_ALWAYS, *_days(there)))) or []
    found = look.part(lambda: tuple(pipelines(client))) or ()
    look.part(lambda: list(_first_page(client, COMPANIES)))
    if writes:
        look.part(lambda: tried_to_write(client))
    ends = (*look.ends(DEALS, deals, _days(there)), *look.elsewhere())
    return Survey(
        look.account,
        look.at,
        found,
        look.part(lambda: owners(client)) or Owners(),
        tuple(offered for _, offered in there.values() if offered is not None),
        {name: property.kind for name, (property, _) in there.items()} | look.types,
        look.part(lambda: _counted(client, found)) or {},
        len(deals),
        tuple(sorted({r.value(CURRENCY) or look.account.currency for r in deals})),
        ends,
        tuple(look.part(lambda: list(probes(client, deals))) or ()),
        tuple(look.lacking),
        look.offered,
        _quota(client),
    )


Labelled = Mapping[str, tuple[Property, Offered | None]]


def _labelled(client: HubspotClient, language: Language, object_type: str = DEALS) -> Labelled:
    """The properties of a type with what they are called in every language; those that nobody can
    fill, and ours, are not offered."""
    order = sorted(Language, key=lambda one: one is not language)
    by_language = [properties(client, object_type=object_type, language=each) for each in order]
    found: dict[str, tuple[Property, Offered | None]] = {}
    for name, property in by_language[0].items():
        labels = tuple(each[name].label for each in by_language if name in each)
        open_to_all = not (property.calculated or property.read_only or name in TYPES)
        offered = Offered(name, tuple(dict.fromkeys(labels)), property.kind)
        found[name] = (property, offered if open_to_all else None)
    return found


def _days(there: Labelled) -> dict[str, PropertyType]:
    """The days that somebody fills in."""
    days = (PropertyType.DATE, PropertyType.DATETIME)
    found = {
        name: property.kind
        for name, (property, offered) in there.items()
        if offered is not None and property.kind in days and name != "createdate"
    }
    return dict(islice(found.items(), _MOST_ASKED))


@dataclass
class _Look:
    """One look at an account."""

    client: HubspotClient
    account: Account
    at: datetime
    language: Language
    lacking: list[MissingScopes] = field(default_factory=list)
    offered: dict[LinkedKind, tuple[Offered, ...]] = field(default_factory=dict)
    types: dict[str, PropertyType] = field(default_factory=dict)

    def part(self, read: Callable[[], T], *, needed: bool = True) -> T | None:
        """Reads a part if it can be read; a missing scope is noted, once, and gives None."""
        try:
            return read()
        except MissingScopeError as error:
            lacks = MissingScopes(error.scopes, error.purpose, needed)
            if error.scopes not in [each.scopes for each in self.lacking]:
                self.lacking.append(lacks)
            return None

    def newest(self, object_type: str, asked: Sequence[str]) -> list[Record]:
        """The records that were changed last."""
        return list(islice(newest(self.client, asked, object_type=object_type), LOOKED_AT))

    def ends(
        self, object_type: str, records: Sequence[Record], types: Mapping[str, PropertyType]
    ) -> Iterator[EndCount]:
        """The days that are filled in some of the records."""
        today = local_day(self.at, self.account.zone)
        yield from ends_in(records, object_type, types, self.account.zone, today)

    def elsewhere(self) -> Iterator[EndCount]:
        """The days in what else an account may have: line items, quotes, contracts."""
        for kind in LinkedKind:
            yield from self.part(partial(self._of_kind, kind), needed=False) or ()

    def _of_kind(self, kind: LinkedKind) -> list[EndCount]:
        """The days in one of them; none where the account has no such type."""
        with suppress(_Absent):
            there = self.part(partial(self._there, kind), needed=False)
            if there is None:
                types = dict.fromkeys(_KNOWN_DAYS[kind], PropertyType.DATE)
                known = [Offered(name, (), type) for name, type in types.items()]
            else:
                types = _days(there)
                known = [offered for _, offered in there.values() if offered is not None]
                self.types |= {f"{kind}/{name}": each.kind for name, (each, _) in there.items()}
            self.offered[kind] = tuple(replace(o, name=f"{kind}/{o.name}") for o in known)
            return list(self.ends(kind, self._records(TYPE_OF[kind], tuple(types)), types))
        return []

    def _there(self, kind: LinkedKind) -> Labelled:
        """Its properties. Raises _Absent."""
        try:
            return _labelled(self.client, self.language, TYPE_OF[kind])
        except RefusedError as error:
            if error.status in _NO_SUCH_TYPE:
                raise _Absent from error
            raise

    def _records(self, object_type: str, asked: Sequence[str]) -> list[Record]:
        """Its records; where it cannot be searched, the first of the list."""
        try:
            return self.newest(object_type, asked)
        except RefusedError as error:
            if error.status not in _NO_SUCH_TYPE:
                raise
        pages = listed(self.client, PropertiesAsked(tuple(asked)), object_type=object_type)
        return list(islice((r for page in pages for r in page.records), LOOKED_AT))


class _Absent(Exception):  # noqa: N818  (nothing went wrong)
    """The account has no such type of record."""


def _first_page(client: HubspotClient, object_type: str) -> Iterator[Record]:
    """The first page of a type, to see whether it may be read."""
    for page in islice(listed(client, PropertiesAsked(), object_type=object_type), 1):
        yield from page.records


def _counted(client: HubspotClient, found: Sequence[TheirPipeline]) -> dict[str, int]:
    """How many deals each pipeline has, and all."""
    counts = {"": counted(client)}
    return counts | {pipeline.id: counted(client, (pipeline.id,)) for pipeline in found}


def _quota(client: HubspotClient) -> tuple[int, int] | None:
    """How many of today's calls are left, of how many; None where HubSpot does not say."""
    with suppress(MissingScopeError, RefusedError):
        usage(client)
    quota = client.pace.quota
    return (quota.left, quota.daily) if quota else None
