"""The server for tests behaves as HubSpot's pages say: archived, restored, merged and deleted
records; search that lags; pipelines, properties and owners that change."""

from dataclasses import replace
from typing import Any

import pytest

from tests.hubspot.calling import DEALS, Caller
from tests.hubspot.conftest import StandingClock
from tests.servers.hubspot import HubSpotServer, Person, Seed, Switches
from tests.servers.hubspot.switches import SETTINGS

PIPELINES = "/crm/pipelines/2026-09/deals"
PROPERTIES = "/crm/properties/2026-09/deals"


@pytest.fixture
def ann(hubspot: HubSpotServer) -> Person:
    """Somebody in HubSpot's pages."""
    return hubspot.person("ann@example.com", "Ann Arai")


def deal(hubspot: HubSpotServer, name: str = "Aoba", **values: object) -> int:
    """A deal in a stage before the end."""
    return hubspot.add("deals", {"dealname": name, "dealstage": "contractsent", **values})


def test_an_archived_deal_is_only_where_one_asks_for_it(
    hubspot: HubSpotServer, call: Caller, ann: Person
) -> None:
    kept, gone = deal(hubspot), deal(hubspot)
    ann.archives(gone)
    assert call("GET", DEALS).ids == call.search().ids == call.read(kept, gone).ids == [kept]
    assert call("GET", f"{DEALS}/{gone}").status == 404
    assert call("GET", f"{DEALS}?archived=true").ids == [gone]
    assert call.read(kept, gone, archived=True).ids == [gone]
    assert call.update((gone, {"amount": "1"})).status == 207
    ann.restores(gone)
    assert call("GET", DEALS).ids == [kept, gone]


def test_an_archived_deal_is_gone_after_ninety_days(
    hubspot: HubSpotServer, call: Caller, ann: Person, clock: StandingClock
) -> None:
    id_ = deal(hubspot)
    ann.archives(id_)
    clock.forward(days=90)
    assert call("GET", f"{DEALS}?archived=true").ids == [id_]
    clock.forward(seconds=1)
    assert call("GET", f"{DEALS}?archived=true").ids == []
    assert call("GET", f"{DEALS}/{id_}?archived=true").status == 404


def test_a_merge_makes_a_new_record_that_both_old_ids_name(
    hubspot: HubSpotServer, call: Caller, ann: Person, clock: StandingClock
) -> None:
    aoba, berg = (hubspot.add("companies", {"name": n}) for n in ("Aoba", "Berg"))
    first, second = deal(hubspot, amount=1), deal(hubspot, "Berg", hs_next_step="call")
    ann.links(first, aoba)
    ann.links(second, berg)
    clock.forward(hours=1)
    ann.moves(second, "qualifiedtobuy")
    new = ann.merges(first, second)
    assert new not in (first, second)
    assert call("GET", DEALS).ids == call.search().ids == call.read(first, second).ids == [new]
    names = ["dealname", "amount", "hs_next_step", "dealstage", "hs_merged_object_ids"]
    found = call.read(first, properties=names, propertiesWithHistory=["dealstage"])
    [record] = found.body["results"]
    values = {n: record["properties"][n] for n in names}
    assert values == {
        "dealname": "Aoba",
        "amount": "1",
        "hs_next_step": "call",
        "dealstage": "contractsent",
        "hs_merged_object_ids": f"{first};{second}",
    }
    history = record["propertiesWithHistory"]["dealstage"]
    assert [h["value"] for h in history][:2] == ["contractsent", "qualifiedtobuy"]
    assert history[0]["sourceType"] == "MERGE_OBJECTS"
    assert hubspot.state()["deals"][new]["companies"] == [aoba, berg]
    again = ann.merges(new, deal(hubspot))
    assert call("GET", f"{DEALS}/{second}").body["id"] == str(again)


