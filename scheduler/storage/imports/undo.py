"""Undoing an import, in the database.

Always holds: everything that belongs to a removed deal goes with it (every table that points to
deals, found by its foreign keys), and a customer or a person goes only when nothing points to it
any more.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Connection,
    Date,
    Select,
    Table,
    and_,
    delete,
    exists,
    literal,
    or_,
    select,
    true,
    union,
    update,
)
from typing_extensions import override

from scheduler.core.imports.by_hand import EDITS as EDITED
from scheduler.core.words.lexicon import MessageState
from scheduler.core.words.reasons import reason
from scheduler.services.imports.import_report import FieldMoved
from scheduler.services.imports.undo import ImportMade, UndoTransaction
from scheduler.services.signals.importing import ONE_PIECE
from scheduler.services.signals.importing import SIGNALS as OF_SIGNALS
from scheduler.storage.database.import_in_progress import refuse_while_importing
from scheduler.storage.database.paused import follow_numbers
from scheduler.storage.database.rows import metadata
from scheduler.storage.database.seals import LASTING, forget
from scheduler.storage.database.types import UtcDateTime
from scheduler.storage.delivery.forming import columns_when_restored
from scheduler.storage.imports.edits import came_back
from scheduler.storage.imports.reading import CONTRACTS, CUSTOMERS, DEALS, PEOPLE, json_ready
from scheduler.storage.people.absences import wake_deals_of
from scheduler.storage.signals.chains import void
from scheduler.storage.signals.subjects import concerned_by, wake_contracts

IMPORTS, CHANGES, ANSWERS = (
    metadata.tables["imports"],
    metadata.tables["import_changes"],
    metadata.tables["answers"],
)
SIGNALS = metadata.tables["signals"]
PASSAGES, NUDGES, MESSAGES = (
    metadata.tables["passages"],
    metadata.tables["nudges"],
    metadata.tables["messages"],
)
MADE = (CONTRACTS, CUSTOMERS, DEALS, PEOPLE)
"""The tables whose rows an import may have made, so that they go with it."""
_UNSENT = (MessageState.QUEUED.value, MessageState.HELD.value)
_BATCH = 500


class UndoQueries(UndoTransaction):
    """Finds what an import did, and takes it back."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._put: list[Mapping[str, Any]] = []
        self._by_hand = False

    @override
    def made(self, import_id: int) -> ImportMade | None:
        """The import, locked. Raises ImportUnderWayError."""
        refuse_while_importing(self._connection)
        query = select(
            IMPORTS.c.id, IMPORTS.c.file, IMPORTS.c.source, IMPORTS.c.kind, IMPORTS.c.state
        )
        row = self._connection.execute(
            query.where(IMPORTS.c.id == import_id).with_for_update()
        ).one_or_none()
        self._by_hand = row is not None and row.kind == EDITED
        return ImportMade(*row) if row else None

    @override
    def answered(self, import_id: int) -> Sequence[str]:
        """Contracts on which somebody has answered."""
        query = (
            select(CONTRACTS.c.number)
            .distinct()
            .join(DEALS, DEALS.c.contract_id == CONTRACTS.c.id)
            .join(ANSWERS, ANSWERS.c.deal_id == DEALS.c.id)
            .where(
                CONTRACTS.c.id.in_(_contracts(import_id)),
                ANSWERS.c.undone_at.is_(None),
                ANSWERS.c.verb != "note",
            )
            .order_by(CONTRACTS.c.number)
        )
        return list(self._connection.execute(query).scalars())

    @override
    def changed_by(self, import_id: int) -> Sequence[int]:
        """Later imports that changed something it created or continued a contract of it."""
        touched = or_(
            and_(CHANGES.c.table_name == "contracts", CHANGES.c.row_id.in_(_contracts(import_id))),
            and_(CHANGES.c.table_name == "deals", CHANGES.c.row_id.in_(_deals(import_id))),
        )
        changing = select(CHANGES.c.import_id).where(touched, CHANGES.c.import_id != import_id)
        continuing = select(CONTRACTS.c.import_id).where(
            CONTRACTS.c.predecessor_id.in_(_contracts(import_id)),
            CONTRACTS.c.import_id != import_id,
        )
        lines = _lines_changed(import_id)
        later = (
            CHANGES.c.table_name == "contracts",
            CHANGES.c.row_id.in_(lines),
            CHANGES.c.import_id > import_id,
        )
        standing = select(CHANGES.c.import_id).where(*later)
        following = select(CONTRACTS.c.import_id).where(
            CONTRACTS.c.predecessor_id.in_(lines), CONTRACTS.c.import_id > import_id
        )
        query = select(IMPORTS.c.id).where(
            IMPORTS.c.id.in_(union(changing, continuing, standing, following)),
            IMPORTS.c.state != "undone",
        )
        return list(self._connection.execute(query.order_by(IMPORTS.c.id)).scalars())

    @override
    def remove(self, import_id: int, now: datetime) -> tuple[int, int, int, int]:
        """Removes what it created."""
        messages = self._cancel_messages(import_id)
        for table, column in pointing_to(DEALS):
            if table.name in LASTING:
                forget(self._connection, table.name, column.in_(_deals(import_id)))
            self._connection.execute(delete(table).where(column.in_(_deals(import_id))))
        contracts = list(self._connection.execute(_contracts(import_id)).scalars())
        forget(self._connection, "deals", DEALS.c.id.in_(_deals(import_id)))
        self._connection.execute(delete(DEALS).where(DEALS.c.id.in_(_deals(import_id))))
        for start in range(0, len(contracts), _BATCH):
            self._unlink(contracts[start : start + _BATCH])
        removed = sum(
            self._delete_contracts(contracts[start : start + _BATCH])
            for start in range(0, len(contracts), _BATCH)
        )
        customers = self.delete_free(CUSTOMERS, import_id)
        return removed, customers, self.delete_free(PEOPLE, import_id), messages

    def _unlink(self, contracts: Sequence[int]) -> None:
        """Takes the links among contracts that all go."""
        self._connection.execute(
            update(CONTRACTS).where(CONTRACTS.c.id.in_(contracts)).values(predecessor_id=None)
        )

    def _delete_contracts(self, contracts: Sequence[int]) -> int:
        """Deletes contracts whose deals are gone."""
        forget(self._connection, "contracts", CONTRACTS.c.id.in_(contracts))
        return self._connection.execute(
            delete(CONTRACTS).where(CONTRACTS.c.id.in_(contracts))
        ).rowcount

    def delete_free(self, table: Table, import_id: int, most: int | None = None) -> int:
        """Deletes rows the import made, as far as nothing points to them and no other import has
        changed them; `most` of them, or all."""
        standing = select(IMPORTS.c.id).where(
            IMPORTS.c.id != import_id, IMPORTS.c.state != "undone"
        )
        changed = select(literal(1)).where(
            CHANGES.c.table_name == table.name,
            CHANGES.c.row_id == table.c.id,
            CHANGES.c.import_id.in_(standing),
        )
        free = [~exists(_one(column, table)) for _, column in pointing_to(table)] + [
            ~changed.correlate(table).exists()
        ]
        deleted = 0
        while gone := list(
            self._connection.execute(
                select(table.c.id).where(table.c.import_id == import_id, *free).limit(most)
            ).scalars()
        ):
            forget(self._connection, table.name, table.c.id.in_(gone))
            deleted += self._connection.execute(delete(table).where(table.c.id.in_(gone))).rowcount
            if most is not None:
                break
        return deleted

    def _cancel_messages(self, import_id: int) -> int:
        """Cancels unsent messages that carry nothing but what goes."""
        theirs = select(NUDGES.c.message_id).where(
            NUDGES.c.deal_id.in_(_deals(import_id)), NUDGES.c.message_id.is_not(None)
        )
        others = select(NUDGES.c.message_id).where(
            NUDGES.c.deal_id.not_in(_deals(import_id)), NUDGES.c.message_id.is_not(None)
        )
        empty = select(MESSAGES.c.id).where(
            MESSAGES.c.state.in_(_UNSENT), MESSAGES.c.id.in_(theirs), MESSAGES.c.id.not_in(others)
        )
        ids = list(self._connection.execute(empty).scalars())
        cancelled = {
            "state": MessageState.CANCELLED.value,
            "reason": reason("import_undone", import_id=import_id),
        }
        for start in range(0, len(ids), _BATCH):
            self._connection.execute(
                update(MESSAGES)
                .where(MESSAGES.c.id.in_(ids[start : start + _BATCH]))
                .values(cancelled)
            )
        return len(ids)

    @override
    def restore(self, import_id: int, now: datetime) -> tuple[int, Sequence[str]]:
        """Puts back what it changed, newest change first; its passages on deals that stay are
        voided."""
        restored, left = 0, list[str]()
        below: ColumnElement[bool] = true()
        while rows := self.some_changes(import_id, below):
            outcomes = [(row["id"], self.put_back(row, now)) for row in rows]
            back = [number for number, outcome in outcomes if outcome is None]
            self._note_put_back(back, now)
            restored += len(back)
            left += [outcome for _, outcome in outcomes if outcome]
            below = CHANGES.c.id < rows[-1]["id"]
        theirs = update(PASSAGES).where(
            PASSAGES.c.import_id == import_id,
            PASSAGES.c.voided_at.is_(None),
            PASSAGES.c.deal_id.not_in(_deals(import_id)),
        )
        self._connection.execute(theirs.values(voided_at=now))
        return restored, left

    def _note_put_back(self, changes: Sequence[int], now: datetime) -> None:
        """Notes that changes stand no longer from now on: on the days before they did."""
        noted = update(CHANGES).where(CHANGES.c.id.in_(changes))
        self._connection.execute(noted.values(put_back_at=now))

    def some_changes(
        self, import_id: int, below: ColumnElement[bool], most: int = _BATCH
    ) -> Sequence[Mapping[str, Any]]:
        """The next batch of changes, newest first."""
        query = (
            select(CHANGES)
            .where(CHANGES.c.import_id == import_id, below)
            .order_by(CHANGES.c.id.desc())
            .limit(most)
        )
        return [dict(row) for row in self._connection.execute(query).mappings()]

    def put_back(self, change: Mapping[str, Any], now: datetime) -> str | None:
        """Puts one row back. None where that was done; else what the row is called, if it was
        changed since, or "" if it is gone or goes anyway."""
        table = metadata.tables[change["table_name"]]
        row = (
            self._connection.execute(select(table).where(table.c.id == change["row_id"]))
            .mappings()
            .one_or_none()
        )
        if row is None or (table in MADE and row["import_id"] == change["import_id"]):
            return ""
        if any(
            json_ready({name: row[name]})[name] != value
            for name, value in change["after"].items()
            if name != "row_hash"
        ):
            return self._called(table, dict(row))
        before = {name: _decoded(table, name, value) for name, value in change["before"].items()}
        if table is NUDGES:
            before |= columns_when_restored(
                self._connection, NUDGES.c.id == row["id"], str(before["state"]), now
            )
        self._connection.execute(update(table).where(table.c.id == row["id"]).values(before))
        if "number" in before:
            follow_numbers(self._connection, [(row["number"], before["number"])])
        self._wake(table, row["id"], now)
        if self._by_hand:
            self._put.append(change)
        return None

    @override
    def made_contracts(self, import_id: int) -> Sequence[str]:
        mine = CONTRACTS.c.import_id == import_id, CONTRACTS.c.predecessor_id.is_(None)
        return list(
            self._connection.execute(
                select(CONTRACTS.c.number).where(*mine).order_by(CONTRACTS.c.id)
            ).scalars()
        )

    @override
    def came_back(self) -> Sequence[FieldMoved]:
        """Each field of an edit by hand that `restore` has put back, in the order in which they
        were set."""
        return came_back(self._connection, self._put[::-1])

    def _called(self, table: Table, row: Mapping[str, Any]) -> str:
        """The name people use for a row: its contract's number, or its name."""
        if table in (CUSTOMERS, PEOPLE):
            return str(row["name"])
        if table is CONTRACTS:
            return str(row["number"])
        if table not in (DEALS, NUDGES):
            return ""
        deal = row["id"] if table is DEALS else row["deal_id"]
        query = (
            select(CONTRACTS.c.number)
            .join(DEALS, DEALS.c.contract_id == CONTRACTS.c.id)
            .where(DEALS.c.id == deal)
        )
        return str(self._connection.execute(query).scalar())

    def _wake(self, table: Table, row_id: int, now: datetime) -> None:
        """Sets the alarms of the deals that a row which came back concerns."""
        if table is PEOPLE:
            wake_deals_of(self._connection, [row_id], now)
        concerns = {"deals": DEALS.c.id == row_id, "contracts": DEALS.c.contract_id == row_id}
        if table.name in concerns:
            awake = update(DEALS).where(
                concerns[table.name], DEALS.c.closed_at.is_(None), DEALS.c.voided_at.is_(None)
            )
            self._connection.execute(awake.values(wake_at=now, version=DEALS.c.version + 1))

    @override
    def void_signals(self, import_id: int, now: datetime) -> tuple[int, Sequence[int]]:
        touched = concerned_by(self._connection, import_id, by_customer=True)
        voided = void(self._connection, import_id, now)
        return voided, touched if voided else ()

    @override
    def wake_contracts(self, contracts: Sequence[int], now: datetime) -> None:
        wake_contracts(self._connection, contracts, now)

    @override
    def has_many_signals(self, import_id: int) -> bool:
        theirs = SIGNALS.c.import_id == IMPORTS.c.id, IMPORTS.c.kind == OF_SIGNALS
        query = select(SIGNALS.c.id).where(IMPORTS.c.id == import_id, *theirs)
        beyond = self._connection.execute(query.offset(ONE_PIECE).limit(1))
        return beyond.first() is not None

    @override
    def close(self, import_id: int, now: datetime) -> None:
        self._connection.execute(
            update(IMPORTS).where(IMPORTS.c.id == import_id).values(state="undone", undone_at=now)
        )


