"""The clock watch on clocks that a test can set, and facts kept in memory."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from scheduler.clock_watch import ClockWatch

NOON = datetime(2027, 1, 4, 12, tzinfo=UTC)


@dataclass
class World:
    """Two clocks, the kernel's word and what the database knows."""

    wall: datetime = NOON
    steady: float = 0.0
    kernel_is_sure: bool = False
    last: datetime | None = None
    said: str | None = None

    def now(self) -> datetime:
        return self.wall

    def last_sweep_at(self) -> datetime | None:
        return self.last

    def accepted(self) -> str | None:
        return self.said

    def accept(self, now: datetime) -> None:
        self.said = now.isoformat()
        self.last = min(self.last, now) if self.last else None

    def watch(self) -> ClockWatch:
        return ClockWatch(self, lambda: self.steady, self, lambda: self.kernel_is_sure)

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
