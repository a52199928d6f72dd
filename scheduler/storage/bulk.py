"""Writer rows at once, by the driver itself: one prepared statement, tuples, and values brought into the database's own form once per distinct value.

Always holds: what is written here reads back through the tables of `rows` exactly as if SQLAlchemy had written it.
"""

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import islice
from typing import Any

from sqlalchemy import JSON, Boolean, Column, Connection, Date, Integer, Table, func, select, text

from scheduler.storage.types import UtcDateTime

_PLAIN = (Integer, Boolean)
_REMEMBERED = 8192
_AMONG = 5000


class Writer:
    """One statement, its values marked `?`, for many rows: tuples of values as these columns hold them."""

    def __init__(self, connection: Connection, statement: str, columns: Sequence[Column[Any]]) -> None:
        self._connection = connection
        self._statement = statement.replace("?", "%s") if connection.dialect.paramstyle in ("format", "pyformat") else statement
        self._made = [(n, made) for n, made in enumerate(_maker(column, connection) for column in columns) if made is not None]

    def write(self, rows: Sequence[Sequence[Any]]) -> int:
        """Writes them all; how many rows of the table it was."""
        return self._connection.exec_driver_sql(self._statement, [self._ready(row) for row in rows]).rowcount if rows else 0

    def _ready(self, row: Sequence[Any]) -> tuple[Any, ...]:
        """A row in the database's own form."""
        values = list(row)
        for place, made in self._made:
            value = values[place]
            if value is not None:
                values[place] = made(value)
        return tuple(values)


class Inserter(Writer):
    """Inserts rows of one table, as tuples in the order of `columns`."""

    def __init__(self, connection: Connection, table: Table, columns: Sequence[str]) -> None:
        names = ", ".join(connection.dialect.identifier_preparer.quote(name) for name in columns)
        statement = f"INSERT INTO {table.name} ({names}) VALUES ({', '.join('?' * len(columns))})"
        super().__init__(connection, statement, [table.c[name] for name in columns])


def _maker(column: Column[Any], connection: Connection) -> Callable[[Any], Any] | None:
    """What brings a column's values into the database's form; None where the driver takes them as they are."""
    if isinstance(column.type, _PLAIN):
        return None
    process: Callable[[Any], Any] | None = column.type.dialect_impl(connection.dialect).bind_processor(connection.dialect)
    if process is not None and isinstance(column.type, (Date, UtcDateTime)):
        return lru_cache(maxsize=_REMEMBERED)(process)
    if process is None and isinstance(column.type, JSON):
        raise TypeError(f"{column} cannot be written in bulk")
    return process


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


def among(connection: Connection, table: str, columns: str, source: str, source_ids: Collection[str]) -> Mapping[str, Sequence[Any]]:
    """The rows of `table` whose (source, source_id) is among these, by source id: `columns` of each."""
    sqlite = connection.dialect.name == "sqlite"
    condition = "source = ? AND source_id IN (SELECT value FROM json_each(?))" if sqlite else "source = %s AND source_id = ANY(%s)"
    query = f"SELECT source_id, {columns} FROM {table} WHERE {condition}"
    found: dict[str, Sequence[Any]] = {}
    for some in _pieces(source_ids):
        parameter: Any = _json(some) if sqlite else some
        found.update({row[0]: row[1:] for row in connection.exec_driver_sql(query, (source, parameter))})
    return found


def _pieces(keys: Collection[str]) -> Iterator[list[str]]:
    """The keys in lists of a size that databases like."""
    rest = iter(keys)
    while some := list(islice(rest, _AMONG)):
        yield some


def _json(keys: list[str]) -> str:
    """A list as SQLite's json_each reads it."""
    return json.dumps(keys, ensure_ascii=False)
