"""Making what we need, and what an account is like."""

from dataclasses import replace

import pytest

from scheduler.core.sync.desired_values import PROPERTIES
from scheduler.core.sync.stages import problems, proposed
from scheduler.core.sync.steps import SchemaStep, SetupPart, SetupStatus
from scheduler.core.words.lexicon import Language
from scheduler.hubspot.account import account, allowance, owners, pipelines, properties, usage
from scheduler.hubspot.client import CallKind, dated
from scheduler.hubspot.errors import MissingScopeError
from scheduler.hubspot.schema import pipelines_made, properties_made
from tests.core.sync.sync_cast import both
from tests.hubspot.world import World
from tests.servers.hubspot import Token, cut_after, html

POLICY = both()
OURS = tuple(POLICY.pipelines.values())


def made(steps: list[SchemaStep]) -> set[SetupStatus]:
    return {step.made for step in steps}


@pytest.mark.parametrize("language", list(Language))
def test_a_dry_run_makes_nothing_and_the_real_one_all_of_it_once(
    here: World, language: Language
) -> None:
    dry = list(properties_made(here.client, language, make=False))
    assert made(dry) == {SetupStatus.MISSING}
    assert here.server.log.count["edit properties"] == 0
    first = list(properties_made(here.client, language, make=True))
    assert made(first) == {SetupStatus.MADE}
    assert [s.name for s in first] == [s.name for s in dry]
    assert made(list(properties_made(here.client, language, make=True))) == {SetupStatus.THERE}
    there = properties(here.client, language=language)
    assert there["renewals_key"].unique
    assert {p.name for p in PROPERTIES} <= there.keys()


def test_a_run_that_broke_off_goes_on(here: World) -> None:
    here.server.faults.next("edit properties", cut_after(), cut_after(), html(504))
    steps = list(properties_made(here.client, Language.EN, make=True))
    assert made(steps) <= {SetupStatus.MADE, SetupStatus.THERE, SetupStatus.CONFLICT}
    again = list(properties_made(here.client, Language.EN, make=True))
    assert made(again) <= {SetupStatus.MADE, SetupStatus.THERE}
    assert made(list(properties_made(here.client, Language.EN, make=True))) == {SetupStatus.THERE}


@pytest.mark.parametrize(
    ("theirs", "says"),
    [
        ({"type": "string", "fieldType": "text"}, "it is of type string, not enumeration"),
        (
            {
                "type": "enumeration",
                "fieldType": "select",
                "options": [{"label": "a", "value": "stable", "displayOrder": 0}],
            },
            "it lacks the options at_risk, critical, unknown",
        ),
    ],
)
def test_a_property_of_theirs_in_another_shape_is_a_named_conflict(
    here: World, theirs: dict[str, object], says: str
) -> None:
    body = {"name": "renewals_health", "label": "x", "groupName": "dealinformation", **theirs}
    here.client.call("POST", dated("crm/properties", "deals"), body=body, kind=CallKind.WRITE)
    steps = {s.name: s for s in properties_made(here.client, Language.EN, make=True)}
    conflict = steps["renewals_health"]
    assert conflict.made is SetupStatus.CONFLICT
    assert conflict.said is not None
    assert conflict.said.of(Language.EN) == says
    assert steps["renewals_key"].made is SetupStatus.MADE


def test_pipelines_are_made_stage_by_stage_and_fit_the_policy(here: World) -> None:
    dry = list(pipelines_made(here.client, OURS, Language.EN, make=False))
    assert made(dry) == {SetupStatus.MISSING}
    steps = list(pipelines_made(here.client, OURS, Language.EN, make=True))
    assert SetupStatus.CONFLICT not in made(steps)
    assert made(list(pipelines_made(here.client, OURS, Language.EN, make=True))) == {
        SetupStatus.THERE
    }
    there = [p for p in pipelines(here.client) if p.label in ("Existing customers", "New business")]
    ids = {s.id for s in steps if s.thing is SetupPart.STAGE and s.id}
    assert len(ids) == sum(len(p.stages) for p in OURS)
    mapped = proposed(there, POLICY)
    assert len(mapped) == len(ids)
    from scheduler.core.policy.hubspot import StageMap  # noqa: PLC0415

    assert problems(StageMap(mapped), there, POLICY) == []


def test_nothing_of_theirs_is_touched(here: World) -> None:
    before = [p for p in pipelines(here.client) if p.id == "default"]
    list(pipelines_made(here.client, OURS, Language.EN, make=True))
    assert [p for p in pipelines(here.client) if p.id == "default"] == before
    methods = {call.method for call in here.server.log.calls}
    assert methods <= {"GET", "POST"}


def test_a_stage_of_the_same_name_that_closes_otherwise_is_a_conflict(here: World) -> None:
    body = {
        "label": "Existing customers",
        "displayOrder": 0,
        "stages": [
            {
                "label": "Won",
                "displayOrder": 0,
                "metadata": {"isClosed": "false", "probability": "0.5"},
            }
        ],
    }
    here.client.call("POST", dated("crm/pipelines", "deals"), body=body, kind=CallKind.WRITE)
    steps = {s.name: s for s in pipelines_made(here.client, OURS[:1], Language.EN, make=True)}
    assert steps["Won"].made is SetupStatus.CONFLICT
    assert steps["Lost"].made is SetupStatus.MADE


def test_a_missing_scope_for_the_schema_is_named(here: World) -> None:
    here.server.tokens[here.token] = Token().without("crm.schemas.deals.write")
    assert made(list(properties_made(here.client, Language.EN, make=False))) == {
        SetupStatus.MISSING
    }
    with pytest.raises(MissingScopeError, match="crm.schemas.deals.write"):
        list(properties_made(here.client, Language.EN, make=True))


def test_an_account_tells_its_zone_and_the_pace_knows_its_midnight(here: World) -> None:
    read = account(here.client)
    assert here.client.pace.zone == read.zone
    assert 0 < here.client.pace.until_midnight() <= 86_400
    assert read.link("7").endswith(f"/contacts/{read.portal_id}/record/0-3/7")


def test_both_lists_of_owners_are_read(here: World) -> None:
    people = [here.server.person(f"p{n}@example.com", f"P{n}") for n in range(130)]
    people[5].leaves()
    known = owners(here.client)
    mails = {owner.email for owner in known.by_id.values()}
    assert {f"p{n}@example.com" for n in range(130)} <= mails
    assert known.id_of("p6@example.com") == people[6].owner_id
    assert known.id_of("p5@example.com") is None
    found = known.owner(people[5].owner_id)
    assert found is not None
    assert not found.active


def test_labels_come_in_the_readers_language(here: World) -> None:
    assert properties(here.client, language=Language.JA)["dealname"].label == "取引名"


def test_limits_and_usage_are_read(here: World) -> None:
    assert allowance(here.client, "pipelines").has_room_for(1)
    full = replace(allowance(here.client, "pipelines"), limit=1, used=1)
    assert not full.has_room_for(1)
    told = usage(here.client)
    assert told["usageLimit"] > 0
    assert here.client.pace.quota is not None
