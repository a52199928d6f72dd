"""The rules for one pipeline of `config.toml`: stages in an order that deals can follow, one way to
win, one to lose, a health for each active stage.

Always holds: a pipeline without mistakes has an open first stage, and every `moves_to` that leads
forward in time leads forward in the list.
"""

from collections.abc import Iterator, Sequence

from scheduler.core.config.mistakes import Found, Place, unknown
from scheduler.core.config.rules.ids import replaced_twice, same_ids
from scheduler.core.config.tables.pipelines import PipelineTable
from scheduler.core.deal.pipeline import StageKind
from scheduler.core.words.labels import Label
from scheduler.core.words.lexicon import Health

_CLOSED = (StageKind.WON, StageKind.LOST)
_ORDER = (StageKind.ONBOARDING, StageKind.ACTIVE, StageKind.RENEWAL)


def pipeline_mistakes(pipeline: PipelineTable, place: Place) -> Iterator[Found]:
    """Every mistake in one pipeline."""
    stages: Place = (*place, "stages")
    yield from same_ids(stages, [s.id for s in pipeline.stages])
    yield from replaced_twice(stages, [(s.id, s.was) for s in pipeline.stages])
    yield from same_ids((*place, "lost_reasons"), [r.id for r in pipeline.lost_reasons])
    yield from _ends(pipeline, stages)
    yield from _order(pipeline, stages)
    yield from _healths(pipeline, stages)
    active = [s.id for s in pipeline.stages if s.kind is StageKind.ACTIVE]
    if pipeline.default_active is not None and pipeline.default_active not in active:
        yield (
            (*place, "default_active"),
            unknown(pipeline.default_active, active, Label("active stage")),
        )
    if pipeline.onboarding_days and not any(
        s.kind is StageKind.ONBOARDING for s in pipeline.stages
    ):
        yield (
            (*place, "onboarding_days"),
            Label('has no meaning in a pipeline without a stage of kind "onboarding"'),
        )
    if not pipeline.lost_reasons:
        yield (
            (*place, "lost_reasons"),
            Label(
                'a loss needs a reason; write at least one, e.g. [{ id = "other", label = { ja '
                '= "その他", en = "Other" } }]'
            ),
        )


def _ends(pipeline: PipelineTable, place: Place) -> Iterator[Found]:
    """Checks for one way to win, one to lose, and a stage before them."""
    lost = [n for n, s in enumerate(pipeline.stages) if s.kind is StageKind.LOST]
    won = [n for n, s in enumerate(pipeline.stages) if s.kind is StageKind.WON]
    for number in lost[1:]:
        yield (
            (*place, number),
            Label(
                "a pipeline has only one lost stage; how far lost deals had got is shown by a "
                "report (renewals report passage)"
            ),
        )
    for number in won[1:]:
        yield (
            (*place, number),
            Label("a pipeline has only one won stage"),
        )
    for needed, known in (
        (Label('a stage of kind "won" is needed'), won),
        (Label('a stage of kind "lost" is needed'), lost),
    ):
        if not known:
            yield (
                place,
                needed,
            )
    if len(won) + len(lost) == len(pipeline.stages):
        yield place, Label("at least one open stage is needed")


def _order(pipeline: PipelineTable, place: Place) -> Iterator[Found]:
    """Checks the order (onboarding, active, renewal; won and lost last), because a policy never
    moves a deal back in the list."""
    for number, stage in enumerate(pipeline.stages):
        closed = next((s for s in pipeline.stages[:number] if s.kind in _CLOSED), None)
        if closed is not None and stage.kind not in _CLOSED:
            says = Label(
                "must come before {closed_id}; won and lost come last", closed_id=closed.id
            )
            yield (*place, number), says
    for number, says in _misplaced(pipeline):
        yield (*place, number), says


def _misplaced(pipeline: PipelineTable) -> Sequence[tuple[int, Label]]:
    """The open stages that stand in the wrong place, and where they belong: those that come too
    early or those that come too late, whichever are fewer to move."""
    open_ones = [(n, s) for n, s in enumerate(pipeline.stages) if s.kind in _ORDER]
    too_early, too_late = [], []
    for at, (number, stage) in enumerate(open_ones):
        rank = _ORDER.index(stage.kind)
        earlier = [s for _, s in open_ones[:at] if _ORDER.index(s.kind) > rank]
        later = [s for _, s in open_ones[at + 1 :] if _ORDER.index(s.kind) < rank]
        if later:
            after = Label(
                "must come after {id}; the order is onboarding, active, renewal", id=later[-1].id
            )
            too_early.append((number, after))
        if earlier:
            before = Label(
                "must come before {id}; the order is onboarding, active, renewal", id=earlier[0].id
            )
            too_late.append((number, before))
    return too_early if len(too_early) < len(too_late) else too_late


def _healths(pipeline: PipelineTable, place: Place) -> Iterator[Found]:
    """Checks that each active stage stands for one health."""
    taken: dict[Health, str] = {}
    for number, stage in enumerate(pipeline.stages):
        if stage.kind is not StageKind.ACTIVE:
            if stage.health is not None:
                yield (
                    (*place, number, "health"),
                    Label('only a stage of kind "active" has a health'),
                )
        elif stage.health is None or stage.health is Health.UNKNOWN:
            yield (
                (*place, number),
                Label("an active stage needs a health: stable, at_risk or critical"),
            )
        elif stage.health in taken:
            yield (
                (*place, number, "health"),
                Label(
                    ("the stage {taken} stands for {health} already; each health has one stage"),
                    taken=taken[stage.health],
                    health=stage.health.value,
                ),
            )
        else:
            taken[stage.health] = stage.id
