"""The sums and cross-checks of the balance. Always holds: everything is read from one snapshot,
even while others write; voided deals and what belongs to them are left out everywhere."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Connection, Select, and_, case, exists, func, or_, select
from typing_extensions import override

from scheduler.core.deal.contracts import Money
from scheduler.core.deal.pauses import Pause, everything
from scheduler.core.messages.state_tables import CARRIED_BY, ON_ITS_WAY
from scheduler.core.sync.states import PushState
from scheduler.core.words.lexicon import EventState, MessageState, NudgeState
from scheduler.services.audit.balance_findings import (
    BalanceSnapshot,
    TellingVersion,
    UndeliveredReminder,
)
from scheduler.services.delivery.balance_faults import BY_STATE, BalanceFinding, Fault
from scheduler.storage.database.deals import CONTRACTS, CUSTOMERS, DEALS, EVENTS, NUDGES, PASSAGES
from scheduler.storage.database.meta import LAST_SWEEP, get_fact
from scheduler.storage.database.paused import active, not_paused
from scheduler.storage.database.schema import require_current
from scheduler.storage.database.seals import broken
from scheduler.storage.delivery.channel_conditions import CONDITIONS
from scheduler.storage.delivery.forming import MESSAGES
from scheduler.storage.policy.planning import SnapshotRows
from scheduler.storage.policy.policies import POLICIES
from scheduler.storage.sync.push_claims import PUSHES
from scheduler.storage.sync.push_status import by_state, every

_STANDS = DEALS.c.voided_at.is_(None)
_NO_MESSAGE, _GONE = "none", "gone"
_CARRIER = func.coalesce(
    MESSAGES.c.state, case((NUDGES.c.message_id.is_(None), _NO_MESSAGE), else_=_GONE)
)
"""The state of a nudge's message, or marks for a nudge without one and for a message that is
missing."""
_LEASED = (MessageState.CLAIMED.value, MessageState.HANDED_OVER.value)
_TIMED = [state.value for state in sorted(ON_ITS_WAY) if state.value not in _LEASED]
_BATCH = 900
_TAKEN = '{"code": "taken_as_told"%'


class BalancedRows(SnapshotRows, BalanceSnapshot):
    """The rows that a balance adds up."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        require_current(connection)

    @override
    def events(self) -> Sequence[tuple[date, str, int]]:
        query = (
            select(EVENTS.c.day_on, EVENTS.c.state, func.count())
            .join(DEALS, DEALS.c.id == EVENTS.c.deal_id)
            .where(_STANDS)
        )
        return [
            (day, state, n)
            for day, state, n in self._connection.execute(
                query.group_by(EVENTS.c.day_on, EVENTS.c.state)
            )
        ]

    @override
    def nudges(self) -> Sequence[tuple[datetime, str, int]]:
        query = _with_messages(select(NUDGES.c.created_at, NUDGES.c.state, func.count())).where(
            _STANDS, or_(*map(_borne_out, NudgeState))
        )
        return [
            (at, state, n)
            for at, state, n in self._connection.execute(
                query.group_by(NUDGES.c.created_at, NUDGES.c.state)
            )
        ]

    @override
    def nudges_made(self) -> Sequence[tuple[datetime, int]]:
        query = (
            select(NUDGES.c.created_at, func.count())
            .join(DEALS, DEALS.c.id == NUDGES.c.deal_id)
            .where(_STANDS, _about_an_event())
        )
        return [(at, n) for at, n in self._connection.execute(query.group_by(NUDGES.c.created_at))]

    @override
    def versions(self) -> Sequence[TellingVersion]:
        rows = self._connection.execute(
            select(POLICIES.c.applied_at, POLICIES.c.document).order_by(POLICIES.c.version)
        )
        return [TellingVersion(at, _telling(document["policy"])) for at, document in rows]

    @override
    def last_sweep_at(self) -> datetime | None:
        found = get_fact(self._connection, LAST_SWEEP)
        return datetime.fromisoformat(found) if found else None

    @override
    def pushes(self, policy_version: int, *, makes: bool) -> Mapping[str, int]:
        return {
            "all": every(self._connection, makes=makes),
            **by_state(self._connection, policy_version, makes=makes),
        }

    @override
    def stuck_pushes(self, before: datetime) -> Sequence[BalanceFinding]:
        leased, unknown = PUSHES.c.lease_until < before, PUSHES.c.not_before_at < before
        stuck = or_(leased, and_(PUSHES.c.state == PushState.UNKNOWN.value, unknown))
        query = (
            select(CONTRACTS.c.number, CUSTOMERS.c.name, PUSHES.c.record_id, DEALS.c.id)
            .select_from(PUSHES.join(DEALS, DEALS.c.id == PUSHES.c.deal_id))
            .join(CONTRACTS, CONTRACTS.c.id == DEALS.c.contract_id)
            .join(CUSTOMERS, CUSTOMERS.c.id == CONTRACTS.c.customer_id)
            .where(stuck, _STANDS)
            .order_by(DEALS.c.id)
        )
        return [
            BalanceFinding(Fault.STUCK_PUSH, number, customer, record, None, deal)
            for number, customer, record, deal in self._connection.execute(query)
        ]

    @override
    def pauses(self, now: datetime) -> Sequence[Pause]:
        return active(self._connection, now)

    @override
    def waiting_paused(self, now: datetime) -> int:
        waits = and_(
            NUDGES.c.state == NudgeState.WAITING.value, _STANDS, ~not_paused(self.pauses(now))
        )
        return (
            self._connection.scalar(
                select(func.count())
                .select_from(NUDGES.join(DEALS, DEALS.c.id == NUDGES.c.deal_id))
                .where(waits)
            )
            or 0
        )

    @override
    def taken_as_told(self) -> int:
        taken = and_(NUDGES.c.state == NudgeState.SENT.value, NUDGES.c.reason.like(_TAKEN))
        return self._connection.scalar(select(func.count()).select_from(NUDGES).where(taken)) or 0

    @override
    def disagreeing(
        self, now: datetime, stuck_before: datetime, zone: ZoneInfo
    ) -> Iterator[BalanceFinding]:
        pauses = self.pauses(now)
        yield from self._nudges(Fault.NO_EVENT, ~_about_an_event(), zone)
        for state, fault in BY_STATE.items():
            yield from self._nudges(
                fault, and_(NUDGES.c.state == state.value, ~_borne_out(state)), zone
            )
        free = and_(NUDGES.c.state == NudgeState.WAITING.value, NUDGES.c.message_id.is_(None))
        yield from self._nudges(
            Fault.STUCK_NUDGE, and_(free, NUDGES.c.due_at < stuck_before, not_paused(pauses)), zone
        )
        yield from self._messages(stuck_before, zone, everything(pauses))

    @override
    def broken(self) -> Iterator[BalanceFinding]:
        for one in broken(self._connection):
            number, name = self._of_deal(one.deal) if one.deal is not None else ("", "")
            yield BalanceFinding(
                Fault.GONE if one.gone else Fault.CHANGED,
                number,
                name,
                f"{one.table} {one.row}" if one.row else one.table,
                None,
                one.deal,
            )

    def _of_deal(self, deal: int) -> tuple[str, str]:
        """The contract and the customer of a deal."""
        query = select(CONTRACTS.c.number, CUSTOMERS.c.name).join(
            DEALS, DEALS.c.contract_id == CONTRACTS.c.id
        )
        found = self._connection.execute(
            query.join(CUSTOMERS, CUSTOMERS.c.id == CONTRACTS.c.customer_id).where(
                DEALS.c.id == deal
            )
        ).first()
        return (found[0], found[1]) if found else ("", "")

    @override
    def stages(self) -> Iterator[tuple[str, str, str, str, str, int]]:
        latest = (
            select(PASSAGES.c.deal_id, func.max(PASSAGES.c.id).label("id"))
            .where(PASSAGES.c.voided_at.is_(None))
            .group_by(PASSAGES.c.deal_id)
        )
        last = latest.subquery()
        query = (
            select(
                CONTRACTS.c.number,
                CUSTOMERS.c.name,
                DEALS.c.pipeline,
                DEALS.c.stage,
                PASSAGES.c.to_stage,
                DEALS.c.id,
            )
            .join(last, last.c.deal_id == DEALS.c.id)
            .join(PASSAGES, PASSAGES.c.id == last.c.id)
            .join(CONTRACTS, CONTRACTS.c.id == DEALS.c.contract_id)
            .join(CUSTOMERS, CUSTOMERS.c.id == CONTRACTS.c.customer_id)
            .where(_STANDS, DEALS.c.stage != PASSAGES.c.to_stage)
        )
        yield from (tuple(row) for row in self._connection.execute(query.order_by(DEALS.c.id)))

    @override
    def undelivered(self, zone: ZoneInfo) -> Iterator[UndeliveredReminder]:
        """Reminders of open questions that reached nobody: undeliverable or in doubt, with nothing
        sent or waiting about the same day since."""
        about = and_(
            *(
                EVENTS.c[name] == NUDGES.c[name]
                for name in ("deal_id", "milestone", "anchor_on", "step")
            )
        )
        other = NUDGES.alias()
        alive = [s.value for s in (NudgeState.SENT, NudgeState.WAITING, NudgeState.HELD)]
        same = and_(
            *(other.c[name] == NUDGES.c[name] for name in ("deal_id", "milestone", "anchor_on")),
            other.c.step >= NUDGES.c.step,
        )
        since = exists().where(same, other.c.state.in_(alive), other.c.role == NUDGES.c.role)
        query = (
            select(
                NUDGES,
                CONTRACTS.c.number,
                CUSTOMERS.c.name.label("customer"),
                CONTRACTS.c.amount,
                CONTRACTS.c.currency,
            )
            .join(DEALS, DEALS.c.id == NUDGES.c.deal_id)
            .join(EVENTS, about)
            .join(CONTRACTS, CONTRACTS.c.id == DEALS.c.contract_id)
            .join(CUSTOMERS, CUSTOMERS.c.id == CONTRACTS.c.customer_id)
            .where(
                _STANDS,
                DEALS.c.closed_at.is_(None),
                EVENTS.c.state != EventState.WITHDRAWN.value,
                EVENTS.c.answered_at.is_(None),
            )
            .where(NUDGES.c.state.in_([NudgeState.DEAD.value, NudgeState.IN_DOUBT.value]), ~since)
        )
        for row in self._connection.execute(query.order_by(NUDGES.c.id)).mappings():
            on, amount = (
                row["created_at"].astimezone(zone).date(),
                Money(row["amount"], row["currency"]),
            )
            yield UndeliveredReminder(
                row["number"],
                row["customer"],
                row["milestone"],
                NudgeState(row["state"]),
                row["recipient"],
                on,
                amount,
            )

    def _nudges(
        self, fault: Fault, which: ColumnElement[bool], zone: ZoneInfo
    ) -> Iterator[BalanceFinding]:
        """Nudges of deals that stand, with their contracts."""
        columns = select(
            CONTRACTS.c.number,
            CUSTOMERS.c.name,
            NUDGES.c.milestone,
            NUDGES.c.created_at,
            NUDGES.c.deal_id,
        )
        contract = CONTRACTS.c.id == DEALS.c.contract_id
        query = (
            _with_messages(columns)
            .join(CONTRACTS, contract)
            .join(CUSTOMERS, CUSTOMERS.c.id == CONTRACTS.c.customer_id)
        )
        for number, name, milestone, at, deal in self._connection.execute(
            query.where(_STANDS, which).order_by(NUDGES.c.id)
        ):
            yield BalanceFinding(fault, number, name, milestone, at.astimezone(zone).date(), deal)

    def _messages(
        self, stuck_before: datetime, zone: ZoneInfo, paused_all: bool
    ) -> Iterator[BalanceFinding]:
        """Messages that are stuck: nobody claimed them, or the worker that did is gone and nobody
        has noticed. Those for a paused channel merely wait."""
        paused = select(CONDITIONS.c.channel).where(CONDITIONS.c.paused_at.is_not(None))
        queued = and_(
            MESSAGES.c.state.in_(_TIMED),
            MESSAGES.c.not_before_at < stuck_before,
            MESSAGES.c.channel.not_in(paused),
        )
        queued = and_(queued, MESSAGES.c.kind == "alert") if paused_all else queued
        leased = and_(
            MESSAGES.c.state.in_(_LEASED),
            func.coalesce(MESSAGES.c.lease_until, MESSAGES.c.not_before_at) < stuck_before,
        )
        query = (
            select(MESSAGES.c.id, MESSAGES.c.address, MESSAGES.c.not_before_at)
            .where(or_(queued, leased))
            .order_by(MESSAGES.c.id)
        )
        for number, address, at in self._connection.execute(query):
            yield BalanceFinding(
                Fault.STUCK_MESSAGE, "", address, str(number), at.astimezone(zone).date()
            )


