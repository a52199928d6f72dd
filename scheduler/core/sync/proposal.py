"""What a mapping for an account could be, and what it leaves open.

Always holds: what nothing knows has no line; a line of the proposal means what the file import
would make of the same stage.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from scheduler.core.deal.pipeline import StageKind
from scheduler.core.imports.placement import UNKNOWN_PROGRESS
from scheduler.core.policy.hubspot import Ours, StageMap, StageRule, Theirs
from scheduler.core.policy.policy import Policy
from scheduler.core.sync.ends import EndCount
from scheduler.core.sync.guesses import FieldGuess, Offered, guesses
from scheduler.core.sync.linked_guesses import LinkedElsewhere, with_linked
from scheduler.core.sync.stages import TheirPipeline, proposed


@dataclass(frozen=True, slots=True)
class Proposal:
    """A mapping: where stages land, what fills the fields of a term."""

    stages: StageMap
    fields: tuple[FieldGuess, ...] = ()

    @property
    def linked(self) -> int:
        """From how many kinds of linked records fields are read."""
        places = {g.taken.name.partition("/") for g in self.fields if g.taken}
        return len({kind for kind, slash, _ in places if slash})


def proposal(
    pipelines: Iterable[TheirPipeline],
    policy: Policy,
    offered: Iterable[Offered],
    filled: Collection[str] = (),
    elsewhere: LinkedElsewhere | None = None,
    counts: Iterable[EndCount] = (),
) -> Proposal:
    """The mapping that the names in an account suggest; `filled` as for `guesses`, `elsewhere` and
    `counts` as for `with_linked`."""
    rules = _marked(proposed(pipelines, policy), policy)
    fields = with_linked(guesses(offered, filled), elsewhere or {}, counts)
    return Proposal(StageMap(rules), fields)


def _marked(rules: Sequence[StageRule], policy: Policy) -> tuple[StageRule, ...]:
    """The rules with the marks that are needed: none where a move can go nowhere else. Of several
    stages for a loss the one that says nothing of how far the deal came; where each says something,
    a person has to choose."""
    return tuple(
        replace(rule, target=_is_target(rule, fitting(rules, _ours(rule)), policy))
        for rule in rules
    )


def _is_target(rule: StageRule, alike: Sequence[StageRule], policy: Policy) -> bool:
    """Whether a rule is marked among those that stand for the same."""
    near = [each for each in alike if each.theirs[0] == rule.theirs[0]]
    if len(alike) == 1:
        return False
    stage = policy.pipelines[rule.place.pipeline].find(rule.place.stage)
    if stage is None or stage.kind is not StageKind.LOST or len(near) == 1:
        return rule.target
    unknown = [each for each in near if each.place.passed == UNKNOWN_PROGRESS]
    if unknown:
        return rule is unknown[0]
    return rule.target and not any(each.place.passed for each in near)


def fitting(rules: Iterable[StageRule], ours: Ours) -> list[StageRule]:
    """The lines that stand for one of our stages."""
    return [rule for rule in rules if _ours(rule) == ours]


def _ours(rule: StageRule) -> Ours:
    return rule.place.pipeline, rule.place.stage


def unreachable(stages: StageMap, policy: Policy) -> list[Ours]:
    """The stages of ours that none of theirs stands for, in pipelines that are mapped: a move into
    them is not seen there."""
    mapped = {rule.place.pipeline for rule in stages.rules if not rule.place.skip}
    return [
        (pipeline.id, stage.id)
        for pipeline in policy.pipelines.values()
        if pipeline.id in mapped
        for stage in pipeline.stages
        if not fitting(stages.rules, (pipeline.id, stage.id))
    ]


@dataclass(frozen=True, slots=True)
class Differing:
    """A line of the proposal that the mapping in force has not (`there` is None) or has
    otherwise."""

    theirs: Theirs
    proposed: StageRule
    there: StageRule | None = None


def differing_lines(there: StageMap, wanted: StageMap) -> list[Differing]:
    """What a proposal would add to a mapping or say otherwise. Lines that only the mapping has are
    somebody's decision and no difference."""
    known = {rule.theirs: rule for rule in there.rules}
    return [
        Differing(rule.theirs, rule, known.get(rule.theirs))
        for rule in wanted.rules
        if rule.theirs not in known or known[rule.theirs].place != rule.place
    ]


def differing_fields(there: dict[str, str], fields: Iterable[FieldGuess]) -> dict[str, str]:
    """Fields that a property plainly fills and the mapping leaves empty."""
    return {g.field: g.taken.name for g in fields if g.taken and not there.get(g.field)}
