"""The copies of the night: one a day, so many are kept, nothing else is deleted, and no disk is
filled."""

import stat
from datetime import date
from pathlib import Path

import pytest

from scheduler.ports import StoreUnavailableError
from scheduler.storage.database import nightly as module
from scheduler.storage.database.backup import examine
from scheduler.storage.database.engine import open_engine
from scheduler.storage.database.meta import instance_id
from scheduler.storage.database.nightly import Nightly

MONDAY, TUESDAY, WEDNESDAY = date(2027, 1, 4), date(2027, 1, 5), date(2027, 1, 6)


@pytest.fixture
def nightly(empty_sqlite_url: str, tmp_path: Path) -> Nightly:
    engine = open_engine(empty_sqlite_url)
    with engine.begin() as connection:
        instance_id(connection)
    engine.dispose()
    return Nightly(empty_sqlite_url, tmp_path / "backups", 2)


def test_a_copy_bears_its_day_and_is_private(nightly: Nightly) -> None:
    assert (nightly.newest(), nightly.has(MONDAY)) == (None, False)
    copy = nightly.make(MONDAY)
    assert copy.name == "renewals-2027-01-04.db"
    assert examine(copy).instance
    assert (nightly.newest(), nightly.has(MONDAY)) == ((MONDAY, copy), True)
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert stat.S_IMODE(copy.parent.stat().st_mode) == 0o700


def test_the_earliest_beyond_what_is_kept_go_and_nothing_else(nightly: Nightly) -> None:
    nightly.folder.mkdir()
    others = [
        nightly.folder / name
        for name in ("renewals-2026-13-01.db", "renewals-2026-01-01.db.bak", "mine.db")
    ]
    for other in others:
        other.write_text("mine")
    for day in (MONDAY, TUESDAY, WEDNESDAY):
        nightly.make(day)
    assert sorted(f.name for f in nightly.folder.iterdir() if f not in others) == [
        "renewals-2027-01-05.db",
        "renewals-2027-01-06.db",
    ]
    assert all(other.read_text() == "mine" for other in others)


def test_where_there_is_no_room_none_is_begun_and_none_deleted(
    nightly: Nightly, monkeypatch: pytest.MonkeyPatch
) -> None:
    for day in (MONDAY, TUESDAY):
        nightly.make(day)
    monkeypatch.setattr(module, "_LEFT_FREE", 2**60)
    with pytest.raises(StoreUnavailableError, match="not enough space for the copy"):
        nightly.make(WEDNESDAY)
    assert len(list(nightly.folder.iterdir())) == 2


def test_a_folder_that_cannot_be_made_is_said(nightly: Nightly) -> None:
    nightly.folder.write_text("a file")
    with pytest.raises(StoreUnavailableError, match="cannot be used"):
        nightly.make(MONDAY)
