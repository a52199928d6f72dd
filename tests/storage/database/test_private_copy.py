"""A copy on which something is tried lies apart, keeps nobody from writing, and does not stay,
whatever becomes of the process."""

import os
import sys
from pathlib import Path
from subprocess import PIPE, Popen

import pytest

from scheduler.storage.database.engine import open_engine
from scheduler.storage.database.private_copy import private_copy

TRIES = "\n".join(
    (
        "import sys",
        "from pathlib import Path",
        "from scheduler.storage.database.private_copy import private_copy",
        "with private_copy(sys.argv[1], Path(sys.argv[2])):",
        "    print('trying', flush=True)",
        "    sys.stdin.read()",
    )
)


@pytest.fixture
def url(tmp_path: Path) -> str:
    """A small database."""
    found = f"sqlite:///{tmp_path / 'renewals.db'}"
    engine = open_engine(found)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (n)")
    engine.dispose()
    return found


def somebody_tries(url: str, folder: Path) -> Popen[bytes]:
    """Another process that has its copy and goes on until its input ends."""
    process = Popen(
        [sys.executable, "-c", TRIES, url, str(folder)],
        stdin=PIPE,
        stdout=PIPE,
        cwd=Path(__file__).parents[3],
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"trying\n"
    return process


def copies(folder: Path) -> list[Path]:
    """The folders of copies, made to look old."""
    found = sorted(folder.glob(".tried-*"))
    for one in found:
        os.utime(one, (1_000_000_000, 1_000_000_000))
    return found


def test_what_a_killed_process_left_is_taken_away_by_the_next(url: str, tmp_path: Path) -> None:
    process = somebody_tries(url, tmp_path)
    process.kill()
    process.communicate()
    (left,) = copies(tmp_path)
    with private_copy(url, tmp_path):
        assert not left.exists()
    assert copies(tmp_path) == []


def test_what_somebody_still_works_with_stays(url: str, tmp_path: Path) -> None:
    process = somebody_tries(url, tmp_path)
    (theirs,) = copies(tmp_path)
    with private_copy(url, tmp_path):
        assert theirs.exists()
    process.communicate()
    assert (process.returncode, copies(tmp_path)) == (0, [])


def test_a_folder_that_may_not_be_locked_yet_stays(url: str, tmp_path: Path) -> None:
    young = tmp_path / ".tried-young"
    young.mkdir()
    with private_copy(url, tmp_path):
        assert young.exists()
