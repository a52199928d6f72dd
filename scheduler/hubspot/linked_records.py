"""Line items, quotes and contracts of deals, as a sync asks for them.

Always holds: only what `[hubspot.fields]` names is asked for, with name and standing; a kind that
may not be read, or that the account does not have, is named with why, and never counts as empty.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus

from scheduler.core.policy.hubspot import LinkedKind
from scheduler.core.sync.linked import (
    NAMES,
    STANDINGS,
    LinkedFound,
    StatusProperty,
    contract_standing,
)
from scheduler.core.sync.records import MODIFIED, Record
from scheduler.core.sync.values import PropertyType
from scheduler.core.words.reasons import reason
from scheduler.hubspot.account import TYPE_OF, Property, properties
from scheduler.hubspot.client import HubspotClient
from scheduler.hubspot.errors import MissingScopeError, RefusedError
from scheduler.hubspot.linking import linked
from scheduler.hubspot.lookups import LookupOutcome, by_id
from scheduler.hubspot.reading import PropertiesAsked

_NO_SUCH_TYPE = (HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND)


@dataclass
class LinkedReader:
    """Reads what deals are linked with; `wanted` are the properties of each kind."""

    client: HubspotClient
    wanted: Mapping[LinkedKind, Sequence[str]]
    standings: dict[LinkedKind, StatusProperty] = field(default_factory=dict)
    _absent: set[LinkedKind] = field(default_factory=set)

    def types(self) -> Mapping[str, PropertyType]:
        """The types of their properties, as `line_items/hs_end`; nothing of a kind whose list of
        properties may not be read. One request a kind. Raises HubspotError."""
        found: dict[str, PropertyType] = {}
        for kind in self.wanted:
            there = self._properties(kind)
            found |= {f"{kind}/{name}": each.kind for name, each in there.items()}
            if kind is LinkedKind.CONTRACTS:
                self.standings[kind] = contract_standing(
                    {name: dict(each.options) for name, each in there.items() if each.options}
                )
        return found

    def _properties(self, kind: LinkedKind) -> Mapping[str, Property]:
        """A kind's properties, none where they cannot be told."""
        try:
            self._absent.discard(kind)
            return properties(self.client, object_type=TYPE_OF[kind])
        except MissingScopeError:
            return {}
        except RefusedError as error:
            if error.status not in _NO_SUCH_TYPE:
                raise
            self._absent.add(kind)
            return {}

    def of(self, deals: Collection[str]) -> LinkedFound:
        """Reads what these deals are linked with: a thousand deals a request and kind, and a
        hundred of their records. Raises HubspotError."""
        found: dict[str, dict[LinkedKind, Sequence[Record]]] = {deal: {} for deal in deals}
        why: dict[LinkedKind, str] = {}
        for kind in self.wanted:
            if kind in self._absent:
                why[kind] = reason("sync_no_such_kind")
                continue
            try:
                told = dict(self._of_kind(kind, deals))
            except MissingScopeError as error:
                why[kind] = reason("sync_lacks_scope", scopes=", ".join(error.scopes))
                continue
            for deal in list(found):
                if deal in told:
                    found[deal][kind] = told[deal]
                else:
                    del found[deal]
        return LinkedFound(found, why)

    def _of_kind(
        self, kind: LinkedKind, deals: Collection[str]
    ) -> Iterator[tuple[str, Sequence[Record]]]:
        """The records of each deal; a deal of which HubSpot does not say all is missing."""
        links = {
            deal: [link.id for link in each]
            for deal, each in linked(self.client, deals, TYPE_OF[kind])
            if each is not None
        }
        ids = dict.fromkeys(id for each in links.values() for id in each)
        looked = {
            one.asked: one
            for one in by_id(self.client, ids, self._asked(kind), object_type=TYPE_OF[kind])
        }
        known = (LookupOutcome.FOUND, LookupOutcome.MISSING)
        for deal, each in links.items():
            if all(looked[id].look in known for id in each):
                there = {r.id: r for id in each if (r := looked[id].record) is not None}
                yield deal, tuple(there.values())

    def _asked(self, kind: LinkedKind) -> PropertiesAsked:
        """The properties to ask for."""
        standing = self.standings.get(kind, STANDINGS[kind]).property
        return PropertiesAsked(
            tuple(dict.fromkeys((*self.wanted[kind], NAMES[kind], standing, MODIFIED)))
        )
