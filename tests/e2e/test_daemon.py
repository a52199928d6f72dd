"""The daemon as a process: start and stop, crash and recovery, reload, a second one, clocks."""

import json
import shutil
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from tests.e2e.process import PATIENCE, Folder, Systemd, wait_until
from tests.servers.slack import TOKEN, SlackServer, rate_limited, slow

MakeFolder = Callable[..., Folder]
MONDAY, TUESDAY = "2027-01-04", "2027-01-05"


def without_digests(work: Folder) -> Folder:
    """A folder whose people are away, so that nothing but what a test is about goes out, whatever
    the hour."""
    days = "'2020-01-01', '2099-12-31', '', '', '2020-01-01 00:00:00.000000'"
    work.write(
        "INSERT INTO absences (person_id, first_on, last_on, note, actor, created_at) SELECT "
        f"id, {days} FROM people"
    )
    return work


def test_the_daemon_says_that_it_is_ready_and_stops_cleanly(
    folder: MakeFolder, tmp_path: Path
) -> None:
    with Systemd(tmp_path / "notify") as systemd:
        work = folder(NOTIFY_SOCKET=systemd.address)
        with work.started("run") as daemon:
            assert "channels: preview" in systemd.wait_for("READY=1")
            systemd.wait_for("WATCHDOG=1")
            daemon.send_signal(signal.SIGTERM)
            systemd.wait_for("STOPPING=1")
            assert daemon.wait(PATIENCE) == 0
    events = [json.loads(line)["event"] for line in work.log().splitlines() if line.startswith("{")]
    assert events[0] == "ready"
    assert events[-1] == "stopped"


def test_sigterm_lets_the_message_on_its_way_finish_and_leaves_nothing_claimed(
    folder: MakeFolder,
) -> None:
    with SlackServer() as slack:
        work = without_digests(folder(SLACK_BOT_TOKEN=TOKEN, SLACK_API_URL=slack.url))
        with work.started("run") as daemon:
            wait_until(lambda: '"ready"' in work.log(), "the daemon to be ready")
            slack.next("chat.postMessage", slow(1.5))
            work.edit("resend_after_move = 14", "resend_after_move = oops")
            wait_until(lambda: "chat.postMessage" in slack.calls, "the alert to be on its way")
            daemon.send_signal(signal.SIGTERM)
            assert daemon.wait(PATIENCE) == 0
        assert len(slack.posts) == 1
        assert work.rows(
            "SELECT kind, state, claimed_by IS NULL OR state = 'sent' FROM messages"
        ) == [("alert", "sent", 1)]


def test_a_second_signal_ends_at_once(folder: MakeFolder) -> None:
    with SlackServer() as slack:
        work = without_digests(folder(SLACK_BOT_TOKEN=TOKEN, SLACK_API_URL=slack.url))
        with work.started("run") as daemon:
            wait_until(lambda: '"ready"' in work.log(), "the daemon to be ready")
            slack.next("chat.postMessage", slow(20))
            work.edit("resend_after_move = 14", "resend_after_move = oops")
            wait_until(lambda: "chat.postMessage" in slack.calls, "the alert to be on its way")
            daemon.send_signal(signal.SIGTERM)
            wait_until(lambda: '"stopping"' in work.log(), "the daemon to be stopping")
            daemon.send_signal(signal.SIGINT)
            assert daemon.wait(5) == 128 + signal.SIGINT


def test_a_message_that_slack_took_before_the_crash_is_found_and_not_sent_again(
    folder: MakeFolder,
) -> None:
    with SlackServer() as slack:
        work = folder(SLACK_BOT_TOKEN=TOKEN, SLACK_API_URL=slack.url)
        slack.next("chat.postMessage", slow(1))
        with work.started("run", "--once", "--as-of", MONDAY) as process:
            wait_until(lambda: "chat.postMessage" in slack.calls, "the message to be on its way")
            process.send_signal(signal.SIGKILL)
            assert process.wait(PATIENCE) == -signal.SIGKILL
        wait_until(lambda: len(slack.posts) == 1, "Slack to take it all the same")
        assert work.rows("SELECT state FROM messages") == [("handed_over",)]
        work.done("run", "--once", "--as-of", TUESDAY)
        keys = [p.metadata["event_payload"]["key"] for p in slack.posts if p.metadata]
        assert keys.count(keys[0]) == 1
        assert work.rows(
            "SELECT state, count(*) FROM messages WHERE kind = 'nudges' GROUP BY state"
        ) == [("sent", 1)]


