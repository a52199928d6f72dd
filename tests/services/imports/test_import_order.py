"""The rows of a file in any order, cut into batches anywhere, give the same database, also where
they contradict each other about a customer."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scheduler.storage.database.engine import open_engine
from scheduler.storage.database.rows import metadata
from scheduler.storage.database.schema import empty
from tests.import_cast import NOW, Office

HEAD = "contract,customer,customer_id,segment,country,parent,ends_on,amount,currency,owner\n"
LATER = NOW + timedelta(days=1)

row = st.tuples(
    st.sampled_from(("Aoba", "ＡＯＢＡ", "青葉 商事", "青葉商事")),
    st.sampled_from(("", "K-1", "k-2")),
    st.sampled_from(("", "large", "small")),
    st.sampled_from(("", "JP", "DE")),
    st.sampled_from(("", "Holdings", "ＨＯＬＤＩＮＧＳ", "Group")),
    st.sampled_from(("2027-03-31", "2027-06-30", "")),
    st.sampled_from(("", "100", "250.5")),
    st.sampled_from(("", "Ann Ito", "ＡＮＮ　ｉｔｏ", "ann ito", "Bob")),
)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """A database that is emptied between the registers."""
    folder = tmp_path_factory.mktemp("order")
    engine = open_engine(f"sqlite:///{folder / 'order.db'}")
    metadata.create_all(engine)
    yield Office(engine, folder)
    engine.dispose()


def file(rows: Sequence[tuple[str, Sequence[str]]]) -> str:
    """A register as a text."""
    return HEAD + "".join(
        f"{number},{name},{key},{segment},{country},{parent},{end},{amount},EUR,{owner}\n"
        for number, (name, key, segment, country, parent, end, amount, owner) in rows
    )


def kept(office: Office) -> list[list[Any]]:
    """Customers, people, contracts and deals by what they are called, not by the numbers of their
    rows."""
    customers, people = (
        {r["id"]: r for r in office.rows(name)} for name in ("customers", "people")
    )
    named = [
        (
            c["source_id"],
            c["name"],
            c["segment"],
            c["country"],
            customers[c["parent_id"]]["source_id"] if c["parent_id"] else "",
        )
        for c in customers.values()
    ]
    contracts = [
        (
            r["number"],
            customers[r["customer_id"]]["source_id"],
            r["ends_on"],
            r["amount"],
            people[r["owner_id"]]["name"] if r["owner_id"] else "",
        )
        for r in office.rows("contracts")
    ]
    deals = [(r["key"], r["pipeline"], r["stage"]) for r in office.rows("deals")]
    return [
        sorted(map(str, rows))
        for rows in (named, [(p["key"], p["name"]) for p in people.values()], contracts, deals)
    ]


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(row, min_size=1, max_size=6),
    st.lists(row, min_size=6, max_size=6),
    st.randoms(use_true_random=False),
    st.integers(1, 4),
)
def test_rows_in_any_order_and_any_batches_give_the_same_database(
    office: Office, first: list[Any], second: list[Any], chance: Any, batch: int
) -> None:
    registers = [
        [(f"C-{n}", r) for n, r in enumerate(rows)] for rows in (first, second[: len(first)])
    ]
    found = []
    for shuffled in (False, True):
        empty(office.engine)
        for at, rows in zip((NOW, LATER), registers, strict=True):
            ordered = chance.sample(rows, len(rows)) if shuffled else rows
            office.load_text(
                file(ordered), at, batch=batch if shuffled else 100, gone="keep", erase=True
            )
        found.append(kept(office))
    assert found[0] == found[1]
