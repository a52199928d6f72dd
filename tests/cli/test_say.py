"""What is printed: two languages, columns that line up, JSON that a program can read."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from scheduler.cli import say
from scheduler.cli.tables import Column, cells
from scheduler.core.words.lexicon import Health, Language
from tests.cli.office import Office
from tests.marked import unmarked


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
    say.say("Recorded")
    say.tell("Cancel")
    said = capsys.readouterr()
    assert said.out == "記録しました\n"
    assert said.err == "やめる\n"


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


COMMANDS = (
    "deals",
    "show|C-1",
    "why|C-1",
    "upcoming",
    "nudges",
    "people",
    "plan",
    "check|--offline",
    "doctor",
    "report|balance",
    "report|passage|--explain",
    "report|delivery",
    "simulate",
    "config|history",
    "config|show|--origin",
    "contract|edit|C-2|--ends|2027-04-30|--dry-run",
    "people|add|Dan|--email|dan@example.com|--dry-run",
    "answer|C-1|call|renew",
    "undo|1|--yes",
    "import|missing.csv",
    "show|NOBODY",
    "answer|C-1|nonsense",
    "pause|everything|--dry-run",
)
DATA = re.compile(r"^\$ |^= |[\w.-]+/[\w./-]+|`[^`]*`|renewals( [\w-]+)+|#.*$|\S+ = .+$")
"""What is nobody's sentence: commands as they are typed, paths, settings as they stand in the
file."""


def test_in_a_new_language_every_sentence_comes_out_of_its_catalogue(office: Office) -> None:
    said = subprocess.run(
        [sys.executable, "-m", "tests.marked", str(office.folder), *COMMANDS],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
        env={**os.environ, "RENEWALS_ALLOW_TIME_TRAVEL": "1"},
    )
    assert said.stdout.count("\n= ") == len(COMMANDS), said.stderr
    left = [
        line
        for line in unmarked(said.stdout + said.stderr).splitlines()
        if re.search(r"[a-z]{2,} [a-z]{2,}", DATA.sub("", line))
    ]
    assert left == []


def test_what_is_not_marked_is_seen() -> None:
    assert unmarked("⟦a ⟦b⟧ c⟧ of our own\n⟦d\ne⟧") == " of our own\n\n"
