"""Any register, written as any file that can be read, comes back equal; what cannot be read is
asked about or refused, never read wrongly."""

import re
import zipfile
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from pathlib import Path

import pytest
import xlsxwriter  # type: ignore[import-untyped]
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scheduler.core.imports.records import ContractRecord
from scheduler.core.imports.texts import ImportRefusedError, Reject
from scheduler.core.words.lexicon import Language
from scheduler.sources.contracts import open_contracts
from tests.import_cast import POLICY, codes
from tests.sources.written import WAYS, Row, as_csv, as_xlsx

DOCS = Path(__file__).parents[2] / "docs" / "importing.md"
NAMES = (
    "青葉商事",
    "株式会社みどり",
    "Beta, Ltd",
    'The "Gamma" Company',
    "若葉会\n東京支店",
    "Δelta",
    "ｶﾌﾞｼｷ東京",
)
FIRST: Row = (
    "C-0",
    "株式会社東京",
    "プラン",
    date(2026, 1, 31),
    date(2027, 12, 31),
    True,
    123_456,
    "EUR",
    "佐藤 健",
)
"""A row by which every file is of one reading: a day over 12, decimals, Japanese in runs."""

rows_of_contracts = st.lists(
    st.tuples(
        st.sampled_from(NAMES[:5]),
        st.sampled_from(("Pro", "ライト", "A;B")),
        st.dates(date(2020, 1, 1), date(2030, 12, 31)),
        st.integers(1, 2000),
        st.booleans(),
        st.integers(0, 10**9),
        st.sampled_from(("EUR", "USD")),
        st.sampled_from(("Ann Ito", "佐藤 健", "ann@example.com")),
    ),
    max_size=8,
)


def register(drawn: Sequence[tuple[str, str, date, int, bool, int, str, str]]) -> list[Row]:
    """Contracts with numbers of their own."""
    return [
        FIRST,
        *(
            (
                f"C-{n}",
                customer,
                product,
                start,
                start + timedelta(days=length),
                renews,
                amount,
                currency,
                owner,
            )
            for n, (customer, product, start, length, renews, amount, currency, owner) in enumerate(
                drawn, 1
            )
        ),
    ]


def read_back(path: Path) -> list[tuple[object, ...]]:
    """What a file says, as rows."""
    found = list(open_contracts(path, POLICY).records())
    assert all(isinstance(r, ContractRecord) for r in found), found
    return [
        (
            r.number,
            r.customer,
            r.product,
            r.starts_on,
            r.ends_on,
            r.auto_renew,
            r.amount,
            r.currency,
            r.owner,
        )
        for r in found
        if isinstance(r, ContractRecord)
    ]


def told(row: Row) -> tuple[object, ...]:
    """A row as it is read: line breaks in names are spaces."""
    return (row[0], " ".join(row[1].split()), *row[2:])


@pytest.mark.parametrize("way", WAYS)
@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn=rows_of_contracts)
def test_any_register_written_in_any_way_comes_back_equal(
    tmp_path: Path, way: str, drawn: Sequence[tuple[str, str, date, int, bool, int, str, str]]
) -> None:
    rows, path = register(drawn), tmp_path / "file"
    WAYS[way](rows, path)
    assert read_back(path) == [told(row) for row in rows]


def merged_heading(path: Path) -> None:
    """A workbook whose heading is merged over two columns."""
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("s")
        sheet.write_row(0, 0, ["contract", "customer"])
        sheet.merge_range(0, 2, 0, 3, "ends on")
        sheet.write_row(1, 0, ["1", "a", "2027-03-31"])


def two_sheets(path: Path) -> None:
    """A workbook with two sheets of contracts."""
    with xlsxwriter.Workbook(path) as book:
        for name in ("2026", "2027"):
            sheet = book.add_worksheet(name)
            sheet.write_row(0, 0, ["contract", "customer", "ends on"])
            sheet.write_row(1, 0, ["1", "a", "2027-03-31"])


def text_of(text: str, encoding: str = "utf-8") -> Callable[[Path], object]:
    """A writer of a text."""
    return lambda path: path.write_bytes(text.encode(encoding))


