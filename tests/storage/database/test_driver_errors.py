"""What a PostgreSQL server says when it refuses is told as it is, in both languages, and a daemon
waits only for what passes by itself."""

from datetime import UTC, datetime

import psycopg
import pytest
from sqlalchemy import Engine, make_url, text
from sqlalchemy.exc import DBAPIError

from scheduler.ports import StoreUnavailableError
from scheduler.storage.database.engine import explained, open_engine, transaction
from scheduler.storage.database.schema import require_current, upgrade
from tests.servers.postgres import RefusingPostgres

REFUSALS = {
    ("28P01", 'password authentication failed for user "app"'): ("refused the password", False),
    ("28000", 'role "app" does not exist'): ("refused this user", False),
    (
        "28000",
        'no pg_hba.conf entry for host "10.0.0.1", user "app", database "d", no encryption',
    ): ("sslmode=require", False),
    (
        "28000",
        'no pg_hba.conf entry for host "10.0.0.1", user "app", database "d", SSL encryption',
    ): ("refused this user", False),
    ("3D000", 'database "renewals" does not exist'): ("no such database", False),
    ("3D000", 'データベース"renewals"は存在しません'): ("no such database", False),
    ("08P01", "no such database: renewals"): ("no such database", False),
    ("53300", "sorry, too many clients already"): ("too many connections", True),
    ("57P03", "the database system is starting up"): ("connection to the database was lost", True),
    ("08P01", "server login has been failing, try again later (server_login_retry)"): (
        "cannot reach the database",
        True,
    ),
    ("XX000", "etwas ganz anderes"): ("etwas ganz anderes", True),
}


@pytest.mark.parametrize(
    ("refusal", "expected"), REFUSALS.items(), ids=[words for _, words in REFUSALS]
)
def test_a_refused_connection_says_what_the_server_said(
    refusal: tuple[str, str], expected: tuple[str, bool]
) -> None:
    with RefusingPostgres(*refusal) as server:
        error = refused_at(f"postgresql://app:geheim@127.0.0.1:{server.port}/renewals")
    assert expected[0] in str(error)
    assert refusal[1] in str(error)
    assert refusal[1] in error.label.ja
    assert (error.passing, error.exit_code) == (expected[1], 1 if expected[1] else 2)
    assert "geheim" not in error.label.ja + error.label.en


def test_nobody_there_and_no_such_host_are_waited_for() -> None:
    for address in ("postgresql://app@127.0.0.1:1/d", "postgresql://app@no-such-host.invalid/d"):
        error = refused_at(address)
        assert error.passing
        assert "cannot reach the database" in str(error)


def refused_at(address: str) -> StoreUnavailableError:
    """What somebody who connects is told."""
    engine = open_engine(address)
    with pytest.raises(StoreUnavailableError) as refused, transaction(engine):
        pass
    engine.dispose()
    return refused.value


STATEMENTS = {
    "SET LOCAL statement_timeout = 1; SELECT pg_sleep(1)": ("took too long", True),
    "SET TRANSACTION READ ONLY; CREATE TABLE t (x int)": ("read-only", True),
    "SET LOCAL ROLE nobody_special; CREATE TABLE public.t (x int)": ("lacks a permission", False),
    "SET LOCAL search_path = nowhere; CREATE TABLE t (x int)": ("schema chosen by options", False),
}


@pytest.mark.parametrize(("statements", "expected"), STATEMENTS.items(), ids=list(STATEMENTS))
def test_what_fails_in_the_middle_is_told_too(
    fresh_postgres_url: str, statements: str, expected: tuple[str, bool]
) -> None:
    engine = open_engine(fresh_postgres_url)
    with transaction(engine) as connection:
        connection.execute(
            text(
                "DO $$ BEGIN CREATE ROLE nobody_special; EXCEPTION WHEN duplicate_object THEN "
                "NULL; END $$"
            )
        )
    with (  # noqa: PT012
        pytest.raises(StoreUnavailableError, match=expected[0]) as refused,
        transaction(engine) as connection,
    ):
        for statement in statements.split("; "):
            connection.execute(text(statement))
    assert refused.value.passing == expected[1]
    engine.dispose()


def test_no_error_holds_what_was_to_be_written(engine: Engine) -> None:
    def write(value: str) -> None:
        with explained(engine), engine.begin() as connection:
            connection.execute(
                text(
                    "INSERT INTO people (key, name, role, pace, active) VALUES (:k, :k, 'rep', "
                    "'daily', true)"
                ),
                {"k": value},
            )

    write("Quillfeather")
    with pytest.raises(DBAPIError) as failed:
        write("Quillfeather")
    assert "Quillfeather" not in f"{failed.value} {failed.value.orig!r} {failed.value.__cause__!r}"
    assert "INSERT" not in str(failed.value)


def test_a_value_of_the_wrong_kind_is_not_repeated(empty_postgres_url: str) -> None:
    engine = open_engine(empty_postgres_url)
    with pytest.raises(DBAPIError, match="SQLSTATE 22P02") as failed, engine.begin() as connection:
        connection.execute(text("SELECT CAST(CAST(:v AS text) AS integer)"), {"v": "Quillfeather"})
    assert "Quillfeather" not in f"{failed.value!r} {failed.value.orig!r}"
    engine.dispose()


def test_a_database_in_another_encoding_is_refused(postgres_url: str) -> None:
    with psycopg.connect(postgres_url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(
            "CREATE DATABASE latin ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0"
        )
    error = refused_at(
        make_url(postgres_url).set(database="latin").render_as_string(hide_password=False)
    )
    assert "createdb -E UTF8" in str(error)
    assert not error.passing


def test_nothing_is_prepared_on_the_server(empty_postgres_url: str) -> None:
    engine = open_engine(empty_postgres_url)
    with transaction(engine) as connection:
        for _ in range(12):
            connection.execute(text("SELECT CAST(:n AS integer)"), {"n": 1})
        assert connection.execute(text("SELECT count(*) FROM pg_prepared_statements")).scalar() == 0
    engine.dispose()


def test_a_schema_of_its_own_by_options(fresh_postgres_url: str) -> None:
    owner = open_engine(fresh_postgres_url)
    with transaction(owner) as connection:
        connection.execute(text("CREATE SCHEMA renewals"))
    engine = open_engine(
        make_url(fresh_postgres_url)
        .update_query_dict({"options": "-csearch_path=renewals"})
        .render_as_string(hide_password=False)
    )
    assert upgrade(engine, datetime(2026, 4, 1, tzinfo=UTC)) is not None
    assert upgrade(engine, datetime(2026, 4, 1, tzinfo=UTC)) is None
    with engine.connect() as connection:
        require_current(connection)
    with transaction(owner) as connection:
        schemas = connection.execute(
            text(
                "SELECT DISTINCT schemaname FROM pg_tables WHERE tablename IN ('deals', "
                "'alembic_version')"
            )
        )
        assert schemas.scalars().all() == ["renewals"]
    engine.dispose()
    owner.dispose()
