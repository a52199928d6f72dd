"""The queries of the listings. Always holds: they only read, on a snapshot; voided deals are left out."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from difflib import get_close_matches
from typing import Any

from sqlalchemy import ColumnElement, Engine, RowMapping, Select, and_, case, func, or_, select

from scheduler.core.contracts import Money
from scheduler.core.deal import Deal
from scheduler.core.people import Person
from scheduler.core.pipeline import Actor, Passage
from scheduler.core.words import ActorKind
from scheduler.services.listing import AnswerLine, DealFilter, DealLine, Life, MessageLine, NudgeLine, PersonLine, StageSum
from scheduler.storage.deals import CONTRACTS, CUSTOMERS, DEALS, NUDGES, PASSAGES, PEOPLE, load_deals
from scheduler.storage.engine import explained
from scheduler.storage.rows import metadata
from scheduler.storage.schema import require_current
from scheduler.storage.values import person_from

MESSAGES, ANSWERS = metadata.tables["messages"], metadata.tables["answers"]
_JOINED = DEALS.join(CONTRACTS, CONTRACTS.c.id == DEALS.c.contract_id).join(CUSTOMERS, CUSTOMERS.c.id == CONTRACTS.c.customer_id)
_OWNED = _JOINED.outerjoin(PEOPLE, PEOPLE.c.id == CONTRACTS.c.owner_id)


class ListingRows:
    """scheduler.services.listing.ListingStore on SQL, on the reading engine."""

    def __init__(self, reading: Engine) -> None:
        self._reading = reading

    def _all(self, query: Select[Any]) -> Sequence[RowMapping]:
        """Every row of a query."""
        with explained(self._reading), self._reading.connect() as connection:
            require_current(connection)
            return connection.execute(query).mappings().all()

    def deals(self, wanted: DealFilter, closed_stages: Sequence[str], today: date) -> tuple[list[DealLine], int]:
        """The most urgent deals, and how many there are in all."""
        where = _where(wanted, closed_stages)
        urgent = case((CONTRACTS.c.decide_by >= today, CONTRACTS.c.decide_by), else_=CONTRACTS.c.ends_on)
        query = (
            select(
                DEALS, CONTRACTS.c.number, CONTRACTS.c.product, CONTRACTS.c.title, CONTRACTS.c.starts_on, CONTRACTS.c.ends_on, CONTRACTS.c.decide_by,
                CONTRACTS.c.auto_renew, CONTRACTS.c.amount, CONTRACTS.c.currency, CONTRACTS.c.estimated, CUSTOMERS.c.name.label("customer"),
                PEOPLE.c.name.label("owner"),
            )
            .select_from(_OWNED)
            .where(where)
            .order_by(DEALS.c.stage.in_(closed_stages), urgent.is_(None), urgent, DEALS.c.id)
            .limit(wanted.limit)
        )  # fmt: skip
        total = self._all(select(func.count().label("n")).select_from(_OWNED).where(where))[0]["n"]
        return [_deal_line(r) for r in self._all(query)], total

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
            )
            .select_from(_OWNED)
            .where(_where(wanted, closed_stages))
            .group_by(DEALS.c.pipeline, DEALS.c.stage, CONTRACTS.c.currency)
            .order_by(CONTRACTS.c.currency)
        )
        found: dict[tuple[str, str], StageSum] = {}
        for row in self._all(query):
            key = (row["pipeline"], row["stage"])
            before = found.get(key, StageSum(*key, 0, 0, ()))
            money = Money(int(row["amount"] or 0), row["currency"])
            found[key] = StageSum(*key, before.deals + row["n"], before.not_assessed + int(row["unknown"]), (*before.money, money))
        return list(found.values())

    def lives(self, contract: str) -> list[Life]:
        """The deals of a contract number or `#deal`, newest first, without voided ones."""
        exact = (
            DEALS.c.id == int(contract[1:])
            if contract.startswith("#") and contract[1:].isdigit()
            else func.lower(CONTRACTS.c.number) == contract.lower()
        )
        with explained(self._reading), self._reading.connect() as connection:
            require_current(connection)
            ids = list(
                connection.scalars(select(DEALS.c.id).select_from(_JOINED).where(exact, DEALS.c.voided_at.is_(None)).order_by(DEALS.c.id.desc()))
            )
            deals = load_deals(connection, ids)
            passages, answers = defaultdict(list), defaultdict(list)
            for p in connection.execute(select(PASSAGES).where(PASSAGES.c.deal_id.in_(ids)).order_by(PASSAGES.c.id)).mappings():
                actor = Actor(ActorKind(p["actor_kind"]), p["actor"])
                passages[p["deal_id"]].append(Passage(p["from_stage"], p["to_stage"], p["at"], p["because"], actor, p["observed"]))
            for a in connection.execute(select(ANSWERS).where(ANSWERS.c.deal_id.in_(ids)).order_by(ANSWERS.c.id)).mappings():
                answers[a["deal_id"]].append(AnswerLine(a["verb"], a["details"], a["actor"], a["at"], a["undone_at"]))
        return [Life(d, tuple(passages[d.id]), tuple(answers[d.id]), tuple(self._nudges(NUDGES.c.deal_id == d.id, 200))) for d in deals]

    def alike(self, contract: str) -> list[str]:
        """Contract numbers and customers that resemble what was asked for."""
        like = f"%{contract.lower()}%"
        near = select(CONTRACTS.c.number, CUSTOMERS.c.name).select_from(_JOINED).where(
            or_(func.lower(CONTRACTS.c.number).like(like), func.lower(CUSTOMERS.c.name).like(like)), DEALS.c.voided_at.is_(None)
        )  # fmt: skip
        rows = self._all(near.limit(5))
        if rows:
            return [f"{r['number']} ({r['name']})" for r in rows]
        numbers = [r["number"] for r in self._all(select(CONTRACTS.c.number).limit(20_000))]
        return get_close_matches(contract, numbers, 3, 0.6)

    def waking(self, until: datetime, closed_stages: Sequence[str], limit: int) -> list[Deal]:
        """Open deals whose alarm rings by then, or that end or must be decided by then."""
        soon = or_(DEALS.c.wake_at <= until, CONTRACTS.c.ends_on <= until.date(), CONTRACTS.c.decide_by <= until.date())
        query = (
            select(DEALS.c.id)
            .select_from(_JOINED)
            .where(soon, DEALS.c.stage.not_in(closed_stages), DEALS.c.voided_at.is_(None))
            .order_by(DEALS.c.wake_at)
            .limit(limit)
        )
        with explained(self._reading), self._reading.connect() as connection:
            require_current(connection)
            return load_deals(connection, list(connection.scalars(query)))

    def nudges(self, state: str | None, person: str | None, since: datetime | None, limit: int) -> list[NudgeLine]:
        """The newest nudges."""
        where = and_(
            NUDGES.c.state == state if state else NUDGES.c.id > 0,
            func.lower(func.coalesce(PEOPLE.c.name, "") + " " + func.coalesce(PEOPLE.c.email, "") + NUDGES.c.recipient).like(f"%{person.lower()}%")
            if person
            else NUDGES.c.id > 0,
            NUDGES.c.created_at >= since if since else NUDGES.c.id > 0,
        )
        return self._nudges(where, limit)

    def _nudges(self, where: ColumnElement[bool], limit: int) -> list[NudgeLine]:
        """Nudges with their contract and recipient."""
        query = (
            select(NUDGES, CONTRACTS.c.number, CUSTOMERS.c.name.label("customer"), PEOPLE.c.name.label("person"))
            .select_from(NUDGES.join(_JOINED, DEALS.c.id == NUDGES.c.deal_id).outerjoin(PEOPLE, PEOPLE.c.id == NUDGES.c.person_id))
            .where(where)
            .order_by(NUDGES.c.id.desc())
            .limit(limit)
        )
        return [
            NudgeLine(
                r["id"], r["state"], r["number"], r["customer"], r["milestone"], r["anchor_on"], r["step"], r["person"] or r["recipient"],
                r["created_at"], r["due_at"], r["sent_at"], r["message_id"], r["reason"] or r["because"],
            )
            for r in self._all(query)
        ]  # fmt: skip

    def messages(self, state: str | None, kind: str | None, limit: int) -> list[MessageLine]:
        """The newest messages."""
        where = and_(MESSAGES.c.state == state if state else MESSAGES.c.id > 0, MESSAGES.c.kind == kind if kind else MESSAGES.c.id > 0)
        return [_message_line(r, with_text=False) for r in self._all(_messages(where).limit(limit))]

    def message(self, number: int) -> MessageLine | None:
        """One message with its text."""
        return next((_message_line(r, with_text=True) for r in self._all(_messages(MESSAGES.c.id == number))), None)

    def person(self, wanted: str) -> Person | None:
        """The colleague with this e-mail or name, whatever the case."""
        low = wanted.lower()
        query = select(PEOPLE).where(or_(func.lower(PEOPLE.c.email) == low, func.lower(PEOPLE.c.name) == low)).order_by(PEOPLE.c.active.desc())
        return next((person_from(r) for r in self._all(query)), None)

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
            select(PEOPLE, manager.c.name.label("manager"), func.coalesce(deals.c.n, 0).label("open_deals"))
            .select_from(PEOPLE.outerjoin(manager, manager.c.id == PEOPLE.c.manager_id).outerjoin(deals, deals.c.owner_id == PEOPLE.c.id))
            .order_by(PEOPLE.c.active.desc(), PEOPLE.c.role, PEOPLE.c.name)
        )
        return [
            PersonLine(
                r["id"], r["name"], r["role"], r["email"], r["slack_id"], r["zone"], r["language"], r["manager"], bool(r["active"]), r["open_deals"]
            )
            for r in self._all(query)
        ]  # fmt: skip


def _where(wanted: DealFilter, closed_stages: Sequence[str]) -> ColumnElement[bool]:
    """The deals a filter wants."""
    conditions: list[ColumnElement[bool]] = [DEALS.c.voided_at.is_(None)]
    if not wanted.closed and wanted.stage not in closed_stages:
        conditions.append(DEALS.c.stage.not_in(closed_stages))
    for column, value in ((DEALS.c.pipeline, wanted.pipeline), (DEALS.c.stage, wanted.stage), (DEALS.c.health, wanted.health)):
        if value:
            conditions.append(column == value)
    if wanted.owner:
        like = f"%{wanted.owner.lower()}%"
        conditions.append(or_(func.lower(PEOPLE.c.name).like(like), func.lower(PEOPLE.c.email).like(like)))
    if wanted.customer:
        conditions.append(func.lower(CUSTOMERS.c.name).like(f"%{wanted.customer.lower()}%"))
    if wanted.ends_before:
        conditions.append(CONTRACTS.c.ends_on < wanted.ends_before)
    if wanted.needs_confirmation:
        conditions.append(CONTRACTS.c.estimated)
    return and_(*conditions)


def _deal_line(r: RowMapping) -> DealLine:
    """One row of the list."""
    return DealLine(
        r["id"], r["number"], r["customer"], r["product"] or r["title"], r["pipeline"], r["stage"], r["health"], r["starts_on"], r["ends_on"],
        r["decide_by"], bool(r["auto_renew"]), Money(r["amount"], r["currency"]), r["owner"], r["wake_at"], bool(r["estimated"]),
    )  # fmt: skip


def _messages(where: ColumnElement[bool]) -> Select[Any]:
    """Messages with their recipient and how many nudges they carry."""
    carried = select(func.count()).where(NUDGES.c.message_id == MESSAGES.c.id).correlate(MESSAGES).scalar_subquery()
    return (
        select(MESSAGES, PEOPLE.c.name.label("person"), carried.label("nudges"))
        .select_from(MESSAGES.outerjoin(PEOPLE, PEOPLE.c.id == MESSAGES.c.person_id))
        .where(where)
        .order_by(MESSAGES.c.id.desc())
    )


def _message_line(r: RowMapping, *, with_text: bool) -> MessageLine:
    """One row of the list."""
    text = (r["body"] or {}).get("text") if with_text else None
    return MessageLine(
        r["id"], r["state"], r["kind"], r["channel"], r["address"], r["person"] or r["recipient"], r["subject"], r["created_at"], r["sent_at"],
        r["attempts"], r["reason"], r["nudges"], text,
    )  # fmt: skip
