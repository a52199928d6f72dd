"""The making of a next term's deal, killed, in doubt, or done by two at once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import pytest
from sqlalchemy import Engine

from scheduler.core.sync.writes import RecordWrite, WriteResult
from scheduler.core.words.reasons import code_of
from scheduler.services.answers.answering import undo
from scheduler.services.sync.push_step import push_step
from scheduler.services.sync.pushing import Pusher
from scheduler.services.sync.syncing import Syncing
from scheduler.storage.answers.answering import AnswerQueries
from scheduler.storage.database.transactions import transactions
from scheduler.storage.sync.ingesting import IngestRows
from scheduler.storage.sync.pushing import PushQueries
from tests.servers.hubspot import Fault, cut_after, cut_before, empty_207, half_body, html, status
from tests.services.sync.databases import ON_BOTH
from tests.services.sync.pushing_world import KilledError, Writer
from tests.services.sync.renewal_world import RenewalWorld, renewal_world


@pytest.fixture
def world(engine: Engine) -> Iterator[RenewalWorld]:
    """Two sides, of which HubSpot lacks the deal of a next term for more than a day."""
    with renewal_world(engine) as made:
        made.later(days=1, hours=1)
        made.both.pull()
        yield made


@dataclass(frozen=True)
class Maker(Writer):
    """An account in which deals are made by a process that may be killed before or after."""

    def create(self, changes: Sequence[RecordWrite]) -> Iterator[WriteResult]:
        """As ever, unless it dies."""
        if self.dies == "before":
            raise KilledError
        for result in Writer.create(self, changes):
            if self.dies == "after":
                raise KilledError
            yield result


def _pusher(world: RenewalWorld, dies: str) -> Pusher:
    """What a process that may be killed pushes with."""
    return world.pusher(account=Maker(world.both.here.client, dies))


def _rounds(world: RenewalWorld) -> None:
    """As long as it takes."""
    for _ in range(4):
        world.later(minutes=17)
        world.round()


def _made_once(world: RenewalWorld) -> None:
    """HubSpot has it once, it is the term's own, the ledger has its stage once, all is in step."""
    made = world.made()
    assert (len(made), world.deals_there()) == (1, 2)
    assert world.both.ours(made[0]).id == world.next
    assert len(world.both.deals()) == 2
    assert [n for n, _ in world.ledger(made[0])].count("dealstage") == 1
    row = world.of_next()
    assert (row["state"], row["lease_until"], row["handed"]) == ("in_step", None, None)
    assert world.both.conflicts() == []
    assert world.push() == []


def _dying(world: RenewalWorld, name: str, *, before: bool) -> Pusher:
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


def _pulled(world: RenewalWorld, syncing: Syncing) -> None:
    """Steps until everything is taken in."""
    while syncing.step(world.both.here.time.now()).more:
        pass


@ON_BOTH
@pytest.mark.parametrize("name", ["renewals", "hand_over", "link", "doubtful_renewals"])
@pytest.mark.parametrize("before", [False])
def test_killed_in_any_transaction_the_next_process_ends_what_was_begun(
    world: RenewalWorld, name: str, before: bool
) -> None:
    with pytest.raises(KilledError):
        push_step(_dying(world, name, before=before))
    _rounds(world)
    _made_once(world)


@pytest.mark.parametrize("name", ["settle", "link"])
@pytest.mark.parametrize("before", [True, False])
def test_killed_while_what_is_in_doubt_is_looked_up(
    world: RenewalWorld, name: str, before: bool
) -> None:
    fault = cut_before() if name == "settle" else cut_after()
    world.both.here.server.faults.next("batch create", fault)
    assert push_step(world.pusher()).unknown == 1
    world.later(minutes=2)
    with pytest.raises(KilledError):
        push_step(_dying(world, name, before=before))
    _rounds(world)
    _made_once(world)


@pytest.mark.parametrize("dies", ["before", "after"])
def test_killed_around_the_write_it_is_looked_up_by_its_key_and_never_made_twice(
    world: RenewalWorld, dies: str
) -> None:
    with pytest.raises(KilledError):
        push_step(_pusher(world, dies))
    assert world.of_next()["state"] == "handed_over"
    assert world.push() == []
    world.later(minutes=16)
    assert world.push() == []
    assert world.of_next()["state"] == "unknown"
    world.later(minutes=2)
    world.push()
    made = world.calls("batch create")
    _rounds(world)
    assert world.calls("batch create") == made == 1
    _made_once(world)


@pytest.mark.parametrize(
    "fault", [html(504), status(500), cut_before(), cut_after(), half_body(), empty_207()]
)
def test_without_an_answer_it_is_looked_up_by_its_key(world: RenewalWorld, fault: Fault) -> None:
    world.both.here.server.faults.next("batch create", fault)
    assert push_step(world.pusher()).unknown == 1
    assert world.push() == []
    _rounds(world)
    _made_once(world)


