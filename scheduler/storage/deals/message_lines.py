"""Nudges and messages as lines of listings: which are wanted, and how they are read."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, Select, and_, func, or_, select, true

from scheduler.services.deals.listing import MessageLine, NudgeLine
from scheduler.storage.database.deals import CONTRACTS, CUSTOMERS, DEALS, NUDGES, PEOPLE
from scheduler.storage.database.naming import holds
from scheduler.storage.database.rows import metadata
from scheduler.storage.delivery.undelivered import reached_nobody

MESSAGES = metadata.tables["messages"]
JOINED = DEALS.join(CONTRACTS, CONTRACTS.c.id == DEALS.c.contract_id).join(
    CUSTOMERS, CUSTOMERS.c.id == CONTRACTS.c.customer_id
)


def nudge_filter(
    state: str | None, person: str | None, since: datetime | None
) -> ColumnElement[bool]:
    """The nudges that are wanted."""
    return and_(
        NUDGES.c.state == state if state else true(),
        or_(*(holds(c, person) for c in (PEOPLE.c.name, PEOPLE.c.email, NUDGES.c.recipient)))
        if person
        else true(),
        NUDGES.c.created_at >= since if since else true(),
    )


def nudge_query(where: ColumnElement[bool], limit: int | None) -> Select[Any]:
    """Nudges with their contract and recipient, the newest first."""
    return (
        select(
            NUDGES,
            CONTRACTS.c.number,
            CUSTOMERS.c.name.label("customer"),
            PEOPLE.c.name.label("person"),
        )
        .select_from(
            NUDGES.join(JOINED, DEALS.c.id == NUDGES.c.deal_id).outerjoin(
                PEOPLE, PEOPLE.c.id == NUDGES.c.person_id
            )
        )
        .where(where)
        .order_by(NUDGES.c.id.desc())
        .limit(limit)
    )


def nudge_line(r: RowMapping) -> NudgeLine:
    """Makes one line of the list of nudges."""
    return NudgeLine(
        r["id"],
        r["state"],
        r["number"],
        r["customer"],
        r["milestone"],
        r["anchor_on"],
        r["step"],
        r["person"] or r["recipient"],
        r["created_at"],
        r["due_at"],
        r["sent_at"],
        r["message_id"],
        r["reason"] or r["because"],
    )


def message_filter(
    state: str | None, kind: str | None, *, undeliverable: bool
) -> ColumnElement[bool]:
    """The messages that are wanted."""
    return and_(
        MESSAGES.c.state == state if state else true(),
        MESSAGES.c.kind == kind if kind else true(),
        reached_nobody() if undeliverable else true(),
    )


def messages_query(where: ColumnElement[bool]) -> Select[Any]:
    """Messages with their recipient and how many nudges they carry."""
    carried = (
        select(func.count())
        .where(NUDGES.c.message_id == MESSAGES.c.id)
        .correlate(MESSAGES)
        .scalar_subquery()
    )
    return (
        select(MESSAGES, PEOPLE.c.name.label("person"), carried.label("nudges"))
        .select_from(MESSAGES.outerjoin(PEOPLE, PEOPLE.c.id == MESSAGES.c.person_id))
        .where(where)
        .order_by(MESSAGES.c.id.desc())
    )


def message_line(r: RowMapping, *, with_text: bool) -> MessageLine:
    """Makes one line of the list of messages."""
    text = (r["body"] or {}).get("text") if with_text else None
    return MessageLine(
        r["id"],
        r["state"],
        r["kind"],
        r["channel"],
        r["address"],
        r["person"] or r["recipient"],
        r["subject"],
        r["created_at"],
        r["sent_at"],
        r["attempts"],
        r["reason"],
        r["nudges"],
        text,
    )
