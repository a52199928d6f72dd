"""Transactions: an object with the queries of one use, on one connection, for as long as a block
works with it.

    with begun(engine, SweepQueries) as sweeping:
        deals = sweeping.claim_due(...)

On the reading engine it only reads, and no writer waits for it.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TypeVar

from sqlalchemy import Connection, Engine, text

from scheduler.ports import Begin
from scheduler.storage.database.engine import looking, transaction

T = TypeVar("T")


class OnConnection:
    """The queries of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection


@contextmanager
def begun(engine: Engine, made: Callable[[Connection], T], *, keep: bool = True) -> Iterator[T]:
    """One transaction, as the object that `made` makes from its connection (`ports.Begin`). Raises
    StoreUnavailableError."""
    with transaction(engine) if keep else looking(engine) as connection:
        yield made(connection)


def take_turn(connection: Connection, lock: int) -> None:
    """Waits until no other transaction has this lock; SQLite allows only one writer anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": lock})


def still(engine: Engine) -> Engine:
    """An engine on which one look sees the database at one instant, whatever is written meanwhile.
    SQLite's reading engine does that anyway."""
    if engine.dialect.name == "postgresql":
        return engine.execution_options(isolation_level="REPEATABLE READ")
    return engine


def transactions(engine: Engine, made: Callable[[Connection], T]) -> Begin[T]:
    """A function that begins such a transaction whenever it is called."""
    return partial(begun, engine, made)
