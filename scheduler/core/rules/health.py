"""A customer's health follows what a person said, and else what the signals say.

    a person's word     until its end stands above what is measured
    the signals         the step of the health timeline that is in force
    nothing left        a person's word, however old; else not assessed
    a notice            makes it at best what the policy says, unless somebody has said otherwise
                        since

Always holds: a health timeline is made anew where its fingerprint is another one (other signals,
another policy, another stage), so an alarm at its next step is enough; a health that falls inside
the renewal window is told at once, one that is known for the first time is not.
"""

from dataclasses import replace
from datetime import datetime
from functools import cache
from hashlib import sha256
from typing import NamedTuple
from zoneinfo import ZoneInfo

from scheduler.core.deal.deal import (
    HEALTH_WORSE,
    NOTHING,
    Deal,
    Decision,
    Event,
    HealthChange,
    Nudge,
)
from scheduler.core.deal.pipeline import StageKind
from scheduler.core.health.assessing import assess
from scheduler.core.health.policy import HardRule, HealthPolicy, Measure
from scheduler.core.health.timeline import SEVERITY, HealthTimeline, Step, worse
from scheduler.core.policy.milestone_days import facts_of, today_of, zone_of
from scheduler.core.policy.policy import Policy
from scheduler.core.rules.nudges import nudges_of
from scheduler.core.words.lexicon import EventState, Health, Urgency
from scheduler.core.words.reasons import code_of, reason

_FINGERPRINT_LENGTH = 16


class _Standing(NamedTuple):
    """What the health is to be, and why."""

    health: Health
    because: str
    score: float | None = None


def health(deal: Deal, policy: Policy, now: datetime) -> Decision:
    """Follows the health timeline, made anew where it must be."""
    settings = policy.health
    stage = policy.pipeline(deal.pipeline).find(deal.stage)
    if settings is None or stage is None or not stage.is_open:
        return NOTHING
    measures, rules = meant_for(deal, settings)
    current, timeline = fingerprint_of(settings, measures, rules), deal.health_timeline
    if (measures or rules or timeline) and (timeline is None or timeline.fingerprint != current):
        known, zone = deal.signals or {}, ZoneInfo(policy.zone)
        made = assess(settings, measures, rules, known, now, current, zone)
        return _followed(deal, made, stage.kind, policy, settings, now)
    return _followed(deal, timeline, stage.kind, policy, settings, now)


def _followed(
    deal: Deal,
    timeline: HealthTimeline | None,
    stage: StageKind,
    policy: Policy,
    settings: HealthPolicy,
    now: datetime,
) -> Decision:
    """What follows from a health timeline, old or new, for a deal in a stage of this kind."""
    made = timeline if timeline is not deal.health_timeline else None
    wanted = _with_notice(_standing(deal, timeline, settings, now), deal, policy, settings)
    if wanted is None or (wanted.health, wanted.because) == (deal.health, deal.health_because):
        return Decision(wake_at=_wake_at(deal, timeline, settings, now), health_timeline=made)
    change = HealthChange(wanted.health, wanted.score, wanted.because)
    fell = _rank(wanted.health) > _rank(deal.health) > 0
    told_as_notice = code_of(wanted.because) == "health_notice"
    if not fell or told_as_notice or stage is not StageKind.RENEWAL:
        return Decision(health=change, health_timeline=made)
    event, nudges = _told(change, deal, policy, now)
    return Decision(health=change, health_timeline=made, events=(event,), nudges=nudges)


def meant_for(
    deal: Deal, settings: HealthPolicy
) -> tuple[tuple[Measure, ...], tuple[HardRule, ...]]:
    """The measures and rules for a deal of this kind in this stage."""
    if not settings.depends_on_deal:
        return settings.measures, settings.rules
    facts = facts_of(deal)

    def meant(part: Measure | HardRule) -> bool:
        return (not part.in_stages or deal.stage in part.in_stages) and all(
            condition.holds(facts) for condition in part.where
        )

    return tuple(filter(meant, settings.measures)), tuple(filter(meant, settings.rules))


def fingerprint_of(
    settings: HealthPolicy, measures: tuple[Measure, ...], rules: tuple[HardRule, ...]
) -> str:
    """The fingerprint of a health timeline: the policy, then what of it was meant for the deal."""
    meant: tuple[Measure | HardRule, ...] = (*measures, *rules)
    parts = [part.id for part in meant] if settings.depends_on_deal else []
    return " ".join([fingerprint(settings), *parts])


