"""The funnel: of the deals of a pipeline, how many ever reached each stage, how many in the order
of the pipeline, what they entered first, again or not at all, and how long they stayed.

Always holds: active stages that follow each other are alternatives and count as one step; what an
import reconstructed is counted apart from what this program saw happen; undone passages count
nowhere; a stage that replaced another (`was`) counts its passages as its own.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from scheduler.core.deal.pipeline import Pipeline, Stage, StageKind
from scheduler.core.reports.pictures import Bars, Chart, Series, Tone
from scheduler.core.reports.spread import Spread, spread
from scheduler.core.words.labels import Label


class StageEntry(NamedTuple):
    """One entry into a stage; `at` is None where reconstructed history has no instant."""

    stage: str
    at: datetime | None
    observed: bool


@dataclass(frozen=True, slots=True)
class FunnelLine:
    """One stage. `reached` and `strict` are deals (observed, reconstructed); `first` deals that
    began in it, `again` entries after a deal's first, `skipped` deals that went past its step;
    `stayed` are completed stays."""

    stage: Stage
    reached: tuple[int, int]
    strict: int
    first: int
    again: int
    skipped: int
    stayed: Spread
    stayed_reconstructed: Spread


@dataclass(frozen=True, slots=True)
class Funnel:
    """The funnel of one pipeline."""

    pipeline: Pipeline
    deals: int
    lines: tuple[FunnelLine, ...]


@dataclass(slots=True)
class _Counted:
    """What is counted of one stage."""

    observed: int = 0
    reconstructed: int = 0
    strict: int = 0
    first: int = 0
    again: int = 0
    stays: list[timedelta] = field(default_factory=list)
    made_up: list[timedelta] = field(default_factory=list)


def funnel(pipeline: Pipeline, histories: Iterable[Sequence[StageEntry]]) -> Funnel:
    """The funnel of these deals' entries, each in the order in which they came."""
    steps = _steps(pipeline)
    counted: dict[str, _Counted] = defaultdict(_Counted)
    skipped: dict[int, int] = defaultdict(int)
    deals = 0
    for history in histories:
        deals += 1
        _add(_present(pipeline, history), steps, counted, skipped)
    heads = {steps[s.id]: s.id for s in reversed(pipeline.stages) if s.id in steps}
    past = {name: skipped[step] for step, name in heads.items()}
    lines = tuple(_line(s, counted[s.id], past.get(s.id, 0)) for s in pipeline.stages)
    return Funnel(pipeline, deals, lines)


def _line(stage: Stage, of: _Counted, skipped: int) -> FunnelLine:
    """One stage's line."""
    reached = (of.observed, of.reconstructed)
    stays = spread(of.stays), spread(of.made_up)
    return FunnelLine(stage, reached, of.strict, of.first, of.again, skipped, *stays)


def _steps(pipeline: Pipeline) -> dict[str, int]:
    """The step of each stage, from 0; being lost is no step."""
    steps: dict[str, int] = {}
    at, before = -1, None
    for stage in pipeline.stages:
        if stage.kind is StageKind.LOST:
            continue
        if not (stage.kind is StageKind.ACTIVE and before is StageKind.ACTIVE):
            at += 1
        steps[stage.id], before = at, stage.kind
    return steps


def _present(pipeline: Pipeline, history: Sequence[StageEntry]) -> list[StageEntry]:
    """The entries under the stages' present ids; what the pipeline no longer has is left out."""
    found = ((pipeline.find(entry.stage), entry) for entry in history)
    return [
        entry if stage.id == entry.stage else StageEntry(stage.id, entry.at, entry.observed)
        for stage, entry in found
        if stage is not None
    ]


def _add(
    history: Sequence[StageEntry],
    steps: dict[str, int],
    counted: dict[str, _Counted],
    skipped: dict[int, int],
) -> None:
    """Counts one deal."""
    seen: dict[str, bool] = {}
    order: list[int] = []
    for number, entry in enumerate(history):
        of = counted[entry.stage]
        of.first += number == 0
        of.again += entry.stage in seen
        seen[entry.stage] = seen.get(entry.stage, False) or entry.observed
        step = steps.get(entry.stage)
        if step is not None and step not in order:
            order.append(step)
        _stay(of, entry, history[number + 1] if number + 1 < len(history) else None)
    in_order = next((n for n, step in enumerate(order) if step != n), len(order))
    for stage, observed in seen.items():
        of = counted[stage]
        of.observed += observed
        of.reconstructed += not observed
        of.strict += steps.get(stage, in_order) < in_order
    for step in range(max(order, default=0)):
        skipped[step] += step not in order


def _stay(of: _Counted, entry: StageEntry, following: StageEntry | None) -> None:
    """A completed stay whose two instants are known."""
    if following is None or entry.at is None or following.at is None or following.at < entry.at:
        return
    seen = entry.observed and following.observed
    (of.stays if seen else of.made_up).append(following.at - entry.at)


def funnel_chart(found: Sequence[Funnel]) -> Chart:
    """How many deals ever reached each stage, and how many in order, a panel for each pipeline."""
    panels = tuple(
        Bars(
            one.pipeline.label,
            tuple(line.stage.label for line in one.lines),
            (
                Series(Label("Ever reached"), Tone.FIRST, tuple(_all(line) for line in one.lines)),
                Series(Label("In order"), Tone.SECOND, tuple(line.strict for line in one.lines)),
            ),
            stacked=False,
            across=True,
        )
        for one in found
        if one.deals
    )
    return Chart(Label("How far deals get"), panels)


def _all(line: FunnelLine) -> int:
    """Deals that ever reached a stage, seen or reconstructed."""
    return sum(line.reached)
