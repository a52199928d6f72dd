"""How far the two clocks were apart, and when."""

from datetime import timedelta

from scheduler.core.sync.clocks import ClockOffsets
from tests.core.sync.sync_cast import NOON

MINUTE = timedelta(minutes=1)
BEHIND, AHEAD = timedelta(seconds=-25), timedelta(seconds=52)


def test_an_instant_is_read_by_the_clocks_of_its_time() -> None:
    clocks = ClockOffsets().measured(NOON, BEHIND).measured(NOON + 60 * MINUTE, AHEAD)
    assert clocks.there(NOON + 59 * MINUTE) == NOON + 59 * MINUTE + BEHIND
    assert clocks.there(NOON + 60 * MINUTE) == NOON + 60 * MINUTE + AHEAD
    assert clocks.there(NOON - MINUTE) == NOON - MINUTE + BEHIND
    assert clocks.here(NOON + 61 * MINUTE) == NOON + 61 * MINUTE - AHEAD


def test_nothing_measured_is_no_difference() -> None:
    assert ClockOffsets().there(NOON) == NOON


def test_a_second_more_or_less_is_how_it_is_measured() -> None:
    clocks = ClockOffsets().measured(NOON, BEHIND)
    assert clocks.measured(NOON + MINUTE, BEHIND + timedelta(seconds=1)) is clocks
    assert clocks.measured(NOON + MINUTE, BEHIND + timedelta(seconds=2)) is not clocks


def test_what_is_kept_comes_back_and_what_is_old_goes() -> None:
    clocks = ClockOffsets().measured(NOON, BEHIND).measured(NOON + MINUTE, AHEAD)
    assert ClockOffsets.from_text(clocks.as_text()) == clocks
    assert ClockOffsets.from_text(None) == ClockOffsets()
    later = clocks.measured(NOON + timedelta(days=61), BEHIND)
    assert later.known == ((NOON + MINUTE, AHEAD), (NOON + timedelta(days=61), BEHIND))
