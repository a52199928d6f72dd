"""The queries of the calendar feed. Always holds: reading takes no lock; people know the secret,
the database only its hash."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date

from sqlalchemy import Engine, or_, select, update
from typing_extensions import override

from scheduler.core.deal.deal import Deal
from scheduler.core.deal.people import Person
from scheduler.services.answers.calendar_feed import FeedStore
from scheduler.services.deals.listing import NOTE
from scheduler.storage.answers.undoable import ANSWERS
from scheduler.storage.database.deals import CONTRACTS, DEALS, NUDGES, PEOPLE, load_deals
from scheduler.storage.database.engine import looking, transaction
from scheduler.storage.database.values import person_from

_MOST = 5000


class FeedRows(FeedStore):
    """Finds whose feed an address is, and what it shows."""

    def __init__(self, engine: Engine, reading: Engine) -> None:
        self._engine = engine
        self._reading = reading

    @override
    def subscriber(self, secret_hash: str) -> Person | None:
        with looking(self._reading) as connection:
            row = (
                connection.execute(select(PEOPLE).where(PEOPLE.c.feed_secret == secret_hash))
                .mappings()
                .first()
            )
        return person_from(row) if row else None

    @override
    def reports_of(self, person_id: int) -> Collection[int]:
        found: set[int] = set()
        above = {person_id}
        with looking(self._reading) as connection:
            while above:
                below = set(
                    connection.scalars(select(PEOPLE.c.id).where(PEOPLE.c.manager_id.in_(above)))
                )
                above = below - found - {person_id}
                found |= above
        return found

    @override
    def feed_deals(self, owners: Collection[int], since: date) -> Sequence[Deal]:
        told = select(NUDGES.c.deal_id).where(
            NUDGES.c.person_id.in_(owners), NUDGES.c.role == "owner", NUDGES.c.instead_of.is_(None)
        )
        query = (
            select(DEALS.c.id)
            .join(CONTRACTS, CONTRACTS.c.id == DEALS.c.contract_id)
            .where(
                DEALS.c.voided_at.is_(None),
                or_(CONTRACTS.c.ends_on.is_(None), CONTRACTS.c.ends_on >= since),
            )
            .where(or_(CONTRACTS.c.owner_id.in_(owners), DEALS.c.id.in_(told)))
            .order_by(CONTRACTS.c.ends_on, DEALS.c.id)
            .limit(_MOST)
        )
        with looking(self._reading) as connection:
            return load_deals(connection, list(connection.scalars(query)))

    @override
    def notes_of(self, deals: Collection[int]) -> Mapping[int, str]:
        standing = (
            ANSWERS.c.deal_id.in_(deals),
            ANSWERS.c.verb == NOTE,
            ANSWERS.c.undone_at.is_(None),
        )
        query = select(ANSWERS.c.deal_id, ANSWERS.c.details).where(*standing).order_by(ANSWERS.c.id)
        with looking(self._reading) as connection:
            return {row.deal_id: row.details["note"] for row in connection.execute(query)}

    @override
    def has_feed(self, person_id: int) -> bool:
        with looking(self._reading) as connection:
            return (
                connection.scalar(select(PEOPLE.c.feed_secret).where(PEOPLE.c.id == person_id))
                is not None
            )

    @override
    def keep_secret(self, person_id: int, secret_hash: str | None) -> None:
        with transaction(self._engine) as connection:
            connection.execute(
                update(PEOPLE).where(PEOPLE.c.id == person_id).values(feed_secret=secret_hash)
            )
