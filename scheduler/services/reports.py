"""Reports over the stages deals passed through (DESIGN §2.4): the sums are SQL's, the definitions are here.

    ever passed        deals that were in the stage at any time
    furthest reached   deals whose furthest open stage, in the pipeline's order, is this one (among active stages, the last in order)
    last before lost   lost deals that were in this stage when they were lost
Observed history (this program saw it happen) and reconstructed history (an import inferred it) are counted apart; undone passages count nowhere.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from scheduler.core.pipeline import Pipeline, Stage


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
    """The passage report of one pipeline. `lost_unknown`: lost deals of which no progress is known."""

    pipeline: Pipeline
    deals: int
    lines: tuple[StageCounts, ...]
    lost_unknown: Count


StageCount = tuple[str | None, bool, int]
"""(stage, observed, deals)"""


class ReportStore(Protocol):
    """The sums the reports need. Voided deals and passages are left out everywhere."""

    def standing(self, pipeline: str) -> Sequence[tuple[str, int]]:
        """(stage, deals in it now)."""

    def passed(self, pipeline: str) -> Sequence[StageCount]:
        """Deals that ever entered each stage; observed if any of a deal's entries was."""

    def furthest(self, pipeline: str, stages: Sequence[str]) -> Sequence[StageCount]:
        """Deals by the furthest of `stages` (in order) they entered."""

    def before_lost(self, pipeline: str, lost_stage: str) -> Sequence[StageCount]:
        """Deals now in `lost_stage` by the stage they came from."""


def passage_report(store: ReportStore, pipeline: Pipeline) -> PassageReport:
    """How far deals come, stage by stage, in the pipeline's order."""
    standing = dict(store.standing(pipeline.id))
    passed = _by_stage(store.passed(pipeline.id))
    open_stages = [s.id for s in pipeline.stages if s.is_open]
    furthest = _by_stage(store.furthest(pipeline.id, open_stages))
    lost = _by_stage(store.before_lost(pipeline.id, pipeline.lost.id))
    lines = tuple(
        StageCounts(s, standing.get(s.id, 0), passed.get(s.id, Count()), furthest.get(s.id, Count()), lost.get(s.id, Count()))
        for s in pipeline.stages
    )
    return PassageReport(pipeline, sum(standing.values()), lines, lost.get(None, Count()))


def _by_stage(rows: Sequence[StageCount]) -> dict[str | None, Count]:
    """Rows of one stage put together."""
    counts: dict[str | None, Count] = {}
    for stage, observed, deals in rows:
        counts[stage] = counts.get(stage, Count()) + (Count(deals, 0) if observed else Count(0, deals))
    return counts
