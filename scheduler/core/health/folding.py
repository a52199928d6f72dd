"""The fold over all instants at which a gauge has another value: the score, and the state that
follows from it and from the one before.

Always holds: of the parts only those are looked at whose value has changed; a state gets worse at
once and better only after it has lasted `least_days`; between the thresholds nothing changes.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import zip_longest
from operator import attrgetter, itemgetter
from typing import NamedTuple

from scheduler.core.health.contributions import Contribution
from scheduler.core.health.gauges import GaugeValue, values
from scheduler.core.health.policy import FULL, HardRule, HealthPolicy, Measure, Thresholds
from scheduler.core.health.signals import Signal
from scheduler.core.health.timeline import SEVERITY, worse
from scheduler.core.words.lexicon import Health

_NOTHING = GaugeValue(datetime.min.replace(tzinfo=UTC), None)
_AT = attrgetter("at")


def gauge_lines(
    parts: Sequence[Measure | HardRule], signals: Sequence[Signal]
) -> dict[str, list[GaugeValue]]:
    """The values over time of each part, by its id."""
    by_name: dict[str, list[Signal]] = {}
    for signal in sorted(signals, key=_AT):
        by_name.setdefault(signal.name, []).append(signal)
    return {
        part.id: values(part.gauge, by_name.get(part.gauge.signal, ()), _edges(part))
        for part in parts
    }


def _edges(part: Measure | HardRule) -> list[float]:
    """The values at which a part changes its mind."""
    if isinstance(part, HardRule):
        return [bound for bound in (part.at_least, part.below) if bound is not None]
    return [band.below for band in part.bands if band.below is not None]


class HealthSoFar(NamedTuple):
    """Where the fold stands: the state by score, the one that counts, since when, and the better
    one that waits until the present one has lasted long enough."""

    scored: Health = Health.UNKNOWN
    health: Health = Health.UNKNOWN
    since: datetime | None = None
    waiting: bool = False


_Known = tuple[Measure, GaugeValue, float]
"""A measure, its value and what that is worth."""


class Said(NamedTuple):
    """A score (None: too little is known), and what it is made of: the rules that hold, and the
    measures with what they are worth, each as far as it is known."""

    score: float | None
    hard: tuple[tuple[HardRule, GaugeValue], ...]
    known: Sequence[tuple[Measure, GaugeValue, float | None]]

    @property
    def counted(self) -> list[_Known]:
        """The measures of which something is known."""
        return [(m, v, points) for m, v, points in self.known if points is not None]

    @property
    def fresh_at(self) -> datetime | None:
        """The instant of the newest signal that counts."""
        of = [value.of for _, value in self.hard] + [value.of for _, value, _ in self.counted]
        return max((at for at in of if at is not None), default=None)

    @property
    def contributions(self) -> list[Contribution]:
        """What took from the score, rules before the measures that cost most."""
        beyond = [Contribution(rule, value, FULL) for rule, value in self.hard]
        if self.score is None:
            return beyond
        weight = sum(m.weight for m, _, _ in self.counted)
        costs = [
            Contribution(m, v, m.weight * (FULL - p) / weight)
            for m, v, p in self.counted
            if p < FULL
        ]
        return beyond + sorted(costs, key=lambda c: -c.cost)


class Turn(NamedTuple):
    """The state from an instant on. Its reasons are put into words where they are wanted."""

    at: datetime
    state: HealthSoFar
    said: Said


def followed(
    policy: HealthPolicy,
    measures: Sequence[Measure],
    rules: Sequence[HardRule],
    lines: Mapping[str, Sequence[GaugeValue]],
) -> Iterator[Turn]:
    """Every instant at which something changes, with the state from then on."""
    state = HealthSoFar()
    for said, at, until in _spoken(policy, measures, rules, lines):
        hard = [rule for rule, _ in said.hard]
        state = _next(state, said.score, hard, policy, at)
        yield Turn(at, state, said)
        if state.waiting and state.since is not None:
            later = state.since + policy.least_days
            if until is None or later < until:
                state = _next(state, said.score, hard, policy, later)
                yield Turn(later, state, said)


def _spoken(
    policy: HealthPolicy,
    measures: Sequence[Measure],
    rules: Sequence[HardRule],
    lines: Mapping[str, Sequence[GaugeValue]],
) -> Iterator[tuple[Said, datetime, datetime | None]]:
    """What the values say from each instant on and until the next. What they are worth is asked of
    those only that have changed, and the score where that has."""
    least = policy.least_share * sum(m.weight for m in measures)
    known = [(m, _NOTHING, m.missing) for m in measures]
    holding = dict[int, tuple[HardRule, GaugeValue]]()
    hard, score, stale = tuple[tuple[HardRule, GaugeValue], ...](), None, True
    turns = _turns(measures, rules, lines)
    instants = [at for at, _, _ in turns]
    for (at, place, value), until in zip_longest(turns, instants[1:]):
        if place < len(known):
            measure, _, was = known[place]
            points = measure.points(value.value)
            known[place] = measure, value, points
            stale = stale or points != was
        else:
            rule = rules[place - len(known)]
            holding.pop(place, None)
            if rule.holds(value.value):
                holding[place] = rule, value
            hard = tuple(holding[place] for place in sorted(holding))
        if until != at:
            score, stale = _score(known, least) if stale else score, False
            yield Said(score, hard, tuple(known)), at, until


def _turns(
    measures: Sequence[Measure],
    rules: Sequence[HardRule],
    lines: Mapping[str, Sequence[GaugeValue]],
) -> list[tuple[datetime, int, GaugeValue]]:
    """The values of all parts, by instant, with the place of the part."""
    parts: tuple[Measure | HardRule, ...] = (*measures, *rules)
    placed = [(v.at, place, v) for place, part in enumerate(parts) for v in lines[part.id]]
    return sorted(placed, key=itemgetter(0))


def _score(known: Sequence[tuple[Measure, GaugeValue, float | None]], least: float) -> float | None:
    """The weighted mean of what is known; None where its weight is below the least."""
    weight = total = 0.0
    for measure, _, points in known:
        if points is not None:
            weight += measure.weight
            total += measure.weight * points
    return total / weight if weight and weight >= least else None


def _next(
    was: HealthSoFar,
    score: float | None,
    hard: Sequence[HardRule],
    policy: HealthPolicy,
    at: datetime,
) -> HealthSoFar:
    """The state after a change."""
    scored = _scored(was.scored, score, policy.thresholds)
    wanted = scored
    for rule in hard:
        wanted = worse(wanted, rule.state)
    if wanted is was.health:
        return HealthSoFar(scored, wanted, was.since)
    better = SEVERITY.index(Health.UNKNOWN) < SEVERITY.index(wanted) < SEVERITY.index(was.health)
    if better and was.since is not None and at < was.since + policy.least_days:
        return HealthSoFar(scored, was.health, was.since, waiting=True)
    return HealthSoFar(scored, wanted, at)


def _scored(was: Health, score: float | None, bounds: Thresholds) -> Health:
    """The state by score alone, given the state before."""
    if score is None:
        return Health.UNKNOWN
    critical = bounds.leave_critical if was is Health.CRITICAL else bounds.critical
    if score < critical:
        return Health.CRITICAL
    leaving = was in (Health.CRITICAL, Health.AT_RISK)
    return (
        Health.AT_RISK
        if score < (bounds.leave_at_risk if leaving else bounds.at_risk)
        else (Health.STABLE)
    )
