"""A gauge over time: the value that the signals give from each instant on.

Always holds: the result depends on the set of the signals, not on the order in which they came; it
goes on after the last signal, with the values that ageing alone brings. Sums are exact until they
are rounded once, so that a window costs the same however many signals it has.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import accumulate, groupby
from math import fsum
from typing import NamedTuple

from scheduler.core.health.policy import Gauge, Reads
from scheduler.core.health.signals import Signal

_DAY = timedelta(days=1)
_AT_ONCE = timedelta()


class GaugeValue(NamedTuple):
    """From `at` on the gauge is `value` (None: nothing is known); `of` is when its newest signal
    was measured."""

    at: datetime
    value: float | None
    of: datetime | None = None


class _Course(NamedTuple):
    """What the instants of signals alone decide of a gauge: the instants `turns` at which its value
    can become another one and, at each of them, how many signals had been measured (`seen`), since
    how many of them its window and the one before began (`left`, `gone`), and whether they have
    expired (`faded`)."""

    turns: Sequence[datetime]
    seen: Sequence[int]
    left: Sequence[int]
    gone: Sequence[int]
    faded: Sequence[bool]


def values(gauge: Gauge, signals: Sequence[Signal], days: Iterable[float] = ()) -> list[GaugeValue]:
    """The values from the first signal on, in order, neighbours different. `signals` are those the
    gauge is made of, in order of their instants. `days` are the ages, in days, at which an age
    reaches another band: between them it does not matter. Spans are of 24 hours, whatever zone an
    instant is told in."""
    instants = tuple([signal.at.astimezone(UTC) for signal in signals])
    course = _course(gauge, instants, tuple(days))
    read = _read(gauge, instants, [signal.value for signal in signals], course)
    found: list[GaugeValue] = []
    last: tuple[float | None, int] | None = None
    for at, count, faded, known in zip(course.turns, course.seen, course.faded, read, strict=True):
        value = None if faded else known
        if (value, count) != last:
            found.append(GaugeValue(at, value, instants[count - 1]))
            last = value, count
    return found


@lru_cache(maxsize=64)  # an export measures all contracts at the same instants
def _course(gauge: Gauge, instants: tuple[datetime, ...], days: tuple[float, ...]) -> _Course:
    """The course of a gauge, made once for all whose signals have the same instants."""
    turns = _turns(gauge, instants, days)
    seen, left, gone = (
        [bisect_right(instants, at - ago) for at in turns]
        for ago in (_AT_ONCE, gauge.window, gauge.window + gauge.against)
    )
    expires = gauge.expires
    faded = [
        expires is not None and at >= instants[count - 1] + expires
        for at, count in zip(turns, seen, strict=True)
    ]
    return _Course(turns, seen, left, gone, faded)


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


def _read(
    gauge: Gauge, instants: Sequence[datetime], numbers: Sequence[float], course: _Course
) -> Iterable[float | None]:
    """The value at each turn of the course, as if nothing had expired."""
    turns, seen, left, gone, _ = course
    if gauge.reads is Reads.LATEST:
        return [_latest(instants, numbers, count) for count in seen]
    if gauge.reads is Reads.AGE:
        return [(at - instants[n - 1]) / _DAY for at, n in zip(turns, seen, strict=True)]
    if gauge.reads is Reads.COUNT:
        return [float(until - after) for after, until in zip(left, seen, strict=True)]
    sums = _Sums(numbers)
    if gauge.reads is Reads.SUM:
        return sums.totals(left, seen)
    means = sums.means(left, seen)
    if gauge.reads is Reads.MEAN:
        return means
    return map(_change, means, sums.means(gone, left))


def _latest(instants: Sequence[datetime], numbers: Sequence[float], count: int) -> float:
    """The latest of so many; measurements of one instant count with their mean."""
    first = bisect_left(instants, instants[count - 1], 0, count)
    if first == count - 1:
        return numbers[first]
    return fsum(numbers[first:count]) / (count - first)


def _change(mean: float | None, past: float | None) -> float | None:
    """The change of a mean against the past; None where there is none."""
    return None if mean is None or not past else (mean - past) / abs(past)


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
