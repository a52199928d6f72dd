"""What one milestone of `config.toml` must mean: stages and templates that exist, conditions that can be read, nobody left out of the renewal.

Always holds: all mistakes of a milestone are found at once; each says what to write instead.
"""

from collections.abc import Collection, Iterator

from scheduler.core.config.conditions import condition_mistake
from scheduler.core.config.mistakes import Found, Place
from scheduler.core.config.tables import ConfigTable, MilestoneTable, PipelineTable
from scheduler.core.deal import SYSTEM_MILESTONES
from scheduler.core.labels import Label
from scheduler.core.pipeline import StageKind
from scheduler.core.problems import unknown


def milestone_mistakes(milestone: MilestoneTable, place: Place, config: ConfigTable, templates: Collection[str]) -> Iterator[Found]:
    """Every mistake in one milestone. `templates`: the names of the message templates there are."""
    if milestone.id in SYSTEM_MILESTONES:
        yield (
            (*place, "id"),
            Label(
                f"「{milestone.id}」はプログラムが使うidです。別のidにしてください", f'the id "{milestone.id}" is the program\'s own; choose another'
            ),
        )
    pipeline = next((p for p in config.pipelines if p.id == milestone.pipeline), None)
    if pipeline is None:
        yield (*place, "pipeline"), unknown(milestone.pipeline, [p.id for p in config.pipelines], "パイプライン", "pipeline")
    else:
        yield from _stages_of(milestone, place, pipeline)
    for field, value in milestone.where.items():
        wrong = condition_mistake(field, value)
        if wrong is not None:
            yield (*place, "where", field), wrong
    if milestone.template is not None and milestone.template not in templates:
        yield (*place, "template"), unknown(milestone.template, sorted(templates), "テンプレート", "template")


def _stages_of(milestone: MilestoneTable, place: Place, pipeline: PipelineTable) -> Iterator[Found]:
    """The stages a milestone names, and those it must not leave out."""
    known = {s.id: s for s in pipeline.stages} | {w: s for s in pipeline.stages for w in s.was}
    for number, name in enumerate(milestone.stages):
        if name not in known:
            yield (*place, "stages", number), unknown(name, [s.id for s in pipeline.stages], "ステージ", "stage")
    if milestone.moves_to is None:
        return
    target = known.get(milestone.moves_to)
    if target is None:
        yield (*place, "moves_to"), unknown(milestone.moves_to, [s.id for s in pipeline.stages], "ステージ", "stage")
    elif target.kind in (StageKind.WON, StageKind.LOST):
        yield (
            (*place, "moves_to"),
            Label(
                "通知タイミングで取引を終了させることはできません。更新・進行中のステージを指定してください",
                "a milestone cannot close a deal; name an open stage",
            ),
        )
    elif milestone.stages and target.kind is StageKind.RENEWAL:
        before = [s for s in pipeline.stages[: pipeline.stages.index(target)] if s.kind not in (StageKind.WON, StageKind.LOST)]
        left_out = [s.id for s in before if s.id not in milestone.stages and s.kind is not StageKind.RENEWAL]
        if left_out:
            yield (
                (*place, "stages"),
                Label(
                    f"更新の系列から漏れているステージがあります：{', '.join(left_out)}。"
                    "そこにいる取引は更新の時期を逃します。stagesから外さないでください",
                    f"these stages are missing: {', '.join(left_out)}; "
                    "a deal that is still there would never be renewed. Add them, or leave stages out",
                ),
            )
