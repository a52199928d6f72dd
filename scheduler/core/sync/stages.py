"""Which of our stages each of theirs stands for, and back.

Always holds: many of theirs may stand for one of ours, and then one of them is where our move goes;
a deal that already stands in one of them is left there. What has no place is held and shown, never
guessed. Names are placed by the tables of the file import (`scheduler.core.imports.hubspot_stages`)
and by the policy's own ids and labels.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from scheduler.core.deal.pipeline import Stage
from scheduler.core.imports.hubspot_stages import known_stages
from scheduler.core.imports.names import plain
from scheduler.core.imports.placement import UNKNOWN_PROGRESS, Placement
from scheduler.core.policy.hubspot import Ours, StageMap, StageRule, Theirs
from scheduler.core.policy.policy import Policy
from scheduler.core.sync.values import ValueNotReadError, number
from scheduler.core.words.labels import Label


@dataclass(frozen=True, slots=True)
class TheirStage:
    """A stage of HubSpot's."""

    id: str
    label: str
    closed: bool = False
    probability: Decimal | None = None

    @property
    def won(self) -> bool:
        """Whether deals in it are won."""
        return self.closed and self.probability == 1

    @property
    def lost(self) -> bool:
        """Whether deals in it are lost."""
        return self.closed and self.probability == 0


@dataclass(frozen=True, slots=True)
class TheirPipeline:
    """A pipeline of HubSpot's, its stages in order."""

    id: str
    label: str
    stages: tuple[TheirStage, ...] = ()


def pipeline_of(raw: Mapping[str, Any]) -> TheirPipeline:
    """A pipeline from the API's JSON, without what was archived."""
    stages = sorted(
        (s for s in raw.get("stages") or () if not s.get("archived")),
        key=lambda s: int(s.get("displayOrder") or 0),
    )
    return TheirPipeline(str(raw["id"]), str(raw.get("label") or ""), tuple(map(_stage_of, stages)))


def _stage_of(raw: Mapping[str, Any]) -> TheirStage:
    """A stage; its metadata are texts."""
    metadata = raw.get("metadata") or {}
    probability = _probability(metadata.get("probability"))
    said = str(metadata.get("isClosed") or "").lower()
    return TheirStage(
        str(raw["id"]),
        str(raw.get("label") or ""),
        said == "true" if said else probability in (0, 1),
        probability,
    )


def _probability(text: object) -> Decimal | None:
    try:
        return number(None if text is None else str(text))
    except ValueNotReadError:
        return None


def own_places(policy: Policy) -> dict[str, Placement]:
    """The policy's stages by everything they are and were called, alone and behind their pipeline's
    name; normalised by `plain`."""
    known: dict[str, Placement] = {}
    for pipeline in policy.pipelines.values():
        for stage in pipeline.stages:
            for name in (stage.id, *stage.label.spellings(), *stage.was):
                known.setdefault(plain(name), Placement(pipeline.id, stage.id))
                known |= {
                    f"{plain(p)}/{plain(name)}": Placement(pipeline.id, stage.id)
                    for p in (pipeline.id, *pipeline.label.spellings())
                }
    return known


def fits(place: Placement, policy: Policy) -> bool:
    """Whether the policy has what a place names: an edited policy may have renamed it."""
    pipeline = policy.pipelines.get(place.pipeline)
    named = [s for s in (place.stage, place.passed) if s and s != UNKNOWN_PROGRESS]
    return (
        pipeline is not None
        and all(pipeline.find(s) for s in named)
        and (place.otherwise is None or fits(place.otherwise, policy))
    )


def proposed(pipelines: Iterable[TheirPipeline], policy: Policy) -> tuple[StageRule, ...]:
    """A mapping for an account, as far as the names tell: the pipeline's and the stage's together,
    then the tables of the file import, then the stage's name alone. What nothing knows is left out.

    The first of theirs that means exactly one of our stages is where our move goes.
    """
    ours, tables = own_places(policy), known_stages()
    rules: list[StageRule] = []
    for pipeline in pipelines:
        taken: set[Ours] = set()
        for stage in pipeline.stages:
            name = plain(stage.label)
            both = ours.get(f"{plain(pipeline.label)}/{name}")
            candidates = (both, tables.get(name), ours.get(name), ours.get(plain(stage.id)))
            place = next(
                (p for p in candidates if p and fits(p, policy) and _agrees(p, stage)), None
            )
            if place is None:
                continue
            mine = (place.pipeline, place.stage)
            exact = bool(place.stage) and not place.passed and not place.otherwise
            rules.append(StageRule((pipeline.id, stage.id), place, exact and mine not in taken))
            taken |= {mine} if exact else set()
    return tuple(rules)


