"""What the daemon does when `config.toml` is saved: look by look, on a real working folder and
database."""

import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from scheduler.app.policy_edits.keeper import file_policy
from scheduler.app.policy_edits.planned import apply_edit, last_day, plan_edit, read_edit
from scheduler.app.ready import open_app
from scheduler.app.shipped import shipped_config
from scheduler.app.wiring import App
from scheduler.app.working_folder import ConfigRefusedError
from scheduler.core.words.lexicon import Language
from scheduler.daemon.jobs import Jobs
from scheduler.daemon.reload import PAUSE_LOOKS, TOLD_PROBLEMS
from scheduler.ports import StoreUnavailableError
from tests.daemon.alerts import alerts
from tests.storage.builders import add_contract, add_person

Save = Callable[[str | bytes], None]


def save(app: App, content: str | bytes) -> None:
    """Saves config.toml as an editor does."""
    new = app.folder / "config.toml.new"
    new.write_bytes(content if isinstance(content, bytes) else content.encode())
    new.replace(app.folder / "config.toml")


def look(rounds: Jobs, times: int = 2) -> None:
    """The daemon's looks, one a second."""
    for _ in range(times):
        rounds.edits.look(False)


EDITED = shipped_config().replace("resend_after_move = 14", "resend_after_move = 21")
LINE = EDITED[: EDITED.index('offset = "-3 months"')].count("\n") + 1


def test_nothing_happens_until_something_is_saved(app: App, rounds: Jobs) -> None:
    look(rounds, 5)
    assert (app.policy.version, alerts(app)) == (1, [])


def test_an_edit_is_taken_over_when_it_has_stayed_the_same_for_a_look(
    app: App, rounds: Jobs
) -> None:
    save(app, EDITED)
    rounds.edits.look(False)
    assert app.policy.version == 1
    rounds.edits.look(False)
    assert (app.policy.version, app.policy.resend_after_move) == (2, 21)


def test_a_file_that_is_still_being_written_is_left_alone(app: App, rounds: Jobs) -> None:
    for part in ("", EDITED[:1000], EDITED[:2000], EDITED):
        save(app, part)
        rounds.edits.look(False)
    assert (app.policy.version, alerts(app)) == (1, [])
    rounds.edits.look(False)
    assert (app.policy.version, alerts(app)) == (2, [])


def test_a_file_that_is_gone_between_two_looks_alarms_nobody(app: App, rounds: Jobs) -> None:
    file = app.folder / "config.toml"
    file.rename(app.folder / "away")
    rounds.edits.look(False)
    (app.folder / "away").rename(file)
    look(rounds)
    assert (app.policy.version, alerts(app)) == (1, [])


def test_sighup_does_not_wait(app: App, rounds: Jobs) -> None:
    save(app, EDITED)
    rounds.edits.look(True)
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
    rounds.edits.look(True)
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
    rounds.edits.look(True)
    assert app.policy.version == 2


def test_the_same_mistake_saved_again_is_told_again(app: App, rounds: Jobs) -> None:
    for remark in ("# one\n", "# and two\n"):
        save(app, remark + "language = ja")
        look(rounds)
    assert len(alerts(app)) == 2


def test_a_file_that_is_gone_again_after_it_was_put_back_is_told_again(
    app: App, rounds: Jobs
) -> None:
    file = app.folder / "config.toml"
    for told in (1, 2):
        aside = file.rename(app.folder / "aside")
        look(rounds, 5)
        rounds.edits.look(True)
        assert len(alerts(app)) == told
        aside.rename(file)
        look(rounds)


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
    rounds.edits.look(False)
    with app.engine.connect() as other, other.begin():
        with pytest.raises(StoreUnavailableError):
            rounds.edits.look(False)
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
    rounds.edits.look(True)
    assert (app.policy.version, app.policy.templates) == (1, {})
    [told] = alerts(app)
    assert told.startswith("テンプレートに誤りがあります(以前の文面のまま動いています)")
    assert "templates/messages/en/renewal_3m/ask.txt:2" in told
    file.write_text("Please ask now.\n")
    look(rounds)
    assert (app.policy.version, list(app.policy.templates)) == (2, ["en/renewal_3m/ask.txt"])


def test_a_text_that_is_broken_from_the_first_is_told_once_at_the_start_or_when_it_is_used(
    tmp_path: Path,
) -> None:
    texts = tmp_path / "templates/messages/ja/alert"
    texts.mkdir(parents=True)
    (tmp_path / "config.toml").write_text(shipped_config(), "utf-8")
    for file in ("subject.txt", "body.txt"):
        (texts / file).write_text("{{ nosuch }}", "utf-8")
    with open_app(tmp_path, language=Language.EN, env={}, edits=True) as app:
        rounds = Jobs(app)
        rounds.tell_of_start()
        assert len(alerts(app)) == 2
        while rounds.deliveries.step(lambda: False):
            pass
        assert rounds.deliveries.delivered.sent == 2, "by the shipped text"
        told = alerts(app)
    assert len(told) == 2, told
    assert all(any(f"alert/{file}" in one for one in told) for file in ("subject.txt", "body.txt"))


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
