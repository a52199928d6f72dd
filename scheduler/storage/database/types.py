"""Column types: instants that keep their zone on every database, and JSON.

Always holds: an aware instant is read back as the same instant in UTC; a naive one is refused.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import DateTime, String
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator


class UtcDateTime(TypeDecorator[datetime]):
    """An aware instant. PostgreSQL: timestamptz. SQLite: text `YYYY-MM-DD HH:MM:SS.ffffff`, UTC,
    which sorts as time does."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        """Text on SQLite, timestamptz on PostgreSQL."""
        return (
            dialect.type_descriptor(String(26))
            if dialect.name == "sqlite"
            else dialect.type_descriptor(DateTime(timezone=True))
        )

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """In UTC; a naive instant raises ValueError."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a naive datetime cannot be stored: {value!r}")
        utc = value.astimezone(UTC)
        return utc.strftime("%Y-%m-%d %H:%M:%S.%f") if dialect.name == "sqlite" else utc

    def result_processor(
        self, dialect: Dialect, coltype: object
    ) -> Callable[[Any], datetime | None]:
        """Aware, in UTC. SQLAlchemy's wrapper around `process_result_value` would cost as much as
        the reading itself, for every instant."""
        return _from_text if dialect.name == "sqlite" else _in_utc


@lru_cache(maxsize=8192)  # what was written together has the same instant
def _from_text(text: str | None) -> datetime | None:
    """An instant from SQLite; fromisoformat turns `+00:00` into `UTC` itself."""
    return None if text is None else datetime.fromisoformat(text + "+00:00")


def _in_utc(instant: datetime | None) -> datetime | None:
    """An instant from PostgreSQL, which gives it in the session's zone."""
    return None if instant is None else instant.astimezone(UTC)