def _agrees(place: Placement, stage: TheirStage) -> bool:
    """Whether lost stays lost: a name alone may mean something else there."""
    return place.stage != "lost" or not stage.won


@dataclass(frozen=True, slots=True)
class MapProblem:
    """Something about a mapping that somebody should know. `blocks`: deals there are held."""

    theirs: Theirs
    said: Label
    blocks: bool = True


def problems(
    stages: StageMap, pipelines: Sequence[TheirPipeline], policy: Policy
) -> list[MapProblem]:
    """All that is wrong between a mapping, the account as it is, and the policy."""
    there = {(p.id, s.id): s for p in pipelines for s in p.stages}
    names = {p.id: p.label for p in pipelines}
    return [
        *_gone(stages, there, names),
        *_without_place(stages, there, names),
        *_misplaced(stages, there, policy),
        *_without_target(stages, policy),
    ]


def _gone(
    stages: StageMap, there: Mapping[Theirs, TheirStage], names: Mapping[str, str]
) -> Iterator[MapProblem]:
    """Stages that are mapped and deleted there."""
    for rule in stages.rules:
        if rule.theirs not in there:
            pipeline, stage = rule.theirs
            yield MapProblem(
                rule.theirs,
                Label(
                    "HubSpot has no stage {stage} in pipeline {pipeline} any more; take it out of "
                    "the mapping, or create it again",
                    stage=stage,
                    pipeline=names.get(pipeline, pipeline),
                ),
            )


def _without_place(
    stages: StageMap, there: Mapping[Theirs, TheirStage], names: Mapping[str, str]
) -> Iterator[MapProblem]:
    """Stages of mapped pipelines that say nothing here."""
    for theirs, stage in there.items():
        if theirs[0] in stages.pipelines and stages.place(theirs) is None:
            yield MapProblem(
                theirs,
                Label(
                    "the stage {stage} of HubSpot's pipeline {pipeline} has no place here; its "
                    "deals are held until the mapping gives it one",
                    stage=stage.label,
                    pipeline=names[theirs[0]],
                ),
            )


def _misplaced(
    stages: StageMap, there: Mapping[Theirs, TheirStage], policy: Policy
) -> Iterator[MapProblem]:
    """Places the policy does not have, and stages that are closed on one side only."""
    for rule in stages.rules:
        stage = there.get(rule.theirs)
        if stage is None or rule.place.skip:
            continue
        if not fits(rule.place, policy):
            yield MapProblem(
                rule.theirs,
                Label(
                    "the stage {stage} is mapped to {place}, which does not exist here",
                    stage=stage.label,
                    place=f"{rule.place.pipeline}/{rule.place.stage}",
                ),
            )
        elif (ours := _our_stage(rule.place, policy)) is not None and not _closes_alike(
            stage, ours
        ):
            yield MapProblem(
                rule.theirs,
                Label(
                    "the stage {stage} is closed in only one of the two: here it is {ours}",
                    stage=stage.label,
                    ours=ours.label,
                ),
                blocks=False,
            )


def _our_stage(place: Placement, policy: Policy) -> Stage | None:
    """The stage a place names, where it names one."""
    if not place.stage or place.bought:
        return None
    return policy.pipelines[place.pipeline].find(place.stage)


def _closes_alike(theirs: TheirStage, ours: Stage) -> bool:
    """Whether both are open, both won or both lost."""
    return (theirs.won, theirs.lost) == (ours.kind == "won", ours.kind == "lost")


def _without_target(stages: StageMap, policy: Policy) -> Iterator[MapProblem]:
    """Stages of ours that several of theirs stand for, where a deal in one of their pipelines would
    not know which of them to move to."""
    for pipeline in policy.pipelines.values():
        for stage in pipeline.stages:
            fitting = [
                rule
                for rule in stages.rules
                if (rule.place.pipeline, rule.place.stage) == (pipeline.id, stage.id)
            ]
            ours = (pipeline.id, stage.id)
            if len(fitting) > 1 and any(
                stages.target(ours, (theirs, "")) is None for theirs in stages.pipelines
            ):
                yield MapProblem(
                    fitting[0].theirs,
                    Label(
                        "{count} HubSpot stages stand for {stage}; mark the one that our moves "
                        "go to (target = true)",
                        count=len(fitting),
                        stage=stage.label,
                    ),
                    blocks=False,
                )
