"""Amounts are multiplied by what the name of their column says, unless the mapping file says what
by; the report tells it."""

from pathlib import Path

import pytest

from scheduler.core.imports.header_units import (
    header_currency,
    header_length,
    header_unit,
    without_note,
    without_unit,
)
from scheduler.core.imports.records import ContractRecord
from scheduler.core.imports.texts import ImportRefusedError, Reject
from scheduler.sources.contracts import ContractFile, open_contracts
from scheduler.sources.files.opening import open_table
from scheduler.sources.mappings.contracts import read_mapping
from scheduler.sources.mappings.guessing import as_mapping, guess
from tests.import_cast import POLICY, codes


def opened(tmp_path: Path, column: str, mapping: str = "") -> ContractFile:
    """A file with one contract of 1,200 in that column."""
    file = tmp_path / "list.csv"
    file.write_text(f"contract,customer,ends on,{column}\nC-1,Aoba,2027-03-31,1200\n", "utf-8")
    if not mapping:
        return open_contracts(file, POLICY)
    how = tmp_path / "how.toml"
    how.write_text(mapping, "utf-8")
    return open_contracts(file, POLICY, mapping=read_mapping(how))


def amount(file: ContractFile) -> int | None:
    """Of its only contract, in minor units of yen."""
    (record,) = file.records()
    assert isinstance(record, ContractRecord)
    return record.amount


@pytest.mark.parametrize(
    ("column", "times"),
    [
        ("金額", 1),
        ("金額（円）", 1),
        ("金額(千円)", 1_000),
        ("金額（百万円）", 1_000_000),
        ("amount (thousands)", 1_000),
        ("Amount (k¥)", 1_000),
        ("amount", 1),
    ],
)
def test_our_own_columns_may_name_their_unit(tmp_path: Path, column: str, times: int) -> None:
    file = opened(tmp_path, column)
    assert (amount(file), file.unit) == (1200 * times, (column, times) if times > 1 else None)
    assert file.ignored == ()


@pytest.mark.parametrize("cell", ["1200", '"1,200"', "120万円", "1.2M"])
def test_a_cell_that_says_its_own_unit_is_not_multiplied_again(tmp_path: Path, cell: str) -> None:
    file = tmp_path / "list.csv"
    file.write_text(f"contract,customer,ends on,金額(千円)\nC-1,Aoba,2027-03-31,{cell}\n", "utf-8")
    assert amount(open_contracts(file, POLICY)) == 1_200_000


COLUMNS = '[columns]\ncontract = "contract"\ncustomer = "customer"\nends_on = "ends on"\n'


@pytest.mark.parametrize(
    ("said", "times", "told"),
    [("", 1_000, True), ("multiply = 1", 1, False), ("multiply = 10000", 10_000, False)],
)
def test_a_mapping_file_has_the_last_word(
    tmp_path: Path, said: str, times: int, told: bool
) -> None:
    file = opened(tmp_path, "売上(千円)", f'{COLUMNS}amount = "売上(千円)"\n[amount]\n{said}\n')
    assert (amount(file), file.unit is not None) == (1200 * times, told)


def test_a_row_that_is_read_otherwise_now_is_not_taken_for_known(tmp_path: Path) -> None:
    as_it_is, by_name = (
        next(
            iter(opened(tmp_path, "金額(千円)", f'{COLUMNS}amount = "金額(千円)"\n{how}').records())
        )
        for how in ("[amount]\nmultiply = 1\n", "")
    )
    assert isinstance(as_it_is, ContractRecord)
    assert isinstance(by_name, ContractRecord)
    assert as_it_is.row_hash != by_name.row_hash


