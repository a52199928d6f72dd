"""Stages that follow from other facts than milestones, each decision in full."""

from dataclasses import replace
from datetime import date

import pytest

from scheduler.core.rules.stages import stages
from scheduler.core.words.lexicon import Health
from scheduler.core.words.reasons import reason
from tests.cast import EXISTING, LONDON, TOKYO, at, contract, deal, policy
from tests.core.in_full import in_full

MEASURED = reason("stage_gone", old="x")
"""A stored reason stands for whatever was measured; its words do not matter here."""
NINETY_DAYS = replace(EXISTING, onboarding_days=90)


@pytest.mark.parametrize(
    ("because", "says"),
    [
        ("", "health is critical"),
        ("the champion left", "health is critical"),
        (MEASURED, "health is critical: stage x is no longer in the policy"),
    ],
)
def test_a_deal_goes_to_the_stage_of_its_health_and_says_what_was_measured(
    because: str, says: str
) -> None:
    of = deal(health=Health.CRITICAL, health_because=because)
    decided = stages(of, policy(), at("2026-12-01"))
    assert in_full(decided, of) == [f"stable -> critical by policy 1: {says}"]


def test_a_deal_in_the_stage_of_its_health_stays() -> None:
    of = deal(health=Health.CRITICAL, stage="critical")
    assert in_full(stages(of, policy(), at("2026-12-01")), of) == []


def test_a_deal_whose_stage_is_gone_goes_home() -> None:
    of = deal(stage="trial")
    assert in_full(stages(of, policy(), at("2026-12-01")), of) == [
        "trial -> stable by policy 1: stage trial is no longer in the policy"
    ]


@pytest.mark.parametrize(
    ("entered", "starts_on", "zone", "over"),
    [
        ("2026-04-01", date(2026, 4, 1), LONDON, "2026-06-30"),
        ("2026-04-11", date(2026, 4, 1), LONDON, "2026-07-10"),
        ("2026-04-01", date(2026, 4, 11), LONDON, "2026-07-10"),
        ("2026-04-11", None, LONDON, "2026-07-10"),
        ("2026-04-10 23:30", None, LONDON, "2026-07-09"),
        ("2026-04-10 23:30", None, TOKYO, "2026-07-10"),
    ],
)
def test_onboarding_is_over_so_many_days_after_the_later_of_its_start_and_the_contracts(
    entered: str, starts_on: date | None, zone: str, over: str
) -> None:
    rules = policy(pipeline=replace(NINETY_DAYS, zone=zone))
    of = deal(
        contract(starts_on=starts_on), stage="onboarding", stage_entered_at=at(entered), owner=None
    )
    before = stages(of, rules, at(f"{over} 00:00", zone) - (at("2026-01-02") - at("2026-01-01")))
    assert not before.moves
    assert before.wake_at == at(f"{over} 00:00", zone)
    assert in_full(stages(of, rules, at(f"{over} 00:00", zone)), of) == [
        "onboarding -> stable by policy 1: 90 days of onboarding are over"
    ]
