"""Many weeks in which HubSpot and the deals here change at random, one after the other.

    python -m tests.sync_weeks --seeds 200 [--first 1] [--days 7] [--kills] [--create-renewals]
                               [--database URL]

A week that does not end in step is told with its seed and everything that does not hold; then the
exit code is 1. The same seed lives the same week again. With `--kills` rounds are
processes of their own, which are killed at random moments. With `--create-renewals` the deals of
next terms are made in HubSpot. `--database` names a PostgreSQL database of no other use: whatever
is in it is deleted before each week; without it each week has a file of SQLite.
"""

import argparse
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter

import psycopg
from sqlalchemy import Engine

from scheduler.storage.database.engine import open_engine
from scheduler.storage.database.schema import upgrade
from tests.conftest import EMPTY
from tests.services.sync.weeks.accounts import check
from tests.services.sync.weeks.killing import KilledWeek
from tests.services.sync.weeks.living import Week, lived


def main() -> int:
    """Lives them; how many of them failed decides the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--seeds", type=int, default=20, help="how many weeks")
    parser.add_argument("--first", type=int, default=1, help="the first one's seed")
    parser.add_argument("--days", type=float, default=7.0, help="how long each is")
    parser.add_argument("--kills", action="store_true", help="rounds are killed")
    parser.add_argument("--create-renewals", action="store_true", help="next terms are made there")
    parser.add_argument("--database", metavar="URL", help="PostgreSQL; emptied before each week")
    asked = parser.parse_args()
    seeds = range(asked.first, asked.first + asked.seeds)
    with _databases(asked.database) as database:
        failed = [seed for seed in seeds if not _one(database, seed, asked)]
    print(f"{asked.seeds} weeks; not in step: {failed or 'none'}")
    return 1 if failed else 0


@contextmanager
def _databases(url: str | None) -> Iterator[Callable[[], Engine]]:
    """What opens a database with our tables and nothing in them, one after the other."""
    with tempfile.TemporaryDirectory() as folder:
        empty, used = Path(folder) / "empty.db", Path(folder) / "week.db"
        _tables(url or f"sqlite:///{empty}")

        def opened() -> Engine:
            if url is None:
                for file in Path(folder).glob("week.db*"):
                    file.unlink()
                shutil.copy2(empty, used)
                return open_engine(f"sqlite:///{used}")
            with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
                connection.execute(EMPTY.encode())
            return open_engine(url)

        yield opened


def _tables(url: str) -> None:
    """Makes our tables."""
    engine = open_engine(url)
    upgrade(engine, datetime(2026, 4, 1, tzinfo=UTC))
    engine.dispose()


def _one(opened: Callable[[], Engine], seed: int, asked: argparse.Namespace) -> bool:
    """One week; whether all holds after it."""
    engine, began = opened(), perf_counter()
    kind = KilledWeek if asked.kills else Week
    create = asked.create_renewals
    try:
        with lived(engine, seed, asked.days, kind=kind, create_renewals=create) as week:
            check(week)
            _tell(week, perf_counter() - began)
    except Exception as error:
        print(f"seed {seed} FAILED: {type(error).__name__}: {error}", flush=True)
        return False
    finally:
        engine.dispose()
    return True


def _tell(week: Week, seconds: float) -> None:
    """What was lived."""
    print(
        f"seed {week.seed}: {seconds:.1f} s, {week.rounds} rounds, {len(week.team.told)} acts there,"
        f" {len(week.said)} answers here, {len(week.server.faults.done)} faults,"
        f" {len(week.world.both.conflicts())} conflicts; {week.server.switches}",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())