def _about_an_event() -> ColumnElement[bool]:
    """Nudges about an event that exists, whatever became of it."""
    place = ("deal_id", "milestone", "anchor_on", "step")
    return exists().where(*(EVENTS.c[name] == NUDGES.c[name] for name in place))


def _borne_out(state: NudgeState) -> ColumnElement[bool]:
    """Nudges in this state whose message is in a state that allows it."""
    carriers = CARRIED_BY[state]
    if carriers >= {None, *MessageState}:
        return NUDGES.c.state == state.value
    return and_(
        NUDGES.c.state == state.value,
        _CARRIER.in_([_NO_MESSAGE if c is None else c.value for c in carriers]),
    )


def _with_messages(query: Select[Any]) -> Select[Any]:
    """A query of nudges with their deals, and their messages where they have one."""
    joined = query.select_from(NUDGES).join(DEALS, DEALS.c.id == NUDGES.c.deal_id)
    return joined.outerjoin(MESSAGES, MESSAGES.c.id == NUDGES.c.message_id)


def _telling(policy: dict[str, Any]) -> dict[str, bool]:
    """Whether each milestone tells anybody in a version of the policy, under every name the
    milestone had."""
    admins = policy.get("admins", ())
    found = {}
    for milestone in policy.get("milestones", ()):
        told: Collection[str] = milestone.get("tell", ("owner",))
        for name in (*milestone.get("was", ()), milestone["id"]):
            found[name] = any(to != "admin" or admins for to in told)
    return found
