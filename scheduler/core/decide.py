"""The heart: `decide(deal, policy, now) -> Decision` (DESIGN §4). Being built; the rules stand in `scheduler.core.rules`."""

from datetime import datetime

from scheduler.core.deal import Deal, Decision
from scheduler.core.policy import Policy


def decide(deal: Deal, policy: Policy, now: datetime) -> Decision:
    """What is to be done with `deal` now and when to look again."""
    return Decision()
