"""`renewals sync hubspot` and its status, against an account on this machine."""

import json
import os
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime

import pytest

from scheduler.app.wiring import App
from scheduler.core.words.lexicon import Language
from tests.cli.office import Office
from tests.hubspot.world import FREE, Time
from tests.servers.hubspot import HubSpotServer, Token
from tests.servers.hubspot.answers import Answer
from tests.servers.hubspot.faults import Fault, html, migrating

PLACE = "line_items/hs_recurring_billing_end_date"
MAPPING = """
[hubspot]
every_seconds = {every}
{more}

[hubspot.fields]
starts_on = "starts_on"
ends_on = "ends_on"

[hubspot.stages]
"care/c_stable" = "existing/stable"
"care/c_risk" = "existing/at_risk"
"care/c_3m" = "existing/renewal_3m"
"care/c_won" = "existing/won"
"care/c_lost" = "existing/lost"

[machine]"""


def furnished(server: HubSpotServer) -> None:
    """A pipeline of customers, with three of them."""
    stages = (
        ("c_stable", "Stable", 0.5),
        ("c_risk", "At risk", 0.4),
        ("c_3m", "Renewal", 0.6),
        ("c_won", "Won", 1.0),
        ("c_lost", "Lost", 0.0),
    )
    server.pipeline("Customers", *stages, id_="care")
    for name in ("starts_on", "ends_on"):
        server.property(name, "date", "date")
    for n in range(3):
        company = server.add("companies", {"name": f"Customer {n}"})
        values = {"dealname": f"Deal {n}", "pipeline": "care", "dealstage": "c_stable"}
        days = {"starts_on": "2030-04-01", "ends_on": "2031-03-31", "amount": "1200"}
        server.add("deals", values | days, company=company)


@pytest.fixture
def hubspot(monkeypatch: pytest.MonkeyPatch) -> Iterator[HubSpotServer]:
    """An account with three customers, named by the environment."""
    with HubSpotServer(limits=FREE()) as server:
        furnished(server)
        monkeypatch.setenv("HUBSPOT_TOKEN", server.token)
        monkeypatch.setenv("HUBSPOT_API_URL", server.url)
        yield server


def mapped(office: Office, more: str = "", every: int = 0) -> None:
    """Writes the mapping into the folder's config.toml."""
    file = office.folder / "config.toml"
    text = file.read_text("utf-8")
    assert "\n[machine]" in text
    file.write_text(text.replace("\n[machine]", MAPPING.format(more=more, every=every), 1), "utf-8")


def ran(office: Office, *words: str, lang: str = "en") -> tuple[int, str, str]:
    return office.run("sync", "hubspot", *words, lang=lang, as_of=None)


def _values(hubspot: HubSpotServer, deal: int) -> dict[str, str]:
    """What stands in HubSpot of one deal."""
    values: dict[str, str] = hubspot.state()["deals"][deal]["values"]
    return values


def test_the_first_round_brings_everything_in(nowhere: Office, hubspot: HubSpotServer) -> None:
    mapped(nowhere)
    code, out, err = ran(nowhere)
    assert (code, "3 deals read: 3 new, 0 changed" in out) == (0, True), err
    deals = json.loads(nowhere.said("deals", "--json", as_of=None))
    assert sorted(d["customer"] for d in deals["deals"]) == [
        "Customer 0",
        "Customer 1",
        "Customer 2",
    ]
    code, out, _ = ran(nowhere)
    assert (code, "HubSpot has nothing new." in out) == (0, True)


def test_a_first_load_takes_the_requests_that_were_foretold(
    nowhere: Office, hubspot: HubSpotServer
) -> None:
    mapped(nowhere)
    text = (nowhere.folder / "config.toml").read_text("utf-8")
    text = text.replace('\nends_on = "ends_on"', f'\nends_on = "{PLACE}"')
    (nowhere.folder / "config.toml").write_text(text, "utf-8")
    for deal in hubspot.portal.kinds["deals"].records:
        item = hubspot.add("line_items", {"hs_recurring_billing_end_date": "2032-03-31"})
        hubspot.person(f"{deal}@example.com").links(deal, item, ("deals", "line_items"))
    foretold = json.loads(ran(nowhere, "--dry-run", "--json")[1])["requests"]
    before = hubspot.log.count.total()
    assert ran(nowhere)[0] == 0
    assert hubspot.log.count.total() - before == foretold


def test_a_move_there_is_told_by_the_next_round(nowhere: Office, hubspot: HubSpotServer) -> None:
    mapped(nowhere)
    ran(nowhere)
    ann = hubspot.person("ann@example.com", "Ann Ito")
    deal = min(hubspot.state()["deals"])
    ann.moves(deal, "c_risk")
    code, out, _ = ran(nowhere, "--json")
    told = json.loads(out)
    assert (code, told["taken"]["answers"]) == (0, 1)
    shown = nowhere.said("show", str(deal), as_of=None)
    assert "Ann Ito" in shown


