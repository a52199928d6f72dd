"""Reading an account: all of it, changes, by id, links."""

from dataclasses import replace

import pytest

from scheduler.core.sync.amounts import (
    AROUND,
    BATCH,
    LIST_PAGE_WITH_HISTORY,
    FirstLoad,
    ReadMethod,
    first_load,
)
from scheduler.core.sync.keyset import Cursor
from scheduler.core.sync.records import main_company
from scheduler.core.sync.values import milliseconds
from scheduler.hubspot.errors import NotInStepError, RefusedError
from scheduler.hubspot.linking import linked
from scheduler.hubspot.lookups import LookupOutcome, by_id
from scheduler.hubspot.reading import PropertiesAsked, counted, listed, searched
from tests.hubspot.world import NOON, World
from tests.servers.hubspot import empty_207, half_body, same_page, status
from tests.servers.hubspot.filling import Seed

NAMES = PropertiesAsked(("dealname", "dealstage"))
DEAL = {"dealname": "A", "pipeline": "default", "dealstage": "appointmentscheduled"}
WITH_HISTORY = replace(NAMES, histories=("dealstage",), companies=True)


def seeds(count: int) -> list[Seed]:
    return [Seed(DEAL, NOON) for _ in range(count)]


@pytest.mark.parametrize(("asked", "most"), [(NAMES, 100), (WITH_HISTORY, 50)])
def test_the_list_is_read_whole_in_the_fewest_requests(
    here: World, asked: PropertiesAsked, most: int
) -> None:
    ids = here.server.fill("deals", seeds(230))
    pages = list(listed(here.client, asked))
    assert [r.id for page in pages for r in page.records] == [str(id) for id in ids]
    assert here.server.log.count["list"] == -(-230 // most)


def test_the_first_load_takes_the_requests_that_were_reckoned(here: World) -> None:
    here.server.fill("deals", seeds(210))
    total = counted(here.client)
    way = first_load(total, counted(here.client, ["default"]))
    list(listed(here.client, WITH_HISTORY))
    lists = here.server.log.count["list"]
    assert lists == -(-210 // LIST_PAGE_WITH_HISTORY)
    assert way == FirstLoad(ReadMethod.LIST, lists + AROUND + -(-210 // BATCH)), (
        "names of companies, too"
    )


def test_a_list_goes_on_where_it_was_left(here: World) -> None:
    ids = here.server.fill("deals", seeds(120))
    first = next(iter(listed(here.client, NAMES)))
    rest = [r.id for page in listed(here.client, NAMES, after=first.after) for r in page.records]
    assert rest == [str(id) for id in ids][100:]


def test_history_and_companies_come_with_the_list(here: World) -> None:
    ann = here.server.person("ann@example.com", "Ann")
    company = here.server.add("companies", {"name": "Aoba"})
    deal = here.server.add("deals", DEAL, company=company)
    alone = here.server.add("deals", DEAL)
    here.time.passes(minutes=5)
    ann.moves(deal, "contractsent")
    records = {r.id: r for page in listed(here.client, WITH_HISTORY) for r in page.records}
    history = records[str(deal)].histories["dealstage"]
    assert [v.value for v in history][-1] == "contractsent"
    assert history[-1].by_person
    assert main_company(records[str(deal)].companies) == str(company)
    assert records[str(alone)].companies == ()


def test_a_page_that_comes_again_is_passed_over_once(here: World) -> None:
    ids = here.server.fill("deals", seeds(250))
    here.server.faults.next("list", status(500), same_page())
    pages = listed(here.client, NAMES)
    first = next(pages)
    here.server.faults.next("list", same_page())
    found = [*first.records, *(r for page in pages for r in page.records)]
    assert [r.id for r in found] == [str(id) for id in ids]


def test_a_page_that_comes_again_after_several_is_passed_over_too(here: World) -> None:
    """It names as the next page the very one that was asked for."""
    ids = here.server.fill("deals", seeds(450))
    pages = listed(here.client, NAMES)
    found = [*next(pages).records, *next(pages).records]
    here.server.faults.next("list", same_page())
    found += [r for page in pages for r in page.records]
    assert [r.id for r in found] == [str(id) for id in ids]


def test_the_same_page_for_ever_ends_the_run(here: World) -> None:
    here.server.fill("deals", seeds(250))
    pages = listed(here.client, NAMES)
    next(pages)
    here.server.faults.next("list", *[same_page()] * 9)
    with pytest.raises(NotInStepError, match="keeps returning the same page"):
        list(pages)


def test_changes_are_found_with_the_cursor_to_go_on_from(here: World) -> None:
    old = here.deals(3)
    here.time.passes(hours=1)
    floor = milliseconds(here.time.now())
    new = here.deals(4)
    upto = milliseconds(here.time.now())
    found = [
        record.id
        for fresh, _ in searched(here.client, Cursor.by_time(floor, upto), ("dealname",))
        for record in fresh
    ]
    assert sorted(found) == sorted(new)
    assert not set(found) & set(old)


def test_a_bulk_job_of_one_millisecond_is_read_whole(here: World) -> None:
    here.server.fill("deals", seeds(1_250))
    at = milliseconds(NOON)
    cursor, found = Cursor.by_time(at - 1, at + 1, ["default"]), set()
    for fresh, behind in searched(here.client, cursor, ("dealname",)):
        found |= {record.id for record in fresh}
        assert Cursor.from_text(behind.as_text()) == behind
    assert len(found) == 1_250
    assert here.server.log.count["search"] <= 1_250 // 200 + 3


def test_all_mapped_deals_are_searched_by_id(here: World) -> None:
    here.server.fill("deals", seeds(450))
    found = [
        record.id
        for fresh, _ in searched(here.client, Cursor.by_id(("default",)), ("dealname",))
        for record in fresh
    ]
    assert len(found) == len(set(found)) == 450
    assert here.server.log.count["search"] == 3


@pytest.mark.parametrize("order", ["asked", "shuffled"])
def test_every_id_has_an_answer_of_its_own(here: World, order: str) -> None:
    here.server.switches = replace(here.server.switches, order=order)
    ids = [*here.deals(120), "999999"]
    found = {looked.asked: looked for looked in by_id(here.client, [*ids, ids[0]], WITH_HISTORY)}
    assert list(found) == ids or set(found) == set(ids)
    assert all(found[id].record is not None and found[id].record.id == id for id in ids[:-1])  # type: ignore[union-attr]
    assert found["999999"].look is LookupOutcome.MISSING
    assert here.server.log.count["batch read"] == 3


def test_both_ids_of_a_merge_answer_with_the_new_record(here: World) -> None:
    ann = here.server.person("ann@example.com")
    one, other, third = here.deals(3)
    new = str(ann.merges(int(one), int(other)))
    found = {looked.asked: looked for looked in by_id(here.client, (one, other, third), NAMES)}
    assert {id: found[id].record.id for id in found} == {one: new, other: new, third: third}  # type: ignore[union-attr]


def test_archived_records_answer_only_where_they_are_asked_for(here: World) -> None:
    ann = here.server.person("ann@example.com")
    (deal,) = here.deals(1)
    ann.archives(int(deal))
    assert next(by_id(here.client, [deal], NAMES)).look is LookupOutcome.MISSING
    archived = next(by_id(here.client, [deal], NAMES, archived=True))
    assert archived.record is not None
    assert archived.record.archived
    pages = list(listed(here.client, NAMES, archived=True))
    assert [r.id for p in pages for r in p.records] == [deal]


def test_an_empty_207_is_asked_for_once_more_and_then_unknown(here: World) -> None:
    (deal,) = here.deals(1)
    here.server.faults.next("batch read", empty_207())
    assert next(by_id(here.client, [deal], NAMES)).look is LookupOutcome.FOUND
    here.server.faults.next("batch read", empty_207(), empty_207())
    assert next(by_id(here.client, [deal], NAMES)).look is LookupOutcome.UNKNOWN


def test_a_batch_that_is_refused_is_halved_until_the_guilty_one_stands_alone(here: World) -> None:
    ids = here.deals(8)
    here.server.faults.next("batch read", status(400, "no"), status(400, "no"))
    found = list(by_id(here.client, ids, NAMES))
    assert {looked.asked for looked in found} == set(ids)
    assert all(looked.look is LookupOutcome.FOUND for looked in found)
    assert here.server.log.count["batch read"] == 5


def test_links_are_read_in_thousands_and_none_is_told_from_not_asked(here: World) -> None:
    company = here.server.add("companies", {"name": "Aoba"})
    with_one = str(here.server.add("deals", DEAL, company=company))
    (alone,) = here.deals(1)
    found = dict(linked(here.client, [with_one, alone]))
    assert main_company(found[with_one]) == str(company)
    assert found[alone] == ()
    here.server.faults.next("associations", empty_207())
    assert dict(linked(here.client, [with_one])) == {with_one: None}


def test_a_batch_of_links_that_is_refused_is_halved(here: World) -> None:
    company = here.server.add("companies", {"name": "Aoba"})
    deals = [str(here.server.add("deals", DEAL, company=company)) for _ in range(5)]
    here.server.faults.next("associations", status(400, "at most 500"), half_body())
    found = dict(linked(here.client, deals))
    assert list(found) == deals
    assert {main_company(links) for links in found.values()} == {str(company)}


def test_one_deal_whose_links_are_refused_keeps_no_other_back(here: World) -> None:
    company = here.server.add("companies", {"name": "Aoba"})
    deals = [str(here.server.add("deals", DEAL, company=company)) for _ in range(8)]
    here.server.spoils(int(deals[0]), "associations")
    found = dict(linked(here.client, deals))
    assert found[deals[0]] is None
    assert {main_company(found[deal]) for deal in deals[1:]} == {str(company)}
    assert here.server.log.count["associations"] == 7


def test_links_that_are_refused_of_every_deal_end_the_run(here: World) -> None:
    deals = here.deals(64)
    for deal in deals:
        here.server.spoils(int(deal), "associations")
    with pytest.raises(RefusedError, match="cannot be read"):
        list(linked(here.client, deals))
    assert here.server.log.count["associations"] < 12
