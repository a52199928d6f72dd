"""When a daemon is called dead, and when not ready: both sides of every threshold."""

from datetime import timedelta

import pytest

from scheduler.core.machine.liveness import (
    SAYS,
    DaemonTrouble,
    Facts,
    JobVitals,
    Trouble,
    Vitals,
    dead,
    unready,
)
from tests.cast import at

NOW = at("2027-01-05")
FRESH = Facts(NOW, NOW - timedelta(minutes=1))
SWEEP, MINUTE = 30.0, timedelta(minutes=1)


def vitals(*jobs: JobVitals, idle: float | None = 0.5, doubted: bool = False) -> Vitals:
    return Vitals(idle, jobs or (JobVitals("sweep", SWEEP, 1.0),), doubted)


def job(idle: float = 0.0, failures: int = 0) -> JobVitals:
    return JobVitals("deliver", 10.0, idle, failures)


JUDGED = [
    ("all is well", vitals(), FRESH, []),
    ("before the first look", vitals(idle=None), FRESH, [DaemonTrouble(Trouble.STOPPED)]),
    ("the main thread looked a minute ago", vitals(idle=60.0), FRESH, []),
    ("and longer ago", vitals(idle=60.1), FRESH, [DaemonTrouble(Trouble.STOPPED)]),
    ("a job within its time", vitals(job(69.9)), FRESH, []),
    (
        "a job that has not finished in its time",
        vitals(job(70.0)),
        FRESH,
        [DaemonTrouble(Trouble.LATE, "deliver")],
    ),
    ("one failure", vitals(job(failures=1)), FRESH, []),
    ("two in a row", vitals(job(failures=2)), FRESH, [DaemonTrouble(Trouble.FAILING, "deliver")]),
    ("the clock is doubted", vitals(doubted=True), FRESH, [DaemonTrouble(Trouble.CLOCK)]),
    ("no database", vitals(), None, [DaemonTrouble(Trouble.DATABASE)]),
    ("no sweep yet", vitals(), Facts(NOW, None), [DaemonTrouble(Trouble.SWEEP)]),
    ("a sweep its interval and five minutes ago", vitals(), Facts(NOW, NOW - 5.5 * MINUTE), []),
    ("and longer ago", vitals(), Facts(NOW, NOW - 5.6 * MINUTE), [DaemonTrouble(Trouble.SWEEP)]),
    (
        "everything at once",
        vitals(job(99, 3), doubted=True),
        None,
        [Trouble.LATE, Trouble.FAILING, Trouble.CLOCK, Trouble.DATABASE],
    ),
]


@pytest.mark.parametrize(("what", "seen", "facts", "expected"), JUDGED)
def test_what_makes_a_daemon_not_ready(
    what: str, seen: Vitals, facts: Facts | None, expected: list[DaemonTrouble | Trouble]
) -> None:
    found = unready(seen, facts, SWEEP)
    assert [
        a if isinstance(e, DaemonTrouble) else a.kind for a, e in zip(found, expected, strict=True)
    ] == expected, what


DEAD = [
    ("well", vitals(), []),
    (
        "failing, doubting and late is alive: a new start would not help",
        vitals(job(129.9, 9), doubted=True),
        [],
    ),
    ("a job is stuck", vitals(job(130.0)), [DaemonTrouble(Trouble.STUCK, "deliver")]),
    ("the main thread does", vitals(idle=61), [DaemonTrouble(Trouble.STOPPED)]),
]


@pytest.mark.parametrize(("what", "seen", "expected"), DEAD)
def test_what_a_new_start_would_help(
    what: str, seen: Vitals, expected: list[DaemonTrouble]
) -> None:
    assert dead(seen) == expected, what


def test_every_trouble_is_said_in_both_languages() -> None:
    assert set(SAYS) == set(Trouble)
    assert all(label.ja and label.en.isascii() for label in SAYS.values())
