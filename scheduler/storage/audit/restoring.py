"""The queries of reliving time after a restore, and a database in which it can be tried.

Always holds: only what would have gone out by the given instant changes; a trial is thrown away,
and on SQLite, which has one writer, it works on a copy, so that nobody's answer waits for it.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import cast

from sqlalchemy import Connection, Engine, and_, func, select, update
from typing_extensions import override

from scheduler.core.words.lexicon import MessageState, NudgeState
from scheduler.services.audit.restoring import RestoredStores, TakenAsSent, TakingStore
from scheduler.storage.database.deals import NUDGES, PEOPLE
from scheduler.storage.database.engine import explained, looking, transaction
from scheduler.storage.database.journal import file_of
from scheduler.storage.database.private_copy import private_copy
from scheduler.storage.database.transactions import transactions
from scheduler.storage.deals.listing import next_at
from scheduler.storage.deals.sweeping import SweepQueries
from scheduler.storage.delivery.forming import MESSAGES, FormingQueries
from scheduler.storage.digests.digests import DigestQueries
from scheduler.storage.reports.digests import WholeDigestQueries

_OPEN = [
    s.value
    for s in (
        MessageState.QUEUED,
        MessageState.CLAIMED,
        MessageState.HANDED_OVER,
        MessageState.UNKNOWN,
    )
]
_UNSENT = [NudgeState.WAITING.value, NudgeState.HELD.value]


class TakingRows(TakingStore):
    """Takes as told what went out in days that the copy does not know."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @override
    def next_at(self, now: datetime) -> datetime | None:
        with looking(self._engine) as connection:
            return next_at(connection, now)

    @override
    def take(self, at: datetime, because: str) -> int:
        due = and_(MESSAGES.c.state.in_(_OPEN), MESSAGES.c.not_before_at <= at)
        with transaction(self._engine) as connection:
            carried = and_(
                NUDGES.c.message_id.in_(select(MESSAGES.c.id).where(due)),
                NUDGES.c.state.in_(_UNSENT),
            )
            told = {"sent_at": at, "reason": because}
            connection.execute(
                update(NUDGES).where(carried).values(state=NudgeState.SENT.value, **told)
            )
            return connection.execute(
                update(MESSAGES)
                .where(due)
                .values(state=MessageState.SENT.value, lease_until=None, **told)
            ).rowcount

    @override
    def taken(self, because: str) -> Sequence[TakenAsSent]:
        nudges = (
            select(NUDGES.c.message_id, func.count().label("n"))
            .where(NUDGES.c.message_id.is_not(None))
            .group_by(NUDGES.c.message_id)
            .subquery()
        )
        first, last = (
            func.min(MESSAGES.c.sent_at).label("first"),
            func.max(MESSAGES.c.sent_at).label("last"),
        )
        name = func.coalesce(func.max(PEOPLE.c.name), MESSAGES.c.recipient).label("name")
        query = (
            select(
                name,
                MESSAGES.c.kind,
                func.count().label("n"),
                func.coalesce(func.sum(nudges.c.n), 0).label("nudges"),
                first,
                last,
            )
            .select_from(
                MESSAGES.outerjoin(PEOPLE, PEOPLE.c.id == MESSAGES.c.person_id).outerjoin(
                    nudges, nudges.c.message_id == MESSAGES.c.id
                )
            )
            .where(MESSAGES.c.reason == because)
            .group_by(MESSAGES.c.recipient, MESSAGES.c.kind)
            .order_by(first, name)
        )
        with looking(self._engine) as connection:
            return [
                TakenAsSent(r.name, r.kind, r.n, int(r.nudges), r.first, r.last)
                for r in connection.execute(query)
            ]


def world_of(engine: Engine) -> RestoredStores:
    """The stores of one database."""
    return RestoredStores(
        transactions(engine, SweepQueries),
        transactions(engine, FormingQueries),
        transactions(engine, WholeDigestQueries),
        transactions(engine, DigestQueries),
        TakingRows(engine),
    )


class _OneTransaction:
    """Stands in for an engine: everything done with it is part of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.dialect, self.url = connection.dialect, connection.engine.url

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """A transaction within the one transaction."""
        with self._connection.begin_nested():
            yield self._connection

    @contextmanager
    def connect(self) -> Iterator[Connection]:
        """The one connection."""
        yield self._connection


@contextmanager
def tried_world(engine: Engine) -> Iterator[RestoredStores]:
    """The stores of one database, for a trial: everything done is thrown away at the end of the
    block. Raises StoreUnavailableError."""
    url = engine.url.render_as_string(hide_password=False)
    file = file_of(url)
    with (
        _copied_world(url, file.parent) if file is not None else _rolled_back_world(engine) as world
    ):
        yield world


@contextmanager
def _copied_world(url: str, folder: Path) -> Iterator[RestoredStores]:
    """The trial on a private copy of a SQLite file, on the same disk."""
    with private_copy(url, folder) as tried:
        yield world_of(tried)


@contextmanager
def _rolled_back_world(engine: Engine) -> Iterator[RestoredStores]:
    """The trial in one transaction on a database server, rolled back at the end of the block."""
    with explained(engine), engine.connect() as connection, connection.begin() as whole:
        yield world_of(cast("Engine", _OneTransaction(connection)))
        whole.rollback()
