"""The way between days and instants, for every zone there is."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.core.time.dates import local_day, send_instant

TOKYO, NEW_YORK, SAMOA = (
    ZoneInfo("Asia/Tokyo"),
    ZoneInfo("America/New_York"),
    ZoneInfo("Pacific/Apia"),
)

days = st.dates(date(1900, 1, 1), date(2200, 12, 31))


def transitions(zone: ZoneInfo, year: int) -> Iterator[datetime]:
    """The UTC midnights before which the zone's offset changed during the last 24 hours."""
    midnight = datetime(year, 1, 1, tzinfo=UTC)
    before = midnight.astimezone(zone).utcoffset()
    for _ in range(365):
        midnight += timedelta(days=1)
        after = midnight.astimezone(zone).utcoffset()
        if after != before:
            yield midnight
        before = after


def expected_instant(wall: datetime, zone: ZoneInfo) -> datetime:
    """The first instant that shows `wall`; if none does, `wall` read with the offset that was valid
    before the gap."""
    around = [wall.replace(tzinfo=UTC) + timedelta(hours=h) for h in (-36, 36)]
    offsets_around = [at.astimezone(zone).utcoffset() or timedelta() for at in around]
    candidates = [(wall - offset).replace(tzinfo=UTC) for offset in offsets_around]
    showing = [at for at in candidates if at.astimezone(zone).replace(tzinfo=None) == wall]
    return min(showing, default=candidates[0])


@pytest.mark.parametrize("year", [2011, 2026])
def test_every_zone_sends_at_the_first_moment_its_clocks_show_the_time_or_after_the_gap(
    year: int,
) -> None:
    seen = 0
    for name in sorted(available_timezones()):
        zone = ZoneInfo(name)
        for midnight in transitions(zone, year):
            day = midnight.date() - timedelta(days=1)
            for half_hours in range(96):
                wall = datetime.combine(day, time()) + timedelta(minutes=30 * half_hours)
                assert send_instant(wall.date(), wall.time(), zone) == expected_instant(
                    wall, zone
                ), (name, wall)
                seen += 1
    assert seen > 20_000


def test_a_time_that_the_clocks_skip_moves_forward_by_the_gap() -> None:
    instant = send_instant(date(2026, 3, 8), time(2, 30), NEW_YORK)
    assert instant.astimezone(NEW_YORK).strftime("%H:%M %Z") == "03:30 EDT"


@pytest.mark.parametrize("fold", [0, 1])
def test_a_time_that_the_clocks_show_twice_is_the_earlier_one(fold: int) -> None:
    instant = send_instant(date(2026, 11, 1), time(1, 30, fold=fold), NEW_YORK)
    assert instant.astimezone(NEW_YORK).strftime("%H:%M %Z") == "01:30 EDT"


def test_a_day_that_samoa_never_had_becomes_the_next() -> None:
    assert local_day(send_instant(date(2011, 12, 30), time(9, 0), SAMOA), SAMOA) == date(
        2011, 12, 31
    )


def test_an_instant_is_aware_and_in_utc() -> None:
    assert send_instant(date(2026, 11, 24), time(9, 0), TOKYO) == datetime(
        2026, 11, 24, 0, 0, tzinfo=UTC
    )
    assert send_instant(date(2026, 11, 24), time(9, 0), TOKYO).tzinfo is UTC


@settings(max_examples=50)
@given(days, st.times(), st.sampled_from(sorted(available_timezones())))
def test_the_day_comes_back_from_its_instant_unless_the_clocks_skip_the_time(
    day: date, at: time, name: str
) -> None:
    zone = ZoneInfo(name)
    instant = send_instant(day, at, zone)
    shown, wall = instant.astimezone(zone).replace(tzinfo=None), datetime.combine(day, at)
    assert shown >= wall
    assert local_day(instant, zone) == (day if shown == wall else shown.date())


def test_an_instant_beyond_the_calendar_is_the_last_or_first_there_is() -> None:
    assert send_instant(date.max, time(23, 0), NEW_YORK) == datetime.max.replace(tzinfo=UTC)
    assert send_instant(date.min, time(0, 0), TOKYO) == datetime.min.replace(tzinfo=UTC)


def test_the_day_of_the_last_instant_there_is_can_be_asked() -> None:
    assert local_day(datetime.max.replace(tzinfo=UTC), TOKYO) == date.max
    assert local_day(datetime.min.replace(tzinfo=UTC), NEW_YORK) == date.min


def test_a_naive_instant_is_refused() -> None:
    with pytest.raises(ValueError, match="has no time zone"):
        local_day(datetime.combine(date(2026, 11, 24), time()), TOKYO)
