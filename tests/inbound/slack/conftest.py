"""A reception on a real database: Ann was told on Slack of her two contracts with Aoba, Bob is her
manager, Chika reads Japanese, Dan is in another team, Eve has left."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from scheduler.storage.database.engine import open_engine
from scheduler.storage.database.schema import upgrade
from tests.cast import CHIKA, DAN, at
from tests.inbound.slack.reception import Reception
from tests.servers.slack import SlackServer
from tests.servers.slack_socket import SlackSocket
from tests.storage.builders import add_cast, add_contract, add_person


def fill(engine: Engine) -> None:
    """The cast and their contracts."""
    upgrade(engine, at("2026-04-01"))
    with engine.begin() as connection:
        ann, bob = add_cast(connection)
        add_person(
            connection,
            DAN.name,
            email=DAN.email,
            slack_id=DAN.slack_id,
            zone=DAN.zone,
            calendar="weekdays",
            language="en",
        )
        add_person(connection, "Eve", email="eve@example.com", slack_id="U0EVE", active=False)
        chika = add_person(
            connection,
            CHIKA.name,
            email=CHIKA.email,
            slack_id=CHIKA.slack_id,
            zone="Europe/London",
            calendar="weekdays",
            language="ja",
            manager_id=bob,
        )
        add_contract(connection, "C-1", owner_id=ann)
        add_contract(connection, "C-2", owner_id=ann)
        add_contract(connection, "J-1", owner_id=chika, customer="青葉商事")


@pytest.fixture
def quiet_reception(empty_sqlite_url: str) -> Iterator[Reception]:
    """Nobody was told yet and nobody listens yet."""
    yield from reception_on(empty_sqlite_url)


@pytest.fixture
def reception(quiet_reception: Reception) -> Reception:
    """Everybody was told, and somebody listens."""
    quiet_reception.tell_everybody()
    quiet_reception.open()
    return quiet_reception


def reception_on(url: str) -> Iterator[Reception]:
    """A reception on a database, closed at the end."""
    engine = open_engine(url)
    fill(engine)
    with SlackServer() as slack, SlackSocket() as socket:
        made = Reception(engine, slack, socket)
        yield made
        made.listener.stop()
    engine.dispose()
