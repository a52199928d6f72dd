"""What is printed: two languages, columns that line up, JSON that a program can read."""

import json
import os
from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest

from scheduler.cli import commands
from scheduler.cli.terminal import say
from scheduler.cli.terminal.tables import Column, cells
from scheduler.core.words.lexicon import Health, Language
from tests import forked
from tests.cli.office import Office
from tests.marked import unmarked, unmarked_sentences


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
    "messages",
    "messages|--state|nonsense",
    "people|feed|ann@example.com",
    "people|slack-ids",
    "note|C-1|called",
    "people|edit|ann@example.com|--manager|nobody@example.com",
    "people|merge|ann@example.com|bob@example.com|--dry-run",
    "people|deactivate|ann@example.com|--dry-run",
    "reassign|C-1|bob@example.com|--dry-run",
    "contract|add|C-9|--customer|Delta Ltd|--ends|soon",
    "contract|close|C-2|--dry-run",
    "contract|reopen|C-2",
    "contract|undo|99",
    "absence|add|ann@example.com|2027-01-11|2027-01-08",
    "absence|list",
    "absence|cancel|99",
    "import|undo|99",
    "import|catch-up|99",
    "import|contracts.csv|--dry-run",
    "ready",
    "run|--dry-run",
    "release|nothing",
    "resume|everything",
    "retry|99",
    "test",
    "apply|99",
    "config|rollback|99|--dry-run",
    "config|diff|1|99",
    "config|export|99",
    "backup",
    "restore|missing.db",
    "clock|accept",
    "report|passage|--from|tomorrow",
    "init",
    "nonsense",
    "--help",
    *(f"{command.name.replace(' ', '|')}|--help" for command in commands.COMMANDS),
)


def test_in_a_new_language_every_sentence_comes_out_of_its_catalogue(office: Office) -> None:
    said = forked.run(
        [str(office.folder), *COMMANDS],
        module="tests.marked",
        cwd=forked.REPOSITORY,
        env={**os.environ, "RENEWALS_ALLOW_TIME_TRAVEL": "1"},
        timeout=300,
    )
    assert said.stdout.count("\n= ") == len(COMMANDS), said.stderr
    assert unmarked_sentences(said.stdout + said.stderr) == []


def test_what_is_not_marked_is_seen() -> None:
    assert unmarked("⟦a ⟦b⟧ c⟧ of our own\n⟦d\ne⟧") == " of our own\n\n"
