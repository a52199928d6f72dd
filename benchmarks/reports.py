"""What the reports take: each on 100,000 contracts, goal ≤ 2 s.

    python -m benchmarks.reports [CONTRACTS]

The contracts end in the spring of 2027 and are looked at on 1 June: three in five were renewed (one
in three of those for another amount), one in ten was lost, the rest is open; a hundredth of the
answers was given in the last week. Measured is the processor's time for the report as a use case,
reading from SQLite included; what Python needs to start is not.
"""

import gc
import json
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, bindparam, insert, update

from benchmarks._filling import Book, fill, shipped_policy
from scheduler.core.policy.policy import Policy
from scheduler.core.reports.asked import AsKnown, ReportScope, known_on
from scheduler.ports import Begin
from scheduler.services.reports.answers import answers_of
from scheduler.services.reports.forecast import forecast_report
from scheduler.services.reports.funnel_and_lost import funnels, lost_report
from scheduler.services.reports.load import load_report
from scheduler.services.reports.meeting import meeting_page
from scheduler.services.reports.retention import retention_report
from scheduler.storage.database.deals import DEALS, PASSAGES
from scheduler.storage.database.engine import open_engine
from scheduler.storage.database.transactions import still, transactions
from scheduler.storage.reports.answers import AnswersRows
from scheduler.storage.reports.funnel_and_lost import FunnelRows
from scheduler.storage.reports.load import LoadRows
from scheduler.storage.reports.meeting import MeetingRows
from scheduler.storage.reports.renewals import RenewalRows

GOAL = 2.0
NOW = datetime(2027, 6, 1, 3, 0, tzinfo=UTC)
SCOPE = ReportScope(from_on=date(2026, 7, 1), until_on=date(2027, 7, 31))
_REPEATS = 3


def outcomes(contracts: int) -> Iterator[dict[str, Any]]:
    """What became of the deals that are closed."""
    for n in range(contracts):
        if n % 10 > 6:
            continue
        days = 1 + n * 7 % 60 if n % 100 else n % 7
        at = NOW - timedelta(days=days, minutes=n % 600)
        amount = 100_000 + n + (n % 3 - 1) * (n % 2) * 5_000
        won = {"amount": amount, "currency": "JPY", "term": "12 months", "ends_on": None}
        lost = {"reason": "budget", "second": None, "avoidable": None, "note": ""}
        is_won = n % 10 < 6
        yield {
            "deal": n + 1,
            "stage": "won" if is_won else "lost",
            "at": at,
            "won": won if is_won else None,
            "lost": None if is_won else lost,
            "health": ("stable", "at_risk", "critical", "unknown")[n % 4],
            "call": (None, "renew", "at_risk", "unsure")[n // 4 % 4],
        }


def close(engine: Engine, contracts: int) -> None:
    """Closes the deals that are over, as the sweep and answers do."""
    rows = list(outcomes(contracts))
    closing = (
        update(DEALS)
        .where(DEALS.c.id == bindparam("deal"))
        .values(
            stage=bindparam("stage"),
            closed_at=bindparam("at"),
            won=bindparam("won"),
            lost=bindparam("lost"),
            health=bindparam("health"),
            call=bindparam("call"),
        )
    )
    passages = [
        {
            "deal_id": row["deal"],
            "from_stage": "stable",
            "to_stage": row["stage"],
            "at": row["at"],
            "because": json.dumps({"code": "auto_renewed"}),
            "actor_kind": "policy" if row["deal"] % 5 == 0 else "person",
            "actor": "Ann",
            "observed": True,
        }
        for row in rows
    ]
    with engine.begin() as connection:
        connection.execute(closing, rows)
        connection.execute(insert(PASSAGES), passages)


def seconds(work: Callable[[], object]) -> float:
    """The least time of some runs."""
    best = float("inf")
    for _ in range(_REPEATS):
        begun = process_time()
        work()
        best = min(best, process_time() - begun)
    return best


def measure(engine: Engine, contracts: int) -> None:
    """Measures each report and prints its line."""
    reading: Begin[RenewalRows] = transactions(still(engine), RenewalRows)
    policy = shipped_policy()
    week_ago = known_on(date(2027, 5, 25), NOW, ZoneInfo(policy.zone))
    today = AsKnown(date(2027, 6, 1))
    reports: dict[str, Callable[[], object]] = {
        "retention": lambda: retention_report(reading, policy, SCOPE, today),
        "forecast": lambda: forecast_report(reading, policy, SCOPE, today, NOW),
        "retention, a week ago": lambda: retention_report(reading, policy, SCOPE, week_ago),
    } | weekly(engine, policy)
    for name, work in reports.items():
        took = seconds(work)
        met = "met" if took <= GOAL else "MISSED"
        print(f"{engine.dialect.name} {contracts:,} {name}: {took:.2f} s (≤ {GOAL:g} s: {met})")


def weekly(engine: Engine, policy: Policy) -> dict[str, Callable[[], object]]:
    """The reports over what comes and what was: the page of a quarter, the load of thirteen weeks,
    the questions of half a year, the funnel of all deals and a year's losses."""
    today, known = date(2027, 6, 1), AsKnown(date(2027, 6, 1))
    quarter = ReportScope(from_on=date(2027, 4, 1), until_on=date(2027, 6, 30))
    weeks = ReportScope(from_on=today, until_on=date(2027, 8, 31))
    year = ReportScope(from_on=date(2026, 4, 1), until_on=today)
    pages, load = transactions(still(engine), MeetingRows), transactions(still(engine), LoadRows)
    asked, went = transactions(still(engine), AnswersRows), transactions(still(engine), FunnelRows)
    return {
        "renewals": lambda: meeting_page(pages, policy, quarter, today),
        "load": lambda: load_report(load, policy, weeks, today),
        "answers": lambda: answers_of(asked, policy, year, known),
        "funnel": lambda: funnels(went, policy, year, known),
        "lost": lambda: lost_report(went, policy, year, known),
    }


def main(contracts: int) -> None:
    """Prints a line for each report."""
    gc.set_threshold(100_000, 20, 50)  # as the commands do
    with TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'renewals.db'}"
        engine = open_engine(url)
        fill(engine, Book(contracts))
        close(engine, contracts)
        measure(open_engine(url, reading=True), contracts)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
