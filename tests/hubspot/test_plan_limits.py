"""The plan's limits are asked before anything is made."""

from scheduler.core.sync.steps import SchemaStep, SetupPart, SetupStatus
from scheduler.core.words.lexicon import Language
from scheduler.hubspot.plan_limits import MOST_UNIQUE, over_plan_limits
from scheduler.hubspot.schema import pipelines_made, properties_made
from tests.core.sync.sync_cast import both
from tests.hubspot.world import World

OURS = tuple(both().pipelines.values())


def missing(here: World) -> list[SchemaStep]:
    return [
        *properties_made(here.client, Language.EN, make=False),
        *pipelines_made(here.client, OURS, Language.EN, make=False),
    ]


def test_in_an_account_with_room_there_is_nothing_to_say(here: World) -> None:
    assert over_plan_limits(here.client, missing(here)) == []


def test_pipelines_that_do_not_fit_are_said_with_their_number(here: World) -> None:
    here.server.portal.pipelines.limit = 2
    [said] = over_plan_limits(here.client, missing(here))
    assert "allows 2 deal pipelines; 1 exist and 2 more are needed" in said.en
    assert "--pipelines" in said.of(Language.JA)


def test_properties_that_do_not_fit_are_said(here: World) -> None:
    here.server.portal.property_limit = 3
    [said] = over_plan_limits(here.client, missing(here))
    assert "allows 3 custom properties" in said.en


def test_a_plan_that_is_full_does_not_matter_where_nothing_is_missing(here: World) -> None:
    list(properties_made(here.client, Language.EN, make=True))
    here.server.portal.property_limit = 3
    there = list(properties_made(here.client, Language.EN, make=False))
    assert {step.made for step in there} == {SetupStatus.THERE}
    assert over_plan_limits(here.client, there) == []


def test_one_unique_property_too_many_is_said(here: World) -> None:
    for n in range(MOST_UNIQUE):
        here.server.property(f"key_{n}", hasUniqueValue=True)
    [said] = over_plan_limits(here.client, missing(here))
    assert f"deals have {MOST_UNIQUE}: key_0" in said.en


def test_only_what_is_missing_is_counted() -> None:
    step = SchemaStep(SetupPart.PROPERTY, "renewals_key", SetupStatus.CONFLICT)
    assert over_plan_limits(None, [step]) == []  # type: ignore[arg-type]
