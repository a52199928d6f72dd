"""A push that is killed, written in doubt, or done by two at once."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import Engine

from scheduler.services.sync.push_step import push_step
from scheduler.services.sync.push_store import SettledPush
from scheduler.services.sync.pushing import Pusher
from scheduler.storage.database.transactions import transactions
from scheduler.storage.sync.pushing import PushQueries
from tests.servers.hubspot import Fault, cut_after, cut_before, empty_207, half_body, html, status
from tests.services.sync.databases import ON_BOTH
from tests.services.sync.in_step import STAGES
from tests.services.sync.pushing_world import KilledError, PushWorld, push_world


@pytest.fixture
def world(engine: Engine) -> Iterator[PushWorld]:
    """Two sides, of one deal that has become at risk here."""
    with push_world(engine) as made:
        made.record = made.loaded()
        made.at_risk(made.record)
        yield made


def _written_once(world: PushWorld) -> None:
    """HubSpot has it, the ledger has it once, and all is in step."""
    assert world.there(world.record)["dealstage"] == STAGES["at_risk"]
    assert [v for n, v in world.ledger(world.record) if n == "dealstage"] == [STAGES["at_risk"]]
    stages = [w for w in world.both.here.server.journal if w.name == "dealstage" and w.trace]
    assert len(stages) == 1
    row = world.row(world.record)
    assert (row["state"], row["lease_until"], row["handed"]) == ("in_step", None, None)
    assert world.push() == []


def _dying(world: PushWorld, name: str, *, before: bool) -> Pusher:
    """A process that is killed at one call of the database, before or after it; what its
    transaction did is lost."""

    def dies(*_: object, **__: object) -> None:
        raise KilledError

    class Dying(PushQueries):
        """Dies."""

    def dies_after(self: PushQueries, *given: object, **more: object) -> None:
        getattr(PushQueries, name)(self, *given, **more)
        raise KilledError

    setattr(Dying, name, dies if before else dies_after)
    return replace(world.pusher(), begin=transactions(world.both.engine, Dying))


def _pushed_by(pusher: Pusher) -> None:
    """All its steps."""
    while push_step(pusher).more:
        pass


@pytest.mark.parametrize("name", ["claim", "hand_over", "enter", "settle", "unchecked", "checked"])
@pytest.mark.parametrize("before", [True, False])
def test_killed_in_any_transaction_the_next_process_ends_what_was_begun(
    world: PushWorld, name: str, before: bool
) -> None:
    with pytest.raises(KilledError):
        _pushed_by(_dying(world, name, before=before))
    for _ in range(3):
        world.later(minutes=17)
        world.push()
    _written_once(world)


@ON_BOTH
@pytest.mark.parametrize("dies", ["before", "after"])
def test_killed_around_the_write_it_is_read_back_and_never_written_twice(
    world: PushWorld, dies: str
) -> None:
    with pytest.raises(KilledError):
        push_step(world.pusher(dies=dies))
    assert world.row(world.record)["state"] == "handed_over"
    assert world.push() == []
    world.later(minutes=16)
    assert world.push() == []
    assert world.row(world.record)["state"] == "unknown"
    world.later(minutes=2)
    world.push()
    _written_once(world)


@pytest.mark.parametrize(
    "fault", [html(504), status(500), cut_before(), cut_after(), half_body(), empty_207()]
)
def test_a_write_without_an_answer_is_read_back(world: PushWorld, fault: Fault) -> None:
    world.both.here.server.faults.next("batch update", fault)
    assert push_step(world.pusher()).unknown == 1
    writes = world.calls("batch update")
    assert world.push() == []
    world.later(minutes=2)
    world.push()
    assert world.calls("batch update") - writes <= 1
    _written_once(world)


@ON_BOTH
def test_what_arrived_of_a_write_in_doubt_is_entered_though_the_rest_did_not(
    world: PushWorld,
) -> None:
    server = world.both.here.server
    server.faults.next("batch update", cut_after())
    assert push_step(world.pusher()).unknown == 1
    world.both.people["ann"].edits(world.record, {"renewals_health": "unknown"})
    world.later(minutes=2)
    push_step(world.pusher())
    assert ("dealstage", STAGES["at_risk"]) in world.ledger(world.record)
    assert ("renewals_health", "at_risk") not in world.ledger(world.record)
    world.push()
    assert world.there(world.record)["renewals_health"] == "at_risk"


def test_while_reading_back_fails_it_stays_unknown(world: PushWorld) -> None:
    server = world.both.here.server
    server.faults.next("batch update", cut_after())
    push_step(world.pusher())
    world.later(minutes=2)
    server.faults.next("batch read", empty_207(), empty_207())
    assert push_step(world.pusher()).unknown == 1
    assert world.row(world.record)["state"] == "unknown"
    world.later(minutes=2)
    world.push()
    _written_once(world)


@ON_BOTH
def test_two_workers_at_once_push_each_deal_once(world: PushWorld) -> None:
    other = world.loaded(customer="Sakura")
    world.push()
    for record in (world.record, other):
        world.touch(record)
    with transactions(world.both.engine, PushQueries)() as first:
        now = world.both.here.time.now()
        lease, version = now.replace(hour=23), world.both.policy.version
        mine = first.claim(now, lease, "one", 1, version)
    with transactions(world.both.engine, PushQueries)() as second:
        theirs = second.claim(now, lease, "two", 10, version)
    assert len(mine) == len(theirs) == 1
    assert {c.record_id for c in (*mine, *theirs)} == {str(world.record), str(other)}


@ON_BOTH
def test_a_worker_whose_lease_has_run_out_hands_nothing_over(world: PushWorld) -> None:
    slow = world.pusher(worker="slow")
    server = world.both.here.server
    server.agenda.after("batch read", lambda: world.later(minutes=16))
    step = push_step(slow)
    assert step.written == 0
    assert world.there(world.record)["dealstage"] == STAGES["stable"]
    world.push(worker="quick")
    _written_once(world)


@ON_BOTH
def test_a_late_worker_changes_nothing_of_what_another_has_done(world: PushWorld) -> None:
    begin = transactions(world.both.engine, PushQueries)
    now = world.both.here.time.now()
    with begin() as transaction:
        claims = transaction.claim(now, now.replace(hour=5), "slow", 10, world.both.policy.version)
    world.later(hours=3)
    world.push(worker="quick")
    with begin() as transaction:
        assert not transaction.settle(claims[0], SettledPush.as_before(claims[0]), now)
    _written_once(world)
