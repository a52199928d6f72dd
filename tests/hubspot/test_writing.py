"""Writing: three outcomes for each change, under each behaviour nobody could confirm."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from scheduler.core.sync.desired_values import KEY
from scheduler.core.sync.writes import RecordWrite, WriteOutcome, WriteResult
from scheduler.core.words.lexicon import Language
from scheduler.hubspot.errors import LaterError
from scheduler.hubspot.lookups import by_id
from scheduler.hubspot.reading import PropertiesAsked
from scheduler.hubspot.schema import properties_made
from scheduler.hubspot.writing import created, read_back, updated
from tests.hubspot.world import World, world
from tests.servers.hubspot import (
    Switches,
    cut_after,
    cut_before,
    empty_207,
    html,
    migrating,
    status,
)


def changes(keys: list[str], **values: str) -> list[RecordWrite]:
    return [RecordWrite(key, {"dealname": "New"} | values, f"t{n}") for n, key in enumerate(keys)]


def marked(*keys: str) -> list[RecordWrite]:
    """Records to be made, each with its key as its unique mark."""
    found = changes(list(keys), pipeline="default", dealstage="appointmentscheduled")
    return [replace(c, properties={**c.properties, KEY: c.key}) for c in found]


def outcomes(results: Iterator[WriteResult]) -> dict[str, WriteOutcome]:
    return {result.change.key: result.outcome for result in results}


@pytest.fixture
def ready(here: World) -> World:
    """An account that has our properties."""
    list(properties_made(here.client, Language.EN, make=True))
    here.server.log.clear()
    return here


@pytest.mark.parametrize("order", ["asked", "shuffled"])
@pytest.mark.parametrize("bad_input", ["whole", "each"])
def test_one_bad_change_holds_nobody_back(here: World, bad_input: str, order: str) -> None:
    here.server.switches = replace(here.server.switches, bad_input=bad_input, order=order)
    ids = here.deals(60)
    batch = changes(ids)
    batch[17] = replace(batch[17], properties={"amount": "much"})
    batch[41] = replace(batch[41], properties={"dealstage": "nowhere"})
    results = {result.change.key: result for result in updated(here.client, batch)}
    refused = {id for id, result in results.items() if result.outcome is WriteOutcome.REFUSED}
    assert refused == {ids[17], ids[41]}
    assert "much" in results[ids[17]].because
    assert all(r.outcome is WriteOutcome.WRITTEN for id, r in results.items() if id not in refused)
    assert here.server.portal.value("deals", int(ids[0]), "dealname") == "New"


def test_a_property_that_is_gone_is_left_out_of_all_that_write_it_at_once(here: World) -> None:
    ids = here.deals(40)
    batch = changes(ids)
    for n in range(0, 40, 2):
        batch[n] = replace(batch[n], properties={"dealname": "A", "renewals_gone": "x"})
    batch[1] = replace(batch[1], properties={"renewals_gone": "x"})
    results = {r.change.key: r for r in updated(here.client, batch)}
    assert [id for id in ids if "renewals_gone" in results[id].refused] == ids[::2]
    assert [id for id in ids if results[id].outcome is WriteOutcome.REFUSED] == [ids[1]]
    assert results[ids[0]].change == batch[0]
    assert here.server.log.count["batch update"] == 2


@pytest.mark.parametrize("bad_input", ["whole", "each"])
def test_a_value_that_is_refused_keeps_no_other_of_its_record_back(
    here: World, bad_input: str
) -> None:
    here.server.switches = replace(here.server.switches, bad_input=bad_input)
    one, other = here.deals(2)
    values = {"dealname": "New", "amount": "much", "hs_next_step": "call", "pipeline": "default"}
    batch = [RecordWrite(one, values | {"dealstage": "closedlost"}, "t"), *changes([other])]
    results = {r.change.key: r for r in updated(here.client, batch)}
    assert results[one].outcome is results[other].outcome is WriteOutcome.WRITTEN
    assert set(results[one].refused) == {"amount"}
    assert results[one].change == batch[0]
    value = here.server.portal.value
    assert value("deals", int(one), "dealname") == value("deals", int(other), "dealname") == "New"
    assert value("deals", int(one), "hs_next_step") == "call"
    assert value("deals", int(one), "dealstage") == "closedlost"
    assert here.server.log.count["batch update"] <= 6


def test_a_stage_that_is_refused_is_refused_with_its_pipeline_and_alone(here: World) -> None:
    (deal,) = here.deals(1)
    here.server.rules.required_at["closedwon"] = ("amount",)
    values = {"pipeline": "default", "dealstage": "closedwon", "dealname": "New"}
    (result,) = updated(here.client, [RecordWrite(deal, values, "t")])
    assert (result.outcome, set(result.refused)) == (
        WriteOutcome.WRITTEN,
        {"pipeline", "dealstage"},
    )
    assert "'amount' is required" in result.because
    assert here.server.portal.value("deals", int(deal), "dealname") == "New"


def test_where_a_part_is_unknown_all_of_it_is(here: World) -> None:
    (deal,) = here.deals(1)
    values = {"dealname": "New", "amount": "much"}
    here.server.faults.next("batch update", status(400), cut_after())
    (result,) = updated(here.client, [RecordWrite(deal, values, "t")])
    assert result.outcome is WriteOutcome.UNKNOWN


def test_what_was_written_before_the_account_was_shut_is_unknown_not_put_off(here: World) -> None:
    (deal,) = here.deals(1)

    def shut() -> None:
        here.server.faults.next("batch update", migrating(7200))

    here.server.agenda.after("batch update", shut)
    results = updated(here.client, [RecordWrite(deal, {"dealname": "New", "amount": "much"}, "t")])
    assert next(results).outcome is WriteOutcome.UNKNOWN
    with pytest.raises(LaterError):
        next(results)


def test_a_hundred_go_at_once_and_a_record_named_twice_goes_twice(here: World) -> None:
    ids = here.deals(101)
    batch = [*changes(ids), RecordWrite(ids[0], {"dealname": "Newer"}, "again")]
    results = list(updated(here.client, batch))
    assert len(results) == 102
    assert {result.outcome for result in results} == {WriteOutcome.WRITTEN}
    assert here.server.log.count["batch update"] == 2
    assert here.server.portal.value("deals", int(ids[0]), "dealname") == "Newer"


def test_a_record_that_is_not_there_is_refused_as_gone(here: World) -> None:
    (deal,) = here.deals(1)
    results = {r.change.key: r for r in updated(here.client, changes([deal, "999999"]))}
    assert results[deal].outcome is WriteOutcome.WRITTEN
    assert (results["999999"].outcome, results["999999"].gone) == (WriteOutcome.REFUSED, True)


def test_the_same_mark_makes_no_second_record(ready: World) -> None:
    batch = marked("k1", "k2")
    assert set(outcomes(created(ready.client, batch)).values()) == {WriteOutcome.WRITTEN}
    assert set(outcomes(created(ready.client, batch)).values()) == {WriteOutcome.REFUSED}
    assert len(ready.server.portal.kind("deals").records) == 2


@pytest.mark.parametrize("fault", [cut_after(), empty_207(), html(504)])
def test_an_unknown_outcome_is_settled_by_reading_back(ready: World, fault: object) -> None:
    ready.server.faults.next("batch create", fault)  # type: ignore[arg-type]
    batch = marked("k1", "k2")
    assert set(outcomes(created(ready.client, batch)).values()) == {WriteOutcome.UNKNOWN}
    back = outcomes(read_back(ready.client, batch, id_property=KEY))
    arrived = WriteOutcome.UNKNOWN if fault == html(504) else WriteOutcome.WRITTEN
    assert set(back.values()) == {arrived}
    again = [change for change in batch if back[change.key] is WriteOutcome.UNKNOWN]
    assert set(outcomes(created(ready.client, again)).values()) <= {WriteOutcome.WRITTEN}
    assert ready.server.log.count["search"] == 0
    found = list(by_id(ready.client, ["k1", "k2"], PropertiesAsked(("dealname",)), id_property=KEY))
    assert len({looked.record.id for looked in found if looked.record}) == 2


def test_a_write_that_was_cut_before_did_not_arrive(ready: World) -> None:
    (deal,) = ready.deals(1)
    ready.server.faults.next("batch update", cut_before())
    batch = changes([deal])
    assert outcomes(updated(ready.client, batch)) == {deal: WriteOutcome.UNKNOWN}
    assert outcomes(read_back(ready.client, batch)) == {deal: WriteOutcome.UNKNOWN}


def test_the_instant_of_a_write_is_on_hubspots_clock(here: World) -> None:
    (deal,) = here.deals(1)
    here.time.passes(minutes=3)
    (result,) = updated(here.client, changes([deal]))
    assert result.at == here.time.now()


def test_a_stage_that_needs_a_field_is_refused_in_hubspots_words(here: World) -> None:
    (deal,) = here.deals(1)
    here.server.rules.required_at["closedwon"] = ("amount",)
    won = [RecordWrite(deal, {"pipeline": "default", "dealstage": "closedwon"}, "t")]
    (result,) = updated(here.client, won)
    assert result.outcome is WriteOutcome.REFUSED
    assert "amount" in result.because


@pytest.mark.parametrize("switches", list(Switches.each()), ids=str)
def test_under_each_unknown_behaviour_every_change_has_its_true_outcome(
    switches: Switches,
) -> None:
    with world() as here:
        list(properties_made(here.client, Language.EN, make=True))
        here.server.switches = switches
        ids = here.deals(12)
        batch = changes(ids)
        batch[3] = replace(batch[3], properties={"amount": "much"})
        results = {r.change.key: r.outcome for r in updated(here.client, batch)}
        expected = dict.fromkeys(ids, WriteOutcome.WRITTEN) | {ids[3]: WriteOutcome.REFUSED}
        assert results == expected
        for n, id in enumerate(ids):
            name = here.server.portal.value("deals", int(id), "dealname")
            assert (name == "New") is (n != 3)


@pytest.mark.parametrize("seed", range(8))
def test_under_faults_nothing_is_called_refused_and_what_is_called_written_is(
    ready: World, seed: int
) -> None:
    ready.server.faults.by_chance(seed, 0.4, ["batch create"])
    batch = marked(*(f"k{n}" for n in range(9)))
    results = list(created(ready.client, batch))
    ready.server.faults.stop()
    assert all(r.outcome is not WriteOutcome.REFUSED for r in results)
    waiting = [r.change for r in results if r.outcome is WriteOutcome.UNKNOWN]
    settled = outcomes(read_back(ready.client, waiting, id_property=KEY))
    again = [c for c in waiting if settled[c.key] is WriteOutcome.UNKNOWN]
    list(created(ready.client, again))
    found = list(by_id(ready.client, [c.key for c in batch], PropertiesAsked(), id_property=KEY))
    assert len({looked.record.id for looked in found if looked.record}) == 9
    assert status(500).name


def test_records_that_are_made_are_linked_with_their_company_and_one_refused_is_so_alone(
    ready: World,
) -> None:
    company = ready.server.add("companies", {"name": "Aoba"})
    stands = {"pipeline": "default", "dealstage": "appointmentscheduled"}
    given = [replace(c, company=str(company)) for c in changes(["a", "b", "c"], **stands)]
    given = [replace(c, properties={**c.properties, KEY: c.key}) for c in given]
    given[1] = replace(given[1], properties={**given[1].properties, KEY: "a"})
    results = {result.change.key: result for result in created(ready.client, given)}
    assert {key: r.outcome for key, r in results.items()} == {
        "a": WriteOutcome.WRITTEN,
        "b": WriteOutcome.REFUSED,
        "c": WriteOutcome.WRITTEN,
    }
    new = int(results["c"].record_id)
    links = ready.server.portal.links.of("deals", new, "companies")
    assert [(link.to, link.primary) for link in links] == [(company, True)]
