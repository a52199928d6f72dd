"""The shape of the database: made fresh, brought up to date, or refused.

Always holds: a fresh database is exactly what the migrations would have made (a test compares
them); a database newer than this program is never touched; on SQLite a copy is made before a
migration.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from scheduler.core.words.labels import Label
from scheduler.ports import StoreUnavailableError
from scheduler.storage.database.engine import explained, looking
from scheduler.storage.database.revisions import FOLDER, known, newest
from scheduler.storage.database.rows import metadata

_VERSION_TABLE = "alembic_version"
_SAID_TOO_LITTLE = {"0002": ("plans", "0003")}
"""Stamps that an earlier program wrote too low: a database with this table is really of that
revision."""
_UPGRADE_LOCK = 7_220_117


class SchemaState(StrEnum):
    """How a database's schema compares with this program's."""

    EMPTY = "empty"
    CURRENT = "current"
    OLDER = "older"
    NEWER = "newer"


@dataclass(frozen=True, slots=True)
class Upgraded:
    """What an upgrade did: from which revision (None: from nothing), and where the copy lies."""

    before: str | None
    backup: Path | None = None


def schema_state(connection: Connection) -> SchemaState:
    """Empty, current, older or newer. Raises StoreUnavailableError for tables that are not ours."""
    revision = _revision(connection)
    if revision is None:
        return SchemaState.EMPTY
    if revision == newest():
        return SchemaState.CURRENT
    return SchemaState.OLDER if revision in known() else SchemaState.NEWER


def _revision(connection: Connection) -> str | None:
    """The database's real revision, whatever an earlier program stamped on it."""
    tables = inspect(connection).get_table_names()
    if _VERSION_TABLE in tables:
        stamp = _stamp(connection)
        table, really = _SAID_TOO_LITTLE.get(stamp or "", ("", stamp))
        return really if table in tables else stamp
    if set(tables) & set(metadata.tables):
        raise StoreUnavailableError(
            "the database has tables of the same names that are not ours; use an empty database"
        )
    return None


def _stamp(connection: Connection) -> str | None:
    """The revision the database says it has."""
    stamp: str | None = connection.execute(
        text(f"SELECT version_num FROM {_VERSION_TABLE}")
    ).scalar()
    return stamp


def require_current(connection: Connection) -> None:
    """Raises StoreUnavailableError unless the database is current; for an empty, older or newer one
    it says what to do."""
    state = schema_state(connection)
    if state is SchemaState.NEWER:
        raise _newer()
    if state is SchemaState.OLDER:
        raise StoreUnavailableError(
            "the database is of an earlier version of renewals; `renewals run` or `renewals "
            "import` copies it and brings it up to date"
        )
    if state is not SchemaState.CURRENT:
        raise StoreUnavailableError(
            "the database is not set up yet; `renewals run` or `renewals import` does that"
        )


def _newer() -> StoreUnavailableError:
    """The refusal of a newer schema, which an old program never touches."""
    return StoreUnavailableError(
        "the database belongs to a newer version of renewals; update this program"
    )


def outgrown(engine: Engine) -> Label | None:
    """What to do where a newer program has brought the database up to date while this one was
    running; None as long as this program knows its revision. Cheap: asked before every step."""
    with looking(engine) as connection:
        stamp = _stamp(connection)
    if stamp is None or stamp in known():
        return None
    return Label(
        "a newer version of renewals has brought the database up to date (revision {stamp}): "
        "update this program, and start it again",
        stamp=stamp,
    )


def upgrade(engine: Engine, now: datetime) -> Upgraded | None:
    """Makes or updates the tables; None when there was nothing to do. Safe when several processes
    do it at once. Raises StoreUnavailableError."""
    with explained(engine):
        with engine.connect() as connection:
            state = schema_state(connection)
            right = state is SchemaState.CURRENT and _stamp(connection) == newest()
        if right:
            return None
        if state is SchemaState.NEWER:
            raise _newer()
        with _upgrading(engine) as connection:
            before = _revision(connection)
            copy = None
            if before is None:
                _make(connection)
            elif before not in known():
                raise _newer()
            else:
                if before != newest():
                    copy = _copied(engine, before)
                connection.execute(
                    text(f"UPDATE {_VERSION_TABLE} SET version_num = :v"), {"v": before}
                )
                if before != newest():
                    migrate(connection)
                    _complete(connection)
    return Upgraded(before, _named(engine, copy, now) if copy is not None else None)


