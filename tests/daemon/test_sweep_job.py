"""What the daemon keeps and says of its sweeps."""

from datetime import timedelta

import pytest

from scheduler.app.wiring import App
from scheduler.core.words.labels import Label
from scheduler.daemon.jobs import Jobs
from scheduler.system.clock import FixedClock
from tests.storage.builders import add_contract, add_person


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
    begun.sweeps.step(lambda: False)
    begun.sweeps.step(lambda: False)
    found = outages(app)
    assert [cause for cause, _ in found] == kept
    assert all(
        timedelta(minutes=minutes) <= lasted < timedelta(minutes=minutes + 1) for _, lasted in found
    )


def test_where_another_machine_swept_meanwhile_there_was_no_stop(app: App, rounds: Jobs) -> None:
    rounds.sweeps.step(lambda: False)
    rounds.sweeps._stepped_at = app.clock.now() - timedelta(hours=3)
    rounds.sweeps.step(lambda: False)
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
        steps.sweeps.step(lambda: False)
    assert [cause for cause, _ in outages(app)] == kept


def test_a_time_without_a_sweep_because_the_clock_was_doubted_is_its_fault(
    app: App, rounds: Jobs
) -> None:
    app.keeping.record_sweep(app.clock.now() - timedelta(hours=2))
    rounds.doubted(Label.given({"ja": "時計", "en": "the clock jumped"}))
    rounds.sweeps.step(lambda: False)
    assert [cause for cause, _ in outages(app)] == ["clock"]


def test_it_is_said_once_that_everything_due_is_swept_and_not_where_nothing_was(
    app: App, rounds: Jobs
) -> None:
    said: list[str] = []
    rounds.sweeps.on_swept = lambda: said.append("swept")
    rounds.sweeps.step(lambda: False)
    assert said == []
    with app.engine.begin() as connection:
        add_contract(connection, owner_id=add_person(connection, "Ann", email="ann@example.com"))
    more = [
        rounds.sweeps.step(lambda: False),
        list(said),
        rounds.sweeps.step(lambda: False),
        list(said),
        rounds.sweeps.step(lambda: False),
    ]
    assert more == [True, [], False, ["swept"], False]
    assert said == ["swept"]
