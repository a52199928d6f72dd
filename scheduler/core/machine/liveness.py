"""Whether a daemon does its work, judged from its jobs, its clock and its database. /livez, /readyz
and the outside watcher go by this.

Always holds: a result names jobs and kinds of trouble, never a customer, a person or an address;
not "alive" means that a restart would help, "ready" means that nudges go out.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from scheduler.core.words.labels import Label

LATE_SECONDS = 60.0
"""How long after its interval a job that shows no progress is late: one message may take 45
seconds."""
STUCK_SECONDS = 120.0
"""How long after its interval it is stuck, and systemd's watchdog hears nothing more."""
STILL_SECONDS = 60.0
"""How long the main thread, which looks once a second, may show no sign of life."""
FAILING = 2
"""From how many failures in a row a job is failing; one alone may be a moment's."""
SWEEP_SLACK = timedelta(minutes=5)
"""How much later than its interval the last completed sweep may be. It is written down once a
minute."""


class Trouble(StrEnum):
    """What can be wrong with a daemon."""

    HELD = "held_after_restore"
    PAUSED = "everything_paused"
    STARTING = "starting"
    WAITING = "waiting_for_database"
    STOPPED = "stopped"
    STUCK = "job_stuck"
    LATE = "job_late"
    FAILING = "job_failing"
    CLOCK = "clock_doubted"
    DATABASE = "database_unreachable"
    SWEEP = "sweep_late"


SAYS = {
    Trouble.HELD: Label(
        "the database was restored from a copy: nothing is sent until `renewals release --since`"
    ),
    Trouble.PAUSED: Label("everything is paused; to go on: `renewals resume everything`"),
    Trouble.STARTING: Label("the daemon is starting"),
    Trouble.WAITING: Label(
        "the database cannot be reached yet, and the daemon waits for it; its log says why"
    ),
    Trouble.STOPPED: Label("the daemon is not working: it is starting, stopping or not answering"),
    Trouble.STUCK: Label("a job is stuck"),
    Trouble.LATE: Label("a job has not finished in time"),
    Trouble.FAILING: Label("a job keeps failing"),
    Trouble.CLOCK: Label("this machine's clock looks wrong, so sweeping and sending stand still"),
    Trouble.DATABASE: Label("the database cannot be read"),
    Trouble.SWEEP: Label("the last completed sweep was too long ago"),
}


@dataclass(frozen=True, slots=True)
class DaemonTrouble:
    """One thing that is wrong; `job` is set if it concerns one job."""

    kind: Trouble
    job: str = ""

    @property
    def says(self) -> Label:
        """In words."""
        return SAYS[self.kind]


@dataclass(frozen=True, slots=True)
class JobVitals:
    """How one job is doing: its interval, the seconds since it last completed a tick or made
    progress in one, its failures in a row, and how many steps it has completed since the start."""

    name: str
    seconds: float
    idle_seconds: float
    failures: int = 0
    completed: int = 0


@dataclass(frozen=True, slots=True)
class Vitals:
    """How a daemon is doing. `idle_seconds`: since its main thread last checked everything; None
    before the first check and after the last."""

    idle_seconds: float | None
    jobs: Sequence[JobVitals] = ()
    doubted: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """What the database says: the time, when a sweep last had nothing left to do (None: never),
    whether the database is a copy that waits for a person, and whether somebody paused
    everything."""

    now: datetime
    last_sweep_at: datetime | None
    held: bool = False
    paused: bool = False


def dead(vitals: Vitals) -> list[DaemonTrouble]:
    """The troubles that a restart would help against."""
    return [*_stopped(vitals), *_idle(vitals, STUCK_SECONDS, Trouble.STUCK)]


def unready(vitals: Vitals, facts: Facts | None, sweep_seconds: float) -> list[DaemonTrouble]:
    """Why nudges do not go out as they should, first of all what a person decided or must decide;
    `facts` is None if the database could not be read."""
    found = [*_stopped(vitals), *_idle(vitals, LATE_SECONDS, Trouble.LATE)]
    found += [
        DaemonTrouble(Trouble.FAILING, job.name) for job in vitals.jobs if job.failures >= FAILING
    ]
    found += [DaemonTrouble(Trouble.CLOCK)] if vitals.doubted else []
    if facts is None:
        return [*found, DaemonTrouble(Trouble.DATABASE)]
    return [*decided(facts), *found, *late(facts, sweep_seconds)]


def decided(facts: Facts) -> list[DaemonTrouble]:
    """What waits for a person: a restored copy, or a pause of everything."""
    return [
        *([DaemonTrouble(Trouble.HELD)] if facts.held else []),
        *([DaemonTrouble(Trouble.PAUSED)] if facts.paused else []),
    ]


def late(facts: Facts, sweep_seconds: float) -> list[DaemonTrouble]:
    """Whether sweeps are late; a database that is held is not swept."""
    return (
        [DaemonTrouble(Trouble.SWEEP)]
        if sweep_is_late(facts, sweep_seconds) and not facts.held
        else []
    )


def sweep_is_late(facts: Facts, sweep_seconds: float) -> bool:
    """Whether the last completed sweep is longer ago than the interval explains."""
    return (
        facts.last_sweep_at is None
        or facts.now - facts.last_sweep_at > timedelta(seconds=sweep_seconds) + SWEEP_SLACK
    )


def _stopped(vitals: Vitals) -> list[DaemonTrouble]:
    """The trouble of a main thread that has stopped."""
    return (
        [DaemonTrouble(Trouble.STOPPED)]
        if vitals.idle_seconds is None or vitals.idle_seconds > STILL_SECONDS
        else []
    )


def _idle(vitals: Vitals, seconds: float, trouble: Trouble) -> Iterator[DaemonTrouble]:
    """The jobs that are overdue: no progress for this long after their interval."""
    yield from (
        DaemonTrouble(trouble, job.name)
        for job in vitals.jobs
        if job.idle_seconds >= job.seconds + seconds
    )
