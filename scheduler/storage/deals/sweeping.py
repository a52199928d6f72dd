"""The queries of a sweep: claim what is due, write what was decided.

Always holds: only deals whose alarm has rung or whose policy is not the current one are touched,
found through an index, so the cost is that of the due ones; a decision is written against the
version that was read.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import and_, bindparam, func, or_, select, update
from typing_extensions import override

from scheduler.core.deal.deal import Deal, Decision, Event, Nudge
from scheduler.core.deal.pauses import everything
from scheduler.core.deal.stored import StoredDeal
from scheduler.core.policy.policy import Policy
from scheduler.core.words.lexicon import NudgeState
from scheduler.services.deals.sweep import StalePolicyError, SweepTransaction
from scheduler.storage.database.bulk import Statement, insertion
from scheduler.storage.database.deals import DEALS, EVENTS, NUDGES, PASSAGES, stored_deals
from scheduler.storage.database.import_in_progress import is_coming_in
from scheduler.storage.database.new_deals import insert_successor
from scheduler.storage.database.paused import active, not_paused
from scheduler.storage.database.rows import metadata
from scheduler.storage.database.transactions import OnConnection
from scheduler.storage.database.values import health_timeline_to, lost_to, passage_to, won_to
from scheduler.storage.delivery.refreshing import mark_posted
from scheduler.storage.signals.attaching import with_signals

POLICIES = metadata.tables["policy_versions"]
Row = tuple[Any, ...]
_BATCH = 900
UNSENT = (NudgeState.WAITING.value, NudgeState.HELD.value)

_NEWEST = select(func.max(POLICIES.c.version))
_RUNG = (
    select(DEALS.c.id)
    .where(DEALS.c.wake_at <= bindparam("now"))
    .order_by(DEALS.c.wake_at)
    .limit(bindparam("most"))
)
_OLDER = (DEALS.c.policy_version < bindparam("current"), DEALS.c.voided_at.is_(None))
_STALE = select(DEALS.c.id).where(*_OLDER).order_by(DEALS.c.policy_version).limit(bindparam("most"))
"""In the index's order, or PostgreSQL would read the table from its beginning, past all the deals
that are done, for every batch."""

_NEW_PASSAGES = insertion(
    PASSAGES, "deal_id from_stage to_stage at because actor_kind actor observed".split()
)
_EVENT = (
    "deal_id milestone anchor_on step day_on state reason at answered_at snoozed_until snoozed_by "
    "seen answer"
)
_NEW_EVENTS = insertion(EVENTS, _EVENT.split())
_NUDGE = (
    "key deal_id milestone anchor_on step recipient person_id role because state reason created_at "
    "due_at urgency late instead_of"
)
_NEW_NUDGES = insertion(NUDGES, _NUDGE.split())
_NEW_HEALTHS = insertion(
    metadata.tables["health_changes"], "deal_id at health was score because".split()
)
_WITHDRAW = (
    update(EVENTS)
    .where(EVENTS.c.id == bindparam("b_id"))
    .values(state=bindparam("b_state"), was=bindparam("b_was"), reason=bindparam("b_reason"))
)
_CANCEL = (
    update(NUDGES)
    .where(NUDGES.c.key == bindparam("b_key"), or_(*(NUDGES.c.state == state for state in UNSENT)))
    .values(state=NudgeState.CANCELLED.value, reason=bindparam("b_reason"))
)
_OUTCOME = (
    update(DEALS)
    .where(DEALS.c.id == bindparam("b_id"))
    .values(won=bindparam("b_won"), lost=bindparam("b_lost"))
)


class LostUpdateError(Exception):
    """A deal changed between being read and being written; the transaction is rolled back and the
    deal is decided again."""


class SweepQueries(OnConnection, SweepTransaction):
    """Claims what is due and writes what was decided."""

    @override
    def claim_due(self, now: datetime, policy: Policy, limit: int) -> Sequence[StoredDeal]:
        """Up to `limit` due deals that are not paused, locked until the end of the transaction,
        those first whose alarm has rung; none while a large import is coming in. Raises
        StalePolicyError.

        They come in the order of their numbers, in which they are neighbours in every table and
        index.
        """
        current = self._connection.scalar(_NEWEST)
        if current is not None and current != policy.version:
            raise StalePolicyError(f"policy {policy.version} is no longer current; {current} is")
        if is_coming_in(self._connection):
            return []
        pauses = active(self._connection, now)
        if everything(pauses):
            return []
        rung, stale = (
            (q.where(not_paused(pauses)) for q in (_RUNG, _STALE)) if pauses else (_RUNG, _STALE)
        )
        ids = self._ids(rung, {"now": now, "most": limit})
        if len(ids) < limit:
            taken = set(ids)
            ids += [
                i
                for i in self._ids(stale, {"current": policy.version, "most": limit})
                if i not in taken
            ][: limit - len(ids)]
        return with_signals(
            self._connection, stored_deals(self._connection, sorted(ids)), (policy.health,)
        )

    def _ids(self, query: Any, values: dict[str, Any]) -> list[int]:
        """The numbers a query finds; on PostgreSQL locked, leaving out what another worker
        holds."""
        if self._connection.dialect.name == "postgresql":
            query = query.with_for_update(skip_locked=True)
        return list(self._connection.execute(query, values).scalars())

    @override
    def write(
        self, decided: Sequence[tuple[StoredDeal, Decision]], policy_version: int, now: datetime
    ) -> None:
        _NEW_PASSAGES.run_many(
            self._connection, [passage_to(deal.id, p) for deal, d in decided for p in d.moves]
        )
        self._many(_WITHDRAW, [_withdrawn(e) for _, d in decided for e in d.withdrawn])
        _NEW_EVENTS.run_many(
            self._connection, [_event(deal, e) for deal, d in decided for e in d.events]
        )
        _NEW_NUDGES.run_many(
            self._connection, [_nudge(deal, n, now) for deal, d in decided for n in d.nudges]
        )
        self._many(
            _CANCEL, [{"b_key": c.key, "b_reason": c.reason} for _, d in decided for c in d.cancels]
        )
        self._many(_OUTCOME, [_outcome(deal.made(), d) for deal, d in decided if d.won or d.lost])
        done = self._update(decided, policy_version, now)
        if done != len(decided):
            raise LostUpdateError(
                f"{len(decided) - done} of {len(decided)} deals changed while they were decided"
            )
        _NEW_HEALTHS.run_many(
            self._connection, [row for deal, d in decided for row in _health(deal, d, now)]
        )
        settled = [
            deal.id for deal, d in decided if d.won or d.lost or d.withdrawn or _passes_on(d)
        ]
        if settled:
            mark_posted(self._connection, settled, now)
        for deal, decision in decided:
            if decision.successor is not None:
                insert_successor(self._connection, deal.made(), decision.successor, now)

    def wake(self, deals: Sequence[int], now: datetime) -> None:
        """Sets the alarms of deals to `now`: the next sweep looks at them."""
        for start in range(0, len(deals), _BATCH):
            some = and_(DEALS.c.id.in_(deals[start : start + _BATCH]), DEALS.c.voided_at.is_(None))
            self._connection.execute(
                update(DEALS).where(some).values(wake_at=now, version=DEALS.c.version + 1)
            )

    def _update(
        self, decided: Sequence[tuple[StoredDeal, Decision]], policy_version: int, now: datetime
    ) -> int:
        """Writes what changes in the deals' own rows, and counts them. Only columns that change are
        named: the index of any other is left alone, even in SQLite."""
        alike: defaultdict[tuple[str, ...], list[Row]] = defaultdict(list)
        for deal, decision in decided:
            changes = _changes(deal, decision, policy_version, now)
            alike[tuple(changes)].append((*changes.values(), deal.id, deal.version))
        return sum(
            _updating(names).run_many(self._connection, rows) for names, rows in alike.items()
        )

    def _many(self, statement: Any, rows: list[dict[str, Any]]) -> None:
        """Executes one statement for many rows."""
        if rows:
            self._connection.execute(statement, rows)


def _passes_on(decision: Decision) -> bool:
    """Whether it puts a question that was asked before to somebody else (`succession`)."""
    fired = {event.key for event in decision.events} if decision.nudges else set()
    return any((n.milestone, n.anchor_on, n.step) not in fired for n in decision.nudges)


@cache
def _updating(names: tuple[str, ...]) -> Statement:
    """Writes new values into these columns of a deal that nobody changed meanwhile."""
    new = ", ".join(f"{name} = ?" for name in names)
    columns = [DEALS.c[name] for name in (*names, "id", "version")]
    return Statement(
        f"UPDATE deals SET version = version + 1, {new} WHERE id = ? AND version = ?", columns
    )


def _changes(
    deal: StoredDeal, decision: Decision, policy_version: int, now: datetime
) -> dict[str, Any]:
    """The changes that a decision makes in the deal's own row, by column."""
    changes: dict[str, Any] = {"wake_at": decision.wake_at}
    if decision.renamed:
        changes["stage"] = decision.renamed
    if decision.moves:
        last = decision.moves[-1]
        changes["stage"] = last.to_stage
        if last.at:
            changes["stage_entered_at"] = last.at
    if decision.won or decision.lost:
        changes["closed_at"] = now
    if decision.health_timeline is not None:
        changes["health_outlook"] = health_timeline_to(decision.health_timeline)
    if decision.health is not None:
        changes["health"] = decision.health.health.value
        changes["health_because"] = decision.health.because
    if deal.policy_version != policy_version:
        changes["policy_version"] = policy_version
    return changes


