"""Taking away what we made, and nothing else."""

from dataclasses import replace

import pytest

from scheduler.core.sync.steps import Removal, RemovalStep, SetupPart
from scheduler.core.words.lexicon import Language
from scheduler.hubspot.account import pipelines, properties
from scheduler.hubspot.client import CallKind, dated
from scheduler.hubspot.removing import removed
from scheduler.hubspot.schema import pipelines_made, properties_made
from tests.core.sync.sync_cast import both
from tests.hubspot.world import World
from tests.servers.hubspot import cut_after, cut_before, status

OURS = tuple(both().pipelines.values())
OPEN_STAGE = {"metadata": {"isClosed": "false", "probability": "0.5"}, "displayOrder": 0}


def make(here: World, language: Language = Language.EN) -> None:
    list(properties_made(here.client, language, make=True))
    list(pipelines_made(here.client, OURS, language, make=True))


def taken(here: World, *, remove: bool = True) -> list[RemovalStep]:
    return list(removed(here.client, OURS, remove=remove))


def by_name(steps: list[RemovalStep]) -> dict[str, RemovalStep]:
    return {step.name: step for step in steps}


def said(step: RemovalStep) -> str:
    assert step.said is not None
    return step.said.of(Language.EN)


def post(here: World, path: str, **body: object) -> None:
    here.client.call("POST", path, body=body, kind=CallKind.WRITE)


@pytest.mark.parametrize("language", list(Language))
def test_the_account_is_as_it_was_before(here: World, language: Language) -> None:
    before = properties(here.client), pipelines(here.client)
    make(here, language)
    dry = taken(here, remove=False)
    assert {step.removal for step in dry} == {Removal.OURS}
    assert here.server.log.count["edit properties"] == 12
    assert [s.name for s in taken(here)] == [s.name for s in dry]
    assert (properties(here.client), pipelines(here.client)) == before
    assert taken(here) == taken(here, remove=False) == []


def test_a_pipeline_with_deals_stays_and_says_how_many(here: World) -> None:
    make(here)
    here.deals(2, pipeline="renewals_existing", dealstage="renewals_existing_stable")
    steps = by_name(taken(here))
    kept = steps["Existing customers"]
    assert kept.removal is Removal.KEPT
    assert said(kept).startswith("2 deals are in it; move them")
    assert steps["New business"].removal is Removal.REMOVED
    assert {p.id for p in pipelines(here.client)} == {"default", "renewals_existing"}


def test_a_deal_that_the_search_does_not_show_yet_holds_its_pipeline_too(here: World) -> None:
    here.server.switches = replace(here.server.switches, search_lag=60_000)
    make(here)
    here.deals(1, pipeline="renewals_existing", dealstage="renewals_existing_stable")
    kept = by_name(taken(here))["Existing customers"]
    assert kept.removal is Removal.KEPT
    assert "cannot be deleted" in said(kept)


def test_a_pipeline_of_theirs_with_our_name_is_left_and_our_stages_in_it_go(here: World) -> None:
    stages = [OPEN_STAGE | {"label": "Stable"}]
    post(
        here,
        dated("crm/pipelines", "deals"),
        label="Existing customers",
        displayOrder=0,
        stages=stages,
    )
    before = pipelines(here.client)
    make(here)
    steps = taken(here)
    assert by_name(steps)["Existing customers"].removal is Removal.THEIRS
    assert SetupPart.STAGE in {step.thing for step in steps}
    assert pipelines(here.client) == before


def test_a_stage_of_ours_in_theirs_stays_while_a_deal_stands_in_it(here: World) -> None:
    stages = [OPEN_STAGE | {"label": "Stable"}]
    path = dated("crm/pipelines", "deals")
    post(here, path, label="Existing customers", displayOrder=0, stages=stages)
    make(here)
    theirs = next(p for p in pipelines(here.client) if p.label == "Existing customers")
    here.deals(1, pipeline=theirs.id, dealstage="renewals_existing_won")
    kept = by_name(taken(here))["Existing customers: Won"]
    assert said(kept).startswith("1 deal is in it")
    assert "Won" in [s.label for s in next(iter(pipelines(here.client)[1:])).stages]


