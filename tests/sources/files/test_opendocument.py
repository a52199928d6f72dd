"""What an OpenDocument sheet says beside its values: its currencies and its merged cells."""

from pathlib import Path

import pytest

from scheduler.core.imports.records import ContractRecord
from scheduler.core.imports.texts import ImportRefusedError, Reject
from scheduler.sources.contracts import open_contracts
from scheduler.sources.files.opendocument import sheet_notes
from scheduler.sources.files.opening import open_table
from scheduler.sources.mappings.guessing import as_mapping, guess
from tests.import_cast import POLICY, codes
from tests.sources.written import write_ods


def word(text: str, more: str = "") -> str:
    """A cell with a text."""
    return (
        f'<table:table-cell office:value-type="string" {more}><text:p>{text}</text:p>'
        "</table:table-cell>"
    )


def number(more: str = "", kind: str = "float") -> str:
    """A cell with 99."""
    return (
        f'<table:table-cell office:value-type="{kind}" office:value="99" {more}><text:p>99</text:p>'
        "</table:table-cell>"
    )


def row(*cells: str, more: str = "") -> str:
    """A row of cells."""
    return f"<table:table-row {more}>{''.join(cells)}</table:table-row>"


HEAD = row(*map(word, ("contract", "customer", "ends on", "amount")))
COVERED = "<table:covered-table-cell/>"
BLANK = '<table:table-row table:number-rows-repeated="3"><table:table-cell/></table:table-row>'


def table(*rows: str) -> str:
    """A sheet with these rows."""
    return f'<table:table table:name="s">{"".join(rows)}</table:table>'


def line(n: int, amount: str, end: str | None = None) -> str:
    """A contract."""
    return row(word(f"C-{n}"), word("a"), word("2027-03-31") if end is None else end, amount)


def money(path: Path) -> list[object]:
    """What each amount means: its minor units and its currency, or what is wrong with it."""
    return [
        (r.amount, r.currency)
        if isinstance(r, ContractRecord)
        else isinstance(r, Reject) and r.problem.code
        for r in open_contracts(path, POLICY).records()
    ]


def style(name: str, format: str, kind: str = "currency", more: str = "") -> str:
    """A style of cells and the format of its numbers."""
    return (
        f'<number:{kind}-style style:name="N{name}">{format}</number:{kind}-style>'
        f'<style:style style:name="{name}" style:family="table-cell" '
        f'style:data-style-name="N{name}" {more}/>'
    )


DIGITS = "<number:number/>"
DOLLAR = (
    '<number:currency-symbol number:language="en" number:country="{}">$</number:currency-symbol>'
)
THOUSANDS = '<number:number number:display-factor="1000"/>'


@pytest.mark.parametrize(
    ("format", "kind", "minor", "currency"),
    [
        (DOLLAR.format("US") + DIGITS, "currency", 9900, "USD"),
        (DOLLAR.format("CA") + DIGITS, "currency", 9900, "CAD"),
        (DIGITS + "<number:text> €</number:text>", "number", 9900, "EUR"),
        (DIGITS + "<number:text>円</number:text>", "number", 99, "JPY"),
        (DIGITS + "<number:text>千円</number:text>", "number", 99_000, "JPY"),
        (THOUSANDS + "<number:text>千円</number:text>", "number", 99, "JPY"),
        (DIGITS + "<number:text>席</number:text>", "number", 99, "JPY"),
        (DIGITS, "number", 99, "JPY"),
    ],
)
def test_a_number_has_the_currency_in_which_its_style_shows_it(
    tmp_path: Path, format: str, kind: str, minor: int, currency: str
) -> None:
    path = tmp_path / "list.ods"
    write_ods(path, table(BLANK, HEAD, line(1, number('table:style-name="c"'))))
    assert money(path) == [(99, "JPY")]
    write_ods(
        path,
        table(BLANK, HEAD, line(1, number('table:style-name="c"'))),
        style("c", format, kind),
    )
    assert money(path) == [(minor, currency)]


def test_the_code_of_a_cell_says_whose_sign_its_style_shows(tmp_path: Path) -> None:
    path = tmp_path / "list.ods"
    typed = 'office:currency="{}"'
    rows = (
        line(1, number(typed.format("USD"), "currency")),
        line(2, number(typed.format("CNY") + ' table:style-name="c"', "currency")),
        line(3, number(typed.format("??") + ' table:style-name="c"', "currency")),
    )
    yen = "<number:currency-symbol>¥</number:currency-symbol>" + DIGITS
    write_ods(path, table(HEAD, *rows), style("c", yen))
    assert money(path) == [(9900, "USD"), (9900, "CNY"), (99, "JPY")]


