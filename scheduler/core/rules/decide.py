"""The heart: `decide(deal, policy, now) -> Decision` (DESIGN §4).

Always holds: pure; the same arguments give the same decision; run to a fixed point, so deciding
again at the same instant says nothing new; `wake_at` is the next instant at which it could say
something new, so looking only then gives the same life as looking all the time.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from scheduler.core.deal.deal import Deal, Decision, Nudge
from scheduler.core.policy.policy import Policy
from scheduler.core.rules.firing import fire_milestones
from scheduler.core.rules.followup import followup
from scheduler.core.rules.forecast_calls import calls
from scheduler.core.rules.health import health
from scheduler.core.rules.pulse import pulse
from scheduler.core.rules.renewal import renewal
from scheduler.core.rules.stages import stages
from scheduler.core.rules.succession import succession
from scheduler.core.words.lexicon import EventState, NudgeState

Rule = Callable[[Deal, Policy, datetime], Decision]

RULES: tuple[Rule, ...] = (
    renewal,
    health,
    stages,
    fire_milestones,
    calls,
    pulse,
    followup,
    succession,
)
"""In this order: an outcome comes before the reminders it makes needless."""

_ROUNDS = 64


class UndecidedError(Exception):
    """The rules did not come to rest: a policy that moves a deal in circles."""


def decide(deal: Deal, policy: Policy, now: datetime) -> Decision:
    """What to do with `deal` now, and when to look again. Raises UndecidedError if the rules never
    come to rest."""
    return decided(deal, policy, now)[0]


def decided(deal: Deal, policy: Policy, now: datetime) -> tuple[Decision, Deal]:
    """The decision, and the deal as it will be once the decision is written."""
    total = Decision()
    for _ in range(_ROUNDS):
        wakes = []
        for rule in RULES:
            said = rule(deal, policy, now)
            if said.changes:
                break
            if said.wake_at is not None:
                wakes.append(said.wake_at)
        else:
            wake_at = min(wakes, default=None)
            return (
                replace(total, wake_at=wake_at) if total.changes else Decision(wake_at=wake_at)
            ), deal
        deal = after(deal, said)
        total = _plus(total, said)
    raise UndecidedError(
        f"deal {deal.key}: the rules do not come to rest at {now.isoformat()} (stage "
        f"{deal.stage}); check moves_to of the milestones"
    )


def after(deal: Deal, decision: Decision) -> Deal:
    """The deal as it will be once `decision` is written."""
    events, nudges = deal.events, (*deal.nudges, *decision.nudges)
    if decision.withdrawn:
        changed = {e.id or e.key: e for e in decision.withdrawn}
        events = tuple(
            e if e.state is EventState.WITHDRAWN else changed.get(e.id or e.key, e) for e in events
        )
    if decision.cancels:
        cancelled = {c.key: c.reason for c in decision.cancels}
        nudges = tuple(
            replace(n, state=NudgeState.CANCELLED, reason=cancelled[n.key])
            if n.key in cancelled
            else n
            for n in nudges
        )
    said = decision.health
    stage, entered_at = decision.renamed or deal.stage, deal.stage_entered_at
    if decision.moves:
        last = decision.moves[-1]
        stage, entered_at = last.to_stage, last.at or entered_at
    return replace(
        deal,
        stage=stage,
        stage_entered_at=entered_at,
        events=(*events, *decision.events),
        nudges=nudges,
        won=decision.won or deal.won,
        lost=decision.lost or deal.lost,
        health_timeline=decision.health_timeline or deal.health_timeline,
        health=said.health if said else deal.health,
        health_because=said.because if said else deal.health_because,
    )


def _plus(total: Decision, news: Decision) -> Decision:
    """Combines two decisions, one after the other; a nudge of the first that the second cancels is
    created already cancelled."""
    if not total.changes:
        return news
    cancelled = {c.key: c.reason for c in news.cancels}

    def settled(nudge: Nudge) -> Nudge:
        return (
            replace(nudge, state=NudgeState.CANCELLED, reason=cancelled[nudge.key])
            if nudge.key in cancelled
            else nudge
        )

    new = {n.key for n in total.nudges}
    return Decision(
        moves=total.moves + news.moves,
        events=total.events + news.events,
        withdrawn=total.withdrawn + news.withdrawn,
        nudges=tuple(settled(n) for n in total.nudges) + news.nudges,
        cancels=total.cancels + tuple(c for c in news.cancels if c.key not in new),
        won=news.won or total.won,
        lost=news.lost or total.lost,
        successor=news.successor or total.successor,
        renamed=news.renamed or total.renamed,
        health=news.health or total.health,
        health_timeline=news.health_timeline or total.health_timeline,
    )
