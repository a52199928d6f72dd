"""What `[hubspot]` says: which of our stages each of theirs stands for, and back; what fills which
field; how often the two are compared.

Always holds: many of theirs may stand for one of ours, and then one of them is where our move goes;
a deal that already stands in one of them is left there. What has no place is held and shown, never
guessed. `scheduler.core.sync` reads and writes by it.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import StrEnum

from scheduler.core.imports.placement import Placement
from scheduler.core.words.lexicon import Language

Theirs = tuple[str, str]
"""A pipeline's id and a stage's id in HubSpot."""
Ours = tuple[str, str]
"""A pipeline's id and a stage's id here."""


class LinkedKind(StrEnum):
    """What a deal is linked with that may hold the term of its contract."""

    LINE_ITEMS = "line_items"
    QUOTES = "quotes"
    CONTRACTS = "contracts"


FROM_LINKED = (
    "starts_on",
    "ends_on",
    "decide_by",
    "term",
    "notice",
    "renewal_term",
    "renewal_notice",
    "auto_renew",
)
"""The fields that can be read from linked records."""


def kind_and_property(place: str) -> tuple[LinkedKind | None, str]:
    """What the right side of `[hubspot.fields]` names: a property of linked records, or, without a
    kind, of the deal itself. Raises ValueError for another kind.

    >>> kind_and_property("line_items/hs_end"), kind_and_property("contract_end")
    ((<LinkedKind.LINE_ITEMS: 'line_items'>, 'hs_end'), (None, 'contract_end'))
    """
    kind, slash, name = place.partition("/")
    return (LinkedKind(kind), name) if slash else (None, place)


@dataclass(frozen=True, slots=True)
class StageRule:
    """One line of the mapping: where a stage of theirs lands. `target`: our move into that stage
    goes to this one of theirs."""

    theirs: Theirs
    place: Placement
    target: bool = False


@dataclass(frozen=True, slots=True)
class StageMap:
    """The whole mapping, both ways."""

    rules: tuple[StageRule, ...]
    _places: Mapping[Theirs, Placement] = field(
        init=False, repr=False, compare=False, default_factory=dict
    )

    def __post_init__(self) -> None:
        """Looked up by what they call it."""
        object.__setattr__(self, "_places", {rule.theirs: rule.place for rule in self.rules})

    @property
    def pipelines(self) -> tuple[str, ...]:
        """Their pipelines whose deals are in our care, in the mapping's order."""
        cared = (rule.theirs[0] for rule in self.rules if not rule.place.skip)
        return tuple(dict.fromkeys(cared))

    @property
    def alike(self) -> Sequence[tuple[Theirs, Theirs]]:
        """Pairs of stages whose ids differ only by case or spaces: most likely one stage, of which
        one spelling stands for nothing there."""
        first: dict[tuple[str, ...], Theirs] = {}
        spelt = (tuple("".join(i.split()).casefold() for i in rule.theirs) for rule in self.rules)
        pairs = [
            (first.setdefault(s, r.theirs), r.theirs)
            for s, r in zip(spelt, self.rules, strict=True)
        ]
        return [(one, other) for one, other in pairs if one != other]

    def place(self, theirs: Theirs) -> Placement | None:
        """Where a stage lands; None for one without a place."""
        return self._places.get(theirs)

    def pipeline_with(self, stage_id: str) -> str | None:
        """The one mapped pipeline that has this stage; None where none or several do."""
        found = {pipeline for pipeline, stage in self._places if stage == stage_id}
        return next(iter(found)) if len(found) == 1 else None

    def target(self, ours: Ours, current: Theirs) -> Theirs | None:
        """Where our stage is theirs, for a deal that stands in `current` there: where it is, if
        that means the same; else the marked one, those of its own pipeline first; else the only
        one. None where nobody said."""
        fitting = [r for r in self.rules if (r.place.pipeline, r.place.stage) == ours]
        if any(rule.theirs == current for rule in fitting):
            return current
        near = [rule for rule in fitting if rule.theirs[0] == current[0]]
        for some in (near, fitting):
            marked = [rule.theirs for rule in some if rule.target]
            if marked or len(some) == 1:
                return marked[0] if marked else some[0].theirs
        return None


@dataclass(frozen=True, slots=True)
class HubSpotSettings:
    """Everything that `[hubspot]` says. `every_seconds` 0: only by command; `push`: whether
    anything is written there; `fields`: our field to their property, that of a linked record as
    `line_items/hs_end`; `create_renewals`: whether the deal of a next term that was opened here is
    made there."""

    every_seconds: int
    overlap: timedelta
    language: Language
    push: bool
    stages: StageMap
    fields: Mapping[str, str]
    create_renewals: bool = False

    @property
    def own_properties(self) -> tuple[str, ...]:
        """The deals' own properties that fill something."""
        return tuple(place for place in self.fields.values() if kind_and_property(place)[0] is None)

    @property
    def linked(self) -> Mapping[LinkedKind, tuple[str, ...]]:
        """The properties of linked records that fill something, by what they are linked with."""
        found: dict[LinkedKind, tuple[str, ...]] = {}
        for place in self.fields.values():
            kind, name = kind_and_property(place)
            if kind is not None:
                found[kind] = (*found.get(kind, ()), name)
        return found

    def fields_from(self, kind: LinkedKind) -> tuple[str, ...]:
        """Our fields that are read from these records."""
        return tuple(f for f, place in self.fields.items() if kind_and_property(place)[0] is kind)

    def without(self, kinds: Collection[LinkedKind]) -> "HubSpotSettings":
        """The same, as if nothing were read from records of these kinds."""
        return self.without_fields({name for kind in kinds for name in self.fields_from(kind)})

    def without_fields(self, names: Collection[str]) -> "HubSpotSettings":
        """The same, as if nothing filled these fields."""
        fields = {name: place for name, place in self.fields.items() if name not in names}
        return replace(self, fields=fields)
