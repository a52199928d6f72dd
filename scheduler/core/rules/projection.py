"""Plays a deal forward on a virtual clock: from alarm to alarm with the same `decide`, as if the
daemon always ran and nobody answered.

Always holds: the same function decides here and in a sweep; a nudge counts as sent when its
recipient's window opens (core.rules.delivery_window), and one that no longer matters by then is
dropped as delivery drops it; a renewal that the system wins opens its successor, which is played
forward too.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from scheduler.core.deal.deal import ENDED, UNSENT, Cancel, Deal, Decision, Nudge
from scheduler.core.deal.successor import successor_deal
from scheduler.core.policy.policy import Policy
from scheduler.core.policy.relevance import dropped_because
from scheduler.core.rules.decide import UndecidedError, decided
from scheduler.core.rules.delivery_window import Reached
from scheduler.core.words.lexicon import NudgeState

Reaches = Callable[[Nudge, Deal, datetime], Reached | None]

MOST_LOOKS = 20_000
"""How often one deal is looked at in one life: 50 years of every day."""


@dataclass(frozen=True, slots=True)
class SentNudge:
    """A nudge that has gone out: to whom, and in which window."""

    nudge: Nudge
    reached: Reached


@dataclass(frozen=True, slots=True)
class Look:
    """One instant of the projection: the deal as it was, what was decided, and what was sent and
    dropped since the look before."""

    at: datetime
    deal: Deal
    decision: Decision
    sent: tuple[SentNudge, ...] = ()
    dropped: tuple[Cancel, ...] = ()


class _Pending:
    """One deal's nudges that wait for a window, and the instants at which an absence makes the deal
    be decided again."""

    def __init__(self, reaches: Reaches) -> None:
        self._reaches = reaches
        self._waiting: dict[str, SentNudge] = {}
        self._anew: list[datetime] = []

    def add(self, nudges: tuple[Nudge, ...], deal: Deal, at: datetime) -> None:
        """Nudges that wait from `at` on."""
        for nudge in nudges:
            if nudge.state is NudgeState.WAITING:
                reached = self._reaches(nudge, deal, at)
                if reached is None:
                    continue
                self._waiting[nudge.key] = SentNudge(nudge, reached)
                self._anew += [instant for instant in reached.anew if instant > at]

    def cancel(self, cancels: tuple[Cancel, ...]) -> None:
        """Nudges that wait no longer."""
        for cancel in cancels:
            self._waiting.pop(cancel.key, None)

    def anew(self, at: datetime) -> datetime | None:
        """The next instant after `at` at which the deal is decided again, while something waits."""
        return (
            min((instant for instant in self._anew if instant > at), default=None)
            if self._waiting
            else None
        )

    def out_by(self, at: datetime) -> list[SentNudge]:
        """Takes out the nudges that go out until `at`."""
        out = [sent for sent in self._waiting.values() if sent.reached.at <= at]
        for sent in out:
            del self._waiting[sent.nudge.key]
        return out


def live(
    deal: Deal, policy: Policy, start: datetime, until: datetime, reaches: Reaches
) -> Iterator[Look]:
    """Yields every look from `start` on and before `until`, then one at `until` that decides
    nothing. Successors follow their predecessor.

    A deal of another policy version is decided at `start`, one of this version when its alarm
    rings; one that is paused not before its pause is over. Raises what `decide` raises.
    """
    start = max(start, deal.paused_until or start)
    at = (
        start
        if deal.policy_version != policy.version
        else deal.wake_at and max(start, deal.wake_at)
    )
    pending, following = _Pending(reaches), None
    if deal.nudges and start < until:
        pending.add(deal.nudges, deal, start)
    looks = 0
    while at is not None and at < until:
        looks += 1
        if looks > MOST_LOOKS:
            raise UndecidedError(
                f"deal {deal.key}: more than {MOST_LOOKS:,} looks until {at.isoformat()}"
            )
        deal, sent, dropped = _delivered(deal, policy, pending.out_by(at))
        decision, left = decided(deal, policy, at)
        yield Look(at, deal, decision, sent, dropped)
        if decision.changes:
            deal = _without_old_reminders(left, decision)
            pending.cancel(decision.cancels)
            pending.add(decision.nudges, deal, at)
        if decision.successor is not None:
            following = (successor_deal(deal, decision.successor, at), at)
        at = min(
            (instant for instant in (decision.wake_at, pending.anew(at)) if instant is not None),
            default=None,
        )
    deal, sent, dropped = _delivered(deal, policy, pending.out_by(until))
    yield Look(until, deal, Decision(), sent, dropped)
    if following is not None:
        yield from live(following[0], policy, following[1], until, reaches)


def _without_old_reminders(deal: Deal, decision: Decision) -> Deal:
    """The deal without its reminders after the end, except the last: they come every week until
    somebody answers, and only the last one counts."""
    last = next((e for e in decision.events if e.milestone == ENDED), None)
    if last is None or not last.step:
        return deal
    nudges = tuple(n for n in deal.nudges if n.milestone != ENDED or n.state in UNSENT)
    waiting = {n.step for n in nudges if n.milestone == ENDED}
    return replace(
        deal,
        events=tuple(
            e for e in deal.events if e.milestone != ENDED or e is last or e.step in waiting
        ),
        nudges=nudges,
    )


def _delivered(
    deal: Deal, policy: Policy, out: list[SentNudge]
) -> tuple[Deal, tuple[SentNudge, ...], tuple[Cancel, ...]]:
    """The deal once those nudges have gone out, except those that no longer matter."""
    if not out:
        return deal, (), ()
    dropped = {s.nudge.key: why for s in out if (why := dropped_because(s.nudge, deal, policy))}
    gone = {s.nudge.key for s in out}
    states = tuple(
        _settled(n, dropped) if n.key in gone and n.state in UNSENT else n for n in deal.nudges
    )
    sent = tuple(s for s in out if s.nudge.key not in dropped)
    return (
        replace(deal, nudges=states),
        sent,
        tuple(Cancel(key, why) for key, why in dropped.items()),
    )


def _settled(nudge: Nudge, dropped: Mapping[str, str]) -> Nudge:
    """A nudge that was sent, or dropped."""
    why = dropped.get(nudge.key)
    return (
        replace(nudge, state=NudgeState.CANCELLED, reason=why)
        if why
        else replace(nudge, state=NudgeState.SENT)
    )
