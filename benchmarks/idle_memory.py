"""How much memory the daemon holds when nothing is due, with 1,000,000 contracts in its SQLite
file.

    python -m benchmarks.idle_memory [contracts]

The daemon is started as a process, with Slack and e-mail configured (servers on this machine that
nothing is sent to), looks for due deals and messages once a second, and its resident memory is read
from /proc after thirty such rounds. Goal: at most 110 MB. The baseline is the same daemon on an
empty database: what the number of contracts costs should be nothing. The contracts belong to 2,000
reps who may be reached at four in the morning only, so that no digest of theirs is due either.
"""

import signal
import sqlite3
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import sleep
from typing import Any

from tests.e2e.process import Folder, wait_until

ROUNDS, GOAL_MB, BATCH, REPS = 30, 110.0, 10_000, 2_000
LATER, EARLIER = "2099-01-01 00:00:00.000000", "2026-04-01 00:00:00.000000"


def empty_folder(path: Path) -> Folder:
    """A working folder with both channels configured."""
    folder = Folder(
        path,
        {
            "SLACK_BOT_TOKEN": "xoxb-0",
            "SLACK_API_URL": "http://127.0.0.1:9/",
            "SMTP_URL": "smtp://127.0.0.1:9",
        },
    )
    folder.done("init")
    folder.edit("sweep_seconds = 30", "sweep_seconds = 1")
    folder.edit("deliver_seconds = 10", "deliver_seconds = 1")
    folder.done("run", "--once")
    return folder


def fill(file: Path, contracts: int) -> None:
    """Contracts whose alarms ring in 2099, straight into the tables."""
    database = sqlite3.connect(file)
    database.execute("PRAGMA synchronous=OFF")
    _insert(database, "people", (_rep(n) for n in range(1, REPS + 1)))
    for first in range(1, contracts + 1, BATCH):
        numbers = range(first, min(first + BATCH, contracts + 1))
        _insert(
            database,
            "customers",
            (
                {"id": n, "source": "seed", "source_id": f"k{n}", "name": f"Customer {n}"}
                for n in numbers
            ),
        )
        _insert(database, "contracts", (_contract(n) for n in numbers))
        _insert(database, "deals", (_deal(n) for n in numbers))
    database.commit()
    database.close()


def _rep(n: int) -> dict[str, Any]:
    """One rep's row."""
    address = f"rep{n}@example.com"
    return {
        "id": n,
        "key": address,
        "name": f"Rep {n}",
        "role": "rep",
        "email": address,
        "hours": "04:00-04:01",
        "active": 1,
    }


def _contract(n: int) -> dict[str, Any]:
    """One contract row."""
    dates = {"starts_on": "2098-04-01", "ends_on": "2099-03-31", "term": "12 months"}
    money = {"amount": 100_000 + n, "currency": "JPY"}
    flags = {
        "auto_renew": 0,
        "evergreen": 0,
        "estimated": 0,
        "term_number": 0,
        "system_made": 0,
        "product": "Pro",
        "title": "",
    }
    return {
        "id": n,
        "source": "seed",
        "source_id": f"C-{n}",
        "number": f"C-{n}",
        "customer_id": n,
        "owner_id": n % REPS + 1,
        **dates,
        **money,
        **flags,
    }


def _deal(n: int) -> dict[str, Any]:
    """One deal row, decided under version 1."""
    when = {"stage_entered_at": EARLIER, "arrived_at": EARLIER, "wake_at": LATER}
    words = {
        "pipeline": "existing",
        "stage": "stable",
        "health": "stable",
        "health_because": "",
        "paperwork": "none",
    }
    return {
        "id": n,
        "key": f"seed-{n}",
        "version": 1,
        "contract_id": n,
        "policy_version": 1,
        **when,
        **words,
    }


def _insert(database: sqlite3.Connection, table: str, rows: Iterator[dict[str, Any]]) -> None:
    """Many rows with the same columns."""
    listed = list(rows)
    columns = list(listed[0])
    database.executemany(
        f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})",
        [tuple(row[c] for c in columns) for row in listed],
    )


def resident_mb(folder: Folder) -> float:
    """The daemon's resident memory after some idle rounds."""
    with folder.started("run") as daemon:
        wait_until(lambda: '"ready"' in folder.log(), "the daemon to be ready")
        sleep(ROUNDS)
        status = Path(f"/proc/{daemon.pid}/status").read_text()
        daemon.send_signal(signal.SIGTERM)
        daemon.wait(60)
    return (
        float(next(line for line in status.splitlines() if line.startswith("VmRSS:")).split()[1])
        * 1024
        / 1_000_000
    )


def main(contracts: int) -> None:
    """Prints one line."""
    with tempfile.TemporaryDirectory() as name:
        folder = empty_folder(Path(name) / "work")
        empty = resident_mb(folder)
        fill(folder.path / "data" / "renewals.db", contracts)
        full = resident_mb(folder)
    verdict = "met" if full <= GOAL_MB else "MISSED"
    print(
        f"idle daemon with {contracts:,} contracts: {full:.1f} MB (goal ≤ {GOAL_MB:.0f} MB, "
        f"{verdict}); with none: {empty:.1f} MB"
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
