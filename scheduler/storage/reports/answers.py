"""The questions that were asked, as the report of the answers reads them. Always holds: reminders
count with their question; what was recorded after the instant that is asked for does not count."""

from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, func, select
from typing_extensions import override

from scheduler.core.deal.deal import TOLD
from scheduler.core.reports.answers import AskedQuestion
from scheduler.core.reports.asked import AsKnown, ReportScope
from scheduler.core.time.dates import send_instant
from scheduler.core.words.reasons import fact
from scheduler.services.reports.answers import AnswersReading
from scheduler.storage.database.deals import CONTRACTS, CUSTOMERS, DEALS, EVENTS, PEOPLE
from scheduler.storage.database.schema import require_current
from scheduler.storage.database.transactions import OnConnection
from scheduler.storage.database.types import UtcDateTime

_DAY = timedelta(days=1)


class AnswersRows(OnConnection, AnswersReading):
    """The rows of the report of the answers."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        require_current(connection)

    @override
    def questions(
        self, asking: Collection[str], scope: ReportScope, known: AsKnown, zone: str
    ) -> Iterator[AskedQuestion]:
        first, last = _instants(scope, ZoneInfo(zone))
        asked_at = func.min(EVENTS.c.at, type_=UtcDateTime())
        owners = {
            number: (tuple(name for name in names if name), team)
            for number, *names, team in self._connection.execute(
                select(PEOPLE.c.id, PEOPLE.c.name, PEOPLE.c.email, PEOPLE.c.team)
            )
        }
        query = (
            select(
                EVENTS.c.milestone,
                asked_at,
                func.max(EVENTS.c.answered_at, type_=UtcDateTime()),
                func.max(EVENTS.c.answer),
                CONTRACTS.c.owner_id,
                DEALS.c.pipeline,
                CONTRACTS.c.currency,
                CUSTOMERS.c.segment,
            )
            .join(DEALS, DEALS.c.id == EVENTS.c.deal_id)
            .join(CONTRACTS, CONTRACTS.c.id == DEALS.c.contract_id)
            .join(CUSTOMERS, CUSTOMERS.c.id == CONTRACTS.c.customer_id)
            .where(
                EVENTS.c.state.in_([state.value for state in TOLD]),
                EVENTS.c.milestone.in_(asking),
                DEALS.c.voided_at.is_(None),
            )
            .group_by(
                EVENTS.c.deal_id,
                EVENTS.c.milestone,
                EVENTS.c.anchor_on,
                CONTRACTS.c.owner_id,
                DEALS.c.pipeline,
                CONTRACTS.c.currency,
                CUSTOMERS.c.segment,
            )
            .having(asked_at >= first, asked_at < min(last, known.before or last))
        )
        meant = _meant(scope, owners)
        for milestone, asked, answered, answer, *whose in self._connection.execute(query).all():
            if not meant(*whose):
                continue
            names, _ = owners.get(whose[0], _NOBODY)
            known_answer = answered is not None and known.has(answered)
            yield AskedQuestion(
                milestone,
                names[0] if names else "",
                asked,
                answered if known_answer else None,
                (fact(answer, "by") or "") if known_answer and answer else "",
            )


Owner = tuple[tuple[str, ...], str | None]
"""The names by which somebody is known, and their team."""
_NOBODY: Owner = ((), None)


def _meant(scope: ReportScope, owners: Mapping[int, Owner]) -> Callable[..., bool]:
    """Whether questions about contracts of an owner, a pipeline, a currency and a segment are
    meant; asked once for all that are alike."""

    @cache
    def meant(owner: int | None, pipeline: str, currency: str, segment: str | None) -> bool:
        names, team = owners.get(owner, _NOBODY) if owner is not None else _NOBODY
        return scope.wants(
            owner=names, team=team, pipeline=pipeline, currency=currency, segment=segment
        )

    return meant


def _instants(scope: ReportScope, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The instants at which the period begins and ends."""
    assert scope.from_on is not None  # the frame gives every report a period
    assert scope.until_on is not None
    midnight = time(0)
    return (
        send_instant(scope.from_on, midnight, zone),
        send_instant(scope.until_on + _DAY, midnight, zone),
    )
