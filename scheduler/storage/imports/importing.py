"""Importing, in the database: contracts, deals and people on one connection.

Always holds: ids are taken beforehand, so that a batch is one statement per table; two imports
never run side by side (SQLite lets one transaction write, PostgreSQL takes a lock); whatever an
import changes in a row that was there is kept in `import_changes`.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Table, func, insert, select, update
from typing_extensions import override

from scheduler.core.deal.deal import Won
from scheduler.core.deal.pipeline import Passage
from scheduler.core.imports.records import CONTRACT_FIELDS, ContractRecord, contract_fields
from scheduler.core.words.lexicon import ActorKind, NudgeState
from scheduler.core.words.reasons import reason
from scheduler.services.imports.store import (
    Begun,
    Closing,
    Correction,
    Opening,
    RowChange,
    SeenCustomers,
    StoredTerm,
)
from scheduler.storage.database.bulk import Ids, Statement, insertion
from scheduler.storage.database.import_in_progress import refuse_while_importing
from scheduler.storage.database.paused import follow_numbers
from scheduler.storage.database.rows import metadata
from scheduler.storage.database.transactions import take_turn
from scheduler.storage.database.values import lost_to, passage_to, won_to
from scheduler.storage.imports.customers import Customers
from scheduler.storage.imports.looking import CHANGES, IMPORTS, PASSAGES, ImportLooks
from scheduler.storage.imports.reading import (
    CONTRACTS,
    DEALS,
    PEOPLE,
    json_ready,
)
from scheduler.storage.people.absences import wake_deals_of
from scheduler.storage.signals.subjects import match_subjects

NUDGES = metadata.tables["nudges"]
_LOCK = 7_240_031
_UNSENT = (NudgeState.WAITING.value, NudgeState.HELD.value)
_KEPT_BESIDE = (
    "id source source_id customer_id owner_id sales_id series_starts_on term_number predecessor_id "
    "system_made row_hash import_id"
)
_NEW_CONTRACTS = insertion(CONTRACTS, (*CONTRACT_FIELDS, *_KEPT_BESIDE.split()))
_DEAL = """
id key version contract_id pipeline stage stage_entered_at arrived_at baseline_at health
health_because paperwork expected_on won lost closed_at voided_at wake_at policy_version import_id
"""
_NEW_DEALS = insertion(DEALS, _DEAL.split())
_NEW_PASSAGES = insertion(
    PASSAGES, "deal_id from_stage to_stage at because actor_kind actor observed import_id".split()
)
_NEW_CHANGES = insertion(CHANGES, "import_id table_name row_id before after".split())
_WAKE = Statement(
    "UPDATE deals SET wake_at = ?, version = version + 1 WHERE id = ? AND closed_at IS NULL",
    [DEALS.c.wake_at, DEALS.c.id],
)
_REMEMBER = Statement(
    "UPDATE contracts SET row_hash = ? WHERE id = ?", [CONTRACTS.c.row_hash, CONTRACTS.c.id]
)


def _corrected(one: Correction) -> RowChange:
    """An outcome of a deal that becomes another one."""
    deal, outcome = one.deal, one.outcome
    if isinstance(outcome, Won):
        before, after = {"won": won_to(deal.won)}, {"won": won_to(outcome)}
    else:
        before, after = {"lost": lost_to(deal.lost)}, {"lost": lost_to(outcome)}
    return RowChange("deals", deal.deal_id, before, after)


@lru_cache(maxsize=256)
def _change_of(table: str, names: tuple[str, ...]) -> Statement:
    """Sets these columns of one row."""
    columns = metadata.tables[table].c
    return Statement(
        f"UPDATE {table} SET {', '.join(f'{name} = ?' for name in names)} WHERE id = ?",
        [*(columns[name] for name in names), columns.id],
    )


class ImportQueries(ImportLooks):
    """The rows that an import of contracts or people reads and writes, on one connection
    (`storage.imports.editing` adds what editing by hand needs, `storage.imports.parts` what a large
    file needs)."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._ids = Ids(connection)
        self._customers = Customers(connection, self._ids)
        self._source = ""
        self._hidden_at: datetime | None = None
        self._take_turn()

    def _take_turn(self) -> None:
        """Takes the turn: one import writes at a time."""
        take_turn(self._connection, _LOCK)

    @contextmanager
    @override
    def part(self) -> Iterator[None]:
        """Work that is kept together."""
        yield

    @contextmanager
    @override
    def looking(self) -> Iterator[None]:
        """Reads of what is there now."""
        yield

    @override
    def begin(self, source: str, kind: str, file: str, sha256: str, now: datetime) -> Begun:
        """Writes the import's row. It is a first load while no import of this kind from its source
        has completed, or while the source has no contract. Raises ImportUnderWayError."""
        done = select(IMPORTS.c.id).where(
            IMPORTS.c.source == source, IMPORTS.c.kind == kind, IMPORTS.c.state == "completed"
        )
        theirs = select(CONTRACTS.c.id).where(CONTRACTS.c.source == source)
        first = not self._connection.execute(select(done.exists() & theirs.exists())).scalar_one()
        row = {"kind": kind, "file": file, "sha256": sha256, "first_load": first}
        return Begun(self._begun(source, now, row), first)

    def _begun(self, source: str, now: datetime, row: Mapping[str, Any]) -> int:
        """Writes the row of an import that begins and returns its number. Raises
        ImportUnderWayError."""
        refuse_while_importing(self._connection)
        (self._import_id,) = self._ids.take(IMPORTS, 1)
        self._source = source
        begun = {"id": self._import_id, "source": source, "state": "running", "started_at": now}
        self._connection.execute(insert(IMPORTS), {**row, **begun, "counts": {}})
        return self._import_id

    @override
    def finish(self, import_id: int, counts: Mapping[str, int], now: datetime) -> None:
        """Marks it completed and attaches the signals that waited for its contracts."""
        match_subjects(self._connection, now)
        done = {"state": "completed", "counts": dict(counts), "finished_at": now}
        self._connection.execute(update(IMPORTS).where(IMPORTS.c.id == import_id).values(done))

    @override
    def add_people(self, people: Sequence[tuple[str, str]]) -> Sequence[int]:
        """New people as (key, name), without an address: nobody said that they are ours."""
        ids = self._ids.take(PEOPLE, len(people))
        rows = [
            {
                "id": id_,
                "key": key,
                "name": name,
                "email": None,
                "role": "rep",
                "active": True,
                "import_id": self._import_id,
            }
            for id_, (key, name) in zip(ids, people, strict=True)
        ]
        self._insert(PEOPLE, rows)
        return list(ids)

    @override
    def add_rows(self, people: Sequence[dict[str, Any]]) -> Sequence[int]:
        """New people."""
        ids = self._ids.take(PEOPLE, len(people))
        self._insert(
            PEOPLE,
            [
                row | {"id": id_, "import_id": self._import_id}
                for row, id_ in zip(people, ids, strict=True)
            ],
        )
        return list(ids)

    @override
    def wake_deals_of(self, people: Sequence[int], now: datetime) -> None:
        wake_deals_of(self._connection, people, now)

    @override
    def customer_rows(self, records: Sequence[ContractRecord]) -> Mapping[str, int]:
        """The rows of these records' customers."""
        return self._customers.rows_of(self._source, records, self._import_id)

    @override
    def open(self, openings: Sequence[Opening], now: datetime) -> None:
        if not openings:
            return
        named = [o.record for o in openings if o.customer_row is None]
        customers = self._customers.rows_of(self._source, named, self._import_id)
        contract_ids, deal_ids = (
            self._ids.take(CONTRACTS, len(openings)),
            self._ids.take(DEALS, len(openings)),
        )
        numbered = list(zip(openings, contract_ids, deal_ids, strict=True))
        _NEW_CONTRACTS.run_many(
            self._connection,
            [
                self._contract(o, o.customer_row or customers[o.record.customer_id], c)
                for o, c, _ in numbered
            ],
        )
        _NEW_DEALS.run_many(self._connection, [self._deal(o, c, d, now) for o, c, d in numbered])
        _NEW_PASSAGES.run_many(
            self._connection, [self._passage(p, d) for o, _, d in numbered for p in o.passages]
        )

    def _contract(self, opening: Opening, customer: int, contract_id: int) -> tuple[Any, ...]:
        """The contract's row."""
        record = opening.record
        return (
            *contract_fields(record).values(),
            contract_id,
            self._source,
            record.source_id,
            customer,
            opening.owner_id,
            opening.sales_id,
            opening.series_starts_on or record.starts_on,
            opening.term_number,
            opening.predecessor_id,
            False,
            record.row_hash or None,
            self._import_id,
        )

    def _deal(
        self, opening: Opening, contract_id: int, deal_id: int, now: datetime
    ) -> tuple[Any, ...]:
        """The deal's row."""
        record = opening.record
        return (
            deal_id,
            opening.deal_key,
            1,
            contract_id,
            opening.pipeline,
            opening.stage,
            opening.stage_entered_at,
            now,
            opening.baseline_at,
            record.health.value if record.health else "unknown",
            "",
            "none",
            record.expected_on,
            won_to(opening.won),
            lost_to(opening.lost),
            opening.closed_at,
            self._hidden_at,
            None if opening.closed_at else now,
            0,
            self._import_id,
        )

    def _passage(self, passage: Passage, deal_id: int) -> tuple[Any, ...]:
        """The values of one entry of a deal's history."""
        return *passage_to(deal_id, passage), self._import_id

    @override
    def see_customers(
        self, records: Sequence[ContractRecord], present: frozenset[str], now: datetime
    ) -> SeenCustomers:
        """Brings the customers of rows up to date and wakes the deals of those that changed."""
        changes, seen = self._customers.see(self._source, records, present, self._import_id)
        if changes:
            self.change(changes)
            theirs = select(DEALS.c.id).join(CONTRACTS, CONTRACTS.c.id == DEALS.c.contract_id)
            self.wake(
                list(
                    self._connection.scalars(
                        theirs.where(CONTRACTS.c.customer_id.in_([c.row_id for c in changes]))
                    )
                ),
                now,
            )
        return seen

    @override
    def change(self, changes: Sequence[RowChange]) -> None:
        """Writes changed columns and keeps both sides. Changes of the same columns go in one
        statement, unless a row would change twice in it."""
        groups: dict[tuple[str, tuple[str, ...]], list[tuple[Any, ...]]] = {}
        once: set[tuple[str, int]] = set()
        for change in changes:
            if (change.table, change.row_id) in once:
                self._write(groups)
                once.clear()
            once.add((change.table, change.row_id))
            groups.setdefault((change.table, tuple(change.after)), []).append(
                (*change.after.values(), change.row_id)
            )
        self._write(groups)
        follow_numbers(
            self._connection,
            [(c.before["number"], c.after["number"]) for c in changes if "number" in c.after],
        )
        kept = [
            (self._import_id, c.table, c.row_id, json_ready(c.before), json_ready(c.after))
            for c in changes
        ]
        _NEW_CHANGES.run_many(self._connection, kept)

    def _write(self, groups: dict[tuple[str, tuple[str, ...]], list[tuple[Any, ...]]]) -> None:
        """Writes changed columns, by table and columns; nothing is left to be written."""
        for (table, names), rows in groups.items():
            _change_of(table, names).run_many(self._connection, rows)
        groups.clear()

    @override
    def wake(self, deals: Sequence[int], now: datetime) -> None:
        """Sets alarms to now."""
        _WAKE.run_many(self._connection, [(now, deal) for deal in dict.fromkeys(deals)])

    @override
    def close(self, closings: Sequence[Closing], now: datetime) -> None:
        for closing in closings:
            old, stage = closing.deal, closing.passage.to_stage
            before = {
                "stage": old.stage,
                "stage_entered_at": old.stage_entered_at,
                "closed_at": None,
                "won": None,
                "lost": None,
            }
            after = {
                "stage": stage,
                "stage_entered_at": now,
                "closed_at": now,
                "won": won_to(closing.won),
                "lost": lost_to(closing.lost),
            }
            self.change([RowChange("deals", old.deal_id, before, after)])
            statement = (
                update(DEALS)
                .where(DEALS.c.id == old.deal_id)
                .values(wake_at=now, version=DEALS.c.version + 1)
            )
            self._connection.execute(statement)
            _NEW_PASSAGES.run_many(self._connection, [self._passage(closing.passage, old.deal_id)])
            self._cancel(old.deal_id, reason("deal_closed", stage=stage))

    @override
    def correct(self, corrections: Sequence[Correction]) -> Sequence[Correction]:
        ours = self._closed_by_files([one.deal.deal_id for one in corrections])
        done = [one for one in corrections if one.deal.deal_id in ours]
        self.change([_corrected(one) for one in done])
        return done

    def _closed_by_files(self, deals: Sequence[int]) -> frozenset[int]:
        """Those of these deals whose last passage that stands came from a file."""
        if not deals:
            return frozenset()
        last = (
            select(func.max(PASSAGES.c.id))
            .where(PASSAGES.c.deal_id.in_(deals), PASSAGES.c.voided_at.is_(None))
            .group_by(PASSAGES.c.deal_id)
        )
        query = select(PASSAGES.c.deal_id).where(
            PASSAGES.c.id.in_(last), PASSAGES.c.actor_kind == ActorKind.IMPORT.value
        )
        return frozenset(self._connection.scalars(query))

    def _cancel(self, deal_id: int, why: str) -> None:
        """Cancels what was not sent yet."""
        unsent = self._connection.execute(
            select(NUDGES.c.id, NUDGES.c.state, NUDGES.c.reason).where(
                NUDGES.c.deal_id == deal_id, NUDGES.c.state.in_(_UNSENT)
            )
        )
        after = {"state": NudgeState.CANCELLED.value, "reason": why}
        self.change(
            [
                RowChange("nudges", id_, {"state": state, "reason": because}, after)
                for id_, state, because in unsent
            ]
        )

    @override
    def move(self, moves: Sequence[tuple[StoredTerm, Passage]], now: datetime) -> None:
        for old, passage in moves:
            before = {"stage": old.stage, "stage_entered_at": old.stage_entered_at}
            self.change(
                [
                    RowChange(
                        "deals",
                        old.deal_id,
                        before,
                        {"stage": passage.to_stage, "stage_entered_at": now},
                    )
                ]
            )
            _NEW_PASSAGES.run_many(self._connection, [self._passage(passage, old.deal_id)])
        self.wake([old.deal_id for old, _ in moves], now)

    @override
    def remember(self, hashes: Sequence[tuple[int, str]]) -> None:
        """Keeps row hashes."""
        _REMEMBER.run_many(
            self._connection, [(row_hash or None, contract_id) for contract_id, row_hash in hashes]
        )

    def _insert(self, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
        """Many rows, one statement."""
        if rows:
            self._connection.execute(insert(table), list(rows))
