"""A mapping for an account as its names suggest it, and what it leaves open."""

from dataclasses import replace
from zoneinfo import ZoneInfo

from scheduler.core.imports.placement import Placement
from scheduler.core.policy.hubspot import StageMap, StageRule
from scheduler.core.sync.desired_values import TYPES
from scheduler.core.sync.guesses import FieldGuess, Offered
from scheduler.core.sync.open_points import Mapped, open_points
from scheduler.core.sync.proposal import (
    Proposal,
    differing_fields,
    differing_lines,
    proposal,
    unreachable,
)
from scheduler.core.sync.stages import TheirPipeline
from scheduler.core.sync.values import PropertyType
from scheduler.core.words.lexicon import Language
from tests.core.sync.sync_cast import ACCOUNT, both, stage

POLICY = both()
SALES = TheirPipeline(
    "default",
    "Sales",
    (
        stage("1", "Appointment scheduled"),
        stage("2", "Qualified to buy"),
        stage("3", "Contract sent"),
        stage("4", "Something of ours"),
        stage("5", "Closed won", "1.0"),
        stage("6", "Closed lost", "0.0"),
    ),
)
OLD = TheirPipeline(
    "old",
    "旧",
    (
        stage("a", "定期追い"),
        stage("b", "Bヨミ後失注", "0.0"),
        stage("c", "クローズした不成立取引", "0.0"),
        stage("d", "成約", "1.0"),
    ),
)
TYPED = {"dealname": PropertyType.STRING, "end": PropertyType.DATE, **TYPES}


def mapped(found: Proposal, *pipelines: TheirPipeline, **more: object) -> Mapped:
    plain = Mapped(found.stages, {"ends_on": "end"}, pipelines, TYPED, ACCOUNT)
    return replace(plain, **more)  # type: ignore[arg-type]


def said(found: Mapped) -> list[str]:
    return [point.said.en for point in open_points(found, POLICY)]


def test_a_stage_is_marked_only_where_several_stand_for_the_same() -> None:
    rules = {r.theirs[1]: r for r in proposal([SALES], POLICY, ()).stages.rules}
    assert [id for id, rule in rules.items() if rule.target] == ["1"]
    assert rules["2"].place == rules["1"].place
    assert rules["5"].place.bought


def test_every_move_goes_where_it_went_with_all_marks() -> None:
    found = proposal([SALES], POLICY, ()).stages
    assert found.target(("new_business", "qualified"), ("default", "5")) == ("default", "1")
    assert found.target(("new_business", "terms_agreed"), ("default", "5")) == ("default", "3")


def test_an_old_mixed_pipeline_is_split_as_a_file_is() -> None:
    rules = {r.theirs[1]: r.place for r in proposal([OLD], POLICY, ()).stages.rules}
    assert rules["a"].otherwise == Placement("new_business", "qualified")
    assert rules["b"].passed == "value_agreed"
    assert rules["c"].passed == "?"
    assert rules["d"].bought


def test_two_lost_stages_of_theirs_are_fine() -> None:
    found = mapped(proposal([OLD], POLICY, ()), OLD)
    assert not any(point.blocks for point in open_points(found, POLICY))


LOST = ("new_business", "lost")


def test_a_loss_goes_to_the_stage_that_says_nothing_of_how_far_the_deal_came() -> None:
    earlier = stage("e", "訪問前失注", "0.0")
    whole = replace(OLD, stages=(earlier, *OLD.stages))
    found = proposal([whole, SALES], POLICY, ()).stages
    assert found.target(LOST, ("old", "a")) == ("old", "c")
    assert found.target(LOST, ("default", "1")) == ("default", "6")


def test_where_each_stage_for_a_loss_says_how_far_a_person_has_to_choose() -> None:
    stages = (*OLD.stages[:2], stage("e", "訪問前失注", "0.0"), stage("f", "Dヨミ後失注", "0.0"))
    found = mapped(proposal([replace(OLD, stages=stages)], POLICY, ()), replace(OLD, stages=stages))
    assert found.stages.target(LOST, ("old", "a")) is None
    assert any("mark the one that our moves go to" in line for line in said(found))


