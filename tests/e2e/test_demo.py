"""`renewals demo` as a new user runs it: a real process, interrupted half-way, run again, and
nothing anywhere but in its folder."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.process import PATIENCE, Folder, wait_until

EVERYTHING = {
    "config.toml",
    "config.schema.json",
    ".env.example",
    "people.csv",
    "templates",
    "stories",
    "data",
}
EVERYTHING |= {".renewals-demo", ".renewals-database.json"}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """An empty home in which the user stands; the environment names a database and servers that the
    demo must not touch."""
    (tmp_path / "home").mkdir()
    return tmp_path / "home"


def environment(home: Path) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "TMPDIR": str(home),
        "LANG": "ja_JP.UTF-8",
        "PYTHONPATH": str(Path(__file__).parents[2]),
        "PYTHONDONTWRITEBYTECODE": "1",
        "DATABASE_URL": f"sqlite:///{home / 'real.db'}",
        "SMTP_URL": "smtp://127.0.0.1:1",
        "SLACK_BOT_TOKEN": "xoxb-real",
        "SLACK_API_URL": "http://127.0.0.1:1/",
    }


LIKE_A_TERMINAL = (
    "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler); from "
    "scheduler.cli.main import main; sys.exit(main())"
)
"""Ctrl-C counts also where the tests run in the background, which has it ignored."""


def started(home: Path, *words: str, interruptible: bool = False) -> "subprocess.Popen[str]":
    command = [
        sys.executable,
        *(("-c", LIKE_A_TERMINAL) if interruptible else ("-m", "scheduler")),
        *words,
    ]
    return subprocess.Popen(
        command,
        cwd=home,
        env=environment(home),
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


@pytest.mark.soak
def test_interrupted_then_run_again_it_leaves_a_complete_folder_and_nothing_else(
    home: Path,
) -> None:
    first = started(home, "demo", interruptible=True)
    wait_until((home / "renewals-demo" / "data" / "renewals.db").exists, "the demo has begun")
    first.send_signal(signal.SIGINT)
    _, err = first.communicate(timeout=PATIENCE)
    assert (first.returncode, err.splitlines()[-1]) == (130, "中断しました。")

    second = started(home, "demo")
    out, err = second.communicate(timeout=PATIENCE * 10)
    assert (second.returncode, err) == (0, "renewals-demo の見本を最初から作り直します…\n")
    assert [f.name for f in home.iterdir()] == ["renewals-demo"], "nothing outside the folder"
    there = {f.name for f in (home / "renewals-demo").iterdir()}
    assert there >= EVERYTHING
    assert all(
        re.fullmatch(r"(contracts|hubspot)-\d{4}-\d\d\.csv", name) for name in there - EVERYTHING
    )
    assert "\x1b" not in out, "no escape sequences in a pipe"

    typed = out.partition("次に試すこと\n")[2].splitlines()
    assert typed[0].strip() == "cd renewals-demo"
    folder = Folder(home / "renewals-demo")
    assert "既存顧客" in folder.done("deals", "--lang", "ja")
    number = re.search(r"show (\S+)", out)
    assert number is not None
    assert number[1] in folder.done("show", number[1])
