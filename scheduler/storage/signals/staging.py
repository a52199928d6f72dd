"""Signals on their way in: temporary tables of one connection, so that a million of them wait
for the write lock neither in memory nor while others write."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from sqlite3 import Connection as SqliteConnection
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Float,
    Integer,
    MetaData,
    String,
    Table,
    bindparam,
    text,
)

from scheduler.core.imports.signals import SignalLine
from scheduler.storage.database.bulk import insertion
from scheduler.storage.database.engine import DEFERRED
from scheduler.storage.database.types import UtcDateTime

_TEMPORARY = MetaData()
WHOM = Table(
    "staged_subjects",
    _TEMPORARY,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("kind", String, nullable=False),
    Column("key", String, nullable=False),
    Column("written", String, nullable=False),
    Column("subject_id", Integer),
    Column("former_of", Integer),
    prefixes=["TEMPORARY"],
)
"""Whom lines are about. `former_of`: whom the text of another one meant, as long as it meant one
(`storage.signals.namesakes`)."""
WHAT = Table(
    "staged_names",
    _TEMPORARY,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("name", String, nullable=False),
    Column("source", String, nullable=False),
    prefixes=["TEMPORARY"],
)
"""What was measured, and where it was told: a million rows are written and sorted by numbers."""
STAGED = Table(
    "staged_signals",
    _TEMPORARY,
    Column("line", Integer, nullable=False),
    Column("whom", Integer, nullable=False),
    Column("what", Integer, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("value", Float, nullable=False),
    Column("received_at", UtcDateTime),
    prefixes=["TEMPORARY"],
)
SAID = Table(
    "staged_said",
    _TEMPORARY,
    Column("number", Integer, primary_key=True),
    Column("whom", Integer, nullable=False),
    Column("what", Integer, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("received_at", UtcDateTime, nullable=False),
    Column("value", Float, nullable=False),
    Column("least", Float, nullable=False),
    Column("told", Integer, nullable=False),
    Column("first", Integer, nullable=False),
    Column("last", Integer, nullable=False),
    prefixes=["TEMPORARY"],
)
"""What is said of each measurement at each instant, measurement by measurement."""
_RECEIVED = "coalesce(received_at, :now)"
_SORT = f"""
INSERT INTO staged_said (whom, what, at, received_at, value, least, told, first, last)
SELECT whom, what, at, max({_RECEIVED}), max(value), min(value),
    max(CASE WHEN received_at IS NULL THEN 0 ELSE 1 END), min(line), max(line)
FROM staged_signals GROUP BY {{by}} ORDER BY {{by}}
"""
_MEASUREMENT = "whom, what, at"
_SORTED = {
    has_history: text(_SORT.format(by=by)).bindparams(bindparam("now", type_=UtcDateTime))
    for has_history, by in ((False, _MEASUREMENT), (True, f"{_MEASUREMENT}, {_RECEIVED}"))
}
"""Without a history all that is said of a measurement was received at one instant."""
_NEXT = text("""
SELECT n.number FROM staged_said n JOIN staged_said l ON l.number = :last
WHERE n.number > :last AND NOT (
    n.whom = l.whom AND n.what = l.what AND n.at = l.at
) ORDER BY n.number LIMIT 1
""")
_NEW_WHOM = insertion(WHOM, ("number", "kind", "key", "written"))
_NEW_WHAT = insertion(WHAT, ("number", "name", "source"))
_NEW_STAGED = insertion(STAGED, ("line", "whom", "what", "at", "value", "received_at"))


class StagingTables:
    """The lines of one file, put aside. Those that do not say when they became known did so at
    `now`."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection, self.now = connection, now
        self._whom: dict[tuple[str, str], int] = {}
        self._what: dict[tuple[str, str], int] = {}
        self._said = 0
        self.count = 0
        self.has_history = False

    def add(self, lines: Sequence[SignalLine]) -> None:
        """Adds one batch."""
        whom, what, rows = self._whom, self._what, list[Any]()
        new_whom, new_what = list[Any](), list[Any]()
        for line, kind, key, subject, name, value, at, source, received_at in lines:
            of = whom.get((kind, key))
            if of is None:
                of = whom[kind, key] = len(whom) + 1
                new_whom.append((of, kind, key, subject))
            measure = what.get((name, source))
            if measure is None:
                measure = what[name, source] = len(what) + 1
                new_what.append((measure, name, source))
            rows.append((line, of, measure, at, value, received_at))
            if received_at is not None:
                self.has_history = True
        with _nobody_waits(self._connection):
            _NEW_WHOM.run_many(self._connection, new_whom)
            _NEW_WHAT.run_many(self._connection, new_what)
            _NEW_STAGED.run_many(self._connection, rows)
        self.count += len(rows)

    @property
    def subjects(self) -> int:
        """The number of contracts and customers that the lines are about; numbered from 1."""
        return len(self._whom)

    def sort(self) -> None:
        """Puts what is said of a measurement together, once all lines are there."""
        with _nobody_waits(self._connection):
            sort = _SORTED[self.has_history]
            self._said = self._connection.execute(sort, {"now": self.now}).rowcount

    def pieces(self, size: int) -> Iterator[tuple[int, int]]:
        """Splits what is said into pieces of about so many, as (after, until) of their numbers. All
        that is said of one measurement is in one piece."""
        after = 0
        while after < self._said:
            until = min(after + size, self._said)
            if until < self._said and self.has_history:
                beyond = self._connection.execute(_NEXT, {"last": until}).scalar()
                until = self._said if beyond is None else beyond - 1
            yield after, until
            after = until


@contextmanager
def staged(connection: Connection, now: datetime) -> Iterator[StagingTables]:
    """A place on this connection, gone at the end of the block."""
    _store_temporarily(connection, "FILE")
    with _nobody_waits(connection):
        _TEMPORARY.create_all(connection)
    try:
        yield StagingTables(connection, now)
    finally:
        connection.rollback()
        with _nobody_waits(connection):
            _TEMPORARY.drop_all(connection)
        _store_temporarily(connection, "MEMORY")


@contextmanager
def _nobody_waits(connection: Connection) -> Iterator[None]:
    """A transaction that writes nothing but temporary tables."""
    connection.execution_options(**{DEFERRED: True})
    with connection.begin():
        yield
    connection.execution_options(**{DEFERRED: False})


def _store_temporarily(connection: Connection, where: str) -> None:
    """Sets where SQLite keeps temporary tables; only outside of a transaction, of which SQLAlchemy
    would begin one."""
    raw = connection.connection.dbapi_connection
    if isinstance(raw, SqliteConnection):
        raw.execute(f"PRAGMA temp_store={where}")
