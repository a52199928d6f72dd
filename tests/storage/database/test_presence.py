"""A database file that is deleted, replaced or emptied under a daemon is seen; one that only grows
is not."""

from collections.abc import Callable
from pathlib import Path
from shutil import copy2

import pytest

from scheduler.storage.database.presence import presence


def moved_away(file: Path) -> None:
    file.rename(file.with_suffix(".old"))


def replaced(file: Path) -> None:
    copy2(file, file.with_suffix(".new"))
    file.with_suffix(".new").replace(file)


FATES: dict[str, tuple[Callable[[Path], object], str | None]] = {
    "deleted": (Path.unlink, "is gone"),
    "moved away": (moved_away, "is gone"),
    "replaced": (replaced, "was replaced"),
    "emptied": (lambda file: file.write_bytes(b""), "was emptied"),
    "written to": (lambda file: file.open("ab").write(b"x"), None),
    "made private": (lambda file: file.chmod(0o600), None),
}


@pytest.mark.parametrize(("fate", "said"), FATES.values(), ids=list(FATES))
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_what_became_of_the_file(
    tmp_path: Path, fate: Callable[[Path], object], said: str | None
) -> None:
    file = tmp_path / "renewals.db"
    file.write_bytes(b"SQLite format 3")
    there = presence(f"sqlite:///{file}")
    assert there.gone() is None
    fate(file)
    gone = there.gone()
    assert (gone is None) == (said is None)
    assert gone is None or said is None or said in gone.en


def test_on_postgresql_there_is_no_file_to_look_at() -> None:
    assert presence("postgresql://u@127.0.0.1:1/d").gone() is None
