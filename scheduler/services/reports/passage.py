"""`renewals report passage` as a use case: the stages that deals passed through (DESIGN §2.4). The
sums are SQL's, the definitions are here.

    now                deals that stand in the stage
    ever passed        deals that were in the stage at any time
    furthest reached   deals whose furthest open stage, in the pipeline's order, is this one (among
                       active stages, the last in order)
    last before lost   lost deals that were in this stage when they were lost; customers that closed
                       or merged are no churn and are counted in a line of their own
Observed history (this program saw it happen) and reconstructed history (an import inferred it) are
counted apart; undone passages and voided deals count nowhere; a stage that replaced another (`was`)
counts its passages as its own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from scheduler.core.deal.pipeline import Pipeline, Stage
from scheduler.core.imports.records import BEFORE_ALL
from scheduler.core.words.labels import Label

DEFINITIONS: Mapping[str, tuple[Label, Label]] = {
    "now": (
        Label("Now", context="reports"),
        Label("deals that are in the stage today"),
    ),
    "ever_passed": (
        Label("Ever passed"),
        Label("deals that were in the stage at any time"),
    ),
    "furthest_reached": (
        Label("Furthest reached"),
        Label(
            "deals whose furthest stage before won or lost, in the pipeline's order, is this one"
        ),
    ),
    "last_before_lost": (
        Label("Last before lost"),
        Label(
            "lost deals that were in this stage when they were lost, without customers that closed "
            "or merged"
        ),
    ),
}
"""The name and the definition of each number, in the report's order."""

RECONSTRUCTED = (
    Label("(rec.) reconstructed"),
    Label(
        "history inferred from an import, counted separately from moves that this program saw "
        "happen"
    ),
)


@dataclass(frozen=True, slots=True)
class Count:
    """A number of deals, observed and reconstructed apart."""

    observed: int = 0
    reconstructed: int = 0

    def __add__(self, other: "Count") -> "Count":
        return Count(self.observed + other.observed, self.reconstructed + other.reconstructed)


@dataclass(frozen=True, slots=True)
class StageCounts:
    """One line of the passage report. `now` counts deals that stand in the stage."""

    stage: Stage
    now: int
    ever_passed: Count
    furthest_reached: Count
    last_before_lost: Count


@dataclass(frozen=True, slots=True)
class PassageReport:
    """The passage report of one pipeline: `deals` in all, and, among those lost without a known
    last stage, how many were lost before the first stage (`lost_before_all`) and for how many
    nobody knows how far they came (`lost_unknown`). `not_churn`: customers that closed or merged,
    wherever they stood; no other number of lost deals has them."""

    pipeline: Pipeline
    deals: int
    lines: tuple[StageCounts, ...]
    lost_before_all: Count
    lost_unknown: Count
    not_churn: Count


StageCount = tuple[str | None, bool, int]
"""(stage, observed, deals)"""


class PassageStore(Protocol):
    """The sums the report needs. Voided deals and passages are left out everywhere; `now_called`
    maps a replaced stage to its present id."""

    def standing(self, pipeline: str, now_called: Mapping[str, str]) -> Sequence[tuple[str, int]]:
        """(stage, deals in it now)."""

    def passed(self, pipeline: str, now_called: Mapping[str, str]) -> Sequence[StageCount]:
        """Deals that ever entered each stage; observed if any of a deal's entries was."""

    def furthest(
        self, pipeline: str, stages: Sequence[str], now_called: Mapping[str, str]
    ) -> Sequence[StageCount]:
        """Deals by the furthest of `stages` (in order) they entered."""

    def before_lost(
        self, pipeline: str, lost_stage: str, now_called: Mapping[str, str], *, churn: bool
    ) -> Sequence[StageCount]:
        """Deals now in `lost_stage` whose loss is churn, or is not, by the stage they last came
        from; None where that is not known."""


def passage_report(store: PassageStore, pipeline: Pipeline) -> PassageReport:
    """How far deals come, stage by stage, in the pipeline's order."""
    now_called = {old: stage.id for stage in pipeline.stages for old in stage.was}
    standing = dict(store.standing(pipeline.id, now_called))
    passed = _by_stage(store.passed(pipeline.id, now_called))
    furthest = _by_stage(
        store.furthest(pipeline.id, [s.id for s in pipeline.stages if s.is_open], now_called)
    )
    lost = _by_stage(store.before_lost(pipeline.id, pipeline.lost.id, now_called, churn=True))
    merged = _by_stage(store.before_lost(pipeline.id, pipeline.lost.id, now_called, churn=False))
    lines = tuple(
        StageCounts(
            s,
            standing.get(s.id, 0),
            passed.get(s.id, Count()),
            furthest.get(s.id, Count()),
            lost.get(s.id, Count()),
        )
        for s in pipeline.stages
    )
    return PassageReport(
        pipeline,
        sum(standing.values()),
        lines,
        lost.get(BEFORE_ALL, Count()),
        lost.get(None, Count()),
        sum(merged.values(), Count()),
    )


def _by_stage(rows: Sequence[StageCount]) -> dict[str | None, Count]:
    """Adds up the rows of each stage."""
    counts: dict[str | None, Count] = {}
    for stage, observed, deals in rows:
        counts[stage] = counts.get(stage, Count()) + (
            Count(deals, 0) if observed else Count(0, deals)
        )
    return counts
