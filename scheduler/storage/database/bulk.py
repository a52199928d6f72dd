"""Statements in the driver's own words, for what runs often or for many rows; they take tuples, and
convert each distinct day and instant once.

Always holds: what is written here reads back through the tables of `rows` exactly as if SQLAlchemy
had written it, and what is read here is, once typed, what SQLAlchemy would have read.
"""

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import islice
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Connection,
    CursorResult,
    Date,
    Dialect,
    Integer,
    Table,
    func,
    select,
    text,
)

from scheduler.storage.database.types import UtcDateTime

_PLAIN = (Integer, Boolean)
_REMEMBERED = 8192
_AMONG = 5000
_IN_JSON, _IN_ARRAY = "IN (SELECT value FROM json_each(?))", "= ANY(%s)"
"""Among values given as one: SQLite's, and PostgreSQL's."""
_Makers = list[tuple[int, Callable[[Any], Any]]]


class Statement:
    """One statement in the driver's words, with its values marked `?`, each of the type of the
    column in the same place.

    Made once, at import: SQLAlchemy takes longer to build and compile an UPDATE than any database
    needs to run it.
    """

    def __init__(self, words: str, columns: Sequence[Column[Any]]) -> None:
        self._words = words
        self._columns = tuple(columns)
        self._by_dialect: dict[str, tuple[str, _Makers]] = {}

    def run(self, connection: Connection, *values: Any) -> CursorResult[*tuple[Any, ...]]:
        """Runs it once."""
        words, makers = self._for(connection.dialect)
        return connection.exec_driver_sql(words, _ready(values, makers))

    def run_many(self, connection: Connection, rows: Sequence[Sequence[Any]]) -> int:
        """Runs it for many rows of values; returns how many rows of the table it changed."""
        words, makers = self._for(connection.dialect)
        return connection.exec_driver_sql(words, _all_ready(rows, makers)).rowcount if rows else 0

    def _for(self, dialect: Dialect) -> tuple[str, _Makers]:
        """The statement with a dialect's marks for values, and the functions that convert them."""
        found = self._by_dialect.get(dialect.name)
        if found is None:
            words = (
                self._words.replace("?", "%s")
                if dialect.paramstyle in ("format", "pyformat")
                else self._words
            )
            makers = [
                (place, make)
                for place, column in enumerate(self._columns)
                if (make := _maker(column, dialect)) is not None
            ]
            found = self._by_dialect[dialect.name] = (words, makers)
        return found


class Selection:
    """A query in the driver's words for rows of some numbers, with `{among}` for "among these".

    Rows come as the driver gives them, because many are only compared; `typed` turns one into
    values of the types of its columns.
    """

    def __init__(self, words: str, columns: Sequence[Column[Any]]) -> None:
        self._on_sqlite, self._on_postgres = (words.format(among=a) for a in (_IN_JSON, _IN_ARRAY))
        self._columns = tuple(columns)
        self._names = tuple(column.name for column in columns)
        self._readers: dict[str, _Makers] = {}

    def rows(self, connection: Connection, numbers: Iterable[int]) -> Sequence[Any]:
        """The rows of these numbers, all at once and as the driver's own tuples: SQLAlchemy takes
        longer to wrap a row than the database takes to find it."""
        among: Any = list(numbers)
        words, given = (
            (self._on_sqlite, json.dumps(among))
            if connection.dialect.name == "sqlite"
            else (self._on_postgres, among)
        )
        with connection.exec_driver_sql(words, (given,)) as found:
            return found.cursor.fetchall() if found.cursor else ()

    def typed(self, row: Sequence[Any], dialect: Dialect) -> tuple[Any, ...]:
        """A row in our own types."""
        readers = self._readers.get(dialect.name)
        if readers is None:
            found = (
                (place, _reader(column, dialect)) for place, column in enumerate(self._columns)
            )
            readers = self._readers[dialect.name] = [(p, read) for p, read in found if read]
        return _ready(row, readers)

    def named(self, connection: Connection, numbers: Iterable[int]) -> Iterator[dict[str, Any]]:
        """The rows of these numbers in our own types, by the names of their columns."""
        for row in self.rows(connection, numbers):
            yield self.by_name(row, connection.dialect)

    def by_name(self, row: Sequence[Any], dialect: Dialect) -> dict[str, Any]:
        """A row in our own types, by the names of its columns."""
        return dict(zip(self._names, self.typed(row, dialect), strict=True))


