"""Columns that a whole file leaves empty although contracts had values in them."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path

import pytest

from scheduler.core.imports.texts import ImportRefusedError
from tests.import_cast import NOW, Office

HEAD = (
    "contract,customer,starts_on,ends_on,notice,auto_renew,decide_by,amount,currency,segment,"
    "country,estimated\n"
)
ROW = "C-{n},Customer {n},2026-04-01,{ends},2 months,yes,2027-01-15,100,EUR,smb,DE,{guess}\n"
LATER = NOW + timedelta(days=1)


@pytest.fixture
def office(database_url: str, tmp_path: Path) -> Iterator[Office]:
    """An office with two contracts, all of whose columns are filled."""
    office = Office.at(database_url, tmp_path)
    office.load_text(file())
    yield office
    office.engine.dispose()


def file(given: Mapping[str, str] | None = None, *, first: bool = False, **more: str) -> str:
    """The file with something else in a column, in all rows or only the first."""
    place = {name: n for n, name in enumerate(HEAD.strip().split(","))}
    lines = []
    for n in (1, 2):
        cells = ROW.format(n=n, ends="2027-03-31", guess="yes").strip().split(",")
        for name, value in {**(given or {}), **more}.items() if n == 1 or not first else ():
            cells[place[name]] = value
        lines.append(",".join(cells) + "\n")
    return HEAD + "".join(lines)


@pytest.mark.parametrize(
    ("column", "after"),
    [
        ("auto_renew", False),
        ("currency", "JPY"),
    ],
)
def test_what_takes_the_place_of_a_whole_emptied_column_is_refused_unless_meant(
    office: Office, column: str, after: object
) -> None:
    before = office.everything()
    with pytest.raises(ImportRefusedError, match="2"):
        office.load_text(file({column: ""}), LATER)
    assert office.everything() == before
    office.load_text(file({column: ""}), LATER, erase=True)
    assert office.column("contracts", column) == [after, after]


def test_an_emptied_notice_that_would_be_one_of_no_days_is_refused_unless_meant(
    office: Office,
) -> None:
    office.load_text(file(decide_by=""), LATER, erase=True)
    with pytest.raises(ImportRefusedError, match="2"):
        office.load_text(file(decide_by="", notice=""), LATER)
    office.load_text(file(decide_by="", notice=""), LATER, erase=True)
    assert office.column("contracts", "notice") == ["0 days", "0 days"]


@pytest.mark.parametrize("column", ["segment", "country", "decide_by"])
def test_a_whole_emptied_column_of_customers_or_of_deadlines_is_refused_unless_meant(
    office: Office, column: str
) -> None:
    table = "contracts" if column == "decide_by" else "customers"
    filled = office.column(table, column)
    with pytest.raises(ImportRefusedError, match="2"):
        office.load_text(file({column: ""}), LATER)
    assert office.column(table, column) == filled
    office.load_text(file({column: ""}), LATER, erase=True)
    assert set(office.column(table, column)).isdisjoint(filled)


def test_deadlines_that_follow_new_ends_erase_nothing(office: Office) -> None:
    moved = file(ends_on="2027-04-30", decide_by="")
    assert office.load_text(moved, LATER).updated == 2
    again = office.load_text(moved.replace("2027-04-30", "2027-05-31"), LATER)
    assert again.updated == 2, "an empty column that never said a deadline has none to erase"


@pytest.mark.parametrize(
    ("given", "updated"),
    [
        ({"auto_renew": "no"}, 2),
        ({"notice": "0 days"}, 2),
        ({"currency": "USD"}, 2),
        ({"estimated": ""}, 2),
    ],
)
def test_what_a_file_says_itself_and_a_confirmed_end_are_taken(
    office: Office, given: dict[str, str], updated: int
) -> None:
    assert office.load_text(file(given), LATER).updated == updated


def test_one_emptied_cell_in_a_filled_column_erases_its_value(office: Office) -> None:
    office.load_text(file(first=True, auto_renew="", currency="", segment=""), LATER)
    assert office.column("contracts", "auto_renew") == [False, True]
    assert office.column("contracts", "currency") == ["JPY", "EUR"]


def test_an_amount_whose_currency_changes_is_told_in_both(office: Office) -> None:
    report = office.load_text(file(first=True, currency="JPY"), LATER)
    (told,) = [moved for moved in report.moved if moved.field == "amount"]
    assert (told.before, told.after) == ("€100.00", "¥100")
