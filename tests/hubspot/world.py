"""An account on loopback, a clock that both sides share, and a stopwatch whose waiting moves it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from scheduler.hubspot.client import HubspotClient
from tests.servers.hubspot import HubSpotServer, Limits

FREE = partial(Limits, burst=None, daily=None, searches=None)
NOON = datetime(2026, 11, 27, 3, tzinfo=UTC)
"""Noon in Tokyo."""


@dataclass
class Time:
    """The clock and the stopwatch. `waits` is every waiting there was."""

    at: datetime = NOON
    waits: list[float] = field(default_factory=list)

    def now(self) -> datetime:
        return self.at

    def seconds(self) -> float:
        return (self.at - NOON).total_seconds() + 1_000

    def wait(self, seconds: float) -> None:
        self.waits.append(round(seconds, 3))
        self.at += timedelta(seconds=seconds)

    def passes(self, **more: float) -> None:
        """So long later."""
        self.at += timedelta(**more)


@dataclass
class World:
    """One account and a client of it."""

    server: HubSpotServer
    client: HubspotClient
    time: Time
    token: str

    def deals(self, count: int, **values: str) -> list[str]:
        """So many deals; their ids."""
        made = {"pipeline": "default", "dealstage": "appointmentscheduled"} | values
        return [
            str(self.server.add("deals", {"dealname": f"Deal {n}"} | made)) for n in range(count)
        ]


@contextmanager
def world(limits: Limits | None = None, **more: Any) -> Iterator[World]:
    """An account without limits, unless some are given."""
    time = Time()
    with HubSpotServer(clock=time.now, limits=limits or FREE()) as server:
        server.sleep = time.wait
        made: list[World] = []
        client = HubspotClient(
            lambda: made[0].token, time, time, lambda: 0.0, api_url=server.url, **more
        )
        made.append(World(server, client, time, server.token))
        with client:
            yield made[0]
