"""Texts that are no TOML: where, and what to write instead. What an admin sees of the common ones
is in tests/data/config."""

import pytest

from scheduler.core.config.toml.syntax import NotToml, read_toml


def said(text: str) -> tuple[int, str]:
    """The line and the English words."""
    found = read_toml(text)
    assert isinstance(found, NotToml), found
    return found.line, found.text.en.removeprefix("not valid TOML: ")


COMMA = "a comma is missing before this, or the list [ of line {} is not closed"
TABLE = (
    "the table {{ … }} of line {} is not written correctly: put all of it on one line, with commas "
    "only between its settings"
)


_MERGED = "a merge left its marks (<<<<<<<, =======, >>>>>>>); choose one of the two texts"
_NOT_SEEN = "there is a space or mark that is not an ordinary one; delete it and type it"


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("a = [\n  1,\n\nb = 2", 4, COMMA.format(1)),
        ("a = [[1],\n  [2]\n\n[b]", 4, COMMA.format(1)),
        ("[x] # [\na = ['[', 1 2]", 2, COMMA.format(2)),
        ("a = [{ b = 1 }\n{ b = 2 }]", 2, COMMA.format(1)),
        ("a = [1, 2", 1, COMMA.format(1)),
        ("a = { b = [1, 2 }", 1, COMMA.format(1)),
        ("a = { b = 1 c = 2 }", 1, TABLE.format(1)),
        ("a = { b = 1", 1, TABLE.format(1)),
        ("a = [\n{ b = 1,\nc = 2 }]", 2, TABLE.format(2)),
        ("[", 1, "the name of a setting is written in letters, digits, _ and -"),
        ("[a.b", 1, "a table's heading is written [calendars.jp] or [[milestones]]"),
        ("a = 1\n[[b]\n", 2, "a table's heading is written [calendars.jp] or [[milestones]]"),
        ("[milestones]\n[milestones]", 2, "write the heading with two brackets: [[milestones]]"),
        (
            "[pipelines]\n[[pipelines]]",
            2,
            "this setting or table appears twice; keep only one",
        ),
        ("a = '''x\n\n", 3, "the closing quotation mark is missing"),
        ('a = "x\nb = 1', 1, "the closing quotation mark is missing"),
        ("a = 'x\nb = 1", 2, "the closing quotation mark is missing"),
        ('a = "\\q"', 1, "write a backslash in \"…\" twice, or put the text into '…'"),
        ('a = "\\ud800"', 1, "write a backslash in \"…\" twice, or put the text into '…'"),
        ("a = [1,, 2]", 1, "a value is missing here"),
        ("a = OFF", 1, "write false"),
        ("a = いいえ", 1, "write false"),
        (
            "a = 25:00:00",
            1,
            (
                "there is something after the value; text goes in quotation marks, a comment "
                "begins with #"
            ),
        ),
        ("a = ”x”", 1, '” is not the right character; type "'),
        ("a\u00a0= 1", 1, _NOT_SEEN),
        ("a = 1\n\u200bb = 2", 2, _NOT_SEEN),
        ("a = 1\n<<<<<<< HEAD\nb = 2\n=======\nb = 3\n>>>>>>> mine", 2, _MERGED),
        ("ａ = 1", 1, "ａ is not the right character; type a"),
        ("a = １", 1, "１ is not the right character; type 1"),
        ("a = 1 ＃ x", 1, "＃ is not the right character; type #"),
        ("a = '\x00'", 1, "there is a control character, which is not allowed"),
        ('a = 1\nb = ["x", "y\\u0000"]', 2, "there is a control character, which is not allowed"),
        ('a = 1\n[b]\n"x\\u001b" = 1', 3, "there is a control character, which is not allowed"),
        ("a = 1\r\n\r\nb = x", 3, 'text goes in quotation marks, e.g. language = "ja"'),
        ("a = " + "9" * 5000, 0, "a number is too large"),
        ("b = 1\na = 0x" + "F" * 5000, 2, "a number is too large"),
        ("a = 9223372036854775808", 1, "a number is too large"),
        ("ﬁ = 1", 1, "the name of a setting is written in letters, digits, _ and -"),
        ("b = 1\na = [1, -9223372036854775809]", 2, "a number is too large"),
        ("a = " + "[" * 5000, 0, "lists or tables are nested too deeply"),
        (
            "b = 1\na = " + "{ a = " * 40 + "1" + " }" * 40,
            2,
            "lists or tables are nested too deeply",
        ),
    ],
)
def test_the_line_and_what_to_do(text: str, line: int, words: str) -> None:
    assert said(text) == (line, words)


@pytest.mark.parametrize(
    "text",
    [
        "a = [9223372036854775807, -9223372036854775808]",
        "a = '全角＝“”'",
        "# ＝\r\na = 1",
        "a = [[[[1]]]]",
        "a.b.c = { d = [{}] }",
        'a = "one\\ntwo\\tthree"',
        "a = nan",
    ],
)
def test_toml_is_left_to_mean_what_it_says(text: str) -> None:
    assert isinstance(read_toml(text), dict)


@pytest.mark.parametrize(
    "text",
    [
        "password = hunter2",
        "a = hunter2 hunter2",
        "hunter2",
        "a = { hunter2 = 1, hunter2 = 2 }",
        "[hunter2]\n[hunter2]",
    ],
)
def test_no_word_of_the_text_is_repeated(text: str) -> None:
    found = read_toml(text)
    assert isinstance(found, NotToml)
    assert "hunter2" not in found.text.ja + found.text.en
