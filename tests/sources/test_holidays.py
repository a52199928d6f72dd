"""Public holidays: Japan against the Cabinet Office's list, other countries at the edges where
calendars go wrong."""

import subprocess
import sys
import warnings
from datetime import date

import pytest

from scheduler.core.time.calendar import Calendar, Closure
from scheduler.core.time.dates import Offset, Shift, offset_day
from scheduler.sources.holidays import UnknownHolidaysError, holidays_of, known_countries

JAPAN_2026 = {
    "01-01": "元日",
    "01-12": "成人の日",
    "02-11": "建国記念の日",
    "02-23": "天皇誕生日",
    "03-20": "春分の日",
    "04-29": "昭和の日",
    "05-03": "憲法記念日",
    "05-04": "みどりの日",
    "05-05": "こどもの日",
    "05-06": "振替休日",
    "07-20": "海の日",
    "08-11": "山の日",
    "09-21": "敬老の日",
    "09-22": "国民の休日",
    "09-23": "秋分の日",
    "10-12": "スポーツの日",
    "11-03": "文化の日",
    "11-23": "勤労感謝の日",
}


def test_japan_2026_is_the_cabinet_offices_list() -> None:
    assert {
        day.strftime("%m-%d"): name for day, name in holidays_of("JP", language="ja")(2026).items()
    } == JAPAN_2026


@pytest.mark.parametrize(
    ("day", "name"),
    [
        (date(2019, 5, 1), "Emperor's Enthronement Day"),
        (date(2019, 4, 30), "National Holiday"),
        (date(2020, 7, 24), "Sports Day"),
        (date(2020, 10, 12), None),
        (date(2021, 8, 9), "Substitute Holiday"),
        (date(2024, 2, 12), "Substitute Holiday"),
        (date(2024, 12, 23), None),
        (date(2027, 3, 22), "Substitute Holiday"),
    ],
)
def test_japanese_exceptions_are_known(day: date, name: str | None) -> None:
    assert holidays_of("JP", None, "en")(day.year).get(day) == name


def test_chikas_calendar_joins_weekend_holidays_and_the_year_end_closure() -> None:
    japan = Calendar(
        "jp",
        holidays=holidays_of("JP", language="ja"),
        closures=(Closure.parse("12-29..01-03", "年末年始休業"),),
    )
    assert japan.on_or_after(date(2026, 9, 19)) == date(2026, 9, 24)
    assert japan.on_or_before(date(2027, 1, 3)) == date(2026, 12, 28)
    assert japan.add(date(2026, 5, 1), 1) == date(2026, 5, 7)
    assert offset_day(date(2027, 3, 31), Offset(months=-3), japan, Shift.EARLIER) == date(
        2026, 12, 28
    )
    assert [japan.closed_because(date(2026, 9, n)) for n in (20, 21, 22, 24)] == [
        "Sunday",
        "敬老の日",
        "国民の休日",
        None,
    ]


def test_a_new_year_observed_in_december_belongs_to_the_old_year() -> None:
    assert date(2027, 12, 31) in holidays_of("US")(2027)
    assert date(2027, 12, 31) not in holidays_of("US")(2028)


def test_a_part_of_a_country_has_its_own_holidays_and_may_be_named_in_full() -> None:
    corpus_christi = date(2026, 6, 4)
    assert corpus_christi in holidays_of("DE", "BY")(2026)
    assert corpus_christi not in holidays_of("DE", "BE")(2026)
    assert holidays_of("de", "Bayern") == holidays_of("DE", "BY")


def test_a_bank_holiday_that_only_banks_keep_is_a_business_day() -> None:
    assert date(2026, 12, 31) not in holidays_of("JP")(2026)


@pytest.mark.parametrize(
    ("country", "language", "name"),
    [
        ("JP", "ja", "元日"),
        ("JP", "en", "New Year's Day"),
        ("DE", "de", "Neujahr"),
        ("DE", "ja", "New Year's Day"),
        ("NZ", "ja", "New Year's Day"),
    ],
)
def test_names_are_in_the_language_asked_for_else_in_english(
    country: str, language: str, name: str
) -> None:
    assert holidays_of(country, language=language)(2026)[date(2026, 1, 1)] == name


def test_the_machines_language_does_not_name_the_holidays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGUAGE", "de")
    assert holidays_of("DE", "HE", "ja")(2031)[date(2031, 1, 1)] == "New Year's Day"


@pytest.mark.parametrize(
    ("country", "hint"),
    [
        ("Japan", 'did you mean "JP" (Japan)?'),
        ("JPN", 'did you mean "JP" (Japan)?'),
        ("JA", 'did you mean "JM" (Jamaica) or "JP" (Japan)?'),
        ("UK", 'did you mean "GB" (United Kingdom)?'),
        ("Gremany", 'did you mean "DE" (Germany)?'),
        ("??", 'write an ISO 3166 code, e.g. "JP" or "US"'),
    ],
)
def test_an_unknown_country_is_refused_with_a_suggestion(country: str, hint: str) -> None:
    with pytest.raises(UnknownHolidaysError) as refused:
        holidays_of(country)
    assert str(refused.value) == f'there are no holidays for the country "{country}"; {hint}'


@pytest.mark.parametrize(
    ("country", "subdivision", "hint"),
    [
        ("DE", "Bayren", 'did you mean "BY"?'),
        ("JP", "Tokyo", "leave it out, this country has none"),
        ("GB", "XX", "it has ENG, NIR, SCT, WLS"),
    ],
)
def test_an_unknown_part_of_a_country_is_refused_with_a_suggestion(
    country: str, subdivision: str, hint: str
) -> None:
    with pytest.raises(UnknownHolidaysError) as refused:
        holidays_of(country, subdivision)
    assert str(refused.value) == f'there are no holidays for "{subdivision}" in {country}; {hint}'


def test_a_year_whose_moving_holidays_are_not_computed_yet_has_the_others_and_no_warning() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        far = holidays_of("IN", None, "en")(2037)
    assert date(2037, 1, 26) in far, "Republic Day"


def test_every_known_country_can_be_asked() -> None:
    countries = known_countries()
    assert countries["JP"] == "Japan"
    assert len(countries) > 200
    assert sum(bool(holidays_of(code)(2026)) for code in countries) > 200


def test_the_library_is_loaded_on_first_use_only() -> None:
    code = "import sys, scheduler.sources.holidays; print('holidays' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_one_country_is_loaded_by_itself_and_the_library_is_whole_for_whoever_asks_it_for_more() -> (
    None
):
    code = """
import sys
from scheduler.sources.holidays import holidays_of
loaded = lambda: sum(name.startswith("holidays.countries.") for name in sys.modules)
print(len(holidays_of("DE", "BY")(2026)), loaded() < 5)
import holidays
print(holidays.countries.Japan.country, holidays.country_holidays("JP", years=2026).country)
from holidays.countries import France
print(France.country, loaded() > 200)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["12", "True", "JP", "JP", "FR", "True"]