HEAD = "contract,customer,ends_on,amount,currency\n"
BROKEN = "1,Café ".encode() + b"\xb1,2027-03-31,1,EUR\n"
OTHERS: dict[str, tuple[Callable[[Path], object], str, str]] = {
    "CSV, CP1252": (text_of(HEAD + "1,Bär GmbH,2027-03-31,1,EUR\n", "cp1252"), "asked", "encoding"),
    "CSV, GBK": (text_of(HEAD + "1,北京公司,2027-03-31,1,EUR\n", "gbk"), "asked", "encoding"),
    "CSV, UTF-8 with a broken byte": (
        lambda p: p.write_bytes(HEAD.encode() + BROKEN),
        "asked",
        "broken_utf8",
    ),
    "days that have two readings (03/04/2027)": (
        text_of(HEAD + "1,a,03/04/2027,1,EUR\n"),
        "asked",
        "ambiguous_dates",
    ),
    "amounts that have two readings (12.500)": (
        text_of(HEAD + "1,a,2027-03-31,12.500,EUR\n"),
        "asked",
        "ambiguous_amounts",
    ),
    "days of two orders in one column": (
        text_of(HEAD + "1,a,13/01/2027,1,EUR\n2,b,01/13/2027,1,EUR\n"),
        "asked",
        "mixed_dates",
    ),
    "lengths without a unit (a notice of 60)": (
        text_of("contract,customer,notice\n1,a,60\n"),
        "asked",
        "ambiguous_lengths",
    ),
    "two sheets of contracts": (two_sheets, "asked", "which_sheet"),
    "stages that have no place": (
        text_of("contract,customer,stage\n1,a,谎\n"),
        "asked",
        "unmapped_stages",
    ),
    "merged headings": (merged_heading, "refused", "merged_heading"),
    "Excel before 2007 (.xls), locked workbooks": (
        lambda p: p.write_bytes(b"\xd0\xcf\x11\xe0" + bytes(600)),
        "refused",
        "old_workbook",
    ),
    "another ZIP archive": (
        lambda p: p.write_bytes(b"PK\x03\x04" + bytes(60)),
        "refused",
        "damaged",
    ),
    "a quotation mark that is never closed": (
        text_of(HEAD + '1,"a,2027-03-31,1,EUR\n'),
        "refused",
        "unclosed_quote",
    ),
    "an empty file": (text_of(""), "refused", "empty_file"),
}


@pytest.mark.parametrize("name", OTHERS)
def test_what_cannot_be_read_is_asked_about_or_refused(tmp_path: Path, name: str) -> None:
    write, _, code = OTHERS[name]
    write(tmp_path / "file")
    with pytest.raises(ImportRefusedError) as caught:
        open_contracts(tmp_path / "file", POLICY)
    assert codes(caught.value) == [code]
    assert all(p.shown(language) for p in caught.value.problems for language in Language)


def table() -> str:
    """The table of the documentation."""
    rows = [(name, "read") for name in WAYS] + [
        (name, verdict) for name, (_, verdict, _) in OTHERS.items()
    ]
    return "\n".join(
        ["| what | |", "|---|---|", *(f"| {name} | {verdict} |" for name, verdict in rows)]
    )


def test_the_documentation_says_what_is_read_asked_about_and_refused() -> None:
    found = re.search(r"<!-- formats -->\n(.*?)\n<!-- end -->", DOCS.read_text("utf-8"), re.DOTALL)
    assert found is not None
    assert found[1] == table()


FIELDS = (
    "number",
    "customer",
    "product",
    "starts_on",
    "ends_on",
    "auto_renew",
    "amount",
    "currency",
    "owner",
)
OTHER: Row = (
    "C-7",
    "若葉商事",
    "Max",
    date(2026, 2, 28),
    date(2028, 12, 30),
    False,
    99,
    "USD",
    "Cy Doe",
)


@pytest.mark.parametrize("column", range(1, len(FIELDS)))
def test_a_single_changed_cell_changes_what_it_says_and_nothing_else(
    tmp_path: Path, column: int
) -> None:
    changed: Row = (*FIRST[:column], OTHER[column], *FIRST[column + 1 :])  # type: ignore[assignment]
    path = tmp_path / "file"
    path.write_text(as_csv([changed]), "utf-8")
    (row,) = read_back(path)
    assert [FIELDS[n] for n, value in enumerate(row) if value != told(FIRST)[n]] == [FIELDS[column]]


def test_a_cell_with_an_error_never_counts_as_empty(tmp_path: Path) -> None:
    path = tmp_path / "file"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("s")
        sheet.write_row(0, 0, ["contract", "customer", "ends on"])
        sheet.write_row(1, 0, ["1", "a"])
        sheet.write_formula(1, 2, "=1/0", None, "#DIV/0!")
    (found,) = open_contracts(path, POLICY).records()
    assert not isinstance(found, ContractRecord)


@pytest.mark.parametrize("left", ["", "<v/>", "<v />", "<v></v>"])
def test_a_formula_whose_result_nobody_has_stored_never_counts_as_empty(
    tmp_path: Path, left: str
) -> None:
    path, bare = tmp_path / "file", tmp_path / "bare"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("s")
        sheet.write_row(0, 0, ["contract", "customer", "ends on", "url"])
        sheet.write_row(1, 0, ["1", "a"])
        sheet.write_formula(1, 2, "=TODAY()+1", None, 77777)
        sheet.write_row(2, 0, ["2", "a", "2027-03-31"])
        sheet.write_formula(2, 3, '=""', None, "text")
    with zipfile.ZipFile(path) as full, zipfile.ZipFile(bare, "w") as packed:
        for name in full.namelist():
            said = full.read(name).replace(b"<v>text</v>", b"<v></v>")
            packed.writestr(name, said.replace(b"<v>77777</v>", left.encode()))
    refused, read = open_contracts(bare, POLICY).records()
    assert isinstance(refused, Reject)
    assert isinstance(read, ContractRecord)
    assert (refused.column, refused.problem.code) == ("ends on", "error_value")
    assert (read.number, read.url) == ("2", None)


