"""Lives in other processes are the lives of this one."""

import random
from datetime import date

import pytest
from sqlalchemy import Engine

from scheduler.app.policy_building import build_policy, holidays_of
from scheduler.app.process_pool import process_pool
from scheduler.app.shipped import shipped_config
from scheduler.core.config.reading import Config, read_config
from scheduler.core.words.lexicon import ChannelName
from scheduler.services.policy.in_force import InForce
from scheduler.services.policy.simulate import SimulatedRow, Span, simulate
from scheduler.storage.policy.planning import PlanRows
from tests.services.policy.test_lives import START, contracts, team

CHANNELS = (ChannelName.PREVIEW,)
SPAN = Span(START.date(), date(2027, 3, 31), START)


@pytest.fixture
def version() -> InForce:
    """The shipped policy."""
    config = read_config(shipped_config(), "config.toml", holidays_of)
    assert isinstance(config, Config)
    return InForce(1, config.hash, config.document, {}, ())


def test_several_processes_live_the_same_lives_in_the_same_order(
    engine: Engine, version: InForce, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scheduler.services.policy.simulate._BATCH", 7)
    chance = random.Random(3)
    contracts(engine, team(engine, chance), chance, 40)
    here: list[SimulatedRow] = []
    there: list[SimulatedRow] = []
    with PlanRows(engine, engine).snapshot() as snapshot:
        one = simulate(snapshot, build_policy(version), SPAN, CHANNELS, here.append)
        with process_pool(version, SPAN, CHANNELS, (), processes=2) as spread:
            other = simulate(snapshot, build_policy(version), SPAN, CHANNELS, there.append, spread)
    assert here == there
    assert one == other
    assert len(here) > 300
