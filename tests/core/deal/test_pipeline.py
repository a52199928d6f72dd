"""Stages and the one `move()`: who may go where."""

from dataclasses import replace

import pytest

from scheduler.core.deal.pipeline import Actor, MoveRefusedError, move
from scheduler.core.words.lexicon import ActorKind, Health
from tests.cast import EXISTING, at

NOW = at("2026-11-23")
ANN = Actor(ActorKind.PERSON, "Ann Ito")
SYSTEM = Actor(ActorKind.POLICY, "policy 1")
ADMIN = Actor(ActorKind.ADMIN, "Root")


@pytest.mark.parametrize(
    ("start", "target"),
    [
        ("onboarding", "stable"),
        ("onboarding", "critical"),
        ("stable", "at_risk"),
        ("critical", "stable"),
        ("stable", "renewal_3m"),
        ("renewal_3m", "renewal_1m"),
        ("onboarding", "won"),
        ("stable", "lost"),
        ("renewal_1m", "won"),
    ],
)
def test_a_person_may_take_the_next_step_change_health_or_close(start: str, target: str) -> None:
    assert move(EXISTING, start, target, ANN, "", NOW).to_stage == target


@pytest.mark.parametrize(
    ("start", "target", "says"),
    [
        (
            "onboarding",
            "renewal_3m",
            (
                "cannot move from Onboarding to Renewal (3 months) (allowed: Stable, At risk, "
                "Critical, Won, Lost)"
            ),
        ),
        (
            "renewal_1m",
            "renewal_3m",
            "cannot move from Renewal (1 month) to Renewal (3 months) (allowed: Won, Lost)",
        ),
        (
            "stable",
            "renewal_1m",
            (
                "cannot move from Stable to Renewal (1 month) (allowed: At risk, Critical, "
                "Renewal (3 months), Won, Lost)"
            ),
        ),
        ("won", "onboarding", "cannot move from Won to Onboarding (allowed: none, Won is final)"),
        (
            "stable",
            "stable",
            (
                "cannot move from Stable to Stable (allowed: At risk, Critical, "
                "Renewal (3 months), Won, Lost)"
            ),
        ),
    ],
)
def test_a_refusal_lists_what_is_allowed(start: str, target: str, says: str) -> None:
    with pytest.raises(MoveRefusedError) as refused:
        move(EXISTING, start, target, ANN, "", NOW)
    assert str(refused.value) == says


def test_a_pipeline_that_allows_it_lets_people_skip_and_go_back() -> None:
    free = replace(EXISTING, allow_skip=True, allow_back=True)
    assert move(free, "onboarding", "renewal_1m", ANN, "", NOW).to_stage == "renewal_1m"
    assert move(free, "renewal_1m", "stable", ANN, "", NOW).to_stage == "stable"


def test_the_policy_skips_and_rewinds_but_never_leaves_won() -> None:
    assert move(EXISTING, "onboarding", "renewal_1m", SYSTEM, "", NOW).to_stage == "renewal_1m"
    assert move(EXISTING, "renewal_1m", "stable", SYSTEM, "", NOW).to_stage == "stable"
    with pytest.raises(MoveRefusedError):
        move(EXISTING, "won", "renewal_3m", SYSTEM, "", NOW)


def test_an_admin_may_force_a_move_only_with_a_reason() -> None:
    assert (
        move(EXISTING, "won", "stable", ADMIN, "closed by mistake", NOW, force=True).to_stage
        == "stable"
    )
    for actor, because in ((ADMIN, " "), (ANN, "please")):
        with pytest.raises(MoveRefusedError):
            move(EXISTING, "won", "stable", actor, because, NOW, force=True)


def test_an_unknown_stage_is_refused_with_those_there_are() -> None:
    with pytest.raises(MoveRefusedError, match="has no such stage"):
        move(EXISTING, "stable", "paradise", ANN, "", NOW)


def test_unknown_health_keeps_the_active_stage_or_takes_the_default() -> None:
    assert EXISTING.active_stage(Health.UNKNOWN, "critical") is EXISTING.stage("critical")
    assert EXISTING.active_stage(Health.UNKNOWN, "onboarding") is EXISTING.stage("stable")
