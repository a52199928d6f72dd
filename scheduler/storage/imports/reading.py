"""What an import reads of contracts and deals that are there: one query, one frozen value per
contract."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    FromClause,
    Row,
    bindparam,
    func,
    or_,
    select,
)

from scheduler.core.imports.records import ContractRecord
from scheduler.core.words.lexicon import Health
from scheduler.services.imports.store import StoredTerm
from scheduler.storage.database.rows import metadata
from scheduler.storage.database.values import lost_from, term_from, won_from

CUSTOMERS, PEOPLE = metadata.tables["customers"], metadata.tables["people"]
CONTRACTS, DEALS = metadata.tables["contracts"], metadata.tables["deals"]
_PARENTS, _SALES, _AFTER, _AFTER_DEALS = (
    CUSTOMERS.alias("parents"),
    PEOPLE.alias("sales"),
    CONTRACTS.alias("after"),
    DEALS.alias("after_deals"),
)


def counts(deals: FromClause, own: Any) -> ColumnElement[bool]:
    """The condition for deals that count: those that are not voided. The deals of a large import
    are voided until all of it is there, but count for that import (`own`)."""
    return or_(deals.c.voided_at.is_(None), deals.c.import_id == own)


_OWN: BindParameter[int] = bindparam("own", 0)
_SUCCESSOR = (
    select(func.max(_AFTER.c.id))
    .join(_AFTER_DEALS, _AFTER_DEALS.c.contract_id == _AFTER.c.id)
    .where(_AFTER.c.predecessor_id == CONTRACTS.c.id, counts(_AFTER_DEALS, _OWN))
    .correlate(CONTRACTS)
    .scalar_subquery()
)
"""The term after one, found by its index for each: as a join, SQLite would put all terms together
for every few contracts that are read."""
_QUERY = (
    select(
        CONTRACTS,
        CUSTOMERS.c.name.label("customer"),
        CUSTOMERS.c.source_id.label("customer_key"),
        CUSTOMERS.c.segment,
        CUSTOMERS.c.country,
        _PARENTS.c.name.label("parent"),
        PEOPLE.c.name.label("owner"),
        _SALES.c.name.label("sales"),
        DEALS.c.id.label("deal_id"),
        DEALS.c.key.label("deal_key"),
        DEALS.c.pipeline,
        DEALS.c.stage,
        DEALS.c.version,
        DEALS.c.closed_at,
        DEALS.c.health,
        DEALS.c.health_because,
        DEALS.c.expected_on,
        DEALS.c.expected_chosen,
        DEALS.c.won,
        DEALS.c.lost,
        DEALS.c.stage_entered_at,
        DEALS.c.wake_at,
        _SUCCESSOR.label("successor_id"),
    )
    .join(CUSTOMERS, CUSTOMERS.c.id == CONTRACTS.c.customer_id)
    .join(DEALS, DEALS.c.contract_id == CONTRACTS.c.id)
    .outerjoin(_PARENTS, _PARENTS.c.id == CUSTOMERS.c.parent_id)
    .outerjoin(PEOPLE, PEOPLE.c.id == CONTRACTS.c.owner_id)
    .outerjoin(_SALES, _SALES.c.id == CONTRACTS.c.sales_id)
)


def read_stored(
    connection: Connection, where: ColumnElement[bool], own: int = 0
) -> list[StoredTerm]:
    """The contracts that `where` (on `CONTRACTS`, `CUSTOMERS`, `DEALS`) names, with their deals;
    without voided ones, but for those of the import that reads (`own`)."""
    query = _QUERY.where(where, counts(DEALS, _OWN)).order_by(CONTRACTS.c.id)
    return [_stored(row) for row in connection.execute(query, {"own": own})]


def read_contracts(
    connection: Connection, contract_ids: Collection[int], own: int = 0
) -> dict[int, StoredTerm]:
    """Contracts by their row's id."""
    found = read_stored(connection, CONTRACTS.c.id.in_(contract_ids), own)
    return {s.contract_id: s for s in found}


