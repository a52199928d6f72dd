"""The queries of a sweep: claim what is due, write what was decided.

Always holds: only deals whose alarm has rung or whose policy is not the current one are touched, found through an index, so the cost is that of the
due ones; a decision is written against the version that was read.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, bindparam, func, insert, or_, select, update

from scheduler.core.deal import Deal, Decision, Event, Nudge
from scheduler.core.pipeline import Passage
from scheduler.core.words import NudgeState
from scheduler.services.sweep import StalePolicyError
from scheduler.storage.deals import DEALS, EVENTS, NUDGES, PASSAGES, insert_successor, load_deals
from scheduler.storage.engine import transaction
from scheduler.storage.refreshing import mark_posted
from scheduler.storage.rows import metadata
from scheduler.storage.values import lost_to, won_to

POLICIES = metadata.tables["policy_versions"]
UNSENT = (NudgeState.WAITING.value, NudgeState.HELD.value)

_RUNG = select(DEALS.c.id).where(DEALS.c.wake_at <= bindparam("now")).order_by(DEALS.c.wake_at).limit(bindparam("most"))
_STALE = select(DEALS.c.id).where(DEALS.c.policy_version < bindparam("current"), DEALS.c.voided_at.is_(None)).limit(bindparam("most"))
_UPDATE = (
    update(DEALS)
    .where(DEALS.c.id == bindparam("b_id"), DEALS.c.version == bindparam("b_version"))
    .values(
        version=DEALS.c.version + 1,
        stage=bindparam("b_stage"),
        stage_entered_at=bindparam("b_stage_entered_at"),
        closed_at=func.coalesce(bindparam("b_closed_at", type_=DEALS.c.closed_at.type), DEALS.c.closed_at),
        wake_at=bindparam("b_wake_at"),
        policy_version=bindparam("b_policy_version"),
    )
)
_WITHDRAW = (
    update(EVENTS).where(EVENTS.c.id == bindparam("b_id")).values(state=bindparam("b_state"), was=bindparam("b_was"), reason=bindparam("b_reason"))
)
_CANCEL = (
    update(NUDGES)
    .where(NUDGES.c.key == bindparam("b_key"), or_(*(NUDGES.c.state == state for state in UNSENT)))
    .values(state=NudgeState.CANCELLED.value, reason=bindparam("b_reason"))
)
_OUTCOME = update(DEALS).where(DEALS.c.id == bindparam("b_id")).values(won=bindparam("b_won"), lost=bindparam("b_lost"))


class LostUpdateError(Exception):
    """A deal changed between being read and being written; the transaction is rolled back and the deal is decided again."""


class SweepRows:
    """scheduler.services.sweep.SweepStore on SQL."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @contextmanager
    def sweeping(self) -> Iterator["Sweeping"]:
        """A transaction that commits at the end of the block and rolls back on any error."""
        with transaction(self._engine) as connection:
            yield Sweeping(connection)


