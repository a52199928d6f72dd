"""Machines whose clocks differ agree about the time, because the database says it."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from scheduler.storage.database.clock import ASK_SECONDS, DatabaseClock
from scheduler.storage.database.engine import open_engine
from scheduler.system.clock import SystemClock

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


@dataclass
class Machine:
    """A clock that is wrong by `by`, and seconds that a test counts."""

    by: timedelta
    seconds: float = 0.0

    def now(self) -> datetime:
        return SystemClock().now() + self.by

    def steady(self) -> float:
        return self.seconds


def test_two_machines_an_hour_apart_agree(tables_postgres_url: str) -> None:
    engine = open_engine(tables_postgres_url)
    ahead, behind = (
        DatabaseClock(engine, machine, machine.steady)
        for machine in (Machine(HOUR), Machine(-HOUR))
    )
    assert abs(ahead.now() - behind.now()) < MINUTE
    assert abs(ahead.now() - SystemClock().now()) < MINUTE
    assert ahead.now().tzinfo is UTC
    engine.dispose()


def test_between_two_questions_time_goes_on_steadily_whatever_happens_to_the_machines_clock(
    tables_postgres_url: str,
) -> None:
    engine = open_engine(tables_postgres_url)
    machine = Machine(timedelta(0))
    clock = DatabaseClock(engine, machine, machine.steady)
    first = clock.now()
    machine.by, machine.seconds = HOUR, ASK_SECONDS
    assert clock.now() - first == timedelta(seconds=ASK_SECONDS)
    machine.seconds += 3600
    assert clock.now() - first < MINUTE, "asked again, the server says that no hour has passed"
    engine.dispose()


def test_a_server_that_cannot_be_reached_leaves_the_last_answer_and_before_it_the_machines_clock() -> (
    None
):
    engine = open_engine("postgresql://nobody@127.0.0.1:1/nothing")
    machine = Machine(HOUR)
    assert abs(DatabaseClock(engine, machine, machine.steady).now() - machine.now()) < MINUTE
    engine.dispose()
