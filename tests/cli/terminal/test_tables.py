"""A table fits the terminal: it wraps and clips, leaves the least needed columns out, and lines up
in both languages."""

import pytest

from scheduler.cli.terminal.tables import Column, cells, clipped, laid_out, pad, wrapped

COLUMNS = (
    Column("顧客", least=8),
    Column("Contract"),
    Column("Amount due", right=True),
    Column("Owner", spare=2),
    Column("Next", spare=1),
    Column("Reason", wraps=True),
)
ROWS = [
    (
        "青葉商事株式会社",
        "C-1",
        "¥3,600,000",
        "Ann Ito",
        "Mon 4 Jan",
        "three months before the end are reached",
    ),
    ("Beta Ltd", "C-2", "£12,000", "Chika", "Tue 5 Jan", ""),
]


def lines(width: int | None) -> list[str]:
    laid = laid_out(COLUMNS, ROWS, width)
    return [*laid.head, *laid.body]


def test_without_a_width_everything_stands_in_full_on_one_line_each() -> None:
    assert lines(None) == [
        "顧客              Contract  Amount due  Owner    Next       Reason",
        (
            "青葉商事株式会社  C-1       ¥3,600,000  Ann Ito  Mon 4 Jan  three months before the "
            "end are reached"
        ),
        "Beta Ltd          C-2          £12,000  Chika    Tue 5 Jan",
    ]


def test_a_long_text_wraps_under_itself_first() -> None:
    assert lines(95) == [
        "顧客              Contract  Amount due  Owner    Next       Reason",
        (
            "青葉商事株式会社  C-1       ¥3,600,000  Ann Ito  Mon 4 Jan  three months before the "
            "end are"
        ),
        "                                                            reached",
        "Beta Ltd          C-2          £12,000  Chika    Tue 5 Jan",
    ]


def test_what_is_nice_to_have_goes_before_anything_is_clipped() -> None:
    laid = laid_out(COLUMNS, ROWS, 80)
    assert laid.left_out == ("Next",)
    assert (
        laid.body[0]
        == "青葉商事株式会社  C-1       ¥3,600,000  Ann Ito  three months before the end are"
    )


def test_then_names_are_clipped_and_at_last_the_next_column_goes() -> None:
    assert (
        laid_out(COLUMNS, ROWS, 72).body[0]
        == "青葉商事株…  C-1       ¥3,600,000  Ann Ito  three months before the end"
    )
    laid = laid_out(COLUMNS, ROWS, 62)
    assert laid.left_out == ("Owner", "Next")
    assert laid.body[0].startswith("青葉商事…   C-1       ¥3,600,000  three months before")


def test_a_heading_wraps_where_its_column_is_narrow() -> None:
    laid = laid_out(
        (Column("Last before lost", right=True), Column("最も進んだ先", right=True)),
        [("1", "2")],
        24,
    )
    assert laid.head == ("Last before   最も進んだ", "       lost           先")


@pytest.mark.parametrize("width", [20, 30, 40, 50, 60, 70, 80, 90, 100, 120])
def test_no_line_is_wider_than_the_table_and_the_table_is_as_wide_as_it_must_be(width: int) -> None:
    laid = laid_out(COLUMNS, ROWS, width)
    assert all(cells(line) <= laid.width for line in (*laid.head, *laid.body))
    narrowest = laid_out(COLUMNS, ROWS, 1).width
    assert laid.width <= max(width, narrowest)


def test_a_column_without_a_single_value_is_not_shown() -> None:
    assert laid_out((Column("A"), Column("B")), [("1", ""), ("2", "")]).head == ("A",)


def test_a_column_that_gives_the_next_one_its_meaning_stays() -> None:
    assert laid_out((Column("Passed", stays=True), Column("(rec.)")), [("", "1")]).head == (
        "Passed  (rec.)",
    )


def test_the_columns_of_an_empty_table_are_all_shown() -> None:
    assert laid_out((Column("A"), Column("B")), []).head == ("A  B",)


@pytest.mark.parametrize(
    ("text", "width", "pieces"),
    [
        ("told once a week", 11, ["told once a", "week"]),
        ("解約通知がない。更新", 14, ["解約通知がな", "い。更新"]),
        ("(満了日 2027/3/31(水)を基準)", 20, ["(満了日", "2027/3/31(水)を基準)"]),
        ("abcdefghij", 4, ["abcd", "efgh", "ij"]),
        ("", 10, [""]),
        ("a  b", 10, ["a  b"]),
    ],
)
def test_a_line_breaks_at_spaces_and_between_japanese_characters(
    text: str, width: int, pieces: list[str]
) -> None:
    assert wrapped(text, width) == pieces
    assert all(cells(piece) <= width for piece in pieces)


@pytest.mark.parametrize(
    ("text", "width", "short"),
    [
        ("青葉商事", 8, "青葉商事"),
        ("青葉商事", 7, "青葉商…"),
        ("青葉商事", 6, "青葉…"),
        ("Aoba Trading", 5, "Aoba…"),
    ],
)
def test_a_clipped_text_says_that_it_goes_on(text: str, width: int, short: str) -> None:
    assert clipped(text, width) == short
    assert cells(short) <= width


def test_combining_marks_take_no_room() -> None:
    assert cells("が") == 2
    assert pad("が", 4, right=True) == "  が"
