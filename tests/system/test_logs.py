"""Logs: one JSON object a line for machines, and never a secret."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from scheduler.system.logs import without_secrets

REPOSITORY = Path(__file__).parents[2]

PROGRAM = """
import logging
from datetime import UTC, date, datetime
from scheduler.system import logs
logs.set_up({form!r})
logs.log().info("started", folder="青葉", slack_bot_token="xoxb-1-open-sesame", because="postgresql://ann:open-sesame@db/x refused")
try:
    raise RuntimeError("smtp://ann:open-sesame@mail refused xoxb-1-open-sesame")
except RuntimeError:
    logs.log().exception("failed")
logging.getLogger("slack_sdk").warning("a library says %s", "token=open-sesame")
logging.getLogger("slack_sdk").info("a library chatters")
logging.getLogger("apscheduler.scheduler").warning("a tick waits for the job before it")
logs.log().info(
    "paused",
    again_at=datetime(2026, 11, 30, 9, 5, 7, 9, UTC),
    on=date(2026, 11, 30),
    error=ValueError("smtp://ann:open-sesame@mail refused"),
)
"""


def lines(form: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(form=form)],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == ""
    return done.stderr.splitlines()


def test_a_machine_reads_one_json_object_a_line() -> None:
    events = [json.loads(line) for line in lines("auto")]
    assert [e["event"] for e in events[:2]] == ["started", "failed"]
    assert events[0]["folder"] == "青葉"
    assert events[0]["level"] == "info"
    assert events[0]["at"].endswith("Z")
    assert "RuntimeError" in events[1]["exception"]
    assert events[2]["event"].startswith("a library says")
    assert len(events) == 4


def test_moments_and_days_are_written_as_other_programs_read_them() -> None:
    paused = json.loads(lines("json")[-1])
    assert (paused["again_at"], paused["on"]) == ("2026-11-30T09:05:07Z", "2026-11-30")
    assert "datetime" not in lines("text")[-1]
    assert "ValueError(" not in paused["error"]


@pytest.mark.parametrize("form", ["auto", "text", "json"])
def test_no_secret_is_ever_logged(form: str) -> None:
    said = "\n".join(lines(form))
    assert "started" in said
    assert "open-sesame" not in said


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("postgresql+psycopg://ann:pw@db:5432/x", "postgresql+psycopg://***@db:5432/x"),
        ("host=db password=pw sslmode=require", "host=db password=*** sslmode=require"),
        ("xoxb-12-ab and xapp-1-A", "*** and ***"),
        ("Bearer pat-eu1-0a1b-2c3d refused", "Bearer *** refused"),
        ("pat-na1-00000000-0000-4000-8000-000000000001", "***"),
        ("a pat-down search", "a pat-down search"),
        ("https://example.com/a:b@c", "https://example.com/a:b@c"),
        ("12:30 at ann@example.com", "12:30 at ann@example.com"),
    ],
)
def test_what_counts_as_a_secret(text: str, shown: str) -> None:
    assert without_secrets(text) == shown
