"""When a contract runs, written in one cell; and ends that say that there is none."""

from pathlib import Path

import pytest

from scheduler.core.imports.records import ContractRecord
from scheduler.core.imports.texts import ImportRefusedError, LeftOut, Reject
from scheduler.core.words.lexicon import Language
from scheduler.sources.contracts import open_contracts
from scheduler.sources.files.opening import open_table
from scheduler.sources.mappings.contracts import FileMapping, parse_mapping, read_mapping
from scheduler.sources.mappings.guessing import as_mapping, guess
from tests.import_cast import POLICY, codes

Row = ContractRecord | Reject | LeftOut


def rows(folder: Path, header: str, *cells: str, mapping: FileMapping | None = None) -> list[Row]:
    """What rows come to whose further cells are these."""
    path = folder / "list.csv"
    lines = [f"contract,customer,{header}", *(f"C-{n},青葉,{c}" for n, c in enumerate(cells))]
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return list(open_contracts(path, POLICY, mapping=mapping).records())


def days(row: Row) -> tuple[str, str, bool]:
    """First and last day of a contract, and whether it has no end on purpose."""
    assert isinstance(row, ContractRecord), row
    return str(row.starts_on or ""), str(row.ends_on or ""), row.evergreen


@pytest.mark.parametrize(
    "cell",
    [
        "2026/4/1〜2027/3/31",
        "2026/4/1 ～ 2027/3/31",
        "2026/4/1~2027/3/31",
        "2026-04-01 - 2027-03-31",
        "2026-04-01-2027-03-31",
        "2026.4.1–2027.3.31",
        "20260401-20270331",
        "2026-04-01/2027-03-31",
        "2026/4/1ー2027/3/31",
        "2026年4月1日から2027年3月31日まで",
        "2026年4月1日(水)～2027年3月31日(水)迄",
        "自 令和8年4月1日 至 令和9年3月31日",
        "R8.4.1～R9.3.31",
        "2026/4/1〜2027年3月末",
        "1 Apr 2026 – 31 Mar 2027",
        '"April 1, 2026 - March 31, 2027"',
        "from 1 April 2026 until 31 March 2027",
        "1. April 2026 bis 31. März 2027",
        '"2026/4/1〜\n2027/3/31"',
        "2026/4/1〜2027/3/31(1年間)",
        "1年間(2026/4/1〜2027/3/31)",
        "2026/4/1から1年間",
        "1 Apr 2026 - 12 months",
        "2026-04-01 00:00 - 2027-03-31 23:59",
    ],
)
def test_a_period_in_one_cell_gives_both_days(tmp_path: Path, cell: str) -> None:
    (found,) = rows(tmp_path, "契約期間", cell)
    assert days(found) == ("2026-04-01", "2027-03-31", False)
    assert isinstance(found, ContractRecord)
    assert str(found.term) == "12 months"


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("2026/4/1〜", ("2026-04-01", "", False)),
        ("2026年4月1日から", ("2026-04-01", "", False)),
        ("from 1 Apr 2026", ("2026-04-01", "", False)),
        ("〜2027/3/31", ("", "2027-03-31", False)),
        ("2027年3月31日まで", ("", "2027-03-31", False)),
        ("until 31 March 2027", ("", "2027-03-31", False)),
        ("2026/4/1〜無期限", ("2026-04-01", "", True)),
        ("2026-04-01 - indefinite", ("2026-04-01", "", True)),
        ("期間の定めなし", ("", "", True)),
        ("12か月", ("", "", False)),
    ],
)
def test_a_period_may_be_open_on_one_side(
    tmp_path: Path, cell: str, said: tuple[str, str, bool]
) -> None:
    (found,) = rows(tmp_path, "契約期間", cell)
    assert days(found) == said


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("2026/4/1〜3/31", "period"),
        ("2026/4/1", "period"),
        ("2026/4/1〜2027/3/31〜2028/3/31", "period"),
        ("2026年4月〜2027年3月", "date_month"),
        ("2026/4/1〜2027/2/30", "date_range"),
        ("2026/4/1〜9999/12/31", "date_far"),
        ("2027/4/1〜2026/3/31", "ends_first"),
        ("毎年更新", "term"),
        ("1〜2年", "term"),
        ("1/4〜" * 40, "term"),
    ],
)
def test_what_is_no_period_is_named_with_its_column_and_what_to_write(
    tmp_path: Path, cell: str, code: str
) -> None:
    (found,) = rows(tmp_path, "契約期間", cell)
    assert isinstance(found, Reject)
    assert (found.problem.code, found.column, found.value) == (code, "契約期間", cell)
    assert all(found.problem.shown(language) for language in Language)


