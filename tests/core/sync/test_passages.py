"""The way a deal went there, as passages here."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from scheduler.core.deal.pipeline import Passage
from scheduler.core.imports.hubspot_stages import OLD_PIPELINE
from scheduler.core.imports.placement import Placement
from scheduler.core.imports.records import BEFORE_ALL
from scheduler.core.policy.hubspot import StageRule
from scheduler.core.sync.passages import actor_of, passages
from scheduler.core.sync.records import ChangeSource, PropertyVersion
from scheduler.core.sync.stages import TheirPipeline, proposed
from scheduler.core.words.lexicon import ActorKind, Language
from scheduler.core.words.reasons import word
from tests.cast import EXISTING
from tests.core.sync.sync_cast import (
    CARE,
    NEW,
    NOON,
    OUR_APP,
    OWNERS,
    both,
    record,
    rules,
    stage,
    version,
)

OLD = TheirPipeline("old", "Sales", tuple(stage(s, s) for s in OLD_PIPELINE))
MAP = rules(
    *proposed((CARE, OLD), both()), StageRule(("care", "c_calm"), Placement("existing", "stable"))
)
LABELS = {(p.id, s.id): s.label for p in (CARE, OLD) for s in p.stages}


def way(*history: PropertyVersion, to: str = "stable", **more: str) -> tuple[Passage, ...]:
    """The passages of a deal with this history of its stage."""
    histories = {"dealstage": history}
    pipeline = NEW if more.get("pipeline") == "old" else EXISTING
    deal = record(
        histories=histories, dealstage=history[-1].value if history else "c_stable", **more
    )
    return passages(deal, MAP, pipeline, pipeline.stage(to), OWNERS, LABELS)


def steps(made: tuple[Passage, ...]) -> list[tuple[str | None, str]]:
    return [(p.from_stage, p.to_stage) for p in made]


def test_every_visit_is_a_passage_with_who_moved_it_and_nobody_here_saw_it() -> None:
    made = way(version("c_stable", 0), version("c_risk", 5, OUR_APP), to="at_risk")
    assert steps(made) == [(None, "stable"), ("stable", "at_risk")]
    assert [p.actor.name for p in made] == ["Ann Ito", "HubSpot INTEGRATION"]
    assert [p.actor.kind for p in made] == [ActorKind.PERSON, ActorKind.API]
    assert not any(p.observed for p in made)
    assert word(made[1].because, Language.EN) == "in HubSpot; its stage there was At risk"


def test_two_stages_of_theirs_that_mean_one_are_one_passage_at_the_first() -> None:
    made = way(version("c_stable", 0), version("c_calm", 5), version("c_risk", 9), to="at_risk")
    assert [(p.to_stage, p.at) for p in made][:1] == [("stable", NOON)]
    assert len(made) == 2


def test_a_visit_to_a_stage_that_is_gone_is_left_out() -> None:
    assert steps(way(version("deleted", 0), version("c_stable", 5))) == [(None, "stable")]


def test_a_stage_without_its_history_leads_to_where_it_stands() -> None:
    (only,) = way()
    assert (only.to_stage, only.at, only.actor.kind) == ("stable", NOON, ActorKind.IMPORT)


def test_a_lost_deal_without_a_way_has_the_one_its_old_stage_stands_for() -> None:
    made = way(version("Cヨミ後失注", 0), to="lost", pipeline="old")
    assert steps(made) == [
        (None, "qualified"),
        ("qualified", "problem_agreed"),
        ("problem_agreed", "lost"),
    ]
    assert [p.at for p in made] == [None, None, NOON]


def test_what_really_happened_comes_before_what_a_stage_stands_for() -> None:
    made = way(
        version("Dヨミ(担当者前向)", 0), version("Cヨミ後失注", 5), to="lost", pipeline="old"
    )
    assert steps(made) == [(None, "qualified"), ("qualified", "lost")]


@pytest.mark.parametrize(
    ("stage_name", "first"),
    [("訪問前失注(キャンセルリスケ不成立)", BEFORE_ALL), ("クローズした不成立取引", None)],
)
def test_lost_before_all_and_lost_nobody_knows_where_are_told_apart(
    stage_name: str, first: str | None
) -> None:
    assert steps(way(version(stage_name, 0), to="lost", pipeline="old")) == [(first, "lost")]


def test_a_deal_that_changed_its_pipeline_keeps_only_the_way_of_this_one() -> None:
    histories = {
        "dealstage": (version("Dヨミ(担当者前向)", 0), version("c_stable", 5)),
        "pipeline": (version("old", 0), version("care", 5.01)),
    }
    deal = record(histories=histories)
    made = passages(deal, MAP, EXISTING, EXISTING.stage("stable"), OWNERS, LABELS)
    assert steps(made) == [(None, "stable")]


@pytest.mark.parametrize(
    ("entry", "name"),
    [
        (version("a", 0), "Ann Ito"),
        (version("a", 0, ChangeSource("MOBILE_IOS"), user="999"), "HubSpot 999"),
        (version("a", 0, ChangeSource("IMPORT", "1")), "HubSpot IMPORT"),
        (version("a", 0, ChangeSource("")), "HubSpot"),
    ],
)
def test_whoever_moved_it_is_named(entry: PropertyVersion, name: str) -> None:
    assert actor_of(entry, OWNERS).name == name


@given(some.lists(some.sampled_from([*(s.id for s in CARE.stages), "gone"]), max_size=9))
def test_passages_are_a_chain_that_ends_where_the_deal_stands(visited: list[str]) -> None:
    history = tuple(version(s, n) for n, s in enumerate(visited))
    made = way(*history, to="at_risk")
    assert made[-1].to_stage == "at_risk"
    assert [p.from_stage for p in made[1:]] == [p.to_stage for p in made[:-1]]
    assert all(p.from_stage != p.to_stage for p in made)
