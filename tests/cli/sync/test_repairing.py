"""`renewals sync hubspot --repair`, against an account on this machine."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.office import Office
from tests.cli.sync.test_rounds import furnished, mapped, ran
from tests.hubspot.world import FREE
from tests.servers.hubspot import HubSpotServer
from tests.servers.hubspot.faults import migrating

PAGE = Path(__file__).parents[3] / "docs" / "hubspot.md"
COMMAND = "$ renewals sync hubspot --repair --dry-run"


@pytest.fixture
def hubspot(monkeypatch: pytest.MonkeyPatch) -> Iterator[HubSpotServer]:
    """An account with three customers, named by the environment."""
    with HubSpotServer(limits=FREE()) as server:
        furnished(server)
        monkeypatch.setenv("HUBSPOT_TOKEN", server.token)
        monkeypatch.setenv("HUBSPOT_API_URL", server.url)
        yield server


@pytest.fixture
def differing(nowhere: Office, hubspot: HubSpotServer) -> Office:
    """Both in step, and then something of each kind that no round sees."""
    mapped(nowhere, "push = true")
    assert ran(nowhere, "--create", "--yes")[0] == 0
    assert ran(nowhere)[0] == 0
    assert ran(nowhere)[0] == 0
    ann = hubspot.person("ann@example.com", "Ann Ito")
    first, second, third = sorted(hubspot.state()["deals"])
    ann.archives(first)
    company = hubspot.state()["deals"][second]["companies"][0]
    ann.edits(company, {"name": "Customer One"}, "companies")
    ann.edits(third, {"renewals_health": "critical"})
    return nowhere


def test_nothing_differs_where_both_are_in_step(nowhere: Office, hubspot: HubSpotServer) -> None:
    mapped(nowhere)
    ran(nowhere)
    code, out, _ = ran(nowhere, "--repair", "--dry-run")
    assert (code, "3 deals compared with HubSpot: nothing differs" in out) == (0, True)
    assert "only our side is compared and repaired" in out
    assert "違いはありません" in ran(nowhere, "--repair", "--dry-run", lang="ja")[1]


def test_what_differs_is_shown_and_mended_once_it_is_agreed_to(
    differing: Office, hubspot: HubSpotServer
) -> None:
    third = max(hubspot.state()["deals"])
    code, out, err = ran(differing, "--repair", "--dry-run")
    assert (code, "3 deals compared with HubSpot: 3 differences" in out) == (1, True)
    assert "a dry run" in err
    assert hubspot.state()["deals"][third]["values"]["renewals_health"] == "critical"
    code, _, err = ran(differing, "--repair")
    assert (code, "--yes" in err) == (2, True)
    code, out, _ = ran(differing, "--repair", "--yes")
    assert (code, "All differences are repaired." in out) == (0, True)
    assert hubspot.state()["deals"][third]["values"]["renewals_health"] != "critical"
    assert ran(differing, "--repair", "--dry-run")[0] == 0


def test_machines_get_every_difference(differing: Office, hubspot: HubSpotServer) -> None:
    code, out, _ = ran(differing, "--repair", "--dry-run", "--json")
    told = json.loads(out)
    assert (code, told["read"], told["found"], told["push"]) == (1, 3, 3, True)
    assert [(f["aspect"], f["right"], f["mend"]) for f in told["findings"]] == [
        ("record", "theirs", "look_up"),
        ("field", "theirs", "take_in"),
        ("property", "ours", "push"),
    ]
    code, out, _ = ran(differing, "--repair", "--yes", "--json")
    assert (code, json.loads(out)["left"]) == (0, [])


def test_what_cannot_be_mended_is_left_and_said(differing: Office, hubspot: HubSpotServer) -> None:
    third = max(hubspot.state()["deals"])
    ann = hubspot.person("bob@example.com", "Bob Hill")
    hubspot.agenda.after("batch update", lambda: ann.edits(third, {"renewals_health": "critical"}))
    code, out, _ = ran(differing, "--repair", "--yes")
    assert (code, "1 difference is left:" in out) == (1, True)


def test_an_account_that_is_being_moved_is_said(differing: Office, hubspot: HubSpotServer) -> None:
    hubspot.faults.next("batch read", migrating(7200))
    code, out, err = ran(differing, "--repair", "--dry-run")
    assert (code, out) == (1, "")
    assert "again in 7200 s" in err


def test_repair_is_given_alone(nowhere: Office, hubspot: HubSpotServer) -> None:
    code, _, err = ran(nowhere, "--repair", "--init")
    assert (code, "use it on its own" in err) == (2, True)


@pytest.mark.parametrize(("lang", "number"), [("en", 0), ("ja", 1)])
def test_the_page_shows_what_is_said(
    differing: Office, hubspot: HubSpotServer, lang: str, number: int
) -> None:
    out = ran(differing, "--repair", "--dry-run", lang=lang)[1]
    after = PAGE.read_text("utf-8").split(f"```console\n{COMMAND}\n")[number + 1]
    assert out.rstrip().splitlines() == after.split("\n```")[0].splitlines()