def test_a_second_daemon_on_the_same_file_is_refused_with_the_holders_number(
    folder: MakeFolder,
) -> None:
    work = folder()
    with work.started("run") as daemon:
        wait_until(lambda: '"ready"' in work.log(), "the daemon to be ready")
        second = work.renewals("run", "--once")
        assert second.returncode == 2
        assert f"process {daemon.pid}" in second.stderr
        assert "Traceback" not in second.stderr
        daemon.send_signal(signal.SIGKILL)
        daemon.wait()
    assert work.renewals("run", "--once").returncode == 0


def test_a_saved_edit_becomes_the_next_version_and_a_bad_one_changes_nothing(
    folder: MakeFolder,
) -> None:
    work = folder()
    with work.started("run") as daemon:
        wait_until(lambda: '"ready"' in work.log(), "the daemon to be ready")
        work.edit("resend_after_move = 14", "resend_after_move = 21")
        wait_until(lambda: "version 2 is in force now" in work.log(), "the edit to be applied")
        wait_until(
            lambda: work.rows("SELECT min(policy_version) FROM deals") == [(2,)],
            "the deals to be decided anew",
        )
        work.edit('offset = "-3 months"', 'offset = "3 moths"')
        wait_until(lambda: "configuration refused" in work.log(), "the mistake to be noticed")
        wait_until(
            lambda: len(work.rows("SELECT id FROM messages WHERE kind = 'alert'")) == 1,
            "the admins to be told",
        )
        daemon.send_signal(signal.SIGHUP)
        wait_until(lambda: work.log().count("configuration refused") == 2, "SIGHUP to be heeded")
        work.edit('offset = "3 moths"', 'offset = "-3 months"')
        wait_until(lambda: '"changed": false' in work.log(), "the corrected file to be read")
        daemon.send_signal(signal.SIGTERM)
        assert daemon.wait(PATIENCE) == 0
    assert work.rows("SELECT version, author FROM policy_versions ORDER BY version")[1:] == [
        (2, "daemon")
    ]
    assert work.rows("SELECT count(*) FROM messages WHERE kind = 'alert'") == [(1,)]


def test_an_edit_that_waits_is_applied_by_its_plan_and_the_running_daemon_follows(
    folder: MakeFolder,
) -> None:
    work = without_digests(folder())
    work.edit("apply_edits = true", "apply_edits = false")
    with work.started("run") as daemon:
        wait_until(lambda: '"ready"' in work.log(), "the daemon to be ready")
        work.edit("resend_after_move = 14", "resend_after_move = 21")
        wait_until(lambda: "the edit of config.toml waits" in work.log(), "the edit to be seen")
        assert work.rows("SELECT version FROM policy_versions") == [(1,)]
        plan = json.loads(work.done("plan", "--json"))["plan"]
        assert "version 2 is in force now" in work.done("apply", plan)
        wait_until(
            lambda: work.rows("SELECT DISTINCT policy_version FROM deals") == [(2,)],
            "every deal to be decided under the new version",
        )
        daemon.send_signal(signal.SIGTERM)
        assert daemon.wait(PATIENCE) == 0
    told = [
        json.loads(str(row[0]))["title"]
        for row in work.rows("SELECT facts FROM messages WHERE kind = 'alert'")
    ]
    assert told == ["config.toml の変更を保留しています"]


def test_an_old_copy_of_the_file_is_reported_and_the_policy_stays(folder: MakeFolder) -> None:
    work = folder()
    work.edit("resend_after_move = 14", "resend_after_move = 21")
    assert "version 2 is in force now" in work.renewals("run", "--once").stderr
    work.edit("resend_after_move = 21", "resend_after_move = 14")
    assert "version 2 stays in force" in work.renewals("run", "--once").stderr
    assert work.rows("SELECT max(version) FROM policy_versions") == [(2,)]


def test_a_clock_behind_the_last_sweep_stops_everything_and_the_admins_hear_of_it(
    folder: MakeFolder,
) -> None:
    work = folder()
    work.done("run", "--once", "--as-of", "2099-01-05")
    once = work.renewals("run", "--once")
    assert once.returncode == 2
    assert "before the last sweep recorded" in once.stderr
    with (
        SlackServer() as slack,
        (work := replace(work, env={"SLACK_BOT_TOKEN": TOKEN, "SLACK_API_URL": slack.url})).started(
            "run"
        ) as daemon,
    ):
        slack.next("chat.postMessage", rate_limited(1), rate_limited(1))
        wait_until(lambda: "clock doubted" in work.log(), "the daemon to doubt the clock")
        wait_until(
            lambda: any("時計がずれている" in post.text for post in slack.posts),
            "the admins to be told",
        )
        refused = work.renewals("clock", "accept")
        assert refused.returncode == 2
        assert "has moved this database into the future" in refused.stderr
        daemon.send_signal(signal.SIGTERM)
        assert daemon.wait(PATIENCE) == 0
    assert '"swept"' not in work.log()


