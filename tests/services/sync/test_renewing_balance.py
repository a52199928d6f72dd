"""The balance accounts for the deals of next terms that are to be made in HubSpot."""

from collections.abc import Iterator, Mapping

import pytest
from sqlalchemy import Engine

from scheduler.services.sync.push_step import push_step
from scheduler.storage.audit.balancing import BalancedRows
from scheduler.storage.database.transactions import still, transactions
from tests.servers.hubspot.faults import cut_after
from tests.services.sync.databases import ON_BOTH
from tests.services.sync.renewal_world import RenewalWorld, renewal_world


@pytest.fixture
def world(engine: Engine) -> Iterator[RenewalWorld]:
    with renewal_world(engine) as made:
        yield made


def _counted(world: RenewalWorld, *, makes: bool = True) -> Mapping[str, int]:
    """What the balance says, without what is nothing."""
    with transactions(still(world.both.engine), BalancedRows)() as snapshot:
        found = snapshot.pushes(world.both.policy.version, makes=makes)
    assert sum(found.values()) == 2 * found["all"]
    return {name: count for name, count in found.items() if count}


@ON_BOTH
def test_a_next_term_counts_from_its_opening_on(world: RenewalWorld) -> None:
    assert _counted(world) == {"all": 2, "told": 1, "waiting": 1}


def test_without_the_setting_next_terms_are_nothing_to_be_told(world: RenewalWorld) -> None:
    assert _counted(world, makes=False) == {"all": 1, "told": 1}


def test_one_in_doubt_is_unknown_and_told_once_it_is_found(world: RenewalWorld) -> None:
    world.later(days=1, hours=1)
    world.both.pull()
    world.both.here.server.faults.next("batch create", cut_after())
    assert push_step(world.pusher()).unknown == 1
    assert _counted(world) == {"all": 2, "told": 1, "unknown": 1}
    world.later(minutes=2)
    world.round()
    world.round()
    assert _counted(world) == {"all": 2, "told": 2}


def test_one_that_hubspot_refuses_is_parked(world: RenewalWorld) -> None:
    world.both.here.server.rules.on_create = ("description",)
    world.later(days=1, hours=1)
    world.round()
    assert _counted(world) == {"all": 2, "told": 1, "parked": 1}
