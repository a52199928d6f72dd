"""What HubSpot is told of a deal."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from scheduler.core.deal.deal import Lost
from scheduler.core.imports.placement import Placement
from scheduler.core.policy.hubspot import StageRule
from scheduler.core.sync.desired_values import (
    PROPERTIES,
    TYPES,
    differing,
    next_milestone,
    own_values,
    stage_values,
)
from scheduler.core.words.lexicon import ForecastCall, Health, Language
from scheduler.core.words.reasons import reason
from tests.cast import at, contract, deal, policy
from tests.core.sync.sync_cast import rules

NOW = at("2026-11-27")
MAP = rules(
    StageRule(("care", "s1"), Placement("existing", "stable")),
    StageRule(("care", "s2"), Placement("existing", "stable"), target=True),
    StageRule(("far", "w"), Placement("existing", "won")),
)


def values(**more: Any) -> dict[str, str]:
    return own_values(deal(**more), policy(), NOW, Language.EN)


def test_every_value_is_of_a_property_we_make_and_all_are_told() -> None:
    assert set(values()) == {p.name for p in PROPERTIES}
    assert all(name.startswith("renewals_") for name in values())
    assert [p.name for p in PROPERTIES if p.unique] == ["renewals_key"]


def test_an_open_deal_tells_what_comes_next_and_by_when() -> None:
    told = values(
        of=contract(decide_by=date(2027, 1, 31)),
        call=ForecastCall.UNSURE,
        health=Health.AT_RISK,
        health_because="logins fell",
    )
    assert told | {"renewals_key": ""} == {
        "renewals_key": "",
        "renewals_health": "at_risk",
        "renewals_health_reason": "logins fell",
        "renewals_next_milestone": "renewal_3m",
        "renewals_next_milestone_on": "2026-12-31",
        "renewals_decide_by": "2027-01-31",
        "renewals_ends_on": "2027-03-31",
        "renewals_forecast": "unsure",
        "renewals_outcome": "open",
        "renewals_outcome_reason": "",
        "renewals_url": "",
    }


def test_a_lost_deal_tells_why_and_that_nothing_comes() -> None:
    told = values(stage="lost", lost=Lost("budget", "other", note="cut"))
    assert told["renewals_outcome"] == "lost"
    assert told["renewals_outcome_reason"] == "Budget / Other / cut"
    assert (told["renewals_next_milestone"], told["renewals_next_milestone_on"]) == ("", "")


def test_a_reason_is_told_in_the_readers_words() -> None:
    because = reason("sync_stage", stage="A")
    told = own_values(deal(health_because=because), policy(), NOW, Language.JA)
    assert told["renewals_health_reason"] == "HubSpotでの履歴(ステージ「A」)"


@pytest.mark.parametrize(
    ("today", "comes"), [("2026-12-30", "renewal_3m"), ("2026-12-31", "renewal_1m")]
)
def test_what_comes_next_comes_after_today(today: str, comes: str) -> None:
    due = next_milestone(deal(), policy(), date.fromisoformat(today))
    assert due is not None
    assert due.milestone.id == comes


@pytest.mark.parametrize(
    ("stage", "current", "told"),
    [
        ("stable", ("care", "s1"), {}),
        ("stable", ("care", "x"), {"pipeline": "care", "dealstage": "s2"}),
        ("won", ("care", "s1"), {"pipeline": "far", "dealstage": "w"}),
        ("lost", ("care", "s1"), None),
    ],
)
def test_a_stage_goes_with_its_pipeline(
    stage: str, current: tuple[str, str], told: dict[str, str] | None
) -> None:
    assert stage_values(deal(stage=stage), MAP, current) == told


def test_only_what_differs_is_written() -> None:
    wanted = {"pipeline": "care", "dealstage": "s2", "renewals_decide_by": "2027-01-31"}
    there = {"pipeline": "care", "dealstage": "s1", "renewals_decide_by": "1801353600000"}
    assert differing(wanted, there) == {"pipeline": "care", "dealstage": "s2"}
    assert differing(wanted, wanted) == {}
    assert differing({"renewals_url": ""}, {"renewals_url": None}) == {}


def test_a_value_cleared_here_is_cleared_there() -> None:
    assert differing({"renewals_decide_by": ""}, {"renewals_decide_by": "2027-01-31"}) == {
        "renewals_decide_by": ""
    }


def test_every_choice_we_write_is_an_option_of_its_property() -> None:
    options = {p.name: {value for value, _ in p.options} for p in PROPERTIES if p.options}
    for health in Health:
        for call in (None, *ForecastCall):
            for stage in ("stable", "won", "lost"):
                told = values(stage=stage, health=health, call=call)
                assert all(told[name] in known for name, known in options.items())
    assert set(TYPES) == {p.name for p in PROPERTIES}


def test_a_stage_that_the_policy_lost_counts_as_open() -> None:
    assert values(stage="gone_from_policy")["renewals_outcome"] == "open"
    assert replace(deal(), stage="won").stage == "won"