def test_an_old_id_may_answer_nothing_in_a_batch(
    hubspot: HubSpotServer, call: Caller, ann: Person
) -> None:
    first, second = deal(hubspot), deal(hubspot)
    new = ann.merges(first, second)
    hubspot.switches = replace(hubspot.switches, merged_answers=False)
    found = call.read(first, new)
    assert (found.status, found.ids) == (207, [new])


def test_a_deleted_deal_leaves_no_trace(hubspot: HubSpotServer, call: Caller, ann: Person) -> None:
    first, second = deal(hubspot), deal(hubspot)
    new = ann.merges(first, second)
    ann.purges(new)
    assert [call("GET", f"{DEALS}/{i}").status for i in (first, second, new)] == [404] * 3
    assert call("GET", f"{DEALS}?archived=true").ids == []


def test_search_lags_and_the_database_does_not(
    hubspot: HubSpotServer, call: Caller, ann: Person, clock: StandingClock
) -> None:
    id_ = deal(hubspot, amount=1)
    hubspot.switches = replace(hubspot.switches, search_lag=7_000)
    for amount in ("2", "3"):
        clock.forward(seconds=5)
        ann.edits(id_, {"amount": amount})
    new, shown = deal(hubspot, "Berg"), []
    for _ in range(3):
        shown.append(call.search(properties=["amount"], limit=200).values("amount"))
        clock.forward(seconds=3.5)
    assert shown == [["1"], ["2"], ["3", None]]
    assert call.read(new).ids == [new]
    ann.archives(id_)
    assert call.search().ids == [id_, new]
    clock.forward(seconds=7)
    assert call.search().ids == [new]


def test_a_record_may_come_with_a_date_outside_the_window(
    hubspot: HubSpotServer, call: Caller, ann: Person, clock: StandingClock
) -> None:
    id_ = deal(hubspot, amount=1)
    hubspot.switches = Switches(search_lag=7_000, search_shows="database")
    clock.forward(seconds=5)
    ann.edits(id_, {"amount": "2"})
    found = call.search(("amount", "LT", 2), properties=["amount"])
    assert (found.ids, found.values("amount")) == ([id_], ["2"])


def test_the_index_may_lose_a_record_until_it_changes(
    hubspot: HubSpotServer, call: Caller, ann: Person
) -> None:
    id_ = deal(hubspot)
    hubspot.search_loses(id_)
    assert (call.search().ids, call("GET", DEALS).ids) == ([], [id_])
    ann.edits(id_, {"amount": "1"})
    assert call.search().ids == [id_]


def test_a_bulk_job_gives_all_the_same_millisecond(
    hubspot: HubSpotServer, call: Caller, ann: Person, clock: StandingClock
) -> None:
    values = {"dealname": "Aoba", "pipeline": "default", "dealstage": "contractsent"}
    ids = hubspot.fill("deals", (Seed(values, clock()) for _ in range(12_000)))
    clock.forward(hours=1)
    ann.edits_all(ids, {"hs_next_step": "call"})
    found = call.search(
        ("hs_lastmodifieddate", "GTE", "2026-11-28T04:00:00Z"),
        ("hs_object_id", "GT", ids[9_999]),
        sorts=["hs_object_id"],
        limit=200,
    )
    assert (found.body["total"], found.ids[0]) == (2_000, ids[10_000])
    assert set(found.values("hs_lastmodifieddate")) == {"2026-11-28T04:00:00Z"}


def test_a_stage_in_use_is_not_deleted_unless_by_force(
    hubspot: HubSpotServer, call: Caller, ann: Person
) -> None:
    id_ = deal(hubspot)
    stage = f"{PIPELINES}/default/stages/contractsent"
    assert call("DELETE", stage).status == 400
    assert call("DELETE", f"{PIPELINES}/default").status == 400
    assert call("DELETE", f"{stage}?validateDealStageUsagesBeforeDelete=false").status == 204
    found = call.read(id_, properties=["dealstage", "hs_is_closed"])
    assert found.values("dealstage") == ["contractsent"]
    assert found.values("hs_is_closed") == [None]


