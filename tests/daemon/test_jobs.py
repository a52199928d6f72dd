"""What the daemon does when `config.toml` is saved: look by look, on a real working folder and
database."""

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from scheduler.app.policy_edits import apply_edit, last_day, plan_edit, read_edit
from scheduler.app.policy_keeper import file_policy
from scheduler.app.ready import open_app
from scheduler.app.shipped import shipped_config
from scheduler.app.wiring import App
from scheduler.app.working_folder import ConfigRefusedError
from scheduler.core.deal.pauses import Pause, Scope
from scheduler.core.words.labels import Label
from scheduler.core.words.lexicon import Language
from scheduler.daemon.jobs import PAUSE_LOOKS, TOLD_PROBLEMS, Jobs
from scheduler.ports import StoreUnavailableError
from scheduler.services.deals.pauses import pause
from scheduler.system.clock import FixedClock
from tests.cast import at
from tests.services.delivering import Hands
from tests.storage.builders import add_contract, add_person

Save = Callable[[str | bytes], None]


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    (tmp_path / "config.toml").write_text(shipped_config(), "utf-8")
    env = {"DATABASE_URL": f"sqlite:///{tmp_path / 'renewals.db'}?timeout=0.05"}
    with open_app(tmp_path, language=Language.EN, as_of=None, env=env, edits=True) as opened:
        yield opened


@pytest.fixture
def rounds(app: App) -> Jobs:
    return Jobs(app)


def save(app: App, content: str | bytes) -> None:
    """Saves config.toml as an editor does."""
    new = app.folder / "config.toml.new"
    new.write_bytes(content if isinstance(content, bytes) else content.encode())
    new.replace(app.folder / "config.toml")


def look(rounds: Jobs, times: int = 2) -> None:
    """The daemon's looks, one a second."""
    for _ in range(times):
        rounds.reload(False)


def alerts(app: App) -> list[str]:
    """What the admins are told."""
    with app.reading.connect() as connection:
        facts = [
            json.loads(row.facts)
            for row in connection.execute(
                text("SELECT facts FROM messages WHERE kind = 'alert' ORDER BY id")
            )
        ]
    return [f"{f['title']}\n{f['text']}\n{f['todo']}" for f in facts]


EDITED = shipped_config().replace("resend_after_move = 14", "resend_after_move = 21")
LINE = EDITED[: EDITED.index('offset = "-3 months"')].count("\n") + 1


def test_nothing_happens_until_something_is_saved(app: App, rounds: Jobs) -> None:
    look(rounds, 5)
    assert (app.policy.version, alerts(app)) == (1, [])


def test_an_edit_is_taken_over_when_it_has_stayed_the_same_for_a_look(
    app: App, rounds: Jobs
) -> None:
    save(app, EDITED)
    rounds.reload(False)
    assert app.policy.version == 1
    rounds.reload(False)
    assert (app.policy.version, app.policy.resend_after_move) == (2, 21)


def test_a_file_that_is_still_being_written_is_left_alone(app: App, rounds: Jobs) -> None:
    for part in ("", EDITED[:1000], EDITED[:2000], EDITED):
        save(app, part)
        rounds.reload(False)
    assert (app.policy.version, alerts(app)) == (1, [])
    rounds.reload(False)
    assert (app.policy.version, alerts(app)) == (2, [])


def test_a_file_that_is_gone_between_two_looks_alarms_nobody(app: App, rounds: Jobs) -> None:
    file = app.folder / "config.toml"
    file.rename(app.folder / "away")
    rounds.reload(False)
    (app.folder / "away").rename(file)
    look(rounds)
    assert (app.policy.version, alerts(app)) == (1, [])


def test_sighup_does_not_wait(app: App, rounds: Jobs) -> None:
    save(app, EDITED)
    rounds.reload(True)
    assert app.policy.version == 2


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (
            lambda file: file.write_bytes("zone = '東京'".encode("cp932")),
            "config.toml:1  UTF-8ではありません。UTF-8で保存してください",
        ),
        (lambda file: file.unlink(), "config.toml がありません"),
        (lambda file: (file.unlink(), file.mkdir()), "ファイルではなくフォルダーです"),
        (lambda file: file.write_text(""), "ファイルが空です"),
        (
            lambda file: file.write_text(
                EDITED.replace('offset = "-3 months"', 'offset = "3 moths"')
            ),
            f'config.toml:{LINE}  milestones[0].offset: "3 moths" は期間として読めません',
        ),
    ],
    ids=["another encoding", "gone", "a folder", "empty", "a mistake"],
)
def test_a_file_that_cannot_be_used_keeps_the_policy_and_the_admins_hear_of_it_once_per_save(
    app: App, rounds: Jobs, spoil: Callable[[Path], object], said: str
) -> None:
    spoil(app.folder / "config.toml")
    look(rounds, 5)
    rounds.reload(True)
    assert app.policy.version == 1
    [told] = alerts(app)
    assert said in told
    assert "以前の設定のまま動いています" in told


