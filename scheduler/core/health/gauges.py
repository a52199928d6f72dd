"""A gauge over time: the value that the signals give from each instant on.

Always holds: the result depends on the set of the signals, not on the order in which they came; it
goes on after the last signal, with the values that ageing alone brings.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from math import fsum

from scheduler.core.health.policy import Gauge, Reads
from scheduler.core.health.signals import Signal

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class GaugeValue:
    """From `at` on the gauge is `value` (None: nothing is known); `of` is when its newest signal
    was measured."""

    at: datetime
    value: float | None
    of: datetime | None = None


def values(gauge: Gauge, signals: Sequence[Signal], days: Iterable[float] = ()) -> list[GaugeValue]:
    """The values from the first signal on, in order, neighbours different. `signals` are those the
    gauge is made of, in order of their instants. `days` are the ages, in days, at which an age
    reaches another band: between them it does not matter."""
    if not signals:
        return []
    line = _Line(signals)
    found: list[GaugeValue] = []
    for at in sorted(_turns(gauge, line, days)):
        value = line.value(gauge, at)
        if not found or (found[-1].value, found[-1].of) != (value.value, value.of):
            found.append(value)
    return found


def _turns(gauge: Gauge, line: "_Line", days: Iterable[float]) -> set[datetime]:
    """The instants at which the value can become another one."""
    spans = [timedelta()]
    if gauge.reads in (Reads.COUNT, Reads.SUM, Reads.MEAN, Reads.CHANGE):
        spans.append(gauge.window)
    if gauge.reads is Reads.CHANGE:
        spans.append(gauge.window + gauge.against)
    if gauge.reads is Reads.AGE:
        spans += [_DAY * day for day in days]
    if gauge.expires is not None:
        spans.append(gauge.expires)
    return {at + span for at in line.instants for span in spans}


class _Line:
    """Signals in their order, with what windows need of them."""

    def __init__(self, signals: Sequence[Signal]) -> None:
        self.instants = [signal.at for signal in signals]
        self._values = [signal.value for signal in signals]
        self._latest = [
            (at, fsum(alike) / len(alike))
            for at, same in groupby(signals, key=_at)
            if (alike := [signal.value for signal in same])
        ]
        self._latest_at = [at for at, _ in self._latest]

    def value(self, gauge: Gauge, at: datetime) -> GaugeValue:
        """The gauge at an instant, at or after the first signal."""
        of, last = self._latest[bisect_right(self._latest_at, at) - 1]
        if gauge.expires is not None and at >= of + gauge.expires:
            return GaugeValue(at, None, of)
        return GaugeValue(at, self._read(gauge, at, of, last), of)

    def _read(self, gauge: Gauge, at: datetime, of: datetime, last: float) -> float | None:
        """The value, of signals that have not expired."""
        if gauge.reads is Reads.LATEST:
            return last
        if gauge.reads is Reads.AGE:
            return (at - of) / _DAY
        now = self._within(at - gauge.window, at)
        if gauge.reads is Reads.COUNT:
            return float(len(now))
        if gauge.reads is Reads.SUM:
            return fsum(now)
        mean = _mean(now)
        if gauge.reads is Reads.MEAN or mean is None:
            return mean
        past = _mean(self._within(at - gauge.window - gauge.against, at - gauge.window))
        return (mean - past) / abs(past) if past else None

    def _within(self, after: datetime, until: datetime) -> list[float]:
        """The values of the signals after one instant and until another."""
        return self._values[bisect_right(self.instants, after) : bisect_right(self.instants, until)]


def _at(signal: Signal) -> datetime:
    return signal.at


def _mean(values: Sequence[float]) -> float | None:
    """The mean; None of nothing."""
    return fsum(values) / len(values) if values else None