class Sweeping:
    """scheduler.services.sweep.SweepTransaction on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def claim_due(self, now: datetime, policy_version: int, limit: int) -> Sequence[Deal]:
        """Up to `limit` due deals, locked until the end of the transaction; first those whose alarm has rung. Raises StalePolicyError."""
        current = self._connection.execute(select(func.max(POLICIES.c.version))).scalar()
        if current is not None and current != policy_version:
            raise StalePolicyError(f"policy {policy_version} is no longer current; {current} is")
        ids = self._ids(_RUNG, {"now": now, "most": limit})
        if len(ids) < limit:
            taken = set(ids)
            ids += [i for i in self._ids(_STALE, {"current": policy_version, "most": limit}) if i not in taken][: limit - len(ids)]
        return load_deals(self._connection, ids)

    def _ids(self, query: Any, values: dict[str, Any]) -> list[int]:
        """The numbers a query finds; on PostgreSQL locked, leaving out what another worker holds."""
        if self._connection.dialect.name == "postgresql":
            query = query.with_for_update(skip_locked=True)
        return list(self._connection.execute(query, values).scalars())

    def write(self, decided: Sequence[tuple[Deal, Decision]], policy_version: int, now: datetime) -> None:
        """Writes every decision, the new alarms and the policy version."""
        self._many(insert(PASSAGES), [_passage(deal, p) for deal, d in decided for p in d.moves])
        self._many(_WITHDRAW, [_withdrawn(e) for _, d in decided for e in d.withdrawn])
        self._many(insert(EVENTS), [_event(deal, e) for deal, d in decided for e in d.events])
        self._many(insert(NUDGES), [_nudge(deal, n, now) for deal, d in decided for n in d.nudges])
        self._many(_CANCEL, [{"b_key": c.key, "b_reason": c.reason} for _, d in decided for c in d.cancels])
        self._many(_OUTCOME, [_outcome(deal, d) for deal, d in decided if d.won or d.lost])
        if decided:
            done = self._connection.execute(_UPDATE, [_columns(deal, d, policy_version, now) for deal, d in decided])
            if done.rowcount not in (-1, len(decided)):
                raise LostUpdateError(f"{len(decided) - done.rowcount} of {len(decided)} deals changed while they were decided")
        settled = [deal.id for deal, d in decided if d.won or d.lost or d.withdrawn]
        if settled:
            mark_posted(self._connection, settled, now)
        for deal, decision in decided:
            if decision.successor is not None:
                insert_successor(self._connection, deal, decision.successor, now)

    def _many(self, statement: Any, rows: list[dict[str, Any]]) -> None:
        """One statement for many rows."""
        if rows:
            self._connection.execute(statement, rows)


def _columns(deal: Deal, decision: Decision, policy_version: int, now: datetime) -> dict[str, Any]:
    """What a decision changes in the deal's own row."""
    last = decision.moves[-1] if decision.moves else None
    return {
        "b_id": deal.id,
        "b_version": deal.version,
        "b_stage": last.to_stage if last else deal.stage,
        "b_stage_entered_at": (last.at if last else None) or deal.stage_entered_at,
        "b_closed_at": now if decision.won or decision.lost else None,
        "b_wake_at": decision.wake_at,
        "b_policy_version": policy_version,
    }


def _outcome(deal: Deal, decision: Decision) -> dict[str, Any]:
    """How it ended."""
    return {"b_id": deal.id, "b_won": won_to(decision.won or deal.won), "b_lost": lost_to(decision.lost or deal.lost)}


def _passage(deal: Deal, passage: Passage) -> dict[str, Any]:
    """One row of `passages`."""
    return {
        "deal_id": deal.id,
        "from_stage": passage.from_stage,
        "to_stage": passage.to_stage,
        "at": passage.at,
        "because": passage.because,
        "actor_kind": passage.actor.kind.value,
        "actor": passage.actor.name,
        "observed": passage.observed,
    }


def _event(deal: Deal, event: Event) -> dict[str, Any]:
    """One row of `events`."""
    return {
        "deal_id": deal.id,
        "milestone": event.milestone,
        "anchor_on": event.anchor_on,
        "step": event.step,
        "day_on": event.day_on,
        "state": event.state.value,
        "reason": event.reason,
        "at": event.at,
    }


def _withdrawn(event: Event) -> dict[str, Any]:
    """The change of an event that is taken back."""
    return {"b_id": event.id, "b_state": event.state.value, "b_was": event.was.value if event.was else None, "b_reason": event.reason}


def _nudge(deal: Deal, nudge: Nudge, now: datetime) -> dict[str, Any]:
    """One row of `nudges`."""
    return {
        "key": nudge.key,
        "deal_id": deal.id,
        "milestone": nudge.milestone,
        "anchor_on": nudge.anchor_on,
        "step": nudge.step,
        "recipient": nudge.recipient.key,
        "person_id": nudge.recipient.person_id,
        "role": nudge.role,
        "because": nudge.because,
        "state": nudge.state.value,
        "reason": nudge.reason,
        "created_at": now,
        "due_at": now,
        "urgency": nudge.urgency.value,
        "late": nudge.late,
        "instead_of": nudge.instead_of,
    }
