"""How the customers of a whole book do: how many in each state, how much of that is known lately,
and who was never asked about.

Always holds: who is not assessed is counted apart, never as stable; only deals from onboarding
until they are renewed or lost count.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from scheduler.core.deal.contracts import Money, sums
from scheduler.core.deal.deal import Deal
from scheduler.core.facts.health_facts import HealthFacts, health_facts, is_followed
from scheduler.core.health.timeline import SEVERITY
from scheduler.core.policy.policy import Policy
from scheduler.core.words.lexicon import Health

ORDER = (*SEVERITY[1:], Health.UNKNOWN)
"""From stable to critical, then what nobody has assessed."""


@dataclass(frozen=True, slots=True)
class HealthCount:
    """The deals in one state, with their money by currency and how many amounts are unknown.
    `said` of them stand on a person's word; of `old` ones the latest knowledge is so old that the
    owner is to be asked; of `never_asked` ones nothing was ever known and nobody was asked.
    `reasons` are those that people named for the words it stands on, by id, most first."""

    health: Health
    deals: int
    money: tuple[Money, ...]
    without: int
    said: int
    old: int
    never_asked: int
    reasons: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class HealthSummary:
    """The counts in ORDER, and how many customers nobody was ever asked about, by owner's name
    (empty: nobody owns them), most first."""

    counts: tuple[HealthCount, ...]
    never_asked: tuple[tuple[str, int], ...]


def health_summary(deals: Iterable[Deal], policy: Policy, now: datetime) -> HealthSummary:
    """Counts the deals."""
    found: dict[Health, list[HealthFacts]] = defaultdict(list)
    money: dict[Health, list[Money]] = defaultdict(list)
    unasked = Counter[str]()
    for deal in deals:
        if not is_followed(deal, policy):
            continue
        of = health_facts(deal, policy, now)
        found[of.health].append(of)
        money[of.health].append(deal.contract.amount)
        unasked[deal.owner.name if deal.owner else ""] += _never_asked(of)
    most = sorted(unasked.items(), key=lambda of: (-of[1], of[0]))
    return HealthSummary(
        tuple(_count(state, found[state], money[state]) for state in ORDER),
        tuple((name, count) for name, count in most if count),
    )


def _count(state: Health, found: list[HealthFacts], money: list[Money]) -> HealthCount:
    """The counts of one state."""
    amounts, without = sums(money)
    said = [of.said for of in found if of.said and (of.said_holds or of.measured is None)]
    reasons = Counter(word.reason for word in said if word.reason)
    return HealthCount(
        state,
        len(found),
        amounts,
        without,
        len(said),
        sum(of.old for of in found),
        sum(_never_asked(of) for of in found),
        tuple(sorted(reasons.items(), key=lambda of: (-of[1], of[0]))),
    )


def _never_asked(of: HealthFacts) -> bool:
    """Whether nothing was ever known and nobody was asked."""
    return of.health is Health.UNKNOWN and of.known_at is None and of.asked_at is None
