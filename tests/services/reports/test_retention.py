"""Retention is equal to a second, independent computation on ten thousand made-up lives, for every
month, segment and currency, on both databases."""

from dataclasses import asdict
from datetime import date

from sqlalchemy import Engine

from scheduler.core.reports.asked import AsKnown, ReportScope
from scheduler.services.reports.retention import retention_report
from scheduler.storage.database.transactions import transactions
from scheduler.storage.reports.renewals import RenewalRows
from tests.cast import policy
from tests.services.reports.lives import kept, made_up, write


def test_retention_is_equal_to_a_second_computation(engine: Engine) -> None:
    lives = made_up(20_261_128, 10_000)
    with engine.begin() as connection:
        write(connection, lives)
    reading = transactions(engine, RenewalRows)
    found = retention_report(reading, policy(), ReportScope(), AsKnown(date(2027, 6, 1)))
    sums = {
        (f"{line.cell.month:%Y-%m}", line.cell.currency, line.cell.segment or None): {
            name: number for name, number in asdict(line.sums).items() if number
        }
        for line in found.due
    }
    expected = {
        cell: {name: number for name, number in numbers.items() if number}
        for cell, numbers in kept(lives).items()
    }
    assert len(sums) == 12 * 3 * 4
    assert sums == expected
    assert sum(line.sums.renewals for line in found.signed) == sum(x.fate == "won" for x in lives)
