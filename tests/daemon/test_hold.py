"""What holds the daemon: a database that has become a newer program's while it ran."""

from sqlalchemy import text

from scheduler.app.wiring import App
from scheduler.daemon.jobs import Jobs


def test_a_database_that_a_newer_program_has_changed_ends_the_daemon_and_nothing_is_swept_or_sent(
    app: App, rounds: Jobs
) -> None:
    assert not rounds.holding.look()
    assert rounds.holding.cannot_go_on(app.presence().gone) is None
    with app.engine.begin() as newer:
        newer.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    for step in (rounds.sweeps.step, rounds.deliveries.step, rounds.digesting.digests):
        assert not step(lambda: False)
    assert app.keeping.last_sweep_at() is None
    assert rounds.holding.held, "HubSpot is left alone too"
    said = rounds.holding.cannot_go_on(app.presence().gone)
    assert said is not None
    assert "revision 9999" in said.en
