"""Many weeks in which HubSpot and the deals here change at random, one after the other.

    python -m tests.sync_weeks --seeds 200 [--first 1] [--days 7] [--kills]

A week that does not end in step is told with its seed and everything that does not hold; then the
exit code is 1. The same seed lives the same week again. With `--kills` rounds are
processes of their own, which are killed at random moments.
"""

import argparse
import shutil
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter

from scheduler.storage.database.engine import open_engine
from scheduler.storage.database.schema import upgrade
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
    asked = parser.parse_args()
    kind = KilledWeek if asked.kills else Week
    with tempfile.TemporaryDirectory() as folder:
        empty = Path(folder) / "empty.db"
        _empty(empty)
        seeds = range(asked.first, asked.first + asked.seeds)
        failed = [seed for seed in seeds if not _one(empty, seed, asked.days, kind)]
    print(f"{asked.seeds} weeks; not in step: {failed or 'none'}")
    return 1 if failed else 0


def _empty(file: Path) -> None:
    """A database with our tables and nothing in them."""
    engine = open_engine(f"sqlite:///{file}")
    upgrade(engine, datetime(2026, 4, 1, tzinfo=UTC))
    engine.dispose()


def _one(empty: Path, seed: int, days: float, kind: type[Week]) -> bool:
    """One week; whether all holds after it."""
    file, began = empty.with_name(f"{seed}.db"), perf_counter()
    shutil.copy2(empty, file)
    engine = open_engine(f"sqlite:///{file}")
    try:
        with lived(engine, seed, days, kind=kind) as week:
            check(week)
            _tell(week, perf_counter() - began)
    except Exception as error:
        print(f"seed {seed} FAILED: {type(error).__name__}: {error}", flush=True)
        return False
    finally:
        engine.dispose()
        file.unlink()
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