def _complete(connection: Connection) -> None:
    """Completes the indexes of databases made before a revision was finished: they lack some, or
    have them over all rows."""
    look, dialect = inspect(connection), connection.dialect.name
    for table in metadata.sorted_tables:
        there = {
            str(index["name"]): f"{dialect}_where" in index.get("dialect_options", {})
            for index in look.get_indexes(table.name)
        }
        for index in sorted(table.indexes, key=lambda i: str(i.name)):
            where = index.info.get("where")
            if there.get(str(index.name)) != (where is not None):
                index.drop(connection, checkfirst=True)
                index.dialect_options[dialect]["where"] = text(where) if where else None
                index.create(connection)


@contextmanager
def _upgrading(engine: Engine) -> Iterator[Connection]:
    """One transaction for all of an upgrade, one process at a time.

    SQLite cannot change every part of a table in place: a new table is made, filled and put in the
    place of the old one, which other tables point to. So references are not enforced meanwhile, and
    are all checked before the commit (sqlite.org/lang_altertable.html).
    """
    sqlite = engine.dialect.name == "sqlite"
    with engine.connect() as connection:
        if sqlite:
            connection.connection.cursor().execute("PRAGMA foreign_keys = OFF")
        try:
            with connection.begin():
                if not sqlite:
                    connection.execute(
                        text("SELECT pg_advisory_xact_lock(:n)"), {"n": _UPGRADE_LOCK}
                    )
                yield connection
                if sqlite and (
                    broken := connection.exec_driver_sql("PRAGMA foreign_key_check").all()
                ):
                    raise RuntimeError(
                        f"the upgrade left {len(broken)} rows that point nowhere, first in "
                        f"{broken[0][0]}; nothing was changed"
                    )
        finally:
            if sqlite:
                connection.invalidate()  # the next connection enforces references again


def _make(connection: Connection) -> None:
    """Makes every table of the newest revision, and stamps it."""
    metadata.create_all(connection)
    columns = (
        f"version_num VARCHAR(32) NOT NULL, CONSTRAINT {_VERSION_TABLE}_pkc PRIMARY KEY "
        "(version_num)"
    )
    connection.execute(text(f"CREATE TABLE {_VERSION_TABLE} ({columns})"))
    connection.execute(text(f"INSERT INTO {_VERSION_TABLE} VALUES (:v)"), {"v": newest()})


def migrate(connection: Connection, to: str = "head") -> None:
    """Runs the Alembic revisions on an open connection."""
    from alembic import command  # noqa: PLC0415  (only an upgrade needs it)
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.attributes["connection"] = connection
    command.upgrade(config, to)


def _copied(engine: Engine, before: str) -> Path | None:
    """Copies a SQLite file as it was before the transaction that is open.

    Until that has ended well the copy bears the name of its revision, and an attempt that broke off
    leaves it: the next one makes it anew in its place. So a daemon that waits for room on its disk
    does not take that room itself, a copy for each attempt.
    """
    from scheduler.storage.database.backup import copy_to  # noqa: PLC0415  (only an upgrade needs it)

    file = engine.url.database
    if engine.dialect.name != "sqlite" or not file:
        return None
    copy = Path(f"{file}.{before}.upgrading")
    try:
        copy_to(engine.url.render_as_string(hide_password=False), copy, anew=True)
    except StoreUnavailableError as error:
        raise StoreUnavailableError(
            "no copy could be made before the upgrade: {error}; nothing was changed",
            error=error.label,
            passing=True,
        ) from error
    return copy


def _named(engine: Engine, copy: Path, now: datetime) -> Path:
    """The copy under the name by which it is kept, now that the upgrade is through."""
    from scheduler.storage.database.backup import free_name  # noqa: PLC0415  (likewise)

    return copy.rename(free_name(Path(f"{engine.url.database}.{now:%Y%m%dT%H%M%SZ}.backup")))


def empty(engine: Engine) -> None:
    """Removes every row from our tables and restarts the ids, for databases that are reused again
    and again."""
    with explained(engine), engine.begin() as connection:
        for table in reversed(metadata.sorted_tables):
            connection.execute(table.delete())
        if connection.dialect.name == "postgresql":
            connection.execute(
                text("SELECT setval(oid, 1, false) FROM pg_class WHERE relkind = 'S'")
            )
