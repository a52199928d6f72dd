"""The database as `renewals check` reads it. Always holds: deals come in batches on the reading engine, so that memory does not grow with them."""

from collections.abc import Iterator

from sqlalchemy import Engine, select

from scheduler.core.deal import Deal
from scheduler.core.people import Person
from scheduler.storage.deals import DEALS, PEOPLE, load_deals
from scheduler.storage.engine import explained
from scheduler.storage.values import person_from


class CheckRows:
    """scheduler.services.checking.CheckStore on SQL. A deal that changes while they are read is seen before or after, never half."""

    def __init__(self, reading: Engine, batch: int = 900) -> None:
        self._reading = reading
        self._batch = batch

    def open_deals(self) -> Iterator[Deal]:
        """Every deal that is neither closed nor voided, without events and nudges, which nothing that is checked reads."""
        last, people = 0, dict[int, Person]()
        is_open = (DEALS.c.closed_at.is_(None), DEALS.c.voided_at.is_(None))
        while True:
            with explained(self._reading), self._reading.connect() as connection:
                query = select(DEALS.c.id).where(*is_open, DEALS.c.id > last).order_by(DEALS.c.id).limit(self._batch)
                ids = connection.execute(query).scalars().all()
                deals = load_deals(connection, ids, told=False, known=people)
            people = dict(deals[-1].people) if deals else people
            yield from deals
            if len(ids) < self._batch:
                return
            last = ids[-1]

    def people(self) -> list[Person]:
        """Everybody, by name."""
        with explained(self._reading), self._reading.connect() as connection:
            return [person_from(row) for row in connection.execute(select(PEOPLE).order_by(PEOPLE.c.name)).mappings()]
