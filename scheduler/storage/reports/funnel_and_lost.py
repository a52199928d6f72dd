"""The stages that deals went through, as `funnel` and `lost` read them. Always holds: voided
deals are left out; a passage that was undone counts only in a report for a day before it was."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, time, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Connection, Select, and_, false, or_, select, true
from typing_extensions import override

from scheduler.core.deal.contracts import Money
from scheduler.core.deal.pipeline import Pipeline
from scheduler.core.reports.asked import AsKnown, ReportScope
from scheduler.core.reports.funnel import StageEntry
from scheduler.core.reports.losses import HealthAt, LostDeal
from scheduler.core.time.dates import send_instant
from scheduler.core.words.lexicon import Health, Verb
from scheduler.services.reports.funnel_and_lost import FunnelReading
from scheduler.storage.database.deals import CONTRACTS, CUSTOMERS, DEALS, PASSAGES, PEOPLE
from scheduler.storage.database.rows import metadata
from scheduler.storage.database.schema import require_current
from scheduler.storage.database.transactions import OnConnection
from scheduler.storage.database.values import lost_from
from scheduler.storage.reports.healths import turns

ANSWERS = metadata.tables["answers"]
_CURRENCY = CONTRACTS.c.currency
_SAYS_HEALTH = (Verb.HEALTH.value, Verb.ONBOARDED.value)
_JOINED = (
    DEALS.join(CONTRACTS, CONTRACTS.c.id == DEALS.c.contract_id)
    .join(CUSTOMERS, CUSTOMERS.c.id == CONTRACTS.c.customer_id)
    .outerjoin(PEOPLE, PEOPLE.c.id == CONTRACTS.c.owner_id)
)


class FunnelRows(OnConnection, FunnelReading):
    """The rows of the funnel and the losses."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        require_current(connection)

    @override
    def histories(
        self, pipeline: Pipeline, scope: ReportScope, known: AsKnown, zone: ZoneInfo
    ) -> Sequence[Sequence[StageEntry]]:
        first, after = _instants(scope, zone)
        arrived = and_(DEALS.c.arrived_at >= first, DEALS.c.arrived_at < after)
        deals = self._meant(pipeline, scope, and_(arrived, _there(known)))
        found: dict[int, list[StageEntry]] = {deal: [] for deal in deals}
        for deal, stage, at, observed in self._passages(pipeline, known):
            if deal in found:
                found[deal].append(StageEntry(stage, at, observed))
        return list(found.values())

    @override
    def lost_deals(
        self, pipeline: Pipeline, scope: ReportScope, known: AsKnown, zone: ZoneInfo
    ) -> Sequence[LostDeal]:
        first, after = _instants(scope, zone)
        over = and_(
            DEALS.c.stage.in_([pipeline.lost.id, *pipeline.lost.was]),
            DEALS.c.closed_at >= first,
            DEALS.c.closed_at < after,
            DEALS.c.closed_at < known.before if known.before else true(),
        )
        of = (CONTRACTS.c.ends_on, CONTRACTS.c.amount, _CURRENCY, DEALS.c.lost)
        deals = self._meant(pipeline, scope, over, *of)
        entered: dict[int, list[StageEntry]] = defaultdict(list)
        for deal, *entry in self._passages(pipeline, known, over):
            entered[deal].append(StageEntry(*entry))
        said = self._said(pipeline, over)
        return [
            LostDeal(
                tuple(entry.stage for entry in entered[deal]),
                tuple(sorted([*_by_stage(pipeline, entered[deal]), *said[deal]], key=_at)),
                ends_on,
                Money(amount, currency),
                lost_from(lost),
            )
            for deal, (ends_on, amount, currency, lost) in deals.items()
        ]

    def _meant(
        self,
        pipeline: Pipeline,
        scope: ReportScope,
        where: ColumnElement[bool],
        *of: ColumnElement[Any],
    ) -> dict[int, Sequence[Any]]:
        """The deals that are meant, each with the columns `of` it that are asked for."""
        by = (PEOPLE.c.name, PEOPLE.c.email, PEOPLE.c.team, CUSTOMERS.c.segment, _CURRENCY)
        query = (
            select(DEALS.c.id, *by, *of)
            .select_from(_JOINED)
            .where(_counted(pipeline), where)
            .order_by(DEALS.c.id)
        )
        meant, length = _wanted(pipeline.id, scope), len(by) + 1
        rows = self._connection.execute(query).all()
        return {row[0]: row[length:] for row in rows if meant(*row[1:length])}

    def _passages(
        self, pipeline: Pipeline, known: AsKnown, where: ColumnElement[bool] | None = None
    ) -> Iterable[Any]:
        """(deal, stage, instant, observed) of the passages that stood, deal by deal."""
        at = PASSAGES.c.at
        query: Select[Any] = (
            select(PASSAGES.c.deal_id, PASSAGES.c.to_stage, at, PASSAGES.c.observed)
            .join(DEALS, DEALS.c.id == PASSAGES.c.deal_id)
            .where(
                _counted(pipeline),
                true() if where is None else where,
                or_(
                    PASSAGES.c.voided_at.is_(None),
                    PASSAGES.c.voided_at >= known.before if known.before else false(),
                ),
                or_(at.is_(None), at < known.before) if known.before else true(),
            )
            .order_by(PASSAGES.c.deal_id, PASSAGES.c.id)
        )
        return self._connection.execute(query).all()

    def _said(self, pipeline: Pipeline, where: ColumnElement[bool]) -> dict[int, list[HealthAt]]:
        """The known health, by deal: what people answered, and what signals, age and notices
        changed."""
        query = (
            select(ANSWERS.c.deal_id, ANSWERS.c.at, ANSWERS.c.details)
            .join(DEALS, DEALS.c.id == ANSWERS.c.deal_id)
            .where(
                _counted(pipeline),
                where,
                ANSWERS.c.verb.in_(_SAYS_HEALTH),
                ANSWERS.c.undone_at.is_(None),
            )
        )
        found: dict[int, list[HealthAt]] = defaultdict(list)
        for deal, at, details in self._connection.execute(query).all():
            if details.get("health"):
                found[deal].append((at, Health(details["health"])))
        for turn in turns(self._connection, _counted(pipeline), where):
            found[turn.deal].append((turn.at, turn.health))
        return found


