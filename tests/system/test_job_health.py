"""What a daemon writes down of itself, and what is read of it."""

from scheduler.core.machine.liveness import JobVitals, Vitals
from scheduler.system.job_health import JobHealth


class Steady:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


def test_progress_failures_and_completed_steps_are_written_down() -> None:
    steady = Steady()
    job_health = JobHealth(steady)
    assert job_health.vitals() == Vitals(None)
    job_health.begin({"sweep": 30.0, "deliver": 10.0})
    job_health.looked()
    steady.seconds += 5
    job_health.progress("sweep")
    job_health.completed("sweep")
    assert [job_health.failed("deliver"), job_health.failed("deliver")] == [(1, 1.0), (2, 2.0)]
    assert job_health.vitals() == Vitals(
        5.0, (JobVitals("sweep", 30.0, 0.0, 0, 1), JobVitals("deliver", 10.0, 5.0, 2, 0))
    )
    job_health.ended()
    assert job_health.vitals().idle_seconds is None


def test_a_job_that_failed_is_left_alone_for_longer_each_time_up_to_a_minute() -> None:
    steady = Steady()
    job_health = JobHealth(steady)
    job_health.begin({"sweep": 30.0})
    waits = [job_health.failed("sweep")[1] for _ in range(8)]
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60]
    steady.seconds += 59.9
    assert not job_health.may_try("sweep")
    steady.seconds += 0.1
    assert job_health.may_try("sweep")
    assert (job_health.completed("sweep"), job_health.completed("sweep")) == (8, 0)
