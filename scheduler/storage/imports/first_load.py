"""What a first load held back, in the database. Always holds: a digest with the same key is never
queued twice."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, and_, func, or_, select, update
from typing_extensions import override

from scheduler.core.deal.deal import SYSTEM_MILESTONES, Deal
from scheduler.core.deal.people import Person
from scheduler.core.words.lexicon import EventState
from scheduler.core.words.reasons import reason
from scheduler.services.imports.first_load import OWES_DIGEST, Digest, HeldTransaction
from scheduler.storage.database.deals import CONTRACTS, DEALS, EVENTS, load_deals, load_people
from scheduler.storage.database.rows import metadata
from scheduler.storage.database.transactions import OnConnection
from scheduler.storage.delivery.forming import MESSAGES, insert_message

_BATCH = 500
IMPORTS = metadata.tables["imports"]


class HeldQueries(OnConnection, HeldTransaction):
    """Finds what a first load holds back."""

    @override
    def owing(self) -> Sequence[int]:
        """The completed imports that owe digests."""
        done = (
            select(IMPORTS.c.id, IMPORTS.c.counts)
            .where(IMPORTS.c.state == "completed", IMPORTS.c.first_load)
            .order_by(IMPORTS.c.id)
        )
        return [row.id for row in self._connection.execute(done) if row.counts.get(OWES_DIGEST)]

    @override
    def paid(self, import_id: int) -> None:
        """Notes in the import's counts that it owes no digests any more."""
        counts = self._connection.execute(
            select(IMPORTS.c.counts).where(IMPORTS.c.id == import_id)
        ).scalar_one()
        left = {name: count for name, count in counts.items() if name != OWES_DIGEST}
        self._connection.execute(
            update(IMPORTS).where(IMPORTS.c.id == import_id).values(counts=left)
        )

    @override
    def held(self, import_id: int) -> int:
        held: int = self._connection.execute(
            _of(select(func.count(DEALS.c.id.distinct())), import_id)
        ).scalar_one()
        return held

    @override
    def deals(self, import_id: int) -> Iterator[Sequence[Deal]]:
        last = 0
        query = _of(select(DEALS.c.id).distinct(), import_id).order_by(DEALS.c.id).limit(_BATCH)
        while ids := list(self._connection.execute(query.where(DEALS.c.id > last)).scalars()):
            yield load_deals(self._connection, ids)
            last = ids[-1]

    @override
    def first_loads(self) -> Sequence[int]:
        query = select(IMPORTS.c.id).where(
            IMPORTS.c.first_load, IMPORTS.c.state == "completed", IMPORTS.c.kind == "contracts"
        )
        return self._connection.execute(query.order_by(IMPORTS.c.id)).scalars().all()

    @override
    def let_speak(self, import_id: int, today: date, now: datetime) -> int:
        running = select(CONTRACTS.c.id).where(
            or_(CONTRACTS.c.ends_on.is_(None), CONTRACTS.c.ends_on >= today)
        )
        ids = self._connection.execute(
            _of(select(DEALS.c.id).distinct(), import_id).where(
                DEALS.c.contract_id.in_(running), EVENTS.c.reason == reason("baseline")
            )
        ).scalars()
        found = list(ids)
        for start in range(0, len(found), _BATCH):
            some = found[start : start + _BATCH]
            held = and_(
                EVENTS.c.deal_id.in_(some),
                EVENTS.c.state == EventState.BASELINE.value,
                EVENTS.c.reason == reason("baseline"),
            )
            taken = {
                "state": EventState.WITHDRAWN.value,
                "was": EventState.BASELINE.value,
                "reason": reason("caught_up"),
            }
            self._connection.execute(
                update(EVENTS)
                .where(held, EVENTS.c.milestone.not_in(SYSTEM_MILESTONES))
                .values(taken)
            )
            anew = {"baseline_at": None, "wake_at": now, "version": DEALS.c.version + 1}
            self._connection.execute(update(DEALS).where(DEALS.c.id.in_(some)).values(anew))
        return len(found)

    @override
    def person(self, person_id: int) -> Person | None:
        return load_people(self._connection, [person_id]).get(person_id)

    @override
    def queue(self, digests: Sequence[Digest], now: datetime) -> int:
        """Queues those that are not there yet."""
        there = set(
            self._connection.execute(
                select(MESSAGES.c.key).where(MESSAGES.c.key.in_([d.key for d in digests]))
            ).scalars()
        )
        fresh = [d for d in digests if d.key not in there]
        for digest in fresh:
            channel, address = digest.destination
            values = {
                "key": digest.key,
                "kind": "digest",
                "recipient": digest.recipient.key,
                "person_id": digest.recipient.person_id,
                "channel": channel.value,
                "address": address,
                "language": digest.language.value,
                "facts": digest.facts,
                "not_before_at": digest.not_before_at,
            }
            insert_message(self._connection, values, now)
        return len(fresh)


def _of(query: Select[Any], import_id: int) -> Select[Any]:
    """A query on the reminders that an import's open deals held back."""
    return (
        query.select_from(EVENTS.join(DEALS, DEALS.c.id == EVENTS.c.deal_id))
        .where(
            DEALS.c.import_id == import_id, DEALS.c.closed_at.is_(None), DEALS.c.voided_at.is_(None)
        )
        .where(
            EVENTS.c.state == EventState.BASELINE.value,
            EVENTS.c.milestone.not_in(SYSTEM_MILESTONES),
        )
    )
