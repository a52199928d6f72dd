"""`renewals sync hubspot --init` and `--create` against an account on this machine."""

import io
import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from scheduler.cli.main import main
from tests.cli.office import Office
from tests.cli.sync.documented import AS_OF, documented, furnished_with_ours
from tests.hubspot.world import FREE
from tests.servers.hubspot import Fault, HubSpotServer, Token, html, migrating
from tests.servers.hubspot.answers import Answer

FAR = "2031-03-31"


@pytest.fixture
def hubspot(monkeypatch: pytest.MonkeyPatch) -> Iterator[HubSpotServer]:
    """An account with a few deals, named by the environment."""
    with HubSpotServer(limits=FREE()) as server:
        server.property("contract_end", "date", "date", label="Contract end date")
        made = {"pipeline": "default", "dealstage": "contractsent", "contract_end": FAR}
        for n in range(3):
            server.add("deals", {"dealname": f"Deal {n}"} | made)
        monkeypatch.setenv("HUBSPOT_TOKEN", server.token)
        monkeypatch.setenv("HUBSPOT_API_URL", server.url)
        yield server


@pytest.fixture
def work(nowhere: Office, hubspot: HubSpotServer) -> Office:
    """A folder beside that account."""
    return nowhere


def ran(work: Office, *words: str, lang: str = "en") -> tuple[int, str, str]:
    return work.run("sync", "hubspot", *words, lang=lang, as_of=None)


def config(work: Office) -> Path:
    return work.folder / "config.toml"


def test_without_a_mapping_it_says_what_to_begin_with(nowhere: Office) -> None:
    code, _, err = ran(nowhere)
    assert code == 2
    assert "--init" in err


def test_a_dry_run_shows_everything_and_changes_nothing(
    work: Office, hubspot: HubSpotServer
) -> None:
    before, journal = config(work).read_bytes(), len(hubspot.journal)
    code, out, err = ran(work, "--init", "--dry-run")
    assert code == 0
    for part in (
        "24680135",
        "developer test account",
        "Asia/Tokyo",
        "Decision Maker Bought-In",
        "New business: Value agreed",
        "Existing customers: the contract that was won",
        "contract_end (Contract end date)",
        FAR,
        "how HubSpot names our own changes in a history",
        'ends_on = "contract_end"',
        '"default/closedwon" = { to = "existing", bought = true }',
    ):
        assert part in out
    assert "a dry run: nothing was changed" in err
    assert config(work).read_bytes() == before
    assert len(hubspot.journal) == journal
    assert not (work.folder / "data").exists()


def test_it_is_written_with_a_yes_and_never_replaced(work: Office) -> None:
    before = config(work).read_text("utf-8")
    code, _, err = ran(work, "--init")
    assert (code, config(work).read_text("utf-8")) == (2, before)
    assert "add --yes" in err
    code, _, err = ran(work, "--init", "--yes")
    assert code == 0
    assert "next: `renewals check`, then `renewals sync hubspot --dry-run`" in err
    after = config(work).read_text("utf-8")
    table = tomllib.loads(after)["hubspot"]
    assert table["fields"] == {"ends_on": "contract_end"}
    assert table["stages"]["default/contractsent"] == "new_business/terms_agreed"
    assert main(["check", "--offline", "--dir", str(work.folder)]) == 1  # the sample addresses
    code, out, err = ran(work, "--init", "--yes")
    assert code == 0
    assert "left as it is" in err
    assert "What a new proposal" not in out
    assert config(work).read_text("utf-8") == after


@pytest.mark.parametrize(("reply", "done"), [("y\n", True), ("n\n", False), ("\n", False)])
def test_on_a_terminal_it_is_asked(
    work: Office, monkeypatch: pytest.MonkeyPatch, reply: str, done: bool
) -> None:
    typed = io.StringIO(reply)
    monkeypatch.setattr(typed, "isatty", lambda: True)
    monkeypatch.setattr("sys.stdin", typed)
    code, _, err = ran(work, "--init")
    assert (code, "Do it (y/N)" in err) == (0, True)
    assert ("hubspot" in tomllib.loads(config(work).read_text("utf-8"))) is done