def _contracts(import_id: int) -> Select[tuple[Any]]:
    """The contracts an import created, and those the program opened after them."""
    mine: CTE = select(CONTRACTS.c.id).where(CONTRACTS.c.import_id == import_id).cte(recursive=True)
    after = (
        select(CONTRACTS.c.id)
        .join(mine, CONTRACTS.c.predecessor_id == mine.c.id)
        .where(CONTRACTS.c.system_made)
    )
    return select(mine.union(after).c.id)


def _lines_changed(import_id: int) -> Select[tuple[Any]]:
    """The contracts of lines of terms that an import changed, with the terms after them: its ids
    may have gone on from one to the next since."""
    touched = select(CHANGES.c.row_id).where(
        CHANGES.c.import_id == import_id, CHANGES.c.table_name == "contracts"
    )
    after = CONTRACTS.alias()
    followed = exists(select(literal(1)).where(after.c.predecessor_id == CONTRACTS.c.id))
    lineal: CTE = (
        select(CONTRACTS.c.id)
        .where(CONTRACTS.c.id.in_(touched), or_(CONTRACTS.c.predecessor_id.is_not(None), followed))
        .cte(recursive=True)
    )
    return select(
        lineal.union(select(after.c.id).join(lineal, after.c.predecessor_id == lineal.c.id)).c.id
    )


def _deals(import_id: int) -> Select[tuple[Any]]:
    """The deals of those contracts."""
    return select(DEALS.c.id).where(DEALS.c.contract_id.in_(_contracts(import_id)))


def pointing_to(table: Table) -> list[tuple[Table, Any]]:
    """Every column of any table that points to `table` and keeps its rows from going: what only
    forgets them (ON DELETE SET NULL) does not."""
    return [
        (other, key.parent)
        for other in metadata.tables.values()
        for key in other.foreign_keys
        if key.column.table is table and key.ondelete != "SET NULL"
    ]


@cache
def _one(column: Any, table: Table) -> Any:
    """A row that points to a row of `table` (a table that points to itself needs another name);
    put into words once, since naming a table anew copies every column of it."""
    other = column.table.alias()
    return select(literal(1)).where(other.c[column.name] == table.c.id).correlate(table)


def _decoded(table: Table, name: str, value: Any) -> Any:
    """A value as JSON keeps it, as the column's own."""
    if isinstance(value, str) and isinstance(table.c[name].type, UtcDateTime):
        return datetime.fromisoformat(value)
    return (
        date.fromisoformat(value)
        if isinstance(value, str) and isinstance(table.c[name].type, Date)
        else value
    )
