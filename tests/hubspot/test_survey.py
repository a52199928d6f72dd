"""An account is read once, whatever the token may not see of it."""

from dataclasses import replace

import pytest

from scheduler.core.sync.survey import LEARNED_LATER, ProbeKind, ProbeResult, Survey
from scheduler.core.words.lexicon import Language
from scheduler.hubspot.errors import CallWait, LaterError, RefusedError, UnauthorisedError
from scheduler.hubspot.survey import LOOKED_AT, surveyed
from tests.hubspot.world import World
from tests.servers.hubspot import Token, html, locked, migrating

FAR = "2027-03-31"


def probe(survey: Survey, kind: ProbeKind) -> ProbeResult:
    return next(p for p in survey.probes if p.kind is kind)


def test_everything_is_read_in_a_few_requests_and_nothing_is_written(here: World) -> None:
    here.server.property("contract_end", "date", "date", label="Contract end")
    here.deals(250, contract_end=FAR)
    here.server.person("ann@example.com", "Ann")
    survey = surveyed(here.client, Language.EN)
    assert (survey.account.zone.key, survey.account.currency) == ("Asia/Tokyo", "JPY")
    assert [p.label for p in survey.pipelines] == ["Sales Pipeline"]
    assert survey.deals == {"": 250, "default": 250}
    assert survey.looked == 250
    assert "ann@example.com" in {owner.email for owner in survey.owners.by_id.values()}
    end = survey.ends[0]
    assert (end.property, end.filled, end.ahead) == ("contract_end", 250, 250)
    assert [str(day) for day in end.samples] == [FAR]
    assert survey.filled == {"contract_end"}
    assert here.server.log.total <= 25
    assert {call.method for call in here.server.log.calls} <= {"GET", "POST"}
    assert {line.act for line in here.server.journal} == {"create"}


def test_labels_are_known_in_every_language_the_readers_first(here: World) -> None:
    for language, first in ((Language.EN, "Deal Name"), (Language.JA, "取引名")):
        offered = {o.name: o for o in surveyed(here.client, language).offered}
        assert offered["dealname"].called == first
        assert set(offered["dealname"].labels) == {"Deal Name", "取引名"}
        assert "hs_is_closed" not in offered


def test_our_own_properties_are_known_but_never_proposed_as_ends(here: World) -> None:
    here.server.property("renewals_ends_on", "date", "date")
    here.server.property("contract_end", "date", "date")
    here.deals(3, contract_end=FAR, renewals_ends_on=FAR)
    survey = surveyed(here.client, Language.EN)
    assert "renewals_ends_on" in survey.types
    assert "renewals_ends_on" not in {offered.name for offered in survey.offered}
    assert [end.property for end in survey.ends] == ["contract_end"]


def test_no_more_than_so_many_deals_are_looked_at(here: World) -> None:
    here.deals(LOOKED_AT + 150)
    survey = surveyed(here.client, Language.EN)
    assert survey.looked == LOOKED_AT
    assert survey.deals[""] == LOOKED_AT + 150


def test_ends_in_line_items_and_contracts_are_counted(here: World) -> None:
    here.server.tokens[here.token] = Token(
        Token().scopes | {"crm.schemas.line_items.read", "crm.schemas.contracts.read"}
    )
    here.server.add("line_items", {"name": "Pro", "hs_recurring_billing_end_date": FAR})
    here.server.add("contracts", {"hs_name": "Aoba", "hs_contract_end_date": "2027-06-30"})
    found = {(c.object_type, c.property): c.filled for c in surveyed(here.client, Language.EN).ends}
    assert found["line_items", "hs_recurring_billing_end_date"] == 1
    assert found["contracts", "hs_contract_end_date"] == 1


def test_where_their_list_of_properties_may_not_be_read_the_known_ones_are(here: World) -> None:
    here.server.add("line_items", {"name": "Pro", "hs_recurring_billing_end_date": FAR})
    survey = surveyed(here.client, Language.EN)
    assert "hs_recurring_billing_end_date" in {c.property for c in survey.ends}
    assert all(not lacks.needed for lacks in survey.lacking)


