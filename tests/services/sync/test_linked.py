"""Ends and terms of contracts that stand in line items, quotes and contract records."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Engine

from scheduler.core.policy.hubspot import LinkedKind
from scheduler.core.sync.fields import DEFAULT_FIELDS
from scheduler.core.words.lexicon import Language
from scheduler.core.words.reasons import word
from tests.servers.hubspot import Token
from tests.services.sync.databases import ON_BOTH
from tests.services.sync.in_step import InStep, in_step, settings

ITEMS = {
    "starts_on": "line_items/hs_recurring_billing_start_date",
    "ends_on": "line_items/hs_recurring_billing_end_date",
    "term": "line_items/hs_recurring_billing_period",
}
CONTRACTS = {
    "starts_on": "contracts/hs_contract_effective_date",
    "ends_on": "contracts/hs_contract_end_date",
    "renewal_term": "contracts/hs_contract_renewal_term_months",
    "auto_renew": "contracts/hs_contract_auto_renew",
}


def linked(**fields: str) -> Any:
    return settings(fields={**DEFAULT_FIELDS, **fields})


@pytest.fixture
def both(engine: Engine) -> Iterator[InStep]:
    """Two sides; the term stands in line items."""
    with in_step(engine, settings=linked(**ITEMS)) as made:
        yield made


def item(both: InStep, deal: int, ends_on: str, **more: str) -> int:
    """A line item of a deal's that recurs."""
    given = {
        "name": "Pro",
        "recurringbillingfrequency": "annually",
        "hs_recurring_billing_start_date": "2026-04-01",
        "hs_recurring_billing_end_date": ends_on,
    }
    id = both.here.server.add("line_items", given | more)
    both.people["ann"].links(deal, id, ("deals", "line_items"), primary=False)
    return id


def counted(both: InStep) -> None:
    """The next day, with its count."""
    both.here.time.passes(days=1)
    assert both.syncing.count(both.here.time.now()) is not None
    both.pull()


def held(both: InStep, record: int) -> str:
    because = both.record(record)["held"]
    return word(because, Language.EN) if because else ""


def test_the_end_comes_from_the_line_items(both: InStep) -> None:
    record = both.deal()
    item(both, record, "2027-03-31", hs_recurring_billing_period="P12M")
    item(both, record, "2027-09-30", hs_recurring_billing_period="P18M")
    both.pull()
    contract = both.ours(record).contract
    assert (str(contract.starts_on), str(contract.ends_on)) == ("2026-04-01", "2027-09-30")
    assert str(contract.term) == "18 months"


@ON_BOTH
def test_term_and_renewal_come_from_the_contract_in_force(engine: Engine) -> None:
    with in_step(engine, settings=linked(**CONTRACTS)) as both:
        record = both.deal()
        for status, ends_on in (("Active", "2027-03-31"), ("Completed", "2026-03-31")):
            contract = both.here.server.add(
                "contracts",
                {
                    "hs_status": status,
                    "hs_contract_effective_date": "2026-04-01",
                    "hs_contract_end_date": ends_on,
                    "hs_contract_renewal_term_months": "24",
                    "hs_contract_auto_renew": "true",
                },
            )
            both.people["ann"].links(record, contract, ("deals", "contracts"), primary=False)
        both.pull()
        found = both.ours(record).contract
        assert str(found.ends_on) == "2027-03-31"
        assert str(found.renewal_term) == "24 months"
        assert found.auto_renew


@ON_BOTH
def test_contracts_that_contradict_each_other_hold_the_deal_and_are_named(engine: Engine) -> None:
    with in_step(engine, settings=linked(**CONTRACTS)) as both:
        record = both.deal()
        ids = []
        for ends_on in ("2027-03-31", "2027-03-31"):
            ids.append(
                both.here.server.add(
                    "contracts",
                    {"hs_name": "Aoba", "hs_status": "Active", "hs_contract_end_date": ends_on},
                )
            )
            both.people["ann"].links(record, ids[-1], ("deals", "contracts"), primary=False)
        both.pull()
        assert held(both, record) == ""
        both.here.time.passes(hours=1)
        both.people["ann"].edits(ids[1], {"hs_contract_end_date": "2027-09-30"}, "contracts")
        counted(both)
        assert str(both.ours(record).contract.ends_on) == "2027-03-31"
        said = held(both, record)
        assert f"Aoba ({ids[0]}): 2027-03-31, Aoba ({ids[1]}): 2027-09-30" in said
        both.people["ann"].edits(ids[0], {"hs_status": "Completed"}, "contracts")
        counted(both)
        assert held(both, record) == ""
        assert str(both.ours(record).contract.ends_on) == "2027-09-30"


