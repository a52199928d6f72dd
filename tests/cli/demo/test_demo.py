"""`renewals demo` in this process, lived up to a fixed day so that what it tells is known, and on
folders it must leave alone."""

import re
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from pathlib import Path
from shutil import copytree

import pytest
import structlog

from scheduler.cli.context import CommandContext
from scheduler.cli.demo.demo import DATABASE, MARKER_FILE, prepare, tell_year
from scheduler.cli.demo.demo_story import (
    HUBSPOT_HEADER,
    demo_contracts,
    hubspot_deeds,
    hubspot_rows,
)
from scheduler.cli.demo.demo_year import first_instant, write_files
from scheduler.cli.main import main
from scheduler.cli.program import spelled
from scheduler.cli.terminal import say
from scheduler.core.imports.hubspot_stages import OLD_PIPELINE
from scheduler.core.words.errors import UserMustActError
from scheduler.core.words.lexicon import Language, Verb
from scheduler.system.logs import hush
from tests.cli.office import Office, of_no_machine
from tests.once import made_once

NOW = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Told:
    """A demo's folder, and what was printed."""

    folder: Path
    text: str


@pytest.fixture(scope="session")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    """The year up to Wednesday 25 November 2026, told in Japanese; lived once, and a copy for each
    process."""
    made = made_once(tmp_path_factory, "demo", live)
    folder = Path(
        copytree(made / "renewals-demo", tmp_path_factory.mktemp("demo") / "renewals-demo")
    )
    return Told(folder, (made / "said.txt").read_text("utf-8"))


def live(place: Path) -> None:
    """Lives the year in a folder, and keeps what was said beside it."""
    folder, out = place / "renewals-demo", StringIO()
    elsewhere = {
        "DATABASE_URL": "postgresql://127.0.0.1:1/x",
        "SMTP_URL": "smtp://127.0.0.1:1",
        "SLACK_BOT_TOKEN_FILE": "/nowhere/at/all",
    }
    say.speak(Language.JA)
    prepare(folder)
    hush()
    with redirect_stdout(out), redirect_stderr(StringIO()):
        tell_year(CommandContext(folder, Language.JA, env=elsewhere), folder, NOW)
    say.speak(Language.EN)
    structlog.reset_defaults()
    (place / "said.txt").write_text(out.getvalue(), "utf-8")


