"""The rules for one milestone of `config.toml`: its day comes, its stages and templates exist, and
no deal is left out of the renewal.

Always holds: all mistakes of a milestone are found at once; each says what to write instead.
Several milestones together: `series`.
"""

from collections.abc import Collection, Iterator

from scheduler.core.config.conditions import condition_mistake
from scheduler.core.config.mistakes import Found, Place, unknown
from scheduler.core.config.tables.config import ConfigTable
from scheduler.core.config.tables.milestones import MilestoneTable
from scheduler.core.config.tables.pipelines import PipelineTable, StageTable
from scheduler.core.deal.deal import SYSTEM_MILESTONES
from scheduler.core.deal.pipeline import StageKind
from scheduler.core.policy.anchors import ANCHORS, DaySource
from scheduler.core.time.dates import Offset
from scheduler.core.words.labels import Label
from scheduler.core.words.lexicon import Anchor, Health

RESERVED_TEMPLATES = (
    "after_notice",
    "after_order",
    "alert",
    "bundle",
    "climbed",
    "digest",
    "fresh_link",
    "handover",
    "returned",
    "team",
    "weekly",
)
"""Templates of the program's own, for messages that are not one milestone's."""

_OWN_IDS = (*SYSTEM_MILESTONES, *RESERVED_TEMPLATES)
_LONGEST_YEARS = 30


def milestone_mistakes(
    milestone: MilestoneTable, place: Place, config: ConfigTable, templates: Collection[str]
) -> Iterator[Found]:
    """Every mistake in one milestone. `templates`: the names of the message templates that a
    milestone may have."""
    yield from _own_ids(milestone, place)
    yield from _day(milestone, place)
    yield from _rhythm(milestone, place)
    if milestone.asks and not milestone.tell:
        yield (
            (*place, "tell"),
            Label('asks = true expects an answer, but nobody is told; write e.g. ["owner"]'),
        )
    for field, value in milestone.where.items():
        wrong = condition_mistake(field, value)
        if wrong is not None:
            yield (*place, "where", field), wrong
    if milestone.template is not None and milestone.template not in templates:
        yield (
            (*place, "template"),
            unknown(milestone.template, sorted(templates), Label("template")),
        )
    pipeline = next((p for p in config.pipelines if p.id == milestone.pipeline), None)
    if pipeline is None:
        yield (
            (*place, "pipeline"),
            unknown(milestone.pipeline, [p.id for p in config.pipelines], Label("pipeline")),
        )
    else:
        yield from _stages(milestone, place, pipeline)


def stages_meant(milestone: MilestoneTable, pipeline: PipelineTable) -> list[StageTable]:
    """The stages a milestone is for, in order; without `stages`, every open one."""
    if milestone.stages:
        return [s for s in pipeline.stages if {s.id, *s.was} & set(milestone.stages)]
    return [s for s in pipeline.stages if s.kind not in (StageKind.WON, StageKind.LOST)]


def stage_called(name: str, pipeline: PipelineTable) -> StageTable | None:
    """The stage with this id, or the one that replaced it."""
    return next((s for s in pipeline.stages if name == s.id), None) or next(
        (s for s in pipeline.stages if name in s.was), None
    )


def rough_days(offset: Offset) -> float:
    """About how many days an offset is, to tell which of two comes first.

    >>> rough_days(Offset(months=-3)), rough_days(Offset(business_days=10))
    (-91.5, 14.0)
    """
    return offset.months * 30.5 + offset.days + offset.business_days * 1.4


def _own_ids(milestone: MilestoneTable, place: Place) -> Iterator[Found]:
    """Refuses ids that the program uses itself."""
    named: list[tuple[Place, str]] = [
        ((*place, "id"), milestone.id),
        *(((*place, "was", n), was) for n, was in enumerate(milestone.was)),
    ]
    for at, id in named:
        if id in _OWN_IDS:
            yield (
                at,
                Label('the id "{id}" is reserved by the program; choose another', id=id),
            )


def _day(milestone: MilestoneTable, place: Place) -> Iterator[Found]:
    """Finds a day that never comes, or comes too late."""
    offset = Offset.parse(milestone.offset)
    days = rough_days(offset)
    if abs(days) > _LONGEST_YEARS * 366:
        yield (
            (*place, "offset"),
            Label(
                '"{offset}" is more than {longest_years} years; no contract runs that long',
                offset=milestone.offset,
                longest_years=_LONGEST_YEARS,
            ),
        )
    elif ANCHORS[milestone.anchor].source is DaySource.STAGE and days < 0:
        yield (
            (*place, "offset"),
            Label(
                (
                    "nobody knows in advance when a deal enters a stage, so the offset cannot "
                    'lie before it; write e.g. "{turned}"'
                ),
                turned=_turned(offset),
            ),
        )
    if ANCHORS[milestone.anchor].source is DaySource.STAGE and not milestone.stages:
        yield (
            (*place, "anchor"),
            Label('name the stages to count from, e.g. stages = ["onboarding"]'),
        )
    if ANCHORS[milestone.anchor].is_deadline and milestone.where.get("evergreen") in (True, [True]):
        yield (
            (*place, "where", "evergreen"),
            Label(
                (
                    "an evergreen contract has no {anchor}, so this day never comes; use "
                    'anchor = "anniversary"'
                ),
                anchor=milestone.anchor.value,
            ),
        )