def test_a_table_that_is_there_is_checked_and_the_difference_shown(work: Office) -> None:
    assert ran(work, "--init", "--yes")[0] == 0
    text = config(work).read_text("utf-8")
    text = text.replace('"default/contractsent" = "new_business/terms_agreed"', "#")
    text = text.replace('"default/closedlost" =', '"default/gone" =')
    text = text.replace('ends_on = "contract_end"', 'ends_on = "gone_too"')
    config(work).write_text(text, "utf-8")
    code, out, _ = ran(work, "--init")
    assert code == 2
    assert "HubSpot has no stage gone in pipeline Sales Pipeline any more" in out
    assert "the stage Contract Sent of HubSpot's pipeline Sales Pipeline has no place" in out
    assert "HubSpot has no property gone_too, which fills ends_on" in out
    assert '+ "default/contractsent" = "new_business/terms_agreed"' in out
    code, out, _ = ran(work, "--init", "--json")
    told = json.loads(out)
    assert code == 2
    assert set(told["differences"]["stages"]) == {"default/contractsent", "default/closedlost"}
    assert told["written"] is False


def test_machines_get_all_of_it(work: Office) -> None:
    told = json.loads(ran(work, "--init", "--dry-run", "--json")[1])
    assert told["account"] == {
        "id": "24680135",
        "domain": "app-eu1.hubspot.com",
        "kind": "DEVELOPER_TEST",
        "zone": "Asia/Tokyo",
        "currency": "JPY",
    }
    assert told["deals"] == 3
    assert tomllib.loads(told["table"])["hubspot"]["push"] is False
    assert {"ja", "en"} <= told["probes"][0]["said"].keys()


def test_in_japanese_it_speaks_japanese(work: Office) -> None:
    _, out, _ = ran(work, "--init", "--dry-run", lang="ja")
    assert "新規商談：条件への同意" in out
    assert "最初の書き込みで分かること" in out
    assert "what" not in out.split("config.toml")[0].lower().replace("hubspot", "")


def test_an_account_in_which_nothing_is_known_by_name_writes_nothing(
    work: Office, hubspot: HubSpotServer
) -> None:
    hubspot.portal.pipelines.pipelines.clear()
    hubspot.pipeline("Projects", ("s1", "Foo", 0.1), ("s2", "Bar", 1.0), ("s3", "Baz", 0.0))
    before = config(work).read_bytes()
    code, out, _ = ran(work, "--init", "--yes")
    assert code == 2
    assert "so nothing can be followed" in out
    assert config(work).read_bytes() == before


def test_a_missing_scope_is_named_with_what_it_is_for(work: Office, hubspot: HubSpotServer) -> None:
    hubspot.tokens[hubspot.token] = Token().without("crm.objects.owners.read")
    code, out, _ = ran(work, "--init", "--dry-run")
    assert code == 2
    assert (
        "✗ the token lacks crm.objects.owners.read, needed for reading the owners of deals" in out
    )


def test_a_token_that_is_not_accepted_is_one_sentence(work: Office, hubspot: HubSpotServer) -> None:
    hubspot.tokens.clear()
    code, out, err = ran(work, "--init", "--dry-run")
    assert (code, out) == (2, "")
    assert "HubSpot does not accept the token (INVALID_AUTHENTICATION)" in err
    assert "pat-" not in err


