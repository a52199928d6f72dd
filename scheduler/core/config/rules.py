"""What the tables of `config.toml` must mean together: references that lead somewhere, stages that make a pipeline. Milestones: `milestone_rules`.

Always holds: every check looks at the whole file, so all mistakes are found at once; each says what to write instead.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence

from scheduler.core.config.milestone_rules import milestone_mistakes
from scheduler.core.config.mistakes import Found, Place
from scheduler.core.config.tables import ConfigTable, PipelineTable
from scheduler.core.labels import Label
from scheduler.core.pipeline import StageKind
from scheduler.core.problems import unknown
from scheduler.core.words import Health


def rules(config: ConfigTable, templates: Collection[str]) -> list[Found]:
    """Every mistake in what the tables mean. `templates`: the names of the message templates there are."""
    found = [*_calendar_names(config), *_same_ids(("pipelines",), [p.id for p in config.pipelines])]
    found += _same_ids(("milestones",), [m.id for m in config.milestones])
    for number, pipeline in enumerate(config.pipelines):
        found += _pipeline(pipeline, ("pipelines", number), config)
    for number, milestone in enumerate(config.milestones):
        found += milestone_mistakes(milestone, ("milestones", number), config, templates)
    return found


def _same_ids(place: Place, ids: Sequence[str]) -> Iterator[Found]:
    """Ids used twice."""
    for id, times in Counter(ids).items():
        if times > 1:
            second = [n for n, i in enumerate(ids) if i == id][1]
            yield (
                (*place, second, "id"),
                Label(f"idの「{id}」が重複しています。別のidにしてください", f'the id "{id}" is used twice; give this one another'),
            )


def _calendar_names(config: ConfigTable) -> Iterator[Found]:
    """Calendars that are named must exist."""
    named: list[tuple[Place, str | None]] = [(("calendar",), config.calendar)]
    named += [(("pipelines", n, "calendar"), p.calendar) for n, p in enumerate(config.pipelines)]
    for place, name in named:
        if name is not None and name not in config.calendars:
            yield place, unknown(name, config.calendars, "カレンダー", "calendar")


def _pipeline(pipeline: PipelineTable, place: Place, config: ConfigTable) -> Iterator[Found]:
    """One pipeline's stages."""
    yield from _same_ids((*place, "stages"), [s.id for s in pipeline.stages])
    yield from _same_ids((*place, "lost_reasons"), [r.id for r in pipeline.lost_reasons])
    lost = [n for n, s in enumerate(pipeline.stages) if s.kind is StageKind.LOST]
    if len(lost) > 1:
        yield (
            (*place, "stages", lost[1]),
            Label(
                "失注のステージは1つだけにしてください。どこまで進んで失注したかは、通過履歴のレポート(renewals report passage)でわかります",
                "a pipeline has one lost stage; how far a lost deal had come is a report over the stages it passed (renewals report passage)",
            ),
        )
    for kind, ja in ((StageKind.WON, "受注"), (StageKind.LOST, "失注")):
        if sum(s.kind is kind for s in pipeline.stages) == 0 or (kind is StageKind.WON and sum(s.kind is kind for s in pipeline.stages) > 1):
            yield (
                (*place, "stages"),
                Label(f'{ja}(kind = "{kind.value}")のステージがちょうど1つ必要です', f'exactly one stage of kind "{kind.value}" is needed'),
            )
    yield from _healths(pipeline, place)
    if not [s for s in pipeline.stages if s.kind not in (StageKind.WON, StageKind.LOST)]:
        yield (*place, "stages"), Label("進行中のステージが必要です", "at least one open stage is needed")
    pipelines = [p.id for p in config.pipelines]
    if pipeline.opens is not None and pipeline.opens not in pipelines:
        yield (*place, "opens"), unknown(pipeline.opens, pipelines, "パイプライン", "pipeline")


def _healths(pipeline: PipelineTable, place: Place) -> Iterator[Found]:
    """Active stages stand for one health each, and one of them is the default."""
    active = [(n, s) for n, s in enumerate(pipeline.stages) if s.kind is StageKind.ACTIVE]
    taken: set[Health] = set()
    for number, stage in active:
        if stage.health is None or stage.health is Health.UNKNOWN or stage.health in taken:
            yield (
                (*place, "stages", number),
                Label(
                    "稼働中のステージには、他と重ならないhealth(stable, at_risk, critical)が必要です",
                    "an active stage needs a health of its own: stable, at_risk or critical",
                ),
            )
        else:
            taken.add(stage.health)
    for number, stage in enumerate(pipeline.stages):
        if stage.kind is not StageKind.ACTIVE and stage.health is not None:
            yield (
                (*place, "stages", number, "health"),
                Label('healthは稼働中(kind = "active")のステージだけに書けます', 'only a stage of kind "active" has a health'),
            )
    names = [s.id for _, s in active]
    if pipeline.default_active is not None and pipeline.default_active not in names:
        yield (*place, "default_active"), unknown(pipeline.default_active, names, "稼働中のステージ", "active stage")
