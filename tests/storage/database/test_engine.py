"""Transactions on both databases: who writes, who waits, who reads meanwhile, what a commit is
worth and what an error says."""

import resource
import shutil
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import Engine, insert, select, text, update

from scheduler.ports import StoreUnavailableError
from scheduler.storage.database.address import database_url, parse_url, place
from scheduler.storage.database.engine import open_engine, transaction
from scheduler.storage.database.schema import upgrade
from scheduler.storage.policy.policies import (
    PolicyConflictError,
    PolicyVersion,
    apply_policy,
    current_version,
)
from tests.cast import at
from tests.storage.builders import T
from tests.storage.racing import at_once, beside

NOW = at("2026-04-01")


def add(engine: Engine, key: str, value: str = "1") -> None:
    with transaction(engine) as connection:
        connection.execute(insert(T["meta"]).values(key=key, value=value))


def facts(engine: Engine) -> dict[str, str]:
    with transaction(engine) as connection:
        return {
            row.key: row.value
            for row in connection.execute(select(T["meta"].c.key, T["meta"].c.value))
        }


def test_writers_that_read_first_never_fail_for_being_many(empty_sqlite_url: str) -> None:
    engine = open_engine(empty_sqlite_url)
    add(engine, "count", "0")

    def count() -> None:
        for _ in range(20):
            with transaction(engine) as connection:
                value = int(connection.execute(select(T["meta"].c.value)).scalar_one())
                connection.execute(update(T["meta"]).values(value=str(value + 1)))

    assert at_once(6, count) == []
    assert facts(engine) == {"count": "120"}, "no writer acted on what another was changing"
    engine.dispose()


def test_an_error_takes_the_whole_transaction_back(engine: Engine) -> None:
    with pytest.raises(ZeroDivisionError), transaction(engine) as connection:  # noqa: PT012
        connection.execute(insert(T["meta"]).values(key="a", value="1"))
        raise ZeroDivisionError
    assert facts(engine) == {}


def test_who_reads_waits_for_nobody_and_sees_whole_transactions_only(engine: Engine) -> None:
    reading = open_engine(engine.url.render_as_string(hide_password=False), reading=True)
    with transaction(engine) as connection, reading.connect() as reader:
        connection.execute(insert(T["meta"]).values(key="a", value="1"))
        assert reader.execute(select(T["meta"].c.key)).all() == []
    with reading.connect() as reader:
        assert reader.execute(select(T["meta"].c.key)).all() == [("a",)]
    reading.dispose()


@pytest.mark.parametrize("reading", [False, True])
@pytest.mark.parametrize(
    ("pragma", "value"),
    [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1), ("busy_timeout", 30_000)],
)
def test_sqlite_is_durable_concurrent_and_checked(
    tables_sqlite: Path, lasting: None, reading: bool, pragma: str, value: object
) -> None:
    engine = open_engine(f"sqlite:///{tables_sqlite}", reading=reading)
    with engine.connect() as connection:
        assert connection.execute(text(f"PRAGMA {pragma}")).scalar() == value, (
            "synchronous 2 is FULL: a commit survives a power cut"
        )
    engine.dispose()


def test_how_long_sqlite_waits_may_be_said_in_the_address(empty_sqlite_url: str) -> None:
    first, second = open_engine(empty_sqlite_url), open_engine(f"{empty_sqlite_url}?timeout=0.05")
    with (
        transaction(first),
        pytest.raises(StoreUnavailableError, match="another process is writing") as refused,
        transaction(second),
    ):
        pass
    assert refused.value.passing
    first.dispose()
    second.dispose()
    with pytest.raises(StoreUnavailableError, match="write e.g. .timeout=5"):
        open_engine(f"{empty_sqlite_url}?timeout=long")


def test_a_writer_waits_for_the_one_before(engine: Engine) -> None:
    with transaction(engine) as connection:
        connection.execute(insert(T["meta"]).values(key="a", value="1"))
        finish = beside(engine, lambda: add(engine, "b"))
    finish()
    assert facts(engine) == {"a": "1", "b": "1"}


UNUSABLE = {
    "not a database": "that file is not a database; name another, or restore a backup",
    "read-only": "the database cannot be written; check the permissions",
    "a folder": "the database cannot be opened; check the path",
    "damaged": "the database is damaged; restore a backup",
}


