"""The queries of the listings. Always holds: they only read, on a snapshot; voided deals are left
out."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from difflib import get_close_matches
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    RowMapping,
    Select,
    and_,
    case,
    func,
    or_,
    select,
    true,
    union_all,
)

from scheduler.core.deal.contracts import Money
from scheduler.core.deal.deal import Deal
from scheduler.core.deal.pauses import Pause, PausedUntil, everything, next_look
from scheduler.core.deal.people import Person
from scheduler.core.words.lexicon import MessageState, NudgeState
from scheduler.services.deals.listing import (
    AnswerLine,
    DealFilter,
    DealLine,
    Life,
    MessageLine,
    NudgeLine,
    PersonLine,
    SimilarContract,
    StageSum,
)
from scheduler.storage.database.deals import (
    CONTRACTS,
    CUSTOMERS,
    DEALS,
    NUDGES,
    PEOPLE,
    load_deals,
    load_passages,
)
from scheduler.storage.database.engine import looking
from scheduler.storage.database.naming import holds, named, same
from scheduler.storage.database.paused import active, not_paused, paused_until
from scheduler.storage.database.rows import metadata
from scheduler.storage.database.schema import require_current
from scheduler.storage.database.types import UtcDateTime
from scheduler.storage.database.values import person_from
from scheduler.storage.deals.message_lines import (
    JOINED,
    MESSAGES,
    message_filter,
    message_line,
    messages_query,
    nudge_filter,
    nudge_line,
    nudge_query,
)
from scheduler.storage.imports.edited import edited_contracts

ANSWERS = metadata.tables["answers"]
_OF_A_DEAL = 5_000
_ALIKE, _SHOWN, _COMPARED = 50, 5, 20_000
"""How many that contain a text are looked at and shown, and among how many the nearest numbers are
looked for."""
_OWNED = JOINED.outerjoin(PEOPLE, PEOPLE.c.id == CONTRACTS.c.owner_id)


def _next_at(pauses: Sequence[Pause]) -> Select[Any]:
    """The earliest instant at which a deal's alarm, a nudge or a message is due, leaving out the
    alarms and nudges of paused deals."""
    waiting = and_(NUDGES.c.state == NudgeState.WAITING.value, NUDGES.c.message_id.is_(None))
    free = NUDGES.c.deal_id.in_(select(DEALS.c.id).where(not_paused(pauses))) if pauses else true()
    instants = union_all(
        select(func.min(DEALS.c.wake_at).label("at")).where(
            DEALS.c.voided_at.is_(None), not_paused(pauses)
        ),
        select(func.min(NUDGES.c.due_at)).where(waiting, free),
        select(func.min(MESSAGES.c.not_before_at)).where(
            MESSAGES.c.state == MessageState.QUEUED.value
        ),
    ).subquery()
    return select(func.min(instants.c.at).label("at"))


_NEXT_AT = _next_at([])


def next_at(connection: Connection, now: datetime | None) -> datetime | None:
    """When the program has something to do next: a deal's alarm, a nudge or a message whose time
    comes, the end of what is paused at `now`."""
    pauses = active(connection, now) if now is not None else []
    ends = [pause.until_at for pause in pauses if pause.until_at is not None]
    found: datetime | None = (
        None
        if everything(pauses)
        else connection.execute(_next_at(pauses) if pauses else _NEXT_AT).scalar()
    )
    return min((at for at in (found, *ends) if at is not None), default=None)


class ListingRows:
    """The rows of the listings, on the reading engine."""

    def __init__(self, reading: Engine) -> None:
        self._reading = reading
        self._current = False

    @contextmanager
    def _snapshot(self) -> Iterator[Connection]:
        """A connection for a few queries; the first one makes sure that the schema is this
        program's."""
        with looking(self._reading) as connection:
            if not self._current:
                require_current(connection)
                self._current = True
            yield connection

    def _all(self, query: Select[Any]) -> Sequence[RowMapping]:
        """Every row of a query."""
        with self._snapshot() as connection:
            return connection.execute(query).mappings().all()

    def deals(
        self, wanted: DealFilter, closed_stages: Sequence[str], today: date
    ) -> tuple[list[DealLine], int]:
        """The most urgent deals, and how many there are in all."""
        where = deal_filter(wanted, closed_stages)
        query = (
            select(
                DEALS,
                CONTRACTS.c.number,
                CONTRACTS.c.product,
                CONTRACTS.c.title,
                CONTRACTS.c.starts_on,
                CONTRACTS.c.ends_on,
                CONTRACTS.c.decide_by,
                CONTRACTS.c.auto_renew,
                CONTRACTS.c.amount,
                CONTRACTS.c.currency,
                CONTRACTS.c.estimated,
                CUSTOMERS.c.name.label("customer"),
                PEOPLE.c.name.label("owner"),
            )
            .select_from(_OWNED)
            .where(where)
            .order_by(*by_urgency(closed_stages, today))
            .limit(wanted.limit)
        )
        total = self._all(select(func.count().label("n")).select_from(_OWNED).where(where))[0]["n"]
        with self._snapshot() as connection:
            paused = paused_until(connection)
        return [_deal_line(r, paused) for r in self._all(query)], total

    def board(self, wanted: DealFilter, closed_stages: Sequence[str]) -> list[StageSum]:
        """The sums by pipeline and stage."""
        query = (
            select(
                DEALS.c.pipeline,
                DEALS.c.stage,
                CONTRACTS.c.currency,
                func.count().label("n"),
                func.sum(case((DEALS.c.health == "unknown", 1), else_=0)).label("unknown"),
                func.sum(CONTRACTS.c.amount).label("amount"),
                (func.count() - func.count(CONTRACTS.c.amount)).label("without"),
            )
            .select_from(_OWNED)
            .where(deal_filter(wanted, closed_stages))
            .group_by(DEALS.c.pipeline, DEALS.c.stage, CONTRACTS.c.currency)
            .order_by(CONTRACTS.c.currency)
        )
        found: dict[tuple[str, str], StageSum] = {}
        for row in self._all(query):
            key = (row["pipeline"], row["stage"])
            before = found.get(key, StageSum(*key, 0, 0, (), 0))
            money = () if row["amount"] is None else (Money(int(row["amount"]), row["currency"]),)
            counts = before.deals + row["n"], before.not_assessed + int(row["unknown"])
            found[key] = StageSum(
                *key, *counts, (*before.money, *money), before.without + int(row["without"])
            )
        return list(found.values())

    def lives(self, contract: str) -> list[Life]:
        """The deals of a contract number or `#deal`, newest first, without voided ones."""
        with self._snapshot() as connection:
            wanted = (
                select(DEALS.c.id)
                .select_from(JOINED)
                .where(named(contract), DEALS.c.voided_at.is_(None))
            )
            ids = list(connection.scalars(wanted.order_by(DEALS.c.id.desc())))
            deals = load_deals(connection, ids)
            passages, answers = load_passages(connection, ids), defaultdict(list)
            for a in connection.execute(
                select(ANSWERS).where(ANSWERS.c.deal_id.in_(ids)).order_by(ANSWERS.c.id)
            ).mappings():
                answers[a["deal_id"]].append(
                    AnswerLine(a["verb"], a["details"], a["actor"], a["at"], a["undone_at"])
                )
            edits = edited_contracts(
                connection, {d.contract.id: d.contract.amount.currency for d in deals}
            )
        return [
            Life(
                d,
                tuple(passages.get(d.id, ())),
                tuple(answers[d.id]),
                tuple(self._nudges_of(d.id)),
                tuple(edits.get(d.contract.id, ())),
            )
            for d in deals
        ]

    def _nudges_of(self, deal_id: int) -> list[NudgeLine]:
        """The newest nudges of one deal."""
        return [
            nudge_line(r) for r in self._all(nudge_query(NUDGES.c.deal_id == deal_id, _OF_A_DEAL))
        ]

    def alike(self, wanted: str) -> list[SimilarContract]:
        """Contracts whose number or customer is or contains what was asked for, those of a customer
        of just that name first; where there are none, contracts with a similar number."""
        query = (
            select(CONTRACTS.c.number, CUSTOMERS.c.name)
            .select_from(JOINED)
            .where(DEALS.c.voided_at.is_(None))
            .distinct()
        )
        holding = or_(holds(CONTRACTS.c.number, wanted), holds(CUSTOMERS.c.name, wanted))
        found = [
            SimilarContract(r["number"], r["name"])
            for r in self._all(query.where(holding).order_by(CONTRACTS.c.number).limit(_ALIKE))
        ]
        if found:
            return sorted(found, key=lambda a: a.customer.lower() != wanted.lower())[:_SHOWN]
        every = {
            r["number"]: SimilarContract(r["number"], r["name"])
            for r in self._all(query.limit(_COMPARED))
        }
        return [every[number] for number in get_close_matches(wanted, every, 3, 0.6)]

    def waking(self, until: datetime, closed_stages: Sequence[str], limit: int) -> list[Deal]:
        """Open deals whose alarm rings by then, or that end or must be decided by then."""
        soon = or_(
            DEALS.c.wake_at <= until,
            CONTRACTS.c.ends_on <= until.date(),
            CONTRACTS.c.decide_by <= until.date(),
        )
        query = (
            select(DEALS.c.id)
            .select_from(JOINED)
            .where(soon, DEALS.c.stage.not_in(closed_stages), DEALS.c.voided_at.is_(None))
            .order_by(DEALS.c.wake_at)
            .limit(limit)
        )
        with self._snapshot() as connection:
            return load_deals(connection, list(connection.scalars(query)))

    def nudges(
        self, state: str | None, person: str | None, since: datetime | None, limit: int
    ) -> list[NudgeLine]:
        """The newest nudges."""
        return [
            nudge_line(r) for r in self._all(nudge_query(nudge_filter(state, person, since), limit))
        ]

    def messages(
        self, state: str | None, kind: str | None, limit: int, *, undeliverable: bool = False
    ) -> list[MessageLine]:
        """The newest messages, or those that reached nobody."""
        query = messages_query(message_filter(state, kind, undeliverable=undeliverable)).limit(
            limit
        )
        return [message_line(r, with_text=False) for r in self._all(query)]

    def message(self, number: int) -> MessageLine | None:
        """One message with its text."""
        return next(
            (
                message_line(r, with_text=True)
                for r in self._all(messages_query(MESSAGES.c.id == number))
            ),
            None,
        )

    def persons(self, wanted: str) -> list[Person]:
        """The colleagues with this e-mail or, where nobody has it, with this name, whatever the
        case; those still active if there are any."""
        query = (
            select(PEOPLE)
            .where(or_(same(PEOPLE.c.email, wanted), same(PEOPLE.c.name, wanted)))
            .order_by(PEOPLE.c.id)
        )
        rows = self._all(query)
        by_address = [r for r in rows if r["email"] and r["email"].lower() == wanted.lower()]
        found, by_email = (
            [person_from(r) for r in self._meant(some)] for some in (rows, by_address)
        )
        candidates = by_email or found
        return [p for p in candidates if p.active] or candidates

    def _meant(self, rows: Sequence[RowMapping]) -> list[RowMapping]:
        """The rows, each once; in the place of an entry that was merged into another person stands
        that person's row."""
        found: dict[int, RowMapping] = {}
        for row in rows:
            while row["merged_into_id"] is not None:
                row = self._all(select(PEOPLE).where(PEOPLE.c.id == row["merged_into_id"]))[0]  # noqa: PLW2901  (the one meant)
            found[row["id"]] = row
        return list(found.values())

    def due(self, now: datetime) -> int:
        """The number of waiting nudges that are due."""
        number: int = self._all(
            select(func.count().label("n")).where(
                NUDGES.c.state == NudgeState.WAITING.value, NUDGES.c.due_at <= now
            )
        )[0]["n"]
        return number

    def next_at(self, now: datetime | None = None) -> datetime | None:
        """The next instant at which the program has something to do; with `now` without what is
        paused then."""
        with self._snapshot() as connection:
            return next_at(connection, now)

    def newest_message(self) -> int:
        """The id of the message that was made last; 0 where there is none."""
        newest: int | None = self._all(select(func.max(MESSAGES.c.id).label("n")))[0]["n"]
        return newest or 0

    def messages_after(self, newest: int) -> int:
        """The number of messages made after the one with this id, alerts among them."""
        query: Any = select(func.count().label("n")).where(MESSAGES.c.id > newest)
        number: int = self._all(query)[0]["n"]
        return number

    def in_flight(self) -> tuple[int, datetime | None]:
        """The number of messages on their way, and when the first of them goes on."""
        at = case(
            (MESSAGES.c.lease_until.is_not(None), MESSAGES.c.lease_until),
            else_=MESSAGES.c.not_before_at,
        )
        states = [
            s.value
            for s in (
                MessageState.QUEUED,
                MessageState.CLAIMED,
                MessageState.HANDED_OVER,
                MessageState.UNKNOWN,
            )
        ]
        query: Any = select(
            func.count().label("n"), func.min(at, type_=UtcDateTime()).label("at")
        ).where(MESSAGES.c.state.in_(states))
        row = self._all(query)[0]
        return row["n"], row["at"]

    def people(self, closed_stages: Sequence[str]) -> list[PersonLine]:
        """Everybody."""
        manager = PEOPLE.alias("manager")
        deals = (
            select(CONTRACTS.c.owner_id, func.count().label("n"))
            .select_from(DEALS.join(CONTRACTS, CONTRACTS.c.id == DEALS.c.contract_id))
            .where(DEALS.c.stage.not_in(closed_stages), DEALS.c.voided_at.is_(None))
            .group_by(CONTRACTS.c.owner_id)
            .subquery()
        )
        query = (
            select(
                PEOPLE,
                manager.c.name.label("manager"),
                func.coalesce(deals.c.n, 0).label("open_deals"),
            )
            .select_from(
                PEOPLE.outerjoin(manager, manager.c.id == PEOPLE.c.manager_id).outerjoin(
                    deals, deals.c.owner_id == PEOPLE.c.id
                )
            )
            .where(PEOPLE.c.merged_into_id.is_(None))
            .order_by(PEOPLE.c.active.desc(), PEOPLE.c.role, PEOPLE.c.name)
        )
        return [
            PersonLine(
                r["id"],
                r["name"],
                r["role"],
                r["email"],
                r["slack_id"],
                r["zone"],
                r["language"],
                r["manager"],
                bool(r["active"]),
                r["open_deals"],
                r["calendar"],
                r["hours"],
                r["team"],
            )
            for r in self._all(query)
        ]


