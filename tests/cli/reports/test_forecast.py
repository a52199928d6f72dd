"""`renewals report forecast` of a register that was worked out by hand, to the cent, on both
databases; by what it is weighed; what changed within a week."""

import csv
import io
from typing import Any

import pytest

from tests.cli.office import Office
from tests.cli.reports.register import CONTRACTS, LOADED, PEOPLE, TERM, report
from tests.once import lived_once

STEPS = (
    ("2027-03-01", "answer", "DOWN", "call", "renew"),
    ("2027-03-01", "answer", "UP", "call", "at_risk"),
    ("2027-03-01", "answer", "UNDONE", "call", "renew"),
    ("2027-03-01", "answer", "MERGER", "notice", "--reason", "budget", "--yes"),
    ("2027-03-01", "answer", "AGAIN", "lost", "--reason", "budget"),
    ("2027-03-01", "answer", "THREE", "call", "renew"),
    ("2027-03-01", "answer", "TWO", "health", "unknown"),
    ("2027-03-05", "contract", "edit", "VOIDED", "--amount", "9500", "--yes"),
    ("2027-03-06", "answer", "DOWN", "call", "at_risk"),
    ("2027-03-07", "answer", "DAYS", "won", "--amount", "4100", *TERM),
)
END = "2027-03-08T12:00+00:00"
MARCH = ("--from", "2027-03-01", "--until", "2027-03-31")
MONTHS = [
    {  # LATE, £5,500.00 that ended in February
        "month": "overdue", "currency": "GBP", "contracts": 1, "unknown": 0, "due": 550000,
        "renewed": 0, "lost": 0, "expected": 440000, "commit": 0, "likely": 550000, "at_risk": 0,
        "not_assessed": 0,
    },
    {  # DAYS renewed, AGAIN lost; AUTO and VOIDED (UNSAID has no amount) × 80 %;
        # DOWN and UP, UNDONE, CHURN × 35 %, half up each; MERGER gave notice
        "month": "2027-03", "currency": "GBP", "contracts": 10, "unknown": 1, "due": 5940075,
        "renewed": 100000, "lost": 300000,
        "expected": 100000 + 1400020 + 770018 + 245000 + 136500, "commit": 0,
        "likely": 800025 + 950000, "at_risk": 1200050 + 1000000 + 700000 + 390000 + 500000,
        "not_assessed": 0,
    },
    {  # THREE × 95 %, TWO × 60 %
        "month": "2027-03", "currency": "JPY", "contracts": 2, "unknown": 0, "due": 4800000,
        "renewed": 0, "lost": 0, "expected": 3420000 + 720000, "commit": 3600000, "likely": 0,
        "at_risk": 0, "not_assessed": 1200000,
    },
]  # fmt: skip


def live(office: Office) -> None:
    """Lives the register up to the eighth of March."""
    for name, text in (("people.csv", PEOPLE), ("register.csv", CONTRACTS)):
        (office.folder / name).write_text(text, "utf-8")
        office.said("import", str(office.folder / name), as_of=LOADED)
    for day, *words in STEPS:
        office.said(*words, as_of=f"{day}T10:00+00:00")


@pytest.fixture
def lived(nowhere: Office, tmp_path_factory: pytest.TempPathFactory) -> Office:
    """The register in the folder's own database: lived once, copied for every test."""
    lived_once(tmp_path_factory, "forecast", nowhere.folder, lambda: live(nowhere))
    return nowhere


@pytest.fixture
def lived_on_each(database_url: str, nowhere: Office, monkeypatch: pytest.MonkeyPatch) -> Office:
    """The register on each database in turn."""
    monkeypatch.setenv("DATABASE_URL", database_url)
    live(nowhere)
    return nowhere


def _weights(
    found: dict[str, Any], month: str = "2027-03"
) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    """What weighs each kind of open renewal in pounds."""
    return {
        (line["health"], line["call"], line["notice"]): (line["weight"], line["weighed_by"])
        for line in found["lines"]
        if (line["month"], line["currency"]) == (month, "GBP")
    }


def test_the_months_are_equal_to_the_cent(lived_on_each: Office) -> None:
    found = report(lived_on_each, "forecast", *MARCH, as_of=END)
    assert found["months"] == MONTHS
    for month in found["months"]:
        parts = "renewed lost commit likely at_risk not_assessed".split()
        assert sum(month[part] for part in parts) == month["due"]


