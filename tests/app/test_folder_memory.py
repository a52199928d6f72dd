"""A folder remembers its database; what cannot be written or read is no memory and no error."""

import os
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from scheduler.app.folder_memory import FILE, FolderMemory, remember, remembered

MEMORY = FolderMemory("an-instance", "sqlite:////srv/cs/data/renewals.db")


def test_what_was_remembered_is_read_again_by_its_owner_only(tmp_path: Path) -> None:
    assert remembered(tmp_path) is None
    remember(tmp_path, MEMORY)
    assert remembered(tmp_path) == MEMORY
    assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600


def test_the_same_is_not_written_twice(tmp_path: Path) -> None:
    assert remember(tmp_path, MEMORY)
    before = (tmp_path / FILE).stat().st_mtime_ns
    remember(tmp_path, MEMORY)
    assert (tmp_path / FILE).stat().st_mtime_ns == before


@pytest.mark.parametrize("content", ["", "{", "[]", '{"instance": "x"}', "\udcff"])
def test_what_cannot_be_read_is_no_memory(tmp_path: Path, content: str) -> None:
    (tmp_path / FILE).write_bytes(content.encode("utf-8", "surrogateescape"))
    assert remembered(tmp_path) is None


def test_where_nothing_can_be_written_nothing_is_remembered(tmp_path: Path) -> None:
    assert not remember(tmp_path / "gone", MEMORY)
    assert remembered(tmp_path / "gone") is None


@pytest.fixture
def read_only(tmp_path: Path) -> Path:
    """A folder with `data/` in which nothing new can be written: the place where a memory is
    prepared is taken."""
    (tmp_path / "data").mkdir()
    taken = tmp_path / f"{FILE}.{os.getpid()}"
    taken.mkdir()
    return tmp_path


def test_a_folder_that_cannot_be_written_to_remembers_in_its_data(read_only: Path) -> None:
    assert remember(read_only, MEMORY)
    assert (
        remembered(read_only),
        (read_only / FILE).exists(),
        (read_only / "data" / FILE).is_file(),
    ) == (MEMORY, False, True)


def written_first(folder: Path, memory: FolderMemory) -> None:
    """Remembered by the folder itself, before it was mounted read-only."""
    (folder / f"{FILE}.{os.getpid()}").rmdir()
    assert remember(folder, memory)
    (folder / f"{FILE}.{os.getpid()}").mkdir()


@pytest.mark.parametrize(("own", "beside", "further"), [(3, 7, 7), (7, 3, 7)])
def test_of_two_memories_of_one_database_the_further_one_holds(
    read_only: Path, own: int, beside: int, further: int
) -> None:
    remember(read_only, replace(MEMORY, generation=beside))
    kept = (read_only / "data" / FILE).read_text()
    written_first(read_only, replace(MEMORY, generation=own))
    assert not (read_only / "data" / FILE).exists(), (
        "a folder that can be written to remembers by itself"
    )
    (read_only / "data" / FILE).write_text(kept)
    assert remembered(read_only) == replace(MEMORY, generation=further)


def test_another_database_takes_the_place_only_when_this_folder_has_worked_with_it(
    read_only: Path,
) -> None:
    other = replace(MEMORY, instance="another", generation=9)
    remember(read_only, other)
    foreign = (read_only / "data" / FILE).read_text()
    (read_only / "data" / FILE).unlink()
    written_first(read_only, MEMORY)
    (read_only / "data" / FILE).write_text(foreign)
    assert remembered(read_only) == MEMORY, "a volume of somebody else's brings its own memory"
    assert remember(read_only, other)
    assert remembered(read_only) == other, "somebody began anew here"
    assert remember(read_only, replace(other, generation=10))
    assert remembered(read_only) == replace(other, generation=10)
