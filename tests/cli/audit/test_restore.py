"""A copy is put back, and nothing is sent until somebody says from when on: what the lost days told
is taken as told, and nothing is told twice.

The office is copied on 4 January; by the end of February the questions of the last month are told.
Then the copy of January is put back.
"""

import json
import re
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from scheduler.app.folder_memory import remembered
from scheduler.cli.main import main
from scheduler.storage.database.backup import put_back
from scheduler.storage.database.integrity import open_to_read
from scheduler.storage.database.lock import sole_daemon
from tests.cli.office import LONDON_NOON, Office, of_no_machine
from tests.once import made_once

AFTER = "2027-03-02T12:00+00:00"
SENT = (
    "SELECT deal_id, milestone, step, recipient FROM nudges WHERE state = 'sent' ORDER BY 1, 2, 3, "
    "4"
)
MESSAGES = (
    "SELECT count(*) FROM messages WHERE state = 'sent' AND reason NOT LIKE '%taken_as_told%'"
)


@pytest.fixture(scope="session")
def lived(made_office: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The office at the end of February, and beside it the copy of 4 January, before the weeks that
    are lost."""

    def live(place: Path) -> None:
        shutil.copytree(made_office, place / "work")
        with pytest.MonkeyPatch.context() as patch:
            of_no_machine(patch)
            assert main(["backup", str(place / "copy.db"), "--dir", str(place / "work")]) == 0
            for day in ("2027-01-29", "2027-02-03", "2027-02-26"):
                for hour in ("03", "12"):
                    assert (
                        main(
                            [
                                "run",
                                "--once",
                                "--dir",
                                str(place / "work"),
                                "--as-of",
                                f"{day}T{hour}:00+00:00",
                            ]
                        )
                        == 0
                    )

    return made_once(tmp_path_factory, "lost_weeks", live)


@pytest.fixture
def copy(office: Office, lived: Path, tmp_path: Path) -> Path:
    """The copy of 4 January, before the weeks that are lost."""
    shutil.rmtree(office.folder)
    shutil.copytree(lived / "work", office.folder)
    return Path(shutil.copy2(lived / "copy.db", tmp_path / "copy.db"))


def test_what_was_paused_and_is_not_in_the_copy_is_said_with_what_pauses_it_again(
    office: Office, copy: Path
) -> None:
    office.said(
        "pause", "contract", "C-1", "--because", "a dispute", as_of="2027-02-26T12:00+00:00"
    )
    office.said(
        "pause", "pipeline", "existing", "--until", "2027-02-27", as_of="2027-02-26T12:00+00:00"
    )
    office.said("pause", "contract", "C-2", as_of="2027-02-26T12:00+00:00")
    office.said("resume", "contract", "C-2", as_of="2027-02-26T13:00+00:00")
    said = office.said("restore", str(copy), as_of="2027-03-01T12:00+00:00")
    assert [line for line in said.splitlines() if line.startswith("note")] == [
        (
            "note: the copy does not know that contract C-1 is paused; to keep it so, before you "
            "release: renewals pause contract C-1"
        )
    ]
    office.said("pause", "contract", "C-1", as_of="2027-03-01T12:00+00:00")
    shutil.copy(office.folder / "data" / "renewals.db", copy)
    assert "is paused" not in office.said("restore", str(copy), as_of="2027-03-01T12:01+00:00"), (
        "that copy knows of it"
    )


def test_lists_that_are_taken_as_told_are_called_by_their_names(
    insistent: Office, tmp_path: Path
) -> None:
    insistent.said("backup", str(tmp_path / "copy.db"), as_of=None)
    insistent.said("run", "--once", as_of="2027-02-01T12:00+00:00")
    said = insistent.said("restore", str(tmp_path / "copy.db"), as_of="2027-02-01T12:01+00:00")
    assert ("weekly list" in said, "team's week" in said) == (True, True)
    insistent.said("release", "--since", "2027-02-01T21:00", as_of="2027-02-01T12:01+00:00")
    assert "(weekly list, never written)" in insistent.said(
        "messages", "--kind", "weekly", as_of="2027-02-01T12:01+00:00"
    )


def put_by_hand(office: Office, copy: Path) -> None:
    """As docs/backup.md once said, without a word to the program."""
    for file in (office.folder / "data").glob("renewals.db*"):
        file.unlink()
    shutil.copy(copy, office.folder / "data" / "renewals.db")


def test_what_was_told_in_the_lost_days_is_taken_as_told(office: Office, copy: Path) -> None:
    told = office.rows(SENT)
    said = office.said("restore", str(copy), as_of=AFTER)
    assert "is the database now" in said
    assert "renewals release --since 2027-0" in said
    kept = next((office.folder / "data").glob("renewals.db.replaced-*"))
    assert str(kept) in said
    assert len(office.rows(SENT)) < len(told)
    sent = office.rows(MESSAGES)
    office.said("release", "--since", "2027-03-02T00:00+00:00", as_of=AFTER)
    office.said("run", "--once", as_of=AFTER)
    assert office.rows(SENT) == told
    assert office.rows(MESSAGES) == sent, "nothing was told twice"
    balance = json.loads(office.said("report", "balance", "--json", as_of=AFTER))
    assert balance["balanced"] is True


def test_nothing_is_sent_until_somebody_says_from_when_on(office: Office, copy: Path) -> None:
    office.said("restore", str(copy), as_of=AFTER)
    everything = office.everything()
    code, out, err = office.run("run", "--once", as_of=AFTER)
    since = re.search(r"renewals release --since (\S+)", err)
    assert since is not None
    assert (code, "Nothing was done" in out, f"--since {since[1]}" in out) == (0, True, True)
    assert "Nothing is sent until you say from which moment on" in err
    assert "何もしていません" in office.said("run", "--once", lang="ja", as_of=AFTER)
    assert "Nothing was done" in office.said("run", "--dry-run", as_of=AFTER)
    assert office.everything() == everything
    assert "いつから送るか" in office.run("deals", lang="ja", as_of=AFTER)[2]


def test_what_would_have_been_sent_is_listed_and_nothing_of_it_kept(
    office: Office, copy: Path
) -> None:
    restored = json.loads(office.said("restore", str(copy), "--json", as_of=AFTER))
    everything = office.everything()
    listed = json.loads(office.said("release", "--json", as_of=AFTER))
    assert office.everything() == everything
    assert listed["released"] is False
    assert {m["recipient"] for m in listed["would_have_been_sent"]} >= {"Ann Ito", "千佳 田中"}
    assert sum(m["nudges"] for m in restored["would_have_been_sent"]) >= 2


def test_from_the_copy_on_everything_is_sent_again(office: Office, copy: Path) -> None:
    office.said("restore", str(copy), as_of=AFTER)
    sent = office.rows(MESSAGES)[0][0]
    office.said("release", "--since", "2027-01-05", as_of=AFTER)
    office.said("run", "--once", as_of=AFTER)
    assert office.rows(MESSAGES)[0][0] > sent  # type: ignore[operator]
    assert (
        office.rows(
            "SELECT 1 FROM messages WHERE reason LIKE '%taken_as_told%' AND sent_at > '2027-01-05'"
        )
        == []
    )


def test_one_instant_to_the_minute_that_is_over_is_named_everywhere_and_taken(
    office: Office, copy: Path
) -> None:
    office.change("UPDATE meta SET value = '2027-02-26T12:00:07+00:00' WHERE key = 'last_sweep_at'")
    said = [
        office.said("restore", str(copy), as_of=AFTER),
        office.run("deals", as_of=AFTER)[2],
        office.said("release", as_of=AFTER),
    ]
    first = [re.findall(r"--since (\S+)", text)[0] for text in said]
    assert len(set(first)) == 1
    memory = remembered(office.folder)
    assert memory is not None
    assert first[0].endswith(":01"), "21:00:07 in Tokyo"
    assert re.findall(r"and (\d{4}-\d\d-\d\d \d\d:\d\d)", said[0]) == [first[0].replace("T", " ")]
    went = json.loads(office.said("release", "--since", first[0], "--json", as_of=AFTER))
    assert went["since"] == "2027-02-26T12:01:00+00:00"


@pytest.mark.parametrize(("lang", "words"), [("en", "is before the copy"), ("ja", "より前です")])
def test_an_instant_before_the_copy_is_said_to_be_one(
    office: Office, copy: Path, lang: str, words: str
) -> None:
    office.said("restore", str(copy), as_of=AFTER)
    for options in (("--dry-run",), ()):
        code, _, err = office.run(
            "release", "--since", "2026-12-24", *options, as_of=AFTER, lang=lang
        )
        assert (code, words in err) == (0, True)
        assert "2027-01-04T21:00" in err, "the copy's last sweep, in Tokyo"
    code, _, err = office.run("release", "--since", "2027-01-06", as_of=AFTER, lang=lang)
    assert words not in err


def test_sending_cannot_begin_in_the_future(office: Office, copy: Path) -> None:
    office.said("restore", str(copy), as_of=AFTER)
    code, _, err = office.run("release", "--since", "2027-03-05", as_of=AFTER)
    assert code == 2
    assert "still to come" in err


def test_while_a_daemon_runs_nothing_is_put_back(office: Office, copy: Path) -> None:
    everything = office.everything()
    with sole_daemon(f"sqlite:///{office.folder / 'data' / 'renewals.db'}"):
        assert "another daemon runs" in office.refused("restore", str(copy), as_of=AFTER)
    assert office.everything() == everything


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("UPDATE alembic_version SET version_num = '9999'", "newer version of renewals"),
        (
            "UPDATE meta SET value = 'another' WHERE key = 'instance_id'",
            "a copy of a different database",
        ),
        ("DROP TABLE meta", "not a copy of a renewals database"),
    ],
)
def test_a_copy_that_is_not_to_be_trusted_changes_nothing(
    office: Office, copy: Path, change: str, said: str
) -> None:
    database = sqlite3.connect(copy)
    with database:
        database.execute(change)
    database.close()
    everything = office.everything()
    assert said in office.refused("restore", str(copy), as_of=AFTER)
    assert office.everything() == everything
    assert list((office.folder / "data").glob("*replaced*")) == []


def test_a_damaged_copy_changes_nothing(office: Office, copy: Path) -> None:
    with copy.open("r+b") as file:
        file.seek(4096 * 5)
        file.write(b"\xff" * 4096 * 6)
    everything = office.everything()
    assert "damaged" in office.refused("restore", str(copy), as_of=AFTER)
    assert "no file" in office.refused("restore", str(copy) + "x", as_of=AFTER)
    assert office.everything() == everything


def test_a_copy_of_another_database_is_taken_where_that_is_meant(
    office: Office, copy: Path
) -> None:
    database = sqlite3.connect(copy)
    with database:
        database.execute("UPDATE meta SET value = 'another' WHERE key = 'instance_id'")
    database.close()
    office.said("restore", str(copy), "--another", as_of=AFTER)
    memory = remembered(office.folder)
    assert memory is not None
    assert memory.instance == "another"


def test_a_lost_database_is_put_back(office: Office, copy: Path) -> None:
    for file in (office.folder / "data").glob("renewals.db*"):
        file.unlink()
    said = office.said("restore", str(copy), as_of=AFTER)
    assert "kept" not in said
    assert json.loads(office.said("deals", "--json", as_of=AFTER))


def test_a_copy_is_put_into_a_new_folder_on_another_machine(
    office: Office, copy: Path, tmp_path: Path
) -> None:
    new = tmp_path / "new"
    assert main(["init", str(new)]) == 0
    assert not (new / "data").exists(), "nothing has run here yet"
    here = Office(new, office.capsys)
    here.said("restore", str(copy), as_of=AFTER)
    assert json.loads(here.said("deals", "--json", as_of=AFTER))
    assert (new / "data").stat().st_mode & 0o077 == 0


def test_an_older_copy_put_there_by_hand_is_noticed_and_held(office: Office, copy: Path) -> None:
    put_by_hand(office, copy)
    sent = office.rows(MESSAGES)
    code, _, err = office.run("run", "--once", as_of=AFTER)
    assert code == 0
    assert "older than the one this folder remembers" in err
    assert office.rows(MESSAGES) == sent
    office.said("release", "--since", "2027-03-02T00:00+00:00", as_of=AFTER)
    _, _, err = office.run("run", "--once", as_of=AFTER)
    assert "restored" not in err
    assert office.rows(MESSAGES) == sent


def test_the_newest_database_is_not_taken_for_an_older_one(office: Office, copy: Path) -> None:
    kept = office.folder / "data" / "kept.db"
    office.said("backup", str(kept), as_of=None)
    _, _, err = office.run("run", "--once", as_of=AFTER)
    assert "restored" not in err


def test_a_copy_over_a_database_whose_journal_was_left_is_not_opened(
    office: Office, copy: Path
) -> None:
    file = office.folder / "data" / "renewals.db"
    journal = with_a_journal(office)
    shutil.copy(copy, file)
    Path(f"{file}-wal").write_bytes(journal)
    assert "opening it would mix the two" in office.refused("run", "--once", as_of=AFTER)
    assert "混ざって" in office.refused("deals", as_of=AFTER, lang="ja")
    assert file.read_bytes() == copy.read_bytes(), "nothing was folded into it"
    office.said("restore", str(file), as_of=AFTER)
    assert office.rows("SELECT value FROM meta WHERE key = 'newest'") == []
    assert json.loads(office.said("release", "--json", as_of=AFTER))["would_have_been_sent"]


def with_a_journal(office: Office) -> bytes:
    """Leaves the database as a daemon that was killed leaves it: its newest row is in the journal
    alone. The journal."""
    file = office.folder / "data" / "renewals.db"
    live = sqlite3.connect(file)
    live.execute("PRAGMA journal_mode = WAL")
    live.execute("INSERT INTO meta VALUES ('newest', '1')")
    live.commit()
    kept = {ending: Path(f"{file}{ending}").read_bytes() for ending in ("", "-wal")}
    live.close()
    for ending, content in kept.items():
        Path(f"{file}{ending}").write_bytes(content)
    return kept["-wal"]


def test_the_database_that_is_replaced_is_one_file_with_its_newest_rows(
    office: Office, copy: Path
) -> None:
    with_a_journal(office)
    office.said("restore", str(copy), as_of=AFTER)
    kept = sorted((office.folder / "data").glob("renewals.db.replaced-*"))
    assert len(kept) == 1
    with closing(open_to_read(kept[0], alone=True)) as database:
        assert database.execute("SELECT value FROM meta WHERE key = 'newest'").fetchone() == ("1",)


def test_a_crash_while_a_damaged_database_is_replaced_leaves_none_but_never_one_without_its_journal(
    office: Office, copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal, file = with_a_journal(office), office.folder / "data" / "renewals.db"
    with file.open("r+b") as damaged:
        damaged.seek(4096 * 5)
        damaged.write(b"\xff" * 4096 * 6)
    moved: list[Path] = []

    def crash(path: Path, to: Path) -> None:
        if moved:
            raise KeyboardInterrupt
        moved.append(path)
        path.replace(to)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", crash)
        with pytest.raises(KeyboardInterrupt):
            put_back(f"sqlite:///{file}", copy, "{}", 1, datetime(2027, 3, 2, tzinfo=UTC))
    assert (moved, Path(f"{file}-wal").read_bytes()) == ([file], journal)
    assert "restore a backup" in office.refused("run", "--once", as_of=AFTER)
    office.said("restore", str(copy), as_of=AFTER)
    assert office.rows("SELECT value FROM meta WHERE key = 'newest'") == []


def test_postgresql_says_how(
    office: Office, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://renewals@127.0.0.1:1/renewals")
    assert "pg_restore --clean" in office.refused(
        "restore", str(tmp_path / "x.dump"), as_of=LONDON_NOON
    )
