"""What the mapping names and the account does not have any more empties nothing here."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from scheduler.core.words.reasons import code_of
from scheduler.services.sync.syncing import Synced
from tests.services.sync.in_step import STAGES, InStep, in_step


@pytest.fixture
def both(engine: Engine) -> Iterator[InStep]:
    """Two sides."""
    with in_step(engine) as made:
        yield made


def _loaded(both: InStep) -> int:
    record = both.deal()
    both.pull()
    both.here.time.passes(hours=1)
    return record


def _without_end(both: InStep) -> None:
    server = both.here.server
    server.portal.kinds["deals"].schema.archive("ends_on", server.portal.now())


def _edited(both: InStep, record: int, values: dict[str, str], **later: float) -> Synced:
    both.people["ann"].edits(record, values)
    both.here.time.passes(**later)
    return both.pull()


def test_a_property_that_was_deleted_there_empties_nothing(both: InStep) -> None:
    record = _loaded(both)
    _without_end(both)
    synced = _edited(both, record, {"amount": "5"}, hours=2)
    contract = both.ours(record).contract
    assert (str(contract.ends_on), contract.amount.minor) == ("2027-03-31", 5)
    assert [code_of(why) for why in synced.lacking] == ["sync_no_property"]
    assert both.record(record)["held"] == ""


def test_before_the_account_is_looked_at_again_the_deal_is_held_for_it(both: InStep) -> None:
    record = _loaded(both)
    syncing = both.syncing
    syncing.schema(both.here.time.now())
    _without_end(both)
    both.people["ann"].edits(record, {"amount": "5"})
    both.people["ann"].moves(record, STAGES["at_risk"])
    both.here.time.passes(minutes=1)
    while syncing.step(both.here.time.now()).more:
        pass
    assert (str(both.ours(record).contract.ends_on), both.ours(record).stage) == (
        "2027-03-31",
        "at_risk",
    )
    assert "does not have it any more" in both.record(record)["held"]
    both.here.time.passes(days=1)
    both.syncing.count(both.here.time.now())
    both.pull()
    assert (both.record(record)["held"], both.ours(record).contract.amount.minor) == ("", 5)


def test_once_it_is_there_again_everything_is_read_anew(both: InStep) -> None:
    record = _loaded(both)
    _without_end(both)
    assert _edited(both, record, {"amount": "5"}, hours=2).lacking
    server = both.here.server
    server.portal.kinds["deals"].schema.properties.pop("ends_on")
    server.property("ends_on", "date", "date")
    server.automation(record, {"ends_on": "2027-04-10"})
    both.here.time.passes(hours=30)
    synced = both.pull()
    assert (synced.lacking, str(both.ours(record).contract.ends_on)) == ([], "2027-04-10")


def test_a_mapped_stage_that_was_deleted_there_is_named(both: InStep) -> None:
    record = _loaded(both)
    both.people["ann"].moves(record, STAGES["at_risk"])
    both.people["ann"].deletes_stage(STAGES["at_risk"])
    both.here.time.passes(hours=2)
    synced = both.pull()
    assert [code_of(why) for why in synced.lacking] == ["sync_stage_gone"]
    assert f"care/{STAGES['at_risk']}" in synced.lacking[0]
    assert both.ours(record).stage == "at_risk"
