"""The last thing that can be undone on a contract, and what forbids it."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, func, select

from scheduler.core.deal.deal import Deal
from scheduler.core.words.lexicon import ActorKind
from scheduler.services.answers.answering import UndoableAct
from scheduler.services.deals.listing import NOTE
from scheduler.storage.database.deals import CONTRACTS, DEALS, PASSAGES
from scheduler.storage.database.rows import metadata
from scheduler.storage.database.values import lost_to, won_to

ANSWERS = metadata.tables["answers"]
STANDS = ANSWERS.c.undone_at.is_(None) & (ANSWERS.c.verb != NOTE)


def last_act(connection: Connection, deals: Sequence[Deal]) -> UndoableAct | None:
    """The last thing that can be undone on one of these deals: an answer that stands, or a closing
    by the policy itself."""
    by_id = {d.id: d for d in deals}
    answer = (
        connection.execute(
            select(ANSWERS)
            .where(ANSWERS.c.deal_id.in_(by_id), STANDS)
            .order_by(ANSWERS.c.id.desc())
            .limit(1)
        )
        .mappings()
        .first()
    )
    closing = _automatic_closing(connection, deals)
    if answer is not None and (closing is None or closing.at <= answer["at"]):
        successor = answer["before"].get("successor")
        deal = by_id[answer["deal_id"]]
        taken = _taken(connection, successor)
        first = _undo_first(connection, successor)
        return UndoableAct(
            deal,
            answer["id"],
            answer["verb"],
            answer["actor"],
            answer["at"],
            answer["before"],
            taken,
            first,
            answer["details"],
        )
    return closing


def _automatic_closing(connection: Connection, deals: Sequence[Deal]) -> UndoableAct | None:
    """The newest closing by the policy itself among these deals."""
    closed = {d.id: d for d in deals if d.won or d.lost}
    row = (
        connection.execute(
            select(PASSAGES)
            .where(
                PASSAGES.c.deal_id.in_(closed),
                PASSAGES.c.voided_at.is_(None),
                PASSAGES.c.observed,
            )
            .order_by(PASSAGES.c.id.desc())
            .limit(1)
        )
        .mappings()
        .first()
    )
    if (
        row is None
        or row["actor_kind"] != ActorKind.POLICY.value
        or row["to_stage"] != closed[row["deal_id"]].stage
    ):
        return None
    deal = closed[row["deal_id"]]
    successor = connection.scalar(
        select(DEALS.c.id)
        .join(CONTRACTS, CONTRACTS.c.id == DEALS.c.contract_id)
        .where(CONTRACTS.c.predecessor_id == deal.contract.id, DEALS.c.voided_at.is_(None))
    )
    entered_at = connection.scalar(
        select(func.max(PASSAGES.c.at)).where(
            PASSAGES.c.deal_id == deal.id,
            PASSAGES.c.to_stage == row["from_stage"],
            PASSAGES.c.voided_at.is_(None),
            PASSAGES.c.id < row["id"],
        )
    )
    before = {
        "fields": {
            "stage": row["from_stage"],
            "stage_entered_at": as_json_value(entered_at or deal.arrived_at),
            "won": None,
            "lost": None,
        },
        "after": {
            "stage": row["to_stage"],
            "stage_entered_at": as_json_value(deal.stage_entered_at),
            "won": won_to(deal.won),
            "lost": lost_to(deal.lost),
        },
        "passage": row["id"],
        "successor": successor,
    }
    return UndoableAct(
        deal,
        None,
        "auto_renewal" if deal.won else "notice",
        row["actor"],
        row["at"],
        before,
        _taken(connection, successor),
        _undo_first(connection, successor),
    )


def _taken(connection: Connection, successor: int | None) -> bool:
    """Whether the term an act opened has a life of its own: an answer, or an import that
    adopted it."""
    if successor is None:
        return False
    answers = (
        connection.scalar(select(func.count()).where(ANSWERS.c.deal_id == successor, STANDS)) or 0
    )
    source = connection.scalar(
        select(CONTRACTS.c.source)
        .join(DEALS, DEALS.c.contract_id == CONTRACTS.c.id)
        .where(DEALS.c.id == successor)
    )
    return answers > 0 or source != "system"


def _undo_first(connection: Connection, successor: int | None) -> int | None:
    """The last closed deal among the terms after an act's: while there is one, a later term
    builds on the act, or was decided by itself."""
    last, current = None, successor
    while current is not None:
        row = connection.execute(
            select(DEALS.c.closed_at, DEALS.c.contract_id).where(
                DEALS.c.id == current, DEALS.c.voided_at.is_(None)
            )
        ).one_or_none()
        if row is None or row.closed_at is None:
            return last
        last = current
        after = select(DEALS.c.id).join(CONTRACTS, CONTRACTS.c.id == DEALS.c.contract_id)
        current = connection.scalar(
            after.where(CONTRACTS.c.predecessor_id == row.contract_id, DEALS.c.voided_at.is_(None))
        )
    return last


def as_json_value(value: Any) -> Any:
    """A value as JSON holds it."""
    return value.isoformat() if isinstance(value, date | datetime) else value
