"""Records that HubSpot does not give whole hold nothing else up, and are told of."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from scheduler.storage.database.transactions import transactions
from scheduler.storage.sync.census import CensusRows
from tests.servers.hubspot.faults import empty_207
from tests.services.sync.databases import ON_BOTH
from tests.services.sync.in_step import InStep, in_step

COMPANY_NAMES = "/crm/objects/2026-09/companies/batch/read"


@pytest.fixture
def both(engine: Engine) -> Iterator[InStep]:
    """Two sides."""
    with in_step(engine) as made:
        yield made


def _loaded(both: InStep, *customers: str) -> list[int]:
    records = [both.deal(customer=name) for name in customers]
    both.pull()
    both.here.time.passes(hours=1)
    return records


def _edited(both: InStep, record: int, amount: int) -> None:
    both.people["ann"].edits(record, {"amount": str(amount)})
    both.here.time.passes(minutes=1)


def _amount(both: InStep, record: int) -> int | None:
    return both.ours(record).contract.amount.minor


def test_a_record_that_is_refused_for_ever_holds_up_no_other(both: InStep) -> None:
    bad, good = _loaded(both, "Bad", "Good")
    both.here.server.spoils(bad)
    for amount in (5, 7):
        _edited(both, bad, amount)
        _edited(both, good, amount)
        assert both.pull().ended is not None
        assert (_amount(both, bad), _amount(both, good)) == (3_600_000, amount)
    assert "cannot be read" in both.record(bad)["held"]


def test_it_is_left_alone_for_an_hour_and_comes_in_once_it_is_given(both: InStep) -> None:
    (bad,) = _loaded(both, "Bad")
    both.here.server.spoils(bad)
    _edited(both, bad, 5)
    both.pull()
    asked = both.here.server.log.count["batch read"]
    both.here.server.mends(bad)
    for _ in range(20):
        both.here.time.passes(minutes=2)
        both.pull()
    assert both.here.server.log.count["batch read"] == asked
    both.here.time.passes(minutes=30)
    both.pull()
    assert (_amount(both, bad), both.record(bad)["held"]) == (5, "")


def test_one_that_changes_meanwhile_is_asked_for_at_once(both: InStep) -> None:
    (bad,) = _loaded(both, "Bad")
    both.here.server.spoils(bad)
    _edited(both, bad, 5)
    both.pull()
    both.here.server.mends(bad)
    both.here.time.passes(minutes=1)
    _edited(both, bad, 6)
    both.pull()
    assert _amount(both, bad) == 6


def test_a_new_record_that_is_refused_holds_up_no_first_load(both: InStep) -> None:
    bad, good = both.deal(customer="Bad"), both.deal(customer="Good")
    both.here.server.pipeline("Else", ("else_open", "Open", 0.5), id_="else")
    for _ in range(200):
        both.deal(pipeline="else", dealstage="else_open")
    both.here.server.spoils(bad)
    assert both.pull().ended is not None
    assert [deal.contract.source_id for deal in both.deals()] == [str(good)]
    assert "cannot be read" in both.record(bad)["held"]


@ON_BOTH
def test_links_that_are_refused_or_not_told_hold_up_no_other(both: InStep) -> None:
    bad, good = _loaded(both, "Bad", "Good")
    both.here.server.spoils(bad, "associations")
    _edited(both, bad, 5)
    _edited(both, good, 6)
    assert both.pull().ended is not None
    assert (_amount(both, bad), _amount(both, good)) == (3_600_000, 6)
    both.here.server.mends(bad, "associations")
    both.here.server.faults.next("associations", empty_207())
    _edited(both, good, 7)
    assert both.pull().ended is not None
    assert _amount(both, good) == 6
    both.here.time.passes(minutes=1)
    both.pull()
    assert (_amount(both, bad), _amount(both, good)) == (5, 7)


def test_a_company_of_which_nothing_is_said_keeps_its_name(both: InStep) -> None:
    (record,) = _loaded(both, "Aoba")
    _edited(both, record, 5)
    both.here.server.faults.next(COMPANY_NAMES, empty_207(), empty_207())
    assert both.pull().ended is not None
    assert both.ours(record).contract.customer.name == "Aoba"
    both.here.time.passes(minutes=1)
    both.pull()
    assert (both.ours(record).contract.customer.name, _amount(both, record)) == ("Aoba", 5)


@ON_BOTH
def test_those_that_cannot_be_looked_up_come_after_those_that_can(both: InStep) -> None:
    bad = _loaded(both, *(f"Bad {n}" for n in range(50)))
    (gone,) = _loaded(both, "Gone")
    for record in bad:
        both.here.server.spoils(record)
    both.people["ann"].purges(gone)
    with transactions(both.engine, CensusRows)() as fates:
        fates.look([str(record) for record in (*bad, gone)])
    for _ in range(2):
        both.here.time.passes(minutes=1)
        both.pull()
    assert both.record(gone)["state"] == "deleted"