def _rhythm(milestone: MilestoneTable, place: Place) -> Iterator[Found]:
    """Refuses a recurring milestone that moves deals, or an anniversary with an interval of its
    own."""
    if milestone.every is None:
        return
    if ANCHORS[milestone.anchor].rhythm is not None:
        yield (
            (*place, "every"),
            Label(
                "an anniversary comes every year anyway; remove every, or use anchor = "
                '"starts_on" for another interval'
            ),
        )
    if milestone.moves_to is not None:
        yield (
            (*place, "moves_to"),
            Label("a recurring milestone (every) cannot move a deal; remove one of the two"),
        )
    if ANCHORS[milestone.anchor].is_deadline and rough_days(Offset.parse(milestone.offset)) >= 0:
        yield (
            (*place, "offset"),
            Label(
                (
                    "it recurs until the contract ends, so it must first come before {anchor}; "
                    'write e.g. "-6 months"'
                ),
                anchor=milestone.anchor.value,
            ),
        )


def _turned(offset: Offset) -> Offset:
    """As far in the other direction."""
    return Offset(-offset.months, -offset.days, -offset.business_days)


def _stages(milestone: MilestoneTable, place: Place, pipeline: PipelineTable) -> Iterator[Found]:
    """The stages a milestone names."""
    for number, name in enumerate(milestone.stages):
        if stage_called(name, pipeline) is None:
            yield (
                (*place, "stages", number),
                unknown(name, [s.id for s in pipeline.stages], Label("stage")),
            )
    yield from _health(milestone, place, pipeline)
    if milestone.moves_to is None:
        return
    target = stage_called(milestone.moves_to, pipeline)
    if target is None:
        yield (
            (*place, "moves_to"),
            unknown(milestone.moves_to, [s.id for s in pipeline.stages], Label("stage")),
        )
    elif target.kind in (StageKind.WON, StageKind.LOST):
        yield (
            (*place, "moves_to"),
            Label("a milestone cannot close a deal; name an open stage"),
        )
    else:
        yield from _move(milestone, place, pipeline, target)


def _health(milestone: MilestoneTable, place: Place, pipeline: PipelineTable) -> Iterator[Found]:
    """Finds a health that the milestone's active stages can never have: each stands for its own."""
    wanted, meant = milestone.where.get("health"), stages_meant(milestone, pipeline)
    healths = {s.health for s in meant if s.kind is StageKind.ACTIVE}
    if not healths or len(healths) < len(meant) or not isinstance(wanted, str | list):
        return
    if not ({*healths, Health.UNKNOWN} & ({wanted} if isinstance(wanted, str) else set(wanted))):
        yield (
            (*place, "where", "health"),
            Label(
                "contradicts stages: deals in {meant} have the health {healths}",
                meant=", ".join(s.id for s in meant),
                healths=", ".join(sorted(h for h in healths if h)),
            ),
        )


def _move(
    milestone: MilestoneTable, place: Place, pipeline: PipelineTable, target: StageTable
) -> Iterator[Found]:
    """Checks that a move leads forward, at a time when it makes sense."""
    before = pipeline.stages[: pipeline.stages.index(target)]
    leaving = [s for s in stages_meant(milestone, pipeline) if s in before]
    all_known = all(stage_called(name, pipeline) for name in milestone.stages)
    if target.kind is StageKind.RENEWAL:
        yield from _too_late(milestone, place)
    if not leaving and all_known:
        yield (
            (*place, "moves_to"),
            Label(
                (
                    "a deal is never moved back; none of the milestone's stages comes before "
                    "{target_id}, so nothing would happen"
                ),
                target_id=target.id,
            ),
        )
    elif target.kind is StageKind.ACTIVE and (
        active := [s.id for s in leaving if s.kind is StageKind.ACTIVE]
    ):
        yield (
            (*place, "moves_to"),
            Label(
                (
                    "deals move between active stages with their health, so a milestone cannot "
                    "move one there from {active}; limit the milestone, e.g. stages = "
                    '["onboarding"]'
                ),
                active=", ".join(active),
            ),
        )
    elif target.kind is StageKind.RENEWAL and all_known:
        yield from _left_out([s.id for s in before if s not in leaving], place)


def _too_late(milestone: MilestoneTable, place: Place) -> Iterator[Found]:
    """Checks that the renewal begins before the contract ends."""
    offset = Offset.parse(milestone.offset)
    if milestone.anchor is Anchor.ENDS_ON and rough_days(offset) > 0:
        yield (
            (*place, "offset"),
            Label(
                'comes after the contract has ended; write it with a minus, e.g. "{turned}"',
                turned=_turned(offset),
            ),
        )


def _left_out(stages: list[str], place: Place) -> Iterator[Found]:
    """Checks that the renewal leaves out no deal because of its stage."""
    if stages:
        yield (
            (*place, "stages"),
            Label(
                (
                    "these stages are missing: {stages}; a deal that is still in one of them "
                    "would never be renewed. Add them, or remove stages"
                ),
                stages=", ".join(stages),
            ),
        )