@pytest.mark.parametrize(("how", "said"), UNUSABLE.items(), ids=list(UNUSABLE))
def test_a_file_that_cannot_be_used_says_what_to_do(
    tmp_path: Path, tables_sqlite: Path, how: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    file = Path(shutil.copy2(tables_sqlite, tmp_path / "copy.db"))
    url = f"sqlite:///{file}"
    if how == "not a database":
        file.write_text(
            "this is a letter, not a database; it is long enough to be taken for one, though " * 20
        )
    elif how == "damaged":
        file.write_bytes(file.read_bytes()[:8192] + b"\0" * (file.stat().st_size - 8192))
    elif how == "a folder":
        url = f"sqlite:///{tmp_path}"
    else:
        url = f"sqlite:///file:{file}?mode=ro&uri=true"
    engine = open_engine(url)
    with pytest.raises(StoreUnavailableError, match=said) as refused:
        add(engine, "a")
    engine.dispose()
    assert not refused.value.passing
    assert refused.value.label.ja != refused.value.label.en
    assert not list(Path.cwd().iterdir()), "no folder was made for an address"


def test_a_full_disk_is_named_and_leaves_nothing_half_written(empty_sqlite_url: str) -> None:
    engine = open_engine(empty_sqlite_url)
    with (  # noqa: PT012
        pytest.raises(
            StoreUnavailableError, match="the disk is full; free some space and try again"
        ) as refused,
        transaction(engine) as connection,
    ):
        pages: int = connection.execute(text("PRAGMA page_count")).scalar_one()
        connection.execute(text(f"PRAGMA max_page_count = {pages}"))
        connection.execute(insert(T["meta"]).values(key="small", value="1"))
        connection.execute(insert(T["meta"]).values(key="big", value="x" * 100_000))
    assert refused.value.passing, "a daemon waits until somebody has made room"
    assert facts(engine) == {}
    engine.dispose()


def test_a_disk_without_room_for_the_journals_index_is_full_and_not_broken(
    empty_sqlite_url: str,
) -> None:
    """Opening makes the index anew, so that a full disk is met before anything is read."""
    engine, before = open_engine(empty_sqlite_url), resource.getrlimit(resource.RLIMIT_FSIZE)
    assert facts(engine) == {}
    engine.dispose()
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
    try:
        with pytest.raises(StoreUnavailableError, match="the disk is full") as refused:
            facts(engine)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert refused.value.passing
    assert facts(engine) == {}
    engine.dispose()


def test_a_connection_that_was_cut_is_replaced_before_it_is_used(tables_postgres_url: str) -> None:
    engine = open_engine(tables_postgres_url)
    with transaction(engine) as connection:
        connection.execute(text("SELECT 1"))
    _cut_all(tables_postgres_url)
    with transaction(engine) as connection:
        assert connection.execute(text("SELECT 1")).scalar() == 1
    engine.dispose()


def test_a_connection_cut_in_the_middle_is_named_and_passes(tables_postgres_url: str) -> None:
    engine = open_engine(tables_postgres_url)
    with (  # noqa: PT012
        pytest.raises(
            StoreUnavailableError, match="the connection to the database was lost"
        ) as refused,
        transaction(engine) as connection,
    ):
        connection.execute(text("SELECT 1"))
        _cut_all(tables_postgres_url)
        connection.execute(text("SELECT 1"))
    assert refused.value.passing
    engine.dispose()


def test_two_who_wait_for_each_other_are_told_apart(empty_postgres_url: str) -> None:
    engine = open_engine(empty_postgres_url)
    for key in "ab":
        add(engine, key)

    def other() -> None:
        with transaction(engine) as connection:
            connection.execute(text("SET LOCAL deadlock_timeout = '10s'"))
            connection.execute(update(T["meta"]).where(T["meta"].c.key == "b").values(value="2"))
            connection.execute(update(T["meta"]).where(T["meta"].c.key == "a").values(value="2"))

    with (  # noqa: PT012
        pytest.raises(
            StoreUnavailableError, match="the same rows at the same moment; nothing was written"
        ) as refused,
        transaction(engine) as one,
    ):
        one.execute(text("SET LOCAL deadlock_timeout = '10ms'"))
        one.execute(update(T["meta"]).where(T["meta"].c.key == "a").values(value="1"))
        finish = beside(engine, other)
        one.execute(update(T["meta"]).where(T["meta"].c.key == "b").values(value="1"))
    finish()
    assert refused.value.passing
    assert facts(engine) == {"a": "2", "b": "2"}
    engine.dispose()


def _cut_all(url: str) -> None:
    """The server ends every other connection to this database."""
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = "
            "current_database() AND pid <> pg_backend_pid()"
        )


ADDRESSES = [
    ("postgres://u@h/d", "postgresql+psycopg", None),
    ("postgresql://u@h/d", "postgresql+psycopg", None),
    ("postgresql://u@h1,h2/d", "postgresql+psycopg", "read-write"),
    ("postgresql://u@/d?host=h1&host=h2", "postgresql+psycopg", "read-write"),
    ("postgresql://u@h1,h2/d?target_session_attrs=any", "postgresql+psycopg", "any"),
    ("postgresql://u:p@h1:5432,h2:5433/d?sslmode=require", "postgresql+psycopg", "read-write"),
    ("sqlite:///x.db", "sqlite", None),
    ("sqlite+pysqlite:///x.db", "sqlite", None),
]


