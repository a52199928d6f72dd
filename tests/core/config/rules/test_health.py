"""`[health]`: what is written is what the rules go by; each mistake is told with its line."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from scheduler.app.shipped import shipped_config
from scheduler.core.config.reading import Config
from scheduler.core.health.policy import (
    REASONS,
    Band,
    Gauge,
    HardRule,
    HealthPolicy,
    Measure,
    Reads,
    Thresholds,
)
from scheduler.core.words.conditions import Condition, Operator
from scheduler.core.words.lexicon import Health, Language
from tests.core.config.test_mistakes import FULL
from tests.core.config.test_reading import problems, read

BEFORE = FULL[: FULL.index("[health]")] if "[health]" in FULL else FULL[: FULL.index("[machine]")]
MACHINE = FULL[FULL.index("[machine]") :]
MEASURE = """
[[health.measures]]
id = "logins"
label = "logins"
signal = " Logins "
bands = [{ below = 10, points = 0 }, { points = 100 }]
"""
RULE = """
[[health.rules]]
id = "left"
label = "champion left"
signal = "champion_left"
at_least = 1
state = "critical"
"""


def health(table: str) -> HealthPolicy | None:
    """What comes of a table in a file that is right otherwise."""
    config = read(BEFORE + table + MACHINE)
    assert isinstance(config, Config), config
    return config.policy.health


def wrong(table: str) -> list[str]:
    """The mistakes, each with its setting."""
    text = BEFORE + table + MACHINE
    return [f"{p.path}: {p.text.of(Language.EN)}" for p in problems(text)]


def test_without_the_table_health_is_what_people_say() -> None:
    assert health("") is None


def test_an_empty_table_asks_and_measures_nothing() -> None:
    assert health("[health]\n") == HealthPolicy()


def test_what_is_written_is_what_comes_out() -> None:
    found = health(
        "[health]\nenter = { at_risk = 70, critical = 40 }\nleave = { at_risk = 75, critical = 40 }\n"
        'least_share = 0.2\nleast_days = 3\nof = "customer"\noverride_for = ""\nnotice = ""\n'
        'pulse_after = ""\npulse_months = [1, 6, 6]\npulse_fresh = "2 weeks"\n'
        + MEASURE.replace("bands", 'reads = "change"\nwindow = "14日"\nexpires = "30 days"\nbands')
        + 'weight = 2\nmissing = 50\nstages = ["stable"]\nwhere = { segment = ["mid"] }\n'
        + RULE
    )
    measure = Measure(
        "logins",
        found.measures[0].label if found else None,  # type: ignore[arg-type]
        Gauge("logins", Reads.CHANGE, timedelta(days=14), expires=timedelta(days=30)),
        (Band(0, 10), Band(100)),
        2.0,
        50.0,
        ("stable",),
        (Condition("segment", Operator.IN, ("mid",)),),
    )
    rule = HardRule(
        "left",
        found.rules[0].label if found else None,  # type: ignore[arg-type]
        Gauge("champion_left"),
        Health.CRITICAL,
        at_least=1.0,
    )
    assert found == HealthPolicy(
        (measure,),
        (rule,),
        Thresholds(70, 40, 75, 40),
        0.2,
        timedelta(days=3),
        True,
        None,
        None,
        None,
        (6, 1),
        timedelta(days=14),
    )


def test_the_example_of_the_shipped_file_is_accepted() -> None:
    shipped = shipped_config()
    start = shipped.index("# [health]\n")
    block = shipped[start : shipped.index("\n\n", start)]
    table = "\n".join(line.removeprefix("# ").removeprefix("#") for line in block.splitlines())
    config = read(shipped + re.sub(r"^ +# .*$", "", table, flags=re.MULTILINE))
    assert isinstance(config, Config), config
    found = config.policy.health
    assert found is not None
    assert replace(found, measures=(), rules=(), reasons=REASONS) == HealthPolicy()
    assert [(r.id, r.states, *map(r.label.of, Language)) for r in found.reasons] == [
        (r.id, r.states, *map(r.label.of, Language)) for r in REASONS
    ]
    assert [part.id for part in found.parts] == ["logins", "champion_left"]


BANDS = "health.measures[0].bands"


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (
            "[health.leave]\nat_risk = 70\ncritical = 65\n[health.enter]\nat_risk = 30\ncritical = 60\n",
            "health.enter.critical: must be below at_risk (30)",
        ),
        (
            "[health]\nleave = { at_risk = 50, critical = 35 }\n",
            "health.leave.at_risk: is below enter's 60",
        ),
        (
            MEASURE.replace("{ points = 100 }", "{ below = 10, points = 50 }, { points = 100 }"),
            f"{BANDS}[1].below: overlaps the band before (10)",
        ),
        (
            MEASURE.replace("{ points = 100 }", "{ below = 20, points = 100 }"),
            f"{BANDS}[1].below: the last band must have no bound",
        ),
        (
            MEASURE.replace("below = 10, ", ""),
            f"{BANDS}[0].below: only the last band may be without a bound",
        ),
        (MEASURE + 'stages = ["won"]\n', "health.measures[0].stages[0]: "),
        (MEASURE + 'where = { health = "stable" }\n', "health.measures[0].where.health: "),
        (
            MEASURE + 'window = "30 days"\n',
            "health.measures[0].window: reads = latest does not use a",
        ),
        (MEASURE + 'against = "30 days"\n', "health.measures[0].against: only belongs with"),
        (MEASURE + 'expires = "2 months"\n', "is not a number of days"),
        (MEASURE + "weight = 0\n", "health.measures[0].weight: "),
        (MEASURE + "weight = 1000001\n", "health.measures[0].weight: "),
        (MEASURE + "missing = 101\n", "health.measures[0].missing: "),
        (MEASURE + "missing = nan\n", "health.measures[0].missing: "),
        (RULE.replace("at_least = 1\n", ""), "health.rules[0].at_least: write either at_least or"),
        (RULE + "below = 5\n", "health.rules[0].at_least: write either at_least or below"),
        (
            MEASURE + RULE.replace('"left"', '"logins"'),
            'health.rules[0].id: "logins" is a measure already',
        ),
        (
            MEASURE + 'reads = "chnge"\nwindow = "9 days"\nagainst = "30 days"\n',
            'health.measures[0].reads: "chnge" is not known; did you mean "change"?',
        ),
        (MEASURE + MEASURE, "health.measures[1].id: "),
        (RULE.replace('"critical"', '"stable"'), "health.rules[0].state: "),
    ],
)
def test_a_mistake_is_told_where_it_is(table: str, said: str) -> None:
    found = wrong(table)
    assert len(found) == 1, found
    assert said in found[0]


def test_reasons_may_be_ones_own_or_none_and_have_each_id_once() -> None:
    one = '{ id = "use", label = { ja = "利用", en = "use" } }'
    found = health(f"[health]\nreasons = [{one}]\n")
    assert found is not None
    assert [(r.id, r.label.of(Language.JA)) for r in found.reasons] == [("use", "利用")]
    none = health("[health]\nreasons = []\n")
    assert none is not None
    assert none.reasons == ()
    assert [r.states for r in found.reasons] == [()], "left out: each"
    some = health(f"[health]\nreasons = [{one[:-1]}, states = ['stable', 'unknown'] }}]\n")
    assert some is not None
    assert [r.states for r in some.reasons] == [(Health.STABLE, Health.UNKNOWN)]
    for states, why in (("[]", "write at least one"), ("['well']", "stable, at_risk, critical")):
        (said,) = wrong(f"[health]\nreasons = [{one[:-1]}, states = {states} }}]\n")
        assert why in said
    (said,) = wrong(f"[health]\nreasons = [{one}, {one}]\n")
    assert said.startswith("health.reasons[1].id: ")


@pytest.mark.parametrize("setting", ["pulse_after", "override_for"])
@pytest.mark.parametrize("written", ['"-90 days"', '"3 months"', "90"])
def test_a_span_that_may_be_empty_has_one_mistake_where_it_is_none(
    setting: str, written: str
) -> None:
    (said,) = wrong(f"[health]\n{setting} = {written}\n")
    assert said == f'health.{setting}: {written} is not a number of days; write e.g. "30 days"'
