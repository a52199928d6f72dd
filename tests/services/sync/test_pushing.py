"""What HubSpot has after a push, and what is written at all."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import Engine

from scheduler.core.words.lexicon import Language, Verb
from scheduler.hubspot.errors import LaterError, MissingScopeError, UnauthorisedError
from scheduler.services.sync.push_step import push_step
from tests.servers.hubspot import Token, locked, migrating
from tests.servers.hubspot.values import FormatRule
from tests.services.sync.databases import ON_BOTH
from tests.services.sync.in_step import RECORDS, STAGES
from tests.services.sync.pushing_world import PushWorld, push_world


@pytest.fixture
def world(engine: Engine) -> Iterator[PushWorld]:
    """Two sides."""
    with push_world(engine) as made:
        yield made


def test_a_move_here_arrives_there_with_our_properties(world: PushWorld) -> None:
    record = world.loaded()
    world.at_risk(record)
    world.push()
    there = world.there(record)
    assert there["dealstage"] == STAGES["at_risk"]
    assert there["renewals_health"] == "at_risk"
    assert there["renewals_next_milestone_on"] == "2026-12-31"
    assert there["renewals_ends_on"] == "2027-03-31"
    assert there["renewals_outcome"] == "open"
    assert there["renewals_url"].startswith("https://renewals.example/deals/")
    assert world.row(record)["state"] == "in_step"


@pytest.mark.parametrize("language", [Language.EN, Language.JA])
def test_a_lost_deal_says_why_in_the_language_of_the_account(
    engine: Engine, language: Language
) -> None:
    with push_world(engine, language=language) as world:
        record = world.loaded()
        world.lose(record, "予算がなくなった")
        world.push()
        there = world.there(record)
        assert there["dealstage"] == STAGES["lost"]
        assert there["renewals_outcome"] == "lost"
        assert there["renewals_outcome_reason"].endswith("予算がなくなった")


def test_only_what_differs_is_written_and_what_is_told_is_not_told_again(
    world: PushWorld,
) -> None:
    record = world.loaded()
    before = len(world.ledger(record))
    world.touch(record)
    assert [step.in_step for step in world.push()] == [1]
    assert len(world.ledger(record)) == before
    assert world.push() == []


def test_amount_owner_and_close_date_are_never_written(world: PushWorld) -> None:
    record = world.loaded()
    world.lose(record)
    world.push()
    ours = {name for name, _ in world.ledger(record)}
    assert all(n.startswith("renewals_") or n in ("dealstage", "pipeline") for n in ours)


def test_without_push_nothing_is_written_ever(world: PushWorld) -> None:
    record = world.loaded()
    world.at_risk(record)
    quiet = replace(world.both.settings, push=False)
    journal = len(world.both.here.server.journal)
    assert not push_step(world.pusher(settings=quiet)).more
    assert len(world.both.here.server.journal) == journal


def test_an_account_without_our_properties_gets_the_stage_alone(engine: Engine) -> None:
    with push_world(engine, made=False) as world:
        record = world.loaded()
        world.at_risk(record)
        assert "renewals_health" in world.push()[0].unmade
        assert world.there(record)["dealstage"] == STAGES["at_risk"]


@ON_BOTH
def test_a_stage_without_a_place_there_is_parked_and_the_rest_is_written(engine: Engine) -> None:
    with push_world(engine) as world:
        record = world.loaded()
        stages = world.both.settings.stages
        rules = tuple(r for r in stages.rules if r.place.stage != "at_risk")
        less = replace(world.both.settings, stages=replace(stages, rules=rules))
        whole, world.both.settings = world.both.settings, less
        world.at_risk(record)
        world.push()
        assert world.row(record)["state"] == "parked"
        assert "at_risk" in world.row(record)["because"]
        assert world.there(record)["renewals_health"] == "at_risk"
        assert world.there(record)["dealstage"] == STAGES["stable"]
        reads = world.calls("batch read")
        assert world.push() == []
        assert world.calls("batch read") == reads
        world.both.settings = whole
        world.both.policy = replace(world.both.policy, version=world.both.policy.version + 1)
        world.push()
        assert world.there(record)["dealstage"] == STAGES["at_risk"]
        assert world.row(record)["state"] == "in_step"


@pytest.mark.parametrize("bad_input", ["whole", "each"])
def test_a_refusal_is_parked_in_hubspots_words_and_holds_nobody_back(
    world: PushWorld, bad_input: str
) -> None:
    server = world.both.here.server
    server.switches = replace(server.switches, bad_input=bad_input)
    refused, other = world.loaded(), world.loaded(customer="Sakura")
    server.rules.required_at[STAGES["lost"]] = ("closed_lost_reason",)
    world.lose(refused)
    world.at_risk(other)
    world.push()
    assert world.there(other)["dealstage"] == STAGES["at_risk"]
    row = world.row(refused)
    assert row["state"] == "parked"
    assert "'closed_lost_reason' is required" in row["because"]
    writes = world.calls("batch update")
    world.later(hours=2)
    assert world.push() == []
    assert world.calls("batch update") == writes


@ON_BOTH
def test_what_was_refused_goes_through_once_a_person_has_filled_it_in(world: PushWorld) -> None:
    record = world.loaded()
    world.both.here.server.rules.required_at[STAGES["lost"]] = ("closed_lost_reason",)
    world.lose(record)
    world.push()
    world.both.people["ann"].edits(record, {"closed_lost_reason": "too dear"})
    world.later(minutes=1)
    world.both.pull()
    world.push()
    assert world.there(record)["dealstage"] == STAGES["lost"]
    assert world.row(record)["state"] == "in_step"


@ON_BOTH
def test_what_was_refused_is_asked_again_after_a_day_and_when_something_else_is_wanted(
    world: PushWorld,
) -> None:
    record = world.loaded()
    server = world.both.here.server
    server.rules.required_at[STAGES["lost"]] = ("closed_lost_reason",)
    world.lose(record)
    world.push()
    writes = world.calls("batch update")
    world.touch(record)
    world.push()
    assert world.calls("batch update") == writes
    world.later(hours=25)
    world.push()
    assert world.calls("batch update") == writes + 1
    del server.rules.required_at[STAGES["lost"]]
    world.later(hours=25)
    world.push()
    assert world.there(record)["dealstage"] == STAGES["lost"]


def test_a_locked_record_is_put_off_and_holds_nobody_back(world: PushWorld) -> None:
    one, two = world.loaded(), world.loaded(customer="Sakura")
    world.at_risk(one)
    world.at_risk(two)
    world.both.here.server.faults.next("batch update", *[locked()] * 10)
    step = push_step(world.pusher())
    assert (step.put_off, step.written) == (1, 1)
    waiting = [r for r in (one, two) if world.row(r)["state"] == "in_step"]
    assert len(waiting) == 2
    world.later(minutes=1)
    world.push()
    assert {world.there(r)["dealstage"] for r in (one, two)} == {STAGES["at_risk"]}


def test_an_account_that_is_moved_is_waited_for_and_nothing_counts_as_tried(
    world: PushWorld,
) -> None:
    record = world.loaded()
    world.at_risk(record)
    world.both.here.server.faults.next("batch update", migrating(3600))
    with pytest.raises(LaterError):
        push_step(world.pusher())
    row = world.row(record)
    assert (row["state"], row["attempts"], row["lease_until"]) == ("in_step", 0, None)
    assert world.push() == []
    world.later(hours=2)
    world.push()
    assert world.there(record)["dealstage"] == STAGES["at_risk"]


@pytest.mark.parametrize("kind", ["batch read", "batch update"])
def test_a_token_that_is_not_accepted_keeps_everything_due(world: PushWorld, kind: str) -> None:
    record = world.loaded()
    world.at_risk(record)
    here = world.both.here
    known = dict(here.server.tokens)
    if kind == "batch read":
        here.server.tokens.clear()
    else:
        here.server.tokens[here.token] = Token().without("crm.objects.deals.write")
    with pytest.raises((UnauthorisedError, MissingScopeError)):
        push_step(world.pusher())
    row = world.row(record)
    assert (row["state"], row["attempts"], row["lease_until"]) == ("in_step", 0, None)
    here.server.tokens.update(known)
    world.push()
    assert world.there(record)["dealstage"] == STAGES["at_risk"]


def test_a_record_that_is_gone_is_looked_up_and_not_asked_for_each_minute(
    world: PushWorld,
) -> None:
    record = world.loaded()
    world.at_risk(record)
    world.both.people["ann"].archives(record)
    assert [step.gone for step in world.push()] == [1]
    assert world.both.record(record)["waits"] == "look"
    assert world.both.record(record)["state"] == "here"
    assert world.push() == []


@pytest.mark.parametrize("bad_input", ["whole", "each"])
def test_a_value_that_a_rule_refuses_keeps_none_of_the_others_back(
    world: PushWorld, bad_input: str
) -> None:
    server = world.both.here.server
    server.switches = replace(server.switches, bad_input=bad_input)
    record = world.loaded()
    server.rules.formats["deals", "renewals_outcome_reason"] = (FormatRule("MAX_LENGTH", "3"),)
    world.lose(record, "too dear for them")
    assert [(step.partly, step.written) for step in world.push() if step.partly] == [(1, 0)]
    there, row = world.there(record), world.row(record)
    assert (there["dealstage"], there["renewals_outcome"]) == (STAGES["lost"], "lost")
    assert "renewals_outcome_reason" not in there
    assert row["state"] == "parked"
    assert "renewals_outcome_reason" in row["because"]
    assert ("dealstage", STAGES["lost"]) in world.ledger(record)
    assert "renewals_outcome_reason" not in {name for name, value in world.ledger(record)}
    writes = world.calls("batch update")
    assert world.push() == []
    server.rules.formats.clear()
    world.later(hours=25)
    world.push()
    assert world.calls("batch update") == writes + 1
    assert "too dear" in world.there(record)["renewals_outcome_reason"]
    assert world.row(record)["state"] == "in_step"
    world.both.pull()
    assert world.both.ours(record).stage == "lost"
    assert world.both.conflicts() == []


def test_a_stage_that_a_rule_refuses_keeps_our_properties_from_nobody(world: PushWorld) -> None:
    record = world.loaded()
    world.both.here.server.rules.required_at[STAGES["lost"]] = ("closed_lost_reason",)
    world.lose(record)
    world.push()
    assert world.there(record)["dealstage"] == STAGES["stable"]
    assert world.there(record)["renewals_outcome"] == "lost"
    assert "'closed_lost_reason' is required" in world.row(record)["because"]


def test_a_deal_whose_property_cannot_be_read_is_told_with_its_stage(world: PushWorld) -> None:
    record = world.loaded()
    world.both.people["ann"].edits(record, {"starts_on": "2028-04-01"})
    world.later(minutes=1)
    world.both.pull()
    assert "sync_" in world.both.record(record)["held"]
    world.at_risk(record)
    world.push()
    assert world.there(record)["dealstage"] == STAGES["at_risk"]


@ON_BOTH
def test_a_stage_that_is_held_is_pushed_without_a_stage(world: PushWorld) -> None:
    record = world.loaded()
    world.both.here.server.pipeline("Other", ("other_open", "Open", 0.5), id_="other")
    world.both.people["ann"].moves(record, "other_open")
    world.later(minutes=1)
    with world.both.engine.begin() as connection:
        connection.execute(RECORDS.update().values(held="its stage there has no place"))
    world.at_risk(record)
    world.push()
    assert world.there(record)["dealstage"] == "other_open"
    assert world.there(record)["renewals_health"] == "at_risk"
    assert world.row(record)["state"] == "in_step"


@pytest.mark.parametrize("sets_it", [True, False])
def test_a_close_date_that_a_push_sets_is_no_new_end(world: PushWorld, sets_it: bool) -> None:
    server = world.both.here.server
    server.switches = replace(server.switches, api_close_sets_closedate=sets_it)
    record = world.loaded()
    won = world.both.ours(record)
    world.answers(record, Verb.WON)
    world.push()
    for _ in range(2):
        world.later(minutes=1)
        world.both.pull()
        world.both.sweep()
        world.push()
    assert ("closedate" in world.there(record)) is sets_it
    assert world.there(record)["dealstage"] == STAGES["won"]
    after = next(deal for deal in world.both.deals() if deal.id == won.id)
    assert (after.stage, after.contract.ends_on) == ("won", won.contract.ends_on)
    assert world.both.conflicts() == []


def test_what_is_refused_is_asked_again_after_a_day_however_often_the_deal_changes(
    world: PushWorld,
) -> None:
    record = world.loaded()
    world.both.here.server.rules.required_at[STAGES["lost"]] = ("closed_lost_reason",)
    world.lose(record)
    world.push()
    writes = world.calls("batch update")
    for _ in range(3):
        world.later(hours=9)
        world.touch(record)
        world.push()
    assert world.calls("batch update") == writes + 1


@ON_BOTH
def test_two_hundred_and_fifty_deals_take_three_reads_and_three_writes(engine: Engine) -> None:
    with push_world(engine) as world:
        for _ in range(250):
            world.both.deal()
        world.both.pull()
        reads, writes = world.calls("batch read"), world.calls("batch update")
        assert sum(step.written for step in world.push()) == 250
        assert world.calls("batch read") - reads == 3
        assert world.calls("batch update") - writes == 3
