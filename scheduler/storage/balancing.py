"""The sums and cross-checks of the balance. Always holds: one snapshot; voided deals and what belongs to them are left out everywhere."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Select, and_, exists, func, or_, select

from scheduler.core.words import MessageState, NudgeState
from scheduler.services.balance import Fault, Finding
from scheduler.storage.deals import CONTRACTS, CUSTOMERS, DEALS, EVENTS, NUDGES
from scheduler.storage.engine import explained
from scheduler.storage.forming import MESSAGES
from scheduler.storage.meta import LAST_SWEEP, get_fact
from scheduler.storage.planning import SnapshotRows
from scheduler.storage.policies import POLICIES
from scheduler.storage.schema import require_current

_STANDS = DEALS.c.voided_at.is_(None)
_OVER = (MessageState.SENT.value, MessageState.CANCELLED.value, MessageState.DEAD.value)
_GIVEN = (MessageState.CLAIMED.value, MessageState.HANDED_OVER.value)


class BalanceRows:
    """scheduler.services.balance.BalanceStore on SQL."""

    def __init__(self, reading: Engine) -> None:
        self._reading = reading

    @contextmanager
    def snapshot(self) -> Iterator["BalancedRows"]:
        """The database as it is now."""
        with explained(self._reading), self._reading.connect() as connection:
            require_current(connection)
            yield BalancedRows(connection)


class BalancedRows(SnapshotRows):
    """scheduler.services.balance.BalanceSnapshot on one connection."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._connection = connection

    def events(self) -> Sequence[tuple[date, str, int]]:
        """(day_on, state, events)."""
        query = select(EVENTS.c.day_on, EVENTS.c.state, func.count()).join(DEALS, DEALS.c.id == EVENTS.c.deal_id).where(_STANDS)
        return [(day, state, n) for day, state, n in self._connection.execute(query.group_by(EVENTS.c.day_on, EVENTS.c.state))]

    def nudges(self) -> Sequence[tuple[datetime, str, int]]:
        """(made at, state, nudges)."""
        states = NUDGES.c.state.in_([state.value for state in NudgeState])
        query = select(NUDGES.c.created_at, NUDGES.c.state, func.count()).join(DEALS, DEALS.c.id == NUDGES.c.deal_id).where(_STANDS, states)
        return [(at, state, n) for at, state, n in self._connection.execute(query.group_by(NUDGES.c.created_at, NUDGES.c.state))]

    def nudges_made(self) -> Sequence[tuple[datetime, int]]:
        """(made at, nudges), whatever their states."""
        query = select(NUDGES.c.created_at, func.count()).join(DEALS, DEALS.c.id == NUDGES.c.deal_id).where(_STANDS)
        return [(at, n) for at, n in self._connection.execute(query.group_by(NUDGES.c.created_at))]

    def in_force_since(self) -> datetime | None:
        """When the policy came into force."""
        found: datetime | None = self._connection.scalar(select(POLICIES.c.applied_at).order_by(POLICIES.c.version.desc()).limit(1))
        return found

    def last_sweep_at(self) -> datetime | None:
        """When the last sweep that had nothing left to do was recorded."""
        found = get_fact(self._connection, LAST_SWEEP)
        return datetime.fromisoformat(found) if found else None

    def disagreeing(self, looked_at: datetime) -> Iterator[Finding]:
        """Nudges and messages that do not agree, or that stood still although deliveries went on until `looked_at`."""
        message = and_(MESSAGES.c.id == NUDGES.c.message_id)
        sent, doubt, waits = NudgeState.SENT.value, NudgeState.IN_DOUBT.value, NudgeState.WAITING.value
        of_it = and_(
            EVENTS.c.deal_id == NUDGES.c.deal_id,
            EVENTS.c.milestone == NUDGES.c.milestone,
            EVENTS.c.anchor_on == NUDGES.c.anchor_on,
            EVENTS.c.step == NUDGES.c.step,
        )
        carried = exists().where(message, MESSAGES.c.state == MessageState.SENT.value)
        doubted = exists().where(message, MESSAGES.c.state == MessageState.IN_DOUBT.value)
        yield from self._nudges(Fault.NO_EVENT, ~exists().where(of_it))
        yield from self._nudges(Fault.NOT_CARRIED, and_(NUDGES.c.state == sent, ~carried))
        yield from self._nudges(Fault.LEFT_BEHIND, and_(NUDGES.c.state == waits, exists().where(message, MESSAGES.c.state.in_(_OVER))))
        yield from self._nudges(Fault.IN_DOUBT, or_(and_(NUDGES.c.state == doubt, ~doubted), and_(NUDGES.c.state.in_((sent, waits)), doubted)))
        still = and_(NUDGES.c.state == waits, NUDGES.c.message_id.is_(None), NUDGES.c.due_at < looked_at)
        yield from self._nudges(Fault.STUCK_NUDGE, still)
        yield from self._messages(looked_at)

    def _nudges(self, fault: Fault, which: ColumnElement[bool]) -> Iterator[Finding]:
        """Nudges of deals that stand, with their contracts."""
        query = _of_contract(select(CONTRACTS.c.number, CUSTOMERS.c.name, NUDGES.c.milestone, NUDGES.c.created_at)).where(_STANDS, which)
        for number, name, milestone, at in self._connection.execute(query.order_by(NUDGES.c.id)):
            yield Finding(fault, number, name, milestone, at.date())

    def _messages(self, looked_at: datetime) -> Iterator[Finding]:
        """Messages that stand still."""
        queued = and_(MESSAGES.c.state == MessageState.QUEUED.value, MESSAGES.c.not_before_at < looked_at)
        given = and_(MESSAGES.c.state.in_(_GIVEN), MESSAGES.c.lease_until < looked_at)
        query = select(MESSAGES.c.id, MESSAGES.c.address, MESSAGES.c.not_before_at).where(or_(queued, given)).order_by(MESSAGES.c.id)
        for number, address, at in self._connection.execute(query):
            yield Finding(Fault.STUCK_MESSAGE, "", address, str(number), at.date())


def _of_contract(query: Select[Any]) -> Select[Any]:
    """A query of nudges with their deals, contracts and customers."""
    joined = query.select_from(NUDGES).join(DEALS, DEALS.c.id == NUDGES.c.deal_id).join(CONTRACTS, CONTRACTS.c.id == DEALS.c.contract_id)
    return joined.join(CUSTOMERS, CUSTOMERS.c.id == CONTRACTS.c.customer_id)
