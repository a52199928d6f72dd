"""The page of `renewals doctor`: what is wrong is said with what to do, what cannot be looked at
hides nothing else, and the exit code says it."""

import json
import os
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from scheduler import __version__
from scheduler.app.checkup import Checkup
from scheduler.app.doctor import examine
from scheduler.app.folder_memory import FILE
from scheduler.app.unit_checks import HARDENED, MOST_EXPOSED
from scheduler.core.words.lexicon import Language
from scheduler.services.audit.installation import Balanced
from scheduler.storage.database.lock import sole_daemon
from tests.cli.office import Office
from tests.servers.slack import TOKEN, SlackServer

UNIT = Path(__file__).parents[3] / "deploy" / "renewals.service"


def page(office: Office, *more: str) -> dict[str, list[tuple[str, str]]]:
    """By area: (level, what is said in English)."""
    code, out, err = office.run("doctor", "--json", *more, as_of=None)
    assert "Traceback" not in err
    found = json.loads(out)
    assert (code == 1) == any(line["level"] == "to_do" for line in found["lines"])
    by_area: dict[str, list[tuple[str, str]]] = {}
    for line in found["lines"]:
        by_area.setdefault(line["area"], []).append((line["level"], line["says"]["en"]))
    return by_area


def to_do(office: Office, *more: str) -> list[str]:
    """What is to be done; the office's addresses are samples."""
    found = (
        says for lines in page(office, *more).values() for level, says in lines if level == "to_do"
    )
    return [says for says in found if "sample address" not in says]


def test_an_installation_that_works_has_nothing_to_do(office: Office) -> None:
    code, out, _ = office.run("doctor", as_of=None)
    assert code == 0, out
    assert "nothing to do" in out.splitlines()[-1]
    assert "revision" in out
    code, out, _ = office.run("doctor", lang="ja", as_of=None)
    assert code == 0
    assert "問題はありません" in out
    assert "データベース" in out


def test_every_area_says_something(office: Office) -> None:
    assert list(page(office)) == [
        "program", "configuration", "database", "clock", "secrets", "channels", "destinations", "files", "unit", "work", "balance", "backups",
    ]  # fmt: skip


def test_a_broken_configuration_hides_nothing_else(office: Office) -> None:
    config = office.folder / "config.toml"
    config.write_text(config.read_text("utf-8") + "\nx = [\n", "utf-8")
    found = page(office)
    assert any("not valid TOML" in says for _, says in found["configuration"])
    assert found["database"][0][0] == "fine"
    assert "last sweep" in found["work"][0][1]
    assert "because the configuration has mistakes" in found["channels"][0][1]


def test_a_configuration_that_cannot_be_read_hides_nothing_else(office: Office) -> None:
    copies = office.folder / "data" / "backups"
    copies.mkdir()
    office.said("backup", str(copies / f"renewals-{datetime.now(UTC):%Y-%m-%d}.db"), as_of=None)
    (office.folder / "config.toml").unlink()
    (office.folder / "config.toml").mkdir()
    (office.folder / ".env").write_text("LINK_SECRET=short\n", "utf-8")
    (office.folder / ".env").chmod(0o644)
    found = page(office)
    assert [
        area
        for area, lines in found.items()
        if lines[-1][0] == "note" and "problem above" in lines[-1][1]
    ] == ["channels", "destinations"]
    assert len([says for says in to_do(office) if "config.toml: it is a folder" in says]) == 1
    assert (found["database"][0][0], found["database"][1][0]) == ("fine", "fine")
    assert "so short or simple" in found["secrets"][0][1]
    assert "chmod o-rwx" in found["files"][0][1]
    assert "the newest" in found["backups"][0][1]


@pytest.mark.parametrize(
    ("lang", "folder", "database"),
    [
        ("en", "there is no folder", "there is no database yet"),
        ("ja", "フォルダー", "データベースがまだありません"),
    ],
)
def test_without_a_folder_that_is_said_and_the_machine_is_judged_all_the_same(
    office: Office, lang: str, folder: str, database: str
) -> None:
    shutil.rmtree(office.folder)
    code, out, _ = office.run("doctor", lang=lang, as_of=None)
    assert (code, folder in out, database in out, not office.folder.exists()) == (
        1,
        True,
        True,
        True,
    )
    assert {"ja": "要対応が2件", "en": "2 things to do"}[lang] in out.splitlines()[-1]
    assert {"ja": "ほかは上の理由で", "en": "the rest was not checked"}[lang] in out, (
        "the clock was"
    )


