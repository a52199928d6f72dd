"""Every field that an import reads: changed alone, it is seen in the report, in the database, and
by the rules that make the next nudge."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from scheduler.core.deal.deal import Deal
from scheduler.core.imports.fields import FIELDS
from scheduler.core.imports.records import ContractRecord
from scheduler.storage.database.deals import load_deals
from tests.import_cast import NOW, Office

LATER = NOW + timedelta(days=1)
BASE = {
    "contract": "C-1",
    "customer": "Aoba Trading",
    "customer_id": "K-1",
    "product": "Pro",
    "title": "Seats",
    "starts_on": "2026-04-01",
    "ends_on": "2027-03-31",
    "term": "12 months",
    "notice": "2 months",
    "decide_by": "2027-01-31",
    "auto_renew": "no",
    "evergreen": "no",
    "amount": "100",
    "currency": "EUR",
    "owner": "Ann Ito",
    "sales": "Sato",
    "stage": "stable",
    "pipeline": "existing",
    "health": "stable",
    "segment": "small",
    "country": "JP",
    "url": "https://example.com/1",
    "parent": "Aoba Holdings",
    "closed_on": "",
    "signed_amount": "",
    "note": "",
    "renewal_term": "24 months",
    "renewal_notice": "1 month",
    "estimated": "no",
}


@dataclass(frozen=True)
class Case:
    """What a cell says now; the columns that change with it, what the report calls it (`refused`:
    it is listed there), and where a rule reads it.

    `base` is what other cells say before and after; `reads` is empty for what no rule reads.
    """

    now: str
    columns: str
    told: str
    reads: str = ""
    base: tuple[tuple[str, str], ...] = ()
    refused: bool = False


CASES = {
    "contract": Case("c-1", "contracts.number", "number", "contract"),
    "customer": Case("Aoba Shoji", "customers.name", "customer", "contract"),
    "customer_id": Case(
        "K-2", "contracts.customer_id", "customer", "contract", (("customer", "Aoba Trading"),)
    ),
    "product": Case("Max", "contracts.product", "product", "contract"),
    "title": Case("More seats", "contracts.title", "title", "contract"),
    "starts_on": Case("2026-04-15", "contracts.starts_on", "starts_on", "contract"),
    "ends_on": Case("2027-04-15", "contracts.ends_on", "ends_on", "contract"),
    "term": Case("13 months", "contracts.term", "term", "contract"),
    "notice": Case("3 months", "contracts.notice", "notice", "contract"),
    "decide_by": Case("2027-01-15", "contracts.decide_by", "decide_by", "contract"),
    "auto_renew": Case("yes", "contracts.auto_renew", "auto_renew", "contract"),
    "evergreen": Case(
        "yes",
        "contracts.evergreen",
        "evergreen",
        "contract",
        (("ends_on", ""), ("starts_on", ""), ("decide_by", "")),
    ),
    "amount": Case("120", "contracts.amount", "amount", "contract"),
    "currency": Case("USD", "contracts.currency", "currency", "contract"),
    "owner": Case("Bob Hill", "contracts.owner_id", "owner", "owner"),
    "sales": Case("Suzuki", "contracts.sales_id", "sales", "sales"),
    "stage": Case(
        "at_risk", "contracts.attributes deals.stage deals.stage_entered_at", "stage", "stage"
    ),
    "pipeline": Case("new_business", "", "", base=(("stage", ""),), refused=True),
    "health": Case(
        "critical", "contracts.attributes deals.health deals.health_because", "health", "health"
    ),
    "segment": Case("large", "customers.segment", "segment", "contract"),
    "country": Case("DE", "customers.country", "country", "contract"),
    "url": Case("https://example.com/2", "contracts.url", "url", "contract"),
    "parent": Case("Midori Holdings", "customers.parent_id", "parent", "contract"),
    "closed_on": Case(
        "2027-02-15",
        "contracts.attributes deals.expected_on",
        "expected_on",
        "expected_on",
        (("stage", "qualified"), ("pipeline", "new_business"), ("closed_on", "2027-01-15")),
    ),
    "signed_amount": Case(
        "120", "deals.won", "signed_amount", base=(("stage", "won"), ("signed_amount", "110"))
    ),
    "note": Case("too dear", "deals.lost", "note", base=(("stage", "lost"),)),
    "renewal_term": Case("6 months", "contracts.renewal_term", "renewal_term", "contract"),
    "renewal_notice": Case("3 months", "contracts.renewal_notice", "renewal_notice", "contract"),
    "estimated": Case(
        "no", "contracts.estimated", "estimated", "contract", (("estimated", "yes"),)
    ),
}


@pytest.fixture
def office(database_url: str, tmp_path: Path) -> Iterator[Office]:
    """An office with an empty database."""
    office = Office.at(database_url, tmp_path)
    yield office
    office.engine.dispose()


def text(row: dict[str, str]) -> str:
    """A file of one row."""
    return ",".join(row) + "\n" + ",".join(row.values()) + "\n"


def state(office: Office) -> tuple[dict[str, Any], Deal]:
    """What the database holds of the contract, its customer and deal, by column; and the deal as
    rules read it."""
    [contract], [deal] = office.rows("contracts"), office.rows("deals")
    [customer] = [c for c in office.rows("customers") if c["id"] == contract["customer_id"]]
    bookkeeping = {"id", "row_hash", "version", "wake_at", "source_id", "import_id"}
    tables = {
        "contracts": contract,
        "deals": deal,
        "customers": customer
        if contract["customer_id"] == office.rows("customers")[0]["id"]
        else {},
    }
    with office.engine.connect() as connection:
        [read] = load_deals(connection, [deal["id"]])
    return {
        f"{t}.{c}": v for t, row in tables.items() for c, v in row.items() if c not in bookkeeping
    }, read


BESIDE = {"version", "wake_at", "stage_entered_at", "health_because", "people", "won", "lost"}
"""What changes with everything, and the outcome of a closed deal, which no rule reads."""


def test_every_field_that_is_read_has_a_case() -> None:
    assert set(CASES) == set(FIELDS) == set(BASE)
    computed = {
        "line",
        "source_id",
        "number",
        "row_hash",
        "place",
        "expected_on",
        "doubled",
        "attributes",
        "said_ends_on",
        "said_amount",
        "way",
    }
    assert {f.name for f in fields(ContractRecord)} - computed == set(FIELDS) - {
        "contract",
        "pipeline",
    }


@pytest.mark.parametrize("field", CASES)
def test_a_field_that_changes_alone_is_told_kept_and_read_by_the_next_decision(
    office: Office, field: str
) -> None:
    case = CASES[field]
    before = BASE | dict(case.base)
    office.load_text(text(before))
    was, deal = state(office)
    again = office.load_text(text(before), LATER)
    assert (again.updated, again.unchanged) == (0, 1)
    report = office.load_text(text(before | {field: case.now}), LATER)
    now, deal_now = state(office)
    assert (report.rejected, report.decisions.count) == (0, 0), office.rejects
    assert {c for c in was.keys() & now.keys() if was[c] != now[c]} == {
        c for c in case.columns.split() if c in now.keys() & was.keys()
    }
    assert {m.field for m in report.moved} == ({case.told} if case.told else set())
    assert bool(report.refused.count) is case.refused
    differing = {
        f.name for f in fields(Deal) if getattr(deal, f.name) != getattr(deal_now, f.name)
    } - BESIDE
    assert differing - ({"contract"} if "attributes" in case.columns else set()) == (
        {case.reads} if case.reads else set()
    )
    if case.reads:
        assert (report.updated, deal_now.wake_at) == (1, LATER)


def test_a_period_in_one_cell_changes_what_its_days_change(
    database_url: str, tmp_path: Path
) -> None:
    office = Office.at(database_url, tmp_path)

    def load(period: str) -> tuple[int, int, int]:
        found = office.load_text(f"契約番号,顧客名,契約期間\nC-1,青葉,{period}\n", LATER)
        assert not office.rejects
        return found.new, found.renewed, found.moved_count

    def last() -> tuple[str, str, bool]:
        row = office.rows("contracts")[-1]
        return str(row["starts_on"]), str(row["ends_on"]), bool(row["evergreen"])

    assert load("2026/4/1〜2027/3/31") == (1, 0, 0)
    assert load("2026-04-01 - 2027-03-31") == (0, 0, 0)
    load("2026/4/1〜無期限")
    assert last() == ("2026-04-01", "None", True)
    load("2026/4/1〜")
    assert last() == ("2026-04-01", "None", True), "nothing says that it has an end now"
    load("2026/4/1〜2027/3/31")
    assert last() == ("2026-04-01", "2027-03-31", False)
    assert load("2026/4/1〜2027/4/10") == (0, 0, 2)
    assert load("2027/4/11〜2028/4/10") == (0, 1, 1)
    assert last() == ("2027-04-11", "2028-04-10", False)
    office.engine.dispose()
