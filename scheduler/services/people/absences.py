"""Absences: a colleague is away from one day to another, and perhaps somebody stands in (DESIGN §5
"Attention").

Always holds: a person's absences do not overlap; whatever changes one sets the alarm of every open
deal that it concerns, in the same transaction; a delegate who is away too is allowed, and said: the
routes go on from him.
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from scheduler.core.deal.people import Absence, Person
from scheduler.core.policy.policy import Policy
from scheduler.core.time.dates import local_day
from scheduler.core.words.errors import UserMustActError
from scheduler.core.words.labels import Label
from scheduler.services.people.naming import find_person


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
class Planned:
    """An absence that was entered: what should be known about it, and how many deals are decided
    anew."""

    line: AbsenceLine
    notices: tuple[Label, ...] = ()
    deals: int = 0


class AbsenceTransaction(Protocol):
    """One open transaction on absences."""

    def people(self) -> Sequence[Person]:
        """Everybody, with the absences that stand."""

    def absences(self) -> Sequence[AbsenceLine]:
        """Every absence that was not taken back, by its first day."""

    def absence(self, number: int) -> AbsenceLine | None:
        """One of them, also if it was taken back."""

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
        """Takes one back. One that had not begun needs no word on return."""

    def wake(self, person: int, now: datetime) -> int:
        """Sets the alarm of every open deal that concerns the person; how many."""


class AbsenceStore(Protocol):
    """What this needs of the storage."""

    def absences(self) -> AbstractContextManager[AbsenceTransaction]:
        """A transaction that commits at the end of the block and rolls back on any error."""


def add_absence(
    store: AbsenceStore,
    wanted: str,
    first_on: date,
    last_on: date,
    *,
    delegate: str | None,
    note: str,
    actor: str,
    policy: Policy,
    now: datetime,
) -> Planned:
    """Enters an absence of whoever `wanted` names, first and last day inclusive. Raises
    UserMustActError; nothing is changed then."""
    with store.absences() as transaction:
        people = transaction.people()
        person = find_person(people, wanted)
        stand_in = find_person(people, delegate) if delegate else None
        _refuse(person, stand_in, first_on, last_on, policy, now)
        number = transaction.add(
            person.id, first_on, last_on, stand_in.id if stand_in else None, note, actor, now
        )
        line = AbsenceLine(number, person, first_on, last_on, stand_in, note, actor)
        return Planned(line, tuple(_notices(line, people)), transaction.wake(person.id, now))


def cancel_absence(store: AbsenceStore, number: int, policy: Policy, now: datetime) -> Planned:
    """Takes an absence back; from now on the person is there again. Raises UserMustActError."""
    with store.absences() as transaction:
        line = transaction.absence(number)
        if line is None:
            raise UserMustActError(
                f"不在{number}はありません。一覧：renewals absence list",
                f"there is no absence {number}; see `renewals absence list`",
            )
        if line.cancelled_at is not None:
            raise UserMustActError(
                f"不在{number}はすでに取り消されています。",
                f"absence {number} was cancelled already",
            )
        today = local_day(now, policy.zone_of(line.person))
        if line.last_on < today:
            raise UserMustActError(
                f"不在{number}は{line.last_on}に終わっています。",
                f"absence {number} was over on {line.last_on}",
            )
        transaction.cancel(number, now, begun=line.first_on <= today)
        return Planned(line, deals=transaction.wake(line.person.id, now))


def list_absences(
    store: AbsenceStore, wanted: str | None, policy: Policy, now: datetime
) -> list[AbsenceLine]:
    """Who is or will be away; of one person past absences too. Raises UserMustActError."""
    with store.absences() as transaction:
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
    """Whatever makes an absence impossible, with what to do."""
    if last_on < first_on:
        raise UserMustActError(
            f"最終日({last_on})が初日({first_on})より前です。",
            f"the last day, {last_on}, is before the first, {first_on}",
        )
    if last_on < local_day(now, policy.zone_of(person)):
        raise UserMustActError(
            f"不在の最終日({last_on})はもう過ぎています。",
            f"the absence is in the past: its last day was {last_on}",
        )
    if not person.active:
        raise UserMustActError(
            f"{person.name}さんは退職・無効になっています。", f"{person.name} is no longer active"
        )
    if delegate is not None and delegate.id == person.id:
        raise UserMustActError(
            "代理には本人以外を指定してください。", "the delegate must be somebody else"
        )
    if delegate is not None and not delegate.active:
        raise UserMustActError(
            f"代理の{delegate.name}さんは退職・無効になっています。別の人を指定してください。",
            f"{delegate.name} is no longer active and cannot stand in; name somebody else",
        )
    other = _overlapping(person, first_on, last_on)
    if other is not None:
        raise UserMustActError(
            (
                f"{person.name}さんには重なる不在があります({_days(other)})。"
                f"先に取り消してください：renewals absence cancel {other.id}"
            ),
            (
                f"{person.name} has an absence on some of these days ({_days(other)}); cancel it "
                f"first: renewals absence cancel {other.id}"
            ),
        )


def _overlapping(person: Person, first_on: date, last_on: date) -> Absence | None:
    """An absence of the person on one of these days."""
    return next(
        (a for a in person.absences if a.first_on <= last_on and first_on <= a.last_on), None
    )


def _notices(line: AbsenceLine, people: Sequence[Person]) -> list[Label]:
    """What whoever enters it should know: who stands in is away too, or nobody stands in for the
    one for whom this person does."""
    found = []
    away = _overlapping(line.delegate, line.first_on, line.last_on) if line.delegate else None
    if line.delegate is not None and away is not None:
        found.append(
            Label(
                (
                    f"代理の{line.delegate.name}さんも{_days(away)}は不在です。"
                    f"その間は{line.delegate.name}さんの代理か上長に届きます。"
                ),
                (
                    f"{line.delegate.name} is away too ({_days(away)}); meanwhile it goes to "
                    "whoever stands in for them, or to their manager"
                ),
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
                        f"{line.person.name}さんは{other.name}さんの代理です({_days(theirs)})。"
                        f"重なる間は{line.person.name}さんの代理か上長に届きます。"
                    ),
                    (
                        f"{line.person.name} stands in for {other.name} ({_days(theirs)}); where "
                        "both are away it goes further on"
                    ),
                )
            )
    return found


def _days(absence: Absence) -> str:
    """`2027-02-01–2027-02-05`."""
    return (
        str(absence.first_on)
        if absence.first_on == absence.last_on
        else f"{absence.first_on}–{absence.last_on}"
    )