def test_without_a_token_it_says_where_to_put_one(
    nowhere: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "HUBSPOT_TOKEN is not set" in nowhere.refused(
        "sync", "hubspot", "--init", "--dry-run", as_of=None
    )
    monkeypatch.setenv("HUBSPOT_API_URL", "http://hubspot.example")
    said = nowhere.refused("sync", "hubspot", "--init", "--dry-run", as_of=None)
    assert "must begin with https://" in said


def test_an_account_that_is_being_moved_is_no_fault_of_the_user(
    work: Office, hubspot: HubSpotServer
) -> None:
    hubspot.faults.next("account", migrating(7200))
    code, out, err = ran(work, "--init", "--dry-run")
    assert (code, out) == (1, "")
    assert "again in 7200 s" in err


def test_a_page_of_html_is_a_sentence(work: Office, hubspot: HubSpotServer) -> None:
    hubspot.faults.next("account", html(414))
    code, _, err = ran(work, "--init", "--dry-run")
    assert code == 2
    assert "the address is too long" in err
    assert "<" not in err


def test_what_would_be_made_is_shown_and_made_once(work: Office, hubspot: HubSpotServer) -> None:
    code, out, _ = ran(work, "--create", "--pipelines", "--dry-run")
    assert code == 0
    assert out.count("will be created") == out.count("\n") - 2
    assert hubspot.log.count["edit properties"] == 0
    assert "renewals_key" not in hubspot.portal.kinds["deals"].schema.properties
    code, out, err = ran(work, "--create", "--pipelines", "--yes")
    assert code == 0
    assert "created property renewals_key" in err
    assert "created pipeline 既存顧客" in err
    assert '= "existing/renewal_3m"' in out
    assert hubspot.portal.kinds["deals"].schema.properties["renewals_key"].unique
    writes = hubspot.log.count["edit properties"], len(hubspot.portal.pipelines.pipelines)
    code, out, err = ran(work, "--create", "--pipelines", "--yes")
    assert code == 0
    assert "Everything exists already." in out
    assert "created" not in err
    assert writes == (
        hubspot.log.count["edit properties"],
        len(hubspot.portal.pipelines.pipelines),
    )


def test_what_was_made_stands_in_the_proposal(work: Office) -> None:
    code, out, _ = ran(work, "--create", "--pipelines", "--init", "--yes")
    assert code == 0
    stages = tomllib.loads(config(work).read_text("utf-8"))["hubspot"]["stages"]
    assert "existing/renewal_3m" in stages.values()
    assert "our own properties are not in HubSpot yet" not in out


def test_a_run_that_broke_off_goes_on(work: Office, hubspot: HubSpotServer) -> None:
    hubspot.faults.next("edit properties", *[migrating(7200)] * 1)
    hubspot.property("renewals_url")
    code, _, err = ran(work, "--create", "--yes")
    assert code == 1
    assert "again in 7200 s" in err
    assert ran(work, "--create", "--yes")[0] == 0
    assert "Everything exists already." in ran(work, "--create", "--yes")[1]


def test_a_production_account_needs_a_yes(work: Office, hubspot: HubSpotServer) -> None:
    hubspot.portal.account_type = "STANDARD"
    code, out, err = ran(work, "--create")
    assert code == 2
    assert "production account" in out
    assert "nothing was created" in err
    assert hubspot.log.count["edit properties"] == 0
    assert ran(work, "--create", "--dry-run")[0] == 0
    assert ran(work, "--create", "--yes")[0] == 0


def test_a_plan_without_room_is_said_before_anything_is_made(
    work: Office, hubspot: HubSpotServer
) -> None:
    hubspot.portal.pipelines.limit = 1
    code, _, err = ran(work, "--create", "--pipelines", "--yes")
    assert code == 2
    assert "the HubSpot plan allows 1 deal pipelines" in err
    assert hubspot.log.count["edit properties"] == 0


def test_a_property_of_theirs_is_in_the_way_and_named(work: Office, hubspot: HubSpotServer) -> None:
    hubspot.property("renewals_health", "string", "text")
    code, out, err = ran(work, "--create", "--yes")
    assert code == 2
    assert "in the way" in out
    assert "renewals_health that is in the way: it is of type string" in err
    assert "renewals_key" in hubspot.portal.kinds["deals"].schema.properties


def test_without_the_scope_for_making_it_is_named(work: Office, hubspot: HubSpotServer) -> None:
    hubspot.tokens[hubspot.token] = Token().without("crm.schemas.deals.write")
    assert ran(work, "--create", "--dry-run")[0] == 0
    code, _, err = ran(work, "--create", "--yes")
    assert code == 2
    assert "crm.schemas.deals.write, needed for making and removing our properties" in err


def test_an_account_in_another_zone_and_currency_is_said(
    work: Office, hubspot: HubSpotServer
) -> None:
    hubspot.portal.zone, hubspot.portal.currency = "America/New_York", "CHF"
    code, out, _ = ran(work, "--init", "--dry-run")
    assert code == 0
    assert "HubSpot's days are those of America/New_York, config.toml's of Asia/Tokyo" in out
    assert "deals are in CHF" in out


def test_a_pipeline_with_two_lost_stages_is_fine(work: Office, hubspot: HubSpotServer) -> None:
    lost = (("l1", "クローズした不成立取引", 0.0), ("l2", "Bヨミ後失注", 0.0))
    hubspot.pipeline("旧", ("s1", "Bヨミ(決済者前向)", 0.5), *lost, ("w", "成約", 1.0), id_="old")
    code, out, _ = ran(work, "--init", "--yes")
    assert code == 0
    assert "✗" not in out
    stages = tomllib.loads(config(work).read_text("utf-8"))["hubspot"]["stages"]
    assert stages["old/l1"] == {"to": "new_business/lost", "after": "unknown", "target": True}
    assert stages["old/l2"] == {"to": "new_business/lost", "after": "value_agreed"}
    assert main(["check", "--offline", "--dir", str(work.folder)]) == 1  # the sample addresses


def test_ends_that_stand_elsewhere_are_named(work: Office, hubspot: HubSpotServer) -> None:
    del hubspot.portal.kinds["deals"].schema.properties["contract_end"]
    hubspot.add("line_items", {"name": "Pro", "hs_recurring_billing_end_date": FAR})
    hubspot.property("contract_end", "date", "date", kind="quotes", label="Contract end")
    hubspot.add("quotes", {"hs_title": "Pro", "contract_end": FAR})
    _allow(hubspot, "line_items", "quotes")
    code, out, _ = ran(work, "--init", "--dry-run")
    assert code == 0
    places = "line_items/hs_recurring_billing_end_date, quotes/contract_end"
    assert f"there are future dates in {places}; name the one" in out
    assert '# ends_on = ""' in out


def _allow(hubspot: HubSpotServer, *kinds: str) -> None:
    """Lets the token read the lists of their properties."""
    scopes = {f"crm.schemas.{kind}.read" for kind in kinds}
    hubspot.tokens[hubspot.token] = Token(Token().scopes | scopes)


def test_an_end_that_plainly_stands_in_one_place_elsewhere_is_proposed(
    work: Office, hubspot: HubSpotServer
) -> None:
    del hubspot.portal.kinds["deals"].schema.properties["contract_end"]
    hubspot.property("contract_end", "date", "date", label="Contract end date")
    for deal in hubspot.portal.kinds["deals"].records:
        hubspot.automation(deal, {"contract_end": ""})
    given = {"hs_contract_effective_date": "2026-04-01", "hs_contract_end_date": FAR}
    hubspot.add("contracts", {"hs_name": "Aoba"} | given)
    hubspot.add("quotes", {"hs_title": "Pro", "hs_expiration_date": f"{FAR}T00:00:00Z"})
    _allow(hubspot, "contracts")
    assert ran(work, "--init", "--yes")[0] == 0
    assert tomllib.loads(config(work).read_text("utf-8"))["hubspot"]["fields"] == {
        "ends_on": "contracts/hs_contract_end_date",
        "starts_on": "contracts/hs_contract_effective_date",
        "renewal_term": "contracts/hs_contract_renewal_term_months",
        "auto_renew": "contracts/hs_contract_auto_renew",
    }
    assert main(["check", "--offline", "--dir", str(work.folder)]) == 1  # the sample addresses
    hubspot.tokens[hubspot.token] = Token().without("crm.objects.contracts.read")
    code, out, _ = ran(work, "--init")
    assert code == 2
    assert "✗ the token lacks crm.objects.contracts.read; starts_on, ends_on" in out


@pytest.mark.parametrize(
    ("zone", "said"),
    [("Mars/Olympus", "HubSpot's time zone Mars/Olympus is not known"), ("", "does not say")],
)
def test_a_zone_that_is_not_known_is_said(
    work: Office, hubspot: HubSpotServer, zone: str, said: str
) -> None:
    told = {"portalId": 24680135, "companyCurrency": "JPY", "timeZone": zone}
    hubspot.faults.next("account", Fault("another zone", instead=Answer(body=told)))
    code, out, _ = ran(work, "--init", "--dry-run")
    assert code == 0
    assert "UTC (a guess)" in out
    assert said in out


def test_what_push_needs_is_asked_where_it_is_set(work: Office, hubspot: HubSpotServer) -> None:
    hubspot.tokens[hubspot.token] = Token().without("crm.objects.deals.write")
    assert ran(work, "--init", "--yes")[0] == 0
    text = config(work).read_text("utf-8")
    config(work).write_text(text.replace("\npush = false", "\npush = true", 1), "utf-8")
    code, out, _ = ran(work, "--init")
    assert code == 2
    assert "✗ the token lacks crm.objects.deals.write, needed for" in out
    hubspot.tokens[hubspot.token] = Token()
    journal = len(hubspot.journal)
    assert "crm.objects.deals.write" not in ran(work, "--init")[1]
    assert len(hubspot.journal) == journal, "asking changes nothing"


def test_pipelines_belong_to_create(work: Office) -> None:
    code, _, err = ran(work, "--init", "--pipelines")
    assert code == 2
    assert "give both" in err


def test_machines_get_one_result_at_a_time(work: Office) -> None:
    code, out, err = ran(work, "--init", "--create", "--json", "--dry-run")
    assert (code, out) == (2, "")
    assert "one after the other" in err


def test_machines_get_each_step(work: Office) -> None:
    told = json.loads(ran(work, "--create", "--dry-run", "--json")[1])
    assert {step["made"] for step in told["steps"]} == {"missing"}


@pytest.mark.parametrize("command", ["--init --dry-run", "--remove --dry-run"])
@pytest.mark.parametrize(("lang", "half"), [("en", 0), ("ja", 1)])
def test_the_page_shows_what_is_said(
    nowhere: Office, monkeypatch: pytest.MonkeyPatch, lang: str, half: int, command: str
) -> None:
    page = (Path(__file__).parents[3] / "docs" / "hubspot.md").read_text("utf-8")
    blocks = page.split("\n---\n")[half].split("```console\n")[1:]
    said = f"$ renewals sync hubspot {command}\n"
    (shown,) = [b.split("\n```")[0].splitlines() for b in blocks if b.startswith(said)]
    with documented() as server:
        monkeypatch.setenv("HUBSPOT_TOKEN", server.token)
        monkeypatch.setenv("HUBSPOT_API_URL", server.url)
        if "--remove" in command:
            furnished_with_ours(server, nowhere.folder, lang)
        _, out, _ = nowhere.run(*shown[0].split()[2:], lang=lang, as_of=AS_OF)
    calls = re.compile(r"[\d,]+(?= of 1,000,000 left|／)|残り [\d,]+")
    assert (
        calls.sub("", out).rstrip().splitlines() == calls.sub("", "\n".join(shown[1:])).splitlines()
    )
