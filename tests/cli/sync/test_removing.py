"""`renewals sync hubspot --remove` against an account on this machine."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.office import Office
from tests.cli.sync.test_rounds import furnished, mapped, ran
from tests.hubspot.world import FREE
from tests.servers.hubspot import HubSpotServer, Token, migrating


@pytest.fixture
def hubspot(monkeypatch: pytest.MonkeyPatch) -> Iterator[HubSpotServer]:
    """An account with three customers, named by the environment."""
    with HubSpotServer(limits=FREE()) as server:
        furnished(server)
        monkeypatch.setenv("HUBSPOT_TOKEN", server.token)
        monkeypatch.setenv("HUBSPOT_API_URL", server.url)
        yield server


@pytest.fixture
def made(nowhere: Office, hubspot: HubSpotServer) -> Office:
    """A folder without a database yet, all of ours in the account."""
    assert ran(nowhere, "--create", "--pipelines", "--yes")[0] == 0
    return nowhere


def _pushes(office: Office, *, push: bool) -> None:
    """Says in config.toml whether anything is written there."""
    file: Path = office.folder / "config.toml"
    before, after = ("false", "true") if push else ("true", "false")
    text = file.read_text("utf-8")
    assert f"push = {before}" in text
    file.write_text(text.replace(f"push = {before}", f"push = {after}"), "utf-8")


def _ours(hubspot: HubSpotServer) -> set[str]:
    """Our properties that the account has."""
    schema = hubspot.portal.kinds["deals"].schema
    return {name for name in schema.properties if name.startswith("renewals") and schema.get(name)}


def _values(hubspot: HubSpotServer) -> list[dict[str, str]]:
    """What stands in each deal there."""
    return [deal["values"] for deal in hubspot.state()["deals"].values()]


def test_a_dry_run_takes_nothing_away_and_says_that_values_go(
    made: Office, hubspot: HubSpotServer
) -> None:
    mapped(made, "push = true")
    code, out, err = ran(made, "--remove", "--dry-run")
    assert code == 0
    assert out.count("to be removed") == 2 + 11 + 1
    assert "The values in our properties are removed with them" in out
    assert "push = true" in err
    assert len(_ours(hubspot)) == 11
    assert not (made.folder / "data").exists()


def test_all_of_ours_goes_once_and_a_second_run_says_so(
    made: Office, hubspot: HubSpotServer
) -> None:
    code, out, err = ran(made, "--remove", "--yes")
    assert code == 0
    assert "removed property renewals_key" in err
    assert "Everything that --create created in HubSpot is removed." in out
    assert _ours(hubspot) == set()
    edits = hubspot.log.count["edit properties"]
    assert "HubSpot has nothing that --create created." in ran(made, "--remove", "--yes")[1]
    assert hubspot.log.count["edit properties"] == edits
    assert len(hubspot.state()["deals"]) == 3
    assert not (made.folder / "data").exists()


def test_while_deals_are_written_to_it_is_refused_with_the_advice(
    made: Office, hubspot: HubSpotServer
) -> None:
    mapped(made, "push = true")
    code, _, err = ran(made, "--remove", "--yes")
    assert code == 2
    assert "write push = false under [hubspot] first" in err
    assert len(_ours(hubspot)) == 11


def test_what_is_made_again_is_told_again(made: Office, hubspot: HubSpotServer) -> None:
    mapped(made, "push = true")
    assert ran(made)[0] == 0
    told = _values(hubspot)
    assert all(values["renewals_key"] for values in told)
    _pushes(made, push=False)
    assert ran(made, "--remove", "--yes")[0] == 0
    assert not any("renewals_key" in values for values in _values(hubspot))
    assert len(json.loads(made.said("deals", "--json", as_of=None))["deals"]) == 3
    assert ran(made, "--create", "--yes")[0] == 0
    _pushes(made, push=True)
    file = made.folder / "config.toml"  # a file that says what an old one said is not followed
    file.write_text(file.read_text("utf-8").replace("every_seconds = 0", "every_seconds = 60"))
    assert ran(made)[0] == 0
    assert _values(hubspot) == told


def test_while_push_is_in_force_nothing_goes_whatever_the_file_says(
    made: Office, hubspot: HubSpotServer
) -> None:
    mapped(made, "push = false")
    assert ran(made)[0] == 0
    _pushes(made, push=True)
    assert ran(made)[0] == 0
    _pushes(made, push=False)  # as it was at first, so that it counts as an old copy
    for lang, said in (("en", "push = true is still in force"), ("ja", "まだ有効")):
        code, _, err = ran(made, "--remove", "--yes", lang=lang)
        assert (code, said in err) == (2, True), err
    assert len(_ours(hubspot)) == 11
    made.said("config", "rollback", "1", "--yes", as_of=None)
    assert ran(made, "--remove", "--yes")[0] == 0
    assert _ours(hubspot) == set()


def test_a_pipeline_in_which_deals_stand_stays_and_the_rest_goes(
    made: Office, hubspot: HubSpotServer
) -> None:
    values = {"pipeline": "renewals_existing", "dealstage": "renewals_existing_stable"}
    deal = hubspot.add("deals", {"dealname": "Deal"} | values)
    code, _, err = ran(made, "--remove", "--yes")
    assert code == 2
    assert "stays: 1 deal is in it; move it to another stage" in err
    assert _ours(hubspot) == set()
    hubspot.person("ann@example.com", "Ann Ito").moves(deal, "c_stable")
    code, out, _ = ran(made, "--remove", "--yes")
    assert (code, "created in HubSpot is removed" in out) == (0, True)


def test_a_production_account_needs_a_yes_to_lose_anything(
    made: Office, hubspot: HubSpotServer
) -> None:
    hubspot.portal.account_type = "STANDARD"
    code, _, err = ran(made, "--remove")
    assert code == 2
    assert "nothing was removed" in err
    assert len(_ours(hubspot)) == 11
    assert ran(made, "--remove", "--yes")[0] == 0


def test_a_removal_that_broke_off_goes_on(made: Office, hubspot: HubSpotServer) -> None:
    hubspot.faults.next("edit pipelines", migrating(7200))
    code, _, err = ran(made, "--remove", "--yes")
    assert (code, "again in 7200 s" in err) == (1, True)
    assert len(_ours(hubspot)) == 11
    assert ran(made, "--remove", "--yes")[0] == 0
    assert _ours(hubspot) == set()


def test_lines_of_the_mapping_that_name_what_is_gone_are_named(
    nowhere: Office, hubspot: HubSpotServer
) -> None:
    assert ran(nowhere, "--create", "--pipelines", "--init", "--yes")[0] == 0
    _, _, err = ran(nowhere, "--remove", "--yes")
    assert 'remove these lines: "renewals_existing/…", "renewals_new_business/…"' in err


def test_without_the_scope_for_removing_it_is_named(made: Office, hubspot: HubSpotServer) -> None:
    hubspot.tokens[hubspot.token] = Token().without("crm.schemas.deals.write")
    code, _, err = ran(made, "--remove", "--yes")
    assert code == 2
    assert "crm.schemas.deals.write, needed for making and removing" in err


def test_machines_get_each_thing_and_what_became_of_it(
    made: Office, hubspot: HubSpotServer
) -> None:
    told = json.loads(ran(made, "--remove", "--dry-run", "--json")[1])
    assert {step["removal"] for step in told["steps"]} == {"ours"}
    told = json.loads(ran(made, "--remove", "--yes", "--json")[1])
    assert {step["removal"] for step in told["steps"]} == {"removed"}


def test_in_japanese_it_is_said_in_japanese(made: Office) -> None:
    out = ran(made, "--remove", "--dry-run", lang="ja")[1]
    assert "削除する" in out
    assert "一緒に消えます" in out


@pytest.mark.parametrize("other", ["--create", "--init"])
def test_it_is_asked_for_alone(made: Office, other: str) -> None:
    code, _, err = ran(made, "--remove", other)
    assert (code, "use it on its own" in err) == (2, True)