@cache
def fingerprint(settings: HealthPolicy) -> str:
    """A short hash of all that a health timeline is made by."""
    return sha256(repr(settings).encode()).hexdigest()[:_FINGERPRINT_LENGTH]


def must_be_made(kept: str, settings: HealthPolicy | None) -> bool:
    """Whether a deal whose health timeline has the fingerprint `kept` (empty: it has none) may need
    its signals: the health timeline is not of this policy, or what is measured depends on the deal
    itself."""
    if settings is None or not settings.parts:
        return False
    return settings.depends_on_deal or kept.partition(" ")[0] != fingerprint(settings)


def ahead(deal: Deal, policy: Policy, now: datetime) -> list[Step]:
    """What the deal's health will become by time alone, in order, if nothing is said or measured:
    signals get old, and what a person said ends."""
    settings = policy.health
    if settings is None:
        return []
    said, timeline = deal.said_health, deal.health_timeline
    until = said.ends_at(settings.override_for) if said is not None else None
    instants = {step.at for step in timeline.steps} if timeline else set[datetime]()
    steps, state = list[Step](), deal.health
    for at in sorted({*instants, *([until] if until else [])}):
        stands = _with_notice(_standing(deal, timeline, settings, at), deal, policy, settings)
        if at > now and stands is not None and stands.health is not state:
            steps.append(Step(at, stands.health, stands.score, stands.because))
            state = stands.health
    return steps


def _rank(state: Health) -> int:
    """How bad a state is; 0 where nothing is known."""
    return SEVERITY.index(state)


def _standing(
    deal: Deal, timeline: HealthTimeline | None, settings: HealthPolicy, now: datetime
) -> _Standing | None:
    """What a person or the signals say; None where neither has said anything."""
    said = deal.said_health
    if said is not None and said.holds(now, settings.override_for):
        return _Standing(said.state, said.because)
    step = timeline.step(now) if timeline else None
    if step is not None and step.state is not Health.UNKNOWN:
        return _Standing(step.state, step.because, step.score)
    if said is not None:
        return _Standing(said.state, said.because)
    if step is None:
        return None
    faded = "health_faded" if step.fresh_at is None else "health_too_little"
    return _Standing(Health.UNKNOWN, reason(faded))


def _with_notice(
    standing: _Standing | None, deal: Deal, policy: Policy, settings: HealthPolicy
) -> _Standing | None:
    """The same beside a notice; without one, what stood before it."""
    if deal.notice_on is None or settings.notice is None:
        by_notice = code_of(deal.health_because) == "health_notice"
        return _Standing(Health.UNKNOWN, "") if by_notice and standing is None else standing
    said = deal.said_health
    if said and said.at.astimezone(zone_of(deal, policy)).date() > deal.notice_on:
        return standing
    now = standing.health if standing else deal.health
    if worse(now, settings.notice) is now:
        return standing
    return _Standing(settings.notice, reason("health_notice", on=deal.notice_on))


def _wake_at(
    deal: Deal, timeline: HealthTimeline | None, settings: HealthPolicy, now: datetime
) -> datetime | None:
    """When time alone may change the health."""
    said = deal.said_health
    until = said.ends_at(settings.override_for) if said is not None else None
    until = until if until is not None and until > now else None
    ahead = timeline.next_at(now) if timeline else None
    return min((at for at in (until, ahead) if at is not None), default=None)


def _told(
    change: HealthChange, deal: Deal, policy: Policy, now: datetime
) -> tuple[Event, tuple[Nudge, ...]]:
    """The owner hears that it fell, and of a critical customer the manager too."""
    today = today_of(deal, policy, now)
    step = sum(event.anchor_on == today for event in deal.ledger.of(HEALTH_WORSE))
    why = reason("health_worse", health=change.health.value, why=change.because)
    event = Event(HEALTH_WORSE, today, today, EventState.FIRED, why, now, step=step)
    tell = ("owner", "manager") if change.health is Health.CRITICAL else ("owner",)
    nudges = tuple(
        replace(nudge, urgency=Urgency.PRESSING) if nudge.urgency is Urgency.NORMAL else nudge
        for nudge in nudges_of(event, tell, deal, policy)
    )
    return event, nudges
