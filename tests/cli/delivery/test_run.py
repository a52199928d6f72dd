"""`renewals run --once` and `--dry-run`: everything due is done once and said, or foreseen without
a trace; time travels only when allowed."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Connection, create_engine, event, inspect, text
from typing_extensions import override

from scheduler.app.ready import open_app
from scheduler.app.wiring import App
from scheduler.cli.delivery.run_once import once
from scheduler.core.words.labels import Label
from scheduler.core.words.lexicon import ChannelName, Language
from scheduler.daemon.deliver_job import LAST_PAUSES
from scheduler.daemon.jobs import Jobs
from scheduler.ports import Envelope, Outcome, Sent, StoreUnavailableError
from scheduler.system.signals import Signals
from tests.cli.office import CONTRACTS, LOADED, PEOPLE, Office
from tests.services.delivering import Line

RENEWED_AND_LATE = "2027-02-26T12:00+00:00"
REACHED = "1 month before renewal reached (counted from the end, Wed 31 Mar 2027)"
DRY_EN = f"""\
If run now, this would be done for 2 deals (nothing was kept or sent):
Customer  Contract  What                                              Reaches them      Because
Beta Ltd  C-2       Renewal (3 months) → Renewal (1 month)                              {REACHED}
Beta Ltd  C-2       tell Ann Ito: 30 days before the notice deadline  at once
Beta Ltd  C-2       tell Ann Ito: 1 month before renewal              at once
青葉商事  C-1       Renewal (3 months) → Won                                            renewed automatically: no notice by Sun 31 Jan 2027
青葉商事  C-1       tell 千佳 田中: Renewed automatically             2027-03-01 09:00
青葉商事  C-1       open the next term                                                  Thu 1 Apr 2027
"""
DRY_JA = """\
いま実行すると、2件の取引で次のことを行います(何も保存・送信していません)。
顧客      契約  すること                               いつ届くか        理由
Beta Ltd  C-2   契約更新(3か月前) → 契約更新(1か月前)                    契約更新1か月前に到達(起点：満了日 2027/3/31(水))
Beta Ltd  C-2   Ann Ito に連絡：解約通知期限30日前     すぐに
Beta Ltd  C-2   Ann Ito に連絡：契約更新1か月前        すぐに
青葉商事  C-1   契約更新(3か月前) → 受注                                 解約通知がないまま期限(2027/1/31(日))を過ぎたため自動更新
青葉商事  C-1   千佳 田中 に連絡：自動更新済み         2027-03-01 09:00
青葉商事  C-1   次期の契約を作成                                         2027/4/1(木)
"""


def test_a_dry_run_foresees_everything_in_names_that_people_know(office: Office) -> None:
    assert office.said("run", "--dry-run", as_of=RENEWED_AND_LATE) == DRY_EN
    assert office.said("run", "--once", "--dry-run", lang="ja", as_of=RENEWED_AND_LATE) == DRY_JA


def test_a_dry_run_changes_nothing_in_the_whole_database(office: Office) -> None:
    before = office.everything()
    office.said("run", "--dry-run", as_of=RENEWED_AND_LATE)
    assert office.everything() == before
    office.said("run", "--once", as_of=RENEWED_AND_LATE)
    assert office.everything() != before


def rows_of(url: str) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table."""
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            tables = inspect(connection).get_table_names()
            return {
                t: sorted(
                    (tuple(r) for r in connection.execute(text(f'SELECT * FROM "{t}"'))), key=str
                )
                for t in tables
            }
    finally:
        engine.dispose()


