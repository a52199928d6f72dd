"""What is made of signals, from each instant on."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import groupby
from math import fsum
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.core.health.gauges import line
from scheduler.core.health.policy import Gauge, Reads
from scheduler.core.health.signals import MeasuredSeries, Signal, series_of

START = datetime(2026, 10, 1, tzinfo=UTC)


def day(number: float) -> datetime:
    return START + timedelta(days=number)


def signal(on: float, value: float, source: str = "") -> Signal:
    return Signal("logins", value, day(on), day(on), source)


def days(length: float) -> timedelta:
    return timedelta(days=length)


def values(
    gauge: Gauge, signals: Iterable[Signal], edges: tuple[float, ...] = ()
) -> list[tuple[datetime, float | None]]:
    """The instants at which the value or its newest signal is another one, with the value."""
    made = line(gauge, series_of(signals).get(gauge.signal, MeasuredSeries((), ())), edges)
    turns = zip(made.turns, made.values, made.of, strict=True)
    alike = groupby(turns, key=lambda turn: turn[1:])
    return [(at, value) for (value, _), some in alike for at in [next(some)[0]]]


def told(gauge: Gauge, *signals: Signal, edges: tuple[float, ...] = ()) -> list[object]:
    """Pairs of the day and the value from then on."""
    return [
        ((at - START) / timedelta(days=1), value) for at, value in values(gauge, signals, edges)
    ]


def test_the_latest_value_holds_until_the_next_and_then_expires() -> None:
    gauge = Gauge("logins", expires=days(10))
    assert told(gauge, signal(0, 5), signal(3, 7)) == [(0, 5), (3, 7), (13, None)]


def test_a_value_without_an_expiry_holds_for_ever() -> None:
    assert told(Gauge("logins"), signal(0, 5)) == [(0, 5)]


def test_what_leaves_the_window_is_not_counted_any_more() -> None:
    gauge = Gauge("logins", Reads.COUNT, window=days(10))
    assert told(gauge, signal(0, 1), signal(4, 1)) == [(0, 1), (4, 2), (10, 1), (14, 0)]


def test_sums_and_means_are_those_of_the_window() -> None:
    signals = signal(0, 10), signal(2, 20)
    in_ten = days(10)
    assert told(Gauge("logins", Reads.SUM, in_ten), *signals) == [
        (0, 10),
        (2, 30),
        (10, 20),
        (12, 0),
    ]
    assert told(Gauge("logins", Reads.MEAN, in_ten), *signals) == [
        (0, 10),
        (2, 15),
        (10, 20),
        (12, None),
    ]


def test_a_sum_of_tenths_is_what_a_person_would_say() -> None:
    signals = [signal(n / 100, 0.1) for n in range(10)]
    assert values(Gauge("logins", Reads.SUM), signals)[9][1] == 1.0


def test_a_change_compares_the_window_with_the_time_before_it() -> None:
    gauge = Gauge("logins", Reads.CHANGE, days(10), days(20))
    found = told(gauge, signal(0, 100), signal(15, 62))
    assert found == [(0, None), (15, -0.38), (25, None)]


@pytest.mark.parametrize(("past", "present", "change"), [(-50, -75, -0.5), (0, 5, None)])
def test_a_change_from_a_negative_or_no_past(
    past: float, present: float, change: float | None
) -> None:
    gauge = Gauge("logins", Reads.CHANGE, days(10), days(20))
    assert values(gauge, [signal(0, past), signal(15, present)])[-2:][0][1] == change


def test_an_age_is_looked_at_when_it_reaches_a_band() -> None:
    gauge = Gauge("logins", Reads.AGE)
    assert told(gauge, signal(0, 1), signal(5, 1), edges=(3, 30)) == [
        (0, 0),
        (3, 3),
        (5, 0),
        (8, 3),
        (30, 25),
        (35, 30),
    ]


def test_measurements_of_one_instant_count_with_their_mean() -> None:
    assert told(Gauge("logins"), signal(0, 4, "a"), signal(0, 6, "b")) == [(0, 5)]


def test_nothing_comes_of_nothing() -> None:
    assert values(Gauge("logins"), []) == []


def by_definition(gauge: Gauge, signals: list[Signal], at: datetime) -> float | None:
    """The value at an instant, from all signals looked through for it alone."""
    latest = max(s.at for s in signals if s.at <= at)
    if gauge.expires is not None and at >= latest + gauge.expires:
        return None

    def mean(some: list[float]) -> float | None:
        return fsum(some) / len(some) if some else None

    def within(after: datetime, until: datetime) -> list[float]:
        return [s.value for s in signals if after < s.at <= until]

    window = within(at - gauge.window, at)
    before = at - gauge.window
    now, past = mean(window), mean(within(before - gauge.against, before))
    return {
        Reads.LATEST: mean([s.value for s in signals if s.at == latest]),
        Reads.COUNT: float(len(window)),
        Reads.SUM: fsum(window),
        Reads.MEAN: now,
        Reads.CHANGE: (now - past) / abs(past) if now is not None and past else None,
        Reads.AGE: (at - latest) / timedelta(days=1),
    }[gauge.reads]


_LENGTHS = st.integers(1, 30).map(days)
_GAUGES = st.builds(
    Gauge, st.just("logins"), st.sampled_from(Reads), _LENGTHS, _LENGTHS, st.none() | _LENGTHS
)
_SIGNALS = st.lists(
    st.builds(
        signal,
        st.integers(0, 60) | st.floats(0, 60),
        st.sampled_from((0.1, 0.2, 3.0)) | st.floats(-1e12, 1e12),
        st.sampled_from(("a", "b")),
    ),
    min_size=1,
    max_size=25,
)


@given(_GAUGES, _SIGNALS)
def test_every_value_is_what_all_signals_looked_through_at_that_instant_give(
    gauge: Gauge, signals: list[Signal]
) -> None:
    found = values(gauge, signals, (3, 10))
    assert [value for _, value in found] == [by_definition(gauge, signals, at) for at, _ in found]


@given(_GAUGES.filter(lambda g: g.reads is not Reads.AGE), _SIGNALS, st.floats(0, 130))
def test_between_two_values_nothing_happens(gauge: Gauge, signals: list[Signal], on: float) -> None:
    found = values(gauge, signals)
    past = [value for at, value in found if at <= day(on)]
    if past:
        assert past[-1] == by_definition(gauge, signals, day(on))


def test_the_zone_in_which_an_instant_is_told_makes_no_difference() -> None:
    berlin = datetime(2026, 10, 20, 12, tzinfo=ZoneInfo("Europe/Berlin"))  # winter begins on 25th
    gauge = Gauge("logins", Reads.MEAN, timedelta(days=30))
    lines = [
        values(gauge, [Signal("logins", 1.0, at, at)]) for at in (berlin, berlin.astimezone(UTC))
    ]
    ends = [found[-1][0].astimezone(UTC).isoformat() for found in lines]
    assert ends == ["2026-11-19T10:00:00+00:00"] * 2