def deal_filter(wanted: DealFilter, closed_stages: Sequence[str]) -> ColumnElement[bool]:
    """The deals a filter wants."""
    conditions: list[ColumnElement[bool]] = [DEALS.c.voided_at.is_(None)]
    if not wanted.closed and wanted.stage not in closed_stages:
        conditions.append(DEALS.c.stage.not_in(closed_stages))
    for column, value in (
        (DEALS.c.pipeline, wanted.pipeline),
        (DEALS.c.stage, wanted.stage),
        (DEALS.c.health, wanted.health),
    ):
        if value:
            conditions.append(column == value)
    if wanted.owner:
        conditions.append(
            or_(holds(PEOPLE.c.name, wanted.owner), holds(PEOPLE.c.email, wanted.owner))
        )
    if wanted.customer:
        conditions.append(holds(CUSTOMERS.c.name, wanted.customer))
    if wanted.ends_before:
        conditions.append(CONTRACTS.c.ends_on < wanted.ends_before)
    if wanted.needs_confirmation:
        conditions.append(CONTRACTS.c.estimated)
    return and_(*conditions)


def by_urgency(closed_stages: Sequence[str], today: date) -> tuple[ColumnElement[Any], ...]:
    """Open deals first, by the next day on which something must be decided."""
    urgent = case(
        (CONTRACTS.c.decide_by >= today, CONTRACTS.c.decide_by), else_=CONTRACTS.c.ends_on
    )
    return DEALS.c.stage.in_(closed_stages), urgent.is_(None), urgent, DEALS.c.id


def _deal_line(r: RowMapping, paused: PausedUntil) -> DealLine:
    """Makes one line of the list of deals."""
    return DealLine(
        r["id"],
        r["number"],
        r["customer"],
        r["product"] or r["title"],
        r["pipeline"],
        r["stage"],
        r["health"],
        r["starts_on"],
        r["ends_on"],
        r["decide_by"],
        bool(r["auto_renew"]),
        Money(r["amount"], r["currency"]),
        r["owner"],
        next_look(r["wake_at"], paused.of(r["pipeline"], r["number"])),
        bool(r["estimated"]),
    )
