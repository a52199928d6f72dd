"""Importing 100,000 contracts, against the least that could be called an import: csv.DictReader and one executemany per table, unchecked.

    python -m benchmarks.importing [rows]

Prints the seconds of both, their ratio (goal ≤ 1.8), the import again (nothing changed), an import in which every row changed (goal ≤ 2.5 times the
first), and how much the process grew while importing (goal ≤ 110 MB).
"""

import csv
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from time import perf_counter
from typing import Any

from sqlalchemy import Connection, Engine

from scheduler.core.keys import deal_key
from scheduler.core.policy import Policy
from scheduler.services.importing import import_contracts
from scheduler.sources.contracts import open_contracts
from scheduler.storage.engine import open_engine
from scheduler.storage.importing import ImportRows
from scheduler.storage.rows import metadata

NOW = datetime(2026, 11, 23, tzinfo=UTC)
COLUMNS = ("contract", "customer", "product", "title", "starts_on", "ends_on", "notice", "auto_renew", "amount", "currency", "owner")
NOTICES = ("", "1 month", "2 months", "90 days")


def write_file(path: Path, rows: int, more: int = 0) -> None:
    """A believable file: 4 contracts a customer, 200 owners, dates over three years. `more`: what every amount is larger by."""
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
    "id source source_id number customer_id product title starts_on ends_on term notice decide_by auto_renew evergreen amount currency owner_id "
    "estimated term_number system_made row_hash import_id"
)
DEALS = (
    "id key version contract_id pipeline stage stage_entered_at arrived_at baseline_at health health_because paperwork wake_at policy_version "
    "import_id"
)
PASSAGES = "deal_id to_stage at because actor_kind actor observed import_id"


def bare(engine: Engine, path: Path) -> None:
    """csv.DictReader and one executemany per table, at the driver's own level: no checks, no look-ups, texts written as they stand."""
    customers: dict[str, int] = {}
    people: dict[str, int] = {}
    contracts, deals, passages = [], [], []
    at, zeros = "2026-11-23 00:00:00.000000", "0" * 24
    with path.open(encoding="utf-8", newline="") as stream:
        for n, row in enumerate(csv.DictReader(stream), 1):
            number, ends_on = row["contract"], row["ends_on"]
            customer = customers.setdefault(row["customer"], len(customers) + 1)
            owner = people.setdefault(row["owner"], len(people) + 1)
            dates = (row["starts_on"], ends_on, "12 months", row["notice"], ends_on, row["auto_renew"] == "yes", False)
            money = (int(row["amount"]), row["currency"], owner, False, 0, False, zeros, 1)
            contracts.append((n, "bare", number, number, customer, row["product"], row["title"], *dates, *money))
            deals.append((n, deal_key("bare", number), 1, n, "existing", "stable", at, at, at, "unknown", "", "none", at, 0, 1))
            passages.append((n, "stable", at, "imported", "import", "file", True, 1))
    with engine.begin() as connection:
        _write(connection, "people", PEOPLE, [(i, name, name, "rep", True) for name, i in people.items()])
        _write(connection, "customers", CUSTOMERS, [(i, "bare", name, name) for name, i in customers.items()])
        _write(connection, "contracts", CONTRACTS, contracts)
        _write(connection, "deals", DEALS, deals)
        _write(connection, "passages", PASSAGES, passages)


def _write(connection: Connection, table: str, columns: str, rows: list[tuple[Any, ...]]) -> None:
    """One executemany."""
    names = columns.split()
    connection.exec_driver_sql(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})", rows)


def ours(engine: Engine, path: Path, policy: Policy) -> None:
    """The product's own import."""
    import_contracts(ImportRows(engine), open_contracts(path, policy), policy, NOW)


def seconds(work: Callable[..., None], *arguments: Any) -> float:
    """How long it took."""
    began = perf_counter()
    work(*arguments)
    return perf_counter() - began


def fresh(folder: Path, name: str) -> Engine:
    """An empty database."""
    engine = open_engine(f"sqlite:///{folder / name}")
    metadata.create_all(engine)
    return engine


def policy() -> Policy:
    """Both pipelines, as the tests use them."""
    from tests.import_cast import POLICY  # noqa: PLC0415

    return POLICY


def main(rows: int) -> None:
    """Runs both, ours first so that its memory is its own."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = folder / "contracts.csv"
        write_file(path, rows)
        engine = fresh(folder, "ours.db")
        ours(fresh(folder, "warm.db"), _head(path, folder), policy())
        before = getrusage(RUSAGE_SELF).ru_maxrss
        took = seconds(ours, engine, path, policy())
        grown = (getrusage(RUSAGE_SELF).ru_maxrss - before) / 1024
        again = seconds(ours, engine, path, policy())
        write_file(changed := folder / "changed.csv", rows, 1)
        altered = seconds(ours, engine, changed, policy())
        base = seconds(bare, fresh(folder, "bare.db"), path)
        print(f"{rows:,} rows: import {took:.2f} s, csv + executemany {base:.2f} s, ratio {took / base:.2f} (goal ≤ 1.8)")
        print(f"the same file again: {again:.2f} s; every row changed: {altered:.2f} s, ratio {altered / took:.2f} (goal ≤ 2.5)")
        print(f"memory grew by {grown:.0f} MB while importing (goal ≤ 110)")


def _head(path: Path, folder: Path) -> Path:
    """The first rows, to load what is loaded on first use."""
    head = folder / "head.csv"
    with path.open(encoding="utf-8") as stream:
        head.write_text("".join(line for line, _ in zip(stream, range(5000), strict=False)), encoding="utf-8")
    return head


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
