"""What is known of how one customer does: for `show`, `health show` and whoever else tells it.

Always holds: what counts and what the signals say stand beside each other; what time alone will
change comes from the rule that will change it.
"""

from dataclasses import dataclass
from datetime import datetime

from scheduler.core.deal.deal import PULSE, Deal
from scheduler.core.deal.pipeline import StageKind
from scheduler.core.health.timeline import SaidHealth, Step
from scheduler.core.policy.policy import Policy
from scheduler.core.rules.health import ahead
from scheduler.core.rules.pulse import known_since
from scheduler.core.words.lexicon import Health

FOLLOWED = (StageKind.ONBOARDING, StageKind.ACTIVE, StageKind.RENEWAL)
"""The stages in which it matters how a customer does."""


@dataclass(frozen=True, slots=True)
class HealthFacts:
    """How a customer does. `health` is what counts, for the reason `because` (stored), since
    `since` where that is known; `score` (0 to 100) is that of the signals, `trend` how it has
    changed in thirty days.

    `said` is what a person said last, which stands above the signals until `said_until` where
    `said_holds` (None: for good). `measured` is what the signals say now (None: there are none);
    its `fresh_at` is when the newest of them was measured. `ahead` is what time alone will change.
    `known_at` is when the latest knowledge was given or measured, `asked_at` when the owner was
    last asked. `old`: so long ago that they are to be asked again.
    """

    health: Health
    because: str = ""
    since: datetime | None = None
    score: float | None = None
    trend: float | None = None
    said: SaidHealth | None = None
    said_until: datetime | None = None
    said_holds: bool = False
    measured: Step | None = None
    ahead: tuple[Step, ...] = ()
    known_at: datetime | None = None
    asked_at: datetime | None = None
    old: bool = False


def health_facts(deal: Deal, policy: Policy, now: datetime) -> HealthFacts:
    """What is known of a deal's health. Without `[health]` it is what somebody said last."""
    settings, said = policy.health, deal.said_health
    if settings is None:
        return HealthFacts(deal.health, deal.health_because, said=said)
    measured = deal.health_timeline.step(now) if deal.health_timeline else None
    first = (
        deal.health_timeline.steps[0]
        if deal.health_timeline and deal.health_timeline.steps
        else None
    )
    lasting = measured is first and deal.health_timeline is not None
    holds = said is not None and said.holds(now, settings.override_for)
    known_at, after = known_since(deal, now), settings.pulse_after
    began_at = measured.at if measured is not None else None
    if deal.health_timeline is not None and lasting:
        began_at = deal.health_timeline.since
    return HealthFacts(
        deal.health,
        deal.health_because,
        said.at if said is not None and holds else began_at,
        measured.score if measured else None,
        deal.health_timeline.trend if deal.health_timeline and lasting else None,
        said,
        said.ends_at(settings.override_for) if said is not None else None,
        holds,
        measured,
        tuple(ahead(deal, policy, now)),
        known_at,
        max((event.at for event in deal.ledger.of(PULSE)), default=None),
        known_at is not None and after is not None and now >= known_at + after,
    )


def is_followed(deal: Deal, policy: Policy) -> bool:
    """Whether it matters how the customer does: from onboarding until it is renewed or lost."""
    pipeline = policy.pipelines.get(deal.pipeline)
    stage = pipeline.find(deal.stage) if pipeline else None
    return stage is not None and stage.kind in FOLLOWED
