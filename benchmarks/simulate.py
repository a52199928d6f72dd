"""Simulating 100,000 contracts over 365 days, and the same year through the stored sweep and
delivery for some of them.

    python -m benchmarks.simulate [contracts]

Goal: at most 30 s and 300 MB. The contracts are those of `benchmarks.importing` (terms of a year
that end over two years, three in four renewing by themselves, 200 owners), first loaded and swept;
then nobody answers for a year, so that what is not renewed is chased every week. The baseline is
the program's own way through that year on a SQLite file with 1,000 such contracts, each sweep,
message and text in its transactions; the ratio is of seconds per contract. The simulator runs in a
process of its own, which may start others; its memory is its peak and, for each of those, that of
the largest. The seconds of the processor are those of all of them: with other programs on the
machine they say more than the clock.
"""

import os
import subprocess
import sys
import tempfile
from datetime import timedelta
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from time import perf_counter, process_time

from benchmarks._timing import megabytes, peak_mb
from benchmarks.importing import NOW, ours, write_file
from scheduler.app.policy_building import build_policy, holidays_of
from scheduler.app.process_pool import process_pool
from scheduler.app.shipped import shipped_config
from scheduler.core.config.reading import Config, read_config
from scheduler.core.words.lexicon import ChannelName
from scheduler.services.deals.sweep import sweep_all
from scheduler.services.policy.in_force import InForce
from scheduler.services.policy.simulate import SimulatedRow, Span, simulate
from scheduler.storage.database.engine import open_engine
from scheduler.storage.database.schema import upgrade
from scheduler.storage.database.transactions import transactions
from scheduler.storage.deals.sweeping import SweepQueries
from scheduler.storage.policy.planning import PlanRows
from tests.services.stored_life import live_stored

CONTRACTS, STORED, DAYS, GOAL_SECONDS, GOAL_MB = 100_000, 1_000, 365, 30.0, 300.0
SPAN = Span(NOW.date() + timedelta(days=1), NOW.date() + timedelta(days=DAYS), NOW)


def shipped() -> InForce:
    """The shipped policy, with all its reminders, as the database would hold it."""
    config = read_config(shipped_config(), "config.toml", holidays_of)
    assert isinstance(config, Config), config
    return InForce(1, config.hash, config.document, {}, ())


def loaded(folder: Path, contracts: int) -> str:
    """A database with so many contracts, first loaded and swept; its address."""
    url = f"sqlite:///{folder / f'{contracts}.db'}"
    engine, policy = open_engine(url), build_policy(shipped())
    upgrade(engine, NOW)
    write_file(folder / "contracts.csv", contracts)
    ours(engine, folder / "contracts.csv", policy)
    sweep_all(transactions(engine, SweepQueries), policy, NOW)
    engine.dispose()
    return url


def simulated(url: str) -> None:
    """Simulates; prints seconds, the peak of memory, and what came of it."""
    reading, rows, version = open_engine(url, reading=True), [0], shipped()
    policy, channels = build_policy(version), (ChannelName.PREVIEW,)

    def count(row: SimulatedRow) -> None:
        rows[0] += 1

    began, worked = perf_counter(), process_time()
    with (
        PlanRows(reading, reading).snapshot() as snapshot,
        process_pool(version, SPAN, channels, ()) as spread,
    ):
        found = simulate(snapshot, policy, SPAN, channels, count, spread)
    seconds, worked, others = (
        perf_counter() - began,
        process_time() - worked,
        getrusage(RUSAGE_CHILDREN),
    )
    print(
        seconds,
        worked + others.ru_utime + others.ru_stime,
        peak_mb() + megabytes(others.ru_maxrss) * (os.cpu_count() or 1),
        found.deals,
        rows[0],
    )


def main() -> None:
    """Prints two lines."""
    contracts = int(sys.argv[1]) if len(sys.argv) > 1 else CONTRACTS
    with tempfile.TemporaryDirectory() as folder:
        url = loaded(Path(folder), contracts)
        told = subprocess.run(
            [sys.executable, "-m", "benchmarks.simulate", "--of", url],
            capture_output=True,
            text=True,
            check=True,
        ).stdout.split()
        seconds, worked, peak = map(float, told[:3])
        deals, rows = map(int, told[3:])
        met = "met" if seconds <= GOAL_SECONDS and peak <= GOAL_MB else "missed"
        print(
            (
                f"simulate {deals:,} open deals of {contracts:,} contracts × {DAYS} days: "
                f"{seconds:.1f} s ({worked:.1f} s of the processor), {peak:.0f} MB, "
                f"{rows:,} passages and nudges"
            ),
            end="",
        )
        print(f" (goal {GOAL_SECONDS:.0f} s, {GOAL_MB:.0f} MB: {met})")
        engine, policy = open_engine(loaded(Path(folder), STORED)), build_policy(shipped())
        began = perf_counter()
        live_stored(engine, policy, NOW, NOW + timedelta(days=DAYS))
        stored = perf_counter() - began
    ratio = (seconds / contracts) / (stored / STORED)
    print(
        f"against the stored year of {STORED:,} contracts: {stored:.1f} s; per contract the "
        f"simulator takes {ratio:.3f} of that"
    )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--of"]:
        simulated(sys.argv[2])
    else:
        main()