def test_the_status_says_what_is_held(nowhere: Office, hubspot: HubSpotServer) -> None:
    mapped(nowhere)
    ran(nowhere)
    ann = hubspot.person("ann@example.com", "Ann Ito")
    deal = min(hubspot.state()["deals"])
    ann.moves(deal, "c_3m")
    ran(nowhere)
    ann.moves(deal, "c_stable")
    ran(nowhere)
    out = ran(nowhere, "status")[1]
    assert "Not followed (1)" in out
    assert "is not allowed here" in out
    assert "許可されていません" in ran(nowhere, "status", lang="ja")[1]


def test_the_status_says_how_far_both_are_in_step(nowhere: Office, hubspot: HubSpotServer) -> None:
    mapped(nowhere)
    ran(nowhere)
    code, out, _ = ran(nowhere, "status")
    assert (code, "The last round ended" in out) == (0, True)
    assert "Nothing is written to HubSpot" in out
    assert "最後" in ran(nowhere, "status", lang="ja")[1]
    told = json.loads(ran(nowhere, "status", "--json")[1])
    assert (told["in_step"], told["states"]) == (True, {"here": 3})


def test_before_the_first_round_it_is_said_what_to_run(
    nowhere: Office, hubspot: HubSpotServer
) -> None:
    mapped(nowhere)
    for asked in (("status",), ("--repair", "--dry-run")):
        code, _, err = ran(nowhere, *asked)
        assert (code, "the first round creates it: renewals sync hubspot" in err) == (2, True)


def test_with_push_hubspot_is_told_and_lacks_nothing_silently(
    nowhere: Office, hubspot: HubSpotServer
) -> None:
    mapped(nowhere, "push = true")
    code, _, err = ran(nowhere)
    assert code == 0
    assert "renewals_key" in err
    assert ran(nowhere, "--create", "--yes")[0] == 0
    deal = min(hubspot.state()["deals"])
    hubspot.person("ann@example.com", "Ann Ito").moves(deal, "c_risk")
    code, out, err = ran(nowhere)
    assert (code, "renewals_key" in err) == (0, False)
    assert "written to HubSpot: 3 deals in full" in out
    assert _values(hubspot, deal)["renewals_health"] == "at_risk"


@pytest.mark.parametrize("base_url", ["https://renewals.example.com", ""])
def test_the_link_back_opens_the_page_of_the_deal_and_is_empty_without_pages(
    nowhere: Office, hubspot: HubSpotServer, base_url: str
) -> None:
    mapped(nowhere, "push = true")
    file = nowhere.folder / "config.toml"
    served = f'base_url = "{base_url}"\nlisten = "127.0.0.1:8787"'
    text = file.read_text("utf-8").replace('base_url = ""\nlisten = ""', served, 1)
    file.write_text(text, "utf-8")
    assert ran(nowhere, "--create", "--yes")[0] == 0
    assert ran(nowhere)[0] == 0
    links = {
        values["dealname"]: values.get("renewals_url") or ""
        for deal in hubspot.state()["deals"]
        if (values := _values(hubspot, deal))
    }
    if not base_url:
        assert set(links.values()) == {""}
        return
    with closing(App(nowhere.folder, Language.EN, None, dict(os.environ))) as app:
        pages = app.answer_pages()
        for name, link in links.items():
            start, _, token = link.rpartition("/")
            assert start == "https://renewals.example.com/d"
            page = pages.show_deal(token, Language.EN)
            assert page.status == 200
            assert name.replace("Deal", "Customer") in page.html


def test_a_revoked_token_is_said_with_what_to_do(nowhere: Office, hubspot: HubSpotServer) -> None:
    mapped(nowhere)
    ran(nowhere)
    hubspot.tokens.clear()
    code, _, err = ran(nowhere)
    assert code == 2
    assert "HUBSPOT_TOKEN" in err or "token" in err
    assert "The last round stopped" in ran(nowhere, "status")[1]


def test_a_dry_run_shows_what_a_round_would_bring_and_keeps_nothing(
    nowhere: Office, hubspot: HubSpotServer
) -> None:
    mapped(nowhere)
    code, out, err = ran(nowhere, "--dry-run")
    assert code == 0, err
    assert "A first load of 3 deals" in out
    assert "new 3" in out
    assert not (nowhere.folder / "data").exists()
    ran(nowhere)
    deal = min(hubspot.state()["deals"])
    hubspot.person("ann@example.com", "Ann Ito").moves(deal, "c_risk")
    told = json.loads(ran(nowhere, "--dry-run", "--json")[1])
    assert [(m["who"], m["to"]) for m in told["moves"]] == [("Ann Ito", "at_risk")]
    deals = json.loads(nowhere.said("deals", "--json", as_of=None))["deals"]
    assert [d["stage"] for d in deals] == ["stable"] * 3
    assert "Ann Ito" in ran(nowhere, "--dry-run", lang="ja")[1]


