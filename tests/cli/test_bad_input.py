"""Every mistake a user can make with these commands ends in one message that says what to do, exit
code 2 (1 if it passes), and no traceback."""

import re
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from scheduler.cli.main import main

Said = Callable[..., str]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder as `init` makes it, and an environment without anything of the machine's."""
    for name in (
        "DATABASE_URL",
        "SLACK_BOT_TOKEN",
        "SMTP_URL",
        "SLACK_API_URL",
        "RENEWALS_DIR",
        "RENEWALS_LANG",
        "LC_ALL",
        "RENEWALS_ALLOW_TIME_TRAVEL",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "en_US.UTF-8")
    work = tmp_path / "work"
    assert main(["init", str(work)]) == 0
    return work


@pytest.fixture
def refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> Said:
    """Runs a command that must be refused; what it said, all of it."""

    def said(*words: str, code: int = 2) -> str:
        capsys.readouterr()
        assert main([*words, "--dir", str(folder)]) == code
        shown = capsys.readouterr()
        assert "Traceback" not in shown.err
        return shown.err + shown.out

    return said


def test_a_folder_without_configuration(refused: Said, folder: Path) -> None:
    (folder / "config.toml").unlink()
    assert "there is no" in (said := refused("run", "--once"))
    assert "make one with `renewals init`" in said


def test_all_mistakes_of_a_configuration_with_their_lines(refused: Said, folder: Path) -> None:
    config = folder / "config.toml"
    config.write_text(
        config.read_text()
        .replace('offset = "-3 months"', 'offset = "3 moths"')
        .replace("\nasks = true", "\naks = true", 1)
    )
    for command in (("check",), ("run", "--once"), ("import", "x.csv")):
        said = refused(*command)
        assert re.search(
            r'config\.toml:\d+  milestones\[0\]\.offset: "3 moths" is not an offset', said
        )
        assert re.search(
            r'config\.toml:\d+  milestones\[0\]\.aks: there is no setting "aks"; did you mean "asks"\?',
            said,
        )


def test_a_file_that_is_not_toml(refused: Said, folder: Path) -> None:
    (folder / "config.toml").write_text("language = ja")
    assert "config.toml:1  not valid TOML" in refused("run", "--once")


def test_a_command_that_reads_before_there_is_anything(refused: Said, folder: Path) -> None:
    assert "there is no database yet; `renewals import FILE` or `renewals run` makes it" in refused(
        "run", "--dry-run"
    )
    assert not (folder / "data").exists()


def test_a_file_in_the_databases_place(refused: Said, folder: Path) -> None:
    (folder / "data").mkdir()
    (folder / "data" / "renewals.db").write_text("hello, I am a text")
    assert "not a database" in refused("run", "--once")
    assert "not a database" in refused("run", "--dry-run")


def test_a_database_of_a_newer_program(refused: Said, folder: Path) -> None:
    assert main(["run", "--once", "--dir", str(folder)]) == 0
    with sqlite3.connect(folder / "data" / "renewals.db") as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    database.close()
    for command in (("run", "--once"), ("run", "--dry-run"), ("check",)):
        assert "belongs to a newer version of renewals; update this program" in refused(*command)


def test_a_folder_that_cannot_be_written(refused: Said, folder: Path) -> None:
    (folder / "data").write_text("a file where a folder should be")
    assert "cannot make the folder of the database" in refused("run", "--once")


def test_a_database_server_that_is_not_there(
    refused: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://ann:open-sesame@127.0.0.1:1/renewals")
    for command, code in (
        (("run", "--once"), 1),
        (("run", "--dry-run"), 1),
        (("check", "--offline"), 2),
    ):
        said = refused(*command, code=code)
        assert (
            "cannot reach the database; is it running, and is DATABASE_URL right? "
            "(postgresql://ann:***@127.0.0.1:1/renewals)"
        ) in said
        assert "open-sesame" not in said


def test_a_database_address_of_another_kind(refused: Said, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "mysql://localhost/renewals")
    assert "use SQLite or PostgreSQL" in refused("run", "--once")


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("SLACK_BOT_TOKEN", "open-sesame", "is not a Slack token"),
        ("SMTP_URL", "mail://x", "SMTP_URL"),
    ],
)
def test_a_secret_of_the_wrong_kind(
    refused: Said, monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv(name, value)
    for command in (("run", "--once"), ("check",)):
        answer = refused(*command)
        assert said in answer
        assert "open-sesame" not in answer


def test_a_slack_that_refuses_the_token(refused: Said, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.servers.slack import SlackServer  # noqa: PLC0415

    with SlackServer() as slack:
        monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-not-that-one")
        monkeypatch.setenv("SLACK_API_URL", slack.url)
        said = refused("check")
    assert "the token is not valid; set SLACK_BOT_TOKEN" in said
    assert "xoxb-not-that-one" not in said


def test_a_configuration_in_another_encoding(refused: Said, folder: Path) -> None:
    (folder / "config.toml").write_bytes('language = "ja" # 言語'.encode("cp932"))
    assert "config.toml:1  not UTF-8; save the file as UTF-8" in refused("run", "--once")


def test_a_locked_database_is_waited_for_and_then_named(
    refused: Said, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["run", "--once", "--dir", str(folder)]) == 0
    monkeypatch.setattr("scheduler.storage.database.address.BUSY_SECONDS", 0.05)
    holder = sqlite3.connect(folder / "data" / "renewals.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    try:
        assert "another process is writing to the database" in refused("run", "--once", code=1)
    finally:
        holder.close()


def test_init_never_overwrites(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "config.toml").write_text("mine")
    capsys.readouterr()
    assert main(["init", str(folder)]) == 0
    assert f"exists already, left as it is: {folder / 'config.toml'}" in capsys.readouterr().out
    assert (folder / "config.toml").read_text() == "mine"


def test_a_fresh_folder_has_no_problems(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = folder / "config.toml"
    config.write_text(config.read_text("utf-8").replace("@example.com", "@aoba.jp"), "utf-8")
    capsys.readouterr()
    assert main(["check", "--dir", str(folder)]) == 0
    assert "no problems" in capsys.readouterr().out
