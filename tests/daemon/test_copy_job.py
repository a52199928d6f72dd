"""The copy of the night."""

from dataclasses import replace
from datetime import datetime

from scheduler.app.wiring import App
from scheduler.daemon.jobs import Jobs
from scheduler.system.clock import FixedClock
from tests.daemon.alerts import alerts


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
        assert rounds.copies.step(bool) is False
        assert [f.name for f in sorted(folder.glob("*.db"))] == copies


def test_a_copy_that_cannot_be_made_is_told_once_a_day_and_harms_nothing(
    app: App, rounds: Jobs
) -> None:
    (app.folder / "data").mkdir(exist_ok=True)
    (app.folder / "data" / "backups").write_text("in the way")
    for clock in ("03:30", "03:31", "04:30"):
        at_night(app, clock)
        assert rounds.copies.step(bool) is False
    assert [
        line for line in alerts(app) if "backups" in line and "バックアップを作れません" in line
    ] == alerts(app)
    assert len(alerts(app)) == 1
    (app.folder / "data" / "backups").unlink()
    at_night(app, "05:29")
    rounds.copies.step(bool)
    assert not (app.folder / "data" / "backups").exists(), "an hour has not passed"
    at_night(app, "05:30")
    rounds.copies.step(bool)
    assert (app.folder / "data" / "backups" / "renewals-2027-01-05.db").exists()


def test_where_no_copies_are_wanted_none_is_made(app: App, rounds: Jobs) -> None:
    app.config = replace(app.config, machine=app.config.machine.model_copy(update={"backups": ""}))
    at_night(app, "12:00")
    rounds.copies.step(bool)
    assert not (app.folder / "data" / "backups").exists()