@pytest.mark.parametrize(("written", "driver", "attributes"), ADDRESSES)
def test_of_several_hosts_the_one_that_takes_writes_is_asked_for(
    written: str, driver: str, attributes: str | None
) -> None:
    url = parse_url(written)
    assert (url.drivername, url.query.get("target_session_attrs")) == (driver, attributes)


REFUSED = {
    "nonsense": "is not a database address",
    "postgresql://u@h:port/d": "is not a database address",
    "mysql://u@h/d": "mysql is not supported",
    "postgresql+asyncpg://u:secret@h/d": "the driver postgresql\\+asyncpg cannot be used",
    "sqlite+aiosqlite:///x.db": "write sqlite:///data/renewals.db",
    "postgresql://u:secret@h/d?foo=bar": "an unknown argument: foo",
    "postgresql://u:secret@h/d?client_encoding=latin1": "some names cannot be stored",
    "sqlite:///x.db?cache=shared": "an unknown argument: cache",
    "sqlite:///x.db?timeout=long": "is a number of seconds",
    "sqlite://x.db": "three slashes",
}


@pytest.mark.parametrize(("written", "said"), REFUSED.items(), ids=list(REFUSED))
def test_addresses_that_cannot_work_are_refused_and_say_where_they_stand(
    written: str, said: str
) -> None:
    with pytest.raises(StoreUnavailableError, match=said) as refused:
        parse_url(written)
    for sentence in (refused.value.label.ja, refused.value.label.en):
        assert "DATABASE_URL" in sentence
        assert "secret" not in sentence
    assert refused.value.exit_code == 2


def test_an_error_names_the_place_but_neither_password_nor_arguments() -> None:
    url = parse_url("postgresql://me:secret@db:5432/renewals?sslpassword=hidden")
    assert place(url) == "postgresql://me:***@db:5432/renewals"
    assert (
        place(parse_url("postgresql://me:secret@h1,h2/renewals"))
        == "postgresql://me:***@h1,h2/renewals"
    )


def test_the_database_lies_beside_the_configuration_unless_said_otherwise(tmp_path: Path) -> None:
    assert database_url({}, tmp_path) == f"sqlite:///{tmp_path}/data/renewals.db"
    assert database_url({"DATABASE_URL": "postgresql://h/d"}, tmp_path) == "postgresql://h/d"
    assert (
        database_url({"DATABASE_URL": "sqlite:///data/r.db?timeout=5"}, tmp_path)
        == f"sqlite:///{tmp_path}/data/r.db?timeout=5"
    )
    assert database_url({"DATABASE_URL": "sqlite:////abs/r.db"}, tmp_path) == "sqlite:////abs/r.db"


def test_several_who_make_the_tables_at_once_all_find_them(fresh_database_url: str) -> None:
    made: list[Any] = []

    def make() -> None:
        engine = open_engine(fresh_database_url)
        made.append(upgrade(engine, NOW))
        add(engine, f"by {len(made)} {id(engine)}")
        engine.dispose()

    assert at_once(4, make) == []


def test_a_start_that_breaks_off_leaves_an_empty_database(fresh_database_url: str) -> None:
    from sqlalchemy import event, inspect  # noqa: PLC0415

    engine = open_engine(fresh_database_url)

    def power_cut(connection: object, cursor: object, statement: str, *_: object) -> None:
        if "CREATE TABLE nudges" in statement:
            raise KeyboardInterrupt

    event.listen(engine, "before_cursor_execute", power_cut)
    with pytest.raises(KeyboardInterrupt):
        upgrade(engine, NOW)
    event.remove(engine, "before_cursor_execute", power_cut)
    with engine.connect() as connection:
        assert inspect(connection).get_table_names() == []
    assert upgrade(engine, NOW) is not None
    engine.dispose()


def test_who_did_not_see_the_policy_in_force_does_not_replace_it(engine: Engine) -> None:
    apply_policy(engine, 0, PolicyVersion(1, "a", {}, {}, "Ann", "", NOW))
    with pytest.raises(PolicyConflictError, match="policy 1 is in force, not 3"):
        apply_policy(engine, 3, PolicyVersion(4, "b", {}, {}, "Bob", "", NOW))


def test_of_many_who_apply_a_policy_at_once_one_wins(engine: Engine) -> None:
    won: list[str] = []
    names = iter("abcdefgh")

    def apply() -> None:
        name = next(names)
        try:
            apply_policy(engine, 0, PolicyVersion(1, name, {}, {}, name, "", NOW))
        except PolicyConflictError:
            return
        won.append(name)

    assert at_once(8, apply) == []
    with transaction(engine) as connection:
        assert [(1, name) for name in won] == [current_version(connection)]
