"""One call: what each kind of answer comes to."""

import socket

import pytest

from scheduler.core.words.lexicon import Language
from scheduler.hubspot.client import DATE, AddressError, CallKind, HubspotClient, api_address, dated
from scheduler.hubspot.errors import (
    CallWait,
    HubspotError,
    LaterError,
    MissingScopeError,
    RefusedError,
    UnauthorisedError,
    UnknownOutcomeError,
)
from tests.hubspot.world import Time, World, world
from tests.servers.hubspot import (
    Fault,
    Limits,
    Token,
    cut_after,
    cut_before,
    half_body,
    html,
    locked,
    migrating,
    rate_limited,
    status,
)

PATH = dated("crm/objects", "deals")
SEARCH = dated("crm/objects", "deals", "search")


def read(here: World) -> int:
    return len(here.client.call("GET", PATH).results)


def write(here: World) -> int:
    body = {"properties": {"dealname": "Aoba", "dealstage": "appointmentscheduled"}}
    return here.client.call("POST", PATH, body=body, kind=CallKind.WRITE).status


def test_the_date_stands_in_every_path() -> None:
    assert DATE == "2026-09"
    assert dated("crm/owners") == "/crm/owners/2026-09"


def test_an_answer_tells_hubspots_clock(here: World) -> None:
    here.deals(1)
    answer = here.client.call("GET", PATH)
    assert (len(answer.results), answer.after) == (1, "")
    assert answer.at is not None
    assert abs((answer.at - here.time.now()).total_seconds()) <= 1


@pytest.mark.parametrize(
    ("fault", "waits"),
    [
        (status(500), [1.0]),
        (status(502), [1.0]),
        (html(504), [1.0]),
        (cut_before(), [1.0]),
        (half_body(), [1.0]),
        (locked(), [2.0]),
        (rate_limited("SECONDLY"), [10.0]),
        (rate_limited(), [10.0]),
        (migrating(30), [30.0]),
    ],
)
def test_a_read_waits_and_is_repeated(here: World, fault: Fault, waits: list[float]) -> None:
    here.deals(1)
    here.server.faults.next("list", fault)
    assert read(here) == 1
    assert here.time.waits == waits


def test_a_read_waits_longer_each_time_and_gives_up(here: World) -> None:
    here.server.faults.next("list", *[status(503)] * 9)
    with pytest.raises(LaterError, match=r"HubSpot failed \(HTTP 503\)") as later:
        read(here)
    assert here.time.waits == [1.0, 2.0, 4.0, 8.0]
    assert later.value.status == 503
    assert len(here.server.faults.done) == 5


@pytest.mark.parametrize("fault", [status(500), html(504), cut_before(), cut_after(), half_body()])
def test_a_write_that_may_have_arrived_is_unknown_and_not_repeated(
    here: World, fault: Fault
) -> None:
    here.server.faults.next("create", fault)
    with pytest.raises(UnknownOutcomeError, match="the change may have been written"):
        write(here)
    assert here.server.log.count["create"] <= 1
    assert here.time.waits == []


@pytest.mark.parametrize("fault", [locked(), rate_limited(), migrating(5)])
def test_a_write_that_was_certainly_not_carried_out_is_repeated(here: World, fault: Fault) -> None:
    here.server.faults.next("create", fault)
    assert write(here) == 201
    assert len({line.id for line in here.server.journal}) == 1


@pytest.mark.parametrize(
    ("fault", "why", "seconds"),
    [
        (migrating(7200), CallWait.MIGRATING, 7200),
        (migrating(10**30), CallWait.MIGRATING, 86_400),
        (rate_limited("DAILY", 1795782000000), CallWait.DAILY, 34 * 3600),
        (rate_limited("daily"), CallWait.DAILY, 3600),
    ],
)
def test_what_takes_longer_than_patience_says_when(
    here: World, fault: Fault, why: CallWait, seconds: float
) -> None:
    here.server.faults.next("list", fault)
    with pytest.raises(LaterError) as later:
        read(here)
    assert later.value.why is why
    if fault.name != "429 DAILY":
        assert later.value.seconds == seconds
    assert here.time.waits == []


def test_a_used_up_day_is_not_asked_again_until_it_ends(here: World) -> None:
    here.server.faults.next("list", rate_limited("DAILY"))
    for _ in range(2):
        with pytest.raises(LaterError):
            read(here)
    assert here.server.log.total == 1
    here.time.passes(hours=1, seconds=1)
    assert read(here) == 0


def test_a_revoked_token_stops_everything_until_a_new_one_is_there(here: World) -> None:
    good = here.token
    here.token = "pat-eu1-0000-revoked"
    with pytest.raises(UnauthorisedError, match="INVALID_AUTHENTICATION") as refused:
        read(here)
    assert "revoked" not in str(refused.value)
    assert "HUBSPOT_TOKEN" in refused.value.label.of(Language.JA)
    here.token = good
    assert read(here) == 0


