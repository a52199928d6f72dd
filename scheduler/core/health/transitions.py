"""The fold over all instants at which a gauge may have another value: the score, and the state that
follows from it and from the one before.

Always holds: a state gets worse at once and better only after it has lasted `least_days`; between
the thresholds nothing changes. What the values say in words is asked for where it is wanted.
"""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple, TypeVar

from scheduler.core.health.contributions import Contribution
from scheduler.core.health.gauges import GaugeValue, Line, line
from scheduler.core.health.policy import FULL, HardRule, HealthPolicy, Measure, Thresholds
from scheduler.core.health.signals import KnownSeries, MeasuredSeries
from scheduler.core.health.timeline import SEVERITY, worse
from scheduler.core.words.lexicon import Health

T = TypeVar("T")
_NO_SERIES = MeasuredSeries((), ())


def gauge_lines(parts: Sequence[Measure | HardRule], known: KnownSeries) -> dict[str, Line]:
    """Each part's gauge over time, by the id of the part."""
    return {
        part.id: line(part.gauge, known.get(part.gauge.signal, _NO_SERIES), _edges(part))
        for part in parts
    }


def _edges(part: Measure | HardRule) -> Sequence[float]:
    """The values at which a part changes its mind."""
    if isinstance(part, HardRule):
        return [bound for bound in (part.at_least, part.below) if bound is not None]
    return part.edges


class HealthSoFar(NamedTuple):
    """Where the fold stands: the state by score, the one that counts, since when, and the better
    one that waits until the present one has lasted long enough."""

    scored: Health = Health.UNKNOWN
    health: Health = Health.UNKNOWN
    since: datetime | None = None
    waiting: bool = False


class ScoredHealth(NamedTuple):
    """A score (None: too little is known), and what it is made of: the rules that hold, and the
    measures that count with what they are worth."""

    score: float | None
    hard: Sequence[tuple[HardRule, GaugeValue]]
    counted: Sequence[tuple[Measure, GaugeValue, float]]

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


class StateChange(NamedTuple):
    """The state from an instant on, and the score (None: too little is known). `places`: which
    value of its line each measure, and then each rule, has there; -1: none yet. `worth` are the
    points of each measure (None: it does not count)."""

    at: datetime
    state: HealthSoFar
    score: float | None
    places: tuple[int, ...]
    worth: tuple[float | None, ...]


def state_changes(
    policy: HealthPolicy,
    measures: Sequence[Measure],
    rules: Sequence[HardRule],
    lines: Mapping[str, Line],
) -> Iterator[StateChange]:
    """Every instant at which something may change, with the state from then on. Where no value is
    worth something else and nothing waits, all is as it was."""
    weights = [measure.weight for measure in measures]
    least = policy.least_share * sum(weights)
    state, score, before = HealthSoFar(), None, None
    for at, until, places, worth, held in _instants(measures, rules, lines):
        changed, before = (worth, held) != before, (worth, held)
        if changed:
            score = _score(weights, worth, least)
        if changed or state.waiting:
            state = _next(state, score, held, policy, at)
        yield StateChange(at, state, score, places, worth)
        if state.waiting and state.since is not None:
            later = state.since + policy.least_days
            if until is None or later < until:
                state = _next(state, score, held, policy, later)
                yield StateChange(later, state, score, places, worth)


def scored_health(
    measures: Sequence[Measure],
    rules: Sequence[HardRule],
    lines: Mapping[str, Line],
    turn: StateChange,
) -> ScoredHealth:
    """What is said at a turn, and by which values."""
    of_rules = turn.places[len(measures) :]
    counted = zip(measures, turn.places, turn.worth, strict=False)
    beside = [(r, lines[r.id].said(place)) for r, place in zip(rules, of_rules, strict=True)]
    return ScoredHealth(
        turn.score,
        [(rule, value) for rule, value in beside if rule.holds(value.value)],
        [
            (m, lines[m.id].said(place), points)
            for m, place, points in counted
            if points is not None
        ],
    )


_Instant = tuple[
    datetime, datetime | None, tuple[int, ...], tuple[float | None, ...], tuple[Health, ...]
]


def _instants(
    measures: Sequence[Measure], rules: Sequence[HardRule], lines: Mapping[str, Line]
) -> Iterator[_Instant]:
    """Every instant with the next one (None: there is none), the places of the values, what each
    measure is worth then and the state to which each rule holds it."""
    parts: tuple[Measure | HardRule, ...] = (*measures, *rules)
    instants, columns = _schedule(tuple([lines[part.id].turns for part in parts]))
    worth = [[*m.worth(lines[m.id].values), m.missing] for m in measures]
    held = [[*rule.held(lines[rule.id].values), Health.UNKNOWN] for rule in rules]
    many, of_rules = len(instants), columns[len(measures) :]
    worths, helds = _rows(worth, columns[: len(measures)], many), _rows(held, of_rules, many)
    places = zip(*columns, strict=True)
    return zip(instants, (*instants[1:], None), places, worths, helds, strict=False)


@lru_cache(maxsize=64)  # as `gauges`: an export measures all contracts at the same instants
def _schedule(
    turns: tuple[tuple[datetime, ...], ...],
) -> tuple[Sequence[datetime], Sequence[Sequence[int]]]:
    """All instants at which one of some lines turns, and which of its values each line has then;
    -1, the last one in a list of Python's, before its first."""
    instants = sorted(set().union(*turns))
    return instants, [[bisect_right(of, at) - 1 for at in instants] for of in turns]


def _rows(
    values: Sequence[Sequence[T]], columns: Sequence[Sequence[int]], many: int
) -> list[tuple[T, ...]]:
    """For each of so many instants the values that all lines have there."""
    of_each = [[v[n] for n in column] for v, column in zip(values, columns, strict=True)]
    return list(zip(*of_each, strict=True)) or [()] * many


def _score(weights: Sequence[float], worth: Sequence[float | None], least: float) -> float | None:
    """The weighted mean of what is known; None where its weight is below the least."""
    weight = total = 0.0
    for of_one, points in zip(weights, worth, strict=True):
        if points is not None:
            weight += of_one
            total += of_one * points
    return total / weight if weight and weight >= least else None


def _next(
    was: HealthSoFar,
    score: float | None,
    held: Sequence[Health],
    policy: HealthPolicy,
    at: datetime,
) -> HealthSoFar:
    """The state after a change. `held`: what rules make it at best."""
    scored = _scored(was.scored, score, policy.thresholds)
    wanted = scored
    for state in held:
        wanted = worse(wanted, state)
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
