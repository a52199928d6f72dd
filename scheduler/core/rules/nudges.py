"""Turns an event into nudges: one for each recipient, with how long it may wait.

Always holds: the same event and recipient give the same key, so that telling twice changes nothing.
"""

from collections.abc import Sequence
from datetime import date, timedelta

from scheduler.core.deal.deal import Deal, Event, Nudge
from scheduler.core.deal.pipeline import Actor
from scheduler.core.policy.milestone_days import zone_of
from scheduler.core.policy.policy import Policy
from scheduler.core.rules.routing import Routed, route
from scheduler.core.words.keys import nudge_key
from scheduler.core.words.lexicon import ActorKind, Urgency
from scheduler.core.words.reasons import code_of

_CLIMBED = ("manager", "admin")


def policy_actor(policy: Policy) -> Actor:
    """Who moves a deal when the policy does."""
    return Actor(ActorKind.POLICY, f"policy {policy.version}")


def nudges_of(event: Event, tell: Sequence[str], deal: Deal, policy: Policy) -> tuple[Nudge, ...]:
    """One nudge for each recipient that `tell` leads to."""
    today = event.at.astimezone(zone_of(deal, policy)).date()
    routed = [r for name in tell for r in route(name, deal, policy, today)]
    unique = {r.recipient.key: r for r in reversed(routed)}
    return tuple(nudge_to(r, event, deal, policy) for r in reversed(unique.values()))


def nudge_to(routed: Routed, event: Event, deal: Deal, policy: Policy) -> Nudge:
    """The nudge of one recipient."""
    today = event.at.astimezone(zone_of(deal, policy)).date()
    again = sum(
        (n.milestone, n.anchor_on, n.step) == event.key and n.recipient == routed.recipient
        for n in deal.nudges
    )
    return Nudge(
        key=nudge_key(
            deal.key, event.milestone, event.anchor_on, event.step, routed.recipient.key, again
        ),
        milestone=event.milestone,
        anchor_on=event.anchor_on,
        step=event.step,
        recipient=routed.recipient,
        role=routed.role,
        because=routed.because,
        urgency=urgency_of(event, routed.role, deal, policy, today),
        late=event.day_on < today - timedelta(days=1),
        instead_of=routed.instead_of,
    )


def urgency_of(event: Event, role: str, deal: Deal, policy: Policy, today: date) -> Urgency:
    """How long a nudge may wait: for the next bundle, a short time, or not at all (DESIGN §5
    "Attention").

    An escalation to a manager is urgent above an amount or within some days of decide_by, a last
    call also within some days of the end: a manager in another zone may have had their message of
    that day. Otherwise it is pressing, like any nudge close to a deadline.
    """
    settings, contract = policy.attention, deal.contract
    called = (code_of(event.reason) or "").startswith("last_call")
    climbed = role in _CLIMBED and (event.step > 0 or called)
    deadlines = (contract.decide_by, contract.ends_on if called else None)
    if (
        climbed
        and settings.urgent_amount
        and policy.in_base_currency(contract.amount) >= settings.urgent_amount
    ):
        return Urgency.URGENT
    if climbed and any(
        day is not None and 0 <= (day - today).days <= settings.urgent_days for day in deadlines
    ):
        return Urgency.URGENT
    near = any(
        day is not None and 0 <= (day - today).days <= settings.pressing_days
        for day in (contract.decide_by, contract.ends_on)
    )
    return Urgency.PRESSING if climbed or near else Urgency.NORMAL
