"""`renewals import` as a user meets it; what an import does is tested with the services."""

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from scheduler.cli.main import main
from tests.e2e.process import CONTRACTS, PEOPLE

Run = Callable[..., str]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder and two files."""
    for name in (
        "DATABASE_URL",
        "SLACK_BOT_TOKEN",
        "SMTP_URL",
        "RENEWALS_DIR",
        "RENEWALS_LANG",
        "LC_ALL",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "en_US.UTF-8")
    monkeypatch.setenv("RENEWALS_ALLOW_TIME_TRAVEL", "1")
    assert main(["init", str(tmp_path)]) == 0
    (tmp_path / "people.csv").write_text(PEOPLE)
    (tmp_path / "contracts.csv").write_text(CONTRACTS)
    return tmp_path


@pytest.fixture
def run(folder: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command that succeeds, on 4 January 2027; what it printed."""

    def renewals(*words: str) -> str:
        capsys.readouterr()
        code = main([*words, "--dir", str(folder), "--as-of", "2027-01-04"])
        shown = capsys.readouterr()
        assert code == 0, shown.err
        return shown.out

    return renewals


def rows(folder: Path, query: str) -> list[tuple[object, ...]]:
    """What the database holds."""
    database = sqlite3.connect(folder / "data" / "renewals.db")
    try:
        return database.execute(query).fetchall()
    finally:
        database.close()


def test_people_are_recognised_by_their_header(run: Run, folder: Path) -> None:
    assert "new 3" in run("import", str(folder / "people.csv"))
    assert rows(folder, "SELECT count(*) FROM people WHERE manager_id IS NOT NULL") == [(2,)]


def test_a_first_load_tells_nobody_and_says_how_much_it_held_back(run: Run, folder: Path) -> None:
    run("import", str(folder / "people.csv"))
    said = run("import", str(folder / "contracts.csv"))
    assert "new 2" in said
    assert "held back for 2 deals" in said
    run("run", "--once")
    assert rows(folder, "SELECT count(*) FROM messages WHERE kind = 'nudges'") == [(0,)]
    assert rows(folder, "SELECT DISTINCT stage FROM deals") == [("renewal_3m",)]


def test_what_is_held_back_can_go_out_as_one_digest_each(run: Run, folder: Path) -> None:
    run("import", str(folder / "people.csv"))
    said = json.loads(run("import", str(folder / "contracts.csv"), "--send", "digest", "--json"))
    assert said["digests"] == 2
    assert rows(folder, "SELECT kind, count(*) FROM messages GROUP BY kind") == [("digest", 2)]


def test_the_latest_of_each_deal_can_be_told_instead(run: Run, folder: Path) -> None:
    run("import", str(folder / "people.csv"))
    run("import", str(folder / "contracts.csv"), "--send", "latest")
    run("run", "--once")
    assert ("renewal_3m",) in rows(folder, "SELECT DISTINCT milestone FROM nudges")


def test_rows_that_do_not_come_in_are_written_beside_the_file(run: Run, folder: Path) -> None:
    file = folder / "contracts.csv"
    file.write_text(CONTRACTS.replace("2027-03-31,30 days", "2027-02-30,30 days"))
    assert "new 1" in run("import", str(file), "--lang", "en")
    assert (
        (folder / "contracts.csv.rejects.csv")
        .read_text("utf-8-sig")
        .splitlines()[1]
        .startswith("3,ends on,2027-02-30,")
    )


def test_a_dry_run_keeps_nothing(run: Run, folder: Path) -> None:
    run("import", str(folder / "people.csv"))
    said = run("import", str(folder / "contracts.csv"), "--dry-run")
    assert "a dry run: nothing was kept" in said
    assert "new 2" in said
    assert rows(folder, "SELECT count(*) FROM contracts") == [(0,)]


def test_a_dry_run_in_a_fresh_folder_makes_nothing_and_shows_what_would_be(
    run: Run, folder: Path
) -> None:
    before = sorted(path.name for path in folder.iterdir())
    said = run("import", str(folder / "contracts.csv"), "--dry-run")
    assert "new 2" in said
    assert "in the next 30 days" in said
    assert "the next deadlines" in said
    assert sorted(path.name for path in folder.iterdir()) == before


def test_a_dry_run_says_where_contracts_would_stand_and_what_comes(run: Run, folder: Path) -> None:
    run("import", str(folder / "people.csv"))
    shown = json.loads(run("import", str(folder / "contracts.csv"), "--dry-run", "--json"))[
        "preview"
    ]
    assert (shown["deals"], shown["lived"], shown["with_owner"], shown["without_owner"]) == (
        2,
        2,
        2,
        0,
    )
    assert [(line["pipeline"], line["stage"], line["deals"]) for line in shown["stages"]] == [
        ("existing", "stable", 2)
    ]
    assert shown["nudges"] >= 1
    assert len(shown["deadlines"]) == 2