def test_a_style_is_found_by_its_parent_its_row_its_column_and_for_what_is_not_negative(
    tmp_path: Path,
) -> None:
    path = tmp_path / "list.ods"
    columns = (
        '<table:table-column table:number-columns-repeated="3"/>'
        '<table:table-column table:default-cell-style-name="euro"/>'
    )
    rows = (
        line(1, number()),
        line(2, number('table:style-name="child"')),
        line(3, number('table:style-name="two"')),
        line(4, number('table:style-name="plain"')),
        line(5, number()).replace(
            "<table:table-row", '<table:table-row table:default-cell-style-name="plain"', 1
        ),
    )
    child = '<style:style style:name="child" style:family="table-cell" '
    write_ods(
        path,
        table(columns, HEAD, *rows),
        child
        + 'style:parent-style-name="Pounds"/>'
        + style("euro", DIGITS + "<number:text>€</number:text>", "number")
        + style("plain", DIGITS, "number")
        + f'<number:number-style style:name="P0">{DOLLAR.format("US")}{DIGITS}</number:number-style>'
        + style(
            "two",
            f"<number:text>-</number:text>{DOLLAR.format('US')}{DIGITS}"
            '<style:map style:condition="value()&gt;=0" style:apply-style-name="P0"/>',
        ),
        style("Pounds", "<number:text>£</number:text>" + DIGITS, "number"),
    )
    assert money(path) == [
        (9900, "EUR"),
        (9900, "GBP"),
        (9900, "USD"),
        (99, "JPY"),
        (99, "JPY"),
    ]


def test_rows_and_cells_that_stand_for_several_keep_their_place(tmp_path: Path) -> None:
    path = tmp_path / "list.ods"
    blank = '<table:table-cell table:number-columns-repeated="2"/>'
    cells = blank + word("C-1") + word("a") + word("2027-03-31")
    other = table(row(word("n")), row(number('office:currency="EUR"', "currency")))
    write_ods(
        path,
        other.replace('"s"', '"t"')
        + table(
            BLANK,
            row(blank, *map(word, ("contract", "customer", "ends on", "amount"))),
            row(cells, number(), more='table:number-rows-repeated="1"'),
            row(
                cells.replace("C-1", "C-2"),
                number('office:currency="USD"', "currency"),
            ),
        ),
    )
    assert money(path) == [(99, "JPY"), (9900, "USD")]


def test_a_guess_shows_the_currency_of_a_sheet(tmp_path: Path) -> None:
    path = tmp_path / "list.ods"
    write_ods(path, table(HEAD, line(1, number('office:currency="USD"', "currency"))))
    opened = open_table(path)
    found = guess(opened)
    assert [g.values for g in found if g.field == "amount"] == [("USD99",)]
    assert "# currency: as it stands beside each amount" in as_mapping("list", found, opened)


def test_a_value_merged_downwards_stands_in_each_row(tmp_path: Path) -> None:
    path = tmp_path / "list.ods"
    merged = 'table:number-columns-spanned="1" table:number-rows-spanned="2"'
    write_ods(
        path,
        table(BLANK, HEAD, line(1, "", word("2027-03-31", merged)), line(2, "", COVERED)),
    )
    ends = [
        r.ends_on for r in open_contracts(path, POLICY).records() if isinstance(r, ContractRecord)
    ]
    assert [str(end) for end in ends] == ["2027-03-31"] * 2


def test_a_merged_heading_is_refused_with_its_cells(tmp_path: Path) -> None:
    path = tmp_path / "list.ods"
    wide = word("ends on", 'table:number-columns-spanned="2"')
    write_ods(
        path,
        table(row(word("contract"), word("customer"), wide, COVERED), line(1, number())),
    )
    with pytest.raises(ImportRefusedError) as caught:
        open_contracts(path, POLICY)
    assert codes(caught.value) == ["merged_heading"]


def test_damaged_styles_are_told_as_a_damaged_file(tmp_path: Path) -> None:
    path = tmp_path / "list.ods"
    write_ods(path, table(HEAD, line(1, number())), common="<number:broken>")
    with pytest.raises(ImportRefusedError) as caught:
        open_contracts(path, POLICY)
    assert codes(caught.value) == ["damaged"]


def test_a_cell_that_stands_for_millions_is_noted_as_far_as_the_sheet_goes(tmp_path: Path) -> None:
    path = tmp_path / "wide.ods"
    wide = number('office:currency="USD" table:number-columns-repeated="2000000000"', "currency")
    write_ods(path, table(HEAD, row(wide, more='table:number-rows-repeated="2000000000"')))
    assert sorted(sheet_notes(path, "s", (2, 1)).signs) == [(1, 0), (1, 1), (2, 0), (2, 1)]


def test_a_span_that_is_no_number_is_a_damaged_file(tmp_path: Path) -> None:
    path = tmp_path / "span.ods"
    write_ods(path, table(HEAD, line(1, number('table:number-rows-spanned="x"'))))
    with pytest.raises(ImportRefusedError) as refused:
        open_contracts(path, POLICY)
    assert codes(refused.value) == ["damaged"]
