"""Importing 100,000 contracts, against the least that could be called an import: csv.DictReader and
one executemany per table, unchecked.

    python -m benchmarks.importing [rows] [--new]

Prints the seconds of both and their ratio (goal ≤ 1.8), the import again (nothing changed), an
import in which every row changed (goal ≤ 2.5 times the first; neither with `--new`), and how much
the process grew while importing (goal ≤ 110 MB). Every time is told by the clock and as processor
time: the latter is what stays the same while the machine has other work.

Meanwhile another process does what an answer does: it writes one row, again and again, as the
program does it, and tells how long it waited at worst (goal ≤ 1 s).
"""

import csv
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from multiprocessing import get_context
from multiprocessing.connection import Connection as Pipe
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from time import perf_counter, process_time
from typing import Any

from sqlalchemy import Connection, Engine

from scheduler.core.policy.policy import Policy
from scheduler.core.words.keys import deal_key
from scheduler.services.imports.importing import import_contracts
from scheduler.sources.contracts import open_contracts
from scheduler.storage.database.engine import open_engine
from scheduler.storage.database.rows import metadata
from scheduler.storage.imports.parts import ImportRows

NOW = datetime(2026, 11, 23, tzinfo=UTC)
COLUMNS = (
    "contract",
    "customer",
    "product",
    "title",
    "starts_on",
    "ends_on",
    "notice",
    "auto_renew",
    "amount",
    "currency",
    "owner",
)
NOTICES = ("", "1 month", "2 months", "90 days")


def write_file(path: Path, rows: int, more: int = 0) -> None:
    """A believable file: 4 contracts a customer, 200 owners, dates over three years. `more`: what
    every amount is larger by."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(COLUMNS)
        for n in range(rows):
            starts_on = date(2025, 1, 1) + timedelta(days=n * 37 % 700)
            ends_on = starts_on + timedelta(days=364)
            notice = NOTICES[n % 4]
            writer.writerow(
                (
                    f"C-{n}",
                    f"顧客{n // 4}",
                    f"Plan {n % 3}",
                    f"Contract {n}",
                    starts_on,
                    ends_on,
                    notice,
                    "yes" if notice else "no",
                    100_000 + n + more,
                    "JPY",
                    f"Owner {n % 200}",
                )
            )


PEOPLE = "id key name role active"
CUSTOMERS = "id source source_id name"
CONTRACTS = (
    "id source source_id number customer_id product title starts_on ends_on term notice decide_by "
    "auto_renew evergreen amount currency owner_id "
    "estimated term_number system_made row_hash import_id"
)
DEALS = (
    "id key version contract_id pipeline stage stage_entered_at arrived_at baseline_at health "
    "health_because paperwork wake_at policy_version "
    "import_id"
)
PASSAGES = "deal_id to_stage at because actor_kind actor observed import_id"


def bare(engine: Engine, path: Path) -> None:
    """csv.DictReader and one executemany per table, at the driver's own level: no checks, no
    look-ups, texts written as they stand."""
    customers: dict[str, int] = {}
    people: dict[str, int] = {}
    contracts, deals, passages = [], [], []
    at, zeros = "2026-11-23 00:00:00.000000", "0" * 24
    with path.open(encoding="utf-8", newline="") as stream:
        for n, row in enumerate(csv.DictReader(stream), 1):
            number, ends_on = row["contract"], row["ends_on"]
            customer = customers.setdefault(row["customer"], len(customers) + 1)
            owner = people.setdefault(row["owner"], len(people) + 1)
            dates = (
                row["starts_on"],
                ends_on,
                "12 months",
                row["notice"],
                ends_on,
                row["auto_renew"] == "yes",
                False,
            )
            money = (int(row["amount"]), row["currency"], owner, False, 0, False, zeros, 1)
            contracts.append(
                (n, "bare", number, number, customer, row["product"], row["title"], *dates, *money)
            )
            deals.append(
                (
                    n,
                    deal_key("bare", number),
                    1,
                    n,
                    "existing",
                    "stable",
                    at,
                    at,
                    at,
                    "unknown",
                    "",
                    "none",
                    at,
                    0,
                    1,
                )
            )
            passages.append((n, "stable", at, "imported", "import", "file", True, 1))
    with engine.begin() as connection:
        _write(
            connection,
            "people",
            PEOPLE,
            [(i, name, name, "rep", True) for name, i in people.items()],
        )
        _write(
            connection,
            "customers",
            CUSTOMERS,
            [(i, "bare", name, name) for name, i in customers.items()],
        )
        _write(connection, "contracts", CONTRACTS, contracts)
        _write(connection, "deals", DEALS, deals)
        _write(connection, "passages", PASSAGES, passages)


def _write(connection: Connection, table: str, columns: str, rows: list[tuple[Any, ...]]) -> None:
    """One executemany."""
    names = columns.split()
    connection.exec_driver_sql(
        f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})", rows
    )


def ours(engine: Engine, path: Path, policy: Policy) -> None:
    """The product's own import."""
    import_contracts(ImportRows(engine), open_contracts(path, policy), policy, NOW)


