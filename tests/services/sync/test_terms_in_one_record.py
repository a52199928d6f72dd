"""One record of HubSpot's for one term after another, and moves that come with a renewal."""

from collections.abc import Iterator

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
    assert world.there(record)["renewals_ends_on"] == "2027-03-31"
    assert world.both.conflicts() == []


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