def test_a_clock_behind_the_last_sweep_is_trusted_again_once_a_person_accepts_it(
    folder: MakeFolder,
) -> None:
    work = folder()
    work.done("run", "--once")
    work.write(
        "DELETE FROM meta WHERE key = 'time_travel'",
        "UPDATE meta SET value = '2099-01-05T00:00:00+00:00' WHERE key = 'last_sweep_at'",
    )
    with work.started("run") as daemon:
        wait_until(lambda: "clock doubted" in work.log(), "the daemon to doubt the clock")
        assert "is accepted as the right time" in work.done("clock", "accept")
        wait_until(lambda: "clock trusted again" in work.log(), "the daemon to go on")
        daemon.send_signal(signal.SIGTERM)
        assert daemon.wait(PATIENCE) == 0


@pytest.mark.parametrize(
    "words", [("run", "--once"), ("import", "people.csv"), ("run", "--dry-run")]
)
def test_time_travel_is_refused_unless_it_is_allowed(
    folder: MakeFolder, words: tuple[str, ...]
) -> None:
    work = folder(RENEWALS_ALLOW_TIME_TRAVEL="")
    refused = work.renewals(*words, "--as-of", MONDAY)
    assert refused.returncode == 2
    assert "RENEWALS_ALLOW_TIME_TRAVEL=1" in refused.stderr


def test_a_rehearsal_goes_forward_only(folder: MakeFolder) -> None:
    work = folder()
    work.done("run", "--once", "--as-of", TUESDAY)
    refused = work.renewals("run", "--once", "--as-of", MONDAY)
    assert refused.returncode == 2
    assert "rehearse forward in time" in refused.stderr


@pytest.mark.parametrize("written", ["tomorrow", "2027-01-04T10:00", "2027-13-01"])
def test_a_rehearsals_instant_must_be_clear(folder: MakeFolder, written: str) -> None:
    refused = folder().renewals("run", "--once", "--as-of", written)
    assert refused.returncode == 2
    assert "is neither a date (2026-03-01) nor an instant with its offset" in refused.stderr


def test_a_dry_run_shows_what_would_be_done_and_keeps_nothing(folder: MakeFolder) -> None:
    work = folder()
    before = work.rows("SELECT * FROM deals"), work.rows("SELECT * FROM nudges")
    shown = work.done("run", "--dry-run", "--as-of", MONDAY)
    assert "Stable → Renewal (3 months)" in shown
    assert "tell 千佳 田中" in shown
    assert (work.rows("SELECT * FROM deals"), work.rows("SELECT * FROM nudges")) == before


def test_lost_connections_to_postgresql_are_survived_by_two_daemons(
    folder: MakeFolder, fresh_postgres_url: str, tmp_path: Path
) -> None:
    work = folder(DATABASE_URL=fresh_postgres_url)
    work.done("import", str(work.path / "people.csv"), "--new", "--as-of", "2026-10-01")
    work.done("import", str(work.path / "contracts.csv"), "--as-of", "2026-10-01")
    other = Folder(tmp_path / "other", work.env)
    shutil.copytree(work.path, other.path)
    with (
        work.started("run") as one,
        other.started("run") as two,
        psycopg.connect(_plain(fresh_postgres_url), autocommit=True) as admin,
    ):
        for each in (work, other):
            wait_until(lambda each=each: '"ready"' in each.log(), "both daemons to be ready")  # type: ignore[misc]
        admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = "
            "current_database() AND pid <> pg_backend_pid()"
        )
        admin.execute("UPDATE deals SET wake_at = now() - interval '1 minute'")
        wait_until(
            lambda: (
                admin.execute("SELECT count(*) FROM deals WHERE wake_at < now()").fetchone() == (0,)
            ),
            "the deals to be swept",
        )
        for daemon in (one, two):
            daemon.send_signal(signal.SIGTERM)
            assert daemon.wait(PATIENCE) == 0


def _plain(url: str) -> str:
    """The address as psycopg reads it."""
    return url.replace("+psycopg", "")
