"""Processes killed and stopped at chosen moments, disks full or read-only: what was claimed, handed
over or sent is neither lost nor doubled.

What waits in the queue is put there by hand, so that a daemon in real time has something to send;
time passes by hand too, in the rows.
"""

import json
import os
import resource
import shutil
import signal
import sqlite3
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from tests.e2e.process import PATIENCE, Folder, wait_until
from tests.forked import Process
from tests.servers.slack import TOKEN, SlackServer, Trouble, slow
from tests.servers.smtp import SmtpServer

MakeFolder = Callable[..., Folder]
TUESDAY = "2027-01-05"
PAST = "2026-01-01 00:00:00.000000"
_BY_HAND = "key LIKE 'm%'"
_COLUMNS = (
    "key, kind, recipient, channel, address, language, facts, state, reason, created_at, "
    "not_before_at, fence, attempts, unknowns"
)


def queue(
    work: Folder, count: int, channel: str = "slack", write: Callable[[str], object] | None = None
) -> None:
    """So many messages for the admin, due now."""
    facts = json.dumps({"title": "t", "text": "t", "todo": ""})
    address = "U0ADMIN" if channel == "slack" else "admin@example.com"
    values = (
        (
            f"('m{n}', 'alert', '{channel}:{address}', '{channel}', '{address}', 'en', '{facts}', "
            f"'queued', '', '{PAST}', '{PAST}', 0, 0, 0)"
        )
        for n in range(count)
    )
    (write or work.write)(f"INSERT INTO messages ({_COLUMNS}) VALUES {', '.join(values)}")


def states(work: Folder) -> Counter[str]:
    """How many of the messages put there by hand are in each state; the program makes others of its
    own (digests)."""
    return Counter(
        {
            str(state): int(str(n))
            for state, n in work.rows(
                f"SELECT state, count(*) FROM messages WHERE {_BY_HAND} GROUP BY state"
            )
        }
    )


LATER = (
    f"UPDATE messages SET lease_until = '{PAST}' WHERE lease_until IS NOT NULL",
    f"UPDATE messages SET not_before_at = '{PAST}' WHERE state = 'unknown'",
)
"""Leases run out, and what is unknown may be looked at."""


_FOUND = f"SELECT state, count(*) FROM messages WHERE {_BY_HAND} GROUP BY state"


def on_slack(slack: SlackServer) -> Counter[str]:
    """How often each message that was put there by hand was posted."""
    keys = (str(p.metadata["event_payload"]["key"]) for p in slack.posts)
    return Counter(key for key in keys if key.startswith("m"))


def by_mail(smtp: SmtpServer) -> Counter[str]:
    """How often each message that was put there by hand arrived by mail."""
    return Counter(m.key for m in smtp.mails if m.key.startswith("m"))


@contextmanager
def daemon(work: Folder) -> Iterator[Process]:
    """A daemon that is ready."""
    with work.started("run") as process:
        wait_until(lambda: '"ready"' in work.log(), "the daemon to be ready")
        yield process


def kill(process: Process) -> None:
    process.send_signal(signal.SIGKILL)
    assert process.wait(PATIENCE) == -signal.SIGKILL


def stop(process: Process) -> None:
    process.send_signal(signal.SIGTERM)
    assert process.wait(PATIENCE) == 0


@pytest.fixture
def slack() -> Iterator[SlackServer]:
    """A workspace."""
    with SlackServer() as server:
        yield server


@pytest.fixture
def work(folder: MakeFolder, slack: SlackServer) -> Folder:
    """A folder that sends there, in real life."""
    work = folder(SLACK_BOT_TOKEN=TOKEN, SLACK_API_URL=slack.url)
    work.write("DELETE FROM meta WHERE key = 'time_travel'")
    return work


TOOK_IT = pytest.param(slow(1.0), id="Slack took it")
DID_NOT = pytest.param(
    Trouble(cut=True, seconds=1.0), id="Slack did not take it", marks=pytest.mark.soak
)


@pytest.mark.parametrize("held", [TOOK_IT, DID_NOT])
def test_killed_in_the_middle_of_a_batch(work: Folder, slack: SlackServer, held: Trouble) -> None:
    queue(work, 3)
    slack.next("chat.postMessage", held)
    with daemon(work) as process:
        wait_until(lambda: "chat.postMessage" in slack.calls, "the first message to be on its way")
        kill(process)
    assert states(work) == {"handed_over": 1, "claimed": 2}
    wait_until(lambda: len(slack.posts) == held.done, "Slack to take it, or not")
    with daemon(work) as process:
        assert states(work) == {"handed_over": 1, "claimed": 2}, "the leases still run"
        work.write(*LATER)
        wait_until(
            lambda: states(work) == {"unknown": 1, "sent": 2} or states(work) == {"sent": 3},
            "what was only claimed to be sent",
        )
        work.write(*LATER)
        wait_until(lambda: states(work) == {"sent": 3}, "the one on its way to be settled")
        stop(process)
    assert on_slack(slack) == {"m0": 1, "m1": 1, "m2": 1}


