"""An account as it was found before anything is kept in step with it (`scheduler.hubspot.survey`
reads it)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from scheduler.core.sync.ends import EndCount
from scheduler.core.sync.guesses import Offered
from scheduler.core.sync.linked_guesses import LinkedElsewhere
from scheduler.core.sync.owners import Owners
from scheduler.core.sync.stages import TheirPipeline
from scheduler.core.sync.terms import Account
from scheduler.core.sync.values import PropertyType
from scheduler.core.words.labels import Label

DEALS = "deals"
LEARNED_LATER = (
    Label("how HubSpot names our own changes in a history"),
    Label("whether writing an equal value counts as a change"),
    Label("whether closing a deal by a program sets its close date"),
    Label("whether one bad value makes HubSpot refuse the whole batch"),
    Label("what happens to a key whose record is archived"),
    Label("which approvals and required properties refuse a program"),
)
"""What is learned with the first push."""


class ProbeKind(StrEnum):
    """What is tried."""

    SEARCH = "search"
    HISTORY = "history"
    MERGED = "merged"
    CLOCK = "clock"


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """What came of one: True as hoped, False otherwise, None where it could not be seen."""

    kind: ProbeKind
    good: bool | None
    said: Label


@dataclass(frozen=True, slots=True)
class MissingScopes:
    """Scopes the token has not, and what they are for. Without those that are `needed` nothing can
    be kept in step."""

    scopes: tuple[str, ...]
    purpose: Label
    needed: bool


@dataclass(frozen=True, slots=True)
class Survey:
    """An account as it was found. `deals` counts by pipeline, all of them under the empty id;
    `looked` is how many of them were looked at; `types` are those of the deals' properties, and of
    linked records as `line_items/hs_end`; `elsewhere` are the properties of linked records."""

    account: Account
    at: datetime
    pipelines: tuple[TheirPipeline, ...] = ()
    owners: Owners = field(default_factory=Owners)
    offered: tuple[Offered, ...] = ()
    types: Mapping[str, PropertyType] = field(default_factory=dict)
    deals: Mapping[str, int] = field(default_factory=dict)
    looked: int = 0
    currencies: tuple[str, ...] = ()
    ends: tuple[EndCount, ...] = ()
    probes: tuple[ProbeResult, ...] = ()
    lacking: tuple[MissingScopes, ...] = ()
    elsewhere: LinkedElsewhere = field(default_factory=dict)
    quota: tuple[int, int] | None = None

    @property
    def filled(self) -> frozenset[str]:
        """The properties of deals in which days were found."""
        return frozenset(count.property for count in self.ends if count.object_type == DEALS)
