"""What `[health]` of `config.toml` says: what is measured of a customer, how it adds up to a state,
and when somebody is asked instead.

Always holds: bands are in ascending order and the last one is open; thresholds to leave a state are
not below those to enter it; weights are above zero. Days are spans of 24 hours, counted from the
instant of a signal, so they need no zone.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from scheduler.core.words.conditions import Condition
from scheduler.core.words.labels import Label
from scheduler.core.words.lexicon import Health

FULL = 100.0
"""The points of a measure that could not be better."""


class Reads(StrEnum):
    """What is made of a signal's values: the latest one, how many came or what they add up to in a
    window, their mean, the change of that mean against the window before, or the days since the
    latest one."""

    LATEST = "latest"
    COUNT = "count"
    SUM = "sum"
    MEAN = "mean"
    CHANGE = "change"
    AGE = "age"


@dataclass(frozen=True, slots=True)
class Gauge:
    """One number made of the signals called `signal`. `window` is what count, sum, mean and change
    look at; `against`, how long before it the past is that a change is compared with. A signal
    older than `expires` says nothing any more (None: it never expires)."""

    signal: str
    reads: Reads = Reads.LATEST
    window: timedelta = timedelta(days=30)
    against: timedelta = timedelta(days=90)
    expires: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Band:
    """Values below `below` are worth `points` (0 to 100); the last band of a measure has no
    bound."""

    points: float
    below: float | None = None


@dataclass(frozen=True, slots=True)
class Measure:
    """One part of the score. `missing` are the points it has without any data; None: it is left out
    of the score. It is for deals in `in_stages` (empty: all) that satisfy `where`."""

    id: str
    label: Label
    gauge: Gauge
    bands: tuple[Band, ...]
    weight: float = 1.0
    missing: float | None = None
    in_stages: tuple[str, ...] = ()
    where: tuple[Condition, ...] = ()

    @property
    def edges(self) -> Sequence[float]:
        """The values at which another band begins."""
        return [band.below for band in self.bands if band.below is not None]

    def worth(self, values: Iterable[float | None]) -> list[float | None]:
        """What values are worth; None where nothing is known."""
        edges, points = self.edges, [band.points for band in self.bands]
        return [
            self.missing if value is None else points[bisect_right(edges, value)]
            for value in values
        ]


@dataclass(frozen=True, slots=True)
class HardRule:
    """A fact that makes the customer's health at best `state`, whatever the score: the value of
    `gauge` is at least `at_least`, or below `below`."""

    id: str
    label: Label
    gauge: Gauge
    state: Health
    at_least: float | None = None
    below: float | None = None
    in_stages: tuple[str, ...] = ()
    where: tuple[Condition, ...] = ()

    def holds(self, value: float | None) -> bool:
        """Whether the value is beyond the bound; never without a value."""
        if value is None:
            return False
        return (self.at_least is not None and value >= self.at_least) or (
            self.below is not None and value < self.below
        )

    def held(self, values: Iterable[float | None]) -> list[Health]:
        """What each value makes the health at best; unknown, which is above all, where it says
        nothing."""
        return [self.state if self.holds(value) else Health.UNKNOWN for value in values]


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Scores below which a state is entered, and from which on it is left for a better one."""

    at_risk: float = 60.0
    critical: float = 30.0
    leave_at_risk: float = 65.0
    leave_critical: float = 35.0


@dataclass(frozen=True, slots=True)
class HealthReason:
    """One reason for which people say how a customer does; it fits only `states` (empty: each)."""

    id: str
    label: Label
    states: tuple[Health, ...] = ()

    def fits(self, health: Health) -> bool:
        """Whether somebody who says this of a customer can name it."""
        return not self.states or health in self.states


_WORSE = (Health.AT_RISK, Health.CRITICAL)
REASONS = (
    HealthReason("low_usage", Label("Use is falling"), _WORSE),
    HealthReason("champion_left", Label("Champion left"), _WORSE),
    HealthReason("value", Label("Doubts about the value"), _WORSE),
    HealthReason("budget", Label("Budget or price"), _WORSE),
    HealthReason("competitor", Label("Looking at a competitor"), _WORSE),
    HealthReason("product_gap", Label("Missing features"), _WORSE),
    HealthReason("service", Label("Outages or poor support"), _WORSE),
    HealthReason("no_contact", Label("Out of contact"), (*_WORSE, Health.UNKNOWN)),
    HealthReason("their_change", Label("Reorganisation or merger"), _WORSE),
    HealthReason("doing_well", Label("Uses it well"), (Health.STABLE,)),
    HealthReason("other", Label("Other")),
)
"""The reasons that are offered where `[health]` lists none of its own."""


@dataclass(frozen=True, slots=True)
class HealthPolicy:
    """The whole table.

    `least_share`: the share of the weights for which there must be data, else the customer counts
    as not assessed. `least_days`: how long a state lasts before it may get better; it gets worse at
    once. `by_customer`: the signals of all contracts of a customer count for each of them.
    `override_for`: how long what a person says stands above what is measured. `pulse_after`: the
    age of the latest knowledge from which on the owner is asked; `pulse_before_end`: how long
    before the end they are asked in any case, unless something was learned in the last
    `pulse_fresh`. `notice`: the state of a customer who gave notice. `reasons`: those a person may
    name for what they say (empty: none is asked for); no health timeline depends on them, so they
    are no part of what it is marked with.
    """

    measures: tuple[Measure, ...] = ()
    rules: tuple[HardRule, ...] = ()
    thresholds: Thresholds = Thresholds()
    least_share: float = 0.5
    least_days: timedelta = timedelta(days=7)
    by_customer: bool = False
    override_for: timedelta | None = timedelta(days=90)
    notice: Health | None = Health.CRITICAL
    pulse_after: timedelta | None = timedelta(days=90)
    pulse_months: tuple[int, ...] = (6, 3)
    pulse_fresh: timedelta = timedelta(days=30)
    reasons: tuple[HealthReason, ...] = field(default=REASONS, repr=False)

    def __hash__(self) -> int:
        """Of little only: it is asked for every deal that is decided."""
        return hash(tuple([part.id for part in self.parts]))

    @property
    def parts(self) -> tuple[Measure | HardRule, ...]:
        """All that is made of signals."""
        return (*self.measures, *self.rules)

    @property
    def signals(self) -> frozenset[str]:
        """The names of the signals that something is made of."""
        return frozenset(part.gauge.signal for part in self.parts)

    @property
    def depends_on_deal(self) -> bool:
        """Whether different deals, or one that moves, are measured by different things."""
        return any(part.in_stages or part.where for part in self.parts)
