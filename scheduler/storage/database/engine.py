"""Engines: how the program talks to SQLite and PostgreSQL, and what a driver's error means to a
person.

Always holds: a writing transaction on SQLite begins IMMEDIATE (a deferred one that reads and then
writes fails at once with BUSY_SNAPSHOT) and in the order in which they came; every commit is
durable (synchronous=FULL); reads on the reading engine never block and are never blocked by the
writer (WAL).
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from functools import partial
from pathlib import Path
from sqlite3 import Connection as SqliteConnection
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from sqlalchemy import Connection, Engine, Table, create_engine, event
from sqlalchemy.engine import URL, ExceptionContext
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from scheduler.core.imports.names import number_key
from scheduler.ports import StoreUnavailableError
from scheduler.storage.database.address import parse_url, patience
from scheduler.storage.database.driver_errors import PASSING_ERRORS, crowded, explain, strip_values
from scheduler.storage.database.writer_queue import WriterQueue
from scheduler.system.private_files import make_private, make_private_folder

if TYPE_CHECKING:
    from sqlalchemy.dialects.postgresql import Insert as PostgresInsert
    from sqlalchemy.dialects.sqlite import Insert as SqliteInsert

CONNECT_SECONDS = 10
DEFERRED = "renewals_deferred"
"""The option for a writing connection whose next transactions only read."""
_PAGES_UNTIL_FOLDED = 16_000
"""The size at which a commit folds SQLite's log back into the file by itself: 64 MB. Housekeeping
does it earlier, when nobody waits."""
_WRITES = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "cache_size=-8000",
    f"wal_autocheckpoint={_PAGES_UNTIL_FOLDED}",
    "temp_store=MEMORY",
)
NUMBER_KEY = "number_key"
"""What a number is compared by, as a function that SQLite asks of us."""
_READS = ("foreign_keys=ON", "cache_size=-2000", "temp_store=MEMORY")
"""An engine that only reads leaves the file's own settings alone, and keeps a small cache between
two looks."""


def open_engine(text: str, *, reading: bool = False, lasting: bool = True) -> Engine:
    """An engine for the address `text`; it connects only when first used. `reading` gives SQLite
    deferred transactions, which never wait for a writer; without `lasting` SQLite does not wait for
    the disk, for a database that is thrown away."""
    url = parse_url(text)
    if url.get_backend_name() == "postgresql":
        return _without_values(_open_postgres(url))
    if not reading and (file := _file_of(url)) is not None:
        _make_folder(file.parent)
    kept: dict[str, Any] = (
        {"pool_size": 1, "max_overflow": -1} if reading and _file_of(url) is not None else {}
    )
    engine = create_engine(
        url, connect_args={"timeout": patience(url)}, hide_parameters=True, **kept
    )
    file = _file_of(url)
    if file is not None:
        event.listen(engine, "do_connect", _Opening(file, makes=not reading))
    event.listen(
        engine, "connect", partial(_prepare_sqlite, patience(url), _READS if reading else _WRITES)
    )
    if not lasting:
        event.listen(engine, "connect", _wait_for_no_disk)
    event.listen(
        engine,
        "begin",
        _begin_deferred
        if reading
        else partial(_begin_immediate, WriterQueue(file, patience(url)) if file else None),
    )
    return _without_values(engine)


def _open_postgres(url: URL) -> Engine:
    """Opens PostgreSQL without prepared statements: behind a pool that lends connections for one
    transaction they would be missing the next time."""
    given: dict[str, Any] = {"prepare_threshold": None, "client_encoding": "utf8"}
    defaults = {"connect_timeout": CONNECT_SECONDS, "application_name": "renewals"}
    given |= {name: value for name, value in defaults.items() if name not in url.query}
    engine = create_engine(
        url.difference_update_query(["client_encoding"]),
        connect_args=given,
        pool_pre_ping=True,
        isolation_level="READ COMMITTED",
        pool_size=5,
        hide_parameters=True,
    )
    event.listen(engine, "connect", _require_utf8)
    return engine


def _require_utf8(connection: Any, _record: Any) -> None:
    """Refuses a database that cannot hold every character; makes no query."""
    encoding = connection.info.parameter_status("server_encoding") or "UTF8"
    if encoding != "UTF8":
        name = connection.info.dbname
        connection.close()
        raise StoreUnavailableError(
            (
                "the database {name} is in {encoding}, which cannot hold every name; make it "
                "in UTF-8: createdb -E UTF8 -T template0 {name}"
            ),
            name=name,
            encoding=encoding,
        )


def _without_values(engine: Engine) -> Engine:
    """The engine, with errors that hold nothing of what was to be written: neither the statement's
    values nor what the server repeats of them."""
    event.listen(engine, "handle_error", _take_values_out)
    return engine


def _take_values_out(context: ExceptionContext) -> None:
    """Removes the values from an error and leaves what went wrong."""
    strip_values(context.original_exception)
    error = context.sqlalchemy_exception
    if error is not None:
        error.statement = error.params = None
        error.args = (
            f"({type(context.original_exception).__name__}) {context.original_exception}",
        )


def _file_of(url: URL) -> Path | None:
    """The file behind a plain SQLite address."""
    plain = url.database and url.database != ":memory:" and not url.database.startswith("file:")
    return Path(url.database or "") if plain else None


def _make_folder(folder: Path) -> None:
    """Makes the folder of the database file if it is missing, private to its owner."""
    try:
        make_private_folder(folder)
    except OSError as error:
        raise StoreUnavailableError(
            "cannot make the folder of the database, {folder}: {strerror}",
            folder=folder,
            strerror=error.strerror,
            passing=error.errno in PASSING_ERRORS,
        ) from error


class _Opening:
    """Opens the database file. Only an engine that writes makes one, at its first connection,
    private from the beginning (its journals inherit its rights); later connections never put an
    empty file in the place of a deleted one. Errors are left to SQLite to report."""

    def __init__(self, file: Path, *, makes: bool) -> None:
        self._file, self._makes = file, makes

    def __call__(
        self, _dialect: Any, _record: Any, arguments: list[Any], keywords: dict[str, Any]
    ) -> None:
        """Before a connection is made."""
        if self._makes:
            self._makes = False
            with suppress(OSError):
                make_private(self._file)
        arguments[0] = f"file:{quote(str(self._file))}?mode=rw"
        keywords["uri"] = True


def _prepare_sqlite(
    patience: float, pragmas: Sequence[str], connection: SqliteConnection, _record: Any
) -> None:
    """Sets SQLite up to be durable, concurrent and checked; BEGIN comes from SQLAlchemy's event,
    not from the driver."""
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (f"busy_timeout={round(patience * 1000)}", *pragmas):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
    connection.create_function(NUMBER_KEY, 1, number_key, deterministic=True)


def _wait_for_no_disk(connection: SqliteConnection, _record: Any) -> None:
    """Lets commits return before they are on the disk."""
    connection.execute("PRAGMA synchronous=OFF")


def _begin_immediate(queue: WriterQueue | None, connection: Connection) -> None:
    """Takes the write lock at once, waiting for its turn; not for what is only to be read."""
    if connection.get_execution_options().get(DEFERRED):
        _begin_deferred(connection)
        return
    with queue.turn() if queue is not None else nullcontext():
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def _begin_deferred(connection: Connection) -> None:
    """A snapshot to read from."""
    connection.exec_driver_sql("BEGIN")


@contextmanager
def transaction(engine: Engine) -> Iterator[Connection]:
    """A transaction that commits at the end and rolls back on any error. Driver errors a person can
    fix come out as StoreUnavailableError."""
    with explained(engine), engine.begin() as connection:
        yield connection


@contextmanager
def looking(engine: Engine) -> Iterator[Connection]:
    """A connection whose work is rolled back. Driver errors come out as in `transaction`."""
    with explained(engine), engine.connect() as connection:
        yield connection


@contextmanager
def explained(engine: Engine) -> Iterator[None]:
    """Turns driver errors into errors that say what happened and what to do."""
    try:
        yield
    except DBAPIError as error:
        meaning = explain(error, engine.url)
        if meaning is None:
            raise
        raise meaning from error
    except PoolTimeoutError as error:
        raise crowded(engine.url) from error


def upsert(connection: Connection, table: Table) -> "SqliteInsert | PostgresInsert":
    """An INSERT that can say what to do if the key already exists, in the dialect of the
    connection."""
    if connection.dialect.name == "postgresql":
        from sqlalchemy.dialects.postgresql import insert as postgres_insert  # noqa: PLC0415  (loaded only where it is spoken)

        return postgres_insert(table)
    from sqlalchemy.dialects.sqlite import insert as sqlite_insert  # noqa: PLC0415

    return sqlite_insert(table)