def test_what_was_refused_is_not_read_again_until_it_is_saved(app: App, rounds: Jobs) -> None:
    file = app.folder / "config.toml"
    save(app, "language = ja\n".ljust(len(EDITED.encode()), "#"))
    look(rounds)
    saved_at = file.stat().st_mtime_ns
    file.write_text(EDITED, "utf-8")
    os.utime(file, ns=(saved_at, saved_at))
    look(rounds, 5)
    assert app.policy.version == 1
    rounds.reload(True)
    assert app.policy.version == 2


def test_the_same_mistake_saved_again_is_told_again(app: App, rounds: Jobs) -> None:
    for remark in ("# one\n", "# and two\n"):
        save(app, remark + "language = ja")
        look(rounds)
    assert len(alerts(app)) == 2


def test_a_mended_file_is_taken_over(app: App, rounds: Jobs) -> None:
    save(app, "language = ja")
    look(rounds)
    save(app, EDITED)
    look(rounds)
    assert app.policy.version == 2


def test_a_long_list_of_mistakes_is_cut_short(app: App, rounds: Jobs) -> None:
    save(app, shipped_config() + "".join(f"unknown_{n} = 1\n" for n in range(TOLD_PROBLEMS + 3)))
    look(rounds)
    [told] = alerts(app)
    assert told.count("という設定はありません") == TOLD_PROBLEMS
    assert "ほか3件" in told


def test_an_old_copy_is_reported_once_and_changes_nothing(app: App, rounds: Jobs) -> None:
    save(app, EDITED)
    look(rounds)
    for remark in ("", "# saved again\n"):
        save(app, remark + shipped_config())
        look(rounds)
    assert (app.policy.version, app.policy.resend_after_move) == (2, 21)
    [told] = alerts(app)
    assert "config.toml が以前の版の内容に戻っています" in told


def test_an_edit_saved_while_the_database_is_busy_is_taken_over_later(
    app: App, rounds: Jobs
) -> None:
    save(app, EDITED)
    rounds.reload(False)
    with app.engine.connect() as other, other.begin():
        with pytest.raises(StoreUnavailableError):
            rounds.reload(False)
        look(rounds, PAUSE_LOOKS - 1)
    assert app.policy.version == 1
    look(rounds)
    assert app.policy.version == 2


FLOODING = shipped_config().replace('offset = "-1 month"', 'offset = "-2 months"')
MANY = 26


def fill_with_contracts(app: App) -> None:
    """So many contracts of one owner that an edit of one milestone would bring up more late
    reminders than the flood breaker lets through."""
    today = app.clock.now().date()
    with app.engine.begin() as connection:
        ann = add_person(connection, "Ann Ito", email="ann@example.com")
        for n in range(MANY):
            add_contract(
                connection,
                f"C-{n}",
                today + timedelta(days=45),
                owner_id=ann,
                arrived_at=app.clock.now() - timedelta(days=200),
            )


def test_an_edit_that_would_flood_somebody_waits_for_a_person(app: App, rounds: Jobs) -> None:
    fill_with_contracts(app)
    save(app, FLOODING)
    look(rounds, 4)
    assert app.policy.version == 1
    (told,) = alerts(app)
    assert told.startswith("config.toml の変更を保留しています\n")
    assert f"遅れたリマインドが一度に多数発生します：Ann Ito {MANY}件" in told
    assert "renewals apply" in told


def test_what_waits_is_applied_by_its_plan_and_then_nobody_is_told_again(
    app: App, rounds: Jobs
) -> None:
    fill_with_contracts(app)
    save(app, FLOODING)
    look(rounds)
    planned = plan_edit(app, file_policy(read_edit(app, None)), last_day(app, None), "Bob")
    assert planned.effects.flooded == {"person:1": MANY}
    apply_edit(app, planned.plan, "Bob")
    look(rounds, 4)
    assert (app.policy.version, len(alerts(app))) == (2, 1)


