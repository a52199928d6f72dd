"""Who may answer for a deal: decided by the person who clicks, never by who holds a message or a link (DESIGN §3, STYLE: Dan must see nothing)."""

from scheduler.core.deal import Deal
from scheduler.core.people import Person
from scheduler.core.words import NudgeState, Role


def may_answer(person: Person, deal: Deal) -> bool:
    """Whether `person` may act on `deal`: its owner, sales owner, their managers, whoever stands in, whoever was told of it, and admins."""
    if not person.active:
        return False
    if person.role is Role.ADMIN:
        return True
    return person.id in _concerned(deal)


def _concerned(deal: Deal) -> set[int]:
    """Everybody the deal concerns."""
    direct = [p for p in (deal.owner, deal.sales, deal.manager) if p is not None]
    told = {n.recipient.person_id for n in deal.nudges if n.state is not NudgeState.CANCELLED and n.recipient.person_id is not None}
    delegates = {a.delegate_id for p in direct for a in p.absences if a.delegate_id is not None}
    return {p.id for p in direct} | told | delegates | _managers(direct, deal)


def _managers(people: list[Person], deal: Deal) -> set[int]:
    """The managers above these people, as far as they are known."""
    found: set[int] = set()
    waiting = [p.manager_id for p in people if p.manager_id is not None]
    while waiting:
        number = waiting.pop()
        if number in found:
            continue
        found.add(number)
        above = deal.people.get(number)
        if above is not None and above.manager_id is not None:
            waiting.append(above.manager_id)
    return found
