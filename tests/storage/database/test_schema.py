"""A fresh database is what the migrations make; a foreign or newer one is refused; an older one is
copied first."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect, text
from sqlalchemy.exc import IntegrityError

from scheduler.ports import StoreUnavailableError
from scheduler.storage.database.engine import open_engine
from scheduler.storage.database.revisions import FOLDER, known, newest
from scheduler.storage.database.schema import (
    SchemaState,
    migrate,
    outgrown,
    require_current,
    schema_state,
    upgrade,
)

NOW = datetime(2026, 11, 23, tzinfo=UTC)


def shape(engine: Engine) -> dict[str, Any]:
    """Every table with its columns, keys, checks and indexes."""
    look = inspect(engine)
    return {
        table: {
            "columns": {
                c["name"]: (str(c["type"]), c["nullable"]) for c in look.get_columns(table)
            },
            "unique": sorted(
                (u["name"], tuple(u["column_names"])) for u in look.get_unique_constraints(table)
            ),
            "checks": sorted(
                (str(c["name"]), c["sqltext"]) for c in look.get_check_constraints(table)
            ),
            "foreign": sorted(
                (str(f["name"]), tuple(f["constrained_columns"]), f["referred_table"])
                for f in look.get_foreign_keys(table)
            ),
            "indexes": sorted(
                (str(i["name"]), tuple(i["column_names"]), bool(i["unique"]), _where(i))
                for i in look.get_indexes(table)
            ),
        }
        for table in look.get_table_names()
    }


def _where(index: Any) -> str:
    """The condition of a partial index, as text."""
    return "".join(
        str(v) for k, v in sorted(index.get("dialect_options", {}).items()) if k.endswith("_where")
    )


def test_a_fresh_database_is_what_the_migrations_make(
    fresh_database_url: str, tmp_path: Path
) -> None:
    fresh = open_engine(fresh_database_url)
    upgrade(fresh, NOW)
    made = shape(fresh)
    with fresh.begin() as connection:
        for table in inspect(connection).get_table_names():
            connection.execute(
                text(
                    "DROP TABLE "
                    f"{table}{' CASCADE' if connection.dialect.name == 'postgresql' else ''}"
                )
            )
    fresh.dispose()
    step_by_step = open_engine(
        fresh_database_url
        if "postgresql" in fresh_database_url
        else f"sqlite:///{tmp_path / 'migrated.db'}"
    )
    with step_by_step.begin() as connection:
        migrate(connection)
    assert shape(step_by_step) == made
    step_by_step.dispose()


def test_amounts_of_zero_stay_zero_and_may_be_unknown_after_the_update(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'older.db'}")
    columns = (
        "id, source, source_id, number, customer_id, product, title, auto_renew, evergreen, amount,"
        " currency, estimated, term_number, system_made"
    )
    with engine.begin() as connection:
        migrate(connection, "0003")
        connection.execute(
            text(
                "INSERT INTO customers (id, source, source_id, name) VALUES (1, 'csv', 'aoba', "
                "'Aoba')"
            )
        )
        connection.execute(
            text(
                f"INSERT INTO contracts ({columns}) VALUES (1, 'csv', 'C-1', 'C-1', 1, '', '', "
                "0, 0, 0, 'JPY', 0, 0, 0)"
            )
        )
    with engine.begin() as connection:
        migrate(connection)
    with engine.begin() as connection:
        assert connection.execute(text("SELECT amount FROM contracts")).scalar_one() == 0
        connection.execute(text("UPDATE contracts SET amount = NULL"))
        assert connection.execute(text("PRAGMA integrity_check")).scalar_one() == "ok"
        with pytest.raises(IntegrityError):
            connection.execute(text("UPDATE contracts SET amount = -1"))
    engine.dispose()


def test_the_revisions_are_one_chain_in_the_order_of_their_names() -> None:
    script = ScriptDirectory(str(FOLDER))
    chain = [revision.revision for revision in script.walk_revisions()][::-1]
    assert script.get_heads() == [newest()]
    assert tuple(chain) == known()
    assert [Path(script.get_revision(r).path).name[:4] for r in chain] == chain


def test_a_fresh_database_says_that_it_is_of_the_newest_revision(fresh_database_url: str) -> None:
    engine = open_engine(fresh_database_url)
    upgrade(engine, NOW)
    assert stamp(engine) == newest()
    engine.dispose()


def test_a_stamp_that_an_earlier_program_wrote_too_low_comes_right(fresh_database_url: str) -> None:
    engine = open_engine(fresh_database_url)
    with engine.begin() as connection:
        migrate(connection, "0003")
        connection.execute(text("UPDATE alembic_version SET version_num = '0002'"))
    upgrade(engine, NOW)
    assert stamp(engine) == newest()
    assert upgrade(engine, NOW) is None
    engine.dispose()


def test_an_older_database_says_to_readers_what_brings_it_up_to_date(
    fresh_database_url: str,
) -> None:
    engine = open_engine(fresh_database_url)
    with engine.begin() as connection:
        migrate(connection, known()[-2])
    with (
        engine.connect() as connection,
        pytest.raises(StoreUnavailableError, match="earlier version"),
    ):
        require_current(connection)
    engine.dispose()


def stamp(engine: Engine) -> str:
    """The revision that the database says it has."""
    with engine.connect() as connection:
        return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar())


def test_the_second_start_changes_nothing(fresh_database_url: str) -> None:
    engine = open_engine(fresh_database_url)
    assert upgrade(engine, NOW) is not None
    assert upgrade(engine, NOW) is None
    engine.dispose()


def test_a_newer_database_is_refused(fresh_database_url: str) -> None:
    engine = open_engine(fresh_database_url)
    upgrade(engine, NOW)
    assert outgrown(engine) is None
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    said = outgrown(engine)
    assert said is not None, "a program that was running meanwhile"
    assert "9999" in said.en
    with pytest.raises(StoreUnavailableError, match="newer version of renewals"):
        upgrade(engine, NOW)
    with (
        engine.connect() as connection,
        pytest.raises(StoreUnavailableError, match="newer version"),
    ):
        require_current(connection)
    engine.dispose()


def test_an_empty_database_says_what_sets_it_up(fresh_database_url: str) -> None:
    engine = open_engine(fresh_database_url)
    with engine.connect() as connection:
        assert schema_state(connection) is SchemaState.EMPTY
        with pytest.raises(StoreUnavailableError, match="renewals run"):
            require_current(connection)
    engine.dispose()


def test_tables_of_somebody_else_are_never_touched(fresh_database_url: str) -> None:
    engine = open_engine(fresh_database_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE people (who VARCHAR(10))"))
    with pytest.raises(StoreUnavailableError, match="use an empty database"):
        upgrade(engine, NOW)
    engine.dispose()