def test_killed_before_it_could_claim_anything(work: Folder, slack: SlackServer) -> None:
    holder = sqlite3.connect(work.path / "data" / "renewals.db", isolation_level=None)
    with daemon(work) as process:
        holder.execute("BEGIN IMMEDIATE")
        queue(work, 2, write=holder.execute)
        kill(process)
    holder.execute("COMMIT")
    holder.close()
    assert states(work) == {"queued": 2}
    with daemon(work) as process:
        wait_until(lambda: states(work) == {"sent": 2}, "both to be sent")
        stop(process)
    assert on_slack(slack) == {"m0": 1, "m1": 1}


def test_killed_between_the_mail_servers_answer_and_the_record(folder: MakeFolder) -> None:
    with SmtpServer() as smtp:
        work = folder(SMTP_URL=smtp.url)
        work.write("DELETE FROM meta WHERE key = 'time_travel'")
        queue(work, 2, "email")
        smtp.seconds = 30.0
        with daemon(work) as process:
            wait_until(lambda: len(smtp.mails) == 1, "the first mail to be taken")
            kill(process)
        smtp.seconds = 0.0
        with daemon(work) as process:
            work.write(*LATER)
            wait_until(
                lambda: states(work) == {"unknown": 1, "sent": 1},
                "what was only claimed to be sent",
            )
            work.write(*LATER)
            wait_until(lambda: states(work) == {"sent": 2}, "the one in the gap to be sent again")
            stop(process)
        assert by_mail(smtp) == {"m0": 2, "m1": 1}, (
            "the mail in the gap is resent once, with the same Message-ID"
        )


def test_sigterm_finishes_the_one_on_its_way_and_gives_the_rest_back(
    work: Folder, slack: SlackServer
) -> None:
    queue(work, 4)
    slack.next("chat.postMessage", slow(1.0))
    with daemon(work) as process:
        wait_until(lambda: "chat.postMessage" in slack.calls, "the first message to be on its way")
        stop(process)
    assert states(work) == {"sent": 1, "queued": 3}
    assert work.rows("SELECT count(*) FROM messages WHERE lease_until IS NOT NULL") == [(0,)]
    with daemon(work) as process:
        wait_until(lambda: states(work) == {"sent": 4}, "the rest to be sent by the next daemon")
        stop(process)
    assert on_slack(slack) == {f"m{n}": 1 for n in range(4)}


def test_two_machines_one_killed(
    folder: MakeFolder, fresh_postgres_url: str, slack: SlackServer, tmp_path: Path
) -> None:
    work = folder(DATABASE_URL=fresh_postgres_url, SLACK_BOT_TOKEN=TOKEN, SLACK_API_URL=slack.url)
    work.done("run", "--once", "--new")
    other = Folder(tmp_path / "other", work.env)
    shutil.copytree(work.path, other.path)
    with (
        psycopg.connect(fresh_postgres_url.replace("+psycopg", ""), autocommit=True) as database,
        daemon(work) as one,
        daemon(other) as two,
    ):

        def found() -> Counter[str]:
            return Counter({str(s): int(n) for s, n in database.execute(_FOUND).fetchall()})

        def settled() -> bool:
            """Time passes, row by row, because two transactions that change several wait for each
            other."""
            for number in range(30):
                for statement in LATER:
                    database.execute(f"{statement} AND key = 'm{number}'".encode())
            return found() == {"sent": 30}

        slack.next("chat.postMessage", slow(1.0), slow(1.0))
        queue(work, 30, write=lambda statement: database.execute(statement.encode()))
        wait_until(lambda: "chat.postMessage" in slack.calls, "a message to be on its way")
        kill(one)
        wait_until(lambda: len(slack.posts) > 1, "Slack to take what was on its way")
        wait_until(settled, "what the dead machine left behind to be sent by the other")
        stop(two)
    assert on_slack(slack) == {f"m{n}": 1 for n in range(30)}


def test_a_newer_database_is_left_alone(folder: MakeFolder) -> None:
    work = folder()
    work.write("UPDATE alembic_version SET version_num = '9999'")
    before = (work.path / "data" / "renewals.db").read_bytes()
    refused = work.renewals("run")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert (
        one_message(refused)
        == "the database belongs to a newer version of renewals; update this program"
    )
    assert (work.path / "data" / "renewals.db").read_bytes() == before


