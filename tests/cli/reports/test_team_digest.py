"""The weekly digest of a team tells the forecast of its own contracts in the report's numbers, and
by how much what is safe has changed within the week."""

import json
from typing import Any

import pytest

from tests.cli.office import Office
from tests.cli.reports.register import CONTRACTS, LOADED, PEOPLE, report

MONDAY = "2027-02-08T12:00+00:00"
PERIOD = ("--from", "2027-02-01", "--until", "2027-07-31")
SAFE = 1000000
"""What UP brings, in pence."""
RENEWED = 800025 + 900000
"""What AUTO and VOIDED bring, which renew by themselves meanwhile."""


@pytest.fixture
def managed(nowhere: Office) -> Office:
    """A register whose owners Bob manages; one contract became safe on the Thursday before."""
    for name, text in {"people.csv": PEOPLE, "register.csv": CONTRACTS}.items():
        (nowhere.folder / name).write_text(text, "utf-8")
        nowhere.said("import", str(nowhere.folder / name), as_of=LOADED)
    nowhere.said("answer", "UP", "call", "renew", as_of="2027-02-04T10:00+00:00")
    nowhere.said("run", "--once", as_of=MONDAY)
    return nowhere


def test_the_team_hears_the_numbers_of_the_report(managed: Office) -> None:
    months = report(managed, "forecast", *PERIOD, as_of=MONDAY)["months"]
    told = {line["currency"]: line for line in _facts(managed)["lines"]}
    for name in ("commit", "likely", "at_risk", "not_assessed"):
        of_the_report = {
            currency: sum(m[name] for m in months if m["currency"] == currency)
            for currency in ("GBP", "JPY")
        }
        assert {currency: line[name] for currency, line in told.items()} == of_the_report


def test_what_became_safe_within_the_week_is_told(managed: Office) -> None:
    gbp = next(line for line in _facts(managed)["lines"] if line["currency"] == "GBP")
    assert (gbp["commit"], gbp["sign"], gbp["change"]) == (SAFE, "+", SAFE)
    assert gbp["before"]["commit"] == 0
    assert gbp["likely"] == gbp["before"]["likely"] - SAFE - RENEWED


def _facts(office: Office) -> dict[str, Any]:
    """The forecast that Bob's digest tells."""
    [[facts]] = office.rows("SELECT facts FROM messages WHERE kind = 'team'")
    found: dict[str, Any] = json.loads(str(facts))["forecast"]
    return found
