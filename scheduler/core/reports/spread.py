"""How long things take: the middle, and what nine in ten stay within.

Always holds: by nearest rank, so that every number shown is one that occurred; nothing is averaged.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

_HOUR = 3600


@dataclass(frozen=True, slots=True)
class Spread:
    """`count` spans of time; half of them are at most `median`, nine in ten at most `nine`."""

    count: int = 0
    median: timedelta | None = None
    nine: timedelta | None = None


def spread(spans: Collection[timedelta]) -> Spread:
    """The spread of some spans.

    >>> found = spread([timedelta(days=n) for n in (1, 2, 3, 4, 10)])
    >>> found.count, found.median.days, found.nine.days
    (5, 3, 10)
    >>> spread([])
    Spread(count=0, median=None, nine=None)
    """
    if not spans:
        return Spread()
    ordered = sorted(spans)
    return Spread(len(ordered), _ranked(ordered, 5), _ranked(ordered, 9))


def _ranked(ordered: list[timedelta], of_ten: int) -> timedelta:
    """The value that so many in ten are at most: that of rank ceil(n × of_ten ÷ 10)."""
    return ordered[-(-len(ordered) * of_ten // 10) - 1]


def hours(span: timedelta | None) -> int | None:
    """A span in whole hours, rounded down, for machines.

    >>> hours(timedelta(days=1, minutes=90)), hours(None)
    (25, None)
    """
    return None if span is None else int(span.total_seconds()) // _HOUR
