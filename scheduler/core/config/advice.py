"""What is allowed in a policy but probably not intended: `renewals check` mentions it, but refuses
nothing because of it.

Always holds: the shipped configuration needs no advice.
"""

from collections.abc import Iterator

from scheduler.core.config.rules.stage_lines import stage_key
from scheduler.core.deal.pipeline import Pipeline, StageKind
from scheduler.core.health.policy import HealthPolicy
from scheduler.core.policy.hubspot import StageMap
from scheduler.core.policy.milestones import Milestone
from scheduler.core.policy.policy import Policy
from scheduler.core.time.dates import Offset
from scheduler.core.words.labels import Label
from scheduler.core.words.lexicon import Anchor


def advice(policy: Policy) -> Iterator[Label]:
    """All advice, in the order of the file."""
    for pipeline in policy.pipelines.values():
        yield from _unreached(pipeline, policy)
    for milestone in policy.milestones:
        yield from _without_effect(milestone)
        yield from _after_the_end(milestone, policy.pipelines[milestone.pipeline])
    if policy.health is not None:
        yield from _flapping(policy.health)
    if policy.hubspot is not None:
        yield from _spelt_alike(policy.hubspot.stages)


def _flapping(health: HealthPolicy) -> Iterator[Label]:
    """Advice about a health that may change with every signal."""
    bounds = health.thresholds
    near = bounds.leave_at_risk == bounds.at_risk or bounds.leave_critical == bounds.critical
    if health.measures and near and not health.least_days:
        yield Label(
            "health.leave: a score that wavers around a bound changes the health each time, and "
            "people are told of every fall; leave more room above enter, or write least_days = 7"
        )


def _spelt_alike(stages: StageMap) -> Iterator[Label]:
    """Advice about lines of `[hubspot.stages]` that are most likely meant for one stage."""
    for one, other in stages.alike:
        yield Label(
            'hubspot.stages: "{one}" and "{other}" differ only by case or spaces; keep the line '
            "with the ids as HubSpot has them (renewals sync hubspot --init shows them)",
            one=stage_key(*one),
            other=stage_key(*other),
        )


def _unreached(pipeline: Pipeline, policy: Policy) -> Iterator[Label]:
    """Advice about renewal stages into which only people move deals."""
    led_to = {m.moves_to for m in policy.milestones if m.pipeline == pipeline.id}
    for stage in pipeline.of_kind(StageKind.RENEWAL):
        if stage.id not in led_to:
            yield Label(
                (
                    "pipelines[{pipeline_id}]: no milestone moves a deal to {stage_id}; only "
                    "people will"
                ),
                pipeline_id=pipeline.id,
                stage_id=stage.id,
            )


def _without_effect(milestone: Milestone) -> Iterator[Label]:
    """What does nothing."""
    if milestone.moves_to is None and not milestone.tell:
        yield Label(
            ("milestones[{milestone_id}]: moves no deal and tells nobody; it is only recorded"),
            milestone_id=milestone.id,
        )
    if milestone.open_until is not None and not milestone.where and not milestone.in_stages:
        yield Label(
            (
                "milestones[{milestone_id}].open_until: there is no condition (where, stages) "
                "to wait for"
            ),
            milestone_id=milestone.id,
        )


def _after_the_end(milestone: Milestone, pipeline: Pipeline) -> Iterator[Label]:
    """Advice about an offset whose sign was perhaps forgotten."""
    offset = milestone.offset
    closed = [s for s in milestone.in_stages if not pipeline.stage(s).is_open]
    if (
        milestone.anchor is Anchor.ENDS_ON
        and min(offset.months, offset.days, offset.business_days) >= 0
        and offset != Offset()
        and not closed
    ):
        meant = Offset(-offset.months, -offset.days, -offset.business_days)
        yield Label(
            (
                "milestones[{milestone_id}].offset: {offset} is after the end; if before "
                'is meant, write "{meant}"'
            ),
            milestone_id=milestone.id,
            offset=offset,
            meant=meant,
        )