def test_an_edit_that_floods_nobody_is_taken_over_as_ever(app: App, rounds: Jobs) -> None:
    fill_with_contracts(app)
    save(app, FLOODING.replace("flood_nudges = 25", f"flood_nudges = {MANY}"))
    look(rounds)
    assert (app.policy.version, alerts(app)) == (2, [])


def test_where_edits_are_applied_by_people_only_every_edit_waits(app: App, rounds: Jobs) -> None:
    save(app, shipped_config().replace("apply_edits = true", "apply_edits = false"))
    look(rounds)
    save(app, EDITED.replace("apply_edits = true", "apply_edits = false"))
    look(rounds)
    assert app.policy.version == 1
    assert "apply_edits = false" in alerts(app)[0]


def test_an_edit_that_leaves_deals_without_a_stage_waits(app: App, rounds: Jobs) -> None:
    fill_with_contracts(app)
    gone = next(
        line
        for line in shipped_config().splitlines(keepends=True)
        if line.startswith('  { id = "stable"')
    )
    save(
        app,
        shipped_config()
        .replace(gone, "")
        .replace('default_active = "stable"', 'default_active = "at_risk"'),
    )
    look(rounds)
    assert app.policy.version == 1
    assert (
        "ステージ「stable」がなくなりますが、取引が26件あります。引き継ぐステージに was = "
        '["stable"] と書いてください'
    ) in alerts(app)[0]


def test_a_template_with_a_mistake_keeps_the_texts_from_before_and_is_told_once_with_its_line(
    app: App, rounds: Jobs
) -> None:
    file = app.folder / "templates/messages/en/renewal_3m/ask.txt"
    file.parent.mkdir(parents=True)
    file.write_text("Well.\nPlease {{ nosuch.thing }} now.\n")
    look(rounds, 4)
    rounds.reload(True)
    assert (app.policy.version, app.policy.templates) == (1, {})
    [told] = alerts(app)
    assert told.startswith("テンプレートに誤りがあります(以前の文面のまま動いています)")
    assert "templates/messages/en/renewal_3m/ask.txt:2" in told
    file.write_text("Please ask now.\n")
    look(rounds)
    assert (app.policy.version, list(app.policy.templates)) == (2, ["en/renewal_3m/ask.txt"])


def test_neither_plan_nor_apply_takes_a_template_with_a_mistake(app: App) -> None:
    file = app.folder / "templates/messages/ja/renewal_3m/ask.txt"
    file.parent.mkdir(parents=True)
    file.write_text("{{ nope")
    edit = file_policy(read_edit(app, None))
    with pytest.raises(ConfigRefusedError) as refused:
        plan_edit(app, edit, last_day(app, None), "test")
    assert [p.file for p in refused.value.problems] == ["templates/messages/ja/renewal_3m/ask.txt"]


def test_an_edit_taken_back_by_hand_is_told_how_to_go_back(app: App, rounds: Jobs) -> None:
    save(app, EDITED)
    look(rounds)
    save(app, shipped_config())
    look(rounds)
    assert app.policy.version == 2
    [told] = alerts(app)
    assert "renewals config rollback 1" in told
    assert "renewals config export > config.toml" in told


def test_deadlines_that_pass_in_a_pause_are_told_once_a_day_and_then_no_writer_waits_for_a_look(
    app: App,
) -> None:
    app.clock = hands = Hands(at("2027-03-24"))
    rounds = Jobs(app)
    pause(app.pausing, Pause(Scope.EVERYTHING, "", hands.at, None, "a dispute", "Bob"), app.policy)
    rounds.digests(bool)
    assert alerts(app) == []
    with app.engine.begin() as connection:
        add_contract(connection, "C-1", date(2027, 3, 29))
    rounds.digests(bool)
    with app.engine.connect() as other, other.begin():
        rounds.digests(bool)
    Jobs(app).digests(bool)
    [told] = alerts(app)
    assert "C-1" in told
    hands.at += timedelta(days=1)
    rounds.digests(bool)
    assert (len(alerts(app)), rounds.digested.alerts) == (2, 2)


def at_night(app: App, clock: str) -> None:
    """The clock of a night in Tokyo."""
    app.clock = FixedClock(datetime.fromisoformat(f"2027-01-05T{clock}+09:00"))