def _ready(row: Sequence[Any], makers: _Makers) -> tuple[Any, ...]:
    """A row with its values converted."""
    values = list(row)
    for place, make in makers:
        value = values[place]
        if value is not None:
            values[place] = make(value)
    return tuple(values)


def _all_ready(rows: Sequence[Sequence[Any]], makers: _Makers) -> list[tuple[Any, ...]]:
    """Rows in the database's own form, converted column by column."""
    columns: list[Sequence[Any]] = list(zip(*rows, strict=True))
    for place, make in makers:
        columns[place] = [None if value is None else make(value) for value in columns[place]]
    return list(zip(*columns, strict=True))


def insertion(table: Table, columns: Sequence[str]) -> Statement:
    """A statement that inserts rows into one table, from tuples in the order of `columns`."""
    names = ", ".join(f'"{name}"' for name in columns)
    return Statement(
        f"INSERT INTO {table.name} ({names}) VALUES ({', '.join('?' * len(columns))})",
        [table.c[name] for name in columns],
    )


def _maker(column: Column[Any], dialect: Dialect) -> Callable[[Any], Any] | None:
    """The function that converts a column's values into the database's form; None if the driver
    takes them as they are."""
    if isinstance(column.type, _PLAIN):
        return None
    process: Callable[[Any], Any] | None = column.type.dialect_impl(dialect).bind_processor(dialect)
    if process is not None and isinstance(column.type, (Date, UtcDateTime)):
        return lru_cache(maxsize=_REMEMBERED)(process)
    if process is None and isinstance(column.type, JSON):
        raise TypeError(f"{column} cannot be written in the driver's words")
    return process


def _reader(column: Column[Any], dialect: Dialect) -> Callable[[Any], Any] | None:
    """The function that converts what the driver gives of a column; None if it needs none."""
    return column.type.dialect_impl(dialect).result_processor(dialect, None)


class Ids:
    """Ids that are taken before the rows are written: the next ones of SQLite's table (nobody else
    can write), or of PostgreSQL's sequence."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._last: dict[str, int] = {}

    def anew(self) -> None:
        """Starts over in a new transaction, because others may have taken ids meanwhile."""
        self._last.clear()

    def take(self, table: Table, count: int) -> Sequence[int]:
        """`count` ids."""
        if self._connection.dialect.name == "postgresql":
            query = text(
                "SELECT nextval(pg_get_serial_sequence(:table, 'id')) FROM generate_series(1, "
                ":count)"
            )
            return list(
                self._connection.execute(query, {"table": table.name, "count": count}).scalars()
            )
        if table.name not in self._last:
            self._last[table.name] = self._connection.execute(
                select(func.coalesce(func.max(table.c.id), 0))
            ).scalar_one()
        first = self._last[table.name] + 1
        self._last[table.name] += count
        return range(first, first + count)


def among(
    connection: Connection, table: str, columns: str, source: str, source_ids: Collection[str]
) -> Mapping[str, Sequence[Any]]:
    """The rows of `table` whose (source, source_id) is among these, by source id: `columns` of
    each."""
    sqlite = connection.dialect.name == "sqlite"
    condition = (
        f"source = ? AND source_id {_IN_JSON}"
        if sqlite
        else f"source = %s AND source_id {_IN_ARRAY}"
    )
    query = f"SELECT source_id, {columns} FROM {table} WHERE {condition}"
    found: dict[str, Sequence[Any]] = {}
    for some in _pieces(source_ids):
        parameter: Any = json.dumps(some, ensure_ascii=False) if sqlite else some
        found.update(
            {row[0]: row[1:] for row in connection.exec_driver_sql(query, (source, parameter))}
        )
    return found


def _pieces(keys: Collection[str]) -> Iterator[list[str]]:
    """The keys in lists of a size that databases handle well."""
    rest = iter(keys)
    while some := list(islice(rest, _AMONG)):
        yield some
