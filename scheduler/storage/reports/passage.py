"""The sums of `renewals report passage`. Always holds: voided deals and undone
passages are left out."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Engine, Select, and_, case, func, select
from typing_extensions import override

from scheduler.core.deal.deal import CLOSED_MERGED
from scheduler.services.reports.passage import PassageStore, StageCount
from scheduler.storage.database.engine import looking
from scheduler.storage.database.rows import DealRow, PassageRow, metadata
from scheduler.storage.database.schema import require_current

DEALS, PASSAGES = (
    metadata.tables[str(DealRow.__tablename__)],
    metadata.tables[str(PassageRow.__tablename__)],
)


class PassageSums(PassageStore):
    """The sums, made by the database."""

    def __init__(self, reading: Engine) -> None:
        self._reading = reading

    def _all(self, query: Select[Any]) -> Sequence[Any]:
        """Every row of a query."""
        with looking(self._reading) as connection:
            require_current(connection)
            return connection.execute(query).all()

    @override
    def standing(self, pipeline: str, now_called: Mapping[str, str]) -> Sequence[tuple[str, int]]:
        stages = (
            select(_renamed(DEALS.c.stage, now_called).label("stage"))
            .where(_counted(pipeline))
            .subquery()
        )
        return [
            (stage, deals)
            for stage, deals in self._all(
                select(stages.c.stage, func.count()).group_by(stages.c.stage)
            )
        ]

    @override
    def passed(self, pipeline: str, now_called: Mapping[str, str]) -> Sequence[StageCount]:
        entries = _entries(pipeline, now_called)
        per_deal = (
            select(entries.c.stage, func.max(entries.c.observed).label("observed"))
            .group_by(entries.c.stage, entries.c.deal_id)
            .subquery()
        )
        query = select(per_deal.c.stage, per_deal.c.observed, func.count()).group_by(
            per_deal.c.stage, per_deal.c.observed
        )
        return [(stage, bool(observed), deals) for stage, observed, deals in self._all(query)]

    @override
    def furthest(
        self, pipeline: str, stages: Sequence[str], now_called: Mapping[str, str]
    ) -> Sequence[StageCount]:
        """Counts how many deals got how far: the furthest of `stages` that each entered, and
        whether that was observed. Per deal it is the greatest of place × 2 + observed."""
        entries = _entries(pipeline, now_called)
        place = case({stage: n for n, stage in enumerate(stages)}, value=entries.c.stage)
        per_deal = (
            select(func.max(place * 2 + entries.c.observed).label("score"))
            .where(entries.c.stage.in_(stages))
            .group_by(entries.c.deal_id)
            .subquery()
        )
        query = select(per_deal.c.score, func.count()).group_by(per_deal.c.score)
        return [(stages[score // 2], bool(score % 2), deals) for score, deals in self._all(query)]

    @override
    def before_lost(
        self, pipeline: str, lost_stage: str, now_called: Mapping[str, str], *, churn: bool
    ) -> Sequence[StageCount]:
        reason = func.coalesce(DEALS.c.lost["reason"].as_string(), "")
        lost = func.max(PASSAGES.c.id).label("id")
        last = (
            select(lost)
            .join(DEALS, DEALS.c.id == PASSAGES.c.deal_id)
            .where(
                _counted(pipeline),
                _renamed(DEALS.c.stage, now_called) == lost_stage,
                PASSAGES.c.voided_at.is_(None),
                reason != CLOSED_MERGED if churn else reason == CLOSED_MERGED,
            )
            .where(_renamed(PASSAGES.c.to_stage, now_called) == lost_stage)
            .group_by(PASSAGES.c.deal_id)
            .subquery()
        )
        came_from = (
            select(_renamed(PASSAGES.c.from_stage, now_called).label("stage"), _observed())
            .join(last, last.c.id == PASSAGES.c.id)
            .subquery()
        )
        query = select(came_from.c.stage, came_from.c.observed, func.count()).group_by(
            came_from.c.stage, came_from.c.observed
        )
        return [(stage, bool(observed), deals) for stage, observed, deals in self._all(query)]


def _entries(pipeline: str, now_called: Mapping[str, str]) -> Any:
    """Every passage that counts: the stage it led to, the deal, observed or not."""
    return (
        select(
            _renamed(PASSAGES.c.to_stage, now_called).label("stage"),
            PASSAGES.c.deal_id,
            _observed(),
        )
        .join(DEALS, DEALS.c.id == PASSAGES.c.deal_id)
        .where(_counted(pipeline), PASSAGES.c.voided_at.is_(None))
        .subquery()
    )


def _counted(pipeline: str) -> ColumnElement[bool]:
    """Deals of the pipeline that were not voided."""
    return and_(DEALS.c.pipeline == pipeline, DEALS.c.voided_at.is_(None))


def _observed() -> ColumnElement[int]:
    """1 for an observed passage, 0 for a reconstructed one, on both databases."""
    return case((PASSAGES.c.observed, 1), else_=0).label("observed")


def _renamed(column: ColumnElement[Any], now_called: Mapping[str, str]) -> ColumnElement[Any]:
    """A stage under its present id."""
    return case(dict(now_called), value=column, else_=column) if now_called else column
