"""A deal lived ahead until its last milestone, if nobody answers: what `decide` will say."""

from dataclasses import dataclass, field
from datetime import date, datetime

from scheduler.core.deal.deal import Deal, Decision, Event
from scheduler.core.facts.coming import at_once
from scheduler.core.policy.milestone_days import (
    due_days,
    zone_of,
)
from scheduler.core.policy.milestones import Milestone
from scheduler.core.policy.policy import Policy
from scheduler.core.rules.delivery_window import person_of
from scheduler.core.rules.projection import live
from scheduler.core.time.dates import local_day
from scheduler.core.words.lexicon import NudgeState
from scheduler.services.deals.deal_story import AskedPerson

_LEAST_AHEAD, _MOST_AHEAD = 800, 3650
"""How many days are lived ahead: up to the last milestone's day, within these bounds."""


@dataclass(frozen=True, slots=True)
class ForeseenDay:
    """What `decide` will say about a day, and when; where it moves the deal, and who will be
    told."""

    event: Event
    at: datetime
    moves: tuple[str, ...]
    asked: tuple[AskedPerson, ...]


@dataclass(slots=True)
class LivedAhead:
    """The life ahead if nobody answers: by (milestone, anchor) what will be said, and when and how
    it is over."""

    days: dict[tuple[str, date], ForeseenDay] = field(default_factory=dict)
    over_on: date | None = None
    over_because: str = ""
    undecided: bool = False


def milestones_of(deal: Deal, policy: Policy) -> list[Milestone]:
    """The milestones of the deal's pipeline."""
    return [m for m in policy.milestones if m.pipeline == deal.pipeline]


def days_ahead(deal: Deal, policy: Policy, today: date) -> int:
    """How many days must be lived ahead to get past the last milestone."""
    furthest = max(
        (d.day_on for m in milestones_of(deal, policy) for d in due_days(m, deal, policy, today)),
        default=today,
    )
    return min(
        _MOST_AHEAD, (date.max - today).days - 1, max(_LEAST_AHEAD, (furthest - today).days + 31)
    )


def lived_ahead(deal: Deal, policy: Policy, now: datetime, until: datetime) -> LivedAhead:
    """Everything that will be decided until the deal is over."""
    ahead = LivedAhead()
    try:
        for look in live(deal, policy, now, until, at_once):
            decision = look.decision
            moves = tuple(p.to_stage for p in decision.moves)
            for event in decision.events:
                ahead.days.setdefault(
                    (event.milestone, event.anchor_on),
                    ForeseenDay(event, look.at, moves, _asked(event, decision, look.deal)),
                )
            if decision.won or decision.lost:
                ahead.over_on, ahead.over_because = (
                    local_day(look.at, zone_of(deal, policy)),
                    decision.moves[-1].because,
                )
                break
    except Exception:  # one deal's fault, whatever it is, must not hide what is known of it
        ahead.undecided = True
    return ahead


def _asked(event: Event, decision: Decision, deal: Deal) -> tuple[AskedPerson, ...]:
    """The people whom a decision tells of an event."""
    told = (
        n
        for n in decision.nudges
        if (n.milestone, n.anchor_on, n.step) == event.key and n.state is not NudgeState.CANCELLED
    )
    return tuple(
        AskedPerson(
            person.name
            if (person := person_of(n, deal))
            else n.recipient.address or n.recipient.key,
            n.because,
        )
        for n in told
    )
