"""What is allowed but hardly meant is noted, and the shipped configuration needs no advice."""

from datetime import timedelta

import pytest

from scheduler.app.shipped import shipped_config
from scheduler.core.config.advice import advice
from scheduler.core.health.policy import Band, Gauge, HealthPolicy, Measure, Thresholds
from scheduler.core.words.labels import Label
from tests.cast import policy
from tests.core.config.test_reading import MINIMAL, config

MILESTONE = """
[[milestones]]
id = "m"
pipeline = "existing"
label = "M"
anchor = "{anchor}"
offset = "{offset}"
{more}
"""
LED_TO = "".join(
    MILESTONE.format(anchor="ends_on", offset="-1 month", more=f'moves_to = "{s}"').replace(
        '"m"', f'"{s}"'
    )
    for s in ("renewal_3m", "renewal_1m")
)


def advised(anchor: str, offset: str, more: str = "") -> list[tuple[str, str]]:
    policy = config(
        MINIMAL + LED_TO + MILESTONE.format(anchor=anchor, offset=offset, more=more)
    ).policy
    return [(label.ja, label.en) for label in advice(policy)]


def test_the_shipped_configuration_needs_no_advice() -> None:
    assert list(advice(config(shipped_config()).policy)) == []


def test_renewal_stages_that_no_milestone_leads_to_are_named() -> None:
    assert [(label.ja, label.en) for label in advice(config(MINIMAL).policy)] == [
        (
            (
                f"pipelines[existing]：{stage} "
                "へ移す通知タイミングがありません(人が動かさないかぎり、取引は入りません)。"
            ),
            f"pipelines[existing]: no milestone moves a deal to {stage}; only people will",
        )
        for stage in ("renewal_3m", "renewal_1m")
    ]


@pytest.mark.parametrize(
    ("anchor", "offset", "more", "ja", "en"),
    [
        (
            "ends_on",
            "-3 months",
            "tell = []",
            "milestones[m]：取引を移さず、誰にも知らせません(記録だけが残ります)。",
            "milestones[m]: moves no deal and tells nobody; it is only recorded",
        ),
        (
            "ends_on",
            "-3 months",
            'open_until = "30 days"',
            "milestones[m].open_until：条件(where、stages)がないので、待つものがありません。",
            "milestones[m].open_until: there is no condition (where, stages) to wait for",
        ),
        (
            "ends_on",
            "2 months",
            "",
            (
                "milestones[m].offset：満了日より後(+2 months)です。前であれば「-2 "
                "months」と書いてください。"
            ),
            (
                'milestones[m].offset: +2 months is after the end; if before is meant, write "-2 '
                'months"'
            ),
        ),
    ],
    ids=["without effect", "nothing to wait for", "after the end"],
)
def test_each_is_said_in_both_languages(
    anchor: str, offset: str, more: str, ja: str, en: str
) -> None:
    assert advised(anchor, offset, more) == [(ja, en)]


@pytest.mark.parametrize(
    ("anchor", "offset", "more"),
    [
        ("ends_on", "当日", ""),
        ("ends_on", "-3 months", 'where = { segment = "smb" }\nopen_until = "30 days"'),
        ("ends_on", "-3 months", 'stages = ["stable"]\nopen_until = "30 days"'),
        ("ends_on", "+30 days", 'stages = ["lost"]'),
        ("starts_on", "+30 days", ""),
        ("ends_on", "-1 month", 'tell = []\nmoves_to = "renewal_3m"'),
    ],
)
def test_what_is_meant_needs_no_advice(anchor: str, offset: str, more: str) -> None:
    assert advised(anchor, offset, more) == []


@pytest.mark.parametrize(
    ("leave", "least_days", "flaps"),
    [((60, 35), 0, True), ((65, 30), 0, True), ((65, 35), 0, False), ((60, 35), 1, False)],
)
def test_a_health_that_may_flap_is_mentioned(
    leave: tuple[float, float], least_days: int, flaps: bool
) -> None:
    measure = Measure("score", Label("score"), Gauge("score"), (Band(100),))
    health = HealthPolicy(
        (measure,),
        thresholds=Thresholds(60, 30, *leave),
        least_days=timedelta(days=least_days),
    )
    said = [label.en for label in advice(policy(health=health)) if label.en.startswith("health")]
    assert bool(said) is flaps
