"""Who may answer for a deal: decided by the person who acts and by the day, never by who holds a
message or a link.

all of it     the owner, the sales owner, the managers above them, admins; whoever stands in for one
              of them, on the days of that absence
one question  whoever was told of it, as long as no later question has taken its place (a delegate
              after the absence, a former owner)
"""

from collections.abc import Iterable
from datetime import date
from enum import Enum

from scheduler.core.deal.deal import Deal, Nudge
from scheduler.core.deal.people import Person
from scheduler.core.words.lexicon import EventState, NudgeState, Role

_TAKEN_BACK = (EventState.WITHDRAWN, EventState.SUPERSEDED, EventState.SKIPPED)


class Authority(Enum):
    """How much of a deal a person may answer for."""

    NONE = 0
    ASKED = 1
    FULL = 2


def may_answer(person: Person, deal: Deal, today: date, nudge: str = "") -> bool:
    """Whether `person` may act on `deal` on this day; `nudge` is the key of the nudge they act on,
    empty for the deal as a whole."""
    return authority(person, deal, today, nudge) is not Authority.NONE


def authority(person: Person, deal: Deal, today: date, nudge: str = "") -> Authority:
    """How much of `deal` a person may answer for on `today`, a day in the deal's zone."""
    if not person.active:
        return Authority.NONE
    if person.role is Role.ADMIN or person.id in _in_charge(deal, today):
        return Authority.FULL
    return Authority.ASKED if nudge and _was_asked(person, deal, nudge) else Authority.NONE


def owner_instead(found: Authority, deal: Deal) -> Person | None:
    """Who owns the deal, for somebody who may only answer what they were asked; None for those in
    charge, and where nobody owns it."""
    return deal.owner if found is Authority.ASKED else None


def _in_charge(deal: Deal, today: date) -> set[int]:
    """Those who may act on anything of the deal today."""
    direct = [p for p in (deal.owner, deal.sales, deal.manager) if p is not None]
    above = _managers(direct, deal)
    concerned = {p.id: p for p in (*(deal.people[n] for n in above if n in deal.people), *direct)}
    return {p.id for p in direct} | above | _standing_in(concerned.values(), deal, today)


def _standing_in(people: Iterable[Person], deal: Deal, today: date) -> set[int]:
    """Those who stand in today for one of these people, or for each other: a delegate who is away
    has a delegate too."""
    found: set[int] = set()
    waiting = list(people)
    while waiting:
        away = waiting.pop()
        for absence in away.absences:
            number = absence.delegate_id
            if number is None or number in found or not absence.covers(today):
                continue
            found.add(number)
            if number in deal.people:
                waiting.append(deal.people[number])
    return found


def _was_asked(person: Person, deal: Deal, key: str) -> bool:
    """Whether the question behind this nudge was put to `person` and is still the deal's latest."""
    nudge = next((n for n in deal.nudges if n.key == key), None)
    if nudge is None or not any(
        _same_question(n, nudge) and n.recipient.person_id == person.id
        for n in deal.nudges
        if _reached(n)
    ):
        return False
    told = {
        (n.milestone, n.anchor_on)
        for n in deal.nudges
        if _reached(n) and not _same_question(n, nudge)
    }
    asked_at = max(
        (
            e.at
            for e in deal.events
            if (e.milestone, e.anchor_on) == (nudge.milestone, nudge.anchor_on)
        ),
        default=None,
    )
    later = [
        e
        for e in deal.events
        if e.state not in _TAKEN_BACK
        and (e.milestone, e.anchor_on) in told
        and asked_at
        and e.at > asked_at
    ]
    return not later


def _same_question(one: Nudge, other: Nudge) -> bool:
    """Whether two nudges are about the same milestone's day, regardless of the reminder's
    number."""
    return (one.milestone, one.anchor_on) == (other.milestone, other.anchor_on)


def _reached(nudge: Nudge) -> bool:
    """Whether the nudge has reached its recipient, or still will."""
    return nudge.state is not NudgeState.CANCELLED


def _managers(people: Iterable[Person], deal: Deal) -> set[int]:
    """The known managers above these people."""
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
