"""Importing, in the database: one transaction on contracts, deals and people.

Always holds: ids are taken beforehand, so that a batch is one statement per table; two imports never run side by side (SQLite lets one
transaction write, PostgreSQL takes a lock); whatever an import changes in a row that was there is kept in `import_changes`.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Table, bindparam, func, insert, select, text, update

from scheduler.core.deal import Lost, Won
from scheduler.core.importing import ContractRecord, contract_fields, customer_key
from scheduler.core.pipeline import Passage
from scheduler.core.reasons import reason
from scheduler.core.words import NudgeState
from scheduler.services.import_store import Begun, Change, Closing, Known, KnownPerson, Opening, Stored
from scheduler.storage.import_reading import CONTRACTS, CUSTOMERS, DEALS, PEOPLE, json_ready, read_contracts, read_stored
from scheduler.storage.rows import metadata

IMPORTS, CHANGES = metadata.tables["imports"], metadata.tables["import_changes"]
PASSAGES, NUDGES = metadata.tables["passages"], metadata.tables["nudges"]
_LOCK = 7_240_031
_UNSENT = (NudgeState.WAITING.value, NudgeState.HELD.value)


class ImportRows:
    """scheduler.services.import_store.ImportStore on SQL."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @contextmanager
    def importing(self, *, keep: bool) -> Iterator["Importing"]:
        """One transaction; rolled back unless `keep`, and on any error."""
        with self._engine.connect() as connection, connection.begin() as transaction:
            yield Importing(connection)
            if not keep:
                transaction.rollback()


