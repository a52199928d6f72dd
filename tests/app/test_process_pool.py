"""Lives in other processes are the lives of this one."""

import random
from collections.abc import Iterable, Sequence
from datetime import date

import pytest
from sqlalchemy import Engine

from scheduler.app.policy_building import build_policy, holidays_of
from scheduler.app.process_pool import process_pool
from scheduler.app.shipped import shipped_config
from scheduler.core.config.reading import Config, read_config
from scheduler.core.words.lexicon import ChannelName
from scheduler.services.policy.in_force import InForce
from scheduler.services.policy.simulate import (
    Part,
    SimulatedRow,
    Span,
    Spread,
    Task,
    simulate,
)
from scheduler.storage.policy.planning import PlanRows
from tests.services.policy.test_lives import START, contracts, team
from tests.storage.builders import add_contract

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
    monkeypatch.setattr("scheduler.services.policy.simulate._TRIED", 2)
    elsewhere = list[int]()
    chance = random.Random(3)
    contracts(engine, team(engine, chance), chance, 40)
    here: list[SimulatedRow] = []
    there: list[SimulatedRow] = []
    with PlanRows(engine, engine).snapshot() as snapshot:
        one = simulate(snapshot, build_policy(version), SPAN, CHANNELS, here.append)
        with process_pool(version, SPAN, CHANNELS, (), processes=2) as spread:
            counting = _counted(spread, elsewhere)
            other = simulate(
                snapshot, build_policy(version), SPAN, CHANNELS, there.append, counting
            )
    assert here == there
    assert one == other
    assert len(here) > 300
    assert sum(elsewhere) == one.deals - 2 * 7


def test_deals_that_share_their_lives_are_lived_here(
    engine: Engine, version: InForce, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scheduler.services.policy.simulate._BATCH", 7)
    monkeypatch.setattr("scheduler.services.policy.simulate._TRIED", 2)
    with engine.begin() as connection:
        for n in range(40):
            add_contract(connection, f"C-{n}", date(2026, 12, 31))
    elsewhere = list[int]()
    with (
        PlanRows(engine, engine).snapshot() as snapshot,
        process_pool(version, SPAN, CHANNELS, (), processes=2) as spread,
    ):
        counting = _counted(spread, elsewhere)
        found = simulate(snapshot, build_policy(version), SPAN, CHANNELS, spread=counting)
    assert (found.deals, elsewhere) == (40, [])


def _counted(spread: Spread, elsewhere: list[int]) -> Spread:
    """The same processes; the number of deals of every batch they are given is written down."""

    def counting(batches: Iterable[Sequence[Task]]) -> Iterable[Part]:
        given = list(batches)
        elsewhere.extend(map(len, given))
        return spread(given)

    return counting
