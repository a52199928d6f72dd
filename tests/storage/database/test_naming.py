"""What a typed word names, on both databases: neither its case nor its width matters, nor those of
what is stored."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, select

from scheduler.storage.database.deals import CONTRACTS, DEALS
from scheduler.storage.database.engine import open_engine
from scheduler.storage.database.naming import holds, named, same
from scheduler.storage.database.rows import metadata
from tests.storage.builders import T, add_contract, add_person

NUMBERS = ["ＡＢＣ－１２３", "abc-1", "ＡＢＣ-1", "契約（２）", "Ａ％＿"]


@pytest.fixture
def connection(database_url: str) -> Iterator[Connection]:
    """Contracts whose numbers somebody has written in full width, all or a part of them."""
    engine = open_engine(database_url)
    metadata.create_all(engine)
    with engine.begin() as connection:
        for number in NUMBERS:
            add_contract(connection, number)
        add_person(connection, "ＡＮＮ", email=None)
        yield connection
    engine.dispose()


def found(connection: Connection, wanted: str) -> list[str]:
    """The numbers of the deals that are named."""
    query = select(CONTRACTS.c.number).join(DEALS, DEALS.c.contract_id == CONTRACTS.c.id)
    return list(connection.scalars(query.where(named(wanted)).order_by(DEALS.c.id)))


@pytest.mark.parametrize(
    ("wanted", "numbers"),
    [
        ("ABC-123", ["ＡＢＣ－１２３"]),
        ("abc-１２３", ["ＡＢＣ－１２３"]),
        ("ａｂｃ－１２３", ["ＡＢＣ－１２３"]),
        ("契約(2)", ["契約（２）"]),
        ("ABC-12", []),
        ("%", []),
    ],
)
def test_a_number_is_found_in_any_width_and_case(
    connection: Connection, wanted: str, numbers: list[str]
) -> None:
    assert found(connection, wanted) == numbers


def test_two_numbers_that_differ_by_width_alone_are_both_meant_and_each_is_reached_by_its_deal(
    connection: Connection,
) -> None:
    assert found(connection, "Abc-1") == found(connection, "ＡＢＣ－１") == ["abc-1", "ＡＢＣ-1"]
    assert [found(connection, deal) for deal in ("#2", "＃3")] == [["abc-1"], ["ＡＢＣ-1"]]


def test_a_name_and_a_part_of_one_are_found_in_any_width(connection: Connection) -> None:
    name, number, address = T["people"].c.name, CONTRACTS.c.number, T["people"].c.email
    assert connection.scalars(select(name).where(same(name, "ann"))).all() == ["ＡＮＮ"]
    assert connection.scalars(select(name).where(same(address, "ann"))).all() == []
    assert connection.scalars(select(number).where(holds(number, "bc-12"))).all() == NUMBERS[:1]
    assert connection.scalars(select(number).where(holds(number, "a%_"))).all() == NUMBERS[-1:]