def test_a_locked_database_is_named_after_a_while_and_passes(folder: MakeFolder) -> None:
    work = folder()
    file = work.path / "data" / "renewals.db"
    impatient = Folder(work.path, {"DATABASE_URL": f"sqlite:///{file}?timeout=0.2"})
    holder = sqlite3.connect(file, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    refused = impatient.renewals("run", "--once", "--as-of", TUESDAY)
    assert refused.returncode == 1, refused.stderr
    assert one_message(refused).startswith(
        "another process is writing to the database; try again when it is done"
    )
    assert "C-1" in impatient.done("deals"), "who only reads waits for nobody"
    holder.close()
    impatient.done("run", "--once", "--as-of", TUESDAY)


def one_message(refused: "subprocess.CompletedProcess[str]") -> str:
    """What was said, which is one line besides notes and no traceback."""
    lines = [
        line
        for line in refused.stderr.splitlines()
        if line and not line.startswith(("note", "this is a rehearsal", "config.toml was"))
    ]
    assert len(lines) == 1, refused.stderr
    return lines[0]


AS_ROOT = os.geteuid() == 0
root = pytest.mark.skipif(not AS_ROOT, reason="only root can make a file system")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of two megabytes."""
    place = tmp_path / "disk"
    place.mkdir()
    if subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(place)], check=False
    ).returncode:
        pytest.skip("this machine lets nobody mount anything")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def moved_to(work: Folder, disk: Path, **env: str) -> Folder:
    """The folder with its database on another disk."""
    shutil.copy(work.path / "data" / "renewals.db", disk / "renewals.db")
    return Folder(work.path, {"DATABASE_URL": f"sqlite:///{disk / 'renewals.db'}", **env})


def fill(disk: Path) -> Path:
    """Leaves no room; the file that takes it."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file:
        try:
            while file.write(b"\0" * 4096):
                pass
        except OSError:
            pass
    return filler


def read(file: Path, query: str) -> list[tuple[object, ...]]:
    """A query of a SQLite file that changes nothing about it."""
    connection = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()


@root
def test_on_a_full_disk_nothing_is_half_written(folder: MakeFolder, small_disk: Path) -> None:
    work = moved_to(folder(), small_disk)
    work.done("run", "--once", "--as-of", "2026-10-02")
    before = read(small_disk / "renewals.db", "SELECT * FROM deals") + read(
        small_disk / "renewals.db", "SELECT * FROM nudges"
    )
    filler = fill(small_disk)
    refused = work.renewals("run", "--once", "--as-of", TUESDAY)
    assert refused.returncode == 1, refused.stderr
    assert "Traceback" not in refused.stderr
    assert (
        "the disk is full; free some space and try again (nothing was written in part)"
        in refused.stderr
    )
    filler.unlink()
    assert (
        read(small_disk / "renewals.db", "SELECT * FROM deals")
        + read(small_disk / "renewals.db", "SELECT * FROM nudges")
        == before
    )
    work.done("run", "--once", "--as-of", TUESDAY)
    assert ("sent",) in read(small_disk / "renewals.db", "SELECT DISTINCT state FROM nudges")


@root
def test_a_mail_that_went_out_while_the_disk_was_full_is_recorded_when_there_is_room(
    folder: MakeFolder, small_disk: Path
) -> None:
    with SmtpServer() as smtp:
        work = moved_to(folder(), small_disk, SMTP_URL=smtp.url)
        long_text = work.path / "templates" / "messages" / "en" / "alert" / "body.txt"
        long_text.parent.mkdir(parents=True, exist_ok=True)
        long_text.write_text(
            f'{{% for _ in "{"." * 1000}" %}}{"." * 300}{{% endfor %}}'
        )  # SQLite's log has no room left for that much
        with sqlite3.connect(small_disk / "renewals.db") as database:
            database.execute("DELETE FROM meta WHERE key = 'time_travel'")
            queue(work, 1, "email", write=database.execute)
        database.close()
        smtp.seconds = 1.0
        with daemon(work) as process:
            wait_until(lambda: len(smtp.mails) == 1, "the mail to be taken")
            filler = fill(small_disk)
            wait_until(lambda: "the disk is full" in work.log(), "the record to fail")
            filler.unlink()
            query = f"SELECT state FROM messages WHERE {_BY_HAND}"
            wait_until(
                lambda: read(small_disk / "renewals.db", query) == [("sent",)],
                "the record to be made",
            )
            stop(process)
        assert by_mail(smtp) == {"m0": 1}


@root
def test_a_read_only_disk_is_named(folder: MakeFolder, small_disk: Path) -> None:
    work = moved_to(folder(), small_disk)
    work.done("run", "--once", "--as-of", "2026-10-02")
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    for command in (("run", "--once", "--as-of", TUESDAY), ("deals",), ("check",)):
        refused = work.renewals(*command)
        assert refused.returncode == 2, refused.stderr
        assert "Traceback" not in refused.stderr
        said = refused.stdout + refused.stderr
        assert said.count("the database is on a read-only file system") == 1, said
        assert "permissions" not in said, said


@pytest.mark.skipif(AS_ROOT, reason="root has real disks that are full")
def test_a_file_that_may_not_grow_is_a_disk_that_fails(folder: MakeFolder) -> None:
    work = folder()

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192))

    refused = work.afresh("run", "--once", "--as-of", TUESDAY, before=limited)
    assert refused.returncode == 2, refused.stderr
    assert "Traceback" not in refused.stderr
    assert "the disk" in refused.stderr
    assert work.rows("SELECT count(*) FROM nudges") == [(0,)]
    work.done("run", "--once", "--as-of", TUESDAY)