@pytest.fixture
def demo(told: Told, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Office:
    """The commands of the demo's folder."""
    of_no_machine(monkeypatch)
    return Office(told.folder, capsys)


def test_it_tells_the_year_in_the_promised_order(told: Told) -> None:
    assert re.search(
        r"^契約48件と旧パイプラインの取引15件の12か月を\d+\.\d秒で動かしました。リマインド\d{3}件を\d{3}通で届けました。$",
        told.text,
        re.MULTILINE,
    )
    headings = (
        "\n既存顧客\nステージ",
        "\n新規商談\nステージ",
        "\n急ぎの契約\n",
        "\n── メッセージ ",
        "\n件名：【要確認】",
        "\n件名：[Action needed] ",
        "\n解約通知期限が最初の更新リマインドより先、または直前(5営業日未満)に来る契約\n",
        "\n取引はどこまで進んだか(通過レポート)\n",
        "\n失注直前：失注したときにこのステージにいた取引(廃業・合併を除く)。\n",
        "\n次に試すこと\n",
        "\n注意：環境変数 DATABASE_URL が設定されています。",
    )
    places = [told.text.find(heading) for heading in headings]
    assert -1 not in places
    assert places == sorted(places)


def test_the_money_at_stake_is_named_with_what_saves_it(told: Told) -> None:
    late = told.text.partition("に来る契約\n")[2].partition("\n\n")[0].splitlines()
    assert late[0].split() == ["顧客", "契約", "最初の更新リマインド", "解約通知期限", "対象金額"]
    assert len(late) == 1 + 6 + 2
    assert re.fullmatch(
        r"ほか\d件。合わせて\d+件・£[\d,]+ \+ ¥[\d,]+が、断る権利を失ってから知らされるところでした。",
        late[-2],
    )
    assert "「解約通知期限30日前」が先に届くため間に合います。" in late[-1]


def test_every_kind_of_end_occurs(demo: Office) -> None:
    outcomes = {
        "renewed by hand": "SELECT count(*) FROM answers WHERE verb = 'won'",
        "renewed automatically": (
            "SELECT count(*) FROM events WHERE milestone = 'auto_renewal' AND state = 'fired'"
        ),
        "lost": "SELECT count(*) FROM answers WHERE verb = 'lost'",
        "notice": "SELECT count(*) FROM answers WHERE verb = 'notice'",
        "snoozed": "SELECT count(*) FROM answers WHERE verb = 'snooze'",
        "onboarded": "SELECT count(*) FROM answers WHERE verb = 'onboarded'",
        "told the manager": (
            "SELECT count(*) FROM nudges WHERE milestone LIKE 'renewal_%' AND step > 0 AND role = "
            "'manager' AND state = 'sent'"
        ),
        "asked after the end": (
            "SELECT count(*) FROM nudges WHERE milestone = 'ended' AND role = 'owner' AND state = "
            "'sent'"
        ),
        "waiting for an owner": "SELECT count(*) FROM contracts WHERE owner_id IS NULL",
        "reconstructed": "SELECT count(*) FROM passages WHERE NOT observed",
    }
    assert [name for name, query in outcomes.items() if demo.rows(query)[0][0] == 0] == []


def test_nothing_is_left_undone_and_everything_stayed_on_this_machine(demo: Office) -> None:
    assert demo.rows("SELECT DISTINCT channel FROM messages") == [("preview",)]
    assert demo.rows("SELECT DISTINCT state FROM messages") == [("sent",)]
    assert demo.rows("SELECT value IS NOT NULL FROM meta WHERE key = 'time_travel'") == [(1,)]
    assert demo.rows(
        f"SELECT count(*) FROM deals WHERE wake_at <= '{NOW:%Y-%m-%d %H:%M:%S}' AND voided_at "
        "IS NULL"
    ) == [(0,)]


def test_every_other_command_works_in_its_folder(demo: Office) -> None:
    tomorrow = "2026-11-26T12:00+00:00"
    urgent = demo.said("deals", "--limit", "1", as_of=tomorrow).splitlines()[-1].split()
    number = next(word for word in urgent if re.fullmatch(r"[JE]-\d{4}", word))
    for command in (
        ("check", "--offline"),
        ("deals", "--closed"),
        ("show", number),
        ("upcoming",),
        ("nudges",),
        ("messages", "1"),
        ("people",),
        ("report", "passage"),
        ("run", "--dry-run"),
        ("config", "schema"),
    ):
        assert demo.said(*command, as_of=None)
    assert number in demo.said("answer", number, "call", "renew", as_of=tomorrow)
    assert number in demo.said("answer", number, "undo", as_of=tomorrow)
    demo.said("run", "--once", as_of=tomorrow)


def test_a_folder_with_other_files_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(
        UserMustActError, match="holds other files; name an empty folder with --dir"
    ):
        prepare(tmp_path)
    assert [f.name for f in tmp_path.iterdir()] == ["mine.txt"]


def test_a_file_in_its_place_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("mine")
    with pytest.raises(UserMustActError, match="is not a folder; name another with --dir"):
        prepare(tmp_path / "x")


def test_a_demo_that_was_given_real_addresses_is_not_made_anew(tmp_path: Path) -> None:
    assert not prepare(tmp_path / "demo")
    (tmp_path / "demo" / ".env").write_text("SMTP_URL=smtp://mail.example.com\n")
    with pytest.raises(UserMustActError, match="may name a real database or mail server"):
        prepare(tmp_path / "demo")


def test_an_earlier_demo_is_made_anew_with_the_configuration_as_it_was_edited(
    tmp_path: Path,
) -> None:
    assert not prepare(tmp_path)
    (tmp_path / "config.toml").write_text("mine")
    assert prepare(tmp_path)
    assert (tmp_path / "config.toml").read_text() == "mine"


@pytest.mark.parametrize(
    ("lang", "said"), [("en", "cannot write to /proc/demo"), ("ja", "/proc/demo に書き込めません")]
)
def test_a_place_that_cannot_be_written_is_named(
    lang: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["demo", "--dir", "/proc/demo", "--lang", lang]) == 2
    assert capsys.readouterr().err.startswith(said)


def test_a_demo_whose_daemon_runs_is_not_taken_from_under_it(tmp_path: Path) -> None:
    from scheduler.app.wiring import App  # noqa: PLC0415

    prepare(tmp_path)
    (tmp_path / "data" / DATABASE[0]).write_text("in use")
    with (
        App(tmp_path, Language.EN, None, {}).sole_daemon(),
        pytest.raises(Exception, match="another daemon runs on this database"),
    ):
        tell_year(CommandContext(tmp_path), tmp_path, NOW)
    assert (tmp_path / "data" / DATABASE[0]).read_text() == "in use"
    assert (tmp_path / MARKER_FILE).exists()


TODAYS = [
    date(2026, 1, 1),
    date(2026, 11, 25),
    date(2027, 3, 31),
    date(2028, 2, 29),
    date(2028, 12, 31),
    date(2027, 5, 30),
]


@pytest.mark.parametrize("today", TODAYS, ids=str)
def test_the_story_holds_on_any_day(today: date, tmp_path: Path) -> None:
    story = demo_contracts(today)
    assert (
        len({c.columns["contract"] for c in story})
        == len({c.columns["customer"] for c in story})
        == 48
    )
    assert demo_contracts(today) == story
    for contract in story:
        starts_on, ends_on = (
            date.fromisoformat(contract.columns[name]) for name in ("starts_on", "ends_on")
        )
        assert starts_on < ends_on
        assert today - timedelta(days=3 * 366) < ends_on < today + timedelta(days=366)
        assert {deed.verb for deed in contract.deeds} <= set(Verb)
        assert all(deed.at.weekday() < 5 for deed in contract.deeds)
    now = datetime.combine(today, datetime.min.time(), UTC) + timedelta(hours=5)
    files = write_files(tmp_path, story, now)
    assert files[0].at == first_instant(now)
    assert all(f.path.parent == tmp_path and f.at <= now for f in files)
    assert {deed.verb for deed in hubspot_deeds(today)} == {"call", "won"}


def test_the_old_pipeline_comes_in_with_each_of_its_stages() -> None:
    first, later = hubspot_rows(NOW.date(), later=False), hubspot_rows(NOW.date(), later=True)
    assert set(first[0]) == set(HUBSPOT_HEADER)
    assert {row["取引ステージ"] for row in (*first, *later)} == set(OLD_PIPELINE) - {"更新案件"}
    assert len(later) == len(first) + 1


def test_the_next_commands_are_spelled_as_they_can_be_typed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "venv" / "bin" / "renewals"
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    assert spelled("venv/bin/renewals", "python", tmp_path, Path("demo")) == "../venv/bin/renewals"
    assert (
        spelled("venv/bin/renewals", "python", tmp_path, Path("a b/demo"))
        == "../../venv/bin/renewals"
    )
    assert spelled(str(program), "python", tmp_path, Path("demo")) == str(program)
    assert (
        spelled("/x/scheduler/__main__.py", "/usr/bin/python 3", tmp_path, Path("demo"))
        == "'/usr/bin/python 3' -m scheduler"
    )
    monkeypatch.setenv("PATH", str(program.parent))
    assert spelled(str(program), "python", tmp_path, Path("demo")) == "renewals"
