"""Sweeping 1,000 due deals among 1,000,000, against 1,000 due among 10,000: the cost should be that
of the due ones.

    python -m benchmarks.sweeping [--postgres] [--json]

Goal: at most 1.5 times as long. All deals are past three non-moving milestones (`_filling` tells
what each has behind it); the due ones reach the milestone three months before the end: a passage,
an event, a nudge and a new alarm each, in two transactions that wait for the disk. Every run has
1,000 due deals of its own, and housekeeping, which is not measured, comes between two runs as it
does between two mornings. On a SQLite file, or on a PostgreSQL with its default settings.
"""

import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from time import perf_counter

from benchmarks._filling import DUE, Book, fill, instant_of, shipped_policy
from benchmarks._postgres import postgres
from benchmarks._timing import Work, at_most, compare, pinned
from scheduler.services.deals.sweep import sweep_all
from scheduler.storage.database.engine import open_engine
from scheduler.storage.database.housekeeping import Housekeeping
from scheduler.storage.database.transactions import transactions
from scheduler.storage.deals.sweeping import SweepQueries

FEW, MANY, REPEATS = 10_000, 1_000_000, 7


def sweeping(url: str, deals: int) -> Work:
    """What sweeps the next round of a database of so many deals."""
    engine, policy, rounds = open_engine(url), shipped_policy(), count()
    fill(engine, Book(deals, REPEATS + 1))

    def sweep() -> float:
        now = instant_of(next(rounds))
        began = perf_counter()
        swept = sweep_all(transactions(engine, SweepQueries), policy, now)
        seconds = perf_counter() - began
        Housekeeping(engine).tidy(now)
        assert (swept.deals, swept.moves, swept.nudges) == (DUE, DUE, DUE), swept
        return seconds

    return sweep


@contextmanager
def sqlite() -> Iterator[Callable[[str], str]]:
    """Gives a function that names a new SQLite file."""
    with tempfile.TemporaryDirectory() as folder:
        yield lambda name: f"sqlite:///{Path(folder) / name}.db"


def main() -> None:
    """Prints one line."""
    on, engine = (postgres, "PostgreSQL") if "--postgres" in sys.argv[1:] else (sqlite, "SQLite")
    with on() as database:
        many, few = sweeping(database("many"), MANY), sweeping(database("few"), FEW)
        with pinned(0):
            compare(f"{DUE:,} due among {MANY:,} on {engine}", many, few, at_most(1.5), REPEATS)


if __name__ == "__main__":
    main()
