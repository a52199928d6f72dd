"""`renewals release`, in both languages: what is held after a stop of the daemon is shown and let
go."""

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from scheduler.cli.main import main
from tests.e2e.process import PEOPLE
from tests.once import lived_once

Run = Callable[..., str]
MANY = 30


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with three people; Ann owns thirty contracts that end in April."""
    for name in (
        "DATABASE_URL",
        "SLACK_BOT_TOKEN",
        "SMTP_URL",
        "RENEWALS_DIR",
        "RENEWALS_LANG",
        "LC_ALL",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "en_US.UTF-8")
    monkeypatch.setenv("RENEWALS_ALLOW_TIME_TRAVEL", "1")
    assert main(["init", str(tmp_path)]) == 0
    (tmp_path / "people.csv").write_text(PEOPLE)
    lines = [
        f"C-{n},Customer {n},2026-04-01,2027-04-{6 + n % 3:02},12000,GBP,ann@example.com"
        for n in range(MANY)
    ]
    (tmp_path / "contracts.csv").write_text(
        "\n".join(["contract,customer,starts on,ends on,amount,currency,owner", *lines])
    )
    return tmp_path


@pytest.fixture
def run(
    folder: Path, capsys: pytest.CaptureFixture[str], tmp_path_factory: pytest.TempPathFactory
) -> Run:
    """A command that succeeds; what it printed, errors last. The daemon ran on 1 December and was
    off from then on."""

    def renewals(*words: str, day: str = "2027-01-13T12:00+00:00") -> str:
        capsys.readouterr()
        code = main([*words, "--dir", str(folder), "--as-of", day])
        shown = capsys.readouterr()
        assert code == 0, shown.err
        return shown.out + shown.err

    def live() -> None:
        for file in ("people.csv", "contracts.csv"):
            renewals("import", str(folder / file), day="2026-12-01")
        renewals("run", "--once", day="2026-12-01")
        renewals("run", "--once")

    lived_once(tmp_path_factory, "stopped", folder, live)
    return renewals


def states(folder: Path) -> list[tuple[str, int]]:
    """How many nudges are in each state."""
    database = sqlite3.connect(folder / "data" / "renewals.db")
    try:
        return database.execute(
            "SELECT state, count(*) FROM nudges GROUP BY state ORDER BY state"
        ).fetchall()
    finally:
        database.close()


def test_what_is_held_is_shown_and_let_go(run: Run, folder: Path) -> None:
    assert states(folder) == [("held", MANY)]
    shown = run("release", "--dry-run").splitlines()
    assert shown[1].split()[:3] == ["Ann", "Ito", str(MANY)]
    assert states(folder) == [("held", MANY)]
    assert f"released {MANY} nudges and 0 messages" in run("release")
    run("run", "--once", day="2027-01-14T12:00+00:00")
    assert ("sent", MANY) in states(folder)
    assert "Nothing is held." in run("release", day="2027-01-14T12:00+00:00")


def test_the_same_in_japanese(run: Run, folder: Path) -> None:
    shown = run("release", "--dry-run", "--lang", "ja")
    assert shown.split()[:4] == ["宛先", "件数", "最も古いもの", "理由"]
    assert f"リマインド{MANY}件、メッセージ0通の保留を解除しました" in run(
        "release", "--lang", "ja"
    )
    assert states(folder) == [("waiting", MANY)]
    assert "保留中のものはありません。" in run("release", "--lang", "ja")


def test_of_one_person_since_a_day_and_for_machines(run: Run, folder: Path) -> None:
    assert "Nothing is held." in run("release", "--person", "bob")
    assert "Nothing is held." in run("release", "--since", "2027-01-14")
    said = json.loads(
        run("release", "--person", "ann@example.com", "--since", "2027-01-13", "--json")
    )
    assert (said["released"], said["held"]["nudges"][0]["count"]) == (
        {"nudges": MANY, "messages": 0},
        MANY,
    )
    assert states(folder) == [("waiting", MANY)]


@pytest.mark.parametrize("options", [[], ["--json"], ["--yes"]])
def test_where_nobody_can_be_asked_the_command_is_the_yes(
    run: Run, folder: Path, options: list[str]
) -> None:
    run("release", *options)
    assert states(folder) == [("waiting", MANY)]


def test_for_machines_nothing_held_and_a_look_are_answered_too(run: Run) -> None:
    assert json.loads(run("release", "--json", "--person", "bob"))["released"] == {
        "nudges": 0,
        "messages": 0,
    }
    look = run("release", "--json", "--dry-run")
    assert json.loads(look[: look.rindex("}") + 1])["held"]["nudges"][0]["count"] == MANY


def test_nobody_who_is_not_known_is_released(
    run: Run, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for language, text in (("en", "nobody matches zoe"), ("ja", "「zoe」に当てはまる人がいません")):
        assert (
            main(
                [
                    "release",
                    "--person",
                    "zoe",
                    "--lang",
                    language,
                    "--dir",
                    str(folder),
                    "--as-of",
                    "2027-01-13T12:00+00:00",
                ]
            )
            == 2
        )
        assert text in capsys.readouterr().err
