"""Values of properties, read and written."""

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as some

from scheduler.core.deal.contracts import Money
from scheduler.core.sync import values
from scheduler.core.sync.values import PropertyType, ValueNotReadError, day, instant, means_same
from scheduler.core.words.lexicon import Language
from tests.core.sync.sync_cast import TOKYO

NEW_YORK = ZoneInfo("America/New_York")


@pytest.mark.parametrize(
    ("text", "zone", "on"),
    [
        ("2027-03-30T15:00:00Z", TOKYO, date(2027, 3, 31)),
        ("2027-03-31T14:59:59.999Z", TOKYO, date(2027, 3, 31)),
        ("2027-03-31T15:00:00Z", TOKYO, date(2027, 4, 1)),
        ("2027-03-31T03:59:59Z", NEW_YORK, date(2027, 3, 30)),
        ("1806418800000", TOKYO, date(2027, 3, 31)),
        ("", TOKYO, None),
        (None, TOKYO, None),
    ],
)
def test_a_close_date_is_a_day_of_the_accounts_zone(
    text: str | None, zone: ZoneInfo, on: date | None
) -> None:
    assert day(text, PropertyType.DATETIME, zone) == on


@pytest.mark.parametrize("zone", [TOKYO, NEW_YORK])
@pytest.mark.parametrize("text", ["2027-03-31", "1806451200000"])
def test_a_date_is_the_same_day_everywhere(text: str, zone: ZoneInfo) -> None:
    assert day(text, PropertyType.DATE, zone) == date(2027, 3, 31)


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (instant, "soon"),
        (instant, "2027-03-31T10:00:00"),
        (instant, "2027-13-01T10:00:00Z"),
        (lambda text: day(text, PropertyType.DATE, TOKYO), "1806418800000"),
        (lambda text: day(text, PropertyType.DATE, TOKYO), "31.3.2027"),
        (values.number, "1,000"),
        (values.number, "1_000"),
        (values.number, "NaN"),
        (lambda text: values.money(text, "JPY"), "1E300"),
        (values.yes_no, "1"),
    ],
)
def test_a_value_of_another_type_is_named(read: object, text: str) -> None:
    with pytest.raises(ValueNotReadError, match="HubSpot sent") as refused:
        read(text)  # type: ignore[operator]
    assert text in refused.value.label.of(Language.JA)


@pytest.mark.parametrize("text", ["3600000", "3600000.0", "3.6E6", "3.6e+6", "3599999.5"])
def test_yen_are_whole_however_they_are_written(text: str) -> None:
    assert values.money(text, "JPY") == Money(3_600_000, "JPY")


@given(some.integers(-(10**15), 10**15), some.sampled_from(["JPY", "USD", "KWD"]))
def test_money_comes_back_as_it_was_written(minor: int, currency: str) -> None:
    amount = Money(minor, currency)
    assert values.money(values.written_money(amount), currency) == amount


@given(some.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1)))  # noqa: DTZ001
def test_an_instant_comes_back_to_the_millisecond(naive: datetime) -> None:
    at = naive.replace(tzinfo=UTC, microsecond=naive.microsecond // 1000 * 1000)
    assert instant(values.written_instant(at)) == at
    if values.milliseconds(at) > 10**11:
        assert instant(str(values.milliseconds(at))) == at


@given(some.dates(date(1990, 1, 1), date(2100, 1, 1)))
def test_a_day_comes_back_as_it_was_written(on: date) -> None:
    assert day(values.written_day(on), PropertyType.DATE, TOKYO) == on


@given(some.decimals(allow_nan=False, allow_infinity=False, places=3, min_value=0, max_value=9**9))
def test_a_number_means_the_same_in_every_form(number: Decimal) -> None:
    assert means_same(f"{number:f}", f"{number:E}", PropertyType.NUMBER)


@pytest.mark.parametrize(
    ("one", "other", "kind", "same"),
    [
        ("true", "TRUE", PropertyType.BOOL, True),
        ("a;b", "b;a", PropertyType.ENUMERATION, True),
        ("a", "b", PropertyType.ENUMERATION, False),
        ("2027-03-31", "1806451200000", PropertyType.DATE, True),
        ("2027-03-31T00:00:00Z", "1806451200000", PropertyType.DATETIME, True),
        (" a ", "a", PropertyType.STRING, True),
        (None, "", PropertyType.NUMBER, True),
        ("0", "", PropertyType.NUMBER, False),
        ("soon", "2027-03-31", PropertyType.DATE, False),
    ],
)
def test_spellings_of_one_value_are_one(
    one: str | None, other: str | None, kind: PropertyType, same: bool
) -> None:
    assert means_same(one, other, kind) is same


def test_a_text_carries_nothing_that_hubspot_refuses() -> None:
    assert values.written_text("  \u3000a\x00\u202eb\n ") == "ab"
    assert len(values.written_text("a" * 70_000)) == 65_536