@pytest.mark.parametrize(
    ("header", "present"),
    [("契約期間", {"starts_on", "ends_on", "term"}), ("開始日,契約期間", {"starts_on", "ends_on"})],
)
def test_a_file_of_periods_fills_the_days(tmp_path: Path, header: str, present: set[str]) -> None:
    path = tmp_path / "list.csv"
    comma = "," * header.count(",")
    path.write_text(f"契約番号,顧客名,{header}\nC-1,青葉,{comma}2026/4/1〜\n", "utf-8")
    assert open_contracts(path, POLICY).present >= present


def test_a_file_of_lengths_fills_no_days(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("契約番号,顧客名,契約期間\nC-1,青葉,12か月\nC-2,青葉,毎年\n", "utf-8")
    assert open_contracts(path, POLICY).present == {"contract", "customer", "term"}


def test_one_period_settles_the_order_of_all_in_its_column(tmp_path: Path) -> None:
    found = rows(tmp_path, "memo,term", "x,01/04/2026 - 03/04/2027", "x,05/05/2026 - 31/03/2027")
    assert [days(row)[:2] for row in found] == [
        ("2026-04-01", "2027-04-03"),
        ("2026-05-05", "2027-03-31"),
    ]


def test_periods_that_can_be_read_in_two_ways_are_asked_about(tmp_path: Path) -> None:
    cell = "01/04/2026 - 03/04/2027"
    with pytest.raises(ImportRefusedError) as caught:
        rows(tmp_path, "term", cell)
    assert codes(caught.value) == ["ambiguous_dates"]
    assert '[dates] term = "DD/MM/YYYY"' in str(caught.value)
    for order, first in (("DD/MM/YYYY", "2026-04-01"), ("MM/DD/YYYY", "2026-01-04")):
        mapping = parse_mapping({"profile": "csv", "dates": {"term": order}})
        (found,) = rows(tmp_path, "term", cell, mapping=mapping)
        assert days(found)[0] == first


def test_a_period_ends_on_the_day_before_where_a_file_names_the_first_day_after(
    tmp_path: Path,
) -> None:
    mapping = parse_mapping({"profile": "csv", "dates": {"exclusive": True}})
    (found,) = rows(tmp_path, "term", "2026/4/1〜2027/4/1", mapping=mapping)
    assert days(found) == ("2026-04-01", "2027-03-31", False)


def test_a_period_that_contradicts_the_rows_own_day_is_named(tmp_path: Path) -> None:
    same, other, alone = rows(
        tmp_path,
        "満了日,契約期間",
        "2027/3/31,2026/4/1〜2027/3/31",
        "2027/6/30,2026/4/1〜2027/3/31",
        ",2026/4/1〜2027/3/31",
    )
    assert days(same) == days(alone) == ("2026-04-01", "2027-03-31", False)
    assert isinstance(other, Reject)
    assert (other.problem.code, other.column) == ("period_differs", "契約期間")


def test_periods_are_guessed_by_what_they_hold(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("No.,会社名,保守期間\nC-1,青葉,2026/4/1〜2027/3/31\n", "utf-8")
    table = open_table(path)
    found = guess(table)
    assert {g.field: g.column for g in found}["term"] == "保守期間"
    mapping = tmp_path / "list.toml"
    mapping.write_text(as_mapping("list.csv", found, table), "utf-8")
    (row,) = open_contracts(path, POLICY, mapping=read_mapping(mapping)).records()
    assert days(row) == ("2026-04-01", "2027-03-31", False)


@pytest.mark.parametrize(
    "cell",
    [
        "期間の定めなし",
        "無期限",
        "期限なし",
        "なし",
        "indefinite",
        "Open-ended",
        "evergreen",
        "No end",
    ],
)
def test_an_end_that_says_there_is_none_is_no_end_on_purpose(tmp_path: Path, cell: str) -> None:
    (found,) = rows(tmp_path, "starts_on,ends_on", f"2026/4/1,{cell}")
    assert days(found) == ("2026-04-01", "", True)


@pytest.mark.parametrize("cell", ["未定", "自動更新", "TBD"])
def test_an_end_in_other_words_is_refused_with_what_to_write(tmp_path: Path, cell: str) -> None:
    (found,) = rows(tmp_path, "ends_on", cell)
    assert isinstance(found, Reject)
    assert found.problem.code == "end_word"
    assert "“no end”" in found.problem.shown(Language.EN)
    assert "「無期限」" in found.problem.shown(Language.JA)
