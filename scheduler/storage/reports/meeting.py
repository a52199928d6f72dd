"""The open renewals of a period, as the page for the weekly meeting reads them. Always holds: what
waits, is in doubt or noticed is worked out by the same columns as in digests
(`storage.digests.standing`)."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, Select, and_, func, or_, select
from typing_extensions import override

from scheduler.core.deal.contracts import Money
from scheduler.core.facts.tally import AHEAD
from scheduler.core.policy.policy import Policy
from scheduler.core.reports.asked import ReportScope
from scheduler.core.reports.meeting import LastWord, MeetingFacts
from scheduler.core.words.lexicon import ForecastCall, Health, Verb
from scheduler.services.reports.meeting import MeetingReading
from scheduler.storage.database.deals import CONTRACTS, CUSTOMERS, DEALS, PEOPLE
from scheduler.storage.database.rows import metadata
from scheduler.storage.database.schema import require_current
from scheduler.storage.database.transactions import OnConnection
from scheduler.storage.database.values import term_from
from scheduler.storage.digests.standing import OPEN, rules_of, standing

ANSWERS = metadata.tables["answers"]
_DEAL = "pipeline stage health_because call called_on call_note notice_on expected_on".split()
_CONTRACT = "number product title decide_by auto_renew estimated term".split()


class MeetingRows(OnConnection, MeetingReading):
    """The rows of the meeting page."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        require_current(connection)

    @override
    def open_renewals(
        self, pipelines: Collection[str], policy: Policy, scope: ReportScope, today: date
    ) -> Sequence[MeetingFacts]:
        among = and_(DEALS.c.pipeline.in_(pipelines), _in_period(scope, today))
        query = _facts(policy, self._connection.dialect.name, among)
        days = {"today": today, "last": today + timedelta(days=AHEAD)}
        rows = self._connection.execute(query, days).mappings().all()
        last = dict(self._last_words(among))
        return [_fact(row, last) for row in rows]

    def _last_words(self, among: ColumnElement[bool]) -> Iterator[tuple[int, LastWord]]:
        """By deal, what was said last and was not taken back."""
        latest = (
            select(func.max(ANSWERS.c.id))
            .join(DEALS, DEALS.c.id == ANSWERS.c.deal_id)
            .join(CONTRACTS, CONTRACTS.c.id == DEALS.c.contract_id)
            .where(OPEN, among, ANSWERS.c.undone_at.is_(None), ANSWERS.c.verb != Verb.UNDO.value)
            .group_by(ANSWERS.c.deal_id)
        )
        query = select(
            ANSWERS.c.deal_id, ANSWERS.c.verb, ANSWERS.c.details, ANSWERS.c.actor, ANSWERS.c.at
        ).where(ANSWERS.c.id.in_(latest))
        for deal, *said in self._connection.execute(query).all():
            yield deal, LastWord(*said)


def _in_period(scope: ReportScope, today: date) -> ColumnElement[bool]:
    """Terms that end in the period, or have ended before it, if it has begun."""
    ends = CONTRACTS.c.ends_on
    until = ends.is_not(None) if scope.until_on is None else ends <= scope.until_on
    if scope.from_on is None or scope.from_on <= today:
        return and_(until, or_(ends < today, ends >= (scope.from_on or date.min)))
    return and_(until, ends >= scope.from_on)


def _facts(policy: Policy, dialect: str, among: ColumnElement[bool]) -> Select[Any]:
    """Open deals with all that the page shows."""
    stands = standing(rules_of(policy), dialect, risk=False, among=among)
    of = stands.c
    return (
        select(
            *(of[name] for name in ("id", "amount", "currency", "health", "ends_on", "since")),
            *(of[name] for name in ("question", "doubtful", "to_record", "history")),
            *(DEALS.c[name] for name in _DEAL),
            *(CONTRACTS.c[name] for name in _CONTRACT),
            CUSTOMERS.c.name.label("customer"),
            CUSTOMERS.c.segment,
            PEOPLE.c.name.label("owner"),
            PEOPLE.c.email,
            PEOPLE.c.team,
        )
        .select_from(stands)
        .join(DEALS, DEALS.c.id == of.id)
        .join(CONTRACTS, CONTRACTS.c.id == DEALS.c.contract_id)
        .join(CUSTOMERS, CUSTOMERS.c.id == CONTRACTS.c.customer_id)
        .outerjoin(PEOPLE, PEOPLE.c.id == of.owner_id)
    )


def _fact(row: RowMapping, last: Mapping[int, LastWord]) -> MeetingFacts:
    """Makes the facts of one contract."""
    return MeetingFacts(
        deal=row["id"],
        contract=row["number"],
        customer=row["customer"],
        product=row["product"] or row["title"],
        segment=row["segment"],
        pipeline=row["pipeline"],
        stage=row["stage"],
        owners=tuple(name for name in (row["owner"], row["email"]) if name),
        team=row["team"],
        ends_on=row["ends_on"],
        decide_by=row["decide_by"],
        auto_renew=bool(row["auto_renew"]),
        estimated=bool(row["estimated"]),
        term=term_from(row["term"]),
        amount=Money(row["amount"], row["currency"]),
        health=Health(row["health"]),
        health_because=row["health_because"],
        call=ForecastCall(row["call"]) if row["call"] else None,
        called_on=row["called_on"],
        call_note=row["call_note"] or "",
        notice_on=row["notice_on"],
        expected_on=row["expected_on"],
        question=row["question"],
        waiting_since=row["since"],
        doubtful=bool(row["doubtful"]),
        to_record=bool(row["to_record"]),
        last=last.get(row["id"]),
        history=bool(row["history"]),
    )
