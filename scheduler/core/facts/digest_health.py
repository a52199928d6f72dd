"""How customers came to do better or worse since the last digest: what got better is told first,
since nobody was told of it when it did.

Always holds: pure; only what was known before and is known now can be better or worse.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from scheduler.core.deal.deal import Deal
from scheduler.core.facts.digest_lines import about
from scheduler.core.facts.field_words import health_label, reason_words
from scheduler.core.facts.nudge_facts import plain
from scheduler.core.health.timeline import SEVERITY
from scheduler.core.policy.policy import Policy
from scheduler.core.words.lexicon import Health, Language


@dataclass(frozen=True, slots=True)
class HealthTurned:
    """A deal whose customer does other than at the last digest, when it was `was`."""

    deal: Deal
    was: Health

    @property
    def better(self) -> bool:
        """Whether they do better now."""
        return SEVERITY.index(self.deal.health) < SEVERITY.index(self.was)


def is_turn(was: Health, now: Health) -> bool:
    """Whether a health got better or worse: both are known, and they differ."""
    return was is not now and Health.UNKNOWN not in (was, now)


def in_order(turns: Iterable[HealthTurned]) -> list[HealthTurned]:
    """Better ones first, then the worst, then what is worth most."""
    return sorted(
        turns,
        key=lambda t: (
            not t.better,
            -SEVERITY.index(t.deal.health),
            -(t.deal.contract.amount.minor or 0),
            t.deal.contract.number,
        ),
    )


def turned_lines(
    turns: Sequence[HealthTurned], policy: Policy, language: Language
) -> list[dict[str, Any]]:
    """What is said of each: from what to what, why, and whose it is."""
    return [
        about(turn.deal, language)
        | {
            "better": turn.better,
            "was": plain(health_label(turn.was, policy).of(language)),
            "health": plain(health_label(turn.deal.health, policy).of(language)),
            "because": plain(reason_words(turn.deal.health_because, language, policy)),
            "owner": plain(turn.deal.owner.name) if turn.deal.owner else "",
        }
        for turn in turns
    ]