@pytest.mark.parametrize("shape", ["listed", "unlisted", "permissions"])
@pytest.mark.parametrize(
    ("scope", "purpose"),
    [
        ("crm.objects.deals.read", "reading"),
        ("crm.objects.owners.read", "the owners of deals"),
        ("crm.objects.companies.read", "companies"),
        ("crm.schemas.deals.read", "list of properties"),
    ],
)
def test_a_missing_scope_is_named_and_the_rest_is_read(
    here: World, scope: str, purpose: str, shape: str
) -> None:
    here.server.switches = replace(here.server.switches, refuses_scopes=shape)
    here.server.tokens[here.token] = Token().without(scope)
    survey = surveyed(here.client, Language.EN)
    needed = [lacks for lacks in survey.lacking if lacks.needed]
    assert [lacks.scopes for lacks in needed] == [(scope,)]
    assert purpose in needed[0].purpose.en
    assert survey.account.portal_id


def test_what_an_account_has_not_booked_is_left_out_without_a_word(here: World) -> None:
    del here.server.portal.kinds["contracts"]
    here.server.tokens[here.token] = Token(
        Token().scopes | {f"crm.schemas.{name}.read" for name in ("line_items", "quotes")}
    )
    survey = surveyed(here.client, Language.EN)
    assert survey.lacking == ()
    assert survey.ends == ()


def test_a_quota_that_others_need_is_left_to_them(here: World) -> None:
    here.client.pace.used({"usageLimit": 1_000, "currentUsage": 900})
    with pytest.raises(LaterError, match="only 100 of today's 1000 calls"):
        surveyed(here.client, Language.EN)
    assert here.server.log.total == 0


def test_search_that_lags_is_seen(here: World) -> None:
    ids = here.deals(3)
    here.time.passes(minutes=5)
    here.server.switches = replace(here.server.switches, search_lag=60_000)
    here.server.automation(int(ids[0]), {"dealname": "New"})
    found = probe(surveyed(here.client, Language.EN), ProbeKind.SEARCH)
    assert found.good is False
    assert "1 of the 3" in found.said.en
    here.time.passes(minutes=5)
    assert probe(surveyed(here.client, Language.EN), ProbeKind.SEARCH).good is True


@pytest.mark.parametrize("answers", [True, False])
def test_whether_a_merged_id_answers_is_tried(here: World, answers: bool) -> None:
    one, other = here.deals(2)
    body = {"primaryObjectId": one, "objectIdToMerge": other}
    path = "/crm/objects/2026-09/deals/merge"
    here.client.call("POST", path, body=body)
    here.server.switches = replace(here.server.switches, merged_answers=answers)
    assert probe(surveyed(here.client, Language.EN), ProbeKind.MERGED).good is answers


def test_what_could_not_be_seen_is_not_assumed(here: World) -> None:
    survey = surveyed(here.client, Language.EN)
    assert {p.kind for p in survey.probes if p.good is None} == {
        ProbeKind.SEARCH,
        ProbeKind.HISTORY,
        ProbeKind.MERGED,
    }
    assert len(LEARNED_LATER) >= 6


def test_a_clock_that_is_wrong_is_said(here: World) -> None:
    assert probe(surveyed(here.client, Language.EN), ProbeKind.CLOCK).good is True


def test_a_revoked_token_ends_it(here: World) -> None:
    here.server.tokens.clear()
    with pytest.raises(UnauthorisedError, match="INVALID_AUTHENTICATION"):
        surveyed(here.client, Language.EN)


def test_a_gateway_that_fails_once_is_asked_again(here: World) -> None:
    here.deals(3)
    here.server.faults.next("search", html(504), locked())
    assert surveyed(here.client, Language.EN).looked == 3
    assert here.time.waits[:2] == [1.0, 2.0]
    assert [name for _, name in here.server.faults.done] == ["html 504", "423"]


def test_an_address_that_is_too_long_is_a_sentence(here: World) -> None:
    here.server.faults.next("properties", html(414))
    with pytest.raises(RefusedError, match="HTTP 414, the address is too long"):
        surveyed(here.client, Language.EN)


def test_an_account_that_is_being_moved_says_when(here: World) -> None:
    here.server.faults.next("account", migrating(7200))
    with pytest.raises(LaterError) as later:
        surveyed(here.client, Language.EN)
    assert (later.value.why, later.value.seconds) == (CallWait.MIGRATING, 7200)
    assert later.value.exit_code == 1
