"""Sweeping 10,000 due deals, against sqlite3 writing the same rows bare.

    python -m benchmarks.sweeping_rows [--json] [--processor]

Goal: at most 3 times as long. The due ones are among 40,000 deals (`_filling` tells what each has
behind it) and reach the milestone three months before the end: a passage, an event, a nudge and a
new alarm each. The baseline writes the very rows that a sweep has just written, value by value,
into a copy of the database as it was, in as many transactions, each waiting for the disk: it reads
nothing, decides nothing and makes no key, so the ratio tells what a decision costs, not how much of
it is waste.
"""

import shutil
import sqlite3
import tempfile
from itertools import count
from pathlib import Path
from typing import Any

from benchmarks._filling import Book, fill, instant_of, shipped_policy
from benchmarks._timing import Work, at_most, clock, compare, pinned
from scheduler.daemon.sweep_job import SWEEP_BATCH
from scheduler.services.deals.sweep import sweep_all
from scheduler.storage.database.engine import open_engine
from scheduler.storage.database.transactions import transactions
from scheduler.storage.deals.sweeping import SweepQueries
from scheduler.system.gc_tuning import collect_seldom

DUE, REPEATS, GOAL = 10_000, 3, 3.0
BOOK = Book(DUE * (REPEATS + 1), REPEATS + 1, DUE)
_NEW = ("passages", "events", "nudges")
_CHANGED = "SELECT version, wake_at, stage, stage_entered_at, id FROM deals WHERE version = 2"
_CHANGE = (
    "UPDATE deals SET version = ?, wake_at = ?, stage = ?, stage_entered_at = ? WHERE id = ? AND "
    "version = 1"
)
Rows = list[tuple[Any, ...]]


def sweeps(file: Path) -> Work:
    """What sweeps the next round of the book."""
    engine, policy, rounds = open_engine(f"sqlite:///{file}"), shipped_policy(), count()

    def sweep() -> float:
        now = instant_of(next(rounds))
        began = clock()
        swept = sweep_all(transactions(engine, SweepQueries), policy, now, SWEEP_BATCH)
        seconds = clock() - began
        assert (swept.deals, swept.moves, swept.nudges) == (DUE, DUE, DUE), swept
        return seconds

    return sweep


def writes(file: Path, swept: Path) -> Work:
    """What writes the rows of the round that was swept last."""
    connection, source = _opened(file), _opened(swept)
    last = {table: _last(source, table) for table in _NEW}
    done: set[int] = set()

    def write() -> float:
        new = {table: _after(source, table, last[table]) for table in _NEW}
        last.update({table: _last(source, table) for table in _NEW})
        changed = [row for row in source.execute(_CHANGED) if row[-1] not in done]
        done.update(row[-1] for row in changed)
        began = clock()
        for first in range(0, DUE, SWEEP_BATCH):
            connection.execute("BEGIN IMMEDIATE")
            for table, rows in new.items():
                some = rows[first : first + SWEEP_BATCH]
                marks = ", ".join("?" * len(some[0]))
                connection.executemany(f"INSERT INTO {table} VALUES ({marks})", some)
            connection.executemany(_CHANGE, changed[first : first + SWEEP_BATCH])
            connection.execute("COMMIT")
        return clock() - began

    return write


def _opened(file: Path) -> sqlite3.Connection:
    """A database whose every commit waits for the disk."""
    connection = sqlite3.connect(file, isolation_level=None)
    connection.execute("PRAGMA synchronous=FULL")
    return connection


def _last(connection: sqlite3.Connection, table: str) -> int:
    """The number of a table's last row."""
    number: int = connection.execute(f"SELECT coalesce(max(id), 0) FROM {table}").fetchone()[0]
    return number


def _after(connection: sqlite3.Connection, table: str, number: int) -> Rows:
    """The rows of a table that came after."""
    return connection.execute(
        f"SELECT * FROM {table} WHERE id > ? ORDER BY id", (number,)
    ).fetchall()


def main() -> None:
    """Prints one line. Garbage is looked for as seldom as in every command."""
    collect_seldom()
    with tempfile.TemporaryDirectory() as folder:
        ours, bare = Path(folder) / "ours.db", Path(folder) / "bare.db"
        engine = open_engine(f"sqlite:///{ours}")
        fill(engine, BOOK)
        engine.dispose()
        shutil.copy(ours, bare)
        with pinned(0):
            compare(
                f"{DUE:,} due deals swept", sweeps(ours), writes(bare, ours), at_most(GOAL), REPEATS
            )


if __name__ == "__main__":
    main()
