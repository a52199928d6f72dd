"""A deal as the store holds it. It need not become a `Deal` if it can share another deal's
decision.

Always holds: two deals with the same `facts` differ, for the rules, only in the fields named here
and in their owners; everybody else they lead to is the same and present.
"""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from datetime import datetime

from scheduler.core.deal.contracts import Money
from scheduler.core.deal.deal import Deal
from scheduler.core.deal.people import Person


@dataclass(slots=True)
class StoredDeal:
    """One deal. `owner` is the owner's number; `facts` is None if no other deal is like it;
    `waits`: whether a nudge waits; `made` makes the deal itself; `fingerprint` is that of its
    health timeline. Until `paused_until` nothing is decided."""

    id: int
    key: str
    version: int
    policy_version: int
    owner: int | None
    amount: Money
    facts: Hashable | None
    waits: bool
    made: Callable[[], Deal]
    fingerprint: str = ""
    paused_until: datetime | None = None


def alone(deal: Deal) -> StoredDeal:
    """Wraps a `Deal` that exists already and shares nothing."""
    owner = deal.owner.id if deal.owner else None
    of = (deal.id, deal.key, deal.version, deal.policy_version, owner, deal.contract.amount)
    fingerprint = deal.health_timeline.fingerprint if deal.health_timeline else ""
    waits = bool(deal.ledger.unsent)
    return StoredDeal(*of, None, waits, lambda: deal, fingerprint, deal.paused_until)


def circle(owner: Person | None, people: Mapping[int, Person]) -> Hashable | None:
    """What rules read of an owner; None if nudges for them, or for their manager, may go to
    somebody else."""
    if owner is None:
        return ()
    if not all(is_there(people.get(p)) for p in (owner.id, owner.manager_id) if p is not None):
        return None
    return (owner.zone, owner.calendar, owner.manager_id != owner.id and owner.manager_id)


def is_there(person: Person | None) -> bool:
    """Whether the person's nudges never go to somebody else."""
    return person is not None and person.active and not person.absences
