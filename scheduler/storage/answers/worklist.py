"""The queries of what one colleague has before them. Always holds: everything is read without a
lock and with a limit."""

from collections.abc import Mapping, Sequence

from sqlalchemy import ColumnElement, Connection, Engine, Select, and_, func, or_, select, update
from typing_extensions import override

from scheduler.core.deal.deal import Deal, Nudge
from scheduler.core.deal.people import Person
from scheduler.core.words.lexicon import EventState, NudgeState, Pace
from scheduler.services.answers.worklist import PaceStore, WorklistStore
from scheduler.services.people.slack_ids import SlackIdStore
from scheduler.storage.answers.answering import deal_named
from scheduler.storage.database.deals import (
    CONTRACTS,
    CUSTOMERS,
    DEALS,
    EVENTS,
    NUDGES,
    PEOPLE,
    load_deals,
    load_people,
)
from scheduler.storage.database.engine import looking, transaction
from scheduler.storage.database.naming import named
from scheduler.storage.people.absences import everybody


class PaceRows(PaceStore):
    """How often people want to hear, with an engine that writes and one that reads."""

    def __init__(self, engine: Engine, reading: Engine) -> None:
        self._engine, self._reading = engine, reading

    @override
    def set_pace(self, person_id: int, pace: Pace) -> None:
        with transaction(self._engine) as connection:
            connection.execute(
                update(PEOPLE).where(PEOPLE.c.id == person_id).values(pace=pace.value)
            )


