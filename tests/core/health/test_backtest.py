"""The back-test: what was flagged in time, both sides of each threshold, and that nothing which
became known later is used."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.core.health.backtest import (
    CURVE,
    LEADS,
    LEAST,
    Backtest,
    BacktestLine,
    DayLook,
    EndedTerm,
    FlaggedGroup,
    PolicyTrial,
    ReceivedValue,
    TrialKind,
    UnjudgedTerms,
    backtest,
    known,
)
from scheduler.core.health.policy import Band, Gauge, HardRule, HealthPolicy, Measure
from scheduler.core.health.signals import Signal
from scheduler.core.words.labels import Label
from scheduler.core.words.lexicon import Health

END = datetime(2027, 3, 31, 23, tzinfo=UTC)
BANDS = (*(Band(points, points + 1) for points in range(100)), Band(100.0))
LOGINS = Measure("logins", Label("logins"), Gauge("logins"), BANDS, weight=3.0)
NOISE = Measure("noise", Label("noise"), Gauge("noise"), BANDS)
LEFT = HardRule("left", Label("left"), Gauge("left"), Health.CRITICAL, at_least=1)
ONE, TWO = HealthPolicy((LOGINS,)), HealthPolicy((LOGINS, NOISE))
WHOLE = PolicyTrial(TrialKind.WHOLE)


def before(days: float) -> datetime:
    """So many days before the end."""
    return END - timedelta(days=days)


def heard(
    value: float, days: float, *, name: str = "logins", received: float | None = None
) -> ReceivedValue:
    """A value measured so many days before the end, and received then or `received` days before."""
    known_at = before(days if received is None else received)
    return ReceivedValue(1, Signal(name, value, before(days), known_at))


def term(lost: bool, *signals: ReceivedValue, **more: object) -> EndedTerm:
    """A term of which this was heard."""
    parts = frozenset({"logins", "noise", "left"})
    looks = {days: DayLook(before(days), parts) for days in {*LEADS, *CURVE}}
    made = EndedTerm(lost, 100, "GBP", None, END, signals, looks)
    return replace(made, **more)  # type: ignore[arg-type]


def judged(
    *terms: EndedTerm, policy: HealthPolicy = ONE, days: int = 90, trial: PolicyTrial = WHOLE
) -> BacktestLine:
    return backtest(policy, terms).of(days, trial)


@pytest.mark.parametrize(("value", "flagged", "critical"), [(60, 0, 0), (59, 1, 0), (29, 1, 1)])
def test_flagged_is_what_lies_below_each_states_threshold(
    value: float, flagged: int, critical: int
) -> None:
    found = backtest(ONE, [term(True, heard(value, 100))])
    assert found.of(90, WHOLE).lost.flagged == flagged
    assert found.of(90, WHOLE, Health.CRITICAL).lost.flagged == critical


@pytest.mark.parametrize(("received", "flagged"), [(90, 1), (90 - 1e-9, 0)])
def test_what_is_received_by_the_instant_counts_and_what_comes_after_does_not(
    received: float, flagged: int
) -> None:
    line = judged(term(True, heard(10, 95, received=received)))
    assert (line.lost.count, line.lost.assessed, line.lost.flagged) == (1, flagged, flagged)


def test_a_correction_counts_from_when_it_came_in() -> None:
    terms = [term(True, heard(90, 100), heard(10, 100, received=60))]
    assert [backtest(ONE, terms).of(days, WHOLE).lost.flagged for days in LEADS] == [0, 1]


def test_what_was_taken_back_counts_until_then() -> None:
    taken_back = replace(heard(10, 100), voided_at=before(60))
    found = backtest(ONE, [term(True, heard(90, 110), taken_back)])
    assert [found.of(days, WHOLE).lost.flagged for days in LEADS] == [1, 0]


def test_what_was_said_of_two_subjects_is_two_measurements() -> None:
    other = replace(heard(10, 100), subject=2)
    assert len(known([heard(90, 100), other], before(90))) == 2
    assert len(known([heard(90, 100), replace(other, subject=1)], before(90))) == 1


def test_who_is_not_assessed_is_counted_and_in_no_share() -> None:
    line = judged(term(False), term(False, heard(10, 100)))
    assert line.kept == FlaggedGroup(2, 1, 1, 0, 0, 0)
    assert line.kept.rate == 1


@pytest.mark.parametrize(("decided", "count"), [(90, 0), (89.9, 1)])
def test_what_was_decided_by_then_is_left_out(decided: float, count: int) -> None:
    found = backtest(ONE, [term(True, heard(10, 100), decided_at=before(decided))])
    assert found.of(90, WHOLE).lost.count == count
    assert found.left_out[90] == UnjudgedTerms(decided=1 - count)


@pytest.mark.parametrize(("begun", "count"), [(90, 1), (89.9, 0)])
def test_what_had_not_begun_is_left_out(begun: float, count: int) -> None:
    found = backtest(ONE, [term(False, heard(10, 100), begun_at=before(begun))])
    assert found.of(90, WHOLE).kept.count == count
    assert found.left_out[90] == UnjudgedTerms(unbegun=1 - count)


@pytest.mark.parametrize(
    ("lost", "kept", "enough"), [(20, 20, True), (19, 20, False), (20, 19, False)]
)
def test_the_least_sample_is_of_the_assessed_on_both_sides(
    lost: int, kept: int, enough: bool
) -> None:
    bad, good = term(True, heard(10, 100)), term(False, heard(90, 100))
    unknown = [term(True), term(False)] * 5
    line = judged(*[bad] * lost, *[good] * kept, *unknown)
    assert line.enough is enough
    assert line.tells is (True if enough else None)


@pytest.mark.parametrize(("flagged", "tells"), [(4, False), (5, True)])
def test_a_difference_tells_where_it_is_beyond_chance(flagged: int, tells: bool) -> None:
    # 7 and 2 of 20: 0.25² = 0.0625 > 1.96² × (0.35 × 0.65 + 0.1 × 0.9) ÷ 20 = 0.0610
    lost = [term(True, heard(10 if n < flagged + 2 else 90, 100)) for n in range(LEAST)]
    kept = [term(False, heard(10 if n < 2 else 90, 100)) for n in range(LEAST)]
    line = judged(*lost, *kept)
    assert (line.lost.flagged, line.kept.flagged) == (flagged + 2, 2)
    assert line.tells is tells


def test_more_false_alarms_than_hits_tell_nothing() -> None:
    lost = [term(True, heard(90, 100))] * LEAST
    assert judged(*lost, *[term(False, heard(10, 100))] * LEAST).tells is False


def mixed(flagged: int, noise: float = 90) -> list[EndedTerm]:
    """Twenty lost, of which so many have few logins, and twenty kept who have many."""

    def one(lost: bool, logins: float) -> EndedTerm:
        return term(lost, heard(logins, 100), heard(noise, 100, name="noise"))

    lost = [one(True, 0 if n < flagged else 90) for n in range(LEAST)]
    return lost + [one(False, 90)] * LEAST


@pytest.mark.parametrize(("flagged", "certain"), [(3, False), (4, True)])
def test_a_measure_adds_what_is_flagged_with_it_only(flagged: int, certain: bool) -> None:
    # 4 of 20: 0.2² = 0.04 > 1.96² × (0.2 − 0.04) ÷ 20 = 0.0307; 3 of 20: 0.0225 < 0.0245
    found = backtest(TWO, mixed(flagged))
    gain = found.of(90, PolicyTrial(TrialKind.WITHOUT, "logins")).gain
    assert gain == (Fraction(flagged, LEAST), certain)
    assert found.added_nothing == (("noise",) if certain else ("logins", "noise"))


def test_with_too_few_no_measure_is_said_to_add_nothing() -> None:
    found = backtest(TWO, mixed(4)[1:])
    assert found.of(90, PolicyTrial(TrialKind.WITHOUT, "noise")).gain is None
    assert found.added_nothing == ()


def test_each_measure_is_judged_alone_and_left_out() -> None:
    found = backtest(TWO, mixed(5, noise=10))

    def flagged(kind: TrialKind, part: str) -> tuple[int, int]:
        line = found.of(90, PolicyTrial(kind, part))
        return line.lost.flagged, line.kept.flagged

    assert flagged(TrialKind.ALONE, "logins") == (5, 0)
    assert flagged(TrialKind.WITHOUT, "logins") == (20, 20)
    assert flagged(TrialKind.ALONE, "noise") == (20, 20)
    assert flagged(TrialKind.WITHOUT, "noise") == (5, 0)


def test_a_policy_of_one_measure_is_not_judged_without_it() -> None:
    kinds = {line.trial.kind for line in backtest(ONE, mixed(1)).lines}
    assert kinds == {TrialKind.WHOLE, TrialKind.ALONE}


def test_a_rule_alone_is_all_clear_where_it_does_not_hold() -> None:
    policy = HealthPolicy((LOGINS,), (LEFT,))
    gone = term(True, heard(1, 100, name="left"))
    line = judged(gone, term(False), policy=policy, trial=PolicyTrial(TrialKind.ALONE, "left"))
    assert (line.lost.flagged, line.kept.assessed, line.kept.flagged) == (1, 1, 0)
    assert judged(term(False), policy=policy).kept.assessed == 0


def test_a_measure_that_was_not_meant_then_does_not_count() -> None:
    made = term(True, heard(10, 100))
    elsewhere = {days: replace(look, parts=frozenset()) for days, look in made.looks.items()}
    assert judged(replace(made, looks=elsewhere)).lost.assessed == 0


def test_a_persons_word_is_what_the_policy_says_and_no_part_alone() -> None:
    one = term(True, heard(90, 100), heard(90, 100, name="noise"))
    looks = {d: replace(look, said=Health.CRITICAL) for d, look in one.looks.items()}
    found = backtest(TWO, [one, replace(one, looks=looks)])
    for trial, flagged in (
        (WHOLE, 1),
        (PolicyTrial(TrialKind.WITHOUT, "noise"), 1),
        (PolicyTrial(TrialKind.ALONE, "logins"), 0),
    ):
        assert found.of(90, trial, Health.CRITICAL).lost.flagged == flagged
    silent = replace(
        one, heard=(), looks={d: replace(o, said=Health.STABLE) for d, o in looks.items()}
    )
    assert judged(silent).lost == FlaggedGroup(1, 1, 0, 0, 0, 0)


def test_money_is_summed_by_currency_and_unknown_amounts_are_counted() -> None:
    found = backtest(
        ONE,
        [
            term(True, heard(10, 100), minor=500),
            term(True, heard(90, 100), minor=None),
            term(False, heard(10, 100), minor=70, currency="JPY"),
        ],
    )
    lines = {
        line.currency: line
        for line in found.lines
        if (line.days, line.trial, line.flag) == (90, WHOLE, Health.AT_RISK)
    }
    assert lines["GBP"].lost == FlaggedGroup(2, 2, 1, 500, 500, 1)
    assert lines["JPY"].kept == FlaggedGroup(1, 1, 1, 70, 70, 0)
    assert (lines[""].lost.minor, lines[""].lost.without) == (0, 1)


def test_what_was_known_too_late_for_every_day_is_said() -> None:
    late = heard(10, 100, received=29)
    assert backtest(ONE, [term(True, late), term(True, heard(1, 31)), term(True)]).only_later == 1


SIGNALS = st.builds(
    heard,
    st.integers(0, 100),
    st.integers(0, 250),
    name=st.sampled_from(["logins", "noise", "left"]),
)


def measured_by(found: Backtest, days: int) -> Sequence[BacktestLine]:
    """The lines of one day."""
    return [line for line in (*found.lines, *found.curve) if line.days == days]


@given(
    st.lists(SIGNALS, max_size=8),
    st.lists(st.tuples(SIGNALS, st.floats(0, 200)), min_size=1, max_size=8),
    st.floats(0, 200),
    st.sampled_from(sorted({*LEADS, *CURVE})),
)
def test_whatever_becomes_known_later_changes_nothing(
    early: list[ReceivedValue], later: list[tuple[ReceivedValue, float]], voided: float, days: int
) -> None:
    policy, instant = HealthPolicy((LOGINS, NOISE), (LEFT,)), before(days)
    late = [
        replace(one, signal=one.signal._replace(received_at=instant + timedelta(hours=1 + hours)))
        for one, hours in later
    ]
    taken_back = [replace(one, voided_at=instant + timedelta(hours=1 + voided)) for one in early]
    then = measured_by(backtest(policy, [term(True, *early)]), days)
    assert measured_by(backtest(policy, [term(True, *early, *late)]), days) == then
    assert measured_by(backtest(policy, [term(True, *late, *taken_back)]), days) == then
