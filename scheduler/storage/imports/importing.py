"""Importing, in the database: contracts, deals and people on one connection.

Always holds: ids are taken beforehand, so that a batch is one statement per table; two imports
never run side by side (SQLite lets one transaction write, PostgreSQL takes a lock); whatever an
import changes in a row that was there is kept in `import_changes`.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import cached_property, lru_cache
from typing import Any

from sqlalchemy import Connection, Select, Table, case, func, insert, select, update
from typing_extensions import override

from scheduler.core.deal.deal import Deal, Won
from scheduler.core.deal.pipeline import Passage
from scheduler.core.deal.successor import SUCCESSORS
from scheduler.core.imports.edits import Edit
from scheduler.core.imports.records import CONTRACT_FIELDS, ContractRecord, contract_fields
from scheduler.core.words.lexicon import ActorKind, NudgeState
from scheduler.core.words.reasons import reason
from scheduler.services.imports.people import PeopleTransaction
from scheduler.services.imports.store import (
    ENTERED,
    Begun,
    Closing,
    Correction,
    DuplicateNumbers,
    ImportTransaction,
    KnownContract,
    KnownPerson,
    OpenContract,
    Opening,
    RowChange,
    SeenCustomers,
    StoredTerm,
)
from scheduler.storage.database.bulk import Ids, Statement, among, insertion
from scheduler.storage.database.deals import load_deals
from scheduler.storage.database.import_in_progress import refuse_while_importing
from scheduler.storage.database.rows import metadata
from scheduler.storage.database.transactions import OnConnection, take_turn
from scheduler.storage.database.values import lost_to, won_to
from scheduler.storage.imports.customers import Customers
from scheduler.storage.imports.edits import edits_of_customers, standing_edits
from scheduler.storage.imports.reading import (
    CONTRACTS,
    CUSTOMERS,
    DEALS,
    PEOPLE,
    counts,
    json_ready,
    read_contracts,
    read_lines,
    read_stored,
)
from scheduler.storage.people.absences import wake_deals_of
from scheduler.storage.signals.subjects import match_subjects

IMPORTS, CHANGES, EDITS = (
    metadata.tables["imports"],
    metadata.tables["import_changes"],
    metadata.tables["edits"],
)
PASSAGES, NUDGES = metadata.tables["passages"], metadata.tables["nudges"]
_LOCK = 7_240_031
_AT_A_TIME, _DOUBLES = 1000, 100
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


class Importing(OnConnection, ImportTransaction, PeopleTransaction):
    """The rows that an import of contracts or people reads and writes, on one connection
    (`storage.imports.editing` adds what editing by hand needs, `storage.imports.parts` what a large
    file needs)."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._ids = Ids(connection)
        self._customers = Customers(connection, self._ids)
        self._import_id = 0
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
        refuse_while_importing(self._connection)
        done = select(IMPORTS.c.id).where(
            IMPORTS.c.source == source, IMPORTS.c.kind == kind, IMPORTS.c.state == "completed"
        )
        theirs = select(CONTRACTS.c.id).where(CONTRACTS.c.source == source)
        first = not self._connection.execute(select(done.exists() & theirs.exists())).scalar_one()
        (self._import_id,) = self._ids.take(IMPORTS, 1)
        self._source = source
        row = {
            "id": self._import_id,
            "source": source,
            "kind": kind,
            "file": file,
            "sha256": sha256,
            "state": "running",
            "first_load": first,
        }
        self._connection.execute(insert(IMPORTS), row | {"counts": {}, "started_at": now})
        return Begun(self._import_id, first)

    @override
    def finish(self, import_id: int, counts: Mapping[str, int], now: datetime) -> None:
        """Marks it completed and attaches the signals that waited for its contracts."""
        match_subjects(self._connection, now)
        done = {"state": "completed", "counts": dict(counts), "finished_at": now}
        self._connection.execute(update(IMPORTS).where(IMPORTS.c.id == import_id).values(done))

    @override
    def people(self) -> Sequence[KnownPerson]:
        query = select(
            PEOPLE.c.id, PEOPLE.c.key, PEOPLE.c.name, PEOPLE.c.email, PEOPLE.c.merged_into_id
        )
        return [KnownPerson(*row) for row in self._connection.execute(query)]

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
    def everybody(self) -> Sequence[dict[str, Any]]:
        return [
            dict(row)
            for row in self._connection.execute(select(PEOPLE).order_by(PEOPLE.c.id)).mappings()
        ]

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
    def known(self, source: str, source_ids: Collection[str]) -> Mapping[str, KnownContract]:
        """Which of these contracts are there."""
        found = among(self._connection, "contracts", "id, row_hash", source, source_ids)
        return {source_id: KnownContract(*row) for source_id, row in found.items()}

    @override
    def stored(self, contract_ids: Collection[int]) -> Mapping[int, StoredTerm]:
        """Contracts with their deals."""
        return read_contracts(self._connection, contract_ids, self._import_id)

    @override
    def lines(self, some: Collection[StoredTerm]) -> Mapping[int, Sequence[StoredTerm]]:
        """The lines of terms of these contracts, oldest first."""
        return read_lines(self._connection, some, self._import_id)

    @override
    def open_terms(self, source: str, customers: Collection[str]) -> Sequence[StoredTerm]:
        """Open terms of these customers."""
        where = (
            (CUSTOMERS.c.source == source)
            & CUSTOMERS.c.source_id.in_(customers)
            & DEALS.c.closed_at.is_(None)
        )
        return read_stored(self._connection, where, self._import_id)

    @override
    def entered(self) -> Sequence[StoredTerm]:
        where = (CONTRACTS.c.source == ENTERED) & DEALS.c.closed_at.is_(None)
        return read_stored(self._connection, where, self._import_id)

    @override
    def doubles(self) -> Sequence[DuplicateNumbers]:
        """Open contracts of this import that say the same as another under two numbers, whichever
        import brought the other."""
        same = [
            CONTRACTS.c[name]
            for name in ("customer_id", "product", "starts_on", "ends_on", "amount")
        ]
        mine = CONTRACTS.c.import_id == self._import_id
        alike = (
            CONTRACTS.c.customer_id.in_(select(CONTRACTS.c.customer_id).where(mine))
            & CONTRACTS.c.ends_on.is_not(None)
            & DEALS.c.closed_at.is_(None)
        )
        first, second = func.min(CONTRACTS.c.number), func.max(CONTRACTS.c.number)
        twice = (
            select(*same, first.label("first"), second.label("second"))
            .join(DEALS, DEALS.c.contract_id == CONTRACTS.c.id)
            .where(alike)
        )
        ours = func.max(case((mine, 1), else_=0)) == 1
        found = twice.group_by(*same).having((first != second) & ours).subquery()
        named = select(found.c.second, CUSTOMERS.c.name, found.c.first, found.c.ends_on).join(
            CUSTOMERS, CUSTOMERS.c.id == found.c.customer_id
        )
        return [
            DuplicateNumbers(*row)
            for row in self._connection.execute(named.order_by(found.c.first).limit(_DOUBLES))
        ]

    @override
    def has_others(self, source: str) -> bool:
        return (
            self._connection.scalar(
                select(CONTRACTS.c.id)
                .where(CONTRACTS.c.source.not_in((source, SUCCESSORS)))
                .limit(1)
            )
            is not None
        )

    @override
    def elsewhere(self, source: str, numbers: Collection[str]) -> Sequence[StoredTerm]:
        return read_stored(
            self._connection,
            CONTRACTS.c.number.in_(numbers) & CONTRACTS.c.source.not_in((source, SUCCESSORS)),
            self._import_id,
        )

    @override
    def customer_rows(self, records: Sequence[ContractRecord]) -> Mapping[str, int]:
        """The rows of these records' customers."""
        return self._customers.rows_of(self._source, records, self._import_id)

    @override
    def with_contract(
        self, source: str, customers: Collection[str], pipelines: Collection[str]
    ) -> frozenset[str]:
        """Which of these customers have a contract that was not lost."""
        query = (
            select(CUSTOMERS.c.source_id)
            .distinct()
            .join(CONTRACTS, CONTRACTS.c.customer_id == CUSTOMERS.c.id)
            .join(DEALS, DEALS.c.contract_id == CONTRACTS.c.id)
            .where(
                CUSTOMERS.c.source == source,
                CUSTOMERS.c.source_id.in_(customers),
                DEALS.c.pipeline.in_(pipelines),
            )
            .where(DEALS.c.lost.is_(None), counts(DEALS, self._import_id))
        )
        return frozenset(self._connection.execute(query).scalars())

    @override
    def touched(self, now: datetime) -> Iterator[Deal]:
        """The open deals whose alarm this import has set."""
        query = (
            select(DEALS.c.id)
            .where(DEALS.c.wake_at == now, DEALS.c.closed_at.is_(None), DEALS.c.voided_at.is_(None))
            .order_by(DEALS.c.id)
        )
        ids = list(self._connection.execute(query).scalars())
        for at in range(0, len(ids), _AT_A_TIME):
            yield from load_deals(self._connection, ids[at : at + _AT_A_TIME])

    @override
    def newest(self) -> int:
        return self._connection.execute(select(func.max(CONTRACTS.c.id))).scalar_one() or 0

    @override
    def edits(self, table: str, rows: Collection[int]) -> Mapping[int, Sequence[Edit]]:
        """The edits that people have made in these rows and that are in force."""
        return standing_edits(self._connection, table, rows) if self._is_edited else {}

    @override
    def edits_of_customers(self, source: str, customers: Collection[str]) -> Mapping[str, Edit]:
        """The edits that people have made of these customers and that are in force."""
        return edits_of_customers(self._connection, source, customers) if self._is_edited else {}

    @cached_property
    def _is_edited(self) -> bool:
        """Whether anybody has ever edited anything: most databases need no more questions."""
        return self._connection.scalar(select(EDITS.c.id).limit(1)) is not None

    @override
    def standing(self, source: str, before: int) -> Sequence[OpenContract]:
        """Open contracts of a source, with row numbers below `before`, that this import has not
        changed."""
        changed = select(CHANGES.c.row_id).where(
            CHANGES.c.import_id == self._import_id, CHANGES.c.table_name == "contracts"
        )
        query = (
            _contracts_listed()
            .where(
                CONTRACTS.c.source == source,
                CONTRACTS.c.id < before,
                CONTRACTS.c.id.not_in(changed),
            )
            .where(DEALS.c.closed_at.is_(None), DEALS.c.voided_at.is_(None))
            .order_by(CONTRACTS.c.id)
        )
        return [OpenContract(*row) for row in self._connection.execute(query)]

    @override
    def closed_as_gone(self, source: str, before: int) -> Sequence[OpenContract]:
        """The contracts of a source whose deal's last move was that its row was missing."""
        every = PASSAGES.alias()
        last = (
            select(func.max(every.c.id))
            .where(every.c.deal_id == DEALS.c.id, every.c.voided_at.is_(None))
            .correlate(DEALS)
            .scalar_subquery()
        )
        query = (
            _contracts_listed()
            .join(PASSAGES, PASSAGES.c.id == last)
            .where(CONTRACTS.c.source == source, CONTRACTS.c.id < before)
            .where(DEALS.c.closed_at.is_not(None), DEALS.c.voided_at.is_(None))
            .where(PASSAGES.c.because == reason("import_gone"))
            .order_by(CONTRACTS.c.id)
        )
        return [OpenContract(*row) for row in self._connection.execute(query)]

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
        actor = passage.actor
        return (
            deal_id,
            passage.from_stage,
            passage.to_stage,
            passage.at,
            passage.because,
            actor.kind.value,
            actor.name,
            passage.observed,
            self._import_id,
        )

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


def _contracts_listed() -> Select[Any]:
    """What a report names of contracts, in the order of `OpenContract`."""
    return (
        select(
            CONTRACTS.c.id,
            CONTRACTS.c.number,
            CUSTOMERS.c.name,
            CONTRACTS.c.ends_on,
            CONTRACTS.c.predecessor_id,
            CONTRACTS.c.system_made,
        )
        .join(DEALS, DEALS.c.contract_id == CONTRACTS.c.id)
        .join(CUSTOMERS, CUSTOMERS.c.id == CONTRACTS.c.customer_id)
    )
