"""Who is told: a milestone's `tell` resolved for one deal."""

from dataclasses import dataclass

from scheduler.core.deal import Deal
from scheduler.core.people import Person, Recipient
from scheduler.core.policy import Policy


@dataclass(frozen=True, slots=True)
class Routed:
    """One recipient, in which role, and why he and nobody else."""

    recipient: Recipient
    role: str
    because: str


def route(tell: str, deal: Deal, policy: Policy) -> list[Routed]:
    """Whom `tell` (a role or an address) means for `deal`."""
    people: dict[str, Person | None] = {"owner": deal.owner, "sales": deal.sales, "manager": deal.manager}
    if tell not in people and tell != "fallback":
        return [Routed(Recipient(address=tell), "address", "")]
    person = people.get(tell)
    if person is not None and person.active:
        return [Routed(Recipient(person_id=person.id), tell, "")]
    return [Routed(Recipient(address=policy.pipeline(deal.pipeline).fallback), "fallback", f"no {tell}")]
