"""The server for tests behaves as HubSpot's pages say: reading."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.hubspot.calling import DEALS, Caller
from tests.hubspot.conftest import StandingClock
from tests.servers.hubspot import HubSpotServer
from tests.servers.hubspot.filling import Seed


def deal(hubspot: HubSpotServer, name: str = "Aoba", **values: object) -> int:
    """A deal in a stage before the end."""
    return hubspot.add("deals", {"dealname": name, "dealstage": "contractsent", **values})


def test_a_list_pages_by_id_and_ends(hubspot: HubSpotServer, call: Caller) -> None:
    ids = [deal(hubspot) for _ in range(5)]
    first = call("GET", f"{DEALS}?limit=3")
    after = first.body["paging"]["next"]["after"]
    rest = call("GET", f"{DEALS}?limit=3&after={after}")
    assert first.ids + rest.ids == ids
    assert "paging" not in rest.body


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("limit=100", 200),
        ("limit=101", 400),
        ("limit=0", 400),
        ("limit=50&propertiesWithHistory=dealstage", 200),
        ("limit=51&propertiesWithHistory=dealstage", 400),
    ],
)
def test_a_page_has_its_size(call: Caller, query: str, status: int) -> None:
    assert call("GET", f"{DEALS}?{query}").status == status


def test_unknown_properties_are_left_out_and_empty_ones_are_null(
    hubspot: HubSpotServer, call: Caller
) -> None:
    id_ = deal(hubspot)
    found = call("GET", f"{DEALS}/{id_}?properties=amount,nonsense").body["properties"]
    assert found["amount"] is None
    assert "nonsense" not in found
    assert found["hs_object_id"] == str(id_)


def test_a_primary_company_comes_twice(hubspot: HubSpotServer, call: Caller) -> None:
    aoba, berg = (hubspot.add("companies", {"name": n}) for n in ("Aoba", "Berg"))
    id_ = deal(hubspot)
    ann = hubspot.person("ann@example.com")
    ann.links(id_, berg, primary=False)
    ann.links(id_, aoba)
    found = call("GET", f"{DEALS}/{id_}?associations=companies").body["associations"]
    told = [(int(r["id"]), r["type"]) for r in found["companies"]["results"]]
    assert told == [
        (aoba, "deal_to_company"),
        (aoba, "deal_to_company_unlabeled"),
        (berg, "deal_to_company_unlabeled"),
    ]
    path = "/crm/associations/2026-09/deals/companies/batch/read"
    read = call("POST", path, {"inputs": [{"id": str(id_)}, {"id": "9"}]})
    assert [t["toObjectId"] for t in read.body["results"][0]["to"]] == [str(aoba), str(berg)]
    assert (read.status, read.body["numErrors"]) == (207, 1)


def test_a_history_tells_who_moved_a_deal(
    hubspot: HubSpotServer, call: Caller, clock: StandingClock
) -> None:
    id_ = deal(hubspot)
    ann = hubspot.person("ann@example.com")
    clock.forward(hours=1)
    ann.moves(id_, "closedwon")
    newest, oldest = call.read(id_, propertiesWithHistory=["dealstage"]).body["results"][0][
        "propertiesWithHistory"
    ]["dealstage"]
    assert newest == {
        "value": "closedwon",
        "timestamp": "2026-11-28T04:00:00Z",
        "sourceType": "CRM_UI",
        "sourceId": "userId:101",
        "updatedByUserId": 101,
    }
    assert (oldest["value"], oldest["sourceType"]) == ("contractsent", "IMPORT")


def test_missing_ids_of_a_batch_read_are_one_error_of_a_207(
    hubspot: HubSpotServer, call: Caller
) -> None:
    id_ = deal(hubspot)
    found = call.read(id_, 8, 9)
    assert (found.status, found.ids) == (207, [id_])
    [error] = found.body["errors"]
    assert error["context"]["ids"] == ["8", "9"]


def test_search_filters_sorts_and_pages(
    hubspot: HubSpotServer, call: Caller, clock: StandingClock
) -> None:
    ids = []
    for n in range(5):
        clock.forward(seconds=1)
        ids.append(deal(hubspot, amount=n))
    since = ("hs_lastmodifieddate", "GTE", "2026-11-28T03:00:02Z")
    page = call.search(since, sorts=["hs_lastmodifieddate"], limit=3)
    assert (page.body["total"], page.ids) == (4, ids[1:4])
    after = page.body["paging"]["next"]["after"]
    assert call.search(since, sorts=["hs_lastmodifieddate"], limit=3, after=after).ids == ids[4:]
    assert call.search(("amount", "LT", 2), sorts=["-hs_object_id"]).ids == [ids[1], ids[0]]
    assert call.search(("dealstage", "IN", ["closedwon"])).ids == []


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"limit": 200}, 200),
        ({"limit": 201}, 400),
        ({"limit": 200, "after": "9800"}, 200),
        ({"limit": 200, "after": "9801"}, 400),
        ({"sorts": ["amount", "dealname"]}, 400),
        ({"query": "a" * 3001}, 400),
        ({"sorts": ["nonsense"]}, 400),
    ],
)
def test_search_has_its_limits(call: Caller, more: dict[str, object], status: int) -> None:
    assert call.search(**more).status == status


def test_an_after_in_the_url_of_a_search_is_ignored(hubspot: HubSpotServer, call: Caller) -> None:
    first, _ = deal(hubspot), deal(hubspot)
    assert call("POST", f"{DEALS}/search?after=1", {"limit": 1}).ids == [first]


def test_many_deals_are_filled_in_and_found_by_key(hubspot: HubSpotServer, call: Caller) -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    values = {"dealname": "Aoba", "pipeline": "default", "dealstage": "contractsent"}
    ids = hubspot.fill(
        "deals", (Seed(values, start, start + timedelta(seconds=n)) for n in range(20_000))
    )
    found = call.search(
        ("pipeline", "IN", ["default"]),
        ("hs_object_id", "GT", ids[9_999]),
        sorts=["hs_object_id"],
        limit=200,
    )
    assert (found.body["total"], found.ids[0]) == (10_000, ids[10_000])
