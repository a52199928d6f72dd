"""What `renewals sync hubspot status` lists is worded for whoever reads it, stages by their names."""

import json
import sqlite3
from collections.abc import Iterator

import pytest

from tests.cli.office import Office
from tests.cli.sync.test_rounds import furnished, mapped, ran
from tests.hubspot.world import FREE
from tests.servers.hubspot import HubSpotServer


@pytest.fixture
def hubspot(monkeypatch: pytest.MonkeyPatch) -> Iterator[HubSpotServer]:
    """An account with three customers, named by the environment."""
    with HubSpotServer(limits=FREE()) as server:
        furnished(server)
        monkeypatch.setenv("HUBSPOT_TOKEN", server.token)
        monkeypatch.setenv("HUBSPOT_API_URL", server.url)
        yield server


def _spoken_twice(nowhere: Office, hubspot: HubSpotServer) -> int:
    """A deal that was moved there, and then judged here before the next round."""
    mapped(nowhere)
    ran(nowhere)
    deal = min(hubspot.state()["deals"])
    hubspot.person("ann@example.com", "Ann Ito").moves(deal, "c_risk")
    nowhere.said("answer", str(deal), "health", "critical", as_of=None)
    _dated(nowhere, arrived="2026-01-05", judged="2100-01-05")
    ran(nowhere)
    return deal


def _dated(nowhere: Office, arrived: str, judged: str) -> None:
    """Days between what happened, since HubSpot's clock is known by whole seconds only."""
    with sqlite3.connect(nowhere.folder / "data" / "renewals.db") as database:
        times = [f"{day} 00:00:00.000000" for day in (arrived, judged)]
        database.execute(
            "UPDATE deals SET arrived_at = ?, stage_entered_at = ? WHERE stage = 'critical'", times
        )


def test_a_conflict_names_the_stages_of_both_sides_as_they_are_called(
    nowhere: Office, hubspot: HubSpotServer
) -> None:
    _spoken_twice(nowhere, hubspot)
    said = ran(nowhere, "status")[1]
    assert "Ann Ito set “At risk” in HubSpot before “Critical” was decided here; our value" in said
    assert "Ann Ito: At risk" in said
    japanese = ran(nowhere, "status", lang="ja")[1]
    assert "「解約危機」と決める前に、Ann ItoさんがHubSpotで「At risk」にしていました" in japanese
    assert "c_risk" not in said + japanese
    [told] = json.loads(ran(nowhere, "status", "--json")[1])["conflicts"]
    assert (told["theirs"], told["theirs_name"]) == ("c_risk", "At risk")
    assert (told["ours"], told["ours_name"]) == ("critical", "Critical")


def test_a_stage_that_nobody_has_named_is_shown_by_its_id(
    nowhere: Office, hubspot: HubSpotServer
) -> None:
    _spoken_twice(nowhere, hubspot)
    with sqlite3.connect(nowhere.folder / "data" / "renewals.db") as database:
        database.execute("DELETE FROM hubspot_state WHERE key = 'stages'")
    assert "Ann Ito: c_risk" in ran(nowhere, "status")[1]


def test_what_is_not_followed_names_the_stage_there(
    nowhere: Office, hubspot: HubSpotServer
) -> None:
    hubspot.pipeline("Odd", ("d_open", "Waiting room", 0.5), id_="odd")
    mapped(nowhere)
    file = nowhere.folder / "config.toml"
    text = file.read_text("utf-8")
    file.write_text(
        text.replace('"care/c_lost"', '"odd/d_else" = "existing/stable"\n"care/c_lost"')
    )
    ran(nowhere)
    deal = min(hubspot.state()["deals"])
    hubspot.person("ann@example.com", "Ann Ito").moves(deal, "d_open")
    assert "Waiting room" in ran(nowhere, "--dry-run")[1]
    ran(nowhere)
    said = ran(nowhere, "status")[1]
    assert "HubSpot's stage Waiting room has no place here" in said
    assert "d_open" not in said


