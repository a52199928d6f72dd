"""Every open deal is decided again by the rules of this program, and a question that was carried
along with its end gets its answer back.

Alarms were set by the earlier rules: a last call, or a warning before it, would come too late for a
deal that slept past it. And when an earlier program carried a question, it kept one row for the new
day and left the answer on the withdrawn one, so that the question would wait for an answer again.
"""

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_GIVEN = ("answered_at", "snoozed_until", "snoozed_by", "seen", "answer")
_COLUMNS = (
    "id",
    "deal_id",
    "milestone",
    "anchor_on",
    "step",
    "state",
    "was",
    "reason",
    "at",
    *_GIVEN,
)
DEALS = sa.table(
    "deals", sa.column("policy_version"), sa.column("closed_at"), sa.column("voided_at")
)
EVENTS = sa.table("events", *(sa.column(name) for name in _COLUMNS))


def upgrade() -> None:
    """Copies the answers (unanswered questions go on waiting), and has the sweep look at every open
    deal, as after an edit of the policy."""
    carry(op.get_bind())
    op.get_bind().execute(
        sa.update(DEALS)
        .where(DEALS.c.closed_at.is_(None), DEALS.c.voided_at.is_(None))
        .values(policy_version=0)
    )


def carry(connection: sa.Connection) -> int:
    """How many questions got their answer back."""
    silent = sa.and_(EVENTS.c.answered_at.is_(None), EVENTS.c.snoozed_until.is_(None))
    waiting = connection.execute(
        sa.select(EVENTS).where(EVENTS.c.state == "carried_over", EVENTS.c.step == 0, silent)
    ).all()
    found = [
        (row.id, given) for row in waiting if (given := _given_before(connection, row)) is not None
    ]
    for number, given in found:
        connection.execute(
            sa.update(EVENTS)
            .where(EVENTS.c.id == number)
            .values({name: getattr(given, name) for name in _GIVEN})
        )
    return len(found)


def _given_before(connection: sa.Connection, row: sa.Row[Any]) -> sa.Row[Any] | None:
    """The latest step of the days it was carried from, if somebody had answered or silenced
    that."""
    told = json.loads(row.reason).get("told") if row.reason.startswith("{") else None
    gone = connection.execute(
        sa.select(EVENTS)
        .where(
            EVENTS.c.deal_id == row.deal_id,
            EVENTS.c.milestone == row.milestone,
            EVENTS.c.state == "withdrawn",
            EVENTS.c.id < row.id,
        )
        .order_by(EVENTS.c.anchor_on.desc(), EVENTS.c.step.desc())
    ).all()
    between = [
        one
        for one in gone
        if told is not None
        and told <= str(one.anchor_on) <= str(row.anchor_on)
        and one.was in ("fired", "carried_over")
    ]
    last = between[0] if between else None
    return (
        last
        if last is not None and (last.answered_at is not None or last.snoozed_until is not None)
        else None
    )
