"""A daemon waits at its start for what passes, says so once, and ends for what a person must
change."""

import os
import signal
from collections.abc import Callable
from threading import Timer

import pytest

from scheduler.core.words.labels import Label
from scheduler.daemon import startup_retry
from scheduler.daemon.startup_retry import with_retries
from scheduler.ports import StoreUnavailableError
from scheduler.system import logs
from scheduler.system.signals import Signals
from scheduler.system.systemd import Notifier


def away(what: str, passing: bool = True) -> StoreUnavailableError:
    return StoreUnavailableError(Label.given({"ja": what, "en": what}), passing=passing)


def starting(*fates: StoreUnavailableError | int) -> tuple[Callable[[], int], list[int]]:
    """A start that meets these fates one after the other, and a list that grows with each
    attempt."""
    attempts: list[int] = []

    def start() -> int:
        fate = fates[len(attempts)]
        attempts.append(1)
        if isinstance(fate, StoreUnavailableError):
            raise fate
        return fate

    return start, attempts


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(startup_retry, "FIRST_PAUSE", 0.001)
    monkeypatch.setattr(startup_retry, "LONGEST_PAUSE", 0.001)


def test_one_line_for_each_reason_and_then_the_work(capsys: pytest.CaptureFixture[str]) -> None:
    logs.set_up("json")
    start, attempts = starting(
        away("booting"), away("booting"), away("booting"), away("too many"), 0
    )
    assert with_retries(start, Signals(), Notifier({})) == 0
    assert len(attempts) == 5
    said = capsys.readouterr().err
    assert (said.count("booting"), said.count("too many")) == (1, 1)


def test_what_a_person_must_change_is_not_waited_for() -> None:
    start, attempts = starting(away("booting"), away("wrong password", passing=False))
    with pytest.raises(StoreUnavailableError, match="wrong password"):
        with_retries(start, Signals(), Notifier({}))
    assert len(attempts) == 2


def test_the_exit_code_of_the_work_is_handed_on() -> None:
    assert with_retries(starting(1)[0], Signals(), Notifier({})) == 1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_request_to_stop_ends_the_waiting(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(startup_retry, "FIRST_PAUSE", 60.0)
    start, attempts = starting(away("booting"), 1)
    with Signals().kept() as signals:
        Timer(0.05, os.kill, (os.getpid(), number)).start()
        assert with_retries(start, signals, Notifier({})) == 0
    assert len(attempts) == 1


def test_a_request_that_came_during_the_attempt_is_kept() -> None:
    with Signals().kept() as signals:

        def start() -> int:
            os.kill(os.getpid(), signal.SIGTERM)
            raise away("booting")

        assert with_retries(start, signals, Notifier({})) == 0
        assert signals.stopped


def test_a_request_to_read_the_configuration_again_is_kept_for_the_daemon() -> None:
    with Signals().kept() as signals:
        os.kill(os.getpid(), signal.SIGHUP)
        assert signals.next(1) == signal.SIGHUP
        assert not signals.stopped
