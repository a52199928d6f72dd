"""The daemon's round with HubSpot, against an account on this machine."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from scheduler.app.wiring import App
from scheduler.core.time.dates import local_day
from scheduler.core.words.lexicon import Language
from scheduler.daemon.hubspot_job import HubSpotJob
from tests.cli.office import Office
from tests.cli.sync.test_rounds import furnished, mapped, ran
from tests.hubspot.world import FREE
from tests.servers.hubspot import HubSpotServer


@dataclass
class MovedClock:
    """Stands until it is moved."""

    at: datetime

    def now(self) -> datetime:
        return self.at


@dataclass
class Working:
    """A daemon's job beside an account. `taken` counts how often something was taken in."""

    app: App
    job: HubSpotJob
    server: HubSpotServer
    clock: MovedClock
    held: bool = False
    taken: int = 0

    def searches(self) -> int:
        return self.server.log.count["search"]

    def later(self, **span: float) -> None:
        self.clock.at += timedelta(**span)


@pytest.fixture
def working(nowhere: Office, monkeypatch: pytest.MonkeyPatch) -> Iterator[Working]:
    """Three deals that a first round has brought in, and a job that comes every minute."""
    with HubSpotServer(limits=FREE()) as server:
        furnished(server)
        monkeypatch.setenv("HUBSPOT_TOKEN", server.token)
        monkeypatch.setenv("HUBSPOT_API_URL", server.url)
        mapped(nowhere, every=60)
        assert ran(nowhere)[0] == 0
        app = App(nowhere.folder, Language.EN, None, dict(os.environ))
        clock = MovedClock(datetime.now(UTC))
        app.__dict__["clock"] = clock
        made: list[Working] = []

        def count() -> None:
            made[0].taken += 1

        job = HubSpotJob(app, lambda: made[0].held, count)
        made.append(Working(app, job, server, clock))
        yield made[0]
        job.close()
        app.close()


def never() -> bool:
    return False


def rounds(working: Working) -> None:
    while working.job.step(never):
        pass


def alerts(working: Working) -> list[str]:
    """What the admins are told."""
    with working.app.reading.connect() as connection:
        rows = connection.execute(text("SELECT facts FROM messages WHERE kind = 'alert'"))
        return [str(facts) for (facts,) in rows]


def test_it_comes_as_often_as_the_table_says(working: Working) -> None:
    rounds(working)
    asked = working.searches()
    working.later(seconds=59)
    rounds(working)
    assert working.searches() == asked
    working.later(seconds=2)
    rounds(working)
    assert working.searches() > asked


def test_what_was_taken_in_wakes_the_sweep(working: Working) -> None:
    rounds(working)
    assert working.taken == 0
    deal = min(working.server.state()["deals"])
    working.server.person("ann@example.com", "Ann Ito").moves(deal, "c_risk")
    working.later(seconds=61)
    rounds(working)
    assert working.taken == 1


def test_while_a_restored_copy_waits_hubspot_is_left_alone(working: Working) -> None:
    working.held = True
    asked = working.server.log.total
    rounds(working)
    assert working.server.log.total == asked


def test_a_revoked_token_is_told_once_a_day_and_the_rounds_go_on_once_it_is_mended(
    working: Working,
) -> None:
    tokens = dict(working.server.tokens)
    working.server.tokens.clear()
    days = set()
    for _ in range(3):
        rounds(working)
        days.add(local_day(working.clock.now(), working.app.policy.zone_of(None)))
        working.later(minutes=6)
    told = alerts(working)
    assert len(told) == len(days), "two, where midnight passed between the rounds"
    assert all("HUBSPOT_TOKEN" in each for each in told)
    working.server.tokens.update(tokens)
    asked = working.searches()
    rounds(working)
    assert working.searches() > asked