class WorklistRows(PaceRows, WorklistStore, SlackIdStore):
    """The rows of one colleague's worklist, and who they are on Slack."""

    @override
    def person_of_slack(self, slack_id: str) -> Person | None:
        query = (
            select(PEOPLE.c.id)
            .where(PEOPLE.c.slack_id == slack_id)
            .order_by(PEOPLE.c.active.desc(), PEOPLE.c.id)
        )
        with looking(self._reading) as connection:
            number = connection.scalar(query.limit(1))
            return load_people(connection, [number]).get(number) if number is not None else None

    @override
    def person(self, number: int) -> Person | None:
        with looking(self._reading) as connection:
            return load_people(connection, [number]).get(number)

    @override
    def deals_meant(self, subject: str, *, for_all: bool) -> Mapping[str, Deal | None]:
        with looking(self._reading) as connection:
            itself = connection.scalars(select(DEALS.c.id).where(deal_named(subject)))
            keys = dict.fromkeys(itself, subject)
            if for_all:
                keys = _told_with(connection, subject) | keys
            there = select(DEALS.c.id).where(DEALS.c.id.in_(keys), DEALS.c.voided_at.is_(None))
            found = load_deals(connection, list(connection.scalars(there)))
        deals = {deal.id: deal for deal in found}
        return {key: deals.get(number) for number, key in keys.items()} or {subject: None}

    @override
    def deals_numbered(self, contract: str) -> Sequence[Deal]:
        query = (
            select(DEALS.c.id)
            .join(CONTRACTS, CONTRACTS.c.id == DEALS.c.contract_id)
            .where(named(contract))
        )
        return self._deals(
            query.where(DEALS.c.voided_at.is_(None)).order_by(DEALS.c.id.desc()).limit(20)
        )

    @override
    def renewals_of(self, person_id: int, limit: int) -> Sequence[Deal]:
        query = (
            select(DEALS.c.id)
            .join(CONTRACTS, CONTRACTS.c.id == DEALS.c.contract_id)
            .where(_open_deals_of(person_id))
        )
        return self._deals(
            query.order_by(CONTRACTS.c.ends_on.is_(None), CONTRACTS.c.ends_on, DEALS.c.id).limit(
                limit
            )
        )

    @override
    def open_of(self, person_id: int) -> Mapping[str, int]:
        joined = DEALS.join(CONTRACTS, CONTRACTS.c.id == DEALS.c.contract_id)
        query = (
            select(DEALS.c.pipeline, func.count())
            .select_from(joined)
            .where(_open_deals_of(person_id))
            .group_by(DEALS.c.pipeline)
        )
        with looking(self._reading) as connection:
            return {row[0]: row[1] for row in connection.execute(query)}

    @override
    def waiting_for(self, person_id: int, limit: int) -> Sequence[tuple[Nudge, Deal]]:
        told = and_(
            EVENTS.c.deal_id == NUDGES.c.deal_id,
            EVENTS.c.milestone == NUDGES.c.milestone,
            EVENTS.c.anchor_on == NUDGES.c.anchor_on,
        )
        query = (
            select(NUDGES.c.id, NUDGES.c.deal_id)
            .join(EVENTS, and_(told, EVENTS.c.step == NUDGES.c.step))
            .join(DEALS, DEALS.c.id == NUDGES.c.deal_id)
            .where(
                NUDGES.c.person_id == person_id,
                NUDGES.c.state == NudgeState.SENT.value,
                DEALS.c.voided_at.is_(None),
                DEALS.c.closed_at.is_(None),
            )
            .where(EVENTS.c.state == EventState.FIRED.value, EVENTS.c.answered_at.is_(None))
            .order_by(NUDGES.c.id.desc())
            .limit(limit)
        )
        with looking(self._reading) as connection:
            rows = connection.execute(query).all()
            deals = {
                d.id: d
                for d in load_deals(connection, list(dict.fromkeys(r.deal_id for r in rows)))
            }
        found = (
            (next((n for n in deals[r.deal_id].nudges if n.id == r.id), None), deals[r.deal_id])
            for r in rows
        )
        return [(nudge, deal) for nudge, deal in found if nudge is not None]

    @override
    def everybody(self) -> list[Person]:
        with looking(self._reading) as connection:
            return list(everybody(connection))

    @override
    def set_slack_id(self, person_id: int, slack_id: str) -> bool:
        free = (PEOPLE.c.id == person_id, or_(PEOPLE.c.slack_id.is_(None), PEOPLE.c.slack_id == ""))
        with transaction(self._engine) as connection:
            return (
                connection.execute(update(PEOPLE).where(*free).values(slack_id=slack_id)).rowcount
                == 1
            )

    def _deals(self, query: Select[tuple[int]]) -> list[Deal]:
        """The deals whose numbers a query gives."""
        with looking(self._reading) as connection:
            return load_deals(connection, list(connection.scalars(query)))


def _told_with(connection: Connection, nudge: str) -> dict[int, str]:
    """The nudges about the same customer in the same message, by deal: the first of each."""
    told = NUDGES.join(DEALS, DEALS.c.id == NUDGES.c.deal_id)
    told = told.join(CONTRACTS, CONTRACTS.c.id == DEALS.c.contract_id)
    told = told.join(CUSTOMERS, CUSTOMERS.c.id == CONTRACTS.c.customer_id)
    about = select(NUDGES.c.message_id, CUSTOMERS.c.name).select_from(told)
    first = connection.execute(about.where(NUDGES.c.key == nudge)).first()
    if first is None or first.message_id is None:
        return {}
    same = select(NUDGES.c.deal_id, NUDGES.c.key).select_from(told)
    same = same.where(NUDGES.c.message_id == first.message_id, CUSTOMERS.c.name == first.name)
    same = same.where(NUDGES.c.state == NudgeState.SENT.value).order_by(NUDGES.c.id.desc())
    return {row.deal_id: row.key for row in connection.execute(same)}


def _open_deals_of(person_id: int) -> ColumnElement[bool]:
    """The open deals that somebody owns, or has sold."""
    theirs = or_(CONTRACTS.c.owner_id == person_id, CONTRACTS.c.sales_id == person_id)
    return and_(theirs, DEALS.c.closed_at.is_(None), DEALS.c.voided_at.is_(None))
