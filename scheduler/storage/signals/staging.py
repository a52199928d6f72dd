"""Signals on their way in: temporary tables of one connection, so that a million of them wait
for the write lock neither in memory nor while others write."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from sqlite3 import Connection as SqliteConnection
from typing import Any

from sqlalchemy import Column, Connection, Float, Integer, MetaData, String, Table, text

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
STAGED = Table(
    "staged_signals",
    _TEMPORARY,
    Column("line", Integer, nullable=False),
    Column("whom", Integer, nullable=False),
    Column("name", String, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("source", String, nullable=False),
    Column("value", Float, nullable=False),
    Column("received_at", UtcDateTime, nullable=False),
    Column("told", Integer, nullable=False),
    prefixes=["TEMPORARY"],
)
SAID = Table(
    "staged_said",
    _TEMPORARY,
    Column("number", Integer, primary_key=True),
    Column("whom", Integer, nullable=False),
    Column("name", String, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("source", String, nullable=False),
    Column("received_at", UtcDateTime, nullable=False),
    Column("value", Float, nullable=False),
    Column("least", Float, nullable=False),
    Column("told", Integer, nullable=False),
    Column("first", Integer, nullable=False),
    Column("last", Integer, nullable=False),
    prefixes=["TEMPORARY"],
)
"""What is said of each measurement at each instant, measurement by measurement."""
_SORT = """
INSERT INTO staged_said
    (whom, name, at, source, received_at, value, least, told, first, last)
SELECT whom, name, at, source, received_at,
    max(value), min(value), max(told), min(line), max(line)
FROM staged_signals GROUP BY whom, name, at, source, received_at
ORDER BY whom, name, at, source, received_at
"""
_NEXT = text("""
SELECT n.number FROM staged_said n JOIN staged_said l ON l.number = :last
WHERE n.number > :last AND NOT (
    n.whom = l.whom AND n.name = l.name AND n.at = l.at AND n.source = l.source
) ORDER BY n.number LIMIT 1
""")
_NEW_WHOM = insertion(WHOM, ("number", "kind", "key", "written"))
_NEW_STAGED = insertion(
    STAGED, ("line", "whom", "name", "at", "source", "value", "received_at", "told")
)


class Staging:
    """The lines of one file, put aside. Those that do not say when they became known did so at
    `now`."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection, self.now = connection, now
        self._whom: dict[tuple[str, str], int] = {}
        self._said = 0
        self.count = 0
        self.has_history = False

    def add(self, lines: Sequence[SignalLine]) -> None:
        """Adds one batch."""
        whom, now, rows, new = self._whom, self.now, list[Any](), list[Any]()
        for line, kind, key, subject, name, value, at, source, received_at in lines:
            number = whom.get((kind, key))
            if number is None:
                number = whom[kind, key] = len(whom) + 1
                new.append((number, kind, key, subject))
            known = (now, 0) if received_at is None else (received_at, 1)
            rows.append((line, number, name, at, source, value, *known))
        self.has_history |= any(line[-1] is not None for line in lines)
        with _nobody_waits(self._connection):
            _NEW_WHOM.run_many(self._connection, new)
            _NEW_STAGED.run_many(self._connection, rows)
        self.count += len(rows)

    @property
    def subjects(self) -> int:
        """The number of contracts and customers that the lines are about; numbered from 1."""
        return len(self._whom)

    def sort(self) -> None:
        """Puts what is said of a measurement together, once all lines are there."""
        with _nobody_waits(self._connection):
            self._said = self._connection.exec_driver_sql(_SORT).rowcount

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
def staged(connection: Connection, now: datetime) -> Iterator[Staging]:
    """A place on this connection, gone at the end of the block."""
    _store_temporarily(connection, "FILE")
    with _nobody_waits(connection):
        _TEMPORARY.create_all(connection)
    try:
        yield Staging(connection, now)
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
