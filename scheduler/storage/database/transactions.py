"""Transactions: an object with the queries of one use, on one connection, for as long as a block
works with it.

    with begun(engine, Sweeping) as sweeping:
        deals = sweeping.claim_due(...)

On the reading engine it is one look at what is there, for which no writer waits.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TypeVar

from sqlalchemy import Connection, Engine

from scheduler.ports import Begin
from scheduler.storage.database.engine import explained

T = TypeVar("T")


class OnConnection:
    """The queries of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection


@contextmanager
def begun(engine: Engine, made: Callable[[Connection], T], *, keep: bool = True) -> Iterator[T]:
    """One transaction, with what `made` makes of its connection (`ports.Begin`). Raises
    StoreUnavailableError."""
    with explained(engine), engine.connect() as connection, connection.begin() as under_way:
        yield made(connection)
        if not keep:
            under_way.rollback()


def transactions(engine: Engine, made: Callable[[Connection], T]) -> Begin[T]:
    """What begins such a transaction whenever it is called."""
    return partial(begun, engine, made)