def test_what_is_missing_from_the_next_file_is_named_and_closed_where_that_is_said(
    run: Run, folder: Path
) -> None:
    run("import", str(folder / "contracts.csv"))
    (folder / "fewer.csv").write_text("\n".join(CONTRACTS.splitlines()[:2]) + "\n")
    assert "contracts that are no longer in the file" in run("import", str(folder / "fewer.csv"))
    assert "no longer" not in run("import", str(folder / "fewer.csv"), "--gone", "keep")
    run("import", str(folder / "fewer.csv"), "--gone", "close")
    assert rows(folder, "SELECT count(*) FROM deals WHERE closed_at IS NOT NULL") == [(1,)]
    run("import", "undo", "4")
    assert rows(folder, "SELECT count(*) FROM deals WHERE closed_at IS NOT NULL") == [(0,)]


@pytest.mark.parametrize(("left", "closed"), [(2, 2), (1, 0)])
def test_closing_what_is_missing_looks_at_the_whole_file_though_every_row_of_it_has_changed(
    run: Run, folder: Path, left: int, closed: int
) -> None:
    """Of four contracts two may be closed; three may not: that would be a part of an export."""
    head = "contract,customer,starts on,ends on"

    def write(name: str, number: int, end: str) -> str:
        lines = (f"N-{n},Customer {n},2026-04-01,{end}" for n in range(number))
        (folder / name).write_text("\n".join([head, *lines]) + "\n")
        return str(folder / name)

    run("import", write("four.csv", 4, "2027-03-31"))
    few = write("next.csv", left, "2027-04-30")
    assert main(["import", few, "--gone", "close", "--dir", str(folder)]) == (0 if closed else 2)
    assert rows(folder, "SELECT count(*) FROM deals WHERE closed_at IS NOT NULL") == [(closed,)]


def test_a_column_emptied_throughout_is_refused_unless_that_is_meant(
    run: Run, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run("import", str(folder / "contracts.csv"))
    header, *lines = CONTRACTS.splitlines()
    place = header.split(",").index("ends on")
    emptied = [
        ",".join("" if n == place else cell for n, cell in enumerate(line.split(",")))
        for line in lines
    ]
    (folder / "emptied.csv").write_text("\n".join([header, *emptied]) + "\n")
    assert (
        main(
            [
                "import",
                str(folder / "emptied.csv"),
                "--dir",
                str(folder),
                "--as-of",
                "2027-01-04",
                "--lang",
                "en",
            ]
        )
        == 2
    )
    assert "would erase 2 values" in capsys.readouterr().err
    assert rows(folder, "SELECT count(*) FROM contracts WHERE ends_on IS NULL") == [(0,)]
    run("import", str(folder / "emptied.csv"), "--erase")
    assert rows(folder, "SELECT count(*) FROM contracts WHERE ends_on IS NULL") == [(2,)]


@pytest.mark.parametrize(
    ("lang", "why"),
    [
        ("en", "cannot move from Stable to Renewal (1 month) (allowed: "),
        ("ja", "安定稼働から契約更新(1か月前)へは移動できません(移動できる先："),
    ],
)
def test_a_refused_move_says_why_in_the_readers_language(
    run: Run, folder: Path, lang: str, why: str
) -> None:
    file, lines = folder / "stages.csv", "contract,customer,ends_on,stage\nC-1,Aoba,2028-03-31,{}\n"
    file.write_text(lines.format("stable"))
    run("import", str(file))
    file.write_text(lines.format("renewal_1m"))
    assert why in run("import", str(file), "--lang", lang)


def test_the_columns_of_a_strangers_file_are_guessed_once_and_kept(
    run: Run, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = folder / "list.csv"
    file.write_text(
        (
            "会社名,サービス名,利用開始日,契約終了日,料金\n青葉商事,Pro,令和8年4月1日,"
            "令和9年3月31日,120万円\n"
        ),
        "utf-8",
    )
    assert "契約終了日" in run("import", str(file), "--guess")
    mapping = folder / "list.csv.toml"
    assert 'ends_on = "契約終了日"  # 令和9年3月31日' in mapping.read_text("utf-8")
    assert "new 1" in run("import", str(file), "--map", str(mapping), "--dry-run")
    assert (
        main(["import", str(file), "--guess", "--dir", str(folder), "--as-of", "2027-01-04"]) == 2
    )
    assert "exists already" in capsys.readouterr().err


def test_an_import_is_undone_once(
    run: Run, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run("import", str(folder / "contracts.csv"))
    assert "2 contracts, 2 customers" in run("import", "undo", "1")
    assert rows(folder, "SELECT count(*) FROM deals") == [(0,)]
    assert main(["import", "undo", "1", "--dir", str(folder), "--as-of", "2027-01-04"]) == 2
    assert "already undone" in capsys.readouterr().err


def test_an_import_applies_an_edited_policy_first(run: Run, folder: Path) -> None:
    run("import", str(folder / "contracts.csv"))
    config = folder / "config.toml"
    config.write_text(
        config.read_text().replace("resend_after_move = 14", "resend_after_move = 21")
    )
    run("import", str(folder / "contracts.csv"))
    assert rows(folder, "SELECT max(version) FROM policy_versions") == [(2,)]


def test_the_report_speaks_japanese(run: Run, folder: Path) -> None:
    assert "新規 2" in run("import", str(folder / "contracts.csv"), "--lang", "ja")
