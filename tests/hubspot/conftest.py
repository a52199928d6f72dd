"""One account on a clock that stands until it is moved."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from tests.hubspot.calling import Caller
from tests.hubspot.world import World, world
from tests.servers.hubspot import HubSpotServer


@dataclass
class StandingClock:
    """A clock that is moved by hand."""

    at: datetime = datetime(2026, 11, 28, 3, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **span: float) -> None:
        """Moves it."""
        self.at += timedelta(**span)


@pytest.fixture
def clock() -> StandingClock:
    """Its time is noon in Tokyo on 28 November 2026."""
    return StandingClock()


@pytest.fixture
def hubspot(clock: StandingClock) -> Iterator[HubSpotServer]:
    """An account without limits: the clock stands."""
    with HubSpotServer(clock) as server:
        server.limits.burst = server.limits.searches = None
        yield server


@pytest.fixture
def call(hubspot: HubSpotServer) -> Iterator[Caller]:
    """Calls it."""
    caller = Caller(hubspot)
    yield caller
    caller.close()


@pytest.fixture
def here() -> Iterator[World]:
    """An account without limits, and the program's client of it."""
    with world() as made:
        yield made
