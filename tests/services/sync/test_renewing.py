"""The deal of a next term, made in HubSpot where nobody has made it."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

import pytest
from sqlalchemy import Engine

from scheduler.core.words.lexicon import Language
from scheduler.core.words.reasons import word
from tests.services.sync.databases import ON_BOTH
from tests.services.sync.in_step import CARE, SALES, STAGES
from tests.services.sync.renewal_world import RenewalWorld, renewal_world


@pytest.fixture
def world(engine: Engine) -> Iterator[RenewalWorld]:
    """Two sides, of one deal that has been won here."""
    with renewal_world(engine) as made:
        yield made


def _made(world: RenewalWorld) -> int:
    """The one deal that was made."""
    made = world.made()
    assert len(made) == 1
    return made[0]


def _said(world: RenewalWorld) -> str:
    """Why it is parked."""
    row = world.of_next()
    assert row["state"] == "parked"
    return word(row["because"], Language.EN)


def test_a_day_after_the_win_the_next_terms_deal_is_made_with_what_the_mapping_fills(
    world: RenewalWorld,
) -> None:
    world.later(days=1, hours=1)
    steps = world.round()
    assert sum(step.made for step in steps) == 1
    new = _made(world)
    there = world.there(new)
    assert (there["pipeline"], there["dealstage"]) == (CARE, STAGES[world.following.stage])
    assert (there["dealname"], there["amount"], there["deal_currency_code"]) == (
        "Aoba Pro",
        "3600000",
        "JPY",
    )
    assert (there["starts_on"], there["ends_on"]) == ("2027-04-01", "2028-03-31")
    assert there["hubspot_owner_id"] == world.both.people["ann"].owner_id
    assert there.get("closedate") is None
    assert there["renewals_ends_on"] == "2028-03-31"
    links = world.both.here.server.portal.links.of("deals", new, "companies")
    assert [(link.to, link.primary) for link in links] == [(world.both.companies["Aoba"], True)]


def test_what_was_made_is_the_terms_own_record_and_changes_nothing_here(
    world: RenewalWorld,
) -> None:
    before = world.following
    world.later(days=1, hours=1)
    world.round()
    world.later(minutes=2)
    world.round()
    world.later(minutes=2)
    assert world.round() == []
    new = _made(world)
    after = world.both.ours(new)
    assert after.id == before.id
    same = ("starts_on", "ends_on", "term", "notice", "decide_by", "amount", "title", "customer")
    for name in same:
        assert getattr(after.contract, name) == getattr(before.contract, name), name
    assert (after.stage, len(world.both.deals())) == (before.stage, 2)
    assert world.of_next()["state"] == "in_step"
    assert world.both.conflicts() == []
    assert world.both.ours(world.record).won is not None


def test_within_the_day_nothing_is_made(world: RenewalWorld) -> None:
    world.later(hours=23)
    world.round()
    assert (world.made(), world.deals_there()) == ([], 1)


@ON_BOTH
def test_a_deal_that_a_person_made_within_the_day_is_adopted_though_search_shows_it_late(
    world: RenewalWorld,
) -> None:
    world.later(hours=23, minutes=59)
    new = world.both.deal(starts_on="2027-04-01", ends_on="2028-03-31")
    world.later(minutes=4)
    assert world.push() == []
    world.round()
    world.later(days=2)
    world.round()
    assert (world.both.ours(new).id, world.deals_there()) == (world.next, 2)


@ON_BOTH
def test_a_deal_that_hubspots_contracts_made_is_adopted_and_told_of(world: RenewalWorld) -> None:
    term = {"starts_on": "2027-04-01", "ends_on": "2028-03-31"}
    values = {"dealname": "Aoba Pro", "pipeline": CARE, "dealstage": STAGES["stable"], **term}
    world.later(hours=2)
    server = world.both.here.server
    new = server.automation_creates("deals", values)
    world.both.people["ann"].links(new, world.both.companies["Aoba"])
    world.round()
    world.later(days=2)
    world.round()
    assert (world.both.ours(new).id, world.deals_there()) == (world.next, 2)
    assert world.there(new)["renewals_key"] == world.following.key


def test_beside_a_deal_of_the_company_that_may_be_it_none_is_made(world: RenewalWorld) -> None:
    world.later(hours=2)
    other = world.both.deal(starts_on="", ends_on="", dealname="Aoba again")
    world.round()
    world.later(days=2)
    world.round()
    assert world.deals_there() == 2
    assert f"deal {other} of the same company" in _said(world)
    world.both.people["ann"].archives(other)
    world.later(days=1, hours=1)
    world.both.syncing.count(world.both.here.time.now())
    world.round()
    world.later(days=1, hours=1)
    world.round()
    assert len(world.made()) == 1


def test_two_contracts_of_one_company_get_a_deal_each_the_later_one_first(
    world: RenewalWorld,
) -> None:
    first, rules = world.next, world.both.here.server.rules
    world.wins(world.loaded(ends_on="2027-06-30", dealname="Another"))
    second, world.next = world.next, first
    rules.on_create = ("description",)
    world.later(hours=22, minutes=45)
    world.round()
    assert "description" in _said(world)
    rules.on_create = ()
    for hours, following in ((3, second), (25, first)):
        world.next = following
        world.later(hours=hours)
        world.round()
        assert len(world.made()) == 1


def test_another_contract_of_the_company_that_ends_before_the_term_is_not_in_the_way(
    world: RenewalWorld,
) -> None:
    world.later(hours=2)
    world.both.deal(starts_on="2026-01-01", ends_on="2026-12-31", dealname="Another")
    world.round()
    world.later(days=2)
    world.round()
    assert len(world.made()) == 1


@pytest.mark.parametrize("push", [True, False])
def test_without_the_setting_or_without_push_nothing_is_made(engine: Engine, push: bool) -> None:
    with renewal_world(engine, create_renewals=not push, push=push) as world:
        world.later(days=3)
        assert world.round() == []
        assert world.deals_there() == 1


def test_where_the_mapping_names_no_stage_it_is_parked_and_tried_after_a_day(
    world: RenewalWorld,
) -> None:
    stage = world.following.stage
    whole = world.both.settings
    rules = [r for r in whole.stages.rules if r.place.stage != stage]
    world.both.settings = replace(whole, stages=replace(whole.stages, rules=tuple(rules)))
    world.later(days=1, hours=1)
    world.round()
    assert f"/{stage}" in _said(world)
    world.both.settings = whole
    assert world.push() == []
    world.later(days=1, minutes=1)
    world.round()
    assert len(world.made()) == 1


def test_an_owner_who_has_left_is_not_written(world: RenewalWorld) -> None:
    world.both.people["ann"].leaves()
    world.later(days=1, hours=2)
    world.round()
    assert not world.there(_made(world)).get("hubspot_owner_id")


def test_an_amount_that_was_agreed_anew_is_the_new_deals(engine: Engine) -> None:
    with renewal_world(engine) as world:
        other = world.loaded(customer="Sakura")
        world.wins(other, amount=Decimal(4_800_000))
        world.later(days=1, hours=1)
        world.round()
        assert world.there(_made(world))["amount"] == "4800000"


def test_what_hubspot_requires_of_a_new_deal_is_parked_in_its_words_and_asked_again(
    world: RenewalWorld,
) -> None:
    world.both.here.server.rules.on_create = ("description",)
    world.later(days=1, hours=1)
    world.round()
    assert "description" in _said(world)
    asked = world.calls("batch create")
    world.round()
    assert world.calls("batch create") == asked
    world.both.here.server.rules.on_create = ()
    world.later(days=1, minutes=1)
    world.round()
    assert len(world.made()) == 1


def test_one_that_is_refused_keeps_no_other_back(world: RenewalWorld) -> None:
    server, taken = world.both.here.server, world.following.key
    blocking = server.add("deals", {"dealstage": "closedlost", "renewals_key": taken})
    world.both.people["ann"].archives(blocking)
    world.wins(world.loaded(customer="Sakura"))
    world.later(days=1, hours=1)
    steps = world.round()
    assert (sum(s.made for s in steps), sum(s.parked for s in steps)) == (1, 1)
    assert len(world.made()) == 1


def test_without_our_unique_property_none_is_made_and_it_says_so(engine: Engine) -> None:
    with renewal_world(engine, made=False) as world:
        world.later(days=1, hours=1)
        world.round()
        assert world.deals_there() == 1
        assert "renewals sync hubspot --create" in _said(world)


@ON_BOTH
def test_a_customer_without_a_company_gets_a_deal_without_one(engine: Engine) -> None:
    with renewal_world(engine) as world:
        bare = world.both.here.server.add(
            "deals",
            {
                "dealname": "Solo",
                "pipeline": CARE,
                "dealstage": STAGES["stable"],
                "starts_on": "2026-04-01",
                "ends_on": "2027-03-31",
            },
        )
        world.round()
        world.wins(bare)
        world.later(days=1, hours=1)
        world.round()
        new = _made(world)
        world.later(minutes=2)
        world.round()
        assert world.both.here.server.portal.links.of("deals", new, "companies") == []
        assert world.both.ours(new).id == world.next


def test_an_end_that_no_property_holds_is_not_written_and_stays_here(engine: Engine) -> None:
    with renewal_world(engine) as world:
        fields = {n: p for n, p in world.both.settings.fields.items() if n != "ends_on"}
        world.both.settings = replace(world.both.settings, fields=fields)
        world.later(days=1, hours=1)
        world.round()
        world.later(minutes=2)
        world.round()
        new = _made(world)
        assert not world.there(new).get("ends_on")
        assert world.both.ours(new).contract.ends_on == world.following.contract.ends_on
        assert str(world.following.contract.ends_on) == "2028-03-31"


def test_a_sale_that_was_won_is_renewed_in_the_pipeline_of_existing_customers(
    engine: Engine,
) -> None:
    term = {"pipeline": SALES, "dealstage": "closedwon"}
    with renewal_world(engine, term=term) as world:
        world.later(days=1, hours=1)
        world.round()
        assert world.there(_made(world))["pipeline"] == CARE
        assert world.there(world.record)["dealstage"] == "closedwon"
