"""The counts of what HubSpot has been told. Always holds: each deal with a record counts once, and
so does each next term whose deal is being made there."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, and_, case, func, or_, select
from typing_extensions import override

from scheduler.core.sync.states import PushState
from scheduler.services.sync.push_status import ParkedPush, PushLook, PushStatus
from scheduler.storage.database.deals import CONTRACTS, CUSTOMERS, DEALS
from scheduler.storage.database.transactions import OnConnection
from scheduler.storage.sync.ingesting import LEDGER
from scheduler.storage.sync.pulling import RECORDS
from scheduler.storage.sync.push_claims import KNOWN_HERE, PUSHES, WITH_RECORD
from scheduler.storage.sync.renewal_claims import OPENED, lacking_deals

_DUE = "due"
_TOLD_OF = DEALS.join(CONTRACTS, CONTRACTS.c.id == DEALS.c.contract_id).join(
    PUSHES, PUSHES.c.deal_id == DEALS.c.id
)
"""Deals with their contracts and what HubSpot was told, with a record or without one."""


class PushCounts(OnConnection, PushLook):
    """Counts pushes."""

    @override
    def pushed(self, now: datetime, policy_version: int, listed: int) -> PushStatus:
        counts = states(self._connection, policy_version) + self._renewals()
        return PushStatus(
            due=counts[_DUE],
            in_step=counts[PushState.IN_STEP],
            under_way=counts[PushState.CLAIMED] + counts[PushState.HANDED_OVER],
            unknown=counts[PushState.UNKNOWN],
            unchecked=self._unchecked(),
            parked_count=counts[PushState.PARKED],
            parked=self._parked(listed),
            last_at=self._connection.scalar(select(func.max(PUSHES.c.pushed_at))),
        )

    def _renewals(self) -> Counter[str]:
        """Next terms whose deals are being made there, by state; those not begun are not known
        here."""
        state = case((PUSHES.c.state == PushState.IN_STEP.value, _DUE), else_=PUSHES.c.state)
        rows = self._connection.execute(
            select(state, func.count())
            .select_from(_TOLD_OF)
            .where(OPENED, PUSHES.c.record_id == "")
            .group_by(state)
        )
        return Counter({row[0]: row[1] for row in rows})

    def _unchecked(self) -> int:
        """Written stages that nobody has looked at afterwards."""
        query = select(func.count()).where(LEDGER.c.checked_at.is_(None))
        return self._connection.scalar(query) or 0

    def _parked(self, listed: int) -> Sequence[ParkedPush]:
        """The pushes refused first: of deals with a record, and of next terms that lack one."""
        joined = _TOLD_OF.join(CUSTOMERS, CUSTOMERS.c.id == CONTRACTS.c.customer_id).outerjoin(
            RECORDS, RECORDS.c.record_id == CONTRACTS.c.source_id
        )
        lacking = and_(OPENED, PUSHES.c.record_id == "")
        rows = self._connection.execute(
            select(PUSHES, CONTRACTS.c.number, CUSTOMERS.c.name.label("customer"))
            .select_from(joined)
            .where(or_(KNOWN_HERE, lacking), PUSHES.c.state == PushState.PARKED.value)
            .order_by(PUSHES.c.handed_over_at, PUSHES.c.deal_id)
            .limit(listed)
        )
        return [
            ParkedPush(
                row.record_id,
                row.number,
                row.customer,
                row.because,
                row.handed_over_at,
                row.not_before_at,
            )
            for row in rows
        ]


def states(connection: Connection, policy_version: int) -> Counter[str]:
    """Deals by state; those in step only as far as HubSpot was told their version."""
    newer = and_(
        PUSHES.c.state == PushState.IN_STEP.value,
        or_(PUSHES.c.version < DEALS.c.version, PUSHES.c.policy_version != policy_version),
    )
    state = case((or_(PUSHES.c.deal_id.is_(None), newer), _DUE), else_=PUSHES.c.state)
    rows = connection.execute(
        select(state, func.count())
        .select_from(WITH_RECORD.outerjoin(PUSHES, PUSHES.c.deal_id == DEALS.c.id))
        .where(KNOWN_HERE)
        .group_by(state)
    )
    return Counter({row[0]: row[1] for row in rows})


def to_be_made(connection: Connection) -> Counter[str]:
    """Next terms that lack a deal in HubSpot, by how far making it has come."""
    lacking = lacking_deals().subquery()
    begun = and_(PUSHES.c.deal_id.is_not(None), PUSHES.c.state != PushState.IN_STEP.value)
    state = case((begun, PUSHES.c.state), else_=_DUE)
    rows = connection.execute(
        select(state, func.count())
        .select_from(lacking.outerjoin(PUSHES, PUSHES.c.deal_id == lacking.c.id))
        .group_by(state)
    )
    return Counter({row[0]: row[1] for row in rows})


def every(connection: Connection, *, makes: bool) -> int:
    """Counts the deals that must be sent to HubSpot, without a look at what was sent: those whose
    records are here and, if it `makes` them, those of next terms that lack one."""
    here = select(func.count()).select_from(WITH_RECORD).where(KNOWN_HERE)
    lacking = select(func.count()).select_from(lacking_deals().subquery())
    more = connection.scalar(lacking) or 0 if makes else 0
    return (connection.scalar(here) or 0) + more


def by_state(connection: Connection, policy_version: int, *, makes: bool) -> dict[str, int]:
    """The deals of `every` by what HubSpot was told, in the words of a balance."""
    found = states(connection, policy_version)
    found += to_be_made(connection) if makes else Counter()
    return {
        "told": found[PushState.IN_STEP],
        "waiting": found[_DUE],
        "under_way": found[PushState.CLAIMED] + found[PushState.HANDED_OVER],
        "unknown": found[PushState.UNKNOWN],
        "parked": found[PushState.PARKED],
    }