def test_a_missing_database_is_said_once(office: Office) -> None:
    for file in (office.folder / "data").glob("renewals.db*"):
        file.unlink()
    assert [says for says in to_do(office) if "restore a copy" in says] == to_do(office)
    (office.folder / FILE).unlink()
    assert "there is no database yet" in to_do(office)[0]
    assert not (office.folder / "data" / "renewals.db").exists()


def test_a_server_that_cannot_be_reached_is_said_once(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(
        "DATABASE_URL", "postgresql://renewals:secret@127.0.0.1:1/renewals?connect_timeout=1"
    )
    said = to_do(office)
    assert len(said) == 1
    assert "127.0.0.1" in said[0]
    assert "secret" not in said[0]


def test_a_damaged_database_is_said(office: Office) -> None:
    with (office.folder / "data" / "renewals.db").open("r+b") as file:
        file.seek(4096 * 8)
        file.write(b"\0" * 4096 * 4)
    assert any("damaged" in says or "malformed" in says for says in to_do(office))


def test_a_restored_copy_waits(office: Office, tmp_path: Path) -> None:
    office.said("backup", str(tmp_path / "copy.db"), as_of=None)
    office.said("restore", str(tmp_path / "copy.db"))
    assert any("renewals release --since" in says for says in to_do(office))
    assert any("replaced by a restore" in says for _, says in page(office)["backups"])


def test_what_is_paused_and_what_is_held_is_named(office: Office) -> None:
    office.said("pause", "contract", "C-2", "--because", "a dispute")
    office.change("UPDATE pauses SET since_at = '2026-01-01 00:00:00.000000'")
    office.change("UPDATE nudges SET state = 'held', message_id = NULL WHERE id = 1")
    lines = page(office)["work"]
    assert ("note", "paused: contract C-2: a dispute") in lines
    assert ("note", "1 held back (renewals release)") in lines


def test_others_who_can_read_the_secrets_are_named(office: Office) -> None:
    env = office.folder / ".env"
    env.write_text("LINK_SECRET=short\n", "utf-8")
    env.chmod(0o644)
    said = to_do(office)
    assert any(f"chmod o-rwx {env}" in says for says in said)
    assert len([says for says in said if "LINK_SECRET is so short or simple" in says]) == 1, (
        "said once"
    )


def test_each_destination_is_asked_about_where_that_is_wanted(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = office.folder / "config.toml"
    config.write_text(
        config.read_text("utf-8").replace('"email:renewals-admin@example.com"', '"slack:#nowhere"'),
        "utf-8",
    )
    with SlackServer() as slack:
        monkeypatch.setenv("SLACK_BOT_TOKEN", TOKEN)
        monkeypatch.setenv("SLACK_API_URL", slack.url)
        assert not any("#nowhere" in says for says in to_do(office))
        assert any("#nowhere" in says for says in to_do(office, "--live"))
        assert slack.posts == []


def rehearsed_no_more(office: Office) -> str:
    """The office's database as one in real use, last swept a minute ago."""
    office.change("DELETE FROM meta WHERE key = 'time_travel'")
    office.change(
        f"UPDATE meta SET value = '{(datetime.now(UTC) - timedelta(minutes=1)).isoformat()}' "
        "WHERE key = 'last_sweep_at'"
    )
    office.change("UPDATE deals SET wake_at = NULL")
    return f"sqlite:///{office.folder / 'data' / 'renewals.db'}"


def test_a_daemon_that_does_not_run_is_said(office: Office) -> None:
    url = rehearsed_no_more(office)
    with sole_daemon(url):
        assert ("fine", f"last sweep 1 minute ago (process {os.getpid()})") in page(office)["work"]
        office.change(
            f"UPDATE meta SET value = '{(datetime.now(UTC) - timedelta(hours=3)).isoformat()}' "
            "WHERE key = 'last_sweep_at'"
        )
        assert any("does not sweep: last sweep 3 hours ago" in says for says in to_do(office))
    assert any("no daemon runs: last sweep 3 hours ago" in says for says in to_do(office))


def test_what_waits_too_long_is_said(office: Office) -> None:
    rehearsed_no_more(office)
    office.change("UPDATE deals SET wake_at = '2026-11-01 00:00:00.000000' WHERE id = 1")
    assert any("deals to be swept: the oldest for" in says for says in to_do(office))


@pytest.mark.parametrize(
    ("ago", "balanced", "level", "says"),
    [
        (1, True, "fine", "everything adds up"),
        (60, True, "to_do", "the last one was 2 days ago"),
        (1, False, "to_do", "2 mismatches"),
    ],
)
def test_the_last_balance_is_judged(
    office: Office, ago: int, balanced: bool, level: str, says: str
) -> None:
    checkup = Checkup(office.folder, Language.EN, {})
    at = datetime.now(UTC) - timedelta(hours=ago)
    checkup.app.installation.note_balance(
        Balanced(at, balanced, 3, 5, faults={} if balanced else {"missing": 2})
    )
    checkup.close()
    found = page(office)["balance"]
    assert found[0][0] == level
    assert says in found[0][1]


def unit_lines(office: Office, folder: Path) -> list[tuple[str, str]]:
    checkup = Checkup(office.folder, Language.EN, {}, units=(folder,))
    try:
        return [
            (line.level.value, line.says.en) for line in examine(checkup) if line.area == "unit"
        ]
    finally:
        checkup.close()


def test_the_installed_unit_is_compared(office: Office, tmp_path: Path) -> None:
    assert "no systemd unit" in unit_lines(office, tmp_path)[0][1]
    program = tmp_path / "renewals"
    unit = tmp_path / "renewals.service"
    unit.write_text(
        UNIT.read_text("utf-8").replace("/opt/renewals/venv/bin/renewals", str(program)), "utf-8"
    )
    assert unit_lines(office, tmp_path)[0] == (
        "to_do",
        f"{program}, which {unit} starts, cannot be run",
    )
    for version, level in ((__version__, "fine"), ("0.0.1", "to_do")):
        program.write_text(f"#!/bin/sh\necho renewals {version}\n", "utf-8")
        program.chmod(0o755)
        assert [line[0] for line in unit_lines(office, tmp_path)] == [level]
    unit.write_text(f"[Service]\nExecStart={program} run\nNoNewPrivileges=yes\n", "utf-8")
    assert "leaves open: ProtectSystem" in unit_lines(office, tmp_path)[-1][1]


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is asked")
def test_a_unit_that_is_more_exposed_than_the_shipped_one_is_named(
    office: Office, tmp_path: Path
) -> None:
    unit = tmp_path / "renewals.service"
    unit.write_text("[Service]\nExecStart=/bin/renewals run\nNoNewPrivileges=yes\n", "utf-8")
    assert any(f"more than {MOST_EXPOSED}" in says for _, says in unit_lines(office, tmp_path))
    unit.write_text(UNIT.read_text("utf-8"), "utf-8")
    assert not any("exposure" in says for _, says in unit_lines(office, tmp_path))


def test_where_systemd_cannot_be_asked_nothing_is_said_of_exposure(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "renewals.service").write_text("[Service]\nExecStart=/bin/renewals run\n", "utf-8")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert not any("exposure" in says for _, says in unit_lines(office, tmp_path))


def test_the_shipped_unit_leaves_nothing_of_it_open() -> None:
    text = UNIT.read_text("utf-8")
    assert all(f"\n{name}=" in text for name in HARDENED)


def test_nothing_is_changed(office: Office) -> None:
    everything = office.everything()
    office.run("doctor", "--live", as_of=None)
    assert office.everything() == everything
    shutil.rmtree(office.folder / "templates")
    office.run("doctor", as_of=None)
    assert office.everything() == everything
