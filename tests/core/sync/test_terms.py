"""A deal of HubSpot's as a row of contracts."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from scheduler.core.imports.placement import Placement
from scheduler.core.imports.records import ContractRecord
from scheduler.core.sync.fields import DEFAULT_FIELDS
from scheduler.core.sync.terms import FieldMap, RowContext, ValueProblem, account_of, contract_row
from scheduler.core.sync.values import PropertyType
from scheduler.core.time.dates import Term
from scheduler.core.words.lexicon import Language
from tests.core.sync.sync_cast import ACCOUNT, OWNERS, record

FIELDS = FieldMap(
    {
        **DEFAULT_FIELDS,
        "ends_on": "contract_end",
        "starts_on": "contract_start",
        "term": "months",
        "notice": "notice_text",
        "auto_renew": "auto",
    },
    {"closedate": PropertyType.DATETIME, "months": PropertyType.NUMBER},
)
STABLE = Placement("existing", "stable")
BOUGHT = Placement("existing", bought=True)
AOBA = ("c7", "青葉商事")


def row(place: Placement = STABLE, **properties: Any) -> tuple[ContractRecord, list[ValueProblem]]:
    context = RowContext(FIELDS, ACCOUNT, OWNERS)
    given = dict.fromkeys(FIELDS.properties.values(), "") | properties
    return contract_row(record("55", **given), place, "Stable", AOBA, context)


def test_a_deal_is_the_row_a_file_would_have() -> None:
    read, problems = row(
        dealname="青葉 Pro",
        amount="3.6E6",
        deal_currency_code="jpy",
        contract_end="2027-03-31",
        contract_start="2026-04-01",
        notice_text="3か月",
        auto="true",
        hubspot_owner_id="71",
    )
    assert problems == []
    assert (read.number, read.title, read.customer, read.amount) == (
        "55",
        "青葉 Pro",
        "青葉商事",
        3_600_000,
    )
    assert (read.ends_on, read.term, read.notice) == (date(2027, 3, 31), Term(12), Term(3))
    assert read.decide_by == date(2026, 12, 31)
    assert (read.owner, read.auto_renew, read.estimated) == ("ann@example.com", True, False)
    assert read.url == "https://app.hubspot.com/contacts/4711/record/0-3/55"


def test_without_a_currency_it_is_the_accounts() -> None:
    assert row(amount="10")[0].currency == "JPY"


def test_an_end_from_the_close_date_is_an_estimate_of_the_accounts_day() -> None:
    read, _ = row(BOUGHT, closedate="2026-03-31T15:00:00Z", months="24")
    assert (read.starts_on, read.ends_on, read.estimated) == (
        date(2026, 4, 1),
        date(2028, 3, 31),
        True,
    )


def test_a_close_date_that_somebody_meant_comes_before_the_present_one() -> None:
    context = RowContext(FIELDS, ACCOUNT, OWNERS)
    deal = record("55", closedate="2026-11-27T00:00:00Z")
    read, _ = contract_row(deal, BOUGHT, "", AOBA, context, closed_on=date(2026, 4, 1))
    assert read.ends_on == date(2027, 3, 31)


@pytest.mark.parametrize(
    ("properties", "field", "says"),
    [
        ({"contract_end": "soon"}, "contract_end", "which is not a valid date"),
        ({"amount": "1,000"}, "amount", "which is not a valid number"),
        ({"auto": "yes"}, "auto", "which is not a valid bool"),
        ({"notice_text": "a while"}, "notice_text", "a while"),
        ({"months": "x"}, "months", "which is not a valid number"),
        (
            {"contract_end": "2026-01-01", "contract_start": "2026-04-01"},
            "contract_end",
            "ends before it starts",
        ),
    ],
)
def test_a_value_that_cannot_be_read_is_named_and_the_rest_is_kept(
    properties: dict[str, Any], field: str, says: str
) -> None:
    read, problems = row(**({"dealname": "A"} | properties))
    assert read.title == "A"
    assert [p.name for p in problems] == [field]
    assert says in problems[0].said.of(Language.EN)


@pytest.mark.parametrize(
    ("owner", "named"),
    [("71", "ann@example.com"), ("72", "left@example.com"), ("73", ""), ("9", "")],
)
def test_owners_are_named_as_a_file_names_them(owner: str, named: str) -> None:
    assert row(hubspot_owner_id=owner)[0].owner == named


def test_the_same_deal_has_the_same_mark_and_a_changed_one_another() -> None:
    assert row(amount="1")[0].row_hash == row(amount="1")[0].row_hash
    assert row(amount="1")[0].row_hash != row(amount="2")[0].row_hash


def test_an_account_is_read_and_a_strange_zone_is_utc() -> None:
    raw = {"timeZone": "Asia/Tokyo", "companyCurrency": "JPY", "portalId": 4711}
    assert account_of(raw) == ACCOUNT
    assert account_of({"timeZone": "Mars/Base"}).zone.key == "UTC"
    assert replace(ACCOUNT, ui_domain="app-eu1.hubspot.com").link("7", "0-2").endswith("/0-2/7")
