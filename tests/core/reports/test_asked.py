"""What a report is asked for: whose contracts, which days, as known when."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from scheduler.core.reports.asked import AsKnown, ReportScope, known_on, months_of
from scheduler.core.reports.definition import Definition, by_id
from scheduler.core.words.errors import UserMustActError
from scheduler.core.words.labels import Label

TOKYO = ZoneInfo("Asia/Tokyo")
NOW = datetime(2027, 1, 15, 3, 0, tzinfo=UTC)


def test_a_day_ends_in_the_zone_of_the_policy() -> None:
    known = known_on(date(2027, 1, 14), NOW, TOKYO)
    end = datetime(2027, 1, 14, 15, 0, tzinfo=UTC)
    assert known == AsKnown(date(2027, 1, 14), end)
    assert known.has(end - timedelta(microseconds=1))
    assert not known.has(end)


def test_today_is_all_that_is_known_now() -> None:
    now = datetime(2027, 1, 14, 15, 30, tzinfo=UTC)  # already the 15th in Tokyo
    assert known_on(None, now, TOKYO) == AsKnown(date(2027, 1, 15))
    assert known_on(date(2027, 1, 15), now, TOKYO) == AsKnown(date(2027, 1, 15))
    assert AsKnown(date(2027, 1, 15)).has(now + timedelta(days=900))


def test_a_day_to_come_is_refused() -> None:
    with pytest.raises(UserMustActError, match="2027-01-16"):
        known_on(date(2027, 1, 16), NOW, TOKYO)


def test_both_ends_of_a_period_belong_to_it() -> None:
    scope = ReportScope(from_on=date(2027, 1, 1), until_on=date(2027, 1, 31))
    days = (date(2026, 12, 31), date(2027, 1, 1), date(2027, 1, 31), date(2027, 2, 1), None)
    assert [scope.has_day(day) for day in days] == [False, True, True, False, False]
    assert ReportScope().has_day(None)


@pytest.mark.parametrize(
    ("scope", "wanted"),
    [
        (ReportScope(), True),
        (ReportScope(owner="ITO"), True),
        (ReportScope(owner="ann@"), True),
        (ReportScope(owner="bob"), False),
        (ReportScope(segment="SMB"), True),
        (ReportScope(segment="sm"), False),
        (ReportScope(team="tokyo"), False),
        (ReportScope(currency="gbp", pipeline="existing"), True),
        (ReportScope(currency="jpy"), False),
    ],
)
def test_an_owner_is_found_by_a_part_and_the_rest_by_the_whole(
    scope: ReportScope, *, wanted: bool
) -> None:
    found = scope.wants(
        owner=("Ann Ito", "ann@example.com"),
        pipeline="existing",
        team=None,
        segment="smb",
        currency="GBP",
    )
    assert found is wanted


def test_months_around_a_day_cross_years() -> None:
    assert months_of(date(2026, 12, 31), 0, 2) == (date(2026, 12, 1), date(2027, 2, 28))


def test_an_id_names_one_number_of_a_report() -> None:
    due = Definition("due", Label("Due"), Label("what is due"))
    assert by_id([due]) == {"due": due}
    with pytest.raises(ValueError, match="same id"):
        by_id([due, due])
