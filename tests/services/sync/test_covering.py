"""A person moves the deal between our reading and our writing: HubSpot's value counts."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from sqlalchemy import Engine

from scheduler.core.sync.echoes import OwnSources
from scheduler.core.words.lexicon import ForecastCall, Health, Language, Verb
from scheduler.core.words.reasons import word
from scheduler.services.sync.push_step import push_step
from scheduler.services.sync.pushing import OWN_SOURCES
from scheduler.storage.database.transactions import transactions
from scheduler.storage.sync.pulling import PullQueries
from tests.servers.hubspot import Fault, cut_after, cut_before
from tests.services.sync.databases import ON_BOTH
from tests.services.sync.in_step import STAGES
from tests.services.sync.pushing_world import KilledError, PushWorld, push_world

SOURCES = [("INTEGRATION", "4711"), ("INTEGRATION", None), ("PUBLIC_API", "apikey:99")]


@pytest.fixture
def world(engine: Engine) -> Iterator[PushWorld]:
    """Two sides, of one deal that has become at risk here."""
    with push_world(engine) as made:
        made.record = made.loaded()
        made.at_risk(made.record)
        made.later(minutes=1)
        yield made


def _moves(world: PushWorld, stage: str) -> Callable[[], None]:
    """Ann moves the deal, two seconds later; and time goes on."""

    def act() -> None:
        world.later(seconds=2)
        world.both.people["ann"].moves(world.record, STAGES[stage])
        world.later(seconds=2)

    return act


def _between(world: PushWorld, stage: str) -> None:
    """Ann moves the deal after our last reading, before our write."""
    world.both.here.server.agenda.before("batch update", _moves(world, stage))


def _in_the_end(world: PushWorld) -> None:
    """Both sides go on until nothing changes."""
    for _ in range(4):
        world.later(minutes=17)
        world.push()
        world.both.pull()
        world.both.sweep()


@pytest.mark.parametrize("source", SOURCES)
def test_a_move_that_we_wrote_over_is_restored_and_taken_as_their_answer(
    world: PushWorld, source: tuple[str, str | None]
) -> None:
    server = world.both.here.server
    server.switches = replace(server.switches, key_source=source)
    _between(world, "critical")
    steps = world.push()
    assert sum(step.restored for step in steps) == 1
    assert world.there(world.record)["dealstage"] == STAGES["critical"]
    _in_the_end(world)
    assert world.there(world.record)["dealstage"] == STAGES["critical"]
    deal = world.both.ours(world.record)
    assert (deal.stage, deal.health.value) == ("critical", "critical")
    assert world.both.way(deal)[-1][2] == "Ann Ito"
    (conflict,) = world.both.conflicts()
    assert (conflict["who"], conflict["winner"]) == ("Ann Ito", "theirs")
    assert "HubSpot's value counts" in word(conflict["because"], Language.EN)
    assert world.row(world.record)["state"] == "in_step"


def test_a_conflict_is_explained_in_the_language_of_whoever_reads(engine: Engine) -> None:
    with push_world(engine) as world:
        world.record = world.loaded()
        world.at_risk(world.record)
        _between(world, "critical")
        world.push()
        said = word(world.both.conflicts()[0]["because"], Language.JA)
        assert "Ann Ito" in said
        assert "theirs" not in said


def test_a_move_after_our_write_is_no_conflict_and_stands(world: PushWorld) -> None:
    world.both.here.server.agenda.after("batch update", _moves(world, "critical"))
    world.push()
    _in_the_end(world)
    assert world.both.conflicts() == []
    assert world.there(world.record)["dealstage"] == STAGES["critical"]
    assert world.both.ours(world.record).stage == "critical"


def test_a_move_before_our_reading_is_left_to_the_next_pull_and_the_rest_is_written(
    world: PushWorld,
) -> None:
    world.both.people["ann"].moves(world.record, STAGES["critical"])
    world.later(minutes=1)
    steps = world.push()
    assert (sum(s.waiting for s in steps), sum(s.written for s in steps)) == (1, 1)
    assert world.there(world.record)["dealstage"] == STAGES["critical"]
    assert world.there(world.record)["renewals_health"] == "at_risk"
    assert world.both.record(world.record)["waits"] == "history"
    _in_the_end(world)
    assert world.both.ours(world.record).stage == "critical"
    assert world.there(world.record)["dealstage"] == STAGES["critical"]
    assert world.there(world.record)["renewals_health"] == "critical"


def test_a_move_from_before_ours_is_overruled_after_the_pull_has_seen_it(engine: Engine) -> None:
    with push_world(engine) as world:
        world.record = world.loaded()
        world.both.people["ann"].moves(world.record, STAGES["critical"])
        world.later(minutes=1)
        world.at_risk(world.record)
        world.push()
        assert world.there(world.record)["dealstage"] == STAGES["critical"]
        _in_the_end(world)
        assert world.there(world.record)["dealstage"] == STAGES["at_risk"]
        assert world.both.ours(world.record).stage == "at_risk"
        assert [c["winner"] for c in world.both.conflicts()] == ["ours"]


def test_what_was_held_is_told_again_once_ours_overrules_it(engine: Engine) -> None:
    with push_world(engine) as world:
        record = world.loaded(dealstage=STAGES["renewal_1m"], ends_on="2027-01-02")
        world.both.people["ann"].moves(record, STAGES["renewal_3m"])
        world.later(minutes=1)
        world.both.pull()
        assert "sync_refused" in world.both.record(record)["held"]
        world.later(minutes=1)
        world.lose(record)
        world.push()
        assert world.there(record)["dealstage"] == STAGES["renewal_3m"]
        world.later(days=1)
        world.both.syncing.count(world.both.here.time.now())
        world.both.pull()
        world.push()
        assert world.there(record)["dealstage"] == STAGES["lost"]
        assert [c["winner"] for c in world.both.conflicts()] == ["ours"]


@pytest.mark.parametrize("fault", [cut_before(), cut_after()])
def test_giving_back_without_an_answer_is_repeated_until_it_stands(
    world: PushWorld, fault: Fault
) -> None:
    _between(world, "critical")
    push_step(world.pusher())
    world.both.here.server.faults.next("batch update", fault)
    push_step(world.pusher())
    assert world.row(world.record)["state"] == "unknown"
    world.both.pull()
    _in_the_end(world)
    assert world.there(world.record)["dealstage"] == STAGES["critical"]
    assert world.both.ours(world.record).stage == "critical"


@pytest.mark.parametrize("dies", ["before", "after"])
def test_killed_while_giving_back_the_next_process_ends_it(world: PushWorld, dies: str) -> None:
    _between(world, "critical")
    push_step(world.pusher())
    with pytest.raises(KilledError):
        push_step(world.pusher(dies=dies))
    world.both.pull()
    _in_the_end(world)
    assert world.there(world.record)["dealstage"] == STAGES["critical"]
    assert world.both.ours(world.record).stage == "critical"
    assert len(world.both.conflicts()) == 1


def _refused(world: PushWorld, step: str = "critical") -> None:
    """Ann's move is written over, and HubSpot refuses to restore it."""
    rules = world.both.here.server.rules

    def act() -> None:
        _moves(world, step)()
        rules.required_at[STAGES[step]] = ("closed_lost_reason",)

    world.both.here.server.agenda.before("batch update", act)
    world.push()


