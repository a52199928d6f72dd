"""Importing 1,000,000 signals of 20,000 contracts, against the least that could be called an
import: csv.reader and executemany into the same tables, unchecked.

    python -m benchmarks.signals [signals] [contracts]

Prints the seconds of both and their ratio (goal ≤ 3), how long an answer had to wait meanwhile at
worst, the same file again (nothing new), a file that corrects
some values, how long it takes to read what is known of all contracts, and how much the process grew
while importing (it may not). Every time is told by the clock and as processor time: the latter is
what stays the same while the machine has other work.
"""

import csv
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from time import perf_counter, process_time

from sqlalchemy import Engine, insert

from benchmarks.importing import address, policy, somebody_answers
from scheduler.services.signals.importing import SignalReport, import_signals
from scheduler.sources.signals import open_signals
from scheduler.storage.database.engine import open_engine
from scheduler.storage.database.rows import metadata
from scheduler.storage.database.schema import upgrade
from scheduler.storage.imports.signals import SignalImports
from scheduler.storage.signals.reading import named_signals

NOW = datetime(2026, 11, 23, tzinfo=UTC)
POLICY = policy()
NAMES = ("logins", "seats_used", "tickets_open", "nps", "csat")
BATCH = 5000
_INSERT = (
    "INSERT INTO signals (subject_id, name, at, source, value, received_at, import_id) "
    "VALUES (?, ?, ?, 'crm', ?, ?, 1)"
)
_SUBJECT = "INSERT INTO signal_subjects (id, kind, key, written) VALUES (?, 'contract', ?, ?)"
_READ = 500


def write_file(path: Path, signals: int, contracts: int, corrected: int = 0) -> None:
    """Five measures a week of every contract, in the order of weeks, as a weekly export brings
    them; every `corrected`-th value is another."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(("contract", "name", "value", "time", "source"))
        for n in range(signals):
            week, rest = divmod(n, contracts * len(NAMES))
            number, measure = divmod(rest, len(NAMES))
            day = datetime(2026, 1, 5, tzinfo=UTC) + timedelta(weeks=week)
            value = (n * 37 % 101) + (1 if corrected and n % corrected == 0 and measure == 0 else 0)
            told = value / 4 if measure == 4 else value
            writer.writerow((f"C-{number}", NAMES[measure], told, day.date(), "crm"))


def fill(engine: Engine, contracts: int) -> None:
    """The contracts, with open deals that sleep."""
    upgrade(engine, NOW)
    tables = metadata.tables
    customer = {"id": 1, "source": "b", "source_id": "b", "name": "B"}
    numbers = range(contracts)
    with engine.begin() as connection:
        connection.execute(insert(tables["customers"]), customer)
        connection.execute(insert(tables["contracts"]), [contract(n) for n in numbers])
        connection.execute(insert(tables["deals"]), [deal(n) for n in numbers])


def contract(number: int) -> dict[str, object]:
    """One contract's row."""
    flags = dict.fromkeys(("auto_renew", "evergreen", "estimated", "system_made"), False)
    return flags | {
        "id": number + 1,
        "source": "b",
        "source_id": f"c-{number}",
        "number": f"C-{number}",
        "customer_id": 1,
        "product": "",
        "title": "",
        "currency": "JPY",
        "term_number": 0,
    }


def deal(number: int) -> dict[str, object]:
    """Its deal's row."""
    return {
        "id": number + 1,
        "key": f"k{number}",
        "version": 1,
        "contract_id": number + 1,
        "pipeline": "existing",
        "stage": "stable",
        "health": "unknown",
        "health_because": "",
        "paperwork": "none",
        "policy_version": 0,
        "stage_entered_at": NOW,
        "arrived_at": NOW,
        "wake_at": NOW + timedelta(days=90),
    }


def bare(engine: Engine, path: Path) -> None:
    """csv.reader and executemany, at the driver's own level: no checks, no look-ups but of the
    subject's number, texts written as they stand."""
    subjects: dict[str, int] = {}
    received = "2026-11-23 00:00:00.000000"
    with engine.begin() as connection, path.open(encoding="utf-8", newline="") as stream:
        connection.exec_driver_sql(
            "INSERT INTO imports (id, source, kind, file, sha256, state, first_load, counts, "
            f"started_at, actor) VALUES (1, '', '', '', '', '', false, '{{}}', '{received}', '')"
        )
        reader = csv.reader(stream)
        next(reader)
        while some := list(islice(reader, BATCH)):
            new = dict.fromkeys(row[0] for row in some if row[0] not in subjects)
            subjects |= {key: len(subjects) + n for n, key in enumerate(new, 1)}
            if new:
                connection.exec_driver_sql(
                    _SUBJECT,
                    [(subjects[key], key.lower(), key) for key in new],
                )
            connection.exec_driver_sql(
                _INSERT,
                [
                    (subjects[c], name, f"{at} 00:00:00.000000", float(value), received)
                    for c, name, value, at, _ in some
                ],
            )


def ours(engine: Engine, path: Path, now: datetime) -> SignalReport:
    """An import as the program does it."""
    return import_signals(SignalImports(engine), open_signals(path, POLICY, now), now)


@contextmanager
def measured(what: str) -> Iterator[list[float]]:
    """Prints how long a block took; yields where its seconds are put."""
    clock, cpu, seconds = perf_counter(), process_time(), list[float]()
    yield seconds
    seconds += [perf_counter() - clock, process_time() - cpu]
    print(f"{what:<42} {seconds[0]:7.2f} s {seconds[1]:7.2f} s of the processor", flush=True)


def peak_mb() -> float:
    """The largest this process has been."""
    return getrusage(RUSAGE_SELF).ru_maxrss / 1024


def main(signals: int = 1_000_000, contracts: int = 20_000) -> None:
    """All of it."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        first, corrected = folder / "signals.csv", folder / "corrected.csv"
        write_file(first, signals, contracts)
        write_file(corrected, signals, contracts, 20)
        engine, least = (open_engine(address(folder / f"{n}.db")) for n in ("ours", "bare"))
        fill(engine, contracts)
        fill(least, contracts)
        with measured("csv.reader + executemany") as base:
            bare(least, first)
        least.dispose()
        before = peak_mb()
        with somebody_answers(folder / "ours.db") as said, measured("imported") as took:
            print(ours(engine, first, NOW).kept)
        print(*said)
        by_clock, by_processor = (mine / theirs for mine, theirs in zip(took, base, strict=True))
        print(f"{by_clock:.2f} times the least, {by_processor:.2f} by the processor (goal ≤ 3)")
        print(f"grew by {peak_mb() - before:.0f} MB")
        later(engine, first, corrected, contracts)
        print(f"grew by {peak_mb() - before:.0f} MB in all")


def later(engine: Engine, first: Path, corrected: Path, contracts: int) -> None:
    """What happens when signals are there."""
    with measured("the same file again"):
        print(ours(engine, first, NOW + timedelta(days=1)).kept)
    with measured("a file that corrects some values"):
        print(ours(engine, corrected, NOW + timedelta(days=2)).kept)
    with measured("what is known of all contracts, read"):
        print(f"{read_all(engine, contracts):,} signals")


def read_all(engine: Engine, contracts: int) -> int:
    """What is believed of all contracts, some hundred at a time, as an assessment reads it."""
    found = 0
    for at in range(0, contracts, _READ):
        some: Sequence[int] = range(at + 1, at + 1 + _READ)
        with engine.connect() as connection:
            found += sum(map(len, named_signals(connection, some, NAMES).values()))
    return found


if __name__ == "__main__":
    main(*map(int, sys.argv[1:3]))
