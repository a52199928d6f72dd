"""Stages that follow other facts than milestones: a replaced stage, onboarding that is over, a
health that changed.

Always holds: a stage that took another's place (`was`) is the same stage: its deals entered it when
they entered the other one.
"""

from datetime import date, datetime, timedelta

from scheduler.core.deal.deal import NOTHING, Deal, Decision
from scheduler.core.deal.pipeline import Pipeline, StageKind, move
from scheduler.core.policy.milestone_days import day_start, zone_of
from scheduler.core.policy.policy import Policy
from scheduler.core.rules.nudges import policy_actor
from scheduler.core.words.reasons import code_of, reason


def stages(deal: Deal, policy: Policy, now: datetime) -> Decision:
    """Moves the deal to the stage its own facts ask for, if it is another one."""
    pipeline = policy.pipeline(deal.pipeline)
    stage = pipeline.find(deal.stage)
    if stage is None:
        return _to(deal, policy, _home(deal, pipeline), reason("stage_gone", old=deal.stage), now)
    if stage.id != deal.stage:
        return Decision(renamed=stage.id)
    if stage.kind is StageKind.ONBOARDING and pipeline.onboarding_days is not None:
        return _onboarding(deal, policy, pipeline, pipeline.onboarding_days, now)
    if stage.kind is StageKind.ACTIVE:
        home = _home(deal, pipeline)
        if home != stage.id:
            return _to(deal, policy, home, _by_health(deal), now)
    return NOTHING


def _home(deal: Deal, pipeline: Pipeline) -> str:
    """The stage of the deal's health, or the pipeline's first if it has no stages for health."""
    active = pipeline.active_stage(deal.health, deal.stage)
    return active.id if active else pipeline.first.id


def _by_health(deal: Deal) -> str:
    """That the health says so, with what was measured."""
    measured = code_of(deal.health_because) is not None
    if not measured:
        return reason("health", health=deal.health.value)
    return reason("health_measured", health=deal.health.value, why=deal.health_because)


def _to(deal: Deal, policy: Policy, target: str, why: str, now: datetime) -> Decision:
    """One move by the policy."""
    return Decision(
        moves=(
            move(
                policy.pipeline(deal.pipeline), deal.stage, target, policy_actor(policy), why, now
            ),
        )
    )


def _onboarding(
    deal: Deal, policy: Policy, pipeline: Pipeline, days: int, now: datetime
) -> Decision:
    """Onboarding ends by itself after `days`, counted from the contract's start or the stage's,
    whichever is later."""
    zone = zone_of(deal, policy)
    entered_on = deal.stage_entered_at.astimezone(zone).date()
    over_on: date = max(entered_on, deal.contract.starts_on or entered_on) + timedelta(days=days)
    wake_at = day_start(over_on, zone)
    if now < wake_at:
        return Decision(wake_at=wake_at)
    return _to(deal, policy, _home(deal, pipeline), reason("onboarded_by_days", days=days), now)
