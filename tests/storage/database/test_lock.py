"""One daemon for each SQLite file, whatever the file is called; on PostgreSQL any number."""

import fcntl
import os
import subprocess
import sys
from pathlib import Path
from threading import Timer

import pytest

from scheduler.ports import StoreUnavailableError
from scheduler.storage.database.lock import daemon_of, sole_daemon

HOLDER = """
import sys
from scheduler.storage.database.lock import sole_daemon
with sole_daemon(sys.argv[1]):
    print("locked", flush=True)
    sys.stdin.read()
"""


def url(file: Path) -> str:
    return f"sqlite:///{file}"


def test_the_second_is_told_who_has_the_lock(tmp_path: Path) -> None:
    here = url(tmp_path / "renewals.db")
    with sole_daemon(here):
        with (
            pytest.raises(
                StoreUnavailableError, match=rf"process {os.getpid()}, .*/renewals\.db\.daemon"
            ) as refused,
            sole_daemon(here),
        ):
            pass
        assert not refused.value.passing
        assert f"プロセス {os.getpid()}" in refused.value.label.ja
    with sole_daemon(here):
        pass


def test_somebody_who_only_asks_for_the_daemon_is_not_taken_for_one(tmp_path: Path) -> None:
    here = url(tmp_path / "renewals.db")
    with sole_daemon(here):
        assert daemon_of(here) == str(os.getpid())
    asking = (tmp_path / "renewals.db.daemon").open("rb")
    fcntl.flock(asking, fcntl.LOCK_SH)
    answered = Timer(0.02, asking.close)
    answered.start()
    with sole_daemon(here):
        pass
    answered.join()


def test_another_file_is_another_lock(tmp_path: Path) -> None:
    with sole_daemon(url(tmp_path / "one.db")), sole_daemon(url(tmp_path / "two.db")):
        pass


def test_a_link_to_the_file_is_the_same_file(tmp_path: Path) -> None:
    (tmp_path / "link.db").symlink_to(tmp_path / "renewals.db")
    (tmp_path / "folder").symlink_to(tmp_path)
    with sole_daemon(url(tmp_path / "renewals.db")):
        for other in (tmp_path / "link.db", tmp_path / "folder" / "renewals.db"):
            with (
                pytest.raises(StoreUnavailableError, match="another daemon runs"),
                sole_daemon(url(other)),
            ):
                pass


def test_the_lock_ends_with_its_process_however_that_ends(tmp_path: Path) -> None:
    here = url(tmp_path / "renewals.db")
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, here],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[3],
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"locked\n"
    with pytest.raises(StoreUnavailableError, match=f"process {process.pid}"), sole_daemon(here):
        pass
    process.kill()
    process.communicate()
    with sole_daemon(here):
        pass


@pytest.mark.parametrize("address", ["postgresql://u@h/d", "sqlite://", "sqlite:///:memory:"])
def test_where_nothing_can_be_shared_by_accident_nothing_is_locked(address: str) -> None:
    with sole_daemon(address), sole_daemon(address):
        pass


def test_a_folder_in_which_no_file_can_be_made_says_so(tmp_path: Path) -> None:
    gone = url(tmp_path / "gone" / "renewals.db")
    with (
        pytest.raises(StoreUnavailableError, match="cannot make the lock file .*: No such file"),
        sole_daemon(gone),
    ):
        pass