def _wanted(pipeline: str, scope: ReportScope) -> Callable[..., bool]:
    """Whether deals of an owner (name, address, team), a segment and a currency are meant; asked
    once for all that are alike."""

    @cache
    def wanted(
        name: str | None, email: str | None, team: str | None, segment: str | None, currency: str
    ) -> bool:
        owner = tuple(known for known in (name, email) if known)
        return scope.wants(
            owner=owner, team=team, pipeline=pipeline, segment=segment, currency=currency
        )

    return wanted


def _by_stage(pipeline: Pipeline, entered: Iterable[StageEntry]) -> Iterable[HealthAt]:
    """The healths for which stages stand, where it is known when they were entered."""
    for entry in entered:
        stage = pipeline.find(entry.stage)
        if stage is not None and stage.health is not None and entry.at is not None:
            yield entry.at, stage.health


def _at(said: HealthAt) -> datetime:
    return said[0]


def _counted(pipeline: Pipeline) -> ColumnElement[bool]:
    """The deals of a pipeline that reports count."""
    return and_(DEALS.c.pipeline == pipeline.id, DEALS.c.voided_at.is_(None))


def _there(known: AsKnown) -> ColumnElement[bool]:
    """Deals that were here by then."""
    return DEALS.c.arrived_at < known.before if known.before else true()


def _instants(scope: ReportScope, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The instants at which the period begins and is over."""
    assert scope.from_on is not None  # the frame gives every report a period
    assert scope.until_on is not None
    midnight, day = time(0), timedelta(days=1)
    begins = send_instant(scope.from_on, midnight, zone)
    return begins, send_instant(scope.until_on + day, midnight, zone)
