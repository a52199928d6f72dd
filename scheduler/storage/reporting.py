"""Sums for the reports. Always holds: voided deals and undone passages are left out."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Engine, Select, and_, case, func, select

from scheduler.services.reports import StageCount
from scheduler.storage.engine import explained
from scheduler.storage.rows import DealRow, PassageRow, metadata
from scheduler.storage.schema import require_current

DEALS, PASSAGES = metadata.tables[str(DealRow.__tablename__)], metadata.tables[str(PassageRow.__tablename__)]


class ReportRows:
    """scheduler.services.reports.ReportStore on SQL."""

    def __init__(self, reading: Engine) -> None:
        self._reading = reading

    def _all(self, query: Select[Any]) -> Sequence[Any]:
        """Every row of a query."""
        with explained(self._reading), self._reading.connect() as connection:
            require_current(connection)
            return connection.execute(query).all()

    def standing(self, pipeline: str) -> Sequence[tuple[str, int]]:
        """(stage, deals in it now)."""
        query = select(DEALS.c.stage, func.count()).where(_counted(pipeline)).group_by(DEALS.c.stage)
        return [(stage, deals) for stage, deals in self._all(query)]

    def passed(self, pipeline: str) -> Sequence[StageCount]:
        """Deals that ever entered each stage; observed if any of a deal's entries was."""
        entries = (
            select(PASSAGES.c.to_stage.label("stage"), PASSAGES.c.deal_id, func.max(_observed()).label("observed"))
            .join(DEALS, DEALS.c.id == PASSAGES.c.deal_id)
            .where(_counted(pipeline), PASSAGES.c.voided_at.is_(None))
            .group_by(PASSAGES.c.to_stage, PASSAGES.c.deal_id)
            .subquery()
        )
        query = select(entries.c.stage, entries.c.observed, func.count()).group_by(entries.c.stage, entries.c.observed)
        return [(stage, bool(observed), deals) for stage, observed, deals in self._all(query)]

    def furthest(self, pipeline: str, stages: Sequence[str]) -> Sequence[StageCount]:
        """Deals by the furthest of `stages` they entered: the greatest of place × 2 + observed, per deal."""
        place = case({stage: n for n, stage in enumerate(stages)}, value=PASSAGES.c.to_stage)
        per_deal = (
            select(func.max(place * 2 + _observed()).label("score"))
            .select_from(PASSAGES.join(DEALS, DEALS.c.id == PASSAGES.c.deal_id))
            .where(_counted(pipeline), PASSAGES.c.voided_at.is_(None), PASSAGES.c.to_stage.in_(stages))
            .group_by(PASSAGES.c.deal_id)
            .subquery()
        )
        query = select(per_deal.c.score, func.count()).group_by(per_deal.c.score)
        return [(stages[score // 2], bool(score % 2), deals) for score, deals in self._all(query)]

    def before_lost(self, pipeline: str, lost_stage: str) -> Sequence[StageCount]:
        """Deals now in `lost_stage` by the stage they came from."""
        query = (
            select(PASSAGES.c.from_stage, PASSAGES.c.observed, func.count(PASSAGES.c.deal_id.distinct()))
            .join(DEALS, and_(DEALS.c.id == PASSAGES.c.deal_id, DEALS.c.stage == lost_stage))
            .where(_counted(pipeline), PASSAGES.c.voided_at.is_(None), PASSAGES.c.to_stage == lost_stage)
            .group_by(PASSAGES.c.from_stage, PASSAGES.c.observed)
        )
        return [(stage, bool(observed), deals) for stage, observed, deals in self._all(query)]


def _counted(pipeline: str) -> ColumnElement[bool]:
    """Deals of the pipeline that were not voided."""
    return and_(DEALS.c.pipeline == pipeline, DEALS.c.voided_at.is_(None))


def _observed() -> ColumnElement[int]:
    """1 for an observed passage, 0 for a reconstructed one, on both databases."""
    return case((PASSAGES.c.observed, 1), else_=0)