def test_a_value_merged_downwards_stands_in_each_row(tmp_path: Path) -> None:
    path = tmp_path / "file"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("s")
        sheet.write_row(0, 0, ["contract", "customer", "ends on"])
        for n in range(1, 4):
            sheet.write_row(n, 0, [f"C-{n}", "a"])
        sheet.merge_range(1, 2, 3, 2, "2027-03-31")
    assert [
        r.ends_on for r in open_contracts(path, POLICY).records() if isinstance(r, ContractRecord)
    ] == [date(2027, 3, 31)] * 3


def test_a_long_number_in_a_sheet_has_lost_digits_and_is_refused(tmp_path: Path) -> None:
    as_xlsx([FIRST], tmp_path / "file")
    path = tmp_path / "long"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("s")
        sheet.write_row(0, 0, ["contract", "customer"])
        sheet.write_row(1, 0, [1234567890123456789, "a"])
    (found,) = open_contracts(path, POLICY).records()
    assert not isinstance(found, ContractRecord)


def shown_as(path: Path, *formats: str, currency: str = "", value: float = 99) -> list[object]:
    """What a number means that a sheet shows in each of these formats: its minor units and its
    currency, or the code of what is wrong with it."""
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("s")
        sheet.write_row(2, 1, ["contract", "customer", "ends on", "amount", "currency"])
        for n, each in enumerate(formats, 3):
            sheet.write_row(n, 1, [f"C-{n}", "a", "2027-03-31"])
            sheet.write_number(n, 4, value, book.add_format({"num_format": each}))
            sheet.write_string(n, 5, currency)
    return [
        (r.amount, r.currency)
        if isinstance(r, ContractRecord)
        else isinstance(r, Reject) and r.problem.code
        for r in open_contracts(path, POLICY).records()
    ]


@pytest.mark.parametrize(
    ("number_format", "minor", "currency"),
    [
        ('"$"#,##0.00', 9900, "USD"),
        ("$#,##0.00;[Red]-$#,##0.00", 9900, "USD"),
        ("[$$-409]#,##0.00", 9900, "USD"),
        ("[$$-1009]#,##0.00", 9900, "CAD"),
        ("#,##0.00 [$€-407]", 9900, "EUR"),
        ("#,##0.00\\ [$USD]", 9900, "USD"),
        ("£#,##0", 9900, "GBP"),
        ("¥#,##0", 99, "JPY"),
        ("[$¥-411]#,##0", 99, "JPY"),
        ("[$¥-804]#,##0.00", 9900, "CNY"),
        ('#,##0"円"', 99, "JPY"),
        ('#,##0"千円"', 99_000, "JPY"),
        ('#,##0,"千円"', 99, "JPY"),
        ('_($* #,##0.00_);_($* (#,##0.00);_($* "-"??_);_(@_)', 9900, "USD"),
        ("_([$€-2]* #,##0.00_);_([$€-2]* (#,##0.00)", 9900, "EUR"),
        ("#,##0.00", 99, "JPY"),
        ("0.0%", 99, "JPY"),
        ('0"席"', 99, "JPY"),
        ("General", 99, "JPY"),
    ],
)
def test_a_number_has_the_currency_in_which_the_sheet_shows_it(
    tmp_path: Path, number_format: str, minor: int, currency: str
) -> None:
    assert shown_as(tmp_path / "file", number_format) == [(minor, currency)]


def test_a_currency_shown_that_is_not_the_rows_is_refused_as_in_a_csv(tmp_path: Path) -> None:
    found = shown_as(tmp_path / "file", '"$"0.00', "[$€-407]0.00", "0.00", currency="CAD")
    assert found == [(9900, "CAD"), "money_currency", (9900, "CAD")]


def test_a_crown_shown_without_its_country_is_asked_about(tmp_path: Path) -> None:
    found = shown_as(tmp_path / "file", '0.00 "kr"', "0.00 [$kr-41D]", "0.00 [$kr]")
    assert found == ["money", (9900, "SEK"), "money"]


def test_decimals_shown_with_a_currency_stay_decimals(tmp_path: Path) -> None:
    assert shown_as(tmp_path / "file", '"$"0.00', value=1234.5) == [(123_450, "USD")]


def test_only_amounts_take_their_currency_from_the_sheet(tmp_path: Path) -> None:
    path = tmp_path / "file"
    with xlsxwriter.Workbook(path) as book:
        sheet, dollars = book.add_worksheet("s"), book.add_format({"num_format": '"$"0'})
        sheet.write_row(0, 0, ["contract", "customer", "ends on"])
        sheet.write_row(1, 0, [7, "a", "2027-03-31"], dollars)
    (found,) = open_contracts(path, POLICY).records()
    assert isinstance(found, ContractRecord)
    assert found.number == "7"
