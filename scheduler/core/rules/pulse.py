"""The pulse: where nothing fresh is known of how a customer does, the owner is asked before it
matters.

Asked some months before the end, and whenever the latest knowledge is older than the policy allows,
though not by age shortly before the end; one press answers. A customer whose signals are fresh is
never asked about, and from the end of the term on nobody is: what became of it is asked then. A
deal that has just arrived counts as known for as long as any other, so that a first load asks
nothing at once.
"""

from datetime import date, datetime
from typing import NamedTuple

from scheduler.core.deal.deal import NOTHING, PULSE, Cancel, Deal, Decision, Event
from scheduler.core.deal.pipeline import StageKind
from scheduler.core.health.policy import HealthPolicy
from scheduler.core.policy.milestone_days import calendar_of, day_start, today_of, zone_of
from scheduler.core.policy.policy import Policy
from scheduler.core.rules.nudges import nudges_of
from scheduler.core.time.dates import add_months
from scheduler.core.words.lexicon import EventState, Health
from scheduler.core.words.reasons import iso, reason

_ASKED_IN = (StageKind.ACTIVE, StageKind.RENEWAL)


class _Question(NamedTuple):
    """The day on which the owner is asked, and why."""

    day: date
    because: str


def pulse(deal: Deal, policy: Policy, now: datetime) -> Decision:
    """Asks how the customer does; cancels a question that has become needless before it was
    sent."""
    settings = policy.health
    stage = policy.pipeline(deal.pipeline).find(deal.stage)
    if settings is None or stage is None or stage.kind not in _ASKED_IN or deal.notice_on:
        return NOTHING
    known_at = known_since(deal, now)
    if needless := _needless(deal, known_at):
        return Decision(cancels=needless)
    known_on = known_at.astimezone(zone_of(deal, policy)).date() if known_at else None
    over_on = _last_day(deal)
    if over_on is not None and today_of(deal, policy, now) >= over_on:
        return NOTHING
    questions = [
        question
        for question in (
            *_aged(deal, policy, settings, known_on),
            *_before_end(deal, policy, settings, known_on),
        )
        if over_on is None or question.day < over_on
    ]
    if not questions:
        return NOTHING
    zone = zone_of(deal, policy)
    due = [question for question in questions if day_start(question.day, zone) <= now]
    if not due:
        return Decision(wake_at=day_start(min(questions).day, zone))
    day, why = max(due)
    event = Event(PULSE, day, today_of(deal, policy, now), EventState.FIRED, why, now)
    return Decision(events=(event,), nudges=nudges_of(event, ("owner",), deal, policy))


def _last_day(deal: Deal) -> date | None:
    """The last day of the term; None where it has no end."""
    return None if deal.contract.evergreen else deal.contract.ends_on


def known_since(deal: Deal, now: datetime) -> datetime | None:
    """When the latest knowledge of the customer's health was given or measured; None if there has
    never been any."""
    said, step = deal.said_health, deal.health_timeline.step(now) if deal.health_timeline else None
    known = [said.at] if said is not None and said.state is not Health.UNKNOWN else []
    if step is not None and step.state is not Health.UNKNOWN and step.fresh_at is not None:
        known.append(step.fresh_at)
    return max(known, default=None)


def _needless(deal: Deal, known_at: datetime | None) -> tuple[Cancel, ...]:
    """The unsent questions whose answer has become known since."""
    if known_at is None:
        return ()
    asked = {event.key: event.at for event in deal.ledger.of(PULSE)}
    return tuple(
        Cancel(nudge.key, reason("already_answered"))
        for nudge in deal.ledger.unsent
        if nudge.milestone == PULSE
        and (at := asked.get((nudge.milestone, nudge.anchor_on, nudge.step))) is not None
        and known_at > at
    )


def _aged(
    deal: Deal, policy: Policy, settings: HealthPolicy, known_on: date | None
) -> list[_Question]:
    """The day on which the knowledge is too old; a question without an answer starts the time
    anew. Shortly before a day on which it must be known, that day asks; shortly before the end the
    renewal itself does."""
    if settings.pulse_after is None:
        return []
    asked = [event.day_on for event in deal.ledger.of(PULSE)]
    day = max([known_on or _arrived_on(deal, policy), *asked]) + settings.pulse_after
    ends_on = _last_day(deal)
    if ends_on is not None and day >= ends_on - settings.pulse_fresh:
        return []
    if any(on - settings.pulse_fresh <= day <= on for on, _ in _known_by(deal, policy, settings)):
        return []
    why = reason("pulse_old", on=iso(known_on)) if known_on else reason("pulse_never")
    return [_Question(day, why)]


def _before_end(
    deal: Deal, policy: Policy, settings: HealthPolicy, known_on: date | None
) -> list[_Question]:
    """The days before the end on which it must be known, except those on which it is fresh."""
    heard = [event.day_on for event in deal.ledger.of(PULSE)] + ([known_on] if known_on else [])
    return [
        _Question(day, reason("pulse_before", months=months))
        for day, months in _known_by(deal, policy, settings)
        if not any(on >= day - settings.pulse_fresh for on in heard)
    ]


def _known_by(deal: Deal, policy: Policy, settings: HealthPolicy) -> list[tuple[date, int]]:
    """The days since the deal arrived on which it must be known, each with its months before the
    end. On a closed day it is the one before, as for milestones that count back from the end, so
    that both come in one message."""
    ends_on, calendar = _last_day(deal), calendar_of(deal, policy)
    if ends_on is None:
        return []
    arrived_on = _arrived_on(deal, policy)
    days = (
        (calendar.on_or_before(add_months(ends_on, -months)), months)
        for months in settings.pulse_months
    )
    return [(day, months) for day, months in days if day >= arrived_on]


def _arrived_on(deal: Deal, policy: Policy) -> date:
    """The day on which the deal arrived, in its own zone."""
    return deal.arrived_at.astimezone(zone_of(deal, policy)).date()
