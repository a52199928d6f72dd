"""The clock watch on clocks that a test can set, and facts kept in memory."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from scheduler.core.machine.clock_sense import LastSeen, Uptime
from scheduler.daemon.clock_watch import ClockWatch

NOON = datetime(2027, 1, 4, 12, tzinfo=UTC)


@dataclass
class World:
    """Two clocks, the kernel's word and what the database knows."""

    wall: datetime = NOON
    steady: float = 0.0
    kernel_is_sure: bool = False
    last: datetime | None = None
    said: str | None = None
    seen: LastSeen | None = None
    boot: str = "boot"

    def now(self) -> datetime:
        return self.wall

    def last_sweep_at(self) -> datetime | None:
        return self.last

    def last_seen(self) -> LastSeen | None:
        return self.seen

    def accepted(self) -> str | None:
        return self.said

    def accept(self, now: datetime) -> None:
        self.said = now.isoformat()
        self.last = min(self.last, now) if self.last else None

    def watch(self) -> ClockWatch:
        return ClockWatch(
            self,
            lambda: self.steady,
            self,
            lambda: self.kernel_is_sure,
            lambda steady: Uptime(self.boot, steady),
        )

    def pass_seconds(self, seconds: float, wall_too: float | None = None) -> None:
        self.steady += seconds
        self.wall += timedelta(seconds=seconds if wall_too is None else wall_too)


def test_time_that_passes_is_believed() -> None:
    world = World()
    watch = world.watch()
    world.pass_seconds(3600)
    assert watch.look() is None
    assert not watch.moved()


def test_a_jump_is_doubted_until_somebody_accepts_the_clock() -> None:
    world = World()
    watch = world.watch()
    world.pass_seconds(1, wall_too=3600)
    assert watch.look() is not None
    assert watch.moved()
    world.pass_seconds(1)
    assert watch.look() is not None
    world.accept(world.wall)
    assert watch.look() is None
    world.pass_seconds(1)
    assert watch.look() is None


def test_a_jump_that_the_kernel_vouches_for_stops_nothing() -> None:
    world = World(kernel_is_sure=True)
    watch = world.watch()
    world.pass_seconds(1, wall_too=3600)
    assert watch.look() is None


def test_a_database_from_the_future_is_doubted_from_the_start() -> None:
    world = World(last=NOON + timedelta(days=1))
    watch = world.watch()
    assert watch.look() is not None
    world.accept(world.wall)
    assert watch.look() is None


def test_a_clock_set_by_seconds_is_noticed_though_believed() -> None:
    world = World()
    watch = world.watch()
    world.pass_seconds(1, wall_too=-60)
    assert watch.look() is None
    assert watch.moved()


def test_another_machines_sweep_in_the_future_is_noticed_within_a_minute() -> None:
    world = World()
    watch = world.watch()
    world.last = NOON + timedelta(hours=1)
    world.pass_seconds(61)
    assert watch.look() is not None


STARTS = {
    "a night's stop of the same machine, borne out by its steady clock": (
        "boot",
        40_000,
        timedelta(seconds=40_000),
        True,
    ),
    "months of a stop, borne out": ("boot", 8_000_000, timedelta(seconds=8_000_000), True),
    "thirty days on a clock that says an hour": ("boot", 3600, timedelta(days=30), False),
    "an hour more than the steady clock says": ("boot", 3600, timedelta(hours=2), False),
    "a weekend switched off": ("another", 60, timedelta(days=2, hours=15), True),
    "three days and ten minutes switched off": ("another", 60, timedelta(days=3, minutes=10), True),
    "more than three days and ten minutes switched off": (
        "another",
        60,
        timedelta(days=3, minutes=11),
        False,
    ),
    "a sandbox that hides which start it is, a day later": ("", 90_000, timedelta(days=1), True),
    "a sandbox that hides which start it is, a month later": (
        "",
        90_000,
        timedelta(days=30),
        False,
    ),
}


@pytest.mark.parametrize(("boot", "steady", "later", "believed"), STARTS.values(), ids=list(STARTS))
def test_a_start_far_ahead_of_the_last_sweep_is_doubted(
    boot: str, steady: float, later: timedelta, believed: bool
) -> None:
    world = World(
        NOON + later,
        steady,
        boot=boot,
        last=NOON,
        seen=LastSeen(NOON, Uptime("boot" if boot else "", 0)),
    )
    doubt = world.watch().look()
    assert (doubt is None) == believed
    assert doubt is None or "clock accept" in doubt.en


def test_a_start_far_ahead_is_believed_once_the_kernel_or_a_person_says_so() -> None:
    def start() -> World:
        return World(
            NOON + timedelta(days=30),
            60,
            boot="another",
            last=NOON,
            seen=LastSeen(NOON, Uptime("boot", 0)),
        )

    world = start()
    world.kernel_is_sure = True
    assert world.watch().look() is None
    world = start()
    watch = world.watch()
    assert watch.look() is not None
    world.pass_seconds(5)
    assert watch.look() is not None
    world.accept(world.wall)
    assert watch.look() is None
    world.pass_seconds(5)
    assert watch.look() is None


def test_a_clock_that_comes_back_is_believed_by_itself() -> None:
    world = World(
        NOON + timedelta(days=30), 3600, last=NOON, seen=LastSeen(NOON, Uptime("boot", 0))
    )
    watch = world.watch()
    assert watch.look() is not None
    world.wall = NOON + timedelta(hours=1)
    assert watch.look() is None
