"""What the database knows about time, with several machines that write it."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine, insert

from scheduler.storage.database.meta import LAST_SWEEP, get_fact, instance_id, set_fact
from scheduler.storage.database.timekeeping import Timekeeping
from tests.cast import at
from tests.storage.builders import T
from tests.storage.racing import at_once, beside

NOW = at("2027-01-05")
LATER, EARLIER = NOW + timedelta(minutes=5), NOW - timedelta(minutes=5)


@pytest.fixture
def keeping(engine: Engine) -> Timekeeping:
    """Timekeeping on an empty database."""
    return Timekeeping(engine, engine)


def test_the_last_sweep_only_moves_forward(keeping: Timekeeping) -> None:
    assert keeping.last_sweep_at() is None
    for written, known in ((NOW, NOW), (EARLIER, NOW), (LATER, LATER), (NOW, LATER)):
        keeping.record_sweep(written)
        assert keeping.last_sweep_at() == known


def test_a_machine_that_is_slower_does_not_put_the_last_sweep_back(
    keeping: Timekeeping, engine: Engine
) -> None:
    keeping.record_sweep(EARLIER)
    with engine.begin() as first:
        set_fact(first, LAST_SWEEP, LATER.isoformat())
        finish = beside(engine, lambda: keeping.record_sweep(NOW))
    finish()
    assert keeping.last_sweep_at() == LATER


def test_many_who_record_the_first_sweep_at_once_do_so_without_a_word(keeping: Timekeeping) -> None:
    assert at_once(8, lambda: keeping.record_sweep(NOW)) == []
    assert keeping.last_sweep_at() == NOW


def test_a_person_may_put_the_last_sweep_back(keeping: Timekeeping) -> None:
    keeping.record_sweep(LATER)
    assert keeping.accepted() is None
    keeping.accept(NOW)
    said = keeping.accepted()
    assert keeping.last_sweep_at() == NOW
    keeping.accept(NOW + timedelta(seconds=1))
    assert said != keeping.accepted(), "it changes with every confirmation"
    keeping.record_sweep(EARLIER)
    keeping.accept(LATER)
    assert keeping.last_sweep_at() == NOW, "a confirmation makes nothing later"


def test_a_persons_word_is_not_lost_between_two_sweeps(
    keeping: Timekeeping, engine: Engine
) -> None:
    keeping.record_sweep(NOW)
    with engine.begin() as first:
        assert get_fact(first, LAST_SWEEP, locked=True) == NOW.isoformat()
        set_fact(first, LAST_SWEEP, LATER.isoformat())
        finish = beside(engine, lambda: keeping.accept(NOW))
    finish()
    assert keeping.last_sweep_at() == NOW


def test_a_rehearsal_is_never_forgotten(keeping: Timekeeping) -> None:
    assert not keeping.rehearsed()
    assert at_once(4, lambda: keeping.mark_rehearsed(NOW)) == []
    keeping.mark_rehearsed(LATER)
    assert keeping.rehearsed()


@pytest.mark.parametrize(
    ("channel", "state", "told"),
    [
        ("slack", "sent", True),
        ("email", "sent", True),
        ("preview", "sent", False),
        ("slack", "queued", False),
    ],
)
def test_what_left_for_a_person_counts_as_told(
    keeping: Timekeeping, engine: Engine, channel: str, state: str, told: bool
) -> None:
    with engine.begin() as connection:
        row = {"recipient": "person:1", "address": "x", "created_at": NOW, "not_before_at": NOW}
        connection.execute(
            insert(T["messages"]).values(key="k", channel=channel, state=state, **row)
        )
    assert keeping.has_told_people() is told


def test_a_database_has_one_identity_whoever_looks_first(engine: Engine) -> None:
    seen: list[str] = []

    def look() -> None:
        with engine.begin() as connection:
            seen.append(instance_id(connection))

    assert at_once(8, look) == []
    look()
    assert len(seen) == 9
    assert len(set(seen)) == 1
    assert len(seen[0]) == 36


def test_a_fact_can_be_changed_and_removed(engine: Engine) -> None:
    for value in ("1", "2", None, None, "3"):
        with engine.begin() as connection:
            set_fact(connection, "x", value)
            assert get_fact(connection, "x") == value
