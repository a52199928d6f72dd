"""How long something takes."""

from scheduler.system.clock import SystemStopwatch


def test_a_stopwatch_never_goes_back_and_does_not_wait_for_what_is_past() -> None:
    watch = SystemStopwatch()
    before = watch.seconds()
    watch.wait(0)
    watch.wait(-5)
    assert watch.seconds() >= before
