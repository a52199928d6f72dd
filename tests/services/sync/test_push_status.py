"""What people are told of what HubSpot was told."""

from sqlalchemy import Engine

from scheduler.services.sync.push_status import PushStatus, push_status
from scheduler.services.sync.push_step import push_step
from scheduler.storage.database.transactions import transactions
from scheduler.storage.sync.push_status import PushCounts
from tests.servers.hubspot import cut_after
from tests.services.sync.databases import ON_BOTH
from tests.services.sync.in_step import STAGES
from tests.services.sync.pushing_world import PushWorld, push_world
from tests.services.sync.renewal_world import renewal_world


def _standing(world: PushWorld, listed: int = 20) -> PushStatus:
    looking = transactions(world.both.engine, PushCounts)
    now = world.both.here.time.now()
    return push_status(looking, now, world.both.policy.version, listed)


@ON_BOTH
def test_each_deal_counts_once_by_how_far_it_is(engine: Engine) -> None:
    with push_world(engine) as world:
        record = world.both.deal()
        world.both.pull()
        assert (_standing(world).due, _standing(world).all_told) == (1, False)
        world.push()
        told = _standing(world)
        assert (told.due, told.in_step, told.all_told) == (0, 1, True)
        assert told.last_at == world.both.here.time.now()
        world.at_risk(record)
        assert (_standing(world).due, _standing(world).in_step) == (1, 0)
        world.both.here.server.faults.next("batch update", cut_after())
        push_step(world.pusher())
        assert (_standing(world).unknown, _standing(world).all_told) == (1, False)
        world.later(minutes=2)
        push_step(world.pusher())
        assert (_standing(world).unchecked, _standing(world).in_step) == (1, 1)


def test_what_is_parked_says_which_contract_and_why(engine: Engine) -> None:
    with push_world(engine) as world:
        world.both.here.server.rules.required_at[STAGES["lost"]] = ("closed_lost_reason",)
        for name in ("Aoba", "Sakura"):
            world.lose(world.loaded(customer=name))
        world.push()
        told = _standing(world, listed=1)
        assert (told.parked_count, len(told.parked), told.all_told) == (2, 1, False)
        (parked,) = told.parked
        assert parked.customer in ("Aoba", "Sakura")
        assert "'closed_lost_reason' is required" in parked.because
        assert parked.again_at is not None
        assert parked.again_at > world.both.here.time.now()


def test_next_terms_count_while_their_deals_are_made_and_with_the_rest_once_they_are(
    engine: Engine,
) -> None:
    with renewal_world(engine) as world:
        world.both.here.server.rules.on_create = ("description",)
        world.later(days=1, hours=1)
        world.round()
        told = _standing(world)
        assert (told.in_step, told.parked_count, told.all_told) == (1, 1, False)
        assert [p.customer for p in told.parked] == ["Aoba"]
        assert "description" in told.parked[0].because
        world.both.here.server.rules.on_create = ()
        world.later(days=1, hours=1)
        world.both.here.server.faults.next("batch create", cut_after())
        world.both.pull()
        push_step(world.pusher())
        assert (_standing(world).unknown, _standing(world).parked_count) == (1, 0)
        world.later(minutes=2)
        world.round()
        world.round()
        assert (_standing(world).in_step, _standing(world).all_told) == (2, True)