def read_lines(
    connection: Connection, some: Collection[StoredTerm], own: int = 0
) -> dict[int, list[StoredTerm]]:
    """The lines of terms that these contracts belong to, oldest first, by the contracts' ids: read
    link by link, for few have any."""
    known = {s.contract_id: s for s in some}
    while missing := {
        i
        for s in known.values()
        for i in (s.predecessor_id, s.successor_id)
        if i is not None and i not in known
    }:
        known |= (found := read_contracts(connection, missing, own))
        known = {i: _without(s, missing - set(found)) for i, s in known.items()}
    return {s.contract_id: _line(known[s.contract_id], known) for s in some}


def _without(stored: StoredTerm, gone: Collection[int]) -> StoredTerm:
    """A term without the links that lead to nothing that still counts."""
    before, after = (
        None if link in gone else link for link in (stored.predecessor_id, stored.successor_id)
    )
    return replace(stored, predecessor_id=before, successor_id=after)


def _line(stored: StoredTerm, known: Mapping[int, StoredTerm]) -> list[StoredTerm]:
    """All terms of one line, in order."""
    line = [stored]
    while (before := line[0].predecessor_id) is not None:
        line.insert(0, known[before])
    while (after := line[-1].successor_id) is not None:
        line.append(known[after])
    return line


def _stored(row: Row[Any]) -> StoredTerm:
    """Makes one term of a row of the query."""
    return StoredTerm(
        contract_id=row.id,
        deal_id=row.deal_id,
        deal_key=row.deal_key,
        source=row.source,
        customer_row=row.customer_id,
        record=_record(row),
        owner_id=row.owner_id,
        sales_id=row.sales_id,
        pipeline=row.pipeline,
        stage=row.stage,
        version=row.version,
        closed=row.closed_at is not None,
        health=Health(row.health),
        stage_entered_at=row.stage_entered_at,
        wake_at=row.wake_at,
        series_starts_on=row.series_starts_on,
        term_number=row.term_number,
        system_made=row.system_made,
        predecessor_id=row.predecessor_id,
        successor_id=row.successor_id,
        health_because=row.health_because,
        expected_on=row.expected_on,
        expected_by_default=row.expected_chosen,
        won=won_from(row.won),
        lost=lost_from(row.lost),
    )


def _record(row: Row[Any]) -> ContractRecord:
    """The record that a file would have to hold to change nothing in the contract."""
    attributes: dict[str, str] = dict(row.attributes or {})
    stage, health = attributes.pop("stage", ""), attributes.pop("health", None)
    closed_on, said_ends_on, said_amount = (
        attributes.pop(name, None) for name in ("closed_on", "said_ends_on", "said_amount")
    )
    return ContractRecord(
        line=0,
        source_id=row.source_id,
        number=row.number,
        customer=row.customer,
        customer_id=row.customer_key,
        row_hash=row.row_hash,
        product=row.product,
        title=row.title,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        term=term_from(row.term),
        notice=term_from(row.notice),
        renewal_term=term_from(row.renewal_term),
        renewal_notice=term_from(row.renewal_notice),
        decide_by=row.decide_by,
        auto_renew=row.auto_renew,
        evergreen=row.evergreen,
        amount=row.amount,
        currency=row.currency,
        owner=row.owner or "",
        sales=row.sales or "",
        url=row.url,
        segment=row.segment,
        country=row.country,
        parent=row.parent,
        health=Health(health) if health else None,
        stage=stage,
        closed_on=date.fromisoformat(closed_on) if closed_on else None,
        estimated=row.estimated,
        attributes=tuple(attributes.items()),
        said_ends_on=date.fromisoformat(said_ends_on) if said_ends_on else None,
        said_amount=said_amount,
    )


def json_ready(values: Mapping[str, Any]) -> dict[str, Any]:
    """Columns as JSON keeps them: days and instants (in UTC) as ISO texts."""
    return {name: _iso(value) for name, value in values.items()}


def _iso(value: Any) -> Any:
    """A value in the form in which JSON keeps it."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return value.isoformat() if isinstance(value, date) else value
