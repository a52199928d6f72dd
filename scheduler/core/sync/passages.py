"""The way a deal went in HubSpot, as passages here: from the history of its stage, which every plan
keeps whole, with who moved it.

Always holds: what nobody here observed is marked so; a stage without a place is left out, and the
last passage leads to where the deal stands now.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from scheduler.core.deal.pipeline import Actor, Passage, Pipeline, Stage
from scheduler.core.imports.placement import UNKNOWN_PROGRESS, Placement
from scheduler.core.imports.records import BEFORE_ALL, chain, way_to
from scheduler.core.policy.hubspot import StageMap, Theirs
from scheduler.core.sync.owners import Owners
from scheduler.core.sync.records import PIPELINE, STAGE, PropertyVersion, Record
from scheduler.core.words.lexicon import ActorKind
from scheduler.core.words.reasons import reason

_TOGETHER = timedelta(seconds=2)
"""Stage and pipeline written in one go may be a moment apart in their histories."""
HUBSPOT = "HubSpot"


@dataclass(frozen=True, slots=True)
class StageVisit:
    """One entry of a stage's history with the pipeline it was in; None where nobody can tell."""

    theirs: Theirs | None
    version: PropertyVersion


def visits(record: Record, stages: StageMap) -> tuple[StageVisit, ...]:
    """Every stage the deal was in, the first one first."""
    pipelines = record.histories.get(PIPELINE, ())
    return tuple(
        StageVisit(_theirs(version, pipelines, stages, record.value(PIPELINE)), version)
        for version in record.histories.get(STAGE, ())
        if version.value
    )


def _theirs(
    version: PropertyVersion, pipelines: tuple[PropertyVersion, ...], stages: StageMap, present: str
) -> Theirs | None:
    """The stage with its pipeline: the one in force then; else the only mapped one that has such a
    stage; else that of today."""
    in_force = [p.value for p in pipelines if p.at <= version.at + _TOGETHER]
    pipeline = in_force[-1] if in_force else stages.pipeline_with(version.value) or present
    return (pipeline, version.value) if pipeline else None


def resolved(place: Placement, *, has_contract: bool) -> Placement:
    """The place itself, or what stands instead while the customer has no contract."""
    if place.otherwise is not None and not has_contract:
        return place.otherwise
    return place


def passages(
    record: Record,
    stages: StageMap,
    pipeline: Pipeline,
    stage: Stage,
    owners: Owners,
    labels: Mapping[Theirs, str],
    *,
    has_contract: bool = True,
) -> tuple[Passage, ...]:
    """How the deal came to `stage` of `pipeline`, all reconstructed. `labels` names their stages.

    Visits that mean the same stage in a row are one passage, at the first of them; those of another
    pipeline of ours belong to another deal. A lost deal without any visit before has the passages
    its old stage stands for, whose instants nobody knows.
    """
    made: list[Passage] = []
    for visit in visits(record, stages):
        place = stages.place(visit.theirs) if visit.theirs else None
        here = None if place is None else _stage(place, pipeline, has_contract=has_contract)
        if place is None or here is None or (made and made[-1].to_stage == here.id):
            continue
        came_from = made[-1].to_stage if made else None
        made += _one(visit, place, pipeline, here, came_from, owners, labels)
    if not made or made[-1].to_stage != stage.id:
        made.append(_last(record, made, stage, owners, labels))
    return tuple(made)


def _stage(place: Placement, pipeline: Pipeline, *, has_contract: bool) -> Stage | None:
    """The stage of `pipeline` a place names, if it is one of its."""
    there = resolved(place, has_contract=has_contract)
    if there.pipeline != pipeline.id or not there.stage:
        return None
    return pipeline.find(there.stage)


def _one(
    visit: StageVisit,
    place: Placement,
    pipeline: Pipeline,
    here: Stage,
    came_from: str | None,
    owners: Owners,
    labels: Mapping[Theirs, str],
) -> Iterator[Passage]:
    """The passage of a visit; for a lost deal without history, all the transitions its old stage
    implies."""
    because, actor = _why(visit, labels), actor_of(visit.version, owners)
    at = visit.version.at
    if here.is_open or came_from is not None or place.passed == UNKNOWN_PROGRESS or place.bought:
        yield Passage(came_from, here.id, at, because, actor, observed=False)
        return
    way = [stage.id for stage in way_to(pipeline, place.passed)]
    yield from chain([*way, here.id], at, because, actor, first=None if way else BEFORE_ALL)


def _why(visit: StageVisit, labels: Mapping[Theirs, str]) -> str:
    """The reason of a passage, in HubSpot's words for the stage."""
    name = labels.get(visit.theirs, "") if visit.theirs else ""
    return reason("sync_stage", stage=name or visit.version.label or visit.version.value)


def _last(
    record: Record,
    made: list[Passage],
    stage: Stage,
    owners: Owners,
    labels: Mapping[Theirs, str],
) -> Passage:
    """The passage to where the deal stands now, where its history does not end there."""
    history = record.histories.get(STAGE, ())
    last = history[-1] if history else None
    theirs = (record.value(PIPELINE), record.value(STAGE))
    because = reason("sync_stage", stage=labels.get(theirs) or theirs[1])
    actor = actor_of(last, owners) if last else Actor(ActorKind.IMPORT, HUBSPOT)
    at: datetime | None = last.at if last else record.created_at
    return Passage(made[-1].to_stage if made else None, stage.id, at, because, actor, False)


def actor_of(version: PropertyVersion, owners: Owners) -> Actor:
    """Who wrote a value: a colleague by name, else whatever HubSpot calls the source."""
    if user := version.by_person:
        return Actor(ActorKind.PERSON, owners.user_name(user) or f"{HUBSPOT} {user}")
    named = version.label or version.source.kind
    return Actor(ActorKind.API, f"{HUBSPOT} {named}".strip())
