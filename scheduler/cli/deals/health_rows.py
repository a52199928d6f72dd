"""How a customer does, in rows of a contract's head: what counts and why, the score, how fresh it
is, what a person said and until when, and what time alone will change."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from scheduler.cli.terminal.say import text
from scheduler.cli.terminal.words import because, day_word, health_word, left
from scheduler.core.facts.health_facts import HealthFacts
from scheduler.core.words.labels import Label
from scheduler.core.words.lexicon import Health

if TYPE_CHECKING:
    from scheduler.core.policy.policy import Policy
    from scheduler.services.deals.deal_story import DealStory


def health_rows(told: "DealStory", policy: "Policy") -> Iterator[tuple[str, Any]]:
    """The rows; without `[health]`, and of a deal that is over, the first alone."""
    of, zone = told.health, ZoneInfo(told.counted.zone)
    yield text("Health"), _stands(of, policy, zone)
    if policy.health is None or not told.is_open:
        return
    if of.score is not None:
        yield text("Score"), _score(of.score, of.trend)
    if of.measured is not None:
        yield text("Newest signal"), _fresh(of, told.today, zone)
    if of.said is not None:
        yield text("Said", context="health"), _said(of, policy, zone)
    if of.said is not None and of.said_holds and of.measured is not None:
        yield text("Signals say"), reasoned(of.measured.state, of.measured.because, policy)
    if of.asked_at is not None and (of.known_at is None or of.known_at < of.asked_at):
        yield text("Asked", context="health"), _day(of.asked_at, zone) + text(", no answer yet")
    days = [(step.at.astimezone(zone).date(), step) for step in of.ahead]
    before_end = [(d, step) for d, step in days if told.ends_on is None or d < told.ends_on]
    for number, (day, step) in enumerate(before_end):
        words = reasoned(step.state, step.because, policy)
        yield (
            "" if number else text("Without news"),
            text(
                "{day}, {left}: {words}",
                day=day_word(day),
                left=left(day, told.today),
                words=words,
            ),
        )


def reasoned(state: Health, why: str, policy: "Policy") -> str:
    """A state with its reason."""
    named, said = health_word(state.value, policy), because(why, policy) if why else ""
    return text("{named} ({said})", named=named, said=said) if said else named


def _stands(of: HealthFacts, policy: "Policy", zone: ZoneInfo) -> str:
    """The state in force, why, and since when."""
    words = reasoned(of.health, of.because, policy)
    if of.since is None or of.health is Health.UNKNOWN:
        return words
    return text("{words}, since {day}", words=words, day=_day(of.since, zone))


def score_word(score: float | None) -> str:
    """A score, of 100; empty where there is none."""
    return "" if score is None else f"{score:.0f}"


def _score(score: float, trend: float | None) -> str:
    """The score and how it has changed."""
    of = text("{score} of 100", score=score_word(score))
    if trend is None:
        return of
    change = f"{trend:+.0f}".replace("-", "−")
    moved = (
        Label("{change} in 30 days", change=change)
        if round(trend)
        else Label("as it was 30 days ago")
    )
    return text("{of}, {moved}", of=of, moved=moved)


def _fresh(of: HealthFacts, today: date, zone: ZoneInfo) -> str:
    """When the newest signal behind it was measured."""
    at = of.measured.fresh_at if of.measured else None
    if at is None:
        return text("none that is still valid")
    day = at.astimezone(zone).date()
    words = text("{day}, {left}", day=day_word(day), left=left(day, today))
    return text("{words}; too old to count", words=words) if of.old else words


def _said(of: HealthFacts, policy: "Policy", zone: ZoneInfo) -> str:
    """The state a person gave, who and when, and how long it counts."""
    said = of.said
    assert said is not None
    named = health_word(said.state.value, policy)
    words = text("{named}, by {by} on {day}", named=named, by=said.by, day=_day(said.at, zone))
    if said.because and said.because != of.because:
        words += text(" (“{note}”)", note=because(said.because, policy))
    if of.said_until is None:
        return text("{words}; counts until somebody says otherwise", words=words)
    until = _day(of.said_until - timedelta(microseconds=1), zone)
    return (
        text("{words}; counts until {until}", words=words, until=until)
        if of.said_holds
        else text("{words}; counted until {until}", words=words, until=until)
    )


def _day(at: datetime, zone: ZoneInfo) -> str:
    """The day of an instant."""
    return day_word(at.astimezone(zone).date())
