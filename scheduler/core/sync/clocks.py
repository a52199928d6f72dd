"""How far HubSpot's clock and ours were apart, and since when: two people's moves are compared by
the clocks of their time, not by those of the day on which they are read again."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

_ROUNDED = timedelta(seconds=2)
"""Whole seconds are measured, and an answer is on its way for some of one."""
_KEPT = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class ClockOffsets:
    """How far HubSpot's clock was ahead of ours: since when (by ours), and how far."""

    known: tuple[tuple[datetime, timedelta], ...] = ()

    def measured(self, at: datetime, offset: timedelta) -> "ClockOffsets":
        """With what was measured just now; unchanged where it is as before."""
        if self.known and abs(self.known[-1][1] - offset) < _ROUNDED:
            return self
        recent = [entry for entry in self.known[:-1] if entry[0] > at - _KEPT]
        return ClockOffsets((*recent, *self.known[-1:], (at, offset)))

    def then(self, at: datetime) -> timedelta:
        """How far it was ahead at an instant of our clock; before the first measurement as by
        it."""
        since = [offset for begun_at, offset in self.known if begun_at <= at]
        return since[-1] if since else self.known[0][1] if self.known else timedelta(0)

    def there(self, at: datetime) -> datetime:
        """An instant of our clock, by HubSpot's."""
        return at + self.then(at)

    def here(self, at: datetime) -> datetime:
        """An instant of HubSpot's clock, by ours."""
        return at - self.then(at)

    def as_text(self) -> str:
        """All of it, to be kept."""
        return json.dumps([[at.isoformat(), offset.total_seconds()] for at, offset in self.known])

    @classmethod
    def from_text(cls, text: str | None) -> "ClockOffsets":
        """The offsets that `as_text` wrote; none for None."""
        kept = json.loads(text or "[]")
        return cls(tuple((datetime.fromisoformat(at), timedelta(seconds=s)) for at, s in kept))