def test_one_stage_in_each_pipeline_needs_no_mark() -> None:
    found = mapped(proposal([SALES, OLD], POLICY, ()), SALES, OLD)
    assert not any("mark the one that our moves go to" in line for line in said(found))


def test_what_has_no_place_is_named_and_blocks() -> None:
    found = proposal([SALES], POLICY, ())
    first = open_points(mapped(found, SALES), POLICY)[0]
    assert first.blocks
    assert "the stage Something of ours of HubSpot's pipeline Sales has no place" in first.said.en


def test_stages_of_ours_that_they_have_none_for_are_named_by_pipeline() -> None:
    found = proposal([SALES], POLICY, ())
    assert ("new_business", "won") in unreachable(found.stages, POLICY)
    assert ("new_business", "qualified") not in unreachable(found.stages, POLICY)
    told = [line for line in said(mapped(found, SALES)) if "HubSpot has no stage for" in line]
    assert any(line.startswith("New business: ") and "Won" in line for line in told)


def test_no_pipeline_that_is_known_blocks_everything() -> None:
    strange = TheirPipeline("x", "Strange", (stage("1", "Foo"), stage("2", "Bar")))
    found = mapped(proposal([strange], POLICY, ()), strange)
    first = open_points(found, POLICY)[0]
    assert first.blocks
    assert "nothing can be followed" in first.said.en
    assert "--create --pipelines" in first.said.of(Language.JA)


def test_a_pipeline_beside_those_that_are_followed_is_left_out_aloud() -> None:
    strange = TheirPipeline("x", "Strange", (stage("1", "Foo"),))
    found = mapped(proposal([SALES, strange], POLICY, ()), SALES, strange)
    assert any("pipeline Strange has no place here" in line for line in said(found))


def test_another_zone_and_an_unknown_currency_are_said() -> None:
    elsewhere = replace(ACCOUNT, zone=ZoneInfo("America/New_York"), currency="CHF")
    found = mapped(proposal([SALES], POLICY, ()), SALES, account=elsewhere, currencies=("SEK",))
    told = "\n".join(said(found))
    assert "America/New_York" in told
    assert "CHF, SEK" in told
    same = "\n".join(said(mapped(proposal([SALES], POLICY, ()), SALES)))
    assert "JPY" not in same


def test_a_property_with_our_name_and_another_type_is_said() -> None:
    types = {**TYPED, "renewals_health": PropertyType.STRING}
    found = mapped(proposal([SALES], POLICY, ()), SALES, types=types)
    assert any("renewals_health of type string" in line for line in said(found))


def test_no_end_and_no_properties_of_ours_are_said() -> None:
    bare = {"dealname": PropertyType.STRING}
    found = mapped(proposal([SALES], POLICY, ()), SALES, types=bare, fields={})
    told = "\n".join(said(found))
    assert "no property is named as the end" in told
    assert "our own properties are not in HubSpot yet" in told


def test_a_field_mapped_to_what_is_not_there_blocks() -> None:
    found = mapped(proposal([SALES], POLICY, ()), SALES, fields={"ends_on": "gone"})
    [point] = [p for p in open_points(found, POLICY) if "gone" in p.said.en]
    assert point.blocks


def test_only_what_a_proposal_adds_or_says_otherwise_differs() -> None:
    wanted = proposal([SALES], POLICY, ()).stages
    own = StageRule(("default", "4"), Placement("existing", "stable"))
    other = StageRule(("default", "3"), Placement("new_business", "won"))
    kept = [r for r in wanted.rules if r.theirs[1] in "12"]
    differing = differing_lines(StageMap((*kept, own, other)), wanted)
    assert [(d.theirs[1], d.there) for d in differing] == [("3", other), ("5", None), ("6", None)]


def test_a_field_that_is_filled_already_is_no_difference() -> None:
    end = FieldGuess("ends_on", Offered("end", ("End",), PropertyType.DATE))
    assert differing_fields({"ends_on": "mine"}, [end]) == {}
    assert differing_fields({}, [end, FieldGuess("term")]) == {"ends_on": "end"}
