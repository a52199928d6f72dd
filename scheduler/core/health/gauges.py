"""A gauge over time: the value that a series of signals gives from each instant on.

Always holds: the line goes on after the last signal, with the values that ageing alone brings. Sums
are exact until they are rounded once, so that a window costs the same however many signals it has.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import accumulate, groupby
from math import fsum
from typing import NamedTuple

from scheduler.core.health.policy import Gauge, Reads
from scheduler.core.health.signals import MeasuredSeries

_DAY = timedelta(days=1)
_AT_ONCE = timedelta()


class GaugeValue(NamedTuple):
    """What a gauge says for a while: `value` (None: nothing is known); `of` is when its newest
    signal was measured."""

    value: float | None
    of: datetime | None = None


class Line(NamedTuple):
    """A gauge over time: from `turns[n]` on it is `values[n]` (None: nothing is known) until the
    next turn; `of[n]` is when its newest signal was measured. What follows a turn may be what was
    before it."""

    turns: tuple[datetime, ...]
    values: Sequence[float | None]
    of: Sequence[datetime]

    def said(self, place: int) -> GaugeValue:
        """What holds from that turn on; -1: before the first."""
        return GaugeValue(self.values[place], self.of[place]) if place >= 0 else GaugeValue(None)


class _Course(NamedTuple):
    """What the instants of signals alone decide of a gauge: the instants `turns` at which its value
    can become another one and, at each of them, how many signals had been measured (`seen`) and
    when the newest was (`of`), since how many of them its window and the one before began (`left`,
    `gone`), and whether they have expired (`faded`)."""

    turns: tuple[datetime, ...]
    seen: Sequence[int]
    of: Sequence[datetime]
    left: Sequence[int]
    gone: Sequence[int]
    faded: Sequence[bool]


def line(gauge: Gauge, series: MeasuredSeries, days: Iterable[float] = ()) -> Line:
    """The line from the first signal on. `days` are the ages, in days, at which an age reaches
    another band: between them it does not matter. Spans are of 24 hours."""
    course = _course(gauge, series.instants, tuple(days))
    read = _read(gauge, series, course)
    values = [None if faded else value for faded, value in zip(course.faded, read, strict=True)]
    return Line(course.turns, values, course.of)


@lru_cache(maxsize=64)  # an export measures all contracts at the same instants
def _course(gauge: Gauge, instants: tuple[datetime, ...], days: tuple[float, ...]) -> _Course:
    """The course of a gauge, made once for all whose signals have the same instants."""
    turns = tuple(_turns(gauge, instants, days))
    seen, left, gone = (
        [bisect_right(instants, at - ago) for at in turns]
        for ago in (_AT_ONCE, gauge.window, gauge.window + gauge.against)
    )
    of = [instants[count - 1] for count in seen]
    if gauge.reads is Reads.LATEST:
        left = [bisect_left(instants, newest) for newest in of]
    expires = gauge.expires
    faded = [
        expires is not None and at >= newest + expires for at, newest in zip(turns, of, strict=True)
    ]
    return _Course(turns, seen, of, left, gone, faded)


def _turns(gauge: Gauge, instants: Sequence[datetime], days: Iterable[float]) -> list[datetime]:
    """The instants at which the value can become another one, in order."""
    spans = [_AT_ONCE]
    if gauge.reads in (Reads.COUNT, Reads.SUM, Reads.MEAN, Reads.CHANGE):
        spans.append(gauge.window)
    if gauge.reads is Reads.CHANGE:
        spans.append(gauge.window + gauge.against)
    if gauge.reads is Reads.AGE:
        spans += [_DAY * day for day in days]
    turns = [at + span for span in spans for at in instants]
    if gauge.expires is not None:
        lasting = instants if gauge.reads is Reads.AGE else _lasting(instants, gauge.expires)
        turns += [at + gauge.expires for at in lasting]
    return [at for at, _ in groupby(sorted(turns))]


def _lasting(instants: Sequence[datetime], expires: timedelta) -> Iterator[datetime]:
    """Those after which nothing came before they expired."""
    for number, at in enumerate(instants, 1):
        if number == len(instants) or instants[number] - at > expires:
            yield at


def _read(gauge: Gauge, series: MeasuredSeries, course: _Course) -> Iterable[float | None]:
    """The value at each turn of the course, as if nothing had expired."""
    turns, seen, of, left, gone, _ = course
    if gauge.reads is Reads.LATEST:
        return [_mean(series.values, a, u) for a, u in zip(left, seen, strict=True)]
    if gauge.reads is Reads.AGE:
        return [(at - newest) / _DAY for at, newest in zip(turns, of, strict=True)]
    if gauge.reads is Reads.COUNT:
        return [float(until - after) for after, until in zip(left, seen, strict=True)]
    sums = _Sums(series.values)
    if gauge.reads is Reads.SUM:
        return sums.totals(left, seen)
    means = sums.means(left, seen)
    if gauge.reads is Reads.MEAN:
        return means
    past = sums.means(gone, left)
    return [
        None if mean is None or not before else (mean - before) / abs(before)
        for mean, before in zip(means, past, strict=True)
    ]


def _mean(numbers: Sequence[float], after: int, until: int) -> float:
    """The mean of the values after so many and until so many: those measured at one instant."""
    if until - after == 1:
        return numbers[after]
    return fsum(numbers[after:until]) / (until - after)


class _Sums:
    """Running totals, exact: whole numbers of a `1 / scale` in which all values are whole."""

    def __init__(self, numbers: Sequence[float]) -> None:
        ratios = [number.as_integer_ratio() for number in numbers]
        self._scale = max((below for _, below in ratios), default=1)
        whole = (above * (self._scale // below) for above, below in ratios)
        self._totals = list(accumulate(whole, initial=0))

    def totals(self, after: Iterable[int], until: Iterable[int]) -> list[float]:
        """What the values after so many and until so many add up to, for each pair of them."""
        sums, scale = self._totals, self._scale
        return [(sums[u] - sums[a]) / scale for a, u in zip(after, until, strict=True)]

    def means(self, after: Sequence[int], until: Sequence[int]) -> list[float | None]:
        """Their means; None of nothing."""
        totals = zip(self.totals(after, until), after, until, strict=True)
        return [total / (u - a) if u > a else None for total, a, u in totals]
