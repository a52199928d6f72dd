"""An import that is only looked at, in which no row counts as known already: what stands here is
compared field by field with what a source says, however often it said so.

Always holds: nothing of it is kept.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace

from sqlalchemy import Engine
from typing_extensions import override

from scheduler.services.imports.store import ImportStore, KnownContract
from scheduler.storage.database.engine import explained
from scheduler.storage.imports.importing import ImportQueries


def _quiet() -> None:
    """Nothing is taken back."""


class ComparisonQueries(ImportQueries):
    """Compares every row."""

    @override
    def known(self, source: str, source_ids: Collection[str]) -> Mapping[str, KnownContract]:
        found = super().known(source, source_ids)
        return {id: replace(each, row_hash="") for id, each in found.items()}


class ComparedRows(ImportStore):
    """Imports that are rolled back, whatever is asked."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @contextmanager
    @override
    def importing(
        self, *, keep: bool, large: bool = False, taking_back: Callable[[], None] = _quiet
    ) -> Iterator[ImportQueries]:
        """Opens one transaction, rolled back at the end."""
        with (
            explained(self._engine),
            self._engine.connect() as connection,
            connection.begin() as under_way,
        ):
            yield ComparisonQueries(connection)
            under_way.rollback()
