"""The server for tests misbehaves as told: limits, tokens, faults, acts between two requests."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.client import HTTPException

import pytest

from tests.hubspot.calling import DEALS, Caller
from tests.hubspot.conftest import StandingClock
from tests.servers.hubspot import (
    Fault,
    HubSpotServer,
    Limits,
    Token,
    cut_after,
    cut_before,
    empty_207,
    half_body,
    half_page,
    html,
    locked,
    migrating,
    rate_limited,
    same_page,
    slow,
    status,
)

ACCOUNT = "/account-info/2026-09"


def deal(hubspot: HubSpotServer, name: str = "Aoba", **values: object) -> int:
    """A deal in a stage before the end."""
    return hubspot.add("deals", {"dealname": name, "dealstage": "contractsent", **values})


def test_ten_seconds_hold_so_many_calls(
    hubspot: HubSpotServer, call: Caller, clock: StandingClock
) -> None:
    hubspot.limits = Limits(burst=2, daily=None)
    left = [
        call("GET", DEALS).headers.get("X-HubSpot-RateLimit-Remaining", "none") for _ in range(2)
    ]
    refused = call("GET", DEALS)
    assert left == ["1", "0"]
    assert (refused.status, refused.body["policyName"]) == (429, "TEN_SECONDLY_ROLLING")
    assert "Retry-After" not in refused.headers
    clock.forward(seconds=10)
    assert call("GET", DEALS).status == 200


def test_searches_are_five_a_second_for_all_apps_and_tell_no_limits(
    hubspot: HubSpotServer, call: Caller, clock: StandingClock
) -> None:
    hubspot.limits = Limits(others_searches=4)
    first, second = call.search(), call.search()
    assert not any(name.startswith("X-HubSpot-RateLimit") for name in first.headers)
    assert (first.status, second.status) == (200, 429)
    assert second.body["policyName"] == "SECONDLY"
    clock.forward(seconds=1)
    assert call.search().status == 200


def test_the_day_ends_at_midnight_in_the_accounts_zone(
    hubspot: HubSpotServer, call: Caller, clock: StandingClock
) -> None:
    hubspot.limits = Limits(burst=None, daily=10, others_daily=8)
    usage = call("GET", f"{ACCOUNT}/api-usage/daily/private-apps").body["results"][0]
    assert (usage["currentUsage"], usage["usageLimit"]) == (9, 10)
    call("GET", DEALS)
    refused = call("GET", DEALS)
    assert (refused.body["policyName"], refused.body["resetsAt"]) == (
        "DAILY",
        "2026-11-28T15:00:00Z",
    )
    clock.at = datetime(2026, 11, 28, 15, tzinfo=UTC)
    assert call("GET", DEALS).status == 200


@pytest.mark.parametrize(
    ("token", "status", "category"),
    [
        (None, 401, "INVALID_AUTHENTICATION"),
        (Token(expires_at=0), 401, "EXPIRED_AUTHENTICATION"),
        (Token().without("crm.objects.deals.read"), 403, "MISSING_SCOPES"),
        (Token().without("crm.objects.companies.read"), 200, ""),
    ],
)
def test_a_token_must_be_known_and_allowed(
    hubspot: HubSpotServer, call: Caller, token: Token | None, status: int, category: str
) -> None:
    hubspot.tokens = {} if token is None else {hubspot.token: token}
    found = call("GET", DEALS)
    assert (found.status, found.body.get("category", "")) == (status, category)


def test_two_tokens_hold_while_one_is_rotated(
    hubspot: HubSpotServer, call: Caller, clock: StandingClock
) -> None:
    week = hubspot.portal.now() + 7 * 86_400_000
    hubspot.tokens |= {hubspot.token: Token(expires_at=week), "pat-eu1-new": Token()}
    old = call("GET", DEALS).status
    clock.forward(days=7)
    late = call("GET", DEALS).status
    call.token = "pat-eu1-new"
    assert (old, late, call("GET", DEALS).status) == (200, 401, 200)


@pytest.mark.parametrize(
    ("shape", "category", "named"),
    [
        ("listed", "MISSING_SCOPES", True),
        ("unlisted", "MISSING_SCOPES", False),
        ("permissions", "FORBIDDEN", False),
        ("banned", "BANNED", False),
    ],
)
def test_a_403_has_four_shapes(
    hubspot: HubSpotServer, call: Caller, shape: str, category: str, named: bool
) -> None:
    hubspot.switches = replace(hubspot.switches, refuses_scopes=shape)
    hubspot.tokens = {hubspot.token: Token().without("crm.schemas.deals.write")}
    found = call("POST", "/crm/pipelines/2026-09/deals", {})
    assert (found.status, found.body["category"]) == (403, category)
    assert ("crm.schemas.deals.write" in str(found.body)) is named


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        (status(500), 500),
        (html(504), 504),
        (html(414), 414),
        (locked(), 423),
        (rate_limited("SECONDLY"), 429),
        (migrating(60), 477),
    ],
)
def test_a_fault_answers_instead_and_nothing_is_written(
    hubspot: HubSpotServer, call: Caller, fault: Fault, status: int
) -> None:
    id_ = deal(hubspot)
    hubspot.faults.next("batch update", fault)
    found = call.update((id_, {"amount": "1"}))
    assert found.status == status
    assert isinstance(found.body, str) is fault.name.startswith("html")
    assert found.headers.get("Retry-After") == ("60" if status == 477 else None)
    assert hubspot.portal.value("deals", id_, "amount") is None
    assert call.update((id_, {"amount": "1"})).status == 200


@pytest.mark.parametrize(
    ("fault", "written"),
    [(cut_before(), None), (cut_after(), "1"), (half_body(), "1")],
)
def test_a_connection_is_cut_before_or_after_the_write(
    hubspot: HubSpotServer, call: Caller, fault: Fault, written: str | None
) -> None:
    id_ = deal(hubspot)
    hubspot.faults.next("batch update", fault)
    with pytest.raises((HTTPException, OSError)):
        call.update((id_, {"amount": "1"}))
    assert hubspot.portal.value("deals", id_, "amount") == written


def test_a_207_may_be_empty_though_all_was_written(hubspot: HubSpotServer, call: Caller) -> None:
    id_ = deal(hubspot)
    hubspot.faults.next("*", empty_207())
    found = call.update((id_, {"amount": "1"}))
    assert (found.status, found.ids, "errors" in found.body) == (207, [], False)
    assert hubspot.portal.value("deals", id_, "amount") == "1"


def test_a_page_may_come_twice_or_by_half(hubspot: HubSpotServer, call: Caller) -> None:
    ids = [deal(hubspot) for _ in range(6)]
    first = call("GET", f"{DEALS}?limit=2")
    hubspot.faults.next("list", same_page())
    twice = call("GET", f"{DEALS}?limit=2&after={ids[1]}")
    assert twice.body == first.body
    hubspot.faults.next("list", half_page())
    half = call("GET", f"{DEALS}?limit=2&after={ids[1]}")
    assert (half.ids, half.body["paging"]["next"]["after"]) == ([ids[2]], str(ids[3]))


def test_a_slow_answer_waits_as_told(hubspot: HubSpotServer, call: Caller) -> None:
    waited: list[float] = []
    hubspot.sleep = waited.append
    hubspot.faults.next("list", slow(30))
    assert (call("GET", DEALS).status, waited) == (200, [30])


def test_faults_may_be_named_by_path(hubspot: HubSpotServer, call: Caller) -> None:
    hubspot.faults.next("/pipelines/.*/stages$", status(503))
    path = "/crm/pipelines/2026-09/deals"
    found = [call("GET", path).status, call("GET", f"{path}/default/stages").status]
    assert (found, hubspot.faults.done) == ([200, 503], [("pipelines", "status 503")])


def test_chance_has_a_seed(hubspot: HubSpotServer, call: Caller) -> None:
    def befalls(seed: int) -> list[tuple[str, str]]:
        hubspot.faults.by_chance(seed, each=0.3, kinds=("search",))
        hubspot.faults.done.clear()
        for _ in range(20):
            try:
                call.search()
            except (HTTPException, OSError):
                continue
        call("GET", DEALS)
        return list(hubspot.faults.done)

    first = befalls(1)
    assert first
    assert befalls(1) == first
    assert befalls(2) != first


def test_a_url_may_be_too_long(call: Caller) -> None:
    found = call("GET", f"{DEALS}?properties={'a' * 8_200}")
    assert (found.status, isinstance(found.body, str)) == (414, True)


@pytest.mark.parametrize("path", ["/crm/v3/objects/deals", "/crm/objects/2026-03/deals", "/x"])
def test_there_is_one_date_only(call: Caller, path: str) -> None:
    assert call("GET", path).status == 404


def test_a_person_acts_between_a_read_and_a_write(hubspot: HubSpotServer, call: Caller) -> None:
    ann, id_ = hubspot.person("ann@example.com"), deal(hubspot)
    hubspot.agenda.after("batch read", lambda: ann.moves(id_, "closedlost"))
    seen = call.read(id_, properties=["dealstage"]).values("dealstage")
    call.update((id_, {"dealstage": "closedwon"}))
    found = call.read(id_, propertiesWithHistory=["dealstage"]).body["results"][0]
    told = [h["value"] for h in found["propertiesWithHistory"]["dealstage"]]
    assert (seen, told) == (["contractsent"], ["closedwon", "closedlost", "contractsent"])


def test_an_act_waits_for_its_instant(
    hubspot: HubSpotServer, call: Caller, clock: StandingClock
) -> None:
    ann, id_ = hubspot.person("ann@example.com"), deal(hubspot)
    hubspot.agenda.at(clock() + timedelta(hours=2), lambda: ann.archives(id_))
    clock.forward(hours=1)
    before = call("GET", DEALS).ids
    clock.forward(hours=1)
    assert (before, call("GET", DEALS).ids) == ([id_], [])


def test_the_accounts_clock_may_be_off(hubspot: HubSpotServer, call: Caller) -> None:
    hubspot.skew = timedelta(minutes=-7)
    id_ = deal(hubspot)
    found = call("GET", f"{DEALS}/{id_}")
    assert found.headers["Date"] == "Sat, 28 Nov 2026 02:53:00 GMT"
    assert found.body["updatedAt"] == "2026-11-28T02:53:00Z"


def test_every_request_is_counted_by_its_kind(hubspot: HubSpotServer, call: Caller) -> None:
    id_ = deal(hubspot)
    hubspot.faults.next("search", status(500))
    calls: list[Callable[[], object]] = [
        call.search,
        call.search,
        lambda: call.read(id_, 9),
        lambda: call("GET", f"{DEALS}/{id_}"),
    ]
    for one in calls:
        one()
    assert hubspot.log.count == {"search": 2, "batch read": 1, "one": 1}
    told = [(c.kind, c.object, c.status, c.ids, c.fault) for c in hubspot.log.calls]
    assert told[0] == ("search", "deals", 500, 0, "status 500")
    assert told[2] == ("batch read", "deals", 207, 2, "")
