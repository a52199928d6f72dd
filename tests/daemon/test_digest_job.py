"""What the daemon tells the admins every day."""

from datetime import date, timedelta

from scheduler.app.wiring import App
from scheduler.core.deal.pauses import Pause, Scope
from scheduler.daemon.jobs import Jobs
from scheduler.services.deals.pauses import pause
from tests.cast import at
from tests.daemon.alerts import alerts
from tests.services.delivering import Hands
from tests.storage.builders import add_contract


def test_deadlines_that_pass_in_a_pause_are_told_once_a_day_and_then_no_writer_waits_for_a_look(
    app: App,
) -> None:
    app.clock = hands = Hands(at("2027-03-24"))
    rounds = Jobs(app)
    pause(app.pausing, Pause(Scope.EVERYTHING, "", hands.at, None, "a dispute", "Bob"), app.policy)
    rounds.digesting.digests(bool)
    assert alerts(app) == []
    with app.engine.begin() as connection:
        add_contract(connection, "C-1", date(2027, 3, 29))
    rounds.digesting.digests(bool)
    with app.engine.connect() as other, other.begin():
        rounds.digesting.digests(bool)
    Jobs(app).digesting.digests(bool)
    [told] = alerts(app)
    assert "C-1" in told
    hands.at += timedelta(days=1)
    rounds.digesting.digests(bool)
    assert (len(alerts(app)), rounds.digesting.digested.alerts) == (2, 2)
