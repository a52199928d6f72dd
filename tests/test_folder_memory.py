"""A folder remembers its database; what cannot be written or read is no memory and no error."""

import stat
from pathlib import Path

import pytest

from scheduler.folder_memory import FILE, Memory, remember, remembered

MEMORY = Memory("an-instance", "sqlite:////srv/cs/data/renewals.db")


def test_what_was_remembered_is_read_again_by_its_owner_only(tmp_path: Path) -> None:
    assert remembered(tmp_path) is None
    remember(tmp_path, MEMORY)
    assert remembered(tmp_path) == MEMORY
    assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600


def test_the_same_is_not_written_twice(tmp_path: Path) -> None:
    remember(tmp_path, MEMORY)
    before = (tmp_path / FILE).stat().st_mtime_ns
    remember(tmp_path, MEMORY)
    assert (tmp_path / FILE).stat().st_mtime_ns == before


@pytest.mark.parametrize("content", ["", "{", "[]", '{"instance": "x"}', "\udcff"])
def test_what_cannot_be_read_is_no_memory(tmp_path: Path, content: str) -> None:
    (tmp_path / FILE).write_bytes(content.encode("utf-8", "surrogateescape"))
    assert remembered(tmp_path) is None


def test_a_folder_that_cannot_be_written_to_remembers_nothing(tmp_path: Path) -> None:
    remember(tmp_path / "gone", MEMORY)
    assert remembered(tmp_path / "gone") is None
