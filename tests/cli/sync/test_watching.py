"""What the status, `renewals doctor` and the metrics say of a HubSpot account on this machine."""

import json
import sqlite3
from collections.abc import Iterator

import pytest

from scheduler.app.wiring import App
from scheduler.core.machine.liveness import Vitals
from scheduler.core.words.lexicon import Language
from scheduler.inbound.web.metrics import exposition
from tests.cli.office import Office
from tests.cli.sync.test_rounds import furnished, mapped, ran
from tests.servers.hubspot import HubSpotServer, Limits


@pytest.fixture
def hubspot(monkeypatch: pytest.MonkeyPatch) -> Iterator[HubSpotServer]:
    """An account with three customers and a day's quota, named by the environment."""
    with HubSpotServer(limits=Limits()) as server:
        furnished(server)
        monkeypatch.setenv("HUBSPOT_TOKEN", server.token)
        monkeypatch.setenv("HUBSPOT_API_URL", server.url)
        yield server


def _doctor(office: Office, *words: str, lang: str = "en") -> list[tuple[str, str]]:
    """The lines about HubSpot: how serious, and what is said."""
    told = json.loads(office.run("doctor", "--json", *words, as_of=None)[1])
    lines = told["lines"] if isinstance(told, dict) else told
    return [(each["level"], each["says"][lang]) for each in lines if each["area"] == "hubspot"]


def test_the_status_says_how_much_of_the_day_is_used(
    nowhere: Office, hubspot: HubSpotServer
) -> None:
    mapped(nowhere)
    ran(nowhere)
    quota = json.loads(ran(nowhere, "status", "--json")[1])
    assert quota["quota"]["daily"] == Limits().daily
    assert quota["calls_used"] == quota["quota"]["daily"] - quota["quota"]["left"] > 0
    assert "Calls to HubSpot by all apps of the account" in ran(nowhere, "status")[1]
    assert "API呼び出し" in ran(nowhere, "status", lang="ja")[1]


def test_the_doctor_says_nothing_of_hubspot_where_it_is_not_used(nowhere: Office) -> None:
    assert _doctor(nowhere) == []


def test_the_doctor_knows_the_rounds_and_the_last_comparison(
    nowhere: Office, hubspot: HubSpotServer
) -> None:
    mapped(nowhere)
    ran(nowhere)
    levels, said = zip(*_doctor(nowhere, "--live"), strict=True)
    assert levels == ("fine", "fine", "note")
    assert "account 24680135 (app-eu1.hubspot.com) answers" in said[0]
    assert "3 deals known" in said[1]
    ran(nowhere, "--repair", "--dry-run")
    assert "nothing differs" in _doctor(nowhere)[-1][1]
    assert "違いなし" in _doctor(nowhere, lang="ja")[-1][1]
    hubspot.person("ann@example.com", "Ann Ito").archives(min(hubspot.state()["deals"]))
    ran(nowhere, "--repair", "--dry-run")
    assert _doctor(nowhere)[-1][0] == "to_do"


def test_the_doctor_says_what_keeps_rounds_from_ending(
    nowhere: Office, hubspot: HubSpotServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    mapped(nowhere)
    ran(nowhere)
    hubspot.tokens.clear()
    ran(nowhere)
    said = _doctor(nowhere, "--live")
    assert [level for level, _ in said[:2]] == ["to_do", "to_do"]
    assert "does not accept the token" in said[0][1]
    assert "rounds are being broken off" in said[1][1]
    monkeypatch.delenv("HUBSPOT_TOKEN")
    assert "HUBSPOT_TOKEN is not set" in _doctor(nowhere)[0][1]


def test_prometheus_reads_how_far_both_are_in_step(nowhere: Office, hubspot: HubSpotServer) -> None:
    mapped(nowhere)
    ran(nowhere)
    ran(nowhere, "--repair", "--dry-run")
    app = App(nowhere.folder, Language.EN, None, {})
    try:
        page = exposition(app.measures(Vitals(0.0), {})).decode()
    finally:
        app.close()
    assert 'renewals_hubspot_records{state="here"} 3.0' in page
    assert 'renewals_hubspot_pushes{state="due"} 3.0' in page
    for name in ("held", "waiting", "drift", "conflicts", "hindered"):
        assert f"renewals_hubspot_{name} 0.0" in page
    assert "renewals_hubspot_lag_seconds" in page
    assert "renewals_hubspot_calls_left" in page


def test_the_balance_accounts_for_every_deal_that_hubspot_is_to_be_told_of(
    nowhere: Office, hubspot: HubSpotServer
) -> None:
    mapped(nowhere, "push = true")
    ran(nowhere, "--create", "--yes")
    ran(nowhere)
    told = json.loads(nowhere.run("report", "balance", "--json", as_of=None)[1])["hubspot"]
    assert (told["all"], told["told"] + told["parked"]) == (3, 3)
    with sqlite3.connect(nowhere.folder / "data" / "renewals.db") as database:
        database.execute(
            "UPDATE hubspot_pushes SET state = 'claimed', lease_until = '2020-01-01 00:00:00.000000'"
        )
    found = json.loads(nowhere.run("report", "balance", "--json", as_of=None)[1])
    assert [f["fault"] for f in found["findings"]] == ["stuck_push"] * 3
    assert "3 under way" in nowhere.run("report", "balance", as_of=None)[1]


def test_what_the_mapping_names_and_the_account_has_not_is_said_everywhere(
    nowhere: Office, hubspot: HubSpotServer
) -> None:
    mapped(nowhere)
    ran(nowhere)
    ann = hubspot.person("ann@example.com", "Ann Ito")
    ann.deletes_stage("c_risk")
    hubspot.portal.kinds["deals"].schema.archive("ends_on", hubspot.portal.now())
    ann.edits(min(hubspot.state()["deals"]), {"amount": "1300"})
    code, _, err = ran(nowhere)
    said = ("fills ends_on from ends_on, which HubSpot does not have", "names care/c_risk")
    assert (code, [part in err for part in said]) == (0, [True, True])
    code, _, err = ran(nowhere, "status")
    assert (code, [part in err for part in said]) == (1, [True, True])
    assert len(json.loads(ran(nowhere, "status", "--json")[1])["lacking"]) == 2
    assert "ends_on がHubSpotにありません" in ran(nowhere, "status", lang="ja")[2]
    told = " ".join(text for level, text in _doctor(nowhere) if level == "to_do")
    assert [part in told for part in said] == [True, True]
    ends = nowhere.rows("SELECT DISTINCT ends_on FROM contracts")
    assert ends == [("2031-03-31",)]
