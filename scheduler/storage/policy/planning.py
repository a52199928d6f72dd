"""Plans in the database, and the database as plans read it.

Always holds: a snapshot is one transaction, so that a sweep in between changes nothing it reads; a
plan comes into force by compare-and-set of the policy's version and of everything its effects
depend on.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, replace
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import Engine, RowMapping, func, or_, select, text, update
from typing_extensions import override

from scheduler.core.deal.deal import Deal
from scheduler.core.deal.stored import StoredDeal
from scheduler.core.words.lexicon import MessageState
from scheduler.services.policy.in_force import InForce
from scheduler.services.policy.planning import Plan, PlanStore, StageDeals
from scheduler.services.policy.simulate import DealHistory, SimulateSnapshot
from scheduler.storage.database.deals import (
    ABSENCES,
    CONTRACTS,
    DEALS,
    EVENTS,
    NUDGES,
    PEOPLE,
    load_deals,
    load_passages,
    stored_deals,
)
from scheduler.storage.database.engine import looking, transaction, upsert
from scheduler.storage.database.paused import PAUSES
from scheduler.storage.database.rows import metadata
from scheduler.storage.database.transactions import OnConnection, begun, still
from scheduler.storage.delivery.forming import MESSAGES
from scheduler.storage.policy.policies import (
    POLICIES,
    PolicyConflictError,
    PolicyVersion,
    current_version,
    insert_policy,
    policy_by_hash,
    policy_numbered,
)
from scheduler.storage.signals.attaching import Policies, deals_with_signals, with_signals

PLANS = metadata.tables["plans"]
_BATCH = 900
_RECENT = 10
_DAYS = timedelta(days=2)
_PACES = (PEOPLE.c.pace, PEOPLE.c.active)
_WITHOUT_ROWS = [c for c in PLANS.c if c.name not in ("rows", "document")]


class PlanRows(PlanStore):
    """Plans, and what they are made of."""

    def __init__(self, engine: Engine, reading: Engine) -> None:
        self._engine = engine
        self._reading = reading

    @override
    def snapshot(self) -> AbstractContextManager["SnapshotRows"]:
        return begun(still(self._reading), SnapshotRows)

    @override
    def save(self, plan: Plan) -> None:
        values = asdict(plan) | {
            "document": dict(plan.document),
            "rows": [list(row) for row in plan.rows],
            "summary": dict(plan.summary),
        }
        with transaction(self._engine) as connection:
            connection.execute(
                upsert(connection, PLANS)
                .values(values)
                .on_conflict_do_nothing(index_elements=[PLANS.c.id])
            )

    @override
    def plan(self, id: str) -> Plan | None:
        with looking(self._reading) as connection:
            found = (
                connection.execute(
                    select(PLANS).where(PLANS.c.id.startswith(id, autoescape=True)).limit(2)
                )
                .mappings()
                .all()
            )
        return _plan(found[0]) if len(found) == 1 else None

    def version(self, number: int) -> PolicyVersion | None:
        """A version of the policy."""
        with looking(self._reading) as connection:
            return policy_numbered(connection, number)

    def version_of(self, hash: str) -> int | None:
        """The number of the newest version with this content."""
        with looking(self._reading) as connection:
            found = policy_by_hash(connection, hash)
        return found.version if found else None

    @override
    def recent(self) -> Sequence[Plan]:
        query = select(*_WITHOUT_ROWS).order_by(PLANS.c.made_at.desc()).limit(_RECENT)
        with looking(self._reading) as connection:
            return [
                _plan({**row, "rows": [], "document": {}})
                for row in connection.execute(query).mappings()
            ]

    @override
    def put_in_force(
        self,
        plan: Plan,
        version: InForce,
        fingerprint: str,
        author: str,
        now: datetime,
        note: str = "",
    ) -> bool:
        said = ": ".join([f"plan {plan.id}", *filter(None, (note, plan.summary.get("anyway", "")))])
        of = (
            version.version,
            version.hash,
            version.document,
            version.since,
            author,
            said,
            now,
            plan.summary,
        )
        new = PolicyVersion(*of, text=plan.text)
        try:
            with transaction(self._engine) as connection:
                if connection.dialect.name == "postgresql":
                    connection.execute(
                        text("LOCK TABLE policy_versions IN SHARE ROW EXCLUSIVE MODE")
                    )
                found = current_version(connection)
                if (found[0] if found else 0) != plan.base_version or SnapshotRows(
                    connection
                ).fingerprint() != fingerprint:
                    return False
                insert_policy(connection, new)
                connection.execute(
                    update(PLANS)
                    .where(PLANS.c.id == plan.id)
                    .values(applied_version=version.version)
                )
        except PolicyConflictError:
            return False
        return True


class SnapshotRows(OnConnection, SimulateSnapshot):
    """The database as plans and simulations read it."""

    @override
    def deals(self, *, closed: bool, measuring: Policies = ()) -> Iterator[Deal]:
        for ids in self._batches(closed=closed):
            deals = load_deals(self._connection, ids)
            yield from deals_with_signals(self._connection, deals, measuring)

    @override
    def stored(self, *, closed: bool, measuring: Policies = ()) -> Iterator[StoredDeal]:
        for ids in self._batches(closed=closed):
            stored = stored_deals(self._connection, ids)
            yield from with_signals(self._connection, stored, measuring)

    def _batches(self, *, closed: bool) -> Iterator[Sequence[int]]:
        """The numbers of those deals, some at a time."""
        wanted = [DEALS.c.voided_at.is_(None), *([] if closed else [DEALS.c.closed_at.is_(None)])]
        query = select(DEALS.c.id).where(*wanted).order_by(DEALS.c.id).limit(_BATCH)
        last = 0
        while ids := self._connection.execute(query.where(DEALS.c.id > last)).scalars().all():
            yield ids
            last = ids[-1]

    @override
    def past(self, from_on: date, to_on: date, measuring: Policies = ()) -> Iterator[DealHistory]:
        begun = or_(CONTRACTS.c.starts_on.is_(None), CONTRACTS.c.starts_on <= to_on)
        open_then = or_(
            DEALS.c.closed_at.is_(None),
            DEALS.c.closed_at >= datetime.combine(from_on, time(0), UTC),
        )
        query = (
            select(DEALS.c.id)
            .join(CONTRACTS, CONTRACTS.c.id == DEALS.c.contract_id)
            .where(DEALS.c.voided_at.is_(None), begun, open_then)
        )
        last = 0
        while ids := list(
            self._connection.execute(
                query.where(DEALS.c.id > last).order_by(DEALS.c.id).limit(_BATCH)
            ).scalars()
        ):
            closed_at = {
                row.id: row.closed_at
                for row in self._connection.execute(
                    select(DEALS.c.id, DEALS.c.closed_at).where(DEALS.c.id.in_(ids))
                )
            }
            passages = load_passages(self._connection, ids)
            yield from (
                DealHistory(deal, passages.get(deal.id, ()), closed_at[deal.id])
                for deal in deals_with_signals(
                    self._connection,
                    [replace(d, health_timeline=None) for d in load_deals(self._connection, ids)],
                    measuring,
                )
            )
            last = ids[-1]

    @override
    def told(self, now: datetime) -> Collection[tuple[str, date]]:
        gone = (MessageState.QUEUED.value, MessageState.CANCELLED.value)
        since = (now - _DAYS).date()
        query = select(MESSAGES.c.recipient, MESSAGES.c.window_on).where(
            MESSAGES.c.window_on >= since, MESSAGES.c.state.not_in(gone)
        )
        return [(row.recipient, row.window_on) for row in self._connection.execute(query)]

    @override
    def standing(self) -> Sequence[StageDeals]:
        query = select(DEALS.c.pipeline, DEALS.c.stage, func.count()).where(
            DEALS.c.voided_at.is_(None), DEALS.c.closed_at.is_(None)
        )
        query = query.group_by(DEALS.c.pipeline, DEALS.c.stage).order_by(
            DEALS.c.pipeline, DEALS.c.stage
        )
        return [StageDeals(*row) for row in self._connection.execute(query)]

    @override
    def names(self) -> Mapping[str, str]:
        return {
            f"person:{row.id}": row.name
            for row in self._connection.execute(select(PEOPLE.c.id, PEOPLE.c.name))
        }

    @override
    def fingerprint(self) -> str:
        """Changes whenever anything changes that an effect depends on. Every change that can affect
        a deal bumps its counter or sets its alarm, and the fingerprint is made of those."""
        states = (
            select(NUDGES.c.state, func.count()).group_by(NUDGES.c.state).order_by(NUDGES.c.state)
        )
        facts = [
            self._connection.execute(
                select(
                    func.count(),
                    func.sum(DEALS.c.version),
                    func.max(DEALS.c.id),
                    func.min(DEALS.c.wake_at),
                )
            ).one(),
            self._connection.execute(select(func.count(), func.max(CONTRACTS.c.id))).one(),
            self._connection.execute(select(func.count(), func.max(EVENTS.c.id))).one(),
            self._connection.execute(
                select(func.count(), func.max(ABSENCES.c.id), func.count(ABSENCES.c.cancelled_at))
            ).one(),
            self._connection.execute(
                select(func.count(), func.max(PAUSES.c.id), func.count(PAUSES.c.ended_at))
            ).one(),
            self._connection.execute(select(func.max(POLICIES.c.version))).one(),
            *self._connection.execute(
                select(PEOPLE.c.pace, PEOPLE.c.active, func.count())
                .group_by(PEOPLE.c.pace, PEOPLE.c.active)
                .order_by(*_PACES)
            ),
            *self._connection.execute(states).all(),
        ]
        return repr([tuple(fact) for fact in facts])


def _plan(row: RowMapping | Mapping[str, object]) -> Plan:
    """Makes a plan of one row of `plans`."""
    return Plan(**{name: row[name] for name in Plan.__dataclass_fields__})  # type: ignore[arg-type]