def test_the_copy_of_the_night_is_made_once_it_is_time(app: App, rounds: Jobs) -> None:
    folder = app.folder / "data" / "backups"
    for clock, copies in (
        ("03:29", []),
        ("03:30", ["renewals-2027-01-05.db"]),
        ("23:00", ["renewals-2027-01-05.db"]),
    ):
        at_night(app, clock)
        assert rounds.back_up(bool) is False
        assert [f.name for f in sorted(folder.glob("*.db"))] == copies


def test_a_copy_that_cannot_be_made_is_told_once_a_day_and_harms_nothing(
    app: App, rounds: Jobs
) -> None:
    (app.folder / "data").mkdir(exist_ok=True)
    (app.folder / "data" / "backups").write_text("in the way")
    for clock in ("03:30", "03:31", "04:30"):
        at_night(app, clock)
        assert rounds.back_up(bool) is False
    assert [
        line for line in alerts(app) if "backups" in line and "写しを作れません" in line
    ] == alerts(app)
    assert len(alerts(app)) == 1
    (app.folder / "data" / "backups").unlink()
    at_night(app, "05:29")
    rounds.back_up(bool)
    assert not (app.folder / "data" / "backups").exists(), "an hour has not passed"
    at_night(app, "05:30")
    rounds.back_up(bool)
    assert (app.folder / "data" / "backups" / "renewals-2027-01-05.db").exists()


def test_where_no_copies_are_wanted_none_is_made(app: App, rounds: Jobs) -> None:
    app.config = replace(app.config, machine=app.config.machine.model_copy(update={"backups": ""}))
    at_night(app, "12:00")
    rounds.back_up(bool)
    assert not (app.folder / "data" / "backups").exists()


def outages(app: App) -> list[tuple[str, timedelta]]:
    """The causes of what is kept, and how long each lasted."""
    return [
        (o.cause.value, o.to_at - o.from_at)
        for o in app.punctuality.outages(app.clock.now(), app.clock.now())
    ]


@pytest.mark.parametrize(("minutes", "kept"), [(29, []), (31, ["stop"])])
def test_a_time_without_a_sweep_is_kept_as_a_stop_if_it_was_long(
    app: App, minutes: int, kept: list[str]
) -> None:
    app.keeping.record_sweep(app.clock.now() - timedelta(minutes=minutes))
    begun = Jobs(app)
    begun.sweep(lambda: False)
    begun.sweep(lambda: False)
    found = outages(app)
    assert [cause for cause, _ in found] == kept
    assert all(
        timedelta(minutes=minutes) <= lasted < timedelta(minutes=minutes + 1) for _, lasted in found
    )


def test_where_another_machine_swept_meanwhile_there_was_no_stop(app: App, rounds: Jobs) -> None:
    rounds.sweep(lambda: False)
    rounds._stepped_at = app.clock.now() - timedelta(hours=3)
    rounds.sweep(lambda: False)
    assert outages(app) == []


@pytest.mark.parametrize(
    ("moved", "kept"), [(True, []), (False, ["stop"])], ids=["on purpose", "by itself"]
)
def test_between_two_instants_of_a_clock_that_is_moved_nothing_stands_still(
    app: App, moved: bool, kept: list[str]
) -> None:
    steps, begun = Jobs(app, clock_is_moved=moved), app.clock.now()
    for instant in (begun, begun + timedelta(hours=3)):
        app.clock = FixedClock(instant)
        steps.sweep(lambda: False)
    assert [cause for cause, _ in outages(app)] == kept


def test_a_time_without_a_sweep_because_the_clock_was_doubted_is_its_fault(
    app: App, rounds: Jobs
) -> None:
    app.keeping.record_sweep(app.clock.now() - timedelta(hours=2))
    rounds.doubted(Label.given({"ja": "時計", "en": "the clock jumped"}))
    rounds.sweep(lambda: False)
    assert [cause for cause, _ in outages(app)] == ["clock"]


def test_it_is_said_once_that_everything_due_is_swept_and_not_where_nothing_was(
    app: App, rounds: Jobs
) -> None:
    said: list[str] = []
    rounds.on_swept = lambda: said.append("swept")
    rounds.sweep(lambda: False)
    assert said == []
    with app.engine.begin() as connection:
        add_contract(connection, owner_id=add_person(connection, "Ann", email="ann@example.com"))
    more = [
        rounds.sweep(lambda: False),
        list(said),
        rounds.sweep(lambda: False),
        list(said),
        rounds.sweep(lambda: False),
    ]
    assert more == [True, [], False, ["swept"], False]
    assert said == ["swept"]
