"""The reasons that an answer may name: those for a loss, or those for what somebody says of a
customer's health."""

from collections.abc import Mapping

from scheduler.core.deal.deal import Deal
from scheduler.core.policy.policy import Policy
from scheduler.core.words.labels import Label
from scheduler.core.words.lexicon import Verb

SAYS_HEALTH = (Verb.HEALTH, Verb.ONBOARDED)
"""The answers whose reason is one for a health; that of all others is one for a loss."""


def listed_reasons(verb: Verb, deal: Deal, policy: Policy) -> Mapping[str, Label]:
    """What the reasons of an answer to a deal are called, by id, in their order; empty where none
    can be named."""
    if verb in SAYS_HEALTH:
        return {r.id: r.label for r in policy.health.reasons} if policy.health else {}
    return {r.id: r.label for r in policy.lost_reasons.get(deal.pipeline, ())}
