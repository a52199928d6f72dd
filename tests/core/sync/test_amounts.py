"""How the first load reads, and the mark an increment leaves."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from scheduler.core.sync.amounts import (
    OVERLAP,
    SETTLED,
    FirstLoad,
    ReadMethod,
    first_load,
    watermark,
    window,
)
from tests.core.sync.sync_cast import NOON

MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("total", "mapped", "history", "chosen"),
    [
        (100_000, 100_000, True, FirstLoad(ReadMethod.LIST, 3_007)),
        (100_000, 80_000, True, FirstLoad(ReadMethod.LIST, 2_807)),
        (100_000, 70_000, True, FirstLoad(ReadMethod.SEARCH, 2_527)),
        (100_000, 100_000, False, FirstLoad(ReadMethod.SEARCH, 1_607)),
        (0, 0, True, FirstLoad(ReadMethod.LIST, 9)),
        (40, 40, True, FirstLoad(ReadMethod.LIST, 9)),
    ],
)
def test_the_way_with_fewer_requests_is_taken(
    total: int, mapped: int, history: bool, chosen: FirstLoad
) -> None:
    assert first_load(total, mapped, history=history) == chosen


@given(some.integers(-500, 500) | some.none())
def test_a_mark_never_passes_the_start_of_its_run(minutes: int | None) -> None:
    newest = None if minutes is None else NOON + minutes * MINUTE
    mark = watermark(NOON, newest)
    assert mark <= NOON - OVERLAP
    assert newest is None or mark <= newest
    if newest is None or newest > NOON - SETTLED:
        assert mark == min(NOON, newest or NOON) - OVERLAP


def test_in_an_account_at_rest_the_mark_is_at_its_newest_change() -> None:
    newest = NOON - SETTLED
    assert watermark(NOON, newest) == newest
    assert watermark(NOON, newest, timedelta(hours=2)) == newest - timedelta(hours=2)


@given(some.integers(-500, 500) | some.none())
def test_a_window_is_never_turned_round(minutes: int | None) -> None:
    floor, upto = window(None if minutes is None else NOON + minutes * MINUTE, NOON)
    assert floor <= upto == NOON


def test_linked_records_take_their_own_requests() -> None:
    alone = first_load(10_000, 10_000).requests
    assert first_load(10_000, 10_000, kinds=1).requests == alone + 1 + 10 + 100
    assert first_load(10_000, 10_000, kinds=2).requests == alone + 222
