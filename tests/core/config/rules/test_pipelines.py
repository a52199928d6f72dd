"""A pipeline that is accepted can be walked: it begins open, its kinds come in their order, and
each stage has one meaning."""

from collections.abc import Sequence
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.app.shipped import shipped_config
from scheduler.core.config.reading import Config
from scheduler.core.config.rules.pipelines import pipeline_mistakes
from scheduler.core.config.tables.pipelines import PipelineTable, StageTable
from scheduler.core.deal.pipeline import Actor, StageKind, move
from scheduler.core.words.lexicon import ActorKind, Health
from tests.core.config.test_reading import read

OPEN = (StageKind.ONBOARDING, StageKind.ACTIVE, StageKind.OPEN, StageKind.RENEWAL)


@st.composite
def nearly(draw: st.DrawFn) -> list[StageTable]:
    """Stages in a possible order, with ids, healths and old ids that may clash."""
    kinds = sorted(draw(st.lists(st.sampled_from(OPEN), max_size=4)), key=OPEN.index)
    return [
        StageTable.model_validate(
            {
                "id": draw(st.sampled_from("abcdefghijkl")),
                "kind": kind,
                "label": "?",
                "health": draw(st.sampled_from([*Health, None]))
                if kind is StageKind.ACTIVE
                else None,
                "was": draw(st.lists(st.sampled_from("almnopqr"), max_size=1)),
            }
        )
        for kind in (*kinds, StageKind.WON, StageKind.LOST)
    ]


def pipeline(stages: Sequence[StageTable]) -> PipelineTable:
    reasons = [{"id": "other", "label": "Other"}]
    head = {"id": "p", "label": "?", "fallback": "email:a@b.example", "lost_reasons": reasons}
    return PipelineTable.model_validate(
        head | {"stages": [s.model_dump(mode="python") | {"label": "?"} for s in stages]}
    )


def mistakes(stages: Sequence[StageTable]) -> list[str]:
    return [label.en for _, label in pipeline_mistakes(pipeline(stages), ("pipelines", 0))]


def stage(kind: StageKind, number: int) -> StageTable:
    healths = [Health.STABLE, Health.AT_RISK, Health.CRITICAL]
    return StageTable.model_validate(
        {
            "id": f"s{number}",
            "kind": kind,
            "label": "?",
            "health": healths[number] if kind is StageKind.ACTIVE else None,
        }
    )


ACCEPTED = st.lists(st.sampled_from(StageKind), min_size=3, max_size=7).filter(
    lambda kinds: (
        kinds.count(StageKind.WON) == kinds.count(StageKind.LOST) == 1
        and kinds.count(StageKind.ACTIVE) <= 3
    )
)


def _numbered(kinds: Sequence[StageKind]) -> list[StageTable]:
    """A stage for each kind; active ones get a health each."""
    return [
        stage(kind, kinds[:n].count(kind) if kind is StageKind.ACTIVE else n + 10)
        for n, kind in enumerate(kinds)
    ]


@settings(max_examples=100)
@given(nearly())
def test_what_is_accepted_is_a_pipeline(stages: list[StageTable]) -> None:
    if mistakes(stages):
        return
    ids = [s.id for s in stages] + [old for s in stages for old in s.was]
    assert len(ids) == len(set(ids))
    assert stages[0].kind not in (StageKind.WON, StageKind.LOST)
    healths = [s.health for s in stages if s.kind is StageKind.ACTIVE]
    assert len(healths) == len(set(healths))
    assert not {None, Health.UNKNOWN} & set(healths)


@given(ACCEPTED)
def test_kinds_are_accepted_in_their_order_only(kinds: list[StageKind]) -> None:
    ranks = [
        {StageKind.ONBOARDING: 0, StageKind.ACTIVE: 1, StageKind.RENEWAL: 2}.get(k) for k in kinds
    ]
    in_order = [r for r in ranks if r is not None] == sorted(r for r in ranks if r is not None)
    closed_last = {*kinds[-2:]} == {StageKind.WON, StageKind.LOST}
    assert (mistakes(_numbered(kinds)) == []) is (in_order and closed_last)


@given(
    st.permutations(
        [
            StageKind.ONBOARDING,
            StageKind.ACTIVE,
            StageKind.ACTIVE,
            StageKind.RENEWAL,
            StageKind.RENEWAL,
        ]
    )
)
def test_moving_the_stages_that_are_named_puts_the_order_right(kinds: list[StageKind]) -> None:
    stages = _numbered(kinds)
    ends = [stage(StageKind.WON, 90), stage(StageKind.LOST, 91)]
    named = {
        place[-1]
        for place, label in pipeline_mistakes(pipeline([*stages, *ends]), ())
        if "the order is" in label.en
    }
    left = [s.kind for n, s in enumerate(stages) if n not in named]
    order = [StageKind.ONBOARDING, StageKind.ACTIVE, StageKind.RENEWAL]
    assert left == sorted(left, key=order.index)
    assert len(named) <= 3


def test_of_two_that_are_exchanged_the_second_is_named() -> None:
    ends = [stage(StageKind.WON, 90), stage(StageKind.LOST, 91)]
    exchanged = _numbered([StageKind.ONBOARDING, StageKind.RENEWAL, StageKind.ACTIVE])
    assert mistakes([*exchanged, *ends]) == [
        "must come before s11; the order is onboarding, active, renewal"
    ]


def test_what_the_rules_accept_the_policy_can_walk() -> None:
    found = read(shipped_config())
    assert isinstance(found, Config)
    for walked in found.policy.pipelines.values():
        here = walked.first.id
        for target in walked.stages[1:-1]:
            here = move(
                walked,
                here,
                target.id,
                Actor(ActorKind.POLICY, "policy 1"),
                "test",
                datetime(2027, 1, 4, tzinfo=UTC),
            ).to_stage
        assert here == walked.won.id
