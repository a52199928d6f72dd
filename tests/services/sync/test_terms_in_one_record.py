"""One record of HubSpot's for one term after another, and moves that come with a renewal."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import Engine

from tests.services.sync.in_step import SALES, STAGES
from tests.services.sync.pushing_world import PushWorld, push_world


@pytest.fixture
def world(engine: Engine) -> Iterator[PushWorld]:
    """Two sides."""
    with push_world(engine) as made:
        yield made


def _round(world: PushWorld) -> None:
    """A minute later: a pull, what is due, a push."""
    world.later(minutes=1)
    world.both.pull()
    world.both.sweep()
    world.push()


def test_the_term_after_one_that_was_renewed_in_the_same_record_is_told_of(
    world: PushWorld,
) -> None:
    record = world.loaded()
    world.both.people["ann"].edits(record, {"ends_on": "2028-03-31"})
    _round(world)
    _round(world)
    assert world.there(record)["renewals_ends_on"] == "2028-03-31"
    world.at_risk(record)
    _round(world)
    assert world.there(record)["dealstage"] == STAGES["at_risk"]
    assert world.there(record)["renewals_health"] == "at_risk"


def test_a_record_that_was_won_with_a_new_end_stays_won_and_tells_of_its_term(
    world: PushWorld,
) -> None:
    record = world.loaded()
    first = world.both.ours(record)
    world.both.people["ann"].edits(record, {"ends_on": "2028-03-31"})
    world.later(seconds=2)
    world.both.people["ann"].moves(record, STAGES["won"])
    _round(world)
    _round(world)
    following = world.both.ours(record)
    assert (following.id != first.id, following.stage) == (True, "stable")
    assert world.there(record)["dealstage"] == STAGES["won"]
    there = world.there(record)
    assert (there["renewals_ends_on"], there["renewals_outcome"]) == ("2027-03-31", "won")
    assert (there["renewals_key"], there["renewals_health"]) == (first.key, "unknown")
    assert world.row(record)["state"] == "in_step"
    assert world.both.conflicts() == []


def test_a_record_that_was_won_and_is_open_again_tells_of_the_term_that_runs(
    world: PushWorld,
) -> None:
    record = world.loaded()
    ann = world.both.people["ann"]
    ann.edits(record, {"ends_on": "2028-03-31"})
    world.later(seconds=2)
    ann.moves(record, STAGES["won"])
    _round(world)
    _round(world)
    ann.moves(record, STAGES["stable"])
    _round(world)
    there, following = world.there(record), world.both.ours(record)
    assert (there["dealstage"], following.stage) == (STAGES["stable"], "stable")
    assert (there["renewals_ends_on"], there["renewals_outcome"]) == ("2028-03-31", "open")
    assert there["renewals_key"] == following.key


def test_what_was_closed_after_the_term_came_is_no_word_on_the_term_before(
    world: PushWorld,
) -> None:
    record = world.loaded()
    world.both.people["ann"].edits(record, {"ends_on": "2028-03-31"})
    _round(world)
    world.both.people["ann"].moves(record, STAGES["won"])
    world.later(seconds=5)
    world.at_risk(record)
    _round(world)
    assert [conflict["winner"] for conflict in world.both.conflicts()] == ["ours"]
    assert world.there(record)["dealstage"] == STAGES["at_risk"]
    assert world.there(record)["renewals_ends_on"] == "2028-03-31"


def test_a_record_that_is_held_tells_of_the_term_that_runs_though_it_is_closed_there(
    world: PushWorld,
) -> None:
    record = world.loaded()
    world.both.people["ann"].edits(record, {"ends_on": "2028-03-31"})
    world.later(seconds=2)
    world.both.people["ann"].moves(record, "closedlost")
    _round(world)
    _round(world)
    assert world.both.record(record)["held"]
    world.at_risk(record)
    _round(world)
    there = world.there(record)
    assert (there["renewals_ends_on"], there["renewals_outcome"]) == ("2028-03-31", "open")
    assert (there["dealstage"], there["renewals_health"]) == ("closedlost", "at_risk")


def test_how_the_customer_does_holds_for_the_term_that_was_renewed_at_once(
    world: PushWorld,
) -> None:
    record = world.loaded()
    world.both.people["ann"].edits(record, {"ends_on": "2028-03-31"})
    world.later(seconds=2)
    world.both.people["ann"].moves(record, STAGES["at_risk"])
    _round(world)
    _round(world)
    assert world.both.ours(record).stage == "at_risk"
    assert world.there(record)["dealstage"] == STAGES["at_risk"]
    assert world.both.conflicts() == []


def test_a_sale_that_was_won_stays_in_its_pipeline_whatever_becomes_of_the_contract(
    world: PushWorld,
) -> None:
    record = world.loaded(pipeline=SALES, dealstage="closedwon", ends_on="2027-02-27")
    world.both.sweep()
    assert world.both.ours(record).stage == "renewal_3m"
    _round(world)
    assert world.there(record)["dealstage"] == "closedwon"
    assert world.there(record)["renewals_next_milestone"] == "renewal_1m"
    assert world.row(record)["state"] == "in_step"


def test_the_contract_of_a_sale_is_told_of_in_the_sale_through_all_its_terms(
    world: PushWorld,
) -> None:
    record = world.loaded(pipeline=SALES, dealstage="closedwon")
    first = world.both.ours(record)
    world.both.people["ann"].edits(record, {"ends_on": "2028-03-31"})
    _round(world)
    following, there = world.both.ours(record), world.there(record)
    assert (there["dealstage"], following.id != first.id) == ("closedwon", True)
    assert (there["renewals_key"], there["renewals_outcome"]) == (following.key, "open")
    assert there["renewals_ends_on"] == "2028-03-31"
    assert world.row(record)["state"] == "in_step"


@pytest.mark.parametrize("source", [("INTEGRATION", None), ("INTEGRATION", "4711")])
def test_what_we_wrote_before_a_merge_comes_back_as_nobodys_answer(
    world: PushWorld, source: tuple[str, str | None]
) -> None:
    server = world.both.here.server
    server.switches = replace(server.switches, key_source=source)
    near, far = world.loaded(), world.loaded(ends_on="2028-03-31", customer="Beta")
    world.at_risk(far)
    _round(world)
    assert world.there(far)["dealstage"] == STAGES["at_risk"]
    into = world.both.people["ann"].merges(far, near)
    _round(world)
    _round(world)
    assert world.both.ours(into).stage == "stable"
    assert world.there(into)["dealstage"] == STAGES["stable"]


def test_what_a_person_did_before_a_merge_is_their_answer(world: PushWorld) -> None:
    near, far = world.loaded(), world.loaded(ends_on="2028-03-31", customer="Beta")
    world.at_risk(far)
    _round(world)
    ann = world.both.people["ann"]
    ann.moves(far, STAGES["critical"])
    into = ann.merges(far, near)
    _round(world)
    assert world.both.ours(into).stage == "critical"


def test_a_move_from_before_the_next_term_that_is_not_followed_is_listed(world: PushWorld) -> None:
    record = world.loaded()
    ann = world.both.people["ann"]
    ann.moves(record, STAGES["onboarding"])
    world.later(seconds=2)
    ann.edits(record, {"ends_on": "2028-03-31"})
    _round(world)
    assert world.both.ours(record).stage == "stable"
    assert [(c["theirs"], c["winner"]) for c in world.both.conflicts()] == [
        (STAGES["onboarding"], "ours")
    ]
