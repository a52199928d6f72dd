"""What is needed to interpret an account's deals."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from scheduler.core.policy.hubspot import LinkedKind, Theirs
from scheduler.core.sync.linked import StatusProperty
from scheduler.core.sync.owners import Owners
from scheduler.core.sync.stages import TheirPipeline
from scheduler.core.sync.terms import Account
from scheduler.core.sync.values import PropertyType


@dataclass(frozen=True, slots=True)
class AccountSchema:
    """Zone and currency, owners, pipelines, the types of properties (also of linked records, as
    `line_items/hs_end`), and where linked records say how they stand."""

    account: Account
    owners: Owners = field(default_factory=Owners)
    pipelines: tuple[TheirPipeline, ...] = ()
    types: Mapping[str, PropertyType] = field(default_factory=dict)
    standings: Mapping[LinkedKind, StatusProperty] = field(default_factory=dict)

    @property
    def labels(self) -> Mapping[Theirs, str]:
        """What each stage is called there."""
        return {(p.id, s.id): s.label for p in self.pipelines for s in p.stages}

    @property
    def names(self) -> Mapping[str, str]:
        """What each stage is called there, by its id alone; none for an id that two pipelines
        have for stages of different names."""
        said: dict[str, set[str]] = {}
        for (_, stage), name in self.labels.items():
            said.setdefault(stage, set()).add(name)
        return {stage: next(iter(names)) for stage, names in said.items() if len(names) == 1}

    @property
    def closed(self) -> frozenset[str]:
        """The ids of closed stages."""
        return frozenset(s.id for p in self.pipelines for s in p.stages if s.closed)