def test_a_pipeline_of_ours_with_a_stage_of_theirs_stays(here: World) -> None:
    make(here)
    path = dated("crm/pipelines", "deals", "renewals_existing", "stages")
    post(here, path, label="Mine", **OPEN_STAGE)
    kept = by_name(taken(here))["Existing customers"]
    assert kept.removal is Removal.KEPT
    assert "added the stages Mine" in said(kept)
    assert "renewals_existing" in {p.id for p in pipelines(here.client)}


def test_where_hubspot_gives_its_own_ids_pipelines_are_left_to_a_person(here: World) -> None:
    here.server.switches = replace(here.server.switches, chosen_ids=False)
    make(here)
    steps = by_name(taken(here))
    assert steps["Existing customers"].removal is Removal.THEIRS
    assert steps["renewals_key"].removal is Removal.REMOVED
    assert len(pipelines(here.client)) == 3


@pytest.mark.parametrize(
    ("theirs", "says"),
    [
        ({"type": "string", "fieldType": "text", "groupName": "renewals"}, "it is of type string"),
        (
            {"type": "date", "fieldType": "date", "groupName": "dealinformation"},
            "it is in the group dealinformation",
        ),
    ],
)
def test_a_property_that_is_only_called_so_is_left_with_its_group(
    here: World, theirs: dict[str, str], says: str
) -> None:
    post(here, dated("crm/properties", "deals", "groups"), name="renewals", label="Renewals")
    post(here, dated("crm/properties", "deals"), name="renewals_ends_on", label="x", **theirs)
    make(here)
    steps = by_name(taken(here))
    assert steps["renewals_ends_on"].removal is Removal.THEIRS
    assert said(steps["renewals_ends_on"]).startswith(says)
    held = theirs["groupName"] == "renewals"
    assert steps["renewals"].removal is (Removal.KEPT if held else Removal.REMOVED)
    assert [n for n in properties(here.client) if n.startswith("renewals")] == ["renewals_ends_on"]


def test_a_group_that_somebody_renamed_is_left(here: World) -> None:
    make(here)
    here.server.portal.kinds["deals"].schema.groups["renewals"]["label"] = "Ours"
    assert by_name(taken(here))["renewals"].removal is Removal.THEIRS
    assert "renewals" in here.server.portal.kinds["deals"].schema.groups


def test_what_hubspot_refuses_stays_in_its_words_and_the_rest_goes(here: World) -> None:
    make(here)
    here.server.faults.next("edit properties", status(400))
    steps = taken(here)
    kept = [s for s in steps if s.removal is Removal.KEPT]
    assert [s.name for s in kept] == ["renewals_key", "renewals"]
    assert "it still holds renewals_key" in said(kept[1])
    assert {s.removal for s in taken(here)} == {Removal.REMOVED}


def test_a_run_without_answers_goes_on_with_what_is_left(here: World) -> None:
    make(here)
    here.server.faults.next("edit properties", cut_after(), cut_before())
    steps = by_name(taken(here))
    assert steps["renewals_key"].removal is Removal.REMOVED
    assert steps["renewals_health"].removal is Removal.KEPT
    assert [s.name for s in taken(here)] == ["renewals_health", "renewals"]


def test_an_id_that_a_removed_pipeline_still_has_is_not_needed_again(here: World) -> None:
    here.server.faults.next("edit pipelines", status(409))
    make(here)
    ids = {p.id for p in pipelines(here.client)}
    assert ids == {"default", "renewals_existing_2", "renewals_new_business"}
    taken(here)
    assert {p.id for p in pipelines(here.client)} == {"default"}
