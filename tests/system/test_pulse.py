"""What a daemon writes down of itself, and what is read of it."""

from scheduler.core.machine.liveness import JobPulse, Vitals
from scheduler.system.pulse import Pulse


class Steady:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


def test_progress_failures_and_completed_steps_are_written_down() -> None:
    steady = Steady()
    pulse = Pulse(steady)
    assert pulse.vitals() == Vitals(None)
    pulse.begin({"sweep": 30.0, "deliver": 10.0})
    pulse.looked()
    steady.seconds += 5
    pulse.progress("sweep")
    pulse.completed("sweep")
    assert [pulse.failed("deliver"), pulse.failed("deliver")] == [(1, 1.0), (2, 2.0)]
    assert pulse.vitals() == Vitals(
        5.0, (JobPulse("sweep", 30.0, 0.0, 0, 1), JobPulse("deliver", 10.0, 5.0, 2, 0))
    )
    pulse.ended()
    assert pulse.vitals().idle_seconds is None


def test_a_job_that_failed_is_left_alone_for_longer_each_time_up_to_a_minute() -> None:
    steady = Steady()
    pulse = Pulse(steady)
    pulse.begin({"sweep": 30.0})
    waits = [pulse.failed("sweep")[1] for _ in range(8)]
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60]
    steady.seconds += 59.9
    assert not pulse.may_try("sweep")
    steady.seconds += 0.1
    assert pulse.may_try("sweep")
    assert (pulse.completed("sweep"), pulse.completed("sweep")) == (8, 0)
