"""The daemon as a process that listens to Slack: a button reaches the database, what was left
behind is picked up, and SIGTERM ends it cleanly."""

import json
import signal
from collections.abc import Callable
from typing import Any

import pytest

from tests.e2e.process import PATIENCE, Folder, wait_until
from tests.servers.slack import APP_TOKEN, TEAM, TOKEN, SlackServer
from tests.servers.slack_socket import SlackSocket

MakeFolder = Callable[..., Folder]
DAY = "2027-01-05"


def click_on_seen(slack: SlackServer) -> dict[str, Any]:
    """Chika presses "seen" in her message."""
    post = next(p for p in slack.posts if p.channel == "D0CHIKA")
    menu = next(
        e
        for b in post.blocks
        if b["type"] == "actions"
        for e in b["elements"]
        if e["action_id"].startswith("more:")
    )
    action = {
        "action_id": menu["action_id"],
        "type": menu["type"],
        "selected_option": {"value": "seen"},
        "action_ts": "1.0",
    }
    who = {
        "user": {"id": "U0CHIKA", "team_id": TEAM},
        "team": {"id": TEAM},
        "channel": {"id": "D0CHIKA"},
    }
    return {"type": "block_actions", "trigger_id": "t", "actions": [action], **who}


def test_a_button_reaches_the_database_once_and_the_message_shows_it(folder: MakeFolder) -> None:
    with SlackServer() as slack, SlackSocket() as socket:
        slack.socket_url = socket.url
        work = folder(SLACK_BOT_TOKEN=TOKEN, SLACK_APP_TOKEN=APP_TOKEN, SLACK_API_URL=slack.url)
        work.done("run", "--once", "--as-of", DAY)
        with work.started("run") as daemon:
            socket.wait_for_connection()
            socket.send("interactive", click_on_seen(slack), "E1")
            wait_until(
                lambda: bool(work.rows("SELECT 1 FROM envelopes WHERE handled_at IS NOT NULL")),
                "the click to be acted on",
            )
            wait_until(
                lambda: (
                    "千佳 田中が確認済み"
                    in json.dumps([p.blocks for p in slack.posts], ensure_ascii=False)
                ),
                "the message to show it",
            )
            daemon.send_signal(signal.SIGTERM)
            assert daemon.wait(PATIENCE) == 0
        assert work.rows("SELECT verb, actor, via FROM answers") == [("seen", "千佳 田中", "slack")]
        work.write(
            "UPDATE envelopes SET handled_at = NULL, not_before_at = '2020-01-01 00:00:00.000000'",
            "DELETE FROM answers",
            "UPDATE events SET seen = 0, snoozed_until = NULL",
        )
        with work.started("run") as daemon:
            wait_until(
                lambda: bool(work.rows("SELECT 1 FROM answers")),
                "what was left behind to be picked up",
            )
            wait_until(lambda: '"slack connected"' in work.log(), "the connection")
            daemon.send_signal(signal.SIGTERM)
            assert daemon.wait(PATIENCE) == 0
        events = [
            json.loads(line)["event"] for line in work.log().splitlines() if line.startswith("{")
        ]
        assert "slack connected" in events
        assert events[-1] == "stopped"
        assert APP_TOKEN not in work.log()


def test_check_names_what_the_app_lacks(folder: MakeFolder) -> None:
    with SlackServer() as slack:
        slack.scopes = "chat:write"
        work = folder(SLACK_BOT_TOKEN=TOKEN, SLACK_APP_TOKEN="xapp-wrong", SLACK_API_URL=slack.url)
        said = work.renewals("check", "--lang", "en").stdout
        assert "the app lacks the scopes im:write" in said
        assert "SLACK_APP_TOKEN does not open a connection (invalid_auth)" in said


@pytest.mark.parametrize(
    ("env", "said"),
    [
        ({"SLACK_BOT_TOKEN": TOKEN, "SLACK_APP_TOKEN": "xoxb-other"}, "it begins with xapp-"),
        ({"SLACK_APP_TOKEN": APP_TOKEN}, "needs SLACK_BOT_TOKEN"),
    ],
    ids=["wrong kind", "alone"],
)
def test_a_token_that_cannot_work_is_refused_before_anything_runs(
    folder: MakeFolder, env: dict[str, str], said: str
) -> None:
    refused = folder(SLACK_API_URL="http://127.0.0.1:1/api/", **env).renewals("run", "--lang", "en")
    assert refused.returncode == 2
    assert said in refused.stderr
