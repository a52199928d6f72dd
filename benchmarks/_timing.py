"""Measures our work and a baseline in the same run, in turn, so that whatever else the machine does
falls on both.

    compare("start-up", ["renewals", "--help"], ["python", "-c", "import typer"], at_most(2.5),
    repeats=15)

Always holds: what is compared was measured alternately in this run; every line names its goal and
whether it was met.
"""

import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from resource import RUSAGE_SELF, getrusage
from statistics import median
from time import perf_counter, process_time

Work = Callable[[], float | None] | Sequence[str]
"""A command (its words), or a function; a function that returns seconds has timed itself, leaving
its own preparation out."""

_BYTES_PER_UNIT = 1 if sys.platform == "darwin" else 1024
"""What `ru_maxrss` counts in: bytes on macOS, KiB on Linux."""


@dataclass(frozen=True, slots=True)
class Goal:
    """What a ratio shall be: of times (ours ÷ baseline) at most a limit, or of speeds (baseline's
    time ÷ ours) at least one."""

    limit: float
    of_speeds: bool = False

    def ratio(self, ours: float, baseline: float) -> float:
        """The ratio of two durations, turned the way the goal is.

        >>> at_most(2.0).ratio(3.0, 2.0), at_least(0.5).ratio(4.0, 3.0)
        (1.5, 0.75)
        """
        return baseline / ours if self.of_speeds else ours / baseline

    def met(self, ratio: float) -> bool:
        """Whether the ratio is good enough."""
        return ratio >= self.limit if self.of_speeds else ratio <= self.limit

    def __str__(self) -> str:
        """`≤ 2.5`, or `speed ≥ 0.6`."""
        return f"speed ≥ {self.limit:g}" if self.of_speeds else f"≤ {self.limit:g}"


def at_most(limit: float) -> Goal:
    """Our time shall be at most so many times the baseline's."""
    return Goal(limit)


def at_least(limit: float) -> Goal:
    """Our speed shall be at least this share of the baseline's."""
    return Goal(limit, of_speeds=True)


@dataclass(frozen=True, slots=True)
class Spread:
    """Several durations of the same thing, in seconds, and the most memory seen, in MB (a
    function's is the whole process's so far)."""

    least: float
    median: float
    most: float
    peak_mb: float

    def __str__(self) -> str:
        """`0.120 s (0.118–0.131), 43 MB`."""
        return f"{self.median:.3f} s ({self.least:.3f}–{self.most:.3f}), {self.peak_mb:.0f} MB"


@dataclass(frozen=True, slots=True)
class Figure:
    """One line for the README: the medians' ratio against its goal."""

    name: str
    ours: Spread
    baseline: Spread
    ratio: float
    goal: Goal
    repeats: int

    @property
    def met(self) -> bool:
        """Whether the goal was reached."""
        return self.goal.met(self.ratio)

    def __str__(self) -> str:
        """The line."""
        verdict, by = "met" if self.met else "MISSED", _by_processor()
        return (
            f"{self.name}: {self.ratio:.2f} (goal {self.goal}, {verdict}) · ours {self.ours} · "
            f"baseline {self.baseline} · {self.repeats} runs each{' by the processor' * by}"
        )


def compare(name: str, ours: Work, baseline: Work, goal: Goal, repeats: int = 7) -> Figure:
    """Runs both in turn, first once unmeasured, and prints one line (with `--json` among the
    arguments, one JSON object)."""
    once(ours), once(baseline)
    pairs = [(once(ours), once(baseline)) for _ in range(repeats)]
    mine, theirs = _spread([pair[0] for pair in pairs]), _spread([pair[1] for pair in pairs])
    figure = Figure(name, mine, theirs, goal.ratio(mine.median, theirs.median), goal, repeats)
    print(
        json.dumps(asdict(figure) | {"met": figure.met}, ensure_ascii=False)
        if "--json" in sys.argv[1:]
        else figure,
        flush=True,
    )
    return figure


def clock() -> float:
    """The seconds of the clock; with `--processor` among the arguments those for which this process
    had the processor, which stay the same beside other work."""
    return process_time() if _by_processor() else perf_counter()


def _by_processor() -> bool:
    """Whether processor time is asked for."""
    return "--processor" in sys.argv[1:]


def once(work: Work, codes: Sequence[int] = (0,)) -> tuple[float, float]:
    """One run: its seconds, and the peak resident memory in MB. A command must end with one of
    `codes`.

    A command's memory is its own, but Linux counts the moment before `exec`: never less than that
    of the process that started it.
    """
    began = clock()
    if callable(work):
        itself = work()
        return clock() - began if itself is None else itself, peak_mb()
    actions = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
    child = os.posix_spawnp(work[0], list(work), os.environ, file_actions=actions)
    _, status, usage = os.wait4(child, 0)
    seconds = usage.ru_utime + usage.ru_stime if _by_processor() else clock() - began
    code = os.waitstatus_to_exitcode(status)
    if code not in codes:
        raise SystemExit(f"{' '.join(work)} ended with {code}")
    return seconds, megabytes(usage.ru_maxrss)


@contextmanager
def pinned(*cores: int) -> Iterator[None]:
    """Keeps this process, and what it starts, on these cores; does nothing where the system cannot
    (macOS)."""
    if sys.platform != "linux":
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def _spread(runs: Sequence[tuple[float, float]]) -> Spread:
    """The runs of one side in one value."""
    seconds = [run[0] for run in runs]
    return Spread(min(seconds), median(seconds), max(seconds), max(run[1] for run in runs))


def peak_mb() -> float:
    """The most memory this process has held so far, in MB."""
    return megabytes(getrusage(RUSAGE_SELF).ru_maxrss)


def megabytes(maxrss: int) -> float:
    """What `ru_maxrss` says, in MB."""
    return maxrss * _BYTES_PER_UNIT / 1_000_000
