"""The rows behind a comparison of all deals, and the marks of what it finds.

Always holds: a mark changes no deal: a record waits to be read or looked up, a contract's row
counts as never compared, HubSpot counts as told by no policy.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_, select, union, update
from typing_extensions import override

from scheduler.core.deal.deal import Deal
from scheduler.core.deal.pauses import Scope
from scheduler.core.sync.drift import FollowedRecord, PushProgress
from scheduler.core.sync.echoes import LedgerLine
from scheduler.core.sync.identity import RecordState
from scheduler.core.sync.passages import HUBSPOT
from scheduler.core.sync.states import PushState, Waits
from scheduler.core.sync.terms import SOURCE
from scheduler.services.sync.drift_store import DriftTransaction
from scheduler.storage.database.deals import CONTRACTS, CUSTOMERS, DEALS, load_deals
from scheduler.storage.sync.census import PAUSES, CensusRows
from scheduler.storage.sync.ingesting import last_written
from scheduler.storage.sync.pulling import PUSHES, RECORDS, PullQueries, in_pieces
from scheduler.storage.sync.terms_before import term_before

_OVER = (RecordState.MERGED.value, RecordState.DELETED.value)
_STATES = {
    PushState.CLAIMED.value: PushProgress.UNDER_WAY,
    PushState.HANDED_OVER.value: PushProgress.UNDER_WAY,
    PushState.UNKNOWN.value: PushProgress.UNKNOWN,
    PushState.PARKED.value: PushProgress.PARKED,
}
_MINE = and_(CONTRACTS.c.source == SOURCE, CONTRACTS.c.source_id.not_like("%#%"))
_DEAL = and_(DEALS.c.contract_id == CONTRACTS.c.id, DEALS.c.voided_at.is_(None))


class DriftQueries(PullQueries, DriftTransaction):
    """Reads what is followed, and marks what differs."""

    @override
    def after(self, record: str, limit: int, policy_version: int) -> Sequence[FollowedRecord]:
        kept = (
            select(RECORDS.c.record_id.label("id"))
            .outerjoin(CONTRACTS, and_(_MINE, CONTRACTS.c.source_id == RECORDS.c.record_id))
            .outerjoin(DEALS, _DEAL)
            .where(or_(RECORDS.c.state.not_in(_OVER), _is_open()), RECORDS.c.record_id > record)
            .order_by(RECORDS.c.record_id)
            .limit(limit)
        )
        named = (
            select(CONTRACTS.c.source_id.label("id"))
            .where(_MINE, CONTRACTS.c.source_id > record)
            .where(~select(RECORDS.c.record_id).where(_same_record()).exists())
            .order_by(CONTRACTS.c.source_id)
            .limit(limit)
        )
        both = union(select(kept.subquery().c.id), select(named.subquery().c.id)).subquery()
        query = select(both.c.id).order_by(both.c.id).limit(limit)
        return self.of(list(self._connection.scalars(query)), policy_version)

    @override
    def of(self, records: Sequence[str], policy_version: int) -> Sequence[FollowedRecord]:
        rows: dict[str, Mapping[str, Any]] = {}
        for some in in_pieces(records):
            for query in (_kept_rows(some), _named_rows(some)):
                found = self._connection.execute(query).mappings()
                rows |= {row["record_id"]: dict(row) for row in found}
        ids = [row["deal_id"] for row in rows.values() if row["deal_id"] is not None]
        deals: dict[int, Deal] = {}
        for some_deals in in_pieces(ids):
            loaded = load_deals(self._connection, some_deals, told=False)
            deals |= {deal.id: deal for deal in loaded}
        return [
            _followed(rows[id], deals.get(rows[id]["deal_id"] or 0), policy_version)
            for id in sorted(rows.keys() & set(records))
        ]

    @override
    def unseen(self, records: Collection[str]) -> Collection[str]:
        seen: set[str] = set()
        for some in in_pieces(records):
            seen |= set(
                self._connection.scalars(
                    select(RECORDS.c.record_id).where(RECORDS.c.record_id.in_(some))
                )
            )
            seen |= set(
                self._connection.scalars(
                    select(CONTRACTS.c.source_id).where(_MINE, CONTRACTS.c.source_id.in_(some))
                )
            )
        return set(records) - seen

    @override
    def written(self, records: Sequence[str]) -> Mapping[str, LedgerLine]:
        return last_written(self._connection, records)

    @override
    def take_again(self, records: Collection[str], now: datetime) -> None:
        CensusRows(self._connection).read(records, now)
        for some in in_pieces(records):
            mine = and_(CONTRACTS.c.source == SOURCE, CONTRACTS.c.source_id.in_(some))
            self._connection.execute(update(CONTRACTS).where(mine).values(row_hash=None))

    @override
    def look(self, records: Collection[str]) -> None:
        self.wait(list(records), Waits.LOOK)

    @override
    def resume(self, records: Collection[str]) -> None:
        for some in in_pieces(records):
            self._connection.execute(
                update(RECORDS)
                .where(RECORDS.c.record_id.in_(some), RECORDS.c.state == RecordState.HERE.value)
                .values(state=RecordState.MOVED_OUT.value)
            )
        self.look(records)

    @override
    def push_again(self, deals: Collection[int]) -> None:
        for some in in_pieces(deals):
            self._connection.execute(
                update(PUSHES)
                .where(PUSHES.c.deal_id.in_(some), PUSHES.c.state == PushState.IN_STEP.value)
                .values(policy_version=0)
            )


def _is_open() -> ColumnElement[bool]:
    """Whether there is a deal that is open."""
    return and_(DEALS.c.id.is_not(None), DEALS.c.closed_at.is_(None))


def _same_record() -> ColumnElement[bool]:
    return RECORDS.c.record_id == CONTRACTS.c.source_id


def _paused() -> ColumnElement[bool]:
    """Whether a contract is paused because its record was gone."""
    return (
        select(PAUSES.c.id)
        .where(
            PAUSES.c.scope == Scope.CONTRACT.value,
            PAUSES.c.name == CONTRACTS.c.number,
            PAUSES.c.actor == HUBSPOT,
            PAUSES.c.ended_at.is_(None),
        )
        .exists()
    )


_OURS = (
    CONTRACTS.c.number,
    CUSTOMERS.c.name.label("customer"),
    DEALS.c.id.label("deal_id"),
    DEALS.c.closed_at,
    DEALS.c.version.label("deal_version"),
    PUSHES.c.state.label("push_state"),
    PUSHES.c.version.label("told_version"),
    PUSHES.c.policy_version.label("told_policy"),
    term_before().label("before"),
    _paused().label("paused"),
)


def _kept_rows(records: Sequence[str]) -> Select[Any]:
    """Records with their contracts and deals."""
    return (
        select(RECORDS, *_OURS)
        .outerjoin(CONTRACTS, and_(CONTRACTS.c.source == SOURCE, _same_record()))
        .outerjoin(CUSTOMERS, CUSTOMERS.c.id == CONTRACTS.c.customer_id)
        .outerjoin(DEALS, _DEAL)
        .outerjoin(PUSHES, PUSHES.c.deal_id == DEALS.c.id)
        .where(RECORDS.c.record_id.in_(records))
    )


def _named_rows(records: Sequence[str]) -> Select[Any]:
    """Contracts whose records are not kept."""
    return (
        select(CONTRACTS.c.source_id.label("record_id"), *_OURS)
        .join(CUSTOMERS, CUSTOMERS.c.id == CONTRACTS.c.customer_id)
        .outerjoin(DEALS, _DEAL)
        .outerjoin(PUSHES, PUSHES.c.deal_id == DEALS.c.id)
        .where(_MINE, CONTRACTS.c.source_id.in_(records))
        .where(~select(RECORDS.c.record_id).where(_same_record()).exists())
    )


def _followed(row: Mapping[str, Any], deal: Deal | None, policy_version: int) -> FollowedRecord:
    """A row as it is compared."""
    ours = FollowedRecord(
        row["record_id"],
        contract=row["number"] or "",
        customer=row["customer"] or "",
        paused=bool(row["paused"]),
        deal=deal,
        closed=deal is not None and row["closed_at"] is not None,
        told=_told(row, policy_version),
        anothers=row["before"] is not None,
    )
    if "state" not in row:
        return ours
    return replace(
        ours,
        state=RecordState(row["state"]),
        waits=bool(row["waits"]),
        held=bool(row["held"]),
        modified_at=row["modified_at"],
        taken_at=row["taken_at"],
        company_id=row["company_id"],
        company=row["company"],
    )


def _told(row: Mapping[str, Any], policy_version: int) -> PushProgress:
    """How much of a deal HubSpot has been sent."""
    state = row["push_state"]
    if state in _STATES:
        return _STATES[state]
    if state is None or row["told_version"] < row["deal_version"]:
        return PushProgress.DUE
    return PushProgress.ALL if row["told_policy"] == policy_version else PushProgress.DUE