def test_ends_from_line_items_are_shown_and_missed_where_they_cannot_be_read(
    nowhere: Office, hubspot: HubSpotServer
) -> None:
    mapped(nowhere)
    text = (nowhere.folder / "config.toml").read_text("utf-8")
    text = text.replace('\nends_on = "ends_on"', f'\nends_on = "{PLACE}"')
    (nowhere.folder / "config.toml").write_text(text, "utf-8")
    for deal in hubspot.portal.kinds["deals"].records:
        given = {"name": "Pro", "hs_recurring_billing_end_date": "2032-03-31"}
        item = hubspot.add("line_items", given)
        hubspot.person(f"{deal}@example.com").links(deal, item, ("deals", "line_items"))
    code, out, _ = nowhere.run("sync", "hubspot", "--dry-run", as_of=None)
    assert code == 0
    assert "Where the ends come from" in out
    assert [line.split()[:4] for line in out.splitlines() if line.startswith("line_items/")] == [
        [PLACE, "3", "2032-03-31", "Pro"]
    ]
    hubspot.tokens[hubspot.token] = Token().without("crm.objects.line_items.read")
    code, _, err = nowhere.run("sync", "hubspot", as_of=None)
    assert code == 0
    said = "line items were not read: the token lacks crm.objects.line_items.read"
    assert said in err
    code, _, err = nowhere.run("sync", "hubspot", "status", as_of=None)
    assert (code, said in err) == (1, True)
    told = json.loads(nowhere.run("sync", "hubspot", "status", "--json", as_of=None)[1])
    assert list(told["unread"]) == ["line_items"]


def test_a_deal_that_hubspot_does_not_give_is_told_with_its_words(
    nowhere: Office, hubspot: HubSpotServer
) -> None:
    mapped(nowhere)
    ran(nowhere)
    bad, good, _ = sorted(hubspot.state()["deals"])
    hubspot.spoils(bad)
    ann = hubspot.person("ann@example.com", "Ann Ito")
    for deal in (bad, good):
        ann.moves(deal, "c_risk")
    assert ran(nowhere)[0] == 0
    deals = json.loads(nowhere.said("deals", "--json", as_of=None))["deals"]
    assert sorted(d["stage"] for d in deals) == ["at_risk", "stable", "stable"]
    code, out, _ = ran(nowhere, "status")
    assert (code, "HubSpot did not return all of 1 deal" in out) == (1, True)
    assert "Some internal data of this record cannot be read" in out
    told = ran(nowhere, "status", lang="ja")[1]
    assert "取引1件の内容をすべては取得できませんでした" in told
    assert "HubSpotからレコードを取得できません" in told


def test_a_search_that_goes_round_in_circles_is_begun_anew(
    nowhere: Office, hubspot: HubSpotServer
) -> None:
    mapped(nowhere)
    ran(nowhere)
    deal = min(hubspot.state()["deals"])
    hubspot.person("ann@example.com", "Ann Ito").moves(deal, "c_risk")
    values = {"hs_lastmodifieddate": datetime.now(UTC).isoformat()}
    page = {
        "total": 9,
        "results": [{"id": str(deal), "properties": {**values, "pipeline": "care"}}],
        "paging": {"next": {"after": "1"}},
    }
    hubspot.faults.next("search", *[Fault("circles", instead=Answer(200, page))] * 5)
    code, _, err = ran(nowhere)
    assert (code, "keeps returning the same pages" in err) == (1, True)
    assert ran(nowhere, "status")[0] == 1
    assert ran(nowhere)[0] == 0
    deals = json.loads(nowhere.said("deals", "--json", as_of=None))["deals"]
    assert sorted(d["stage"] for d in deals) == ["at_risk", "stable", "stable"]
    assert ran(nowhere, "status")[0] == 0


@pytest.mark.parametrize(
    ("fault", "code", "english", "japanese"),
    [
        (html(414), 2, "name fewer properties in [hubspot.fields]", "指定するプロパティを減らして"),
        (Fault("page", instead=Answer(200, "<html/>")), 1, "not JSON", "JSONではない応答"),
        (migrating(7_200), 1, "again in 7200 s", "7200 秒後"),
    ],
)
def test_what_hindered_a_round_is_told_in_the_readers_language(
    nowhere: Office,
    hubspot: HubSpotServer,
    monkeypatch: pytest.MonkeyPatch,
    fault: Fault,
    code: int,
    english: str,
    japanese: str,
) -> None:
    mapped(nowhere)
    ran(nowhere)
    monkeypatch.setattr("scheduler.app.hubspot.SystemStopwatch", Time)
    hubspot.faults.next("search", *[fault] * 20)
    found, _, err = ran(nowhere)
    assert (found, english in err) == (code, True)
    assert japanese in ran(nowhere, lang="ja")[2]
    assert english in ran(nowhere, "status")[1]
    assert japanese in ran(nowhere, "status", lang="ja")[1]
    hubspot.faults.stop()
    assert ran(nowhere)[0] == 0
    assert ran(nowhere, "status")[0] == 0
