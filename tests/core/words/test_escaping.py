"""What leaves by a terminal or a spreadsheet is to be read and does nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.core.words.escaping import escape_formula, escape_terminal, unescape_formula


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Grey\x1b[2J\x1b]0;owned\x07 Ltd", "Grey\\x1b[2J\\x1b]0;owned\\x07 Ltd"),
        ("a\x9b31mb", "a\\x9b31mb"),
        ("\u202egnp.exe", "\\u202egnp.exe"),
        ("\u2066x\u2069", "\\u2066x\\u2069"),
        ("one\rtwo\x7f", "one\\x0dtwo\\x7f"),
        ("two\nlines\tand a tab", "two\nlines\tand a tab"),
        ("株式会社青葉 Café 😀", "株式会社青葉 Café 😀"),
    ],
)
def test_what_steers_a_terminal_is_spelled_out(text: str, shown: str) -> None:
    assert escape_terminal(text) == shown


@pytest.mark.parametrize("begins", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
def test_no_cell_begins_a_formula(begins: str) -> None:
    assert escape_formula(f"{begins}SUM(A1)") == f"'{begins}SUM(A1)"


@pytest.mark.parametrize("ends", [";", "\t", "\r", "\n"])
@pytest.mark.parametrize("begins", ["=", "+", "-", "@", "＝", "'="])
def test_no_formula_begins_where_another_spreadsheet_begins_a_cell(ends: str, begins: str) -> None:
    assert escape_formula(f"Ann{ends}{begins}cmd") == f"Ann{ends}'{begins}cmd"


@pytest.mark.parametrize(
    "cell", ["-5", "+3", "-1,200.50", "12%", "", "Ann", "2026-01-01", "'tis", "a; b", "a,=b"]
)
def test_everything_else_stays(cell: str) -> None:
    assert escape_formula(cell) == cell


@given(st.text(st.sampled_from("'=+-@＝\t\n;1a,"), max_size=6))
def test_what_kept_a_cell_from_being_a_formula_is_taken_off_again(cell: str) -> None:
    assert unescape_formula(escape_formula(cell)) == cell
    assert escape_formula(cell) == cell or "'" in escape_formula(cell)
