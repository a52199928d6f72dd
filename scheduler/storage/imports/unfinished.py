"""Settling a large import that did not finish, in the database (`storage.imports.parts` says how
one comes in).

Always holds: a step is one short transaction, and what it has done it need not do again: a made row
that is gone, a kept change that was put back and is gone, a deal that is shown. Made rows go before
changes come back, for they may bear an id that was given to them.
"""

from collections.abc import Callable
from datetime import datetime
from time import monotonic

from sqlalchemy import Connection, Engine, Table, delete, select, text, true, update
from typing_extensions import override

from scheduler.services.imports.unfinished import (
    LISTED,
    Settlement,
    UnfinishedImport,
    UnfinishedStore,
)
from scheduler.storage.database.engine import explained, looking, transaction
from scheduler.storage.database.import_in_progress import (
    FINISHING,
    IMPORTING,
    IMPORTS,
    UNDOING,
    holding,
    is_alive,
    parts_there,
)
from scheduler.storage.database.meta import get_fact, set_fact
from scheduler.storage.database.seals import LASTING, forget
from scheduler.storage.imports.looking import CHANGES, PASSAGES
from scheduler.storage.imports.reading import CONTRACTS, CUSTOMERS, DEALS, PEOPLE
from scheduler.storage.imports.undo import UndoQueries, pointing_to
from scheduler.storage.signals.chains import take_away, void_some

_SECONDS = 0.25
_AT_A_TIME, _SHOWN_AT_A_TIME, _SIGNALS_AT_A_TIME, _FEW = 200, 2000, 2000, 5
_UNDONE_TO = "undone_to"
"""The id of the last signal that an undoing has taken back."""
_PARENTS = text("CREATE INDEX IF NOT EXISTS ix_customers_going ON customers (parent_id)")
_NO_PARENTS = text("DROP INDEX IF EXISTS ix_customers_going")


class UnfinishedRows(UnfinishedStore):
    """Finds a half import and settles it, part by part."""

    def __init__(self, engine: Engine, reading: Engine) -> None:
        self._engine, self._reading = engine, reading

    @override
    def left(self) -> UnfinishedImport | None:
        with looking(self._reading) as connection:
            parts = parts_there(connection)
        if parts is None:
            return None
        with explained(self._engine):
            return UnfinishedImport(parts.import_id, parts.file, is_alive(self._engine))

    @override
    def settle_some(self, now: datetime) -> Settlement | None:
        """Settles in one short transaction."""
        with explained(self._engine), holding(self._engine) as held:
            if not held:
                return None
            with transaction(self._engine) as connection:
                parts = parts_there(connection)
                if parts is None:
                    return None
                return UnfinishedImportCleanup(connection, parts.import_id, _SECONDS).some(now)


