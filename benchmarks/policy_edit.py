"""An edited policy: 100,000 deals decided anew, against updating as many rows bare.

    python -m benchmarks.policy_edit [deals] [--json] [--processor]

The edit moves the milestone three months before the end to four months before it, and the next one
back again. Little is to be said at once, but every deal is read with its contract, events, nudges
and people (`_filling` tells what each has behind it), decided, and written with its new alarm. The
baseline is sqlite3 writing the same columns of the same rows, in transactions of the same size,
each waiting for the disk: it reads and decides nothing, so the ratio tells what a decision costs,
not how much of it is waste. The goal is our own.
"""

import shutil
import sqlite3
import sys
import tempfile
from itertools import count
from pathlib import Path

from benchmarks._filling import Book, fill, instant_of, shipped_policy
from benchmarks._timing import Work, at_most, compare, pinned
from scheduler.daemon.sweep_job import SWEEP_BATCH
from scheduler.services.deals.sweep import sweep_all
from scheduler.storage.database.engine import open_engine
from scheduler.storage.database.transactions import transactions
from scheduler.storage.deals.sweeping import SweepQueries
from scheduler.system.gc_tuning import collect_seldom

EARLIER = ('offset = "-3 months"', 'offset = "-4 months"')
GOAL, REPEATS = 8, 3
_UPDATE = (
    "UPDATE deals SET version = version + 1, wake_at = ?, policy_version = ? WHERE id = ? AND "
    "version = ?"
)


def edits(file: Path) -> Work:
    """What edits the policy of a database and decides all its deals anew."""
    engine, now, versions = open_engine(f"sqlite:///{file}"), instant_of(0), count(2)

    def edit() -> None:
        version = next(versions)
        policy = shipped_policy(version, *([EARLIER] if version % 2 == 0 else []))
        sweep_all(transactions(engine, SweepQueries), policy, now, SWEEP_BATCH)

    return edit


def updates(file: Path) -> Work:
    """What writes a new alarm and version into every deal, and nothing else."""
    connection = sqlite3.connect(file, isolation_level=None)
    connection.execute("PRAGMA synchronous=FULL")
    versions = count(2)

    def update() -> None:
        version = next(versions)
        rows = connection.execute("SELECT id, version FROM deals").fetchall()
        for first in range(0, len(rows), SWEEP_BATCH):
            connection.execute("BEGIN IMMEDIATE")
            some = rows[first : first + SWEEP_BATCH]
            connection.executemany(
                _UPDATE,
                [
                    (f"2027-01-{version:02} 15:00:00.000000", version, number, of)
                    for number, of in some
                ],
            )
            connection.execute("COMMIT")

    return update


def main(deals: int) -> None:
    """Prints one line. Garbage is looked for as seldom as in every command."""
    collect_seldom()
    with tempfile.TemporaryDirectory() as folder:
        ours, bare = Path(folder) / "ours.db", Path(folder) / "bare.db"
        engine = open_engine(f"sqlite:///{ours}")
        fill(engine, Book(deals))
        engine.dispose()
        shutil.copy(ours, bare)
        with pinned(0):
            compare(
                f"{deals:,} deals decided anew", edits(ours), updates(bare), at_most(GOAL), REPEATS
            )


if __name__ == "__main__":
    numbers = [int(word) for word in sys.argv[1:] if word.isdecimal()]
    main(numbers[0] if numbers else 100_000)
