"""The daemon as a process whose surroundings fail: its log, its output, its database file, a server
that comes late."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.process import PATIENCE, REPOSITORY, Folder, wait_until

MakeFolder = Callable[..., Folder]


def words(work: Folder, *given: str) -> list[str]:
    return [sys.executable, "-m", "scheduler", *given, "--dir", str(work.path)]


def test_a_log_that_cannot_be_written_neither_ends_nor_fails_the_work(folder: MakeFolder) -> None:
    work = folder()
    with Path("/dev/full").open("w") as full:
        daemon = subprocess.Popen(words(work, "run"), stdout=full, stderr=full, cwd=REPOSITORY)
        try:
            wait_until(
                lambda: (
                    work.rows("SELECT count(*) FROM meta WHERE key = 'last_sweep_at'") == [(1,)]
                ),
                "a sweep",
            )
            assert daemon.poll() is None
            daemon.send_signal(signal.SIGTERM)
            assert daemon.wait(PATIENCE) == 0
        finally:
            daemon.kill()
            daemon.wait()


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&- <&-", ">/dev/full"])
def test_once_with_an_output_that_nobody_reads_does_its_work(
    folder: MakeFolder, closed: str
) -> None:
    work = folder()
    line = " ".join([*words(work, "run", "--once", "--as-of", "2026-10-05"), closed])
    assert (
        subprocess.run(
            ["sh", "-c", line],
            cwd=REPOSITORY,
            env={**os.environ, "RENEWALS_ALLOW_TIME_TRAVEL": "1"},
            check=False,
        ).returncode
        == 0
    )
    assert work.rows("SELECT count(*) FROM meta WHERE key = 'last_sweep_at'") == [(1,)]


def test_a_daemon_that_waits_for_its_database_says_so_once_and_stops_when_told(
    folder: MakeFolder,
) -> None:
    work = folder(DATABASE_URL="postgresql://app:geheim@127.0.0.1:1/renewals")
    with work.started("run") as daemon:
        wait_until(
            lambda: "waiting for the database" in work.log(), "the daemon to say that it waits"
        )
        daemon.send_signal(signal.SIGHUP)
        daemon.send_signal(signal.SIGTERM)
        assert daemon.wait(PATIENCE) == 0
    assert work.log().count("waiting for the database") == 1
    assert "geheim" not in work.log()
    once = work.renewals("run", "--once")
    assert once.returncode == 1
    assert "Traceback" not in once.stderr


def test_a_deleted_database_ends_the_daemon_and_no_empty_one_takes_its_place(
    folder: MakeFolder,
) -> None:
    work = folder()
    with work.started("run") as daemon:
        wait_until(lambda: '"ready"' in work.log(), "the daemon to be ready")
        for file in (work.path / "data").glob("renewals.db*"):
            file.unlink()
        assert daemon.wait(PATIENCE) == 1
    assert "is gone" in work.log()
    for refused in (
        work.renewals("run", "--once"),
        work.renewals("deals"),
        work.renewals("import", str(work.path / "people.csv")),
    ):
        assert refused.returncode == 2
        assert "--new" in refused.stderr
    assert list((work.path / "data").glob("*.db")) == []
    assert work.renewals("run", "--once", "--new").returncode == 0
    assert work.renewals("run", "--once").returncode == 0