@dataclass(frozen=True, slots=True)
class Took:
    """How long something took: seconds by the clock, and seconds of the processor."""

    wall: float
    cpu: float

    def __str__(self) -> str:
        return f"{self.wall:.2f} s ({self.cpu:.2f} s of the processor)"

    def over(self, other: "Took") -> str:
        """How often the other fits into it, by both."""
        return f"ratio {self.wall / other.wall:.2f} (processor {self.cpu / other.cpu:.2f})"


def timed(work: Callable[..., None], *arguments: Any) -> Took:
    """How long it took."""
    began, used = perf_counter(), process_time()
    work(*arguments)
    return Took(perf_counter() - began, process_time() - used)


def answering(file: Path, pipe: Pipe) -> None:
    """Writes one row every 50 ms, each in a transaction of its own, until told to end; tells the
    longest wait and how many there were."""
    engine = open_engine(address(file))
    waits = []
    pipe.send("ready")
    while not pipe.poll(0.05):
        began = perf_counter()
        with engine.begin() as connection:
            connection.exec_driver_sql("UPDATE answering SET times = times + 1")
        waits.append(perf_counter() - began)
    pipe.send((max(waits, default=0.0), len(waits)))


@contextmanager
def somebody_answers(file: Path) -> Iterator[list[str]]:
    """Somebody answers all the while; afterwards the list holds how it went."""
    with open_engine(address(file)).begin() as connection:
        connection.exec_driver_sql("CREATE TABLE IF NOT EXISTS answering AS SELECT 0 AS times")
    here, there = get_context("spawn").Pipe()
    process = get_context("spawn").Process(target=answering, args=(file, there))
    process.start()
    here.recv()
    said: list[str] = []
    yield said
    here.send("end")
    longest, count = here.recv()
    said.append(f"an answer waited {longest:.2f} s at most (goal ≤ 1; {count} answers)")
    process.join()


def address(file: Path) -> str:
    """The database, for whoever has patience."""
    return f"sqlite:///{file}?timeout=3600"


def fresh(folder: Path, name: str) -> Engine:
    """An empty database."""
    engine = open_engine(address(folder / name))
    metadata.create_all(engine)
    return engine


def policy() -> Policy:
    """Both pipelines, as the tests use them."""
    from tests.import_cast import POLICY  # noqa: PLC0415

    return POLICY


def main(rows: int, *, only_new: bool) -> None:
    """Runs both, ours first so that its memory is its own."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = folder / "contracts.csv"
        write_file(path, rows)
        engine = fresh(folder, "ours.db")
        ours(fresh(folder, "warm.db"), _head(path, folder), policy())
        before = getrusage(RUSAGE_SELF).ru_maxrss
        with somebody_answers(folder / "ours.db") as said:
            took = timed(ours, engine, path, policy())
        grown = (getrusage(RUSAGE_SELF).ru_maxrss - before) / 1024
        base = timed(bare, fresh(folder, "bare.db"), path)
        print(
            f"{rows:,} rows: import {took}, csv + executemany {base}, {took.over(base)} (goal "
            "≤ 1.8)"
        )
        print(f"memory grew by {grown:.0f} MB while importing (goal ≤ 110); {said[0]}")
        if not only_new:
            _again(folder, engine, path, rows, took)


def _again(folder: Path, engine: Engine, path: Path, rows: int, new: Took) -> None:
    """The same file once more, and one in which every row has changed."""
    with somebody_answers(folder / "ours.db") as said:
        took = timed(ours, engine, path, policy())
    print(f"the same file again: {took}; {said[0]}")
    write_file(changed := folder / "changed.csv", rows, 1)
    with somebody_answers(folder / "ours.db") as said:
        took = timed(ours, engine, changed, policy())
    print(f"every row changed: {took}, {took.over(new)} (goal ≤ 2.5); {said[0]}")


def _head(path: Path, folder: Path) -> Path:
    """The first rows, to load what is loaded on first use."""
    head = folder / "head.csv"
    with path.open(encoding="utf-8") as stream:
        head.write_text(
            "".join(line for line, _ in zip(stream, range(5000), strict=False)), encoding="utf-8"
        )
    return head


if __name__ == "__main__":
    given = [word for word in sys.argv[1:] if word != "--new"]
    main(int(given[0]) if given else 100_000, only_new="--new" in sys.argv)
