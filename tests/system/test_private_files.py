"""What holds customers' data or secrets is its owner's only, whatever the umask, and belongs to the
folder's owner when root made it."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from scheduler.system.private_files import (
    make_private,
    make_private_folder,
    open_private,
    others_can_read,
    shut_out_others,
)

SERVICE = 65534


@pytest.fixture(autouse=True)
def open_umask() -> Iterator[None]:
    """A umask that hides nothing."""
    before = os.umask(0)
    yield
    os.umask(before)


def mode(file: Path) -> int:
    return stat.S_IMODE(file.stat().st_mode)


def test_what_is_made_is_private(tmp_path: Path) -> None:
    make_private_folder(tmp_path / "above" / "data")
    make_private(tmp_path / "above" / "data" / "renewals.db")
    with open_private(tmp_path / "rejects.csv") as file:
        file.write("a")
    assert mode(tmp_path / "above" / "data") == 0o700
    assert mode(tmp_path / "above") == 0o755
    assert (
        mode(tmp_path / "above" / "data" / "renewals.db") == mode(tmp_path / "rejects.csv") == 0o600
    )


def test_a_file_that_is_there_is_neither_emptied_nor_opened_wider(tmp_path: Path) -> None:
    file = tmp_path / "renewals.db"
    file.write_text("rows")
    file.chmod(0o400)
    make_private(file)
    assert (file.read_text(), mode(file)) == ("rows", 0o400)


def test_an_open_file_that_is_written_again_is_private_from_then_on(tmp_path: Path) -> None:
    file = tmp_path / "rejects.csv"
    file.write_text("an earlier one")
    file.chmod(0o644)
    with open_private(file) as stream:
        stream.write("x")
    assert (file.read_text(), mode(file)) == ("x", 0o600)


@pytest.mark.parametrize(
    ("before", "after"), [(0o644, 0o640), (0o666, 0o660), (0o640, 0o640), (0o600, 0o600)]
)
def test_others_are_shut_out_and_the_group_keeps_what_it_has(
    tmp_path: Path, before: int, after: int
) -> None:
    file = tmp_path / "renewals.db"
    file.touch()
    file.chmod(before)
    shut_out_others(file)
    assert mode(file) == after


@pytest.mark.parametrize(
    ("folder", "file", "seen"),
    [
        (0o755, 0o644, True),
        (0o711, 0o604, True),
        (0o750, 0o644, False),
        (0o755, 0o640, False),
        (0o755, 0o600, False),
    ],
)
def test_others_read_what_is_open_to_them_all_the_way(
    tmp_path: Path, folder: int, file: int, seen: bool
) -> None:
    (tmp_path / "cs").mkdir()
    (tmp_path / "cs" / ".env").touch()
    (tmp_path / "cs" / ".env").chmod(file)
    (tmp_path / "cs").chmod(folder)
    assert others_can_read(tmp_path / "cs" / ".env", tmp_path / "cs") == seen
    assert not others_can_read(tmp_path / "gone", tmp_path)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make files that belong to others")
def test_what_root_makes_belongs_to_the_owner_of_the_folder(tmp_path: Path) -> None:
    os.chown(tmp_path, SERVICE, SERVICE)
    make_private(tmp_path / "renewals.db")
    make_private_folder(tmp_path / "data")
    with open_private(tmp_path / "data" / "x"):
        pass
    for made in (tmp_path / "renewals.db", tmp_path / "data", tmp_path / "data" / "x"):
        assert (made.stat().st_uid, made.stat().st_gid) == (SERVICE, SERVICE)
