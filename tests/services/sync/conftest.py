"""Which tests of the sync are lived on which database: what people see is the same on both, so most
are lived on SQLite; on each database in turn those that say something to it that no other says, and
all of crashes and of two at once."""

import pytest


@pytest.fixture
def database_url(request: pytest.FixtureRequest) -> str:
    """A SQLite file with our tables and nothing in them; for what is marked ON_BOTH, each database
    in turn."""
    kind = getattr(request, "param", "sqlite")
    url: str = request.getfixturevalue(
        "empty_postgres_url" if kind == "postgresql" else "empty_sqlite_url"
    )
    return url
