"""Assesses a customer: from signals to a state, the reasons for it and its outlook.

    gauges        each measure's value over time
    points        what a value is worth, by the measure's bands
    score         the weighted mean of the points, where enough is known
    state         by thresholds that differ for entering and leaving; a hard rule stands beside
    outlook       the same, followed past now: what ageing alone will bring

Always holds: the whole past is followed from the first signal on, so late, repeated and corrected
signals give what orderly ones give; a state gets worse at once and better only after it has lasted
`least_days`; between the thresholds nothing changes.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import NamedTuple

from scheduler.core.health.gauges import GaugeValue, values
from scheduler.core.health.outlook import SEVERITY, Outlook, Step, worse
from scheduler.core.health.policy import FULL, HardRule, HealthPolicy, Measure, Reads, Thresholds
from scheduler.core.health.signals import Signal
from scheduler.core.words.lexicon import Health
from scheduler.core.words.reasons import reason

TREND = timedelta(days=30)
"""How far back the trend looks."""
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one measure or rule takes from a full score: `cost` points of it."""

    part: Measure | HardRule
    value: GaugeValue
    cost: float

    def because(self, zone: tzinfo) -> str:
        """The reason in words: "logins −38% in 30 days"; days are those of `zone`."""
        gauge, value = self.part.gauge, self.value.value
        if value is None:
            return reason("measured_nothing", measure=self.part.id)
        days = round(gauge.window / timedelta(days=1))
        if gauge.reads is Reads.CHANGE:
            return reason("measured_change", measure=self.part.id, value=_signed(value), days=days)
        if gauge.reads is Reads.AGE:
            return reason("measured_age", measure=self.part.id, days=int(value))
        if gauge.reads is Reads.LATEST:
            on = self.value.of.astimezone(zone).date().isoformat() if self.value.of else "—"
            if isinstance(self.part, HardRule) and value == self.part.at_least == 1:
                return reason("measured_yes", measure=self.part.id, on=on)
            return reason("measured_latest", measure=self.part.id, value=f"{value:g}", on=on)
        return reason("measured_window", measure=self.part.id, value=f"{value:g}", days=days)


def _signed(share: float) -> str:
    """A change, with its sign.

    >>> _signed(-0.38), _signed(0.05)
    ('−38%', '+5%')
    """
    return f"{share:+.0%}".replace("-", "−")


@dataclass(frozen=True, slots=True)
class _State:
    """Where the fold stands: the state by score, the one that counts, since when, and the better
    one that waits until the present one has lasted long enough."""

    scored: Health = Health.UNKNOWN
    health: Health = Health.UNKNOWN
    since: datetime | None = None
    waiting: bool = False


def assess(
    policy: HealthPolicy,
    measures: Sequence[Measure],
    rules: Sequence[HardRule],
    signals: Sequence[Signal],
    now: datetime,
    mark: str,
    zone: tzinfo = UTC,
) -> Outlook:
    """The outlook at `now`. `measures` and `rules` are those of `policy` that are meant for this
    deal; `signals` come in any order; reasons say days in `zone`."""
    lines = gauge_lines((*measures, *rules), signals)
    turns = list(_followed(policy, measures, rules, lines))
    past = [turn for turn in turns if turn.at <= now]
    present = _present(past, zone)
    ahead = _ahead(present, turns[len(past) :])
    steps = tuple(_step(turn, zone) for turn in (*present, *ahead))
    return Outlook(mark, steps, past[-1].state.since if past else None, _trend(past, now))


def _present(past: Sequence["_Turn"], zone: tzinfo) -> list["_Turn"]:
    """The turn from which on all is as it is now, if there is one: of those that say the same the
    first. Words are wanted of few turns, so nothing is compared further back."""
    place = len(past) - 1
    while place > 0 and not _differs(past[place - 1], past[place], zone):
        place -= 1
    return list(past[max(place, 0) : place + 1])


def _ahead(present: Sequence["_Turn"], later: Sequence["_Turn"]) -> list["_Turn"]:
    """The later turns in which the state is another one: a score that moves inside a state is not
    worth a look."""
    kept: list[_Turn] = []
    health = present[-1].state.health if present else None
    for turn in later:
        if turn.state.health is not health:
            kept.append(turn)
            health = turn.state.health
    return kept


def state_at(
    policy: HealthPolicy,
    measures: Sequence[Measure],
    rules: Sequence[HardRule],
    lines: Mapping[str, Sequence[GaugeValue]],
    at: datetime,
) -> Health:
    """The state at an instant. `lines` are the gauges' values over time by the ids of what is made
    of them (`gauge_lines`), made once for policies that differ in what they count."""
    parts: tuple[Measure | HardRule, ...] = (*measures, *rules)
    counted = {part.id: lines[part.id] for part in parts}
    found = Health.UNKNOWN
    for turn in _followed(policy, measures, rules, counted):
        if turn.at > at:
            break
        found = turn.state.health
    return found


def gauge_lines(
    parts: Sequence[Measure | HardRule], signals: Sequence[Signal]
) -> dict[str, list[GaugeValue]]:
    """The values over time of each part, by its id."""
    ordered = sorted(signals, key=lambda s: (s.at, s.source, s.value))
    by_name: dict[str, list[Signal]] = {}
    for signal in ordered:
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


