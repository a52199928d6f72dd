"""Clock sense as a table: which clocks stop the sending, and what lets it go on."""

from datetime import UTC, datetime, timedelta

import pytest

from scheduler.core.machine.clock_sense import TrustedTime, accept, look

NOON = datetime(2027, 1, 4, 12, tzinfo=UTC)
BELIEVED = TrustedTime(NOON, 1000.0)


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


@pytest.mark.parametrize(
    ("wall_went", "steady_went", "last_sweep", "trusted"),
    [
        pytest.param(1, 1, None, True, id="a minute later on both clocks"),
        pytest.param(10, 0, None, True, id="ten minutes ahead is still believed"),
        pytest.param(10.1, 0, None, False, id="more than ten minutes ahead is not"),
        pytest.param(-10, 0, None, True, id="ten minutes back is still believed"),
        pytest.param(-10.1, 0, None, False, id="more than ten minutes back is not"),
        pytest.param(60 * 24 * 365 * 26, 1, None, False, id="a jump of 26 years"),
        pytest.param(0, 20, None, False, id="the wall clock stood still for twenty minutes"),
        pytest.param(1, 1, 1.5, True, id="another machine is half a minute ahead"),
        pytest.param(1, 1, 3, False, id="the last sweep lies two minutes in the future"),
        pytest.param(1, 1, -600, True, id="the last sweep was ten hours ago"),
    ],
)
def test_when_the_time_is_believed(
    wall_went: float, steady_went: float, last_sweep: float | None, trusted: bool
) -> None:
    last_sweep_at = None if last_sweep is None else NOON + minutes(last_sweep)
    sense = look(BELIEVED, NOON + minutes(wall_went), 1000.0 + steady_went * 60, last_sweep_at)
    assert (sense.doubt is None) is trusted


def test_slow_drift_never_adds_up_to_a_doubt() -> None:
    sense, wall, steady = BELIEVED, NOON, 1000.0
    for _ in range(100):
        wall, steady = wall + minutes(1.5), steady + 60
        sense = look(sense, wall, steady, None)
        assert sense.doubt is None


def test_a_doubt_stays_until_the_clocks_agree_again() -> None:
    doubted = look(BELIEVED, NOON + minutes(60), 1000.0, None)
    assert look(doubted, NOON + minutes(70), 1000.0 + 600, None).doubt is not None
    assert look(doubted, NOON + minutes(10), 1000.0 + 600, None).doubt is None


def test_a_confirmed_time_is_believed_from_then_on() -> None:
    confirmed = accept(NOON + minutes(60), 1000.0)
    assert look(confirmed, NOON + minutes(61), 1060.0, None).doubt is None


@pytest.mark.parametrize(
    ("went", "ja", "en"),
    [(90, "90分進みました", "90 minutes forward"), (-90, "90分戻りました", "90 minutes back")],
)
def test_the_doubt_says_what_happened_and_what_to_do(went: int, ja: str, en: str) -> None:
    doubt = look(BELIEVED, NOON + minutes(went), 1000.0, None).doubt
    assert doubt is not None
    assert ja in doubt.ja
    assert en in doubt.en
    assert "renewals clock accept" in doubt.ja
    assert "renewals clock accept" in doubt.en
