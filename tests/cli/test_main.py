"""The frame of the command line: finding a command, both languages, one line for every mistake."""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from scheduler.cli.commands import COMMANDS
from scheduler.cli.main import find, main
from tests import forked

REPOSITORY = Path(__file__).parents[2]


def renewals(
    *words: str, language: str = "en_US.UTF-8", **env: str
) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own."""
    return forked.run(words, cwd=REPOSITORY, env=environment(language, env))


def afresh(*words: str, language: str) -> subprocess.CompletedProcess[str]:
    """The command in a process that loads the program itself."""
    return subprocess.run(
        [sys.executable, "-m", "scheduler", *words],
        capture_output=True,
        text=True,
        cwd=REPOSITORY,
        env=environment(language, {}),
        timeout=60,
        check=False,
    )


def environment(language: str, env: Mapping[str, str]) -> dict[str, str]:
    """Nothing of this machine's but where its programs are."""
    return {"PATH": "/usr/bin:/bin", "LANG": language, **env}


@pytest.mark.parametrize(
    ("language", "heading", "run"),
    [
        ("en_US.UTF-8", "Every day", "the daemon"),
        ("ja_JP.UTF-8", "日々の業務", "常駐して追い続ける"),
    ],
)
def test_the_help_lists_every_command_in_the_locales_language(
    language: str, heading: str, run: str
) -> None:
    done = afresh("--help", language=language)
    assert done.returncode == 0
    assert heading in done.stdout
    assert run in done.stdout
    for command in COMMANDS:
        assert f"  {command.name} " in done.stdout


def test_lang_wins_over_the_locale_wherever_it_stands() -> None:
    assert "使い方" in renewals("--lang", "ja", "--help").stdout
    assert "使い方" in renewals("config", "schema", "--help", "--lang=ja").stdout
    assert "Usage" in renewals("--help", language="ja_JP.UTF-8", RENEWALS_LANG="en").stdout


def test_help_of_one_command_is_in_the_readers_language() -> None:
    done = renewals("run", "--help", language="ja_JP.UTF-8")
    assert "使い方: renewals run [オプション]" in done.stdout
    assert "作業フォルダー" in done.stdout
    assert "Show this" not in done.stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["dals"], "there is no command 'dals'; did you mean `renewals deals`?"),
        (["zzz"], "there is no command 'zzz'; `renewals --help` lists them"),
        (
            ["run", "--onc"],
            (
                "No such option: --onc (Possible options: --new, --once); `renewals run --help` "
                "explains"
            ),
        ),
        (["import"], "Missing argument 'FILE'; `renewals import --help` explains"),
    ],
)
def test_a_mistyped_command_is_one_line_that_says_what_to_do(words: list[str], said: str) -> None:
    done = renewals(*words)
    assert done.returncode == 2
    assert done.stderr.strip() == said
    assert done.stdout == ""


def test_a_mistyped_option_is_explained_in_japanese() -> None:
    done = afresh("run", "--onc", language="ja_JP.UTF-8")
    assert done.returncode == 2
    assert done.stderr.strip() == (
        "「--onc」というオプションはありません(--new, --once のことですか)。説明：renewals run "
        "--help"
    )


def test_a_word_that_begins_several_commands_lists_them() -> None:
    done = renewals("config")
    assert done.returncode == 0
    assert "config schema" in done.stdout
    assert "deals" not in done.stdout


def test_two_words_are_one_command() -> None:
    found = find(["import", "undo", "3"])
    assert found is not None
    assert found.name == "import undo"
    assert find(["import", "undo.csv"]) == find(["import"])


def test_every_command_has_its_function_and_speaks_both_languages() -> None:
    from importlib import import_module  # noqa: PLC0415

    for command in COMMANDS:
        module, _, name = command.function.partition(":")
        assert callable(getattr(import_module(f"scheduler.cli.{module}"), name)), command.name
        assert command.help.ja != command.help.en


def test_the_help_imports_neither_the_database_nor_the_configuration() -> None:
    program = (
        "import sys, json; from scheduler.cli.main import main; main(['--help']); "
        "print(json.dumps(sorted(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=REPOSITORY, check=True
    )
    loaded = set(json.loads(done.stdout.splitlines()[-1]))
    assert loaded.isdisjoint(
        {
            "sqlmodel",
            "sqlalchemy",
            "pydantic",
            "rich",
            "slack_sdk",
            "apscheduler",
            "alembic",
            "jinja2",
            "holidays",
            "structlog",
        }
    )


def test_the_version_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("renewals 0.")


def test_a_folder_that_is_not_there_is_named() -> None:
    done = renewals("--dir", "/nowhere/at/all", "run", "--once")
    assert done.returncode == 2
    assert "/nowhere/at/all" in done.stderr
    assert "Traceback" not in done.stderr