def test_a_guess_writes_it_down(tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    rows = "".join(f"K-{n},顧客{n},2027-03-{n},{n}00\n" for n in range(10, 30))
    file.write_text(f"契約番号,会社名,満了日,年額（千円）\n{rows}", "utf-8")
    table = open_table(file)
    written = as_mapping("list.csv", guess(table), table)
    assert "[amount]\nmultiply = 1000  # as the column's name says\n" in written


@pytest.mark.parametrize(
    ("column", "constant", "currency"),
    [
        ("amount (EUR)", "", "EUR"),
        ("amount (k€)", "", "EUR"),
        ("amount (EUR)", '[constants]\ncurrency = "USD"\n', "USD"),
        ("金額(千円)", "", "JPY"),
        ("amount", "", "JPY"),
    ],
)
def test_the_currency_in_the_name_counts_where_nothing_else_says_one(
    tmp_path: Path, column: str, constant: str, currency: str
) -> None:
    mapping = f'{constant}{COLUMNS}amount = "{column}"\n' if constant else ""
    (record,) = opened(tmp_path, column, mapping).records()
    assert isinstance(record, ContractRecord)
    assert record.currency == currency


@pytest.mark.parametrize(
    ("column", "written"),
    [
        ("月額", "multiply = 12  # monthly amounts made yearly, as the column's name says"),
        ("Monthly fee (k€)", "multiply = 12000  # monthly amounts"),
        ("Monthly fee (k€)", 'currency = "EUR"  # as the column\'s name says'),
        ("年額", '# currency = "EUR"'),
    ],
)
def test_a_guess_makes_a_months_amounts_a_years(tmp_path: Path, column: str, written: str) -> None:
    file = tmp_path / "list.csv"
    rows = "".join(f"K-{n},顧客{n},2027-03-{n},{n}00\n" for n in range(10, 30))
    file.write_text(f"契約番号,会社名,満了日,{column}\n{rows}", "utf-8")
    table = open_table(file)
    assert written in as_mapping("list.csv", guess(table), table)


def test_a_years_amounts_are_taken_before_a_months(tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    rows = "".join(f"K-{n},顧客{n},2027-03-{n},{n}00,{12 * n}00\n" for n in range(10, 30))
    file.write_text(f"契約番号,会社名,満了日,月額,年額\n{rows}", "utf-8")
    assert [g.column for g in guess(open_table(file)) if g.field == "amount"] == ["年額"]


def of_columns(tmp_path: Path, columns: str, cells: str) -> tuple[object, ...]:
    """What a row with these columns comes to: its amount and currency and the columns that nothing
    reads, or the code of what is wrong with it or with the file."""
    file = tmp_path / "list.csv"
    file.write_text(f"contract,customer,{columns}\nC-1,Aoba,{cells}\n", "utf-8")
    try:
        opened = open_contracts(file, POLICY)
    except ImportRefusedError as error:
        return tuple(codes(error))
    (found,) = opened.records()
    if isinstance(found, Reject):
        return (found.column, found.problem.code)
    assert isinstance(found, ContractRecord)
    return (found.amount, found.currency, *opened.ignored)


@pytest.mark.parametrize(
    ("columns", "cells", "found"),
    [
        ("契約金額（税抜）", "5", (5, "JPY")),
        ("年額(税込)", "5", (5, "JPY")),
        ("Amount (excl. VAT)", "5", (5, "JPY")),
        ("amount [required]", "5", (5, "JPY")),
        ("金額（税抜・千円）", "5", (5000, "JPY")),
        ("金額,金額（税込）", "5,6", (5, "JPY", "金額（税込）")),
        ("契約金額,年額（税込）", "5,6", (5, "JPY", "年額（税込）")),
        ("金額（税抜）,金額（税込）", "5,6", ("two_columns",)),
        ("金額（月額）", "5", (None, "JPY", "金額（月額）")),
        ("Amount (monthly)", "5", (None, "JPY", "Amount (monthly)")),
    ],
)
def test_a_note_behind_a_name_leaves_its_meaning_and_any_other_does_not(
    tmp_path: Path, columns: str, cells: str, found: tuple[object, ...]
) -> None:
    assert of_columns(tmp_path, columns, cells) == found


@pytest.mark.parametrize(
    ("column", "currency", "found"),
    [
        ("Amount (USD)", "USD", (500, "USD")),
        ("Amount (USD)", "", (500, "USD")),
        ("Amount (USD)", "EUR", ("Amount (USD)", "money_currency")),
        ("金額（円）", "EUR", ("金額（円）", "money_currency")),
        ("Amount ($)", "CAD", (500, "CAD")),
        ("金額（¥）", "CNY", (500, "CNY")),
        ("金額（税込）", "EUR", (500, "EUR")),
    ],
)
def test_a_currency_in_the_name_that_is_not_the_rows_is_refused(
    tmp_path: Path, column: str, currency: str, found: tuple[object, ...]
) -> None:
    assert of_columns(tmp_path, f"{column},currency", f"5,{currency}") == found


@pytest.mark.parametrize(
    "column",
    ["Notice{}x", "Term{}(in{}x", "Amount{}(", "金額（{}", "Term{}(days){}x", "Amount{}(net){}x"],
)
def test_a_name_with_thousands_of_spaces_is_read_at_once(column: str) -> None:
    spaces = column.replace("{}", " " * 20_000)
    single = column.replace("{}", " ")
    assert header_length(spaces) == header_length(single)
    assert header_unit(spaces) == header_unit(single)
    assert without_unit(without_note(spaces)).split() == without_unit(without_note(single)).split()


def test_a_name_of_a_page_says_no_unit() -> None:
    column = "Amount (k€) " * 10_000
    assert header_unit(column) == 1
    assert not header_currency(column, "EUR")
    assert without_note(column) == without_unit(column) == column
