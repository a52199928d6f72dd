"""Their stages and ours, both ways."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from scheduler.core.imports.hubspot_stages import OLD_PIPELINE
from scheduler.core.imports.placement import UNKNOWN_PROGRESS, Placement
from scheduler.core.policy.hubspot import StageMap, StageRule
from scheduler.core.sync.stages import TheirPipeline, TheirStage, pipeline_of, problems, proposed
from scheduler.core.words.lexicon import Language
from tests.core.sync.sync_cast import CARE, both, rules, stage

POLICY = both()
STABLE, LOST = Placement("existing", "stable"), Placement("existing", "lost")


def rule(id: str, place: Placement, *, target: bool = False, pipeline: str = "care") -> StageRule:
    return StageRule((pipeline, id), place, target)


def test_names_propose_a_mapping_and_leave_out_what_nothing_knows() -> None:
    found = {r.theirs[1]: (r.place.pipeline, r.place.stage) for r in proposed((CARE,), POLICY)}
    assert found == {
        "c_stable": ("existing", "stable"),
        "c_risk": ("existing", "at_risk"),
        "c_3m": ("existing", "renewal_3m"),
        "c_won": ("existing", "won"),
        "c_lost": ("existing", "lost"),
    }


def test_the_old_pipeline_is_split_as_a_file_of_it_is() -> None:
    old = TheirPipeline(
        "old", "Sales", tuple(stage(f"s{n}", s) for n, s in enumerate(OLD_PIPELINE))
    )
    assert [r.place for r in proposed((old,), POLICY)] == list(OLD_PIPELINE.values())


def test_of_several_lost_stages_none_with_a_past_is_where_our_move_goes() -> None:
    old = TheirPipeline(
        "old", "Sales", (stage("a", "Cヨミ後失注", "0.0"), stage("b", "訪問前失注", "0.0"))
    )
    assert [(r.theirs[1], r.target) for r in proposed((old,), POLICY)] == [
        ("a", False),
        ("b", True),
    ]


@pytest.mark.parametrize(
    ("lines", "current", "goes_to"),
    [
        ((rule("a", STABLE), rule("b", STABLE, target=True)), ("care", "a"), ("care", "a")),
        ((rule("a", STABLE), rule("b", STABLE, target=True)), ("care", "x"), ("care", "b")),
        ((rule("a", STABLE), rule("b", STABLE)), ("care", "x"), None),
        ((rule("a", STABLE),), ("care", "x"), ("care", "a")),
        ((rule("a", STABLE, pipeline="far"),), ("care", "x"), ("far", "a")),
        (
            (rule("a", STABLE, target=True, pipeline="far"), rule("b", STABLE)),
            ("care", "x"),
            ("care", "b"),
        ),
        ((rule("a", LOST),), ("care", "x"), None),
    ],
)
def test_our_move_goes_to_one_stage_of_theirs(
    lines: tuple[StageRule, ...], current: tuple[str, str], goes_to: tuple[str, str] | None
) -> None:
    assert rules(*lines).target(("existing", "stable"), current) == goes_to


@given(some.lists(some.tuples(some.sampled_from("abc"), some.sampled_from("xyz")), unique=True))
def test_a_target_always_stands_for_our_stage(theirs: list[tuple[str, str]]) -> None:
    stages = StageMap(tuple(StageRule(each, STABLE, each[1] == "x") for each in theirs))
    target = stages.target(("existing", "stable"), ("a", "?"))
    assert target is None or stages.place(target) == STABLE


def said(stages: StageMap, *pipelines: TheirPipeline) -> list[str]:
    return [p.said.of(Language.EN) for p in problems(stages, pipelines or (CARE,), POLICY)]


def test_a_whole_mapping_has_no_problem() -> None:
    whole = StageMap((*proposed((CARE,), POLICY), rule("c_calm", STABLE)))
    assert said(whole) == []


@pytest.mark.parametrize(
    ("extra", "says"),
    [
        (rule("gone", STABLE), "HubSpot has no stage gone in pipeline Customers any more"),
        (rule("c_calm", Placement("existing", "nowhere")), "mapped to existing/nowhere"),
        (rule("c_calm", LOST), "the stage Calm is closed in only one of the two"),
    ],
)
def test_each_fault_of_a_mapping_is_named(extra: StageRule, says: str) -> None:
    assert any(says in text for text in said(StageMap((*proposed((CARE,), POLICY), extra))))


def test_a_stage_without_a_place_is_held_and_named() -> None:
    (text,) = said(StageMap(proposed((CARE,), POLICY)))
    assert "the stage Calm of HubSpot's pipeline Customers has no place here" in text


def test_two_lost_stages_of_theirs_need_one_that_is_marked() -> None:
    two = TheirPipeline("two", "Two", (stage("l1", "No", "0.0"), stage("l2", "Gone", "0.0")))
    lines = (rule("l1", LOST, pipeline="two"), rule("l2", LOST, pipeline="two"))
    assert "2 HubSpot stages stand for Lost; mark the one" in said(rules(*lines), two)[0]
    marked = (lines[0], rule("l2", LOST, target=True, pipeline="two"))
    assert said(rules(*marked), two) == []


@pytest.mark.parametrize(
    ("metadata", "won", "lost"),
    [
        ({"isClosed": "true", "probability": "1.0"}, True, False),
        ({"isClosed": "true", "probability": "0.0"}, False, True),
        ({"isClosed": "false", "probability": "0.2"}, False, False),
        ({"probability": "0.0"}, False, True),
        ({"probability": "no number"}, False, False),
        (None, False, False),
    ],
)
def test_won_and_lost_are_read_from_texts(metadata: Any, won: bool, lost: bool) -> None:
    raw = {
        "id": 7,
        "label": "P",
        "stages": [
            {"id": "late", "label": "Late", "displayOrder": 2, "metadata": metadata},
            {"id": "old", "label": "Old", "archived": True},
            {"id": "early", "label": "Early", "displayOrder": "1"},
        ],
    }
    read = pipeline_of(raw)
    assert [s.id for s in read.stages] == ["early", "late"]
    assert (read.stages[1].won, read.stages[1].lost) == (won, lost)
    assert isinstance(read.stages[1], TheirStage)


def test_how_far_it_came_may_be_unknown() -> None:
    place = Placement("new_business", "lost", UNKNOWN_PROGRESS)
    assert said(rules(StageRule(("care", "c_lost"), place))) != []