def _outcome(deal: Deal, decision: Decision) -> dict[str, Any]:
    """The columns that say how the deal ended."""
    return {
        "b_id": deal.id,
        "b_won": won_to(decision.won or deal.won),
        "b_lost": lost_to(decision.lost or deal.lost),
    }


def _health(deal: StoredDeal, decision: Decision, now: datetime) -> Iterator[Row]:
    """The row of `health_changes`, as _NEW_HEALTHS wants it, where the state is another one."""
    change, was = decision.health, deal.made().health if decision.health else None
    if change is not None and was is not None and change.health is not was:
        yield deal.id, now, change.health.value, was.value, change.score, change.because


def _event(deal: StoredDeal, event: Event) -> Row:
    """Makes a row of `events`, as _NEW_EVENTS wants it."""
    told = (
        deal.id,
        event.milestone,
        event.anchor_on,
        event.step,
        event.day_on,
        event.state.value,
        event.reason,
        event.at,
    )
    return (
        *told,
        event.answered_at,
        event.snoozed_until,
        event.snoozed_by,
        event.seen,
        event.answer,
    )


def _withdrawn(event: Event) -> dict[str, Any]:
    """The change of an event that is taken back."""
    return {
        "b_id": event.id,
        "b_state": event.state.value,
        "b_was": event.was.value if event.was else None,
        "b_reason": event.reason,
    }


def _nudge(deal: StoredDeal, nudge: Nudge, now: datetime) -> Row:
    """Makes a row of `nudges`, as _NEW_NUDGES wants it."""
    about = (nudge.key, deal.id, nudge.milestone, nudge.anchor_on, nudge.step)
    told = (
        nudge.recipient.key,
        nudge.recipient.person_id,
        nudge.role,
        nudge.because,
        nudge.state.value,
        nudge.reason,
    )
    return (*about, *told, now, now, nudge.urgency.value, nudge.late, nudge.instead_of)
