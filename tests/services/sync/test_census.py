"""What becomes of deals whose records are archived, deleted, moved away, or come back."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import Engine

from scheduler.core.words.lexicon import Health, Verb
from scheduler.services.sync.push_step import push_step
from scheduler.services.sync.pushing import push_batch
from tests.servers.hubspot.faults import empty_207
from tests.services.sync.databases import ON_BOTH
from tests.services.sync.in_step import STAGES, InStep, in_step
from tests.services.sync.pushing_world import push_world


@pytest.fixture
def both(engine: Engine) -> Iterator[InStep]:
    """Two sides, and a pipeline that is nobody's."""
    with in_step(engine) as made:
        made.here.server.pipeline("Else", ("else_open", "Open", 0.5), id_="else")
        yield made


def _loaded(both: InStep, **values: str) -> int:
    record = both.deal(**values)
    both.pull()
    both.here.time.passes(hours=1)
    return record


def _counted(both: InStep) -> None:
    both.here.time.passes(days=1)
    assert both.syncing.count(both.here.time.now()) is not None
    both.pull()


def test_an_archived_record_pauses_its_contract_until_it_is_restored(both: InStep) -> None:
    record = _loaded(both)
    both.people["ann"].archives(record)
    _counted(both)
    assert (both.record(record)["state"], both.pauses()) == ("archived", [str(record)])
    assert both.ours(record).stage == "stable"
    both.people["ann"].restores(record)
    _counted(both)
    assert (both.record(record)["state"], both.pauses()) == ("here", [])


def test_a_deleted_record_pauses_its_contract(both: InStep) -> None:
    record = _loaded(both)
    both.people["ann"].purges(record)
    _counted(both)
    assert (both.record(record)["state"], both.pauses()) == ("deleted", [str(record)])


@ON_BOTH
def test_a_deal_moved_out_of_our_care_is_seen_at_once_and_comes_back(both: InStep) -> None:
    record = _loaded(both)
    both.people["ann"].moves(record, "else_open")
    both.here.time.passes(minutes=1)
    both.pull()
    assert (both.record(record)["state"], both.pauses()) == ("moved_out", [str(record)])
    both.here.time.passes(hours=1)
    both.people["ann"].moves(record, STAGES["at_risk"])
    both.here.time.passes(minutes=1)
    both.pull()
    assert (both.record(record)["state"], both.pauses()) == ("here", [])
    assert both.ours(record).stage == "at_risk"


def test_a_pause_that_somebody_ended_is_not_begun_again(both: InStep) -> None:
    record = _loaded(both)
    both.people["ann"].archives(record)
    _counted(both)
    both.resume(record)
    _counted(both)
    assert both.pauses() == []


def test_what_the_index_has_lost_is_found_by_the_count(both: InStep) -> None:
    _loaded(both)
    lost = both.deal(dealname="Lost by the index", customer="Beta")
    both.here.server.search_loses(lost)
    both.here.time.passes(minutes=1)
    both.pull()
    assert len(both.deals()) == 1
    _counted(both)
    assert both.ours(lost).pipeline == "existing"


@ON_BOTH
def test_what_seemed_deleted_and_was_merged_is_known_as_merged_after_the_count(
    both: InStep,
) -> None:
    one, two, three = (_loaded(both, customer=name) for name in ("Aoba", "Beta", "Gamma"))
    server, ann = both.here.server, both.people["ann"]
    server.switches = replace(server.switches, merged_answers=False)
    middle = ann.merges(one, two)
    both.here.time.passes(days=1)
    assert both.syncing.count(both.here.time.now()) is not None
    ann.merges(middle, three)
    both.pull()
    assert both.record(middle)["state"] == "deleted"
    _counted(both)
    assert both.record(middle)["state"] == "merged"


def test_deals_of_others_are_not_read_by_the_count(both: InStep) -> None:
    _loaded(both)
    both.deal(pipeline="else", dealstage="else_open")
    _counted(both)
    assert len(both.deals()) == 1
    assert both.deals()[0].pipeline == "existing"


@ON_BOTH
def test_another_company_is_seen_by_the_count(both: InStep) -> None:
    record = _loaded(both, customer="Aoba")
    other = _loaded(both, customer="Beta")
    ann = both.people["ann"]
    ann.unlinks(record, both.companies["Aoba"])
    ann.links(record, both.companies["Beta"])
    both.here.time.passes(minutes=1)
    both.pull()
    assert both.ours(record).contract.customer.name == "Aoba", "no change tells of it"
    asked = both.here.server.log.count["associations"]
    _counted(both)
    assert both.ours(record).contract.customer == both.ours(other).contract.customer
    assert both.here.server.log.count["associations"] == asked + 2, "all at once, and this one"


def test_a_company_of_which_nothing_is_said_changes_nothing(both: InStep) -> None:
    record = _loaded(both, customer="Aoba")
    both.here.server.faults.next("associations", empty_207())
    _counted(both)
    assert both.ours(record).contract.customer.name == "Aoba"
    assert both.record(record)["waits"] == ""


def test_all_are_counted_once_a_day(both: InStep) -> None:
    _loaded(both)
    _counted(both)
    assert both.syncing.count(both.here.time.now()) is None


def test_the_count_drops_what_no_echo_can_need_any_more(engine: Engine) -> None:
    with push_world(engine) as world:
        record = world.loaded()
        world.at_risk(record)
        world.push()
        world.later(hours=1)
        world.answers(record, Verb.HEALTH, health=Health.STABLE)
        push_step(world.pusher())
        lines = world.ledger(record)
        world.later(days=27)
        _counted(world.both)
        assert world.ledger(record) == lines
        world.later(days=4)
        _counted(world.both)
        assert world.ledger(record) == [("dealstage", STAGES["stable"])]
        world.both.pull()
        assert world.both.ours(record).stage == "stable"


def test_a_write_that_nobody_has_looked_at_stays_in_the_ledger(engine: Engine) -> None:
    with push_world(engine) as world:
        record = world.loaded()
        for health in (Health.AT_RISK, Health.CRITICAL):
            world.answers(record, Verb.HEALTH, health=health)
            push_batch(world.pusher())
            world.later(hours=1)
        world.later(days=60)
        _counted(world.both)
        stages = [value for name, value in world.ledger(record) if name == "dealstage"]
        assert stages == [STAGES["at_risk"], STAGES["critical"]]


def test_a_value_that_changes_without_its_record_is_read_by_the_count(both: InStep) -> None:
    record, other = _loaded(both), _loaded(both, customer="Beta")
    _counted(both)
    there = both.here.server.portal.kind("deals").records[record]
    there.values = {**there.values, "ends_on": "2027-04-02"}
    both.here.time.passes(minutes=1)
    both.pull()
    assert str(both.ours(record).contract.ends_on) == "2027-03-31", "no change tells of it"
    _counted(both)
    assert str(both.ours(record).contract.ends_on) == "2027-04-02"
    assert str(both.ours(other).contract.ends_on) == "2027-03-31"


def test_a_count_of_what_has_not_changed_reads_nothing_anew(both: InStep) -> None:
    record = _loaded(both)
    _counted(both)
    read_at = both.record(record)["read_at"]
    both.here.time.passes(days=1)
    _counted(both)
    assert both.record(record)["read_at"] == read_at
