"""The pages: on SQLite for what they say, on each database for what they keep."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from scheduler.storage.database.engine import open_engine
from tests.inbound.office import Site, office, stage


def opened(url: str) -> Iterator[Site]:
    """Ann's and Chika's contracts, told, and the pages over them on Tuesday 5 January 2027."""
    engine, reading = open_engine(url), open_engine(url, reading=True)
    stage(engine)
    with office(engine, reading) as site:
        yield site
    engine.dispose()
    reading.dispose()


@pytest.fixture
def site(empty_sqlite_url: str) -> Iterator[Site]:
    """The pages on SQLite."""
    yield from opened(empty_sqlite_url)


@pytest.fixture
def any_site(database_url: str) -> Iterator[Site]:
    """The pages on each database in turn."""
    yield from opened(database_url)


@pytest.fixture
def engine(site: Site) -> Engine:
    """The database behind the pages."""
    return site.engine
