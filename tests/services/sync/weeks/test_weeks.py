"""Weeks in which both sides change at random end in step: no echo, no lost change.

`pytest --soak` lives every setting of HubSpot's unknown behaviours; `python -m tests.sync_weeks`
as many weeks as are asked for.
"""

import pytest
from sqlalchemy import Engine

from scheduler.storage.database.engine import open_engine
from tests.servers.hubspot import Switches
from tests.services.sync.weeks.accounts import check
from tests.services.sync.weeks.killing import KilledWeek
from tests.services.sync.weeks.living import lived

SEEDS = (1, 12)
DAYS = 1.0


@pytest.mark.parametrize("seed", SEEDS)
def test_days_of_both_sides_end_in_step(empty_sqlite_url: str, seed: int) -> None:
    engine = open_engine(empty_sqlite_url)
    with lived(engine, seed, DAYS) as week:
        check(week)
        assert week.server.faults.done
        assert week.team.told
    engine.dispose()


def test_days_of_rounds_that_are_killed_end_in_step(empty_sqlite_url: str) -> None:
    engine = open_engine(empty_sqlite_url)
    with lived(engine, 3, 0.25, kind=KilledWeek) as week:
        check(week)
        assert isinstance(week, KilledWeek)
        assert week.killed
    engine.dispose()


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(40, 44))
def test_weeks_of_rounds_that_are_killed_end_in_step(engine: Engine, seed: int) -> None:
    with lived(engine, seed, 4, kind=KilledWeek) as week:
        check(week)


@pytest.mark.soak
@pytest.mark.parametrize("switches", list(Switches.each()), ids=str)
def test_a_week_with_each_unknown_behaviour_ends_in_step(
    engine: Engine, switches: Switches
) -> None:
    with lived(engine, 31, 7, switches) as week:
        check(week)
