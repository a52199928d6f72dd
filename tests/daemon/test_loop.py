"""The daemon's tick and catch-all, without processes (tests/e2e has those)."""

from collections.abc import Callable

import pytest

from scheduler.core.words.labels import Label
from scheduler.daemon.loop import Daemon, Job
from scheduler.ports import StoreUnavailableError
from scheduler.system.job_health import JobHealth
from scheduler.system.systemd import Notifier

Step = Callable[[Callable[[], bool]], bool]


class Calm:
    """A watch; `doubt` can be set."""

    def __init__(self) -> None:
        self.doubt: Label | None = None

    def look(self) -> Label | None:
        return self.doubt

    def moved(self) -> bool:
        return False


def daemon_of(
    *jobs: Job,
    watch: Calm | None = None,
    doubts: list[Label] | None = None,
    env: dict[str, str] | None = None,
    job_health: JobHealth | None = None,
) -> Daemon:
    said = doubts if doubts is not None else []
    return Daemon(
        jobs,
        watch or Calm(),
        Notifier(env or {}),
        lambda hup: None,
        said.append,
        job_health=job_health,
    )


def failing(error: Exception) -> Step:
    def step(stop: Callable[[], bool]) -> bool:
        raise error

    return step


def noting(ran: list[str], name: str) -> Step:
    def step(stop: Callable[[], bool]) -> bool:
        ran.append(name)
        return False

    return step


def test_a_tick_goes_on_until_there_is_no_more_to_do() -> None:
    left = [True, True, False, True]
    job = Job("sweep", 5, lambda stop: left.pop(0))
    daemon_of(job).tick(job)
    assert left == [True]


def test_a_tick_ends_between_two_steps_when_the_daemon_stops() -> None:
    taken = []

    def step(stop: Callable[[], bool]) -> bool:
        taken.append(1)
        daemon.stopping.set()
        return True

    job = Job("sweep", 5, step)
    daemon = daemon_of(job)
    daemon.tick(job)
    assert taken == [1]


def test_a_failure_is_logged_with_its_traceback_and_tried_again_later(
    capsys: pytest.CaptureFixture[str],
) -> None:
    job = Job("sweep", 5, failing(ZeroDivisionError("in the rules")))
    seconds = [0.0]
    daemon = daemon_of(job, job_health=JobHealth(lambda: seconds[0]))
    daemon.tick(job)
    said = capsys.readouterr()
    assert "in the rules" in said.out + said.err
    assert "ZeroDivisionError" in said.out + said.err
    daemon.tick(job)
    assert capsys.readouterr() == ("", "")
    seconds[0] = 3600.0
    daemon.tick(job)
    again = capsys.readouterr()
    assert "in the rules" in again.out + again.err


def test_a_lost_database_is_one_line_without_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    job = Job(
        "sweep",
        5,
        failing(
            StoreUnavailableError(
                Label.given({"ja": "切れた", "en": "the connection was lost"}), passing=True
            )
        ),
    )
    daemon_of(job).tick(job)
    said = capsys.readouterr()
    assert "the connection was lost" in said.out + said.err
    assert "Traceback" not in said.out + said.err


def test_while_the_time_is_doubted_only_jobs_that_need_no_clock_run() -> None:
    ran: list[str] = []
    sweep, backup = (
        Job("sweep", 5, noting(ran, "sweep")),
        Job("backup", 5, noting(ran, "backup"), needs_clock=False),
    )
    watch, doubts = Calm(), list[Label]()
    daemon = daemon_of(sweep, backup, watch=watch, doubts=doubts)
    watch.doubt = Label.given({"ja": "時計", "en": "the clock jumped"})
    daemon.tick(sweep)
    daemon.tick(backup)
    daemon.tick(sweep)
    assert ran == ["backup"], (
        "the tick itself looks at the clocks: one that jumped a moment ago must not send anything"
    )
    assert doubts == [watch.doubt]
    watch.doubt = None
    daemon.tick(sweep)
    assert ran == ["backup", "sweep"]


def test_a_job_that_is_woken_is_due_at_once_unless_it_is_under_way_or_the_daemon_stops() -> None:
    woken: list[tuple[str, ...]] = []

    class Beats:
        def now(self, *names: str) -> None:
            woken.append(names)

    def step(stop: Callable[[], bool]) -> bool:
        daemon.wake("deliver")
        daemon.wake("sweep")
        return False

    sweep = Job("sweep", 5, step)
    daemon = daemon_of(sweep)
    daemon.wake("deliver")
    daemon._ticker = Beats()  # type: ignore[assignment]
    daemon.tick(sweep)
    daemon.wake("sweep")
    daemon.stopping.set()
    daemon.wake("deliver")
    assert woken == [("deliver",), ("sweep",)]
