"""Engines: how the program talks to SQLite and PostgreSQL, and what a driver's error means to a person.

Always holds: a writing transaction on SQLite begins IMMEDIATE (a deferred one that reads and then writes fails at once with BUSY_SNAPSHOT); every
commit is durable (synchronous=FULL); reads on the reading engine never block and are never blocked by the writer (WAL).
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from sqlite3 import Connection as SqliteConnection
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, Table, create_engine, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.pool import NullPool

from scheduler.ports import StoreUnavailableError
from scheduler.storage.driver_errors import explain

if TYPE_CHECKING:
    from sqlalchemy.dialects.postgresql import Insert as PostgresInsert
    from sqlalchemy.dialects.sqlite import Insert as SqliteInsert

BUSY_SECONDS = 30
DEFAULT_FILE = "data/renewals.db"
_PAGES_UNTIL_FOLDED = 16_000
"""When a commit folds SQLite's log back into the file by itself, 64 MB. Housekeeping does it before, when nobody waits for it."""


def database_url(env: Mapping[str, str], folder: Path) -> str:
    """`DATABASE_URL`, else the SQLite file `data/renewals.db` beside `config.toml`."""
    return env.get("DATABASE_URL") or f"sqlite:///{(folder / DEFAULT_FILE).as_posix()}"


def parse_url(text: str) -> URL:
    """The URL with our drivers; hosts in a list ask for the one that takes writes. Raises StoreUnavailableError for what is no URL."""
    try:
        url = make_url(text)
    except ArgumentError as error:
        raise StoreUnavailableError(
            "DATABASE_URLの形式が正しくありません。例：postgresql://user@host/renewals",
            "DATABASE_URL is not a database address; write e.g. postgresql://user@host/renewals",
        ) from error
    if url.drivername in ("postgres", "postgresql"):
        url = url.set(drivername="postgresql+psycopg")
    if url.get_backend_name() not in ("sqlite", "postgresql"):
        raise StoreUnavailableError(
            f"対応していないデータベースです：{url.get_backend_name()}(SQLiteまたはPostgreSQL)",
            f"{url.get_backend_name()} is not supported; use SQLite or PostgreSQL",
        )
    hosts = url.query.get("host", url.host or "")
    several = len(hosts) > 1 if isinstance(hosts, tuple) else "," in hosts
    if several and "target_session_attrs" not in url.query:
        url = url.update_query_dict({"target_session_attrs": "read-write"})
    return url


def open_engine(text: str, *, reading: bool = False) -> Engine:
    """An engine for `text`; connects only when first used. `reading` gives SQLite's deferred transactions that never wait for a writer."""
    url = parse_url(text)
    if url.get_backend_name() == "postgresql":
        return create_engine(url, pool_pre_ping=True, isolation_level="READ COMMITTED", pool_size=5)
    if url.database and url.database != ":memory:" and not url.database.startswith("file:") and not reading:
        _make_folder(Path(url.database).parent)
    engine = create_engine(url, connect_args={"timeout": _patience(url)}, poolclass=NullPool if reading else None)
    event.listen(engine, "connect", partial(_prepare_sqlite, _patience(url)))
    event.listen(engine, "begin", _begin_deferred if reading else _begin_immediate)
    return engine


def _make_folder(folder: Path) -> None:
    """The folder of the database file."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreUnavailableError(
            f"データベースのフォルダーを作れません({folder})：{error.strerror}", f"cannot make the folder of the database, {folder}: {error.strerror}"
        ) from error


def _patience(url: URL) -> float:
    """How many seconds SQLite waits for another process that writes: `?timeout=5` in the address, else BUSY_SECONDS."""
    try:
        return float(str(url.query.get("timeout", BUSY_SECONDS)))
    except ValueError:
        raise StoreUnavailableError(
            "DATABASE_URLの timeout には秒数を書いてください。例：?timeout=5",
            "timeout in DATABASE_URL is a number of seconds; write e.g. ?timeout=5",
        ) from None


def _prepare_sqlite(patience: float, connection: SqliteConnection, _record: Any) -> None:
    """Durable, concurrent, checked; SQLAlchemy's begin event says BEGIN, not the driver."""
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        f"busy_timeout={round(patience * 1000)}",
        "cache_size=-8000",
        f"wal_autocheckpoint={_PAGES_UNTIL_FOLDED}",
        "temp_store=MEMORY",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_immediate(connection: Connection) -> None:
    """Takes the write lock at once, waiting for its turn."""
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _begin_deferred(connection: Connection) -> None:
    """A snapshot to read from."""
    connection.exec_driver_sql("BEGIN")


@contextmanager
def transaction(engine: Engine) -> Iterator[Connection]:
    """A transaction that commits at the end and rolls back on any error. Driver errors a person can mend come out as StoreUnavailableError."""
    with explained(engine), engine.begin() as connection:
        yield connection


@contextmanager
def explained(engine: Engine) -> Iterator[None]:
    """Turns what a driver says into what happened and what to do."""
    try:
        yield
    except DBAPIError as error:
        meaning = explain(error, engine.url)
        if meaning is None:
            raise
        raise meaning from error


def upsert(connection: Connection, table: Table) -> "SqliteInsert | PostgresInsert":
    """An INSERT that can say what happens where the key is there already, in the dialect of the connection."""
    if connection.dialect.name == "postgresql":
        from sqlalchemy.dialects.postgresql import insert as postgres_insert  # noqa: PLC0415  (loaded only where it is spoken)

        return postgres_insert(table)
    from sqlalchemy.dialects.sqlite import insert as sqlite_insert  # noqa: PLC0415

    return sqlite_insert(table)
