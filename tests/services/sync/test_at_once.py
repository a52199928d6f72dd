"""What somebody does in HubSpot settles what is asked here: with the pull, or the sweep it wakes."""

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Engine, select

from scheduler.storage.database.rows import metadata
from tests.services.sync.databases import ON_BOTH
from tests.services.sync.in_step import STAGES, InStep, in_step

pytestmark = ON_BOTH

NUDGES = metadata.tables["nudges"]
Act = Callable[[InStep, int], None]


@pytest.fixture
def both(engine: Engine) -> Iterator[InStep]:
    """Two sides."""
    with in_step(engine) as made:
        yield made


def _states(both: InStep) -> list[str]:
    """How the nudges stand."""
    with both.engine.connect() as connection:
        return list(connection.scalars(select(NUDGES.c.state).order_by(NUDGES.c.key)))


def _moved(stage: str) -> Act:
    return lambda both, record: both.people["ann"].moves(record, STAGES[stage])


def _ended(day: str) -> Act:
    return lambda both, record: both.people["ann"].edits(record, {"ends_on": day})


@pytest.mark.parametrize(
    "act", [_moved("won"), _moved("lost"), _ended("2028-03-05")], ids=["won", "lost", "renewed"]
)
def test_a_question_that_was_settled_there_is_not_asked_any_more(both: InStep, act: Act) -> None:
    record = both.deal(ends_on="2027-03-05")
    both.pull()
    both.sweep()
    both.here.time.passes(days=12)
    both.sweep()
    asked = _states(both)
    assert asked, "something is asked"
    assert "cancelled" not in asked
    both.here.time.passes(hours=1)
    act(both, record)
    both.here.time.passes(minutes=1)
    both.pull()
    both.sweep()
    assert set(_states(both)) == {"cancelled"}
