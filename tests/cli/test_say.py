"""What is printed: two languages, columns that line up, JSON that a program can read."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest

from scheduler.cli import say
from scheduler.cli.tables import Column, cells
from scheduler.core.words.lexicon import Health, Language


@pytest.fixture(autouse=True)
def english_again() -> Iterator[None]:
    yield
    say.speak(Language.EN)


@pytest.mark.parametrize(
    ("wanted", "env", "language"),
    [
        (None, {}, "en"),
        (None, {"LANG": "ja_JP.UTF-8"}, "ja"),
        (None, {"LANG": "ja_JP.UTF-8", "LC_ALL": "C.UTF-8"}, "en"),
        (None, {"LANG": "en_GB.UTF-8", "RENEWALS_LANG": "ja"}, "ja"),
        ("en", {"RENEWALS_LANG": "ja", "LANG": "ja_JP.UTF-8"}, "en"),
        (None, {"LANG": "de_DE.UTF-8"}, "en"),
    ],
)
def test_whose_word_on_the_language_counts(
    wanted: str | None, env: dict[str, str], language: str
) -> None:
    assert say.language_of(wanted, env) == language


def test_results_go_to_standard_output_and_notices_to_standard_error(
    capsys: pytest.CaptureFixture[str],
) -> None:
    say.speak(Language.JA)
    say.say("結果", "a result")
    say.tell("お知らせ", "a notice")
    said = capsys.readouterr()
    assert said.out == "結果\n"
    assert said.err == "お知らせ\n"


def test_columns_line_up_where_characters_are_two_cells_wide(
    capsys: pytest.CaptureFixture[str],
) -> None:
    say.table(["顧客", Column("amount", right=True)], [["青葉商事", 3_600_000], ["Bob", None]])
    lines = capsys.readouterr().out.splitlines()
    assert [cells(line) for line in lines] == [17, 17, 3]
    assert lines[1] == "青葉商事  3600000"


def test_a_line_break_in_a_value_does_not_break_the_table(
    capsys: pytest.CaptureFixture[str],
) -> None:
    say.table(["a"], [["one\ntwo"]])
    assert capsys.readouterr().out.splitlines() == ["a", "one two"]


def test_json_holds_days_instants_and_words(capsys: pytest.CaptureFixture[str]) -> None:
    say.as_json(
        {
            "on": date(2027, 3, 31),
            "at": datetime(2027, 1, 4, 1, tzinfo=UTC),
            "health": Health.STABLE,
            "name": "青葉",
        }
    )
    printed = capsys.readouterr().out
    assert "青葉" in printed
    assert json.loads(printed) == {
        "on": "2027-03-31",
        "at": "2027-01-04T01:00:00+00:00",
        "health": "stable",
        "name": "青葉",
    }
