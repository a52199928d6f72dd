"""The queries of absences. Always holds: an absence that is taken back keeps its row."""

from collections.abc import Collection, Sequence
from datetime import date, datetime

from sqlalchemy import Connection, insert, or_, select, update
from typing_extensions import override

from scheduler.core.deal.people import Person
from scheduler.services.people.absences import AbsenceLine, AbsenceTransaction
from scheduler.storage.database.deals import ABSENCES, CONTRACTS, DEALS, PEOPLE, load_people
from scheduler.storage.database.transactions import OnConnection, take_turn

_LOCK = 7_240_032


class Absences(OnConnection, AbsenceTransaction):
    """The absences of people, one transaction at a time, so that none overlap."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        take_turn(connection, _LOCK)

    @override
    def people(self) -> Sequence[Person]:
        return everybody(self._connection)

    @override
    def absences(self) -> Sequence[AbsenceLine]:
        return self._lines(ABSENCES.c.cancelled_at.is_(None))

    @override
    def absence(self, number: int) -> AbsenceLine | None:
        return next(iter(self._lines(ABSENCES.c.id == number)), None)

    def _lines(self, where: object) -> list[AbsenceLine]:
        """Absences with their people."""
        rows = self._connection.execute(
            select(ABSENCES).where(where).order_by(ABSENCES.c.first_on, ABSENCES.c.id)  # type: ignore[arg-type]
        ).all()
        people = load_people(
            self._connection,
            {i for r in rows for i in (r.person_id, r.delegate_id) if i is not None},
        )
        return [
            AbsenceLine(
                r.id,
                people[r.person_id],
                r.first_on,
                r.last_on,
                people.get(r.delegate_id),
                r.note,
                r.actor,
                r.cancelled_at,
            )
            for r in rows
        ]

    @override
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
        row = {
            "person_id": person,
            "first_on": first_on,
            "last_on": last_on,
            "delegate_id": delegate,
            "note": note,
            "actor": actor,
        }
        number: int = self._connection.execute(
            insert(ABSENCES).values(**row, created_at=now).returning(ABSENCES.c.id)
        ).scalar_one()
        return number

    @override
    def cancel(self, number: int, now: datetime, *, begun: bool) -> None:
        told = {} if begun else {"told_at": now}
        self._connection.execute(
            update(ABSENCES).where(ABSENCES.c.id == number).values(cancelled_at=now, **told)
        )

    @override
    def wake(self, person: int, now: datetime) -> int:
        return wake_deals_of(self._connection, [person], now)


def everybody(connection: Connection) -> list[Person]:
    """All people, with the absences that stand."""
    return list(
        load_people(
            connection,
            connection.scalars(
                select(PEOPLE.c.id).where(PEOPLE.c.merged_into_id.is_(None)).order_by(PEOPLE.c.id)
            ),
        ).values()
    )


def wake_deals_of(connection: Connection, people: Collection[int], now: datetime) -> int:
    """Wakes the open deals of these people, of those they manage and of those they stand in for
    (owner or sales); returns how many."""
    if not people:
        return 0
    standing_in = select(ABSENCES.c.person_id).where(
        ABSENCES.c.delegate_id.in_(people), ABSENCES.c.cancelled_at.is_(None)
    )
    theirs = select(PEOPLE.c.id).where(
        or_(PEOPLE.c.id.in_(people), PEOPLE.c.manager_id.in_(people), PEOPLE.c.id.in_(standing_in))
    )
    contracts = select(CONTRACTS.c.id).where(
        or_(CONTRACTS.c.owner_id.in_(theirs), CONTRACTS.c.sales_id.in_(theirs))
    )
    awake = update(DEALS).where(
        DEALS.c.contract_id.in_(contracts), DEALS.c.closed_at.is_(None), DEALS.c.voided_at.is_(None)
    )
    return connection.execute(awake.values(wake_at=now, version=DEALS.c.version + 1)).rowcount