@pytest.mark.parametrize(
    ("token", "says"),
    [
        ("", "HUBSPOT_TOKEN is not set"),
        ("pat a", "is not a token"),
        ("pat-\u3042", "is not a token"),
    ],
)
def test_a_token_that_is_none_never_leaves(here: World, token: str, says: str) -> None:
    here.token = token
    with pytest.raises(UnauthorisedError, match=says):
        read(here)
    assert here.server.log.total == 0


@pytest.mark.parametrize("shape", ["listed", "unlisted", "permissions"])
def test_a_missing_scope_is_named_with_what_it_is_for(here: World, shape: str) -> None:
    here.server.switches = type(here.server.switches)(refuses_scopes=shape)
    here.server.tokens[here.token] = Token().without("crm.objects.owners.read")
    with pytest.raises(MissingScopeError) as missing:
        here.client.call("GET", dated("crm/owners"))
    assert missing.value.scopes == ("crm.objects.owners.read",)
    assert "reading the owners of deals" in str(missing.value)


def test_a_blocked_app_is_no_missing_scope(here: World) -> None:
    here.server.switches = type(here.server.switches)(refuses_scopes="banned")
    here.server.tokens[here.token] = Token().without("crm.objects.deals.read")
    with pytest.raises(UnauthorisedError, match="blocked"):
        read(here)


def test_a_refusal_is_in_hubspots_words(here: World) -> None:
    body = {"properties": {"dealname": "A", "amount": "much"}}
    with pytest.raises(RefusedError) as refused:
        here.client.call("POST", PATH, body=body, kind=CallKind.WRITE)
    assert refused.value.status == 400
    assert refused.value.category == "VALIDATION_ERROR"
    assert "much" in refused.value.words
    assert refused.value.correlation


def test_an_address_that_is_too_long_is_named_and_not_repeated(here: World) -> None:
    with pytest.raises(RefusedError, match="414") as refused:
        here.client.call("GET", PATH, params={"properties": "x" * 20_000})
    assert (refused.value.status, here.time.waits) == (414, [])


def test_searches_keep_to_five_a_second_and_to_one_when_it_is_crowded() -> None:
    with world(Limits()) as here:
        for _ in range(11):
            here.client.call("POST", SEARCH, body={"limit": 1}, kind=CallKind.SEARCH)
        assert here.server.limits.refused == 0
        assert 2 <= sum(here.time.waits) <= 2.5
        here.time.waits.clear()
        here.server.faults.next("search", rate_limited("SECONDLY"))
        here.client.call("POST", SEARCH, body={"limit": 1}, kind=CallKind.SEARCH)
        here.time.waits.clear()
        for _ in range(5):
            here.client.call("POST", SEARCH, body={"limit": 1}, kind=CallKind.SEARCH)
        assert sum(here.time.waits) == pytest.approx(5.25, abs=0.3)


def test_the_burst_limit_is_kept_before_and_after_it_is_known() -> None:
    with world(Limits(burst=100, daily=None)) as here:
        for _ in range(250):
            here.client.call("GET", PATH)
        assert here.server.limits.refused == 0
        assert 15 <= sum(here.time.waits) <= 21


def test_a_limit_that_another_app_uses_up_is_waited_for() -> None:
    with world(Limits(others_searches=4, burst=None, daily=None)) as here:
        for _ in range(4):
            here.client.call("POST", SEARCH, body={"limit": 1}, kind=CallKind.SEARCH)
        assert here.server.log.count["search"] >= 4


def test_a_fifth_of_the_day_is_left_to_others() -> None:
    with world(Limits(burst=None, daily=100, others_daily=78)) as here:
        read(here)
        read(here)
        read(here)
        with pytest.raises(LaterError, match="only 19 of today's 100 calls") as later:
            read(here)
        assert later.value.why is CallWait.BUDGET
        here.client.call("GET", PATH, background=False)
        here.time.passes(hours=25)
        read(here)


@pytest.mark.parametrize(
    "url", ["http://example.com", "ftp://127.0.0.1", "https://a:b@x.jp", "https://x.jp/?a", "x"]
)
def test_an_address_that_others_could_read_is_refused(url: str) -> None:
    with pytest.raises(AddressError):
        api_address(url)


def test_a_server_that_is_not_there_was_certainly_not_written_to() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    time = Time()
    client = HubspotClient(
        lambda: "pat-eu1-0a", time, time, lambda: 0.0, api_url=f"http://127.0.0.1:{port}"
    )
    with client, pytest.raises(LaterError, match="cannot be reached") as later:
        client.call("POST", PATH, body={}, kind=CallKind.WRITE)
    assert later.value.why is CallWait.UNREACHABLE


@pytest.mark.parametrize("seed", range(6))
def test_whatever_goes_wrong_the_token_is_in_no_error(here: World, seed: int) -> None:
    here.server.faults.by_chance(seed, 0.9)
    errors = []
    for act in (read, write) * 12:
        try:
            act(here)
        except HubspotError as error:
            errors.append(f"{error!r} {error} {error.label.ja}")
    assert errors
    assert not [text for text in errors if here.token in text]
