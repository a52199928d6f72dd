"""Lives a deal through time in tests: by its alarm, or by looking at it every so often."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from scheduler.core.deal.deal import Deal, Event, Nudge
from scheduler.core.deal.pipeline import Passage
from scheduler.core.policy.policy import Policy
from scheduler.core.rules.decide import after, decide
from tests.cast import sent

Change = tuple[datetime, Callable[[Deal], Deal]]


@dataclass
class Life:
    """A deal and all that happened to it, in order."""

    deal: Deal
    policy: Policy
    moves: list[Passage] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    withdrawn: list[Event] = field(default_factory=list)
    nudges: list[Nudge] = field(default_factory=list)
    looks: int = 0
    wake_at: datetime | None = None

    def look(self, now: datetime) -> None:
        """Decides at `now` and does what was decided; nudges go out at once."""
        decision = decide(self.deal, self.policy, now)
        self.moves += decision.moves
        self.events += decision.events
        self.withdrawn += decision.withdrawn
        self.nudges += decision.nudges
        if decision.changes:
            self.deal = sent(after(self.deal, decision))
        self.looks += 1
        self.wake_at = decision.wake_at

    def until(self, start: datetime, end: datetime, changes: Sequence[Change] = ()) -> "Life":
        """By the alarm: looks at `start`, at each change, and whenever the alarm rings, up to
        `end`."""
        pending = sorted((c for c in changes if start <= c[0] <= end), key=lambda c: c[0])
        now: datetime | None = start
        while now is not None and now <= end:
            while pending and pending[0][0] <= now:
                self.deal = pending.pop(0)[1](self.deal)
            self.look(now)
            coming = [
                t for t in (self.wake_at, pending[0][0] if pending else None) if t is not None
            ]
            now = min(coming, default=None)
        return self

    def hourly(
        self,
        start: datetime,
        end: datetime,
        changes: Sequence[Change] = (),
        every: timedelta = timedelta(hours=1),
    ) -> "Life":
        """The slow way: looks every hour."""
        pending = sorted((c for c in changes if start <= c[0] <= end), key=lambda c: c[0])
        now = start
        while now <= end:
            while pending and pending[0][0] <= now:
                self.deal = pending.pop(0)[1](self.deal)
            self.look(now)
            now += every
        return self

    def told(self) -> list[tuple[str, str, str]]:
        """What was said: milestone, day it counted from, to whom."""
        return [(n.milestone, n.anchor_on.isoformat(), n.recipient.key) for n in self.nudges]

    def stages(self) -> list[str]:
        """The stages passed, in order."""
        return [m.to_stage for m in self.moves]

    def states(self) -> list[tuple[str, int, str]]:
        """Milestone, step and state of every event, as it happened."""
        return [(e.milestone, e.step, e.state.value) for e in self.events]
