"""Assesses a customer: from signals to a state, the reasons for it and its health timeline.

    gauges        each measure's value over time
    points        what a value is worth, by the measure's bands
    score         the weighted mean of the points, where enough is known
    state         by thresholds that differ for entering and leaving; a hard rule stands beside
    timeline      the same, followed past now: what ageing alone will bring

Always holds: the whole past is followed from the first signal on, so late, repeated and corrected
signals give what orderly ones give.
"""

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from functools import partial
from operator import attrgetter

from scheduler.core.health.contributions import in_words
from scheduler.core.health.gauges import Line
from scheduler.core.health.policy import HardRule, HealthPolicy, Measure
from scheduler.core.health.signals import KnownSeries
from scheduler.core.health.timeline import HealthTimeline, Step
from scheduler.core.health.transitions import (
    ScoredHealth,
    StateChange,
    gauge_lines,
    scored_health,
    state_changes,
)
from scheduler.core.words.lexicon import Health

TREND = timedelta(days=30)
"""How far back the trend looks."""


_AT = attrgetter("at")
_Told = Callable[[StateChange], ScoredHealth]
"""Says what stands behind a turn."""


def assess(
    policy: HealthPolicy,
    measures: Sequence[Measure],
    rules: Sequence[HardRule],
    known: KnownSeries,
    now: datetime,
    fingerprint: str,
    zone: tzinfo = UTC,
) -> HealthTimeline:
    """The health timeline at `now`. `measures` and `rules` are those of `policy` that are meant for
    this deal; `known` is all that was measured; reasons say days in `zone`."""
    lines = gauge_lines((*measures, *rules), known)
    turns = list(state_changes(policy, measures, rules, lines))
    told = partial(scored_health, measures, rules, lines)
    count = bisect_right(turns, now, key=_AT)
    past = turns[:count]
    present = _present(past, told, zone)
    ahead = _ahead(present, turns[count:])
    steps = tuple(_step(turn, told(turn), zone) for turn in (*present, *ahead))
    return HealthTimeline(
        fingerprint, steps, past[-1].state.since if past else None, _trend(past, now)
    )


def _present(past: Sequence[StateChange], told: _Told, zone: tzinfo) -> list[StateChange]:
    """The turn that began the present state, as a list (empty without a past): the first of the
    latest turns that say the same. Words cost time, so nothing is compared further back."""
    place = len(past) - 1
    while place > 0 and not _differs(past[place - 1], past[place], told, zone):
        place -= 1
    return list(past[max(place, 0) : place + 1])


def _ahead(present: Sequence[StateChange], later: Sequence[StateChange]) -> list[StateChange]:
    """The later turns in which the state is another one: a score that moves inside a state is not
    worth a look."""
    kept: list[StateChange] = []
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
    lines: Mapping[str, Line],
    at: datetime,
) -> Health:
    """The state at an instant. `lines` are the gauges' values over time by the ids of what is made
    of them (`gauge_lines`), made once for policies that differ in what they count."""
    parts: tuple[Measure | HardRule, ...] = (*measures, *rules)
    counted = {part.id: lines[part.id] for part in parts}
    found = Health.UNKNOWN
    for turn in state_changes(policy, measures, rules, counted):
        if turn.at > at:
            break
        found = turn.state.health
    return found


def _step(turn: StateChange, scored: ScoredHealth, zone: tzinfo) -> Step:
    """The step that is kept."""
    because = in_words(scored.contributions, zone)
    return Step(turn.at, turn.state.health, scored.score, because, scored.fresh_at)


def _differs(one: StateChange, other: StateChange, told: _Told, zone: tzinfo) -> bool:
    """Whether the second says anything new: in words too, where nothing else differs."""
    if one.state.health is not other.state.health or one.score != other.score:
        return True
    if one.places == other.places:
        return False
    before, after = told(one), told(other)
    if before.fresh_at != after.fresh_at:
        return True
    return before != after and (
        in_words(before.contributions, zone) != in_words(after.contributions, zone)
    )


def _trend(past: Sequence[StateChange], now: datetime) -> float | None:
    """How the score has changed since thirty days ago."""
    count = bisect_right(past, now - TREND, key=_AT)
    before, score = (past[count - 1].score, past[-1].score) if count else (None, None)
    return None if before is None or score is None else score - before
