"""The stages of other systems: which of ours each one stands for, and which are not known.

Always holds: a stage without a place refuses the whole file, by name and with its number of rows,
all of them at once.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from scheduler.core.config.rules.stage_lines import allowed, placed, stages_of
from scheduler.core.imports.names import plain
from scheduler.core.imports.placement import Placement
from scheduler.core.imports.texts import FieldError, RecordProblem
from scheduler.core.policy.policy import Policy
from scheduler.core.sync.stages import fits, own_places
from scheduler.core.words.problems import Problem
from scheduler.sources.kinds.profiles import CSV, Profile
from scheduler.sources.mappings.contracts import FileMapping
from scheduler.sources.statuses import STATUSES


def placements(
    profile: Profile, mapping: FileMapping, policy: Policy
) -> tuple[dict[str, Placement], list[Problem]]:
    """Every stage name that is known, normalised by `plain`: the policy's own ids and labels, the
    profile's, the mapping file's (the last one wins); and every line of `[stages]` that names what
    the policy does not have."""
    known = own_places(policy)
    theirs = {n: place for n, place in profile.stages.items() if place.skip or fits(place, policy)}
    known |= theirs
    if profile is CSV:
        known = {n: at for n, at in STATUSES.items() if at.skip or fits(at, policy)} | known
    problems: list[Problem] = []
    stages = stages_of(policy.pipelines.values())
    for name, line in mapping.stages.items():
        place = placed(line, stages)
        if isinstance(place, Placement):
            known[plain(name)] = place
        else:
            problems += [mapping.problem(("stages", name, *at), said) for at, said in place]
    return known, problems


def find_place(places: Mapping[str, Placement], stage: str, pipeline: str = "") -> Placement | None:
    """Where a stage lands: by `pipeline/stage`, by its name, by its name without the pipeline that
    exports put in brackets behind it."""
    name = plain(stage)
    bare = name.removesuffix(f"({plain(pipeline)})") if pipeline else name
    return places.get(f"{plain(pipeline)}/{bare}") or places.get(name) or places.get(bare)


def our_pipelines(policy: Policy) -> dict[str, str]:
    """The policy's pipelines by everything they are called, normalised by `plain`."""
    return {
        plain(name): p.id
        for p in policy.pipelines.values()
        for name in (p.id, *p.label.spellings())
    }


@dataclass(slots=True)
class Places:
    """Where rows land by what they say of stage and pipeline. `by_stage` are the known stages,
    `pipelines` ours by name, `mapped` the stages that a mapping file places, whatever the pipeline.
    `foreign`: the file's pipelines are another system's and say nothing here."""

    by_stage: Mapping[str, Placement]
    pipelines: Mapping[str, str]
    mapped: frozenset[str]
    foreign: bool
    remembered: dict[tuple[str, str], Placement | None] = field(default_factory=dict)

    def of(self, stage: str, pipeline: str) -> Placement | None:
        """The place of a row; None where it says nothing. Raises FieldError for a pipeline that
        there is not, or that does not have the stage."""
        said = stage, pipeline
        if said not in self.remembered:
            self.remembered[said] = self._found(stage, pipeline)
        return self.remembered[said]

    def _found(self, stage: str, pipeline: str) -> Placement | None:
        """The place, worked out."""
        place = find_place(self.by_stage, stage, pipeline) if stage else None
        if (
            not pipeline
            or self.foreign
            or plain(stage) in self.mapped
            or f"{plain(pipeline)}/{plain(stage)}" in self.mapped
        ):
            return place
        ours = self.pipelines.get(plain(pipeline))
        if ours is None:
            raise FieldError(
                "pipeline", "pipeline", allowed=", ".join(dict.fromkeys(self.pipelines.values()))
            )
        if place is not None and place.pipeline != ours:
            raise FieldError("pipeline_stage", "stage", stage=stage, pipeline=place.pipeline)
        return place or Placement(ours)


def unmapped(
    file: str,
    stages: Mapping[tuple[str, str], int],
    places: Mapping[str, Placement],
    policy: Policy,
) -> list[RecordProblem]:
    """One problem that names every stage of a file that has no place, with the number of its rows;
    none if all have one."""
    unknown: dict[str, int] = {}
    for (stage, pipeline), rows in stages.items():
        if stage and find_place(places, stage, pipeline) is None:
            unknown[stage] = unknown.get(stage, 0) + rows
    if not unknown:
        return []
    listed = ", ".join(f"{name} ({rows})" for name, rows in unknown.items())
    first = next(iter(policy.pipelines.values()))
    target = f"{first.id}/{first.first.id}"
    return [
        RecordProblem.of(
            "unmapped_stages",
            file=file,
            stages=listed,
            example=next(iter(unknown)),
            target=target,
            allowed=", ".join(allowed(stages_of(policy.pipelines.values()))),
        )
    ]