def test_what_a_dry_run_foresaw_happens_on_either_database(
    fresh_database_url: str, nowhere: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", fresh_database_url)
    for name, content in (("people.csv", PEOPLE), ("contracts.csv", CONTRACTS)):
        (nowhere.folder / name).write_text(content, "utf-8")
        nowhere.said("import", str(nowhere.folder / name), as_of=LOADED)
    before = rows_of(fresh_database_url)
    foreseen = nowhere.said("run", "--dry-run", as_of="2027-01-04T12:00+00:00")
    assert rows_of(fresh_database_url) == before
    assert [
        len(re.findall(pattern, foreseen)) for pattern in ("→", "tell Ann Ito", "tell 千佳 田中")
    ] == [2, 1, 1], "one question of two so near"
    assert nowhere.said("run", "--once", as_of="2027-01-04T12:00+00:00").startswith(
        "2 deals decided: 2 moves, 2 nudges,"
    )
    assert len(rows_of(fresh_database_url)["nudges"]) == 2


def test_what_waits_already_is_counted(office: Office) -> None:
    office.change("UPDATE nudges SET state = 'waiting', message_id = NULL WHERE deal_id = 2")
    assert office.said("run", "--dry-run") == (
        "If run now, no deal would move and nobody would be told anything new.\n"
        "Nudges that are waiting already and would be sent now or in their readers' working hours: "
        "1\n"
    )
    assert office.said("run", "--dry-run", lang="ja").endswith("すでに送信待ちのリマインド：1件\n")


def test_a_run_says_what_it_did_and_when_the_next_thing_comes(office: Office) -> None:
    assert office.said("run", "--once", as_of="2027-02-03") == (
        "3 deals decided: 1 move, 2 nudges, 0 cancelled, 1 renewed automatically, 0 lost\n"
        "1 message made: 1 sent, 0 to be tried again, 0 unknown, 0 held, 0 undeliverable\n"
        "The next thing is due at 2027-02-03 18:00 (Asia/Tokyo).\n"
    )
    assert office.said("run", "--once", lang="ja", as_of=RENEWED_AND_LATE) == (
        "判定した取引 1件：ステージ移動 1、リマインド 1、取りやめ 0、自動更新 0、解約 0\n"
        "メッセージ：作成 2、送信 2、再試行待ち 0、結果不明 0、保留 0、送信不能 0\n"
        "次に動くのは 2027-03-30 00:00 です(Asia/Tokyo)。\n"
    )


def test_an_alert_is_among_the_messages_made(office: Office) -> None:
    text = office.folder / "templates" / "messages" / "en" / "default" / "opening.txt"
    text.parent.mkdir(parents=True, exist_ok=True)
    text.write_text("{{ gone }}")
    assert "\n2 messages made: 2 sent, " in office.said("run", "--once", as_of="2027-02-03")
    assert office.rows("SELECT count(*) FROM messages WHERE kind = 'alert'") == [(1,)]


def test_a_run_with_nothing_due_says_so(office: Office) -> None:
    assert (
        office.said("run", "--once")
        == "Nothing was due.\nThe next thing is due at 2027-01-29 09:00 (Asia/Tokyo).\n"
    )
    assert (
        office.said("run", "--once", lang="ja")
        == "いま行うことはありませんでした。\n次に動くのは 2027-01-29 09:00 です(Asia/Tokyo)。\n"
    )
    assert office.said("run", "--dry-run").startswith("If run now, no deal would move")


def test_a_contract_that_cannot_be_decided_fails_the_run_and_is_named(office: Office) -> None:
    office.change("UPDATE people SET zone = 'Mars/Olympus' WHERE email = 'ann@example.com'")
    office.change("UPDATE deals SET wake_at = '2027-01-04 00:00:00.000000' WHERE id = 2")
    code, out, _ = office.run("run", "--dry-run")
    assert code == 1
    assert "Beta Ltd  C-2       cannot be decided" in out
    code, _, err = office.run("run", "--once")
    assert code == 1
    assert "1 contract could not be decided: C-2" in err


@pytest.fixture
def opened(office: Office) -> Iterator[App]:
    """The program on the folder, at a moment at which two people are to hear something."""
    office.change("UPDATE people SET zone = 'Europe/London', calendar = 'gb'")
    with open_app(
        office.folder,
        language=Language.EN,
        as_of=RENEWED_AND_LATE,
        env=dict(os.environ),
        edits=True,
    ) as app:
        yield app


def answering(app: App, during: Callable[[], object]) -> Line:
    """A channel on which something happens while the first message is on its way."""

    def send(envelope: Envelope) -> Outcome:
        during()
        return Sent("ok")

    line = Line(ChannelName.PREVIEW, answers=[send, Sent("ok")])
    app.channels = {ChannelName.PREVIEW: line}
    return line


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_run_that_is_stopped_records_what_went_out_and_gives_the_rest_back(
    office: Office, opened: App, number: int
) -> None:
    line = answering(opened, lambda: os.kill(os.getpid(), number))
    before = len(office.rows("SELECT 1 FROM messages"))
    assert once(opened, Signals()) == 128 + number
    states = office.rows(f"SELECT state FROM messages ORDER BY id LIMIT 9 OFFSET {before}")
    assert (len(line.sent), states) == (1, [("sent",), ("queued",)])
    assert "stopped as asked" in office.capsys.readouterr().err


class Patient(Signals):
    """Waits no time; what is to pass meanwhile has passed after two waits."""

    def __init__(self, passes: Callable[[], object]) -> None:
        super().__init__()
        self.waits, self._passes = 0, passes
        self.seconds = 0.0

    @override
    def next(self, seconds: float) -> int:
        self.waits += 1
        self.seconds += seconds
        if self.waits == 2:
            self._passes()
        return 0


def fails(connection: Connection) -> None:
    """A database that is away."""
    raise StoreUnavailableError(Label("cannot be reached"), passing=True)


def test_a_run_that_is_stopped_waits_for_it_likewise(office: Office, opened: App) -> None:
    def goes_and_stops() -> None:
        event.listen(opened.engine, "begin", fails)
        os.kill(os.getpid(), signal.SIGTERM)

    line = answering(opened, goes_and_stops)
    signals = Patient(lambda: event.remove(opened.engine, "begin", fails))
    before = len(office.rows("SELECT 1 FROM messages"))
    assert once(opened, signals) == 128 + signal.SIGTERM
    states = office.rows(f"SELECT state FROM messages ORDER BY id LIMIT 9 OFFSET {before}")
    assert (len(line.sent), states) == (1, [("sent",), ("queued",)])
    assert signals.seconds > 2, "no seven attempts in the same moment"


@pytest.mark.parametrize("comes_back", [True, False])
def test_a_daemon_that_ends_waits_for_it_half_a_minute(
    office: Office, opened: App, comes_back: bool
) -> None:
    waits: list[float] = []

    def wait(seconds: float, because: str) -> None:
        waits.append(seconds)
        if comes_back and len(waits) == 2:
            event.remove(opened.engine, "begin", fails)

    line = answering(opened, lambda: event.listen(opened.engine, "begin", fails))
    rounds = Jobs(opened)
    while rounds.sweeps.step(lambda: False):
        pass
    with pytest.raises(StoreUnavailableError):
        rounds.deliveries.step(lambda: False)
    rounds.deliveries.end(wait)
    assert waits == list(LAST_PAUSES[: 2 if comes_back else None])
    assert rounds.deliveries.open is not comes_back
    sent = office.rows("SELECT state FROM messages WHERE handed_over_at IS NOT NULL")
    assert (len(line.sent), ("sent",) in sent[-1:]) == (1, comes_back)


@pytest.mark.parametrize("comes_back", [True, False])
def test_a_run_waits_for_a_database_that_is_to_hear_what_was_sent(
    office: Office, opened: App, comes_back: bool
) -> None:
    def passes() -> None:
        if comes_back:
            event.remove(opened.engine, "begin", fails)

    line = answering(opened, lambda: event.listen(opened.engine, "begin", fails))
    signals = Patient(passes)
    if comes_back:
        assert once(opened, signals) == 0
        assert {row[0] for row in office.rows("SELECT state FROM messages")} == {"sent"}
        assert len({e.key for e in line.sent}) == len(line.sent) > 1, "nobody hears twice"
        assert signals.waits == 2
    else:
        with pytest.raises(StoreUnavailableError):
            once(opened, signals)
    assert office.capsys.readouterr().err.count("waiting for the database") == 1


NOT_ALLOWED_EN = (
    "--as-of is for rehearsals only: set RENEWALS_ALLOW_TIME_TRAVEL=1 to allow it (messages then "
    "go to preview and this machine only)"
)
CLOCK_READERS = (
    ("import", "x.csv"), ("import", "undo", "1"), ("deals",), ("show", "C-1"), ("upcoming",), ("nudges",), ("messages",), ("people",),
    ("answer", "C-1", "seen"), ("report", "passage"), ("run", "--once"), ("run", "--dry-run"),
)  # fmt: skip


@pytest.mark.parametrize("words", CLOCK_READERS, ids=" ".join)
def test_time_travel_is_refused_unless_allowed(
    office: Office, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    before = office.everything()
    for value in ("0", "true", ""):
        monkeypatch.setenv("RENEWALS_ALLOW_TIME_TRAVEL", value)
        assert office.refused(*words, as_of="2027-01-05") == NOT_ALLOWED_EN
    assert office.refused(*words, lang="ja", as_of="2027-01-05").startswith(
        "--as-of はリハーサル専用です。RENEWALS_ALLOW_TIME_TRAVEL=1 を設定した場合だけ"
    )
    assert office.everything() == before


@pytest.mark.parametrize(
    ("as_of", "words", "en"),
    [
        (
            "tomorrow",
            ["run", "--once"],
            "--as-of 'tomorrow' is neither a date (2026-03-01) nor an instant with its offset",
        ),
        ("2027-01-05T09:00", ["run", "--once"], "--as-of '2027-01-05T09:00' is neither a date"),
        (
            "2026-12-31",
            ["run", "--once"],
            (
                "is before the last sweep of this database (2027-01-04 12:00 UTC); rehearse "
                "forward in time"
            ),
        ),
        (
            "2027-01-05",
            ["run"],
            "use --as-of only with --once or --dry-run; for a daemon time moves on",
        ),
    ],
)
def test_a_rehearsal_goes_forward_from_an_instant_that_is_clear(
    office: Office, as_of: str, words: list[str], en: str
) -> None:
    assert en in office.refused(*words, as_of=as_of)


def test_a_date_is_ten_in_the_morning_in_the_default_zone(office: Office) -> None:
    office.said("run", "--once", as_of="2027-01-05")
    assert office.rows("SELECT value FROM meta WHERE key = 'last_sweep_at'") == [
        ("2027-01-05T01:00:00+00:00",)
    ]


def test_a_database_that_told_real_people_is_not_rehearsed_on(office: Office) -> None:
    office.change("DELETE FROM meta WHERE key = 'time_travel'")
    office.change("UPDATE messages SET channel = 'email'")
    assert (
        "this database has sent messages to real people; rehearse in another folder"
        in office.refused("run", "--once")
    )


def test_the_commands_of_a_rehearsal_send_to_preview_and_say_so(office: Office) -> None:
    _, _, err = office.run("run", "--once")
    assert (
        "this is a rehearsal database: messages go only to the preview and to this machine" in err
    )
    assert "no channel is configured" in err


def test_without_a_database_a_dry_run_says_what_makes_one(nowhere: Office) -> None:
    said = nowhere.refused("run", "--dry-run", as_of=None)
    assert said == "there is no database yet; `renewals import FILE` or `renewals run` makes it"
    assert not (nowhere.folder / "data").exists()


@pytest.mark.parametrize("words", ["deals --json --dir '{folder}'", "--help"])
def test_a_closed_pipe_is_no_mistake(office: Office, words: str) -> None:
    """As with `renewals deals | head -1`, in a real pipe."""
    said = words.format(folder=office.folder)
    command = f"'{sys.executable}' -m scheduler {said} 2>&1 | true; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
