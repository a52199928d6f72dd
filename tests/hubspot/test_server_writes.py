"""The server for tests behaves as HubSpot's pages say: writing."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest

from tests.hubspot.calling import DEALS, Caller
from tests.hubspot.conftest import StandingClock
from tests.servers.hubspot import HubSpotServer
from tests.servers.hubspot.values import FormatRule

PROPERTIES = "/crm/properties/2026-09/deals"


def deal(hubspot: HubSpotServer, name: str = "Aoba", **values: object) -> int:
    """A deal in a stage before the end."""
    return hubspot.add("deals", {"dealname": name, "dealstage": "contractsent", **values})


def make(call: Caller, name: str, type_: str = "string", field: str = "text", **more: Any) -> None:
    """A property of ours."""
    call("POST", f"{PROPERTIES}/groups", {"name": "renewals", "label": "Renewals"})
    given = {"name": name, "label": name, "type": type_, "fieldType": field, **more}
    assert call("POST", PROPERTIES, {"groupName": "renewals", **given}).status == 201


def upsert(call: Caller, *inputs: tuple[str, dict[str, Any]], mark: str = "") -> Any:
    """A batch upsert by renewals_key."""
    given = [
        {"id": key, "idProperty": "renewals_key", "properties": values}
        | ({"objectWriteTraceId": mark + key} if mark else {})
        for key, values in inputs
    ]
    return call("POST", f"{DEALS}/batch/upsert", {"inputs": given})


def codes(errors: Iterable[dict[str, Any]]) -> list[str]:
    """The codes of the errors."""
    return [e["code"] for e in errors]


@pytest.mark.parametrize(
    ("type_", "field", "given", "kept"),
    [
        ("date", "date", "2027-03-31", "2027-03-31"),
        ("date", "date", "1806451200000", "2027-03-31"),
        ("date", "date", "1806451200001", None),
        ("date", "date", "2027-03-31T15:00:00Z", None),
        ("date", "date", "soon", None),
        ("date", "date", " 2027-03-31", None),
        ("date", "date", "2027-03-31\u200b", None),
        ("datetime", "date", "1806451200001", "2027-03-31T00:00:00.001Z"),
        ("datetime", "date", "2027-03-31T09:00:00+09:00", "2027-03-31T00:00:00Z"),
        ("number", "number", "1234.5", "1234.5"),
        ("number", "number", 1234, "1234"),
        ("number", "number", "1,234", None),
        ("number", "number", "1234 ", None),
        ("bool", "booleancheckbox", True, "true"),
        ("bool", "booleancheckbox", "yes", None),
        ("enumeration", "select", "red", "red"),
        ("enumeration", "select", "Red", None),
        ("enumeration", "select", "red;blue", None),
        ("enumeration", "checkbox", "red;blue", "red;blue"),
        ("string", "text", " kept as it is ", " kept as it is "),
        ("string", "text", "x" * 65_537, None),
    ],
)
def test_a_value_must_fit_its_type(
    hubspot: HubSpotServer, call: Caller, type_: str, field: str, given: object, kept: str | None
) -> None:
    options = [{"label": v.title(), "value": v} for v in ("red", "blue")]
    make(call, "ours", type_, field, options=options if type_ == "enumeration" else [])
    id_ = deal(hubspot)
    found = call("PATCH", f"{DEALS}/{id_}", {"properties": {"ours": given}})
    assert found.status == (400 if kept is None else 200)
    assert hubspot.portal.value("deals", id_, "ours") == kept


def test_an_empty_text_clears(hubspot: HubSpotServer, call: Caller) -> None:
    id_ = deal(hubspot, amount=5)
    call.update((id_, {"amount": ""}))
    assert call.read(id_, properties=["amount"]).values("amount") == [None]


def test_every_fault_of_an_input_is_named(hubspot: HubSpotServer, call: Caller) -> None:
    given = {"nonsense": "1", "amount": "much", "hs_is_closed": "true", "hubspot_owner_id": "5"}
    found = call("PATCH", f"{DEALS}/{deal(hubspot)}", {"properties": given})
    assert (found.status, found.body["category"]) == (400, "VALIDATION_ERROR")
    assert codes(found.body["errors"]) == [
        "PROPERTY_DOESNT_EXIST",
        "INVALID_LONG",
        "READ_ONLY_VALUE",
        "INVALID_OWNER_ID",
    ]


def test_a_stage_of_another_pipeline_needs_the_pipeline_too(
    hubspot: HubSpotServer, call: Caller
) -> None:
    stage = {"label": "Watching", "displayOrder": 0, "metadata": {"probability": "0.5"}}
    made = call(
        "POST",
        "/crm/pipelines/2026-09/deals",
        {"label": "Renewals", "displayOrder": 1, "stages": [stage]},
    ).body
    stage_id, id_ = made["stages"][0]["id"], deal(hubspot)
    assert call.update((id_, {"dealstage": stage_id})).status == 400
    both = {"dealstage": stage_id, "pipeline": made["id"]}
    assert call.update((id_, both)).status == 200
    new = call("POST", DEALS, {"properties": {"dealname": "B", "dealstage": "contractsent"}})
    assert new.body["properties"]["pipeline"] == "default"


@pytest.mark.parametrize(
    ("path", "sets"),
    [
        (["closedwon"], True),
        (["closedlost"], True),
        (["closedwon", "closedlost"], True),
        (["qualifiedtobuy"], False),
        (["closedwon", "qualifiedtobuy"], False),
    ],
)
def test_the_close_date_moves_by_itself(
    hubspot: HubSpotServer, call: Caller, clock: StandingClock, path: list[str], sets: bool
) -> None:
    id_ = deal(hubspot, closedate="2027-03-31")
    for stage in path[:-1]:
        call.update((id_, {"dealstage": stage, "closedate": "2027-03-31"}))
    clock.forward(hours=1)
    call.update((id_, {"dealstage": path[-1]}))
    expected = "2026-11-28T04:00:00Z" if sets else "2027-03-31T00:00:00Z"
    assert hubspot.portal.value("deals", id_, "closedate") == expected


def test_a_given_close_date_stays_and_the_switch_turns_the_rule_off(
    hubspot: HubSpotServer, call: Caller
) -> None:
    first, second = deal(hubspot), deal(hubspot)
    call.update((first, {"dealstage": "closedwon", "closedate": "2027-03-31"}))
    hubspot.switches = replace(hubspot.switches, api_close_sets_closedate=False)
    call.update((second, {"dealstage": "closedwon"}))
    assert hubspot.portal.value("deals", first, "closedate") == "2027-03-31T00:00:00Z"
    assert hubspot.portal.value("deals", second, "closedate") is None


def test_an_open_deal_made_by_hand_closes_at_the_end_of_the_month(hubspot: HubSpotServer) -> None:
    ann = hubspot.person("ann@example.com")
    id_ = ann.creates("deals", {"dealname": "Aoba", "dealstage": "contractsent"})
    assert hubspot.portal.value("deals", id_, "closedate") == "2026-11-30T03:00:00Z"


def test_last_modified_moves_with_values_not_with_links_or_equal_writes(
    hubspot: HubSpotServer, call: Caller, clock: StandingClock
) -> None:
    id_ = deal(hubspot, amount=5)
    company = hubspot.add("companies", {"name": "Aoba"})
    ann = hubspot.person("ann@example.com")
    born = hubspot.portal.value("deals", id_, "hs_lastmodifieddate")
    clock.forward(hours=1)
    ann.links(id_, company)
    call.update((id_, {"amount": "5"}))
    assert hubspot.portal.value("deals", id_, "hs_lastmodifieddate") == born
    hubspot.switches = replace(hubspot.switches, equal_write_moves=True)
    call.update((id_, {"amount": "5"}))
    assert hubspot.portal.value("deals", id_, "hs_lastmodifieddate") == "2026-11-28T04:00:00Z"


def test_an_upsert_makes_once_and_then_changes(hubspot: HubSpotServer, call: Caller) -> None:
    make(call, "renewals_key", hasUniqueValue=True)
    values = {"dealname": "Aoba", "dealstage": "contractsent"}
    first, again = upsert(call, ("k1", values)), upsert(call, ("k1", {"amount": "7"}))
    assert [r.body["results"][0]["new"] for r in (first, again)] == [True, False]
    assert first.ids == again.ids
    read = call.read("k1", idProperty="renewals_key", properties=["amount"])
    assert (read.ids, read.values("amount")) == (first.ids, ["7"])


@pytest.mark.parametrize("status", [400, 409])
def test_a_unique_value_belongs_to_one_record(
    hubspot: HubSpotServer, call: Caller, status: int
) -> None:
    hubspot.switches = replace(hubspot.switches, unique_taken=status)
    make(call, "renewals_key", hasUniqueValue=True)
    first, second = deal(hubspot, renewals_key="k1"), deal(hubspot)
    found = call.update((second, {"renewals_key": "k1"}))
    assert (found.status, codes(found.body["errors"])) == (status, ["CONFLICTING_UNIQUE_VALUE"])
    call.update((first, {"renewals_key": ""}))
    assert call.update((second, {"renewals_key": "k1"})).status == 200


def test_only_a_unique_property_can_identify(hubspot: HubSpotServer, call: Caller) -> None:
    deal(hubspot)
    assert call.read("Aoba", idProperty="dealname").status == 400


@pytest.mark.parametrize(("setting", "status", "kept"), [("refused", 207, 1), ("new", 200, 2)])
def test_a_key_may_belong_to_an_archived_record(
    hubspot: HubSpotServer, call: Caller, setting: str, status: int, kept: int
) -> None:
    hubspot.switches = replace(hubspot.switches, upsert_meets_archived=setting)
    make(call, "renewals_key", hasUniqueValue=True)
    hubspot.person("ann@example.com").archives(deal(hubspot, renewals_key="k1"))
    found = upsert(call, ("k1", {"dealname": "Aoba", "dealstage": "contractsent"}))
    assert found.status == status
    assert len(hubspot.state()["deals"]) == kept


def test_one_bad_input_refuses_the_whole_batch_or_itself(
    hubspot: HubSpotServer, call: Caller
) -> None:
    good, bad, gone = deal(hubspot), deal(hubspot), 9
    changes = [(i, {"amount": a}) for i, a in ((good, "1"), (bad, "x"), (gone, "3"))]
    whole = call.update(*changes)
    assert whole.status == 400
    assert hubspot.portal.value("deals", good, "amount") is None
    hubspot.switches = replace(hubspot.switches, bad_input="each")
    each = call.update(*changes)
    assert (each.status, each.ids, each.body["numErrors"]) == (207, [good], 2)
    told = [(e["category"], e["context"]["ids"]) for e in each.body["errors"]]
    assert told == [("VALIDATION_ERROR", [str(bad)]), ("OBJECT_NOT_FOUND", ["9"])]


@pytest.mark.parametrize(("marks", "status"), [(["a", "b"], 207), (["a", "a"], 400), ([], 400)])
def test_a_batch_create_fails_in_part_only_with_distinct_marks(
    hubspot: HubSpotServer, call: Caller, marks: list[str], status: int
) -> None:
    inputs: list[dict[str, Any]] = [
        {"properties": {"dealname": "A", "dealstage": stage}} for stage in ("contractsent", "nope")
    ]
    for given, mark in zip(inputs, marks, strict=False):
        given["objectWriteTraceId"] = mark
    found = call("POST", f"{DEALS}/batch/create", {"inputs": inputs})
    assert found.status == status
    if status == 207:
        assert found.body["results"][0]["objectWriteTraceId"] == "a"
        assert found.body["errors"][0]["context"]["objectWriteTraceId"] == ["b"]
    assert len(hubspot.state()["deals"]) == (status == 207)


def test_a_batch_has_its_size_and_no_id_twice(hubspot: HubSpotServer, call: Caller) -> None:
    id_ = deal(hubspot)
    assert call.update((id_, {}), (id_, {})).status == 400
    assert call.update(*((n, {}) for n in range(101))).status == 400
    assert call.read(*range(100)).status == 207
    assert call.read(*range(51), propertiesWithHistory=["dealstage"]).status == 400


def test_an_admins_rules_bind_writes_by_api(hubspot: HubSpotServer, call: Caller) -> None:
    id_ = deal(hubspot)
    hubspot.rules.required_at["closedlost"] = ("closed_lost_reason",)
    hubspot.rules.formats["deals", "hs_next_step"] = (FormatRule("MAX_LENGTH", "3"),)
    refused = call.update((id_, {"dealstage": "closedlost"}))
    assert (refused.status, refused.body["category"]) == (400, "VALIDATION_ERROR")
    assert refused.body["context"]["properties"] == ["closed_lost_reason"]
    assert call.update((id_, {"hs_next_step": "four"})).status == 400
    filled = {"dealstage": "closedlost", "closed_lost_reason": "price"}
    assert call.update((id_, filled)).status == 200
    assert call.update((id_, {"amount": "1"})).status == 200
    rules = call("GET", "/crm/property-validations/2026-09/0-3").body["results"]
    assert [r["propertyName"] for r in rules] == ["hs_next_step"]


def test_a_deal_does_not_pass_its_approval_unapproved(hubspot: HubSpotServer, call: Caller) -> None:
    hubspot.rules.approvals["default"] = "presentationscheduled"
    ann = hubspot.person("ann@example.com")
    before = ann.creates("deals", {"dealname": "A", "dealstage": "qualifiedtobuy"})
    assert call.update((before, {"dealstage": "presentationscheduled"})).status == 200
    assert call.update((before, {"dealstage": "contractsent"})).status == 400
    new = {"properties": {"dealname": "B", "dealstage": "contractsent"}}
    assert call("POST", DEALS, new).status == 400
    ann.approves(before)
    assert call.update((before, {"dealstage": "contractsent"})).status == 200


def test_the_journal_tells_who_wrote_what(hubspot: HubSpotServer, call: Caller) -> None:
    make(call, "renewals_key", hasUniqueValue=True)
    upsert(call, ("k1", {"dealname": "Aoba", "dealstage": "contractsent"}), mark="run7/")
    hubspot.person("ann@example.com").moves(hubspot.journal[0].id, "closedwon")
    told = [(w.act, w.name, w.source.type, w.trace) for w in hubspot.journal]
    assert ("create", "dealstage", "INTEGRATION", "run7/k1") in told
    assert ("update", "dealstage", "CRM_UI", None) in told
