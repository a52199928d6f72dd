"""What a record says of when a deal was closed."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from scheduler.core.imports.records import instant_of, person_key

EDGES = [date(2026, 1, 31), date(2026, 7, 31), date(2026, 12, 31)]
ZONES = "Pacific/Honolulu America/Los_Angeles UTC Asia/Tokyo Pacific/Auckland Pacific/Tongatapu"


@pytest.mark.parametrize("day", EDGES, ids=str)
@pytest.mark.parametrize("zone", ZONES.split())
def test_the_last_day_of_a_month_is_that_day_in_every_office(zone: str, day: date) -> None:
    closed_at = instant_of(day)
    assert closed_at is not None
    assert closed_at.astimezone(ZoneInfo(zone)).date() == day


@pytest.mark.parametrize("text", ["1" * 500_000, "a." * 200_000, "x@" * 200_000])
def test_a_person_of_a_page_is_looked_for_at_once(text: str) -> None:
    assert person_key(f"<{text}>")
    assert person_key(f"{text} ann@example.com").endswith(("@example.com", "x@x"))


def test_an_address_begins_where_its_word_begins() -> None:
    assert person_key("<a@b@c>") == "a@b"
    assert person_key("Ann Ito <@ann@example.com>") == "ann@example.com"