class UnfinishedImportCleanup:
    """The settlement of one import, on one connection; its transactions are short ones of whoever
    calls."""

    def __init__(self, connection: Connection, import_id: int, seconds: float) -> None:
        self._connection, self._import_id, self._seconds = connection, import_id, seconds
        self._shown = self.voided = 0
        self._left: list[str] = []

    def some(self, now: datetime) -> Settlement:
        """Settles as much as can be done in one transaction: steps of a few hundred rows each,
        until it has taken long enough."""
        until = monotonic() + self._seconds
        parts = parts_there(self._connection)
        assert parts is not None, "nothing to settle"
        kept = parts.state == FINISHING
        undone = parts.state == UNDOING
        steps = (self._show,) if kept else (lambda: self._void(now),) if undone else self._back(now)
        self._left.clear()
        done = all(_exhausted(step, until) for step in steps)
        if done:
            self._end("completed" if kept else "undone")
        left = tuple(dict.fromkeys(filter(None, self._left)))
        return Settlement(
            done, kept, parts.import_id, parts.file, len(self._left), left[:LISTED], undone
        )

    def _void(self, now: datetime) -> int:
        """Takes some of its signals back, as of when somebody began to undo it."""
        mine = select(IMPORTS.c.undone_at).where(IMPORTS.c.id == self._import_id)
        since = self._connection.execute(mine).scalar_one()
        after = int(get_fact(self._connection, _UNDONE_TO) or 0)
        voided = void_some(self._connection, self._import_id, after, _SIGNALS_AT_A_TIME, since, now)
        until = None if voided.until is None else str(voided.until)
        set_fact(self._connection, _UNDONE_TO, until)
        self.voided += voided.signals
        return until is not None

    def _show(self) -> int:
        """Shows some deals."""
        query = select(DEALS.c.id).where(
            DEALS.c.import_id == self._import_id, DEALS.c.id > self._shown
        )
        ids = list(self._connection.scalars(query.order_by(DEALS.c.id).limit(_SHOWN_AT_A_TIME)))
        if ids:
            self._connection.execute(
                update(DEALS).where(DEALS.c.id.in_(ids)).values(voided_at=None)
            )
            self._shown = ids[-1]
        return len(ids)

    def _back(self, now: datetime) -> tuple[Callable[[], int], ...]:
        """The steps that take everything back."""
        return (
            lambda: take_away(self._connection, self._import_id, _SIGNALS_AT_A_TIME, now),
            self._remove_deals,
            lambda: self._put_back(now),
            lambda: self._remove(PASSAGES),
            self._remove_customers,
            lambda: self._undoing.delete_free(PEOPLE, self._import_id, _FEW),
        )

    @property
    def _undoing(self) -> UndoQueries:
        """The undoing on this connection."""
        return UndoQueries(self._connection)

    def _remove_deals(self) -> int:
        """Some of its deals, with all that points to them and their contracts."""
        query = select(DEALS.c.id, DEALS.c.contract_id).where(DEALS.c.import_id == self._import_id)
        rows = self._connection.execute(query.limit(_AT_A_TIME)).all()
        deals, contracts = [row.id for row in rows], [row.contract_id for row in rows]
        for table, column in pointing_to(DEALS) if rows else ():
            if table.name in LASTING:
                forget(self._connection, table.name, column.in_(deals))
            self._connection.execute(delete(table).where(column.in_(deals)))
        if rows:
            self._delete(DEALS, deals)
            unlinked = update(CONTRACTS).where(CONTRACTS.c.predecessor_id.in_(contracts))
            self._connection.execute(unlinked.values(predecessor_id=None))
            self._delete(CONTRACTS, contracts)
        return len(rows)

    def _remove_customers(self) -> int:
        """Some of its customers. Each is looked for among the parents of all: there is an index for
        it while this goes on."""
        self._connection.execute(_PARENTS)
        return self._undoing.delete_free(CUSTOMERS, self._import_id, _AT_A_TIME)

    def _put_back(self, now: datetime) -> int:
        """Some of what it changed, newest first."""
        rows = self._undoing.some_changes(self._import_id, true(), _AT_A_TIME)
        for row in rows:
            if (left := self._undoing.put_back(row, now)) is not None:
                self._left += [left] if left else []
        self._delete(CHANGES, [row["id"] for row in rows])
        return len(rows)

    def _remove(self, table: Table) -> int:
        """Some of the rows of a table that it made."""
        mine = select(table.c.id).where(table.c.import_id == self._import_id)
        ids = list(self._connection.scalars(mine.limit(_AT_A_TIME)))
        self._delete(table, ids)
        return len(ids)

    def _delete(self, table: Table, ids: list[int]) -> None:
        """Takes rows away, and their seals."""
        if ids:
            forget(self._connection, table.name, table.c.id.in_(ids))
            self._connection.execute(delete(table).where(table.c.id.in_(ids)))

    def _end(self, state: str) -> None:
        """Ends the import that was under way."""
        mine = update(IMPORTS).where(IMPORTS.c.id == self._import_id)
        self._connection.execute(mine.values(state=state))
        self._connection.execute(_NO_PARENTS)
        set_fact(self._connection, IMPORTING, None)


def _exhausted(step: Callable[[], int], until: float) -> bool:
    """Whether a step, taken at least once, has nothing more to do before it is time to end."""
    while step():
        if monotonic() >= until:
            return False
    return True
