"""One measured fact about a customer: logins, an open ticket, a score, an overdue invoice; and all
that is known of one name."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import NamedTuple


class Signal(NamedTuple):
    """What was measured: `name` (lower case, as measures call it) had `value` at the instant `at`.
    `received_at` is when it was known here. Both are aware. `value` is finite; a yes or no is 1 or
    0. Two signals with the same name, instant and source are the same measurement."""

    name: str
    value: float
    at: datetime
    received_at: datetime
    source: str = ""


class MeasuredSeries(NamedTuple):
    """The values of one name: `values[n]` was measured at `instants[n]`. Instants are in order and
    in UTC."""

    instants: tuple[datetime, ...]
    values: tuple[float, ...]


KnownSeries = Mapping[str, MeasuredSeries]
"""All that is known of a contract, by name."""


def series_of(signals: Iterable[Signal]) -> KnownSeries:
    """The series that signals make, in whatever order they come."""
    found: dict[str, list[tuple[datetime, float]]] = defaultdict(list)
    for signal in signals:
        found[signal.name].append((signal.at.astimezone(UTC), signal.value))
    return {name: series(measured) for name, measured in found.items()}


def series(measured: list[tuple[datetime, float]]) -> MeasuredSeries:
    """The series of some values (one at least) by their instants, which are in UTC."""
    instants, values = zip(*sorted(measured), strict=True)
    return MeasuredSeries(instants, values)
