"""What takes from a customer's score, in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta, tzinfo

from scheduler.core.health.gauges import GaugeValue
from scheduler.core.health.policy import HardRule, Measure, Reads
from scheduler.core.words.reasons import reason

_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one measure or rule takes from a full score: `cost` points of it."""

    part: Measure | HardRule
    value: GaugeValue
    cost: float

    def because(self, zone: tzinfo) -> str:
        """The reason in words: "logins −38% in 30 days"; days are those of `zone`."""
        gauge, value = self.part.gauge, self.value.value
        if value is None:
            return reason("measured_nothing", measure=self.part.id)
        days = round(gauge.window / timedelta(days=1))
        if gauge.reads is Reads.CHANGE:
            return reason("measured_change", measure=self.part.id, value=_signed(value), days=days)
        if gauge.reads is Reads.AGE:
            return reason("measured_age", measure=self.part.id, days=int(value))
        if gauge.reads is Reads.LATEST:
            on = self.value.of.astimezone(zone).date().isoformat() if self.value.of else "—"
            if isinstance(self.part, HardRule) and value == self.part.at_least == 1:
                return reason("measured_yes", measure=self.part.id, on=on)
            return reason("measured_latest", measure=self.part.id, value=f"{value:g}", on=on)
        return reason("measured_window", measure=self.part.id, value=f"{value:g}", days=days)


def _signed(share: float) -> str:
    """A change, with its sign.

    >>> _signed(-0.38), _signed(0.05)
    ('−38%', '+5%')
    """
    return f"{share:+.0%}".replace("-", "−")


def in_words(contributions: Sequence[Contribution], zone: tzinfo) -> str:
    """The largest contributions in words."""
    parts = [c.because(zone) for c in contributions[:_SHOWN]]
    if not parts:
        return ""
    return (
        parts[0]
        if len(parts) == 1
        else reason(
            f"measured_{len(parts)}", **dict(zip(("first", "second", "third"), parts, strict=False))
        )
    )