def test_a_line_item_that_is_changed_added_or_taken_away_is_seen_by_the_count(
    both: InStep,
) -> None:
    record, other = both.deal(), both.deal(customer="Beta")
    first = item(both, record, "2027-03-31")
    item(both, other, "2027-03-31")
    both.pull()
    both.here.time.passes(hours=1)
    both.people["ann"].edits(first, {"hs_recurring_billing_end_date": "2027-04-30"}, "line_items")
    both.here.time.passes(minutes=1)
    both.pull()
    assert str(both.ours(record).contract.ends_on) == "2027-03-31", "no change tells of it"
    counted(both)
    assert str(both.ours(record).contract.ends_on) == "2027-04-30"
    more = item(both, record, "2027-05-31")
    counted(both)
    assert str(both.ours(record).contract.ends_on) == "2027-05-31"
    both.people["ann"].unlinks(record, more, ("deals", "line_items"))
    counted(both)
    assert str(both.ours(record).contract.ends_on) == "2027-04-30"
    assert str(both.ours(other).contract.ends_on) == "2027-03-31"


@ON_BOTH
def test_a_count_without_changes_takes_the_fewest_requests_and_reads_no_deal(
    both: InStep,
) -> None:
    for n in range(5):
        item(both, both.deal(customer=f"C{n}"), "2027-03-31")
    both.pull()
    before = len(both.here.server.log.calls)
    both.here.time.passes(days=1)
    both.syncing.count(both.here.time.now())
    paths = [c.path for c in both.here.server.log.calls[before:]]
    assert [p for p in paths if "associations" in p or "line_items" in p] == [
        "/crm/associations/2026-09/deals/line_items/batch/read",
        "/crm/objects/2026-09/line_items/batch/read",
        "/crm/associations/2026-09/deals/companies/batch/read",
    ]
    assert not [p for p in paths if p.endswith("deals/batch/read")]


def test_without_the_scope_nothing_is_emptied_and_it_is_read_once_it_is_there(
    both: InStep,
) -> None:
    record = both.deal()
    first = item(both, record, "2027-03-31")
    both.pull()
    both.here.time.passes(hours=1)
    token = both.here.server.tokens[both.here.token]
    both.here.server.tokens[both.here.token] = token.without("crm.objects.line_items.read")
    both.people["ann"].edits(first, {"hs_recurring_billing_end_date": "2027-04-30"}, "line_items")
    both.people["ann"].edits(record, {"amount": "10"})
    both.here.time.passes(hours=1)
    synced = both.pull()
    contract = both.ours(record).contract
    assert (str(contract.ends_on), contract.amount.minor) == ("2027-03-31", 10)
    assert "crm.objects.line_items.read" in synced.unread[LinkedKind.LINE_ITEMS]
    assert held(both, record) == ""
    both.here.server.tokens[both.here.token] = token
    counted(both)
    assert str(both.ours(record).contract.ends_on) == "2027-04-30"
    assert both.pull().unread == {}


@ON_BOTH
def test_a_new_deal_without_the_scope_comes_in_as_if_nothing_were_named(both: InStep) -> None:
    token = Token().without("crm.objects.line_items.read")
    both.here.server.tokens[both.here.token] = token
    record = both.deal(closedate="2026-04-10")
    item(both, record, "2027-03-31")
    both.pull()
    assert str(both.ours(record).contract.ends_on) != "2027-03-31"
    both.here.server.tokens[both.here.token] = Token()
    both.here.time.passes(hours=1)
    both.people["ann"].edits(record, {"amount": "10"})
    both.here.time.passes(minutes=1)
    both.pull()
    both.pull()
    assert str(both.ours(record).contract.ends_on) == "2027-03-31"


@ON_BOTH
def test_an_account_that_has_no_contracts_is_said(engine: Engine) -> None:
    with in_step(engine, settings=linked(**CONTRACTS)) as both:
        del both.here.server.portal.kinds["contracts"]
        record = both.deal()
        synced = both.pull()
        assert "sync_no_such_kind" in synced.unread[LinkedKind.CONTRACTS]
        assert both.ours(record).stage == "stable"
