"""Importing 1,000,000 signals of 20,000 contracts, against the least that could be called an
import: csv.reader and executemany into the same tables, unchecked.

    python -m benchmarks.signals [signals] [contracts]

Prints the seconds of both, of the import and of the scoring after it (every deal's health made of
its signals by five measures and swept into the database), with their ratios (goal: both together
≤ 3); how long an answer had to wait meanwhile at worst; which deals one new signal has decided anew
(its own alone); the same file again (nothing new), a file that corrects some values, how long it
takes to read what is known of all contracts, and how much the process grew while importing (it may
not). Every time is told by the clock and as processor time: the latter is what stays the same while
the machine has other work.
"""

import csv
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from time import perf_counter, process_time

from sqlalchemy import Engine, insert

from benchmarks.importing import address, policy, somebody_answers
from scheduler.core.health.policy import Band, Gauge, HealthPolicy, Measure, Reads
from scheduler.core.words.labels import Label
from scheduler.services.deals.sweep import sweep_all
from scheduler.services.signals.importing import SignalReport, import_signals
from scheduler.sources.signals import open_signals
from scheduler.storage.database.engine import open_engine
from scheduler.storage.database.rows import metadata
from scheduler.storage.database.schema import upgrade
from scheduler.storage.database.transactions import transactions
from scheduler.storage.deals.sweeping import SweepQueries
from scheduler.storage.imports.signals import SignalImports
from scheduler.storage.signals.reading import named_signals
from scheduler.system.gc_tuning import collect_seldom

NOW = datetime(2026, 11, 23, tzinfo=UTC)
POLICY = policy()
NAMES = ("logins", "seats_used", "tickets_open", "nps", "csat")
_FIRST = datetime(2026, 9, 14, tzinfo=UTC)
_DAYS = timedelta(days=1)
HEALTH = HealthPolicy(
    tuple(
        Measure(
            name,
            Label.verbatim(name),
            Gauge(name, reads, 30 * _DAYS, 90 * _DAYS, expires=60 * _DAYS),
            (Band(0.0, bad), Band(50.0, fair), Band(100.0)),
        )
        for name, reads, bad, fair in (
            ("logins", Reads.CHANGE, -0.3, -0.1),
            ("seats_used", Reads.MEAN, 20.0, 50.0),
            ("tickets_open", Reads.LATEST, 20.0, 50.0),
            ("nps", Reads.LATEST, 20.0, 50.0),
            ("csat", Reads.MEAN, 5.0, 12.0),
        )
    )
)
"""What the shipped `[health]` shows as an example, with a measure for each name."""
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
            day = _FIRST + timedelta(weeks=week)
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


def score(engine: Engine, now: datetime = NOW) -> int:
    """Decides every deal that is due; returns how many."""
    policy = replace(POLICY, health=HEALTH)
    return sweep_all(transactions(engine, SweepQueries), policy, now).deals


def one_more(engine: Engine, path: Path, contracts: int) -> None:
    """One new signal, and which deals are decided because of it."""
    later = NOW + timedelta(minutes=1)
    with path.open("w", encoding="utf-8") as stream:
        stream.write(f"contract,name,value,time,source\nC-7,logins,3,{later.date()},crm\n")
    score(engine, later)
    print(ours(engine, path, later).kept)
    before = versions(engine)
    decided = score(engine, later)
    woken = [number for number, version in versions(engine).items() if before[number] != version]
    print(f"one new signal has {decided} of {contracts:,} deals decided anew: {', '.join(woken)}")


def versions(engine: Engine) -> dict[str, int]:
    """How often each deal was written, by its contract."""
    query = "SELECT c.number, d.version FROM deals d JOIN contracts c ON c.id = d.contract_id"
    with engine.connect() as connection:
        return {row[0]: row[1] for row in connection.exec_driver_sql(query)}


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
    """All of it, in a process that looks for garbage as seldom as every command of the program."""
    collect_seldom()
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
        print(f"grew by {peak_mb() - before:.0f} MB")
        with measured("scored") as scored:
            print(f"{score(engine):,} deals decided")
        for what, mine in (
            ("imported", took),
            ("scored", scored),
            ("both (goal ≤ 3)", [a + b for a, b in zip(took, scored, strict=True)]),
        ):
            clock, processor = (one / least for one, least in zip(mine, base, strict=True))
            print(f"{clock:.2f} times the least, {processor:.2f} by the processor: {what}")
        one_more(engine, folder / "one.csv", contracts)
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
            known = named_signals(connection, some, NAMES)
        found += sum(len(s.values) for of_one in known.values() for s in of_one.values())
    return found


if __name__ == "__main__":
    main(*map(int, sys.argv[1:3]))
