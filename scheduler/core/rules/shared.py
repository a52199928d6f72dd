"""Shared decisions: of several deals that are alike one is decided, and the others take over its
decision under their own names.

Always holds: a shared decision is exactly what deciding the deal by itself would give; a decision
that names something only its deal has (a row to change, an amount, a successor) is not shared.
"""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import fields
from datetime import datetime
from functools import lru_cache, partial
from typing import Any, NamedTuple

from scheduler.core.deal.deal import Decision, Nudge
from scheduler.core.deal.people import Recipient
from scheduler.core.deal.stored import StoredDeal
from scheduler.core.policy.policy import Policy
from scheduler.core.rules.decide import decide
from scheduler.core.words.keys import nudge_key

_MOST = 2_000


class _First(NamedTuple):
    """The deal that was decided for all like it: its owner, when, and the decision; what makes
    another one with other nudges, and each nudge with what makes another one of it."""

    owner: int | None
    at: datetime
    decision: Decision
    make: Callable[..., Decision]
    nudges: Sequence[tuple[Nudge, Callable[..., Nudge]]]

    @classmethod
    def of(cls, owner: int | None, at: datetime, decision: Decision) -> "_First":
        """Looks at the fields once: `dataclasses.replace` would for every deal that is alike."""
        nudges = [(n, partial(Nudge, **_fields(n))) for n in decision.nudges]
        return cls(owner, at, decision, partial(Decision, **_fields(decision)), nudges)

    def holds(self, now: datetime) -> bool:
        """Whether the same would be decided `now`: a decision that said nothing holds until its
        alarm rings."""
        wake_at = self.decision.wake_at
        silent = not self.decision.changes and self.at <= now
        return self.at == now or (silent and (wake_at is None or now < wake_at))


class SharedDecisions:
    """The decisions of many deals under one policy; at most `_MOST` are kept."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self._spreads = any(m.spread for m in policy.milestones)
        self._weighs = any(c.field == "amount" for m in policy.milestones for c in m.where)
        self._known: dict[Hashable, _First] = {}

    def of(self, stored: StoredDeal, now: datetime) -> Decision:
        """What `decide` says of the deal. Raises what it raises."""
        if stored.facts is None or self._spreads:
            return decide(stored.made(), self.policy, now)
        likeness = (stored.facts, self._weight(stored))
        first = self._known.get(likeness)
        if first is not None and first.holds(now):
            return _renamed(first, stored)
        decision = decide(stored.made(), self.policy, now)
        if _is_anybodys(decision, stored):
            if len(self._known) >= _MOST:
                self._known.clear()
            self._known[likeness] = _First.of(stored.owner, now, decision)
        return decision

    def _weight(self, stored: StoredDeal) -> Hashable:
        """What rules read of the amount."""
        if self._weighs:
            return stored.amount
        return self.policy.in_base_currency(stored.amount) >= self.policy.attention.urgent_amount


def _is_anybodys(decision: Decision, of: StoredDeal) -> bool:
    """Whether only the keys of first nudges belong to this deal alone."""
    own = decision.withdrawn or decision.cancels or decision.won or decision.lost
    return not own and all(_key(nudge, of.key) == nudge.key for nudge in decision.nudges)


def _renamed(first: _First, stored: StoredDeal) -> Decision:
    """The first deal's decision, with nudges for this deal: for its own owner what was for the
    first one's."""
    if not first.nudges:
        return first.decision
    theirs, mine, nudges = _person(first.owner), _person(stored.owner), list[Nudge]()
    for nudge, make in first.nudges:
        to = mine if mine is not None and nudge.recipient == theirs else nudge.recipient
        key = nudge_key(stored.key, nudge.milestone, nudge.anchor_on, nudge.step, to.key)
        nudges.append(make(recipient=to, key=key))
    return first.make(nudges=tuple(nudges))


def _fields(made: Decision | Nudge) -> dict[str, Any]:
    """The fields of a value; what makes another one names those that differ."""
    return {f.name: getattr(made, f.name) for f in fields(made)}


@lru_cache(maxsize=4096)
def _person(number: int | None) -> Recipient | None:
    """A person as a recipient."""
    return None if number is None else Recipient(person_id=number)


def _key(nudge: Nudge, deal: str) -> str:
    """The key the nudge has if it is the first about this event for its recipient."""
    return nudge_key(deal, nudge.milestone, nudge.anchor_on, nudge.step, nudge.recipient.key)
