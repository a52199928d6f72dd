"""Every kind of file that is known by its header, each with a worked example: what its columns and
statuses become."""

from datetime import date
from pathlib import Path

import pytest

from scheduler.core.imports.records import ContractRecord
from scheduler.core.imports.texts import LeftOut, Reject
from scheduler.sources.contracts import open_contracts
from scheduler.sources.kinds.known import PROFILES, recognise
from tests.import_cast import POLICY

EXAMPLES = Path(__file__).parents[3] / "docs" / "examples"
CASES = {
    "hubspot_deals_en": ("hubspot", ("9001", "Beta Ltd", date(2026, 5, 20), 1_000_00, "existing/")),
    "hubspot_deals_ja": (
        "hubspot",
        ("9002", "株式会社青葉", date(2027, 3, 31), 600_000, "existing/"),
    ),
    "hubspot_contracts": (
        "hubspot_contracts",
        ("501", "Beta Ltd", date(2027, 3, 31), 12_000_00, "existing/"),
    ),
    "salesforce_contracts_en": (
        "salesforce_contracts",
        ("00000101", "Beta Ltd", date(2027, 3, 31), 24_000_00, "existing/"),
    ),
    "salesforce_contracts_ja": (
        "salesforce_contracts",
        ("00000102", "株式会社青葉", date(2027, 3, 31), 3_600_000, "existing/"),
    ),
    "salesforce_opportunities_en": (
        "salesforce_opportunities",
        ("0065g00000AbCdE", "Beta Ltd", date(2027, 4, 30), 900_000, "existing/"),
    ),
    "salesforce_opportunities_ja": (
        "salesforce_opportunities",
        ("0065g00000AbCdF", "株式会社青葉", date(2027, 4, 30), 1_200_000, "existing/"),
    ),
    "stripe_subscriptions": (
        "stripe",
        ("sub_1", "Beta Ltd", date(2027, 3, 31), 99_00, "existing/"),
    ),
    "chargebee_subscriptions": (
        "chargebee",
        ("AzZ1", "Beta Ltd", date(2027, 3, 31), 120_00, "existing/"),
    ),
    "pipedrive_deals": ("pipedrive", ("77", "Beta Ltd", date(2027, 4, 14), 5_000_00, "existing/")),
    "kintone": ("kintone", ("K-001", "株式会社青葉", date(2027, 3, 31), 1_200_000, "None/")),
}


def test_every_profile_but_our_own_has_a_worked_example() -> None:
    assert {profile for profile, _ in CASES.values()} == set(PROFILES) - {"csv"}
    contracts = {path.stem for path in EXAMPLES.glob("*.csv")}
    assert {name for name in contracts if not name.startswith("signals")} == set(CASES), (
        "those of signals are read in test_signals"
    )


@pytest.mark.parametrize("name", CASES)
def test_an_example_is_known_by_its_header_and_read(name: str) -> None:
    profile, expected = CASES[name]
    file = open_contracts(EXAMPLES / f"{name}.csv", POLICY)
    assert recognise(file.table.header).id == profile
    rows = [row for deferred in (False, True) for row in file.records(deferred)]
    assert [row for row in rows if isinstance(row, Reject)] == []
    first = next(row for row in rows if isinstance(row, ContractRecord))
    place = first.place
    said = f"{place.pipeline}/{place.stage}" if place else "None/"
    assert (first.number, first.customer, first.ends_on, first.amount, said) == expected


def test_what_stripe_calls_cancelled_at_the_end_does_not_renew() -> None:
    rows = [
        r
        for r in open_contracts(EXAMPLES / "stripe_subscriptions.csv", POLICY).records()
        if isinstance(r, ContractRecord)
    ]
    assert [(r.number, r.auto_renew, r.currency) for r in rows][:2] == [
        ("sub_1", True, "USD"),
        ("sub_2", False, "USD"),
    ]


def test_a_contract_that_is_a_draft_stays_out() -> None:
    rows = list(open_contracts(EXAMPLES / "salesforce_contracts_en.csv", POLICY).records())
    assert [type(row) for row in rows] == [ContractRecord, ContractRecord, LeftOut]