def test_a_move_that_hubspot_does_not_take_back_is_never_written_over_by_ours(
    world: PushWorld,
) -> None:
    _refused(world)
    row = world.row(world.record)
    assert (row["state"], row["handed"]["values"]["dealstage"]) == ("parked", STAGES["critical"])
    assert "'closed_lost_reason' is required" in row["because"]
    (conflict,) = world.both.conflicts()
    assert conflict["winner"] == "ours"
    said = word(conflict["because"], Language.EN)
    assert "refuses to restore it" in said
    assert "'closed_lost_reason' is required" in said
    stages = [value for name, value in world.ledger(world.record) if name == "dealstage"]
    _in_the_end(world)
    world.later(days=2)
    _in_the_end(world)
    assert world.there(world.record)["dealstage"] == STAGES["at_risk"]
    now = [value for name, value in world.ledger(world.record) if name == "dealstage"]
    assert now == stages
    assert world.row(world.record)["state"] == "parked"


@ON_BOTH
def test_it_is_taken_back_once_the_person_has_filled_it_in(world: PushWorld) -> None:
    _refused(world)
    world.both.people["ann"].edits(world.record, {"closed_lost_reason": "x"})
    world.later(minutes=1)
    world.both.pull()
    _in_the_end(world)
    assert world.there(world.record)["dealstage"] == STAGES["critical"]
    deal = world.both.ours(world.record)
    assert (deal.stage, world.both.way(deal)[-1][2]) == ("critical", "Ann Ito")
    (conflict,) = world.both.conflicts()
    assert conflict["winner"] == "theirs"
    assert "has accepted it now" in word(conflict["because"], Language.EN)
    assert world.row(world.record)["state"] == "in_step"


def test_our_other_properties_are_told_while_it_is_not_taken_back(world: PushWorld) -> None:
    _refused(world)
    world.answers(world.record, Verb.FORECAST, call=ForecastCall.UNSURE)
    world.later(minutes=1)
    world.push()
    assert world.there(world.record)["renewals_forecast"] == "unsure"
    assert world.there(world.record)["dealstage"] == STAGES["at_risk"]
    assert world.row(world.record)["handed"]["values"]["dealstage"] == STAGES["critical"]


def test_a_later_word_here_stands_and_what_was_to_be_restored_is_left(world: PushWorld) -> None:
    _refused(world)
    world.later(minutes=5)
    world.answers(world.record, Verb.HEALTH, health=Health.STABLE)
    world.push()
    assert world.there(world.record)["dealstage"] == STAGES["stable"]
    assert world.row(world.record)["handed"] is None
    _in_the_end(world)
    assert world.both.ours(world.record).stage == "stable"


def test_a_later_move_there_stands_and_what_was_to_be_restored_is_left(world: PushWorld) -> None:
    _refused(world)
    world.later(minutes=5)
    world.both.people["ann"].moves(world.record, STAGES["stable"])
    world.later(minutes=1)
    world.both.pull()
    _in_the_end(world)
    assert world.there(world.record)["dealstage"] == STAGES["stable"]
    assert world.both.ours(world.record).stage == "stable"
    assert world.row(world.record)["state"] == "in_step"


@pytest.mark.parametrize("source", SOURCES)
def test_what_hubspot_calls_our_writing_is_learned_where_it_has_an_id(
    engine: Engine, source: tuple[str, str | None]
) -> None:
    with push_world(engine) as world:
        server = world.both.here.server
        server.switches = replace(server.switches, key_source=source)
        record = world.loaded()
        world.at_risk(record)
        world.push()
        with transactions(engine, PullQueries)() as transaction:
            known = OwnSources.from_text(transaction.kept(OWN_SOURCES)).known
        assert [(s.kind, s.id) for s in known] == ([source] if source[1] else [])


def test_our_own_move_comes_back_without_an_echo(world: PushWorld) -> None:
    world.push()
    before = world.both.way(world.both.ours(world.record))
    _in_the_end(world)
    assert world.both.way(world.both.ours(world.record)) == before
    assert world.both.conflicts() == []