def test_stages_are_added_and_changed_one_by_one(call: Caller) -> None:
    given = {"label": "Watching", "displayOrder": 9, "metadata": {"probability": "0.5"}}
    made = call("POST", f"{PIPELINES}/default/stages", given)
    assert made.status == 201
    assert call("POST", f"{PIPELINES}/default/stages", given).status == 409
    path = f"{PIPELINES}/default/stages/{made.body['id']}"
    changed = call("PATCH", path, {"label": "Looking", "metadata": {"probability": "0.6"}})
    assert changed.body["label"] == "Looking"
    for wrong in (
        {"label": "X", "metadata": {}},
        {"label": "X", "stageId": "UPPER", "metadata": {"probability": "0.5"}},
    ):
        assert call("POST", f"{PIPELINES}/default/stages", wrong).status == 400
    kept = call("GET", f"{PIPELINES}/default").body["stages"]
    assert [s["label"] for s in kept][-2:] == ["Closed Lost", "Looking"]


def test_an_admin_furnishes_the_account_without_http(
    hubspot: HubSpotServer, call: Caller, ann: Person
) -> None:
    stages = [("watching", "Watching", 0.5), ("kept", "Kept", 1), ("gone", "Gone", 0)]
    renewals = hubspot.pipeline("Renewals", *stages, id_="renewals")
    hubspot.property("contract_end", "date", "date")
    id_ = deal(hubspot, pipeline=renewals, dealstage="watching", contract_end="2027-03-31")
    ann.deletes_stage("watching")
    ann.changes_email("ann.arai@example.com")
    told = call("GET", f"{PIPELINES}/renewals").body["stages"]
    assert [(s["id"], s["metadata"]["isClosed"]) for s in told] == [
        ("kept", "true"),
        ("gone", "true"),
    ]
    assert call.read(id_, properties=["dealstage"]).values("dealstage") == ["watching"]
    [audit, *_] = call("GET", f"{PIPELINES}/renewals/audit").body["results"]
    assert audit["fromUserId"] == ann.owner.user
    found = call("GET", "/crm/owners/2026-09?email=ANN.arai@example.com").body["results"]
    assert [o["id"] for o in found] == [ann.owner_id]


def test_a_replaced_pipeline_loses_the_stages_left_out(
    hubspot: HubSpotServer, call: Caller
) -> None:
    stages = call("GET", f"{PIPELINES}/default").body["stages"][5:]
    call("PUT", f"{PIPELINES}/default", {"label": "Sales", "displayOrder": 0, "stages": stages})
    assert list(hubspot.portal.pipelines.pipelines["default"].stages) == ["closedwon", "closedlost"]


def test_pipelines_end_at_the_plans_limit(hubspot: HubSpotServer, call: Caller) -> None:
    hubspot.portal.pipelines.limit = 1
    [told] = call("GET", "/crm/limits/2026-09/pipelines").body["hubspotDefinedObjectTypes"]
    assert (told["objectTypeId"], told["limit"], told["usage"]) == ("0-3", 1, 1)
    stage = {"label": "S", "displayOrder": 0, "metadata": {"probability": "0.5"}}
    given = {"label": "Renewals", "displayOrder": 1, "stages": [stage]}
    assert call("POST", PIPELINES, given).status == 400