class Importing:
    """scheduler.services.import_store.ImportTransaction on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._ids = Ids(connection)
        self._customers = Customers(connection, self._ids)
        self._import_id = 0
        self._source = ""
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})

    def begin(self, source: str, kind: str, file: str, sha256: str, now: datetime) -> Begun:
        """Writes the import's row."""
        done = select(IMPORTS.c.id).where(IMPORTS.c.source == source, IMPORTS.c.kind == kind, IMPORTS.c.state == "completed")
        first = not self._connection.execute(select(done.exists())).scalar_one()
        (self._import_id,) = self._ids.take(IMPORTS, 1)
        self._source = source
        row = {"id": self._import_id, "source": source, "kind": kind, "file": file, "sha256": sha256, "state": "running", "first_load": first}
        self._connection.execute(insert(IMPORTS), row | {"counts": {}, "started_at": now})
        return Begun(self._import_id, first)

    def finish(self, import_id: int, counts: Mapping[str, int], now: datetime) -> None:
        """Marks the import completed."""
        done = {"state": "completed", "counts": dict(counts), "finished_at": now}
        self._connection.execute(update(IMPORTS).where(IMPORTS.c.id == import_id).values(done))

    def people(self) -> Sequence[KnownPerson]:
        """Everybody."""
        query = select(PEOPLE.c.id, PEOPLE.c.key, PEOPLE.c.name, PEOPLE.c.email)
        return [KnownPerson(*row) for row in self._connection.execute(query)]

    def add_people(self, people: Sequence[tuple[str, str, str | None]]) -> Sequence[int]:
        """New people as (key, name, e-mail)."""
        ids = self._ids.take(PEOPLE, len(people))
        rows = [
            {"id": id_, "key": key, "name": name, "email": email, "role": "rep", "active": True, "import_id": self._import_id}
            for id_, (key, name, email) in zip(ids, people, strict=True)
        ]
        self._insert(PEOPLE, rows)
        return list(ids)

    def known(self, source: str, source_ids: Collection[str]) -> Mapping[str, Known]:
        """Which of these contracts are there."""
        query = select(CONTRACTS.c.source_id, CONTRACTS.c.id, CONTRACTS.c.row_hash)
        rows = self._connection.execute(query.where(CONTRACTS.c.source == source, CONTRACTS.c.source_id.in_(source_ids)))
        return {source_id: Known(id_, row_hash) for source_id, id_, row_hash in rows}

    def stored(self, contract_ids: Collection[int]) -> Mapping[int, Stored]:
        """Contracts with their deals."""
        return read_contracts(self._connection, contract_ids)

    def successors(self, source: str, customers: Collection[str]) -> Sequence[Stored]:
        """Open terms that the program itself opened."""
        where = CONTRACTS.c.system_made & (CUSTOMERS.c.source == source) & CUSTOMERS.c.source_id.in_(customers) & DEALS.c.closed_at.is_(None)
        return read_stored(self._connection, where)

    def with_contract(self, source: str, customers: Collection[str], pipelines: Collection[str]) -> frozenset[str]:
        """Which of these customers have a contract that was not lost."""
        query = (
            select(CUSTOMERS.c.source_id.distinct())
            .join(CONTRACTS, CONTRACTS.c.customer_id == CUSTOMERS.c.id)
            .join(DEALS, DEALS.c.contract_id == CONTRACTS.c.id)
            .where(CUSTOMERS.c.source == source, CUSTOMERS.c.source_id.in_(customers), DEALS.c.pipeline.in_(pipelines))
            .where(DEALS.c.lost.is_(None), DEALS.c.voided_at.is_(None))
        )
        return frozenset(self._connection.execute(query).scalars())

    def open(self, openings: Sequence[Opening], now: datetime) -> None:
        """Writes new contracts with their customers, deals and passages."""
        if not openings:
            return
        customers = self._customers.rows_of(self._source, [o.record for o in openings], self._import_id)
        contract_ids, deal_ids = self._ids.take(CONTRACTS, len(openings)), self._ids.take(DEALS, len(openings))
        numbered = list(zip(openings, contract_ids, deal_ids, strict=True))
        self._insert(CONTRACTS, [self._contract(o, customers[o.record.customer_id], c) for o, c, _ in numbered])
        self._insert(DEALS, [self._deal(o, c, d, now) for o, c, d in numbered])
        self._insert(PASSAGES, [self._passage(p, d) for o, _, d in numbered for p in o.passages])

    def _contract(self, opening: Opening, customer: int, contract_id: int) -> dict[str, Any]:
        """The contract's row."""
        record = opening.record
        return contract_fields(record) | {
            "id": contract_id,
            "source": self._source,
            "source_id": record.source_id,
            "customer_id": customer,
            "owner_id": opening.owner_id,
            "sales_id": opening.sales_id,
            "series_starts_on": opening.series_starts_on or record.starts_on,
            "term_number": opening.term_number,
            "predecessor_id": opening.predecessor_id,
            "system_made": False,
            "row_hash": record.row_hash or None,
            "import_id": self._import_id,
        }

    def _deal(self, opening: Opening, contract_id: int, deal_id: int, now: datetime) -> dict[str, Any]:
        """The deal's row."""
        record = opening.record
        return {
            "id": deal_id,
            "key": opening.deal_key,
            "version": 1,
            "contract_id": contract_id,
            "pipeline": opening.pipeline,
            "stage": opening.stage,
            "stage_entered_at": opening.stage_entered_at,
            "arrived_at": now,
            "baseline_at": opening.baseline_at,
            "health": record.health.value if record.health else "unknown",
            "health_because": "",
            "paperwork": "none",
            "expected_on": record.expected_on,
            "lost": _json(opening.lost),
            "closed_at": opening.closed_at,
            "wake_at": None if opening.closed_at else now,
            "policy_version": 0,
            "import_id": self._import_id,
        }

    def _passage(self, passage: Passage, deal_id: int) -> dict[str, Any]:
        """One entry of a deal's history."""
        return {
            "deal_id": deal_id,
            "from_stage": passage.from_stage,
            "to_stage": passage.to_stage,
            "at": passage.at,
            "because": passage.because,
            "actor_kind": passage.actor.kind.value,
            "actor": passage.actor.name,
            "observed": passage.observed,
            "import_id": self._import_id,
        }

    def see_customers(self, records: Sequence[ContractRecord], present: frozenset[str]) -> frozenset[str]:
        """Brings the customers of changed rows up to date."""
        changes = self._customers.changes(self._source, records, present, self._import_id)
        self.change(changes)
        ids = [c.row_id for c in changes]
        return frozenset(self._connection.execute(select(CUSTOMERS.c.source_id).where(CUSTOMERS.c.id.in_(ids))).scalars()) if ids else frozenset()

    def change(self, changes: Sequence[Change]) -> None:
        """Writes changed columns and keeps both sides."""
        for change in changes:
            table = metadata.tables[change.table]
            self._connection.execute(update(table).where(table.c.id == change.row_id).values(dict(change.after)))
        self._keep(changes)

    def _keep(self, changes: Sequence[Change]) -> None:
        """The images that undo needs."""
        rows = [
            {"import_id": self._import_id, "table_name": c.table, "row_id": c.row_id, "before": json_ready(c.before), "after": json_ready(c.after)}
            for c in changes
        ]
        self._insert(CHANGES, rows)

    def wake(self, deals: Sequence[int], now: datetime) -> None:
        """Sets alarms to now."""
        if deals:
            statement = update(DEALS).where(DEALS.c.id == bindparam("deal"), DEALS.c.closed_at.is_(None))
            self._connection.execute(
                statement.values(wake_at=bindparam("now"), version=DEALS.c.version + 1), [{"deal": d, "now": now} for d in set(deals)]
            )

    def close(self, closings: Sequence[Closing], now: datetime) -> None:
        """Closes deals: passage, outcome, unsent nudges cancelled."""
        for closing in closings:
            old, stage = closing.deal, closing.passage.to_stage
            before = {"stage": old.stage, "stage_entered_at": old.stage_entered_at, "closed_at": None, "won": None, "lost": None}
            after = {"stage": stage, "stage_entered_at": now, "closed_at": now, "won": _json(closing.won), "lost": _json(closing.lost)}
            self.change([Change("deals", old.deal_id, before, after)])
            statement = update(DEALS).where(DEALS.c.id == old.deal_id).values(wake_at=None, version=DEALS.c.version + 1)
            self._connection.execute(statement)
            self._insert(PASSAGES, [self._passage(closing.passage, old.deal_id)])
            self._cancel(old.deal_id, reason("deal_closed", stage=stage))

    def _cancel(self, deal_id: int, why: str) -> None:
        """Cancels what was not sent yet."""
        unsent = self._connection.execute(
            select(NUDGES.c.id, NUDGES.c.state, NUDGES.c.reason).where(NUDGES.c.deal_id == deal_id, NUDGES.c.state.in_(_UNSENT))
        )
        after = {"state": NudgeState.CANCELLED.value, "reason": why}
        self.change([Change("nudges", id_, {"state": state, "reason": because}, after) for id_, state, because in unsent])

    def move(self, moves: Sequence[tuple[Stored, Passage]], now: datetime) -> None:
        """Moves deals among open stages."""
        for old, passage in moves:
            before = {"stage": old.stage, "stage_entered_at": old.stage_entered_at}
            self.change([Change("deals", old.deal_id, before, {"stage": passage.to_stage, "stage_entered_at": now})])
            self._insert(PASSAGES, [self._passage(passage, old.deal_id)])
        self.wake([old.deal_id for old, _ in moves], now)

    def remember(self, hashes: Sequence[tuple[int, str]]) -> None:
        """Keeps row hashes."""
        if hashes:
            statement = update(CONTRACTS).where(CONTRACTS.c.id == bindparam("contract")).values(row_hash=bindparam("hash"))
            self._connection.execute(statement, [{"contract": c, "hash": h or None} for c, h in hashes])

    def _insert(self, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
        """Many rows, one statement."""
        if rows:
            self._connection.execute(insert(table), list(rows))


class Ids:
    """Ids taken before the rows are written: the next ones of SQLite's table (nobody else can write), PostgreSQL's sequence."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._last: dict[str, int] = {}

    def take(self, table: Table, count: int) -> Sequence[int]:
        """`count` ids."""
        if self._connection.dialect.name == "postgresql":
            query = text("SELECT nextval(pg_get_serial_sequence(:table, 'id')) FROM generate_series(1, :count)")
            return list(self._connection.execute(query, {"table": table.name, "count": count}).scalars())
        if table.name not in self._last:
            self._last[table.name] = self._connection.execute(select(func.coalesce(func.max(table.c.id), 0))).scalar_one()
        first = self._last[table.name] + 1
        self._last[table.name] += count
        return range(first, first + count)


_Customer = tuple[str, str | None, str | None, int | None]
"""Name, country, segment, row id of the parent."""


class Customers:
    """Customers of a source, found by their id there; made when a contract names one for the first time."""

    def __init__(self, connection: Connection, ids: Ids) -> None:
        self._connection = connection
        self._ids = ids

    def rows_of(self, source: str, records: Sequence[ContractRecord], import_id: int) -> Mapping[str, int]:
        """Row ids by the source's id of the customer, parents first."""
        parents: dict[str, _Customer] = {customer_key(r.parent): (r.parent, None, None, None) for r in records if r.parent}
        above = self._written(source, parents, import_id) if parents else {}
        named: dict[str, _Customer] = {}
        for r in records:
            if r.customer_id not in named:
                named[r.customer_id] = (r.customer, r.country, r.segment, above.get(customer_key(r.parent)) if r.parent else None)
        return self._written(source, named, import_id)

    def _written(self, source: str, named: Mapping[str, "_Customer"], import_id: int) -> dict[str, int]:
        """The row ids of these customers, after writing those that were not there."""
        query = select(CUSTOMERS.c.source_id, CUSTOMERS.c.id).where(CUSTOMERS.c.source == source, CUSTOMERS.c.source_id.in_(named))
        found: dict[str, int] = {row.source_id: row.id for row in self._connection.execute(query)}
        missing = [key for key in named if key not in found]
        ids = self._ids.take(CUSTOMERS, len(missing))
        rows = [
            dict(zip(("name", "country", "segment", "parent_id"), named[key], strict=True))
            | {"id": id_, "source": source, "source_id": key, "import_id": import_id}
            for key, id_ in zip(missing, ids, strict=True)
        ]
        if rows:
            self._connection.execute(insert(CUSTOMERS), rows)
        return found | dict(zip(missing, ids, strict=True))

    def changes(self, source: str, records: Sequence[ContractRecord], present: frozenset[str], import_id: int) -> list[Change]:
        """What changed rows say anew of customers that are there: name, segment, country, parent; the last row of a customer counts."""
        said = {r.customer_id: r for r in records}
        above = self._written(source, {customer_key(r.parent): (r.parent, None, None, None) for r in records if r.parent}, import_id)
        query = select(CUSTOMERS).where(CUSTOMERS.c.source == source, CUSTOMERS.c.source_id.in_(said))
        changes = []
        for row in self._connection.execute(query).mappings():
            record = said[row["source_id"]]
            parent = above.get(customer_key(record.parent)) if record.parent else None
            now = {"name": record.customer, "segment": record.segment, "country": record.country, "parent_id": parent}
            told = {"name", *("parent_id" if f == "parent" else f for f in present)}
            after = {name: value for name, value in now.items() if name in told and row[name] != value}
            if after:
                changes.append(Change("customers", row["id"], {name: row[name] for name in after}, after))
        return changes


def _json(value: Won | Lost | None) -> dict[str, Any] | None:
    """How a deal was won or lost, as its row keeps it."""
    if value is None:
        return None
    if isinstance(value, Won):
        ends_on = value.ends_on.isoformat() if value.ends_on else None
        return {"amount": value.amount.minor, "currency": value.amount.currency, "term": str(value.term) if value.term else None, "ends_on": ends_on}
    return asdict(value)
