"""A copy of the database holds everything of one moment, also what is only in the write-ahead log,
and overwrites nothing."""

import shutil
import sqlite3
import stat
from pathlib import Path

from tests.cli.office import Office


def rows(file: Path) -> list[str]:
    """Everything in a database file."""
    connection = sqlite3.connect(file)
    try:
        return list(connection.iterdump())
    finally:
        connection.close()


def test_the_copy_holds_what_a_plain_copy_of_the_file_leaves_behind(
    office: Office, tmp_path: Path
) -> None:
    live = sqlite3.connect(office.folder / "data" / "renewals.db")
    live.execute("PRAGMA wal_autocheckpoint = 0")
    live.execute("INSERT INTO meta VALUES ('newest', '1')")
    live.commit()
    shutil.copy(office.folder / "data" / "renewals.db", tmp_path / "plain.db")
    said = office.said("backup", str(tmp_path / "copy.db"), as_of=None)
    assert "copy.db" in said
    everything = office.everything()
    live.close()
    assert rows(tmp_path / "copy.db") == everything
    assert any("'newest'" in row for row in rows(tmp_path / "copy.db"))
    assert not any("'newest'" in row for row in rows(tmp_path / "plain.db"))
    assert stat.S_IMODE((tmp_path / "copy.db").stat().st_mode) == 0o600
    assert sorted(f.name for f in tmp_path.glob("*copy*")) == ["copy.db"], "one file is all of it"


def test_a_folder_works_with_the_copy(office: Office, tmp_path: Path) -> None:
    before = office.said("nudges", "--json")
    office.said("backup", str(tmp_path / "copy.db"), as_of=None)
    for file in (office.folder / "data").glob("renewals.db*"):
        file.unlink()
    shutil.copy(tmp_path / "copy.db", office.folder / "data" / "renewals.db")
    assert office.said("nudges", "--json") == before


def test_nothing_is_overwritten(office: Office, tmp_path: Path) -> None:
    (tmp_path / "copy.db").write_text("an earlier one")
    assert "is there already" in office.refused("backup", str(tmp_path / "copy.db"), as_of=None)
    assert "上書き" in office.refused("backup", str(tmp_path / "copy.db"), as_of=None, lang="ja")
    assert (tmp_path / "copy.db").read_text() == "an earlier one"


def test_a_place_that_cannot_be_written_to_is_said(office: Office, tmp_path: Path) -> None:
    gone = str(tmp_path / "gone" / "copy.db")
    assert f"there is no folder {tmp_path / 'gone'}; make it first" in office.refused(
        "backup", gone, as_of=None
    )
    assert "先に作るか" in office.refused("backup", gone, as_of=None, lang="ja")
    assert "cannot be written" in office.refused("backup", "/proc/copy.db", as_of=None), (
        "where even root cannot write"
    )


def test_a_damaged_database_makes_no_copy(office: Office, tmp_path: Path) -> None:
    with (office.folder / "data" / "renewals.db").open("r+b") as file:
        file.seek(4096 * 8)
        file.write(b"\0" * 4096 * 4)
    code, _, err = office.run("backup", str(tmp_path / "copy.db"), as_of=None)
    assert code == 2, err
    assert "Traceback" not in err
    assert list(tmp_path.glob("*copy.db*")) == []
