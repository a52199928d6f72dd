"""From signals to a state: thresholds that differ both ways, least days, hard rules, what ageing
brings, and no matter in which order signals came."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.core.health.assessing import assess
from scheduler.core.health.policy import (
    Band,
    Gauge,
    HardRule,
    HealthPolicy,
    Measure,
    Reads,
    Thresholds,
)
from scheduler.core.health.signals import Signal, series_of
from scheduler.core.health.timeline import HealthTimeline
from scheduler.core.words.labels import Label
from scheduler.core.words.lexicon import Health, Language
from scheduler.core.words.reasons import word

START = datetime(2026, 10, 1, tzinfo=UTC)
SCORE = Measure(
    "score",
    Label("score"),
    Gauge("score", expires=timedelta(days=45)),
    (*(Band(points, points + 1) for points in range(100)), Band(100.0)),
)
"""A measure whose value is its points."""
LEFT = HardRule("left", Label("champion left"), Gauge("left"), Health.CRITICAL, at_least=1)
ONE = HealthPolicy((SCORE,), least_days=timedelta(days=7))
U, S, R, C = Health.UNKNOWN, Health.STABLE, Health.AT_RISK, Health.CRITICAL


def day(number: float) -> datetime:
    return START + timedelta(days=number)


def scored(*values: tuple[float, float]) -> list[Signal]:
    return [Signal("score", value, day(on), day(on)) for on, value in values]


def health_timeline(signals: list[Signal], on: float, policy: HealthPolicy = ONE) -> HealthTimeline:
    known = series_of(signals)
    return assess(policy, policy.measures, policy.rules, known, day(on), "mark")


def state(signals: list[Signal], on: float, policy: HealthPolicy = ONE) -> Health:
    step = health_timeline(signals, on, policy).step(day(on))
    return step.state if step else U


@pytest.mark.parametrize(
    ("score", "expected"), [(100, S), (60, S), (59, R), (30, R), (29, C), (0, C)]
)
def test_a_first_score_is_judged_by_the_thresholds_to_enter(score: float, expected: Health) -> None:
    assert state(scored((0, score)), 0) is expected


@pytest.mark.parametrize(("score", "expected"), [(64, R), (65, S)])
def test_at_risk_is_left_at_a_higher_score_than_it_is_entered(
    score: float, expected: Health
) -> None:
    assert state(scored((0, 50), (10, score)), 10) is expected


@pytest.mark.parametrize(("score", "expected"), [(34, C), (35, R), (64, R), (65, S)])
def test_critical_is_left_at_a_higher_score_too(score: float, expected: Health) -> None:
    assert state(scored((0, 10), (10, score)), 10) is expected


def test_it_gets_worse_at_once_and_better_after_the_least_days() -> None:
    signals = scored((0, 90), (1, 50), (2, 90))
    assert [state(signals, on) for on in (0, 1, 2, 7.9, 8)] == [S, R, R, R, S]


def test_what_waits_to_get_better_is_ahead() -> None:
    found = health_timeline(scored((0, 90), (1, 50), (2, 90)), 3)
    assert [(s.state, s.at) for s in found.steps][1:] == [(S, day(8)), (U, day(47))]
    assert found.next_at(day(3)) == day(8)
    assert found.since == day(1)


def test_signals_that_expire_leave_nothing_known() -> None:
    signals = scored((0, 90))
    assert [state(signals, on) for on in (44.9, 45)] == [S, U]
    assert health_timeline(signals, 10).next_at(day(10)) == day(45)
    assert health_timeline(signals, 50).next_at(day(50)) is None


def test_without_any_signal_nobody_has_been_assessed() -> None:
    assert health_timeline([], 10) == HealthTimeline("mark")


def test_too_little_data_is_not_assessed() -> None:
    other = replace(SCORE, id="other", gauge=Gauge("other"), weight=1.01)
    policy = replace(ONE, measures=(SCORE, other))
    assert state(scored((0, 10)), 0, policy) is U
    assert (
        state(scored((0, 10)), 0, replace(policy, measures=(SCORE, replace(other, weight=1.0))))
        is C
    )


def test_a_measure_may_say_what_no_data_means() -> None:
    quiet = replace(SCORE, id="other", gauge=Gauge("other"), weight=3.0, missing=100.0)
    assert state(scored((0, 10)), 0, replace(ONE, measures=(SCORE, quiet))) is S


def test_weights_count() -> None:
    other = replace(SCORE, id="other", gauge=Gauge("other"), weight=3.0)
    signals = [*scored((0, 100)), Signal("other", 20, day(0), day(0))]
    found = health_timeline(signals, 0, replace(ONE, measures=(SCORE, other)))
    assert found.steps[0].score == 40


def test_a_hard_rule_stands_above_the_score() -> None:
    policy = replace(ONE, rules=(LEFT,))
    signals = [*scored((0, 90)), Signal("left", 1, day(3), day(3))]
    assert [state(signals, on, policy) for on in (2, 3)] == [S, C]
    assert word(health_timeline(signals, 3, policy).steps[0].because, Language.EN) == (
        "left on 2026-10-04, score 90 on 2026-10-01"
    )


def test_a_hard_rule_speaks_without_any_measure() -> None:
    policy = HealthPolicy(rules=(LEFT,))
    assert state([Signal("left", 1, day(0), day(0))], 0, policy) is C
    assert state([Signal("left", 0, day(0), day(0))], 0, policy) is U


def test_the_reasons_are_what_cost_most() -> None:
    logins = Measure(
        "logins",
        Label("logins"),
        Gauge("logins", Reads.CHANGE, timedelta(days=30), timedelta(days=90)),
        (Band(0, -0.3), Band(50, -0.1), Band(100)),
        weight=2.0,
    )
    signals = [
        Signal("logins", 100, day(0), day(0)),
        Signal("logins", 62, day(40), day(40)),
        *scored((40, 80)),
    ]
    found = health_timeline(signals, 40, replace(ONE, measures=(SCORE, logins)))
    assert word(found.steps[0].because, Language.EN) == (
        "logins −38% in 30 days, score 80 on 2026-11-10"
    )


def test_the_trend_is_the_change_of_the_score_in_thirty_days() -> None:
    assert health_timeline(scored((0, 90), (40, 70)), 41).trend == -20
    assert health_timeline(scored((0, 90)), 10).trend is None


_SIGNALS = st.lists(
    st.tuples(st.integers(0, 80), st.integers(0, 100), st.sampled_from(["score", "left"])),
    max_size=25,
    unique_by=lambda s: (s[0], s[2]),
)


def _made(drawn: list[tuple[int, int, str]]) -> list[Signal]:
    return [
        Signal(name, value % 2 if name == "left" else value, day(on), day(on))
        for on, value, name in drawn
    ]


@given(_SIGNALS, st.integers(0, 1000), st.integers(0, 90))
def test_no_order_of_the_same_signals_changes_the_result(
    drawn: list[tuple[int, int, str]], seed: int, on: int
) -> None:
    policy = replace(ONE, rules=(LEFT,))
    signals = _made(drawn)
    shuffled = random.Random(seed).sample(signals, len(signals))
    assert health_timeline(shuffled, on, policy) == health_timeline(signals, on, policy)


@given(_SIGNALS, st.integers(0, 90), st.integers(0, 90))
def test_what_was_ahead_is_what_comes(
    drawn: list[tuple[int, int, str]], first: int, later: int
) -> None:
    """Without new signals, the health timeline of one day says what the health timeline of a later day says."""
    policy = replace(ONE, rules=(LEFT,))
    known = series_of(s for s in _made(drawn) if s.at <= day(first))
    now, then = day(first), day(first + later)
    seen = assess(policy, policy.measures, policy.rules, known, now, "m").step(then)
    made = assess(policy, policy.measures, policy.rules, known, then, "m").step(then)
    assert (seen.state if seen else None) == (made.state if made else None)


@given(_SIGNALS, st.integers(0, 90))
def test_the_past_does_not_depend_on_what_came_later(
    drawn: list[tuple[int, int, str]], on: int
) -> None:
    policy = replace(ONE, rules=(LEFT,))
    signals = _made(drawn)
    known = [s for s in signals if s.at <= day(on)]
    assert [health_timeline(signals, n, policy).step(day(n)) for n in (on // 2, on)] == [
        health_timeline(known, n, policy).step(day(n)) for n in (on // 2, on)
    ]


@given(st.lists(st.integers(60, 64), min_size=1, max_size=20), st.sampled_from([50, 90]))
def test_between_the_thresholds_nothing_flaps(inside: list[int], first: int) -> None:
    policy = replace(ONE, least_days=timedelta(), thresholds=Thresholds())
    signals = scored((0, first), *((number + 1, value) for number, value in enumerate(inside)))
    states = {state(signals, on, policy) for on in range(30)}
    assert states == {S if first == 90 else R}
