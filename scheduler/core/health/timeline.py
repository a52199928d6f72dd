"""What the signals say of a customer, now and as they age; and what a person says instead."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from scheduler.core.words.lexicon import Health
from scheduler.core.words.reasons import reason as stored_reason


@dataclass(frozen=True, slots=True)
class Step:
    """From `at` on the customer's health is `state`, with `score` (0 to 100; None where too little
    is known), because of `because` (a reason, `core.words.reasons`). `fresh_at` is when the newest
    signal behind it was measured."""

    at: datetime
    state: Health
    score: float | None = None
    because: str = ""
    fresh_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class HealthTimeline:
    """The present step and those to which ageing alone will lead, in order. `fingerprint` names the
    policy and what it was applied to: a health timeline with another fingerprint is made anew.
    `since` is when the present state began; `trend` is how the score has changed in thirty days
    (None: unknown)."""

    fingerprint: str
    steps: tuple[Step, ...] = ()
    since: datetime | None = None
    trend: float | None = None

    def step(self, now: datetime) -> Step | None:
        """The step in force; None where there was never a signal."""
        place = bisect_right([step.at for step in self.steps], now)
        return self.steps[place - 1] if place else None

    def next_at(self, now: datetime) -> datetime | None:
        """When the next step comes by ageing alone."""
        place = bisect_right([step.at for step in self.steps], now)
        return self.steps[place].at if place < len(self.steps) else None


@dataclass(frozen=True, slots=True)
class SaidHealth:
    """What a person said about a customer's health. It stands above what is measured before
    `until`; where they named no end, for as long as the policy says. `reason` is one of the
    policy's, by its id."""

    state: Health
    at: datetime
    by: str
    until: datetime | None = None
    note: str = ""
    reason: str = ""

    @property
    def because(self) -> str:
        """Why they said so: their reason (stored) with their note, or the note alone."""
        if not self.reason:
            return self.note
        if not self.note:
            return stored_reason("health_reason", health_reason=self.reason)
        return stored_reason("health_reason_note", health_reason=self.reason, note=self.note)

    def ends_at(self, lasts: timedelta | None) -> datetime | None:
        """From when on the signals speak again; None: never."""
        if self.until is not None:
            return self.until
        return self.at + lasts if lasts is not None else None

    def holds(self, now: datetime, lasts: timedelta | None) -> bool:
        """Whether it stands above what is measured."""
        ends_at = self.ends_at(lasts)
        return ends_at is None or now < ends_at


SEVERITY: Sequence[Health] = (Health.UNKNOWN, Health.STABLE, Health.AT_RISK, Health.CRITICAL)
"""From nothing known to the worst."""


def worse(one: Health, other: Health) -> Health:
    """The worse of two states; one that is known is worse than an unknown one."""
    return max(one, other, key=SEVERITY.index)
