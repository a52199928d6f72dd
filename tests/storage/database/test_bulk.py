"""Queries in the driver's own words, on both databases."""

from datetime import date

from sqlalchemy import Engine

from scheduler.storage.database.bulk import Selection
from tests.cast import at
from tests.storage.builders import T, add_contract, add_row

CONTRACTS = T["contracts"]
DAYS = [CONTRACTS.c.id, CONTRACTS.c.ends_on, CONTRACTS.c.auto_renew, CONTRACTS.c.attributes]
BY_DAY = Selection(
    "SELECT id, ends_on, auto_renew, attributes FROM contracts WHERE id {among} ORDER BY ends_on",
    DAYS,
)
CALENDAR = [T["imports"].c.id, T["imports"].c.started_at, T["imports"].c.finished_at]
IMPORTS = Selection("SELECT id, started_at, finished_at FROM imports WHERE id {among}", CALENDAR)


def added(engine: Engine, *days: int) -> list[int]:
    """Contracts that end on these days of March; their numbers."""
    with engine.begin() as connection:
        return [
            add_contract(connection, f"C-{day}", date(2027, 3, day), auto_renew=day > 20)[0]
            for day in days
        ]


def test_only_the_rows_of_the_numbers_come_in_the_order_of_the_query(engine: Engine) -> None:
    late, early, other = added(engine, 30, 10, 20)
    with engine.connect() as connection:
        assert [row[0] for row in BY_DAY.rows(connection, [late, early])] == [early, late]
        assert [row[0] for row in BY_DAY.rows(connection, iter([other]))] == [other]


def test_no_number_and_one_that_there_is_not_give_no_row(engine: Engine) -> None:
    [only] = added(engine, 10)
    with engine.connect() as connection:
        assert list(BY_DAY.rows(connection, [])) == []
        assert list(BY_DAY.rows(connection, [only + 1])) == []


def test_a_number_named_twice_gives_its_row_once(engine: Engine) -> None:
    [only] = added(engine, 10)
    with engine.connect() as connection:
        assert len(BY_DAY.rows(connection, [only, only])) == 1


def test_more_numbers_than_a_statement_takes_values_are_asked_at_once(engine: Engine) -> None:
    [only] = added(engine, 10)
    with engine.connect() as connection:
        assert [row[0] for row in BY_DAY.rows(connection, range(only, only + 100_000))] == [only]


def test_a_typed_row_has_our_own_types_and_nothing_stays_nothing(engine: Engine) -> None:
    [number] = added(engine, 30)
    with engine.begin() as connection:
        begun = add_row(
            connection,
            "imports",
            source="crm",
            file="a.csv",
            sha256="",
            counts={},
            started_at=at("2027-01-04"),
        )
    with engine.connect() as connection:
        [row] = BY_DAY.rows(connection, [number])
        typed = BY_DAY.typed(row, connection.dialect)
        assert (typed[:3], type(typed[2])) == ((number, date(2027, 3, 30), True), bool)
        [row] = IMPORTS.rows(connection, [begun])
        assert IMPORTS.typed(row, connection.dialect) == (begun, at("2027-01-04"), None)