def test_what_changed_within_a_week_is_told_by_contract(lived_on_each: Office) -> None:
    found = report(lived_on_each, "forecast", *MARCH, as_of=END)
    assert found["changes_since"] == "2027-03-01"
    told = [
        (
            c["contract"],
            *(c[when][name] for when in ("before", "after") for name in ("state", "due")),
        )
        for c in found["changes"]
    ]
    assert told == [
        ("DOWN", "commit", 1200050, "at_risk", 1200050),
        ("VOIDED", "likely", 900000, "likely", 950000),
        ("DAYS", "likely", 100000, "renewed", 100000),
    ]


def test_a_past_day_is_weighed_and_compared_as_it_was_known(lived: Office) -> None:
    then = report(lived, "forecast", *MARCH, "--as-known-on", "2027-03-01", as_of=END)
    march = next(m for m in then["months"] if (m["month"], m["currency"]) == ("2027-03", "GBP"))
    assert (march["commit"], march["renewed"], march["due"]) == (1200050, 0, 5940075 - 50000)
    assert {c["contract"] for c in then["changes"]} == {
        *("DOWN", "UP", "MERGER", "AGAIN", "THREE", "TWO")
    }


def test_the_configuration_weighs_until_own_history_is_long_enough(nowhere: Office) -> None:
    live(nowhere)
    weights = _weights(report(nowhere, "forecast", *MARCH, as_of=END))
    assert weights["stable", None, False] == ("0.8000", "configuration")
    assert weights["unknown", None, True] == ("0.0000", "configuration")


def test_own_history_weighs_as_soon_as_there_is_enough(nowhere: Office) -> None:
    config = nowhere.folder / "config.toml"
    config.write_text(
        config.read_text("utf-8") + "\n[forecast]\nleast = 2\nat_risk = 40\n", "utf-8"
    )
    live(nowhere)
    found = report(nowhere, "forecast", *MARCH, as_of=END)
    weights = _weights(found)
    assert weights["stable", None, False] == ("0.5000", "history")  # DAYS renewed, AGAIN lost
    assert weights["stable", "at_risk", False] == ("0.4000", "configuration")
    said = nowhere.said("report", "forecast", *MARCH, as_of=END)
    assert "own history: 1 of 2 closed contracts were renewed" in said


def test_what_stands_worse_cannot_weigh_more(nowhere: Office) -> None:
    config = nowhere.folder / "config.toml"
    config.write_text(config.read_text("utf-8") + "\n[forecast]\nlikely = 96\n", "utf-8")
    code, out, err = nowhere.run("check", as_of=None)
    assert code == 2
    assert "likely = 96 is more than commit = 95" in out + err


TABLE = """\
JPY: what renews, by month
Due ¥4,800,000: already renewed ¥0, commit ¥3,600,000; expected ¥4,140,000 (86.3%).
Due in    Contracts  Amount due      Commit  Not assessed    Expected
Mar 2027          2  ¥4,800,000  ¥3,600,000    ¥1,200,000  ¥4,140,000

How open contracts are weighted
Forecast      Health        The rep says  Contracts  Weight  Weighed by
Commit        Stable        will renew            1   95.0%  configuration: 0 closed so far, own history counts from 20 on
Not assessed  Not assessed                        1   60.0%  configuration: 0 closed so far, own history counts from 20 on

Nothing has changed since Mon 1 Mar 2027.
"""


def test_people_read_months_weights_and_changes(lived: Office) -> None:
    words = ("report", "forecast", *MARCH)
    assert lived.said(*words, "--currency", "JPY", as_of=END) == TABLE
    pounds = lived.said(*words, "--currency", "GBP", as_of=END)
    assert "3 contracts have changed since Mon 1 Mar 2027\n" in pounds
    assert "VOIDED    Kale      Likely, £9,000  Likely, £9,500\n" in pounds


def test_files_hold_the_lines_or_the_changes(lived: Office) -> None:
    words = ("report", "forecast", *MARCH, "--format", "csv")
    lines = list(csv.DictReader(io.StringIO(lived.said(*words, as_of=END))))
    assert sum(float(line["due"]) for line in lines if line["currency"] == "JPY") == 4800000
    changes = lived.said(*words, "--changes", as_of=END).splitlines()
    assert changes[1] == "DOWN,Aster,GBP,commit,at_risk,12000.50,12000.50,2027-03-31,2027-03-31"