def test_properties_are_made_once_and_can_be_taken_away(
    hubspot: HubSpotServer, call: Caller
) -> None:
    def made(name: str, **more: Any) -> dict[str, Any]:
        plain = {"label": name, "type": "string", "fieldType": "text", "groupName": "renewals"}
        return {"name": name, **plain, **more}

    group = {"name": "renewals", "label": "Renewals"}
    statuses = [call("POST", f"{PROPERTIES}/groups", group).status for _ in range(2)]
    assert statuses == [201, 409]
    inputs = [made("renewals_a"), made("Upper"), made("renewals_b", type="date")]
    found = call("POST", f"{PROPERTIES}/batch/create", {"inputs": inputs})
    assert (found.status, len(found.body["results"]), found.body["numErrors"]) == (207, 1, 2)
    assert call("POST", PROPERTIES, made("renewals_a")).status == 409
    assert call("DELETE", f"{PROPERTIES}/groups/renewals").status == 400
    names = {"inputs": [{"name": "renewals_a"}]}
    assert call("POST", f"{PROPERTIES}/batch/archive", names).status == 204
    assert call("GET", f"{PROPERTIES}/renewals_a").status == 404
    archived = call("GET", f"{PROPERTIES}?archived=true").body["results"]
    assert [p["name"] for p in archived] == ["renewals_a"]
    hubspot.switches = replace(hubspot.switches, archived_property_blocks=True)
    assert call("POST", PROPERTIES, made("renewals_a")).status == 409
    hubspot.switches = Switches()
    assert call("POST", PROPERTIES, made("renewals_a")).status == 201


def test_unique_properties_are_ten_at_most(call: Caller) -> None:
    def made(n: int) -> dict[str, Any]:
        plain = {"type": "string", "fieldType": "text", "groupName": "dealinformation"}
        return {"name": f"key_{n}", "label": "K", "hasUniqueValue": True, **plain}

    statuses = [call("POST", PROPERTIES, made(n)).status for n in range(11)]
    assert statuses == [201] * 10 + [400]


def test_labels_come_in_japanese_and_options_of_stages_from_the_pipelines(call: Caller) -> None:
    found = call("GET", f"{PROPERTIES}?locale=ja").body["results"]
    by_name = {p["name"]: p for p in found}
    assert by_name["dealstage"]["label"] == "取引ステージ"
    assert by_name["dealstage"]["options"][-1]["value"] == "closedlost"
    assert not any(name.startswith("hs_v2_") for name in by_name)


def test_someone_who_left_is_among_the_archived_owners_without_a_user(
    hubspot: HubSpotServer, call: Caller, ann: Person
) -> None:
    id_ = deal(hubspot, hubspot_owner_id=ann.owner_id)
    ann.leaves()
    assert call("GET", "/crm/owners/2026-09").body["results"] == []
    [gone] = call("GET", "/crm/owners/2026-09?archived=true").body["results"]
    assert (gone["userId"], gone["userIdIncludingInactive"], gone["firstName"]) == (None, 101, "")
    assert hubspot.portal.value("deals", id_, "hubspot_owner_id") == gone["id"]


def test_times_of_stages_keep_the_latest_visit(
    hubspot: HubSpotServer, call: Caller, ann: Person, clock: StandingClock
) -> None:
    id_ = deal(hubspot)
    for stage in ("qualifiedtobuy", "contractsent"):
        clock.forward(hours=1)
        ann.moves(id_, stage)
    names = [f"hs_v2_date_{w}_contractsent" for w in ("entered", "exited")]
    both = call.read(id_, properties=names)
    assert [both.values(n) for n in names] == [["2026-11-28T05:00:00Z"], [None]]


def test_the_account_tells_its_zone_and_currencies(hubspot: HubSpotServer, call: Caller) -> None:
    told = call("GET", "/account-info/2026-09/details").body
    assert (told["timeZone"], told["companyCurrency"], told["utcOffset"]) == (
        "Asia/Tokyo",
        "JPY",
        "+09:00",
    )
    id_ = deal(hubspot, amount=2, deal_currency_code="USD")
    name = "amount_in_home_currency"
    assert call.read(id_, properties=[name]).values(name) == ["300"]


def test_each_switch_has_every_setting_once_beside_the_usual_ones() -> None:
    assert len(list(Switches.each())) == 1 + sum(len(s) - 1 for s in SETTINGS.values())
    assert Switches.drawn(3) == Switches.drawn(3)
    assert str(Switches(unique_taken=409)) == "unique_taken=409"