_Known = tuple[Measure, GaugeValue, float]
"""A measure, its value and what that is worth."""


class _Said(NamedTuple):
    """A score (None: too little is known), when the newest signal behind it was measured, and what
    it is made of: the rules that hold, and where there is a score the measures."""

    score: float | None
    fresh_at: datetime | None
    hard: tuple[tuple[HardRule, GaugeValue], ...]
    known: Sequence[_Known] = ()

    @property
    def contributions(self) -> list[Contribution]:
        """What took from the score, rules before the measures that cost most."""
        beyond = [Contribution(rule, value, FULL) for rule, value in self.hard]
        weight = sum(m.weight for m, _, _ in self.known)
        costs = [
            Contribution(m, v, m.weight * (FULL - p) / weight) for m, v, p in self.known if p < FULL
        ]
        return beyond + sorted(costs, key=lambda c: -c.cost)


class _Turn(NamedTuple):
    """The state from an instant on. Its reasons are put into words where they are wanted."""

    at: datetime
    state: _State
    said: _Said


def _followed(
    policy: HealthPolicy,
    measures: Sequence[Measure],
    rules: Sequence[HardRule],
    lines: Mapping[str, Sequence[GaugeValue]],
) -> Iterator[_Turn]:
    """Every instant at which something changes, with the state from then on."""
    turns: dict[datetime, list[tuple[str, GaugeValue]]] = {}
    for part, line in lines.items():
        for value in line:
            turns.setdefault(value.at, []).append((part, value))
    current: dict[str, GaugeValue] = {}
    state = _State()
    ordered = sorted(turns)
    for number, at in enumerate(ordered):
        current.update(turns[at])
        hard = [r for r in rules if r.id in current and r.holds(current[r.id].value)]
        said = _said(measures, hard, current, policy)
        state = _next(state, said.score, hard, policy, at)
        yield _Turn(at, state, said)
        if state.waiting and state.since is not None:
            later = state.since + policy.least_days
            if number + 1 == len(ordered) or later < ordered[number + 1]:
                state = _next(state, said.score, hard, policy, later)
                yield _Turn(later, state, said)


def _said(
    measures: Sequence[Measure],
    hard: Sequence[HardRule],
    current: dict[str, GaugeValue],
    policy: HealthPolicy,
) -> _Said:
    """The score of the present values, and what it is made of."""
    beyond = tuple((rule, current[rule.id]) for rule in hard)
    known = [
        (m, value, points)
        for m in measures
        if (points := m.points((value := current.get(m.id, _NOTHING)).value)) is not None
    ]
    of = [value.of for _, value in beyond] + [value.of for _, value, _ in known]
    fresh_at = max((at for at in of if at is not None), default=None)
    weight = sum(m.weight for m, _, _ in known)
    if not known or weight < policy.least_share * sum(m.weight for m in measures):
        return _Said(None, fresh_at, beyond)
    score = sum(m.weight * points for m, _, points in known) / weight
    return _Said(score, fresh_at, beyond, known)


_NOTHING = GaugeValue(datetime.min.replace(tzinfo=UTC), None)


def _next(
    was: _State,
    score: float | None,
    hard: Sequence[HardRule],
    policy: HealthPolicy,
    at: datetime,
) -> _State:
    """The state after a change."""
    scored = _scored(was.scored, score, policy.thresholds)
    wanted = scored
    for rule in hard:
        wanted = worse(wanted, rule.state)
    if wanted is was.health:
        return _State(scored, wanted, was.since)
    better = SEVERITY.index(Health.UNKNOWN) < SEVERITY.index(wanted) < SEVERITY.index(was.health)
    if better and was.since is not None and at < was.since + policy.least_days:
        return _State(scored, was.health, was.since, waiting=True)
    return _State(scored, wanted, at)


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


def _step(turn: _Turn, zone: tzinfo) -> Step:
    """The step that is kept."""
    said = turn.said
    because = _because(said.contributions, zone)
    return Step(turn.at, turn.state.health, said.score, because, said.fresh_at)


def _because(contributions: Sequence[Contribution], zone: tzinfo) -> str:
    """The largest contributions in words."""
    parts = [c.because(zone) for c in contributions[:_SHOWN]]
    if not parts:
        return ""
    return (
        parts[0]
        if len(parts) == 1
        else reason(
            f"measured_{len(parts)}", **dict(zip(("first", "second", "third"), parts, strict=False))
        )
    )


def _differs(one: _Turn, other: _Turn, zone: tzinfo) -> bool:
    """Whether the second says anything new: in words too, where nothing else differs."""
    if one.state.health is not other.state.health or one.said.score != other.said.score:
        return True
    if one.said.fresh_at != other.said.fresh_at:
        return True
    if one.said == other.said:
        return False
    return _because(one.said.contributions, zone) != _because(other.said.contributions, zone)


def _trend(past: Sequence[_Turn], now: datetime) -> float | None:
    """How the score has changed since thirty days ago."""
    scores = [turn.said.score for turn in past if turn.at <= now - TREND]
    if not scores or scores[-1] is None or past[-1].said.score is None:
        return None
    return past[-1].said.score - scores[-1]