def test_one_in_doubt_that_the_pull_finds_first_is_linked_by_it(world: RenewalWorld) -> None:
    world.both.here.server.faults.next("batch create", cut_after())
    assert push_step(world.pusher()).unknown == 1
    world.both.pull()
    assert world.of_next()["state"] == "in_step"
    assert world.both.ours(world.made()[0]).id == world.next
    _rounds(world)
    _made_once(world)


def _unwon(world: RenewalWorld) -> None:
    """The win is undone while nobody knows whether the next term's deal was made."""
    world.both.here.server.faults.next("batch create", cut_after())
    assert push_step(world.pusher()).unknown == 1
    answering = transactions(world.both.engine, AnswerQueries)
    undo(
        answering, world.both.ours(world.record).contract.number, "Ken", world.both.here.time.now()
    )


def test_one_in_doubt_whose_win_was_undone_is_held_with_what_to_do(world: RenewalWorld) -> None:
    first = world.both.ours(world.record)
    _unwon(world)
    (made,) = (id for id in world.both.here.server.state()["deals"] if id != world.record)
    _rounds(world)
    assert code_of(str(world.both.record(made)["held"])) == "sync_taken_back"
    assert [deal.id for deal in world.both.deals()] == [first.id, world.next]
    assert world.deals_there() == 2
    world.both.people["ann"].edits(made, {"renewals_key": ""})
    _rounds(world)
    assert world.both.record(made)["held"] == ""
    assert world.both.ours(made).stage == "stable"


@pytest.mark.parametrize("before", [True, False])
def test_a_pull_that_is_killed_while_it_links_ends_the_next_time(
    world: RenewalWorld, before: bool
) -> None:
    class Dying(IngestRows):
        """Dies."""

        def link_renewals(self, now: object) -> None:
            """Before or after."""
            if not before:
                IngestRows.link_renewals(self, world.both.here.time.now())
            raise KilledError

    world.both.here.server.faults.next("batch create", cut_after())
    push_step(world.pusher())
    syncing = world.both.syncing
    syncing.ingest = transactions(world.both.engine, Dying)
    with pytest.raises(KilledError):
        _pulled(world, syncing)
    _rounds(world)
    _made_once(world)


def test_while_looking_it_up_fails_it_stays_unknown(world: RenewalWorld) -> None:
    server = world.both.here.server
    server.faults.next("batch create", cut_after())
    push_step(world.pusher())
    world.later(minutes=2)
    server.faults.next("batch read", empty_207(), empty_207())
    assert push_step(world.pusher()).unknown == 1
    assert world.of_next()["state"] == "unknown"
    _rounds(world)
    _made_once(world)


def test_a_write_that_arrives_after_it_was_called_missing_is_found_and_not_doubled(
    world: RenewalWorld,
) -> None:
    server = world.both.here.server
    server.faults.next("batch create", cut_before())
    push_step(world.pusher())
    world.later(minutes=2)
    push_step(world.pusher())
    late = {"dealname": "Aoba Pro", "renewals_key": world.following.key}
    stands = {"pipeline": "care", "dealstage": "care_stable", "ends_on": "2028-03-31"}
    company = world.both.companies["Aoba"]
    server.agenda.before(
        "batch create", lambda: server.add("deals", late | stands, company=company)
    )
    world.push()
    made = world.made()
    assert len(made) == 1
    assert world.both.ours(made[0]).id == world.next


@ON_BOTH
def test_two_workers_at_once_make_it_once(world: RenewalWorld) -> None:
    now = world.both.here.time.now()
    given = (now, now.replace(hour=23), "one", 10, now, world.both.policy.version)
    with transactions(world.both.engine, PushQueries)() as first:
        mine = first.renewals(*given)
    with transactions(world.both.engine, PushQueries)() as second:
        theirs = second.renewals(*given)
    assert (len(mine), len(theirs)) == (1, 0)


@ON_BOTH
def test_a_worker_whose_lease_has_run_out_makes_nothing(world: RenewalWorld) -> None:
    world.both.here.server.agenda.after("batch read", lambda: world.later(minutes=16))
    step = push_step(world.pusher(worker="slow"))
    assert (step.made, world.calls("batch create")) == (0, 0)
    _rounds(world)
    _made_once(world)


@ON_BOTH
def test_a_late_worker_links_nothing(world: RenewalWorld) -> None:
    now = world.both.here.time.now()
    begin = transactions(world.both.engine, PushQueries)
    with begin() as transaction:
        claims = transaction.renewals(now, now, "slow", 10, now, world.both.policy.version)
    _rounds(world)
    with begin() as transaction:
        assert not transaction.link(claims[0].claim, "77", now, now)
    _made_once(world)
