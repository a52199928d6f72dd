"""Absences: a colleague is away from one day to another, and perhaps somebody stands in (DESIGN §5
"Attention").

Always holds: a person's absences do not overlap; whatever changes one sets the alarm of every open
deal that it concerns, in the same transaction; a delegate who is also away is allowed, with a
notice: the routes go on from them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from scheduler.core.deal.formats import day_shown
from scheduler.core.deal.people import Absence, Person
from scheduler.core.imports.typed import note as typed_note
from scheduler.core.policy.policy import Policy
from scheduler.core.time.dates import local_day
from scheduler.core.words.errors import UserMustActError
from scheduler.core.words.labels import Joined, Label
from scheduler.ports import Begin
from scheduler.services.people.naming import PeopleLook, find_person


@dataclass(frozen=True, slots=True)
class AbsenceLine:
    """One absence with the people it is about; `cancelled_at` where it was taken back."""

    number: int
    person: Person
    first_on: date
    last_on: date
    delegate: Person | None = None
    note: str = ""
    actor: str = ""
    cancelled_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PlannedAbsence:
    """An absence that was entered: what should be known about it, and how many deals are decided
    again."""

    line: AbsenceLine
    notices: tuple[Label, ...] = ()
    deals: int = 0


class OverlapError(UserMustActError):
    """The person is away on some of the days already."""

    def __init__(self, person: Person, other: Absence) -> None:
        super().__init__(
            "{person_name} already has an absence on some of these days ({days}); cancel it first",
            person_name=person.name,
            days=_days(other),
        )
        self.number = other.id

    @property
    def for_command(self) -> Label:
        """The same, with the command that takes the other one back."""
        typed = f"renewals absence cancel {self.number}"
        return Label("{said}: {typed}", said=self.label, typed=typed)


class AbsenceTransaction(PeopleLook, Protocol):
    """One open transaction on absences."""

    def absences(self) -> Sequence[AbsenceLine]:
        """Every absence that was not taken back, by its first day."""

    def absence(self, number: int) -> AbsenceLine | None:
        """Finds one of them, also if it was taken back."""

    def add(
        self,
        person: int,
        first_on: date,
        last_on: date,
        delegate: int | None,
        note: str,
        actor: str,
        now: datetime,
    ) -> int:
        """Writes one and returns its number."""

    def cancel(self, number: int, now: datetime, *, begun: bool) -> None:
        """Cancels one. If it had not begun, nothing needs to be said on the person's return."""

    def wake(self, person: int, now: datetime) -> int:
        """Sets the alarm of every open deal that concerns the person; returns how many."""


def add_absence(
    absences: Begin[AbsenceTransaction],
    wanted: str,
    first_on: date,
    last_on: date,
    *,
    delegate: str | None,
    note: str,
    actor: str,
    policy: Policy,
    now: datetime,
) -> PlannedAbsence:
    """Enters an absence of the person `wanted` names, first and last day inclusive. Raises
    UserMustActError; nothing is changed then."""
    note = typed_note(note)
    with absences() as transaction:
        people = transaction.people()
        person = find_person(people, wanted)
        stand_in = find_person(people, delegate) if delegate else None
        _refuse(person, stand_in, first_on, last_on, policy, now)
        number = transaction.add(
            person.id, first_on, last_on, stand_in.id if stand_in else None, note, actor, now
        )
        line = AbsenceLine(number, person, first_on, last_on, stand_in, note, actor)
        return PlannedAbsence(line, tuple(_notices(line, people)), transaction.wake(person.id, now))


def cancel_absence(
    absences: Begin[AbsenceTransaction], number: int, policy: Policy, now: datetime
) -> PlannedAbsence:
    """Cancels an absence; from now on the person is back. Raises UserMustActError."""
    with absences() as transaction:
        line = transaction.absence(number)
        if line is None:
            raise UserMustActError(
                "there is no absence {number}; see `renewals absence list`", number=number
            )
        if line.cancelled_at is not None:
            raise UserMustActError("absence {number} was cancelled already", number=number)
        today = local_day(now, policy.zone_of(line.person))
        if line.last_on < today:
            raise UserMustActError(
                "absence {number} was over on {last_on}",
                number=number,
                last_on=day_shown(line.last_on),
            )
        transaction.cancel(number, now, begun=line.first_on <= today)
        return PlannedAbsence(line, deals=transaction.wake(line.person.id, now))


def list_absences(
    absences: Begin[AbsenceTransaction], wanted: str | None, policy: Policy, now: datetime
) -> list[AbsenceLine]:
    """Who is or will be away; for one person, past absences too. Raises UserMustActError."""
    with absences() as transaction:
        lines = transaction.absences()
        if wanted is not None:
            person = find_person(transaction.people(), wanted)
            return [line for line in lines if line.person.id == person.id]
        return [
            line for line in lines if line.last_on >= local_day(now, policy.zone_of(line.person))
        ]


def _refuse(
    person: Person,
    delegate: Person | None,
    first_on: date,
    last_on: date,
    policy: Policy,
    now: datetime,
) -> None:
    """Raises UserMustActError for an impossible absence, with what to do."""
    if last_on < first_on:
        raise UserMustActError(
            "the last day, {last_on}, is before the first, {first_on}",
            last_on=day_shown(last_on),
            first_on=day_shown(first_on),
        )
    if last_on < local_day(now, policy.zone_of(person)):
        raise UserMustActError(
            "the absence is in the past: its last day was {last_on}",
            last_on=day_shown(last_on),
        )
    if not person.active:
        raise UserMustActError("{person_name} is no longer active", person_name=person.name)
    if delegate is not None and delegate.id == person.id:
        raise UserMustActError("the delegate must be somebody else")
    if delegate is not None and not delegate.active:
        raise UserMustActError(
            ("{delegate_name} is no longer active and cannot stand in; name somebody else"),
            delegate_name=delegate.name,
        )
    other = _overlapping(person, first_on, last_on)
    if other is not None:
        raise OverlapError(person, other)


def _overlapping(person: Person, first_on: date, last_on: date) -> Absence | None:
    """An absence of the person on one of these days."""
    return next(
        (a for a in person.absences if a.first_on <= last_on and first_on <= a.last_on), None
    )


def _notices(line: AbsenceLine, people: Sequence[Person]) -> list[Label]:
    """The notices for the person entering it: the delegate is away too, or somebody for whom this
    person stands in is left without a delegate."""
    found = []
    away = _overlapping(line.delegate, line.first_on, line.last_on) if line.delegate else None
    if line.delegate is not None and away is not None:
        found.append(
            Label(
                (
                    "{name} is away too ({days}); meanwhile messages go to whoever stands in for "
                    "them, or to their manager"
                ),
                name=line.delegate.name,
                days=_days(away),
            )
        )
    for other in people:
        theirs = (
            _overlapping(other, line.first_on, line.last_on) if other.id != line.person.id else None
        )
        if theirs is not None and theirs.delegate_id == line.person.id:
            found.append(
                Label(
                    (
                        "{name} stands in for {other_name} ({days}); while both are away, "
                        "messages go on to the next person"
                    ),
                    name=line.person.name,
                    other_name=other.name,
                    days=_days(theirs),
                )
            )
    return found


def _days(absence: Absence) -> Joined:
    """The first and the last day, or the only one."""
    days = dict.fromkeys((absence.first_on, absence.last_on))
    return Joined(map(day_shown, days), " – ")
