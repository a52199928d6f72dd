"""The ticker with real threads."""

from datetime import UTC, datetime, timedelta
from threading import Event, Semaphore

from scheduler.daemon.ticker import Ticker, _Beat

WAIT = 10


def test_every_job_ticks_at_once_and_again() -> None:
    ticks = Semaphore(0)
    ticker = Ticker({"sweep": (ticks.release, 1)})
    try:
        assert ticks.acquire(timeout=WAIT)
        assert ticks.acquire(timeout=WAIT)
    finally:
        ticker.stop()


def test_a_job_can_be_made_due_at_once() -> None:
    ticks = Semaphore(0)
    ticker = Ticker({"sweep": (ticks.release, 3600)})
    try:
        assert ticks.acquire(timeout=WAIT)
        ticker.now("sweep")
        assert ticks.acquire(timeout=WAIT)
    finally:
        ticker.stop()


def test_stopping_waits_for_the_job_under_way() -> None:
    begun, go_on, finished = Event(), Event(), Event()

    def job() -> None:
        begun.set()
        go_on.wait(WAIT)
        finished.set()

    ticker = Ticker({"deliver": (job, 3600)})
    assert begun.wait(WAIT)
    go_on.set()
    ticker.stop()
    assert finished.is_set()


def test_a_dead_scheduler_thread_is_replaced() -> None:
    ticks = Semaphore(0)
    ticker = Ticker({"sweep": (ticks.release, 3600)})
    try:
        assert ticks.acquire(timeout=WAIT)
        assert not ticker.check()
        ticker._scheduler.shutdown(wait=True)
        assert ticker.check()
        assert ticks.acquire(timeout=WAIT)
    finally:
        ticker.stop()


def test_a_jump_of_26_years_costs_two_steps() -> None:
    beat = _Beat(seconds=1, timezone=UTC)
    now = datetime(2052, 1, 1, tzinfo=UTC)
    first = beat.get_next_fire_time(now - timedelta(days=26 * 365), now)
    assert first == now
    assert beat.get_next_fire_time(first, now) == now + timedelta(seconds=1)
