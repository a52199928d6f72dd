"""The reasons that an answer may name: those for a loss, or those for what somebody says of a
customer's health."""

from collections.abc import Mapping

from scheduler.core.deal.deal import Deal
from scheduler.core.health.policy import HealthReason
from scheduler.core.imports.names import meant
from scheduler.core.policy.policy import Policy
from scheduler.core.words.labels import COMMA, Joined, Label
from scheduler.core.words.lexicon import Health, Verb

SAYS_HEALTH = (Verb.HEALTH, Verb.ONBOARDED)
"""The answers whose reason is one for a health; that of all others is one for a loss."""


def listed_reasons(
    verb: Verb, deal: Deal, policy: Policy, health: Health | None = None
) -> Mapping[str, Label]:
    """What the reasons of an answer to a deal are called, by id, in their order; empty where none
    can be named. Of those for a health only what fits `health`, if it is known already."""
    if verb in SAYS_HEALTH:
        listed = policy.health.reasons if policy.health else ()
        return {r.id: r.label for r in listed if health is None or r.fits(health)}
    return {r.id: r.label for r in policy.lost_reasons.get(deal.pipeline, ())}


def reason_meant(written: str | None, verb: Verb, deal: Deal, policy: Policy) -> str | None:
    """The id of the listed reason that somebody typed, by its id or by what it is called in any
    language; what is none of them as it was typed, to be refused with those there are."""
    return (written and meant(written, listed_reasons(verb, deal, policy))) or written


def offered_reasons(
    verb: Verb, deal: Deal, policy: Policy, health: Health | None
) -> Mapping[str, Label]:
    """As `listed_reasons`, for a form: where the health is still to be chosen beside it, each is
    told with what it fits."""
    if verb not in SAYS_HEALTH or health is not None:
        return listed_reasons(verb, deal, policy, health)
    return {r.id: _with_states(r) for r in (policy.health.reasons if policy.health else ())}


def _with_states(reason: HealthReason) -> Label:
    """A reason with the states it is for."""
    if not reason.states:
        return reason.label
    states = Joined((state.label.as_title for state in reason.states), COMMA)
    return Label("{reason} ({states})", reason=reason.label, states=states)