def test_a_push_without_a_stage_to_go_to_names_ours(
    nowhere: Office, hubspot: HubSpotServer
) -> None:
    mapped(nowhere, "push = true")
    ran(nowhere, "--create", "--yes")
    ran(nowhere)
    deal = min(hubspot.state()["deals"])
    nowhere.said("answer", str(deal), "health", "critical", as_of=None)
    ran(nowhere)
    assert "Existing customers: Critical" in ran(nowhere, "status")[1]
    assert "既存顧客：解約危機" in ran(nowhere, "status", lang="ja")[1]
    [parked] = json.loads(ran(nowhere, "status", "--json")[1])["pushes"]["parked"]
    assert "Existing customers: Critical" in parked["because"]


def test_why_rounds_are_broken_off_is_said_in_the_readers_language(
    nowhere: Office, hubspot: HubSpotServer
) -> None:
    mapped(nowhere)
    ran(nowhere)
    hubspot.tokens.clear()
    ran(nowhere)
    assert "does not accept the token" in ran(nowhere, "status")[1]
    assert "トークンを受け付けません" in ran(nowhere, "status", lang="ja")[1]
    assert (
        "トークンを受け付けません"
        in json.loads(ran(nowhere, "status", "--json", lang="ja")[1])["trouble"]
    )


def test_why_a_contract_is_paused_is_said_in_the_readers_language(
    nowhere: Office, hubspot: HubSpotServer
) -> None:
    mapped(nowhere)
    ran(nowhere)
    deal = min(hubspot.state()["deals"])
    hubspot.person("ann@example.com", "Ann Ito").archives(deal)
    ran(nowhere, "--repair", "--yes")
    for asked in (("pause",), ("show", str(deal)), ("pause", "--json"), ("doctor",)):
        english, japanese = (nowhere.run(*asked, lang=x, as_of=None)[1] for x in ("en", "ja"))
        assert "its record in HubSpot was archived" in english, asked
        assert "アーカイブ" in japanese, asked
        assert '{"code"' not in english + japanese


def test_a_file_that_turns_push_off_and_is_not_in_force_is_told_by_the_status(
    nowhere: Office, hubspot: HubSpotServer
) -> None:
    mapped(nowhere, "push = false")
    file = nowhere.folder / "config.toml"
    at_first = file.read_text("utf-8")
    ran(nowhere)
    assert "is in force" not in ran(nowhere, "status")[2]
    file.write_text(at_first.replace("push = false", "push = true"), "utf-8")
    ran(nowhere)
    file.write_text(at_first, "utf-8")  # word for word as before, so it counts as an old copy
    ran(nowhere)
    said = ran(nowhere, "status")[2]
    assert "config.toml has push = false, but push = true is in force" in said
    assert "renewals config rollback 1" in said
    assert "push = true が有効" in ran(nowhere, "status", lang="ja")[2]
    nowhere.said("config", "rollback", "1", "--yes", as_of=None)
    assert "Nothing is written to HubSpot" in ran(nowhere, "status")[1]
    assert "is in force" not in ran(nowhere, "status")[2]


def test_dates_whose_meaning_a_person_has_to_say_are_named_as_fields_are_called(
    nowhere: Office, hubspot: HubSpotServer
) -> None:
    mapped(nowhere)
    file = nowhere.folder / "config.toml"
    asking = file.read_text("utf-8").replace('extension = "renewed"', 'extension = "ask"')
    file.write_text(asking, "utf-8")
    ran(nowhere)
    deal = min(hubspot.state()["deals"])
    hubspot.person("ann@example.com", "Ann Ito").edits(deal, {"ends_on": "2032-03-31"})
    ran(nowhere)
    said, japanese = (ran(nowhere, "status", lang=lang)[1] for lang in ("en", "ja"))
    assert "somebody has to say what its new values mean: end 2031-03-31 → 2032-03-31" in said
    assert "満了日 2031-03-31 → 2032-03-31" in japanese
    assert "as_said" not in said + japanese
