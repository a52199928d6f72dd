"""What single cells say."""

from datetime import date
from functools import partial
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.core.imports.texts import FieldError, RecordProblem
from scheduler.core.imports.written_amounts import DecimalMark
from scheduler.core.imports.written_days import DateOrder, readings
from scheduler.core.time.dates import Term
from scheduler.core.words.lexicon import Health
from scheduler.sources.cells.amount_column import AmountColumn, read_amount
from scheduler.sources.cells.cell_readers import (
    DaysOf,
    date_reader,
    one_line,
    read_boolean,
    read_currency,
    read_id,
    read_term,
    read_word,
)
from scheduler.sources.cells.number_column import NumberColumn, number_reader

DAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-23",
        "2026/11/23",
        "2026.11.23",
        "2026年11月23日",
        "２０２６年１１月２３日",
        "2026 年 11 月 23 日",
        "20261123",
        "2026-11-23 15:04",
        "2026-11-23T15:04:05Z",
        "2026/11/23 0:00:00",
        "  2026-11-23 ",
    ],
)
def test_a_date_with_its_year_first_reads_the_same_in_every_order(text: str) -> None:
    assert set(readings(text)) == set(DateOrder)
    assert set(readings(text).values()) == {DAY}
    assert date_reader(DaysOf())(text.strip()) == DAY


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("11/23/2026", DateOrder.MDY),
        ("23/11/2026", DateOrder.DMY),
        ("11/23/2026 3:04 PM", DateOrder.MDY),
        ("23-11-26", DateOrder.DMY),
        ("26-11-23", DateOrder.YMD),
    ],
)
def test_other_dates_need_their_order(text: str, order: DateOrder) -> None:
    assert date_reader(DaysOf(order))(text) == DAY


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("2026-02-30", "date_range"),
        ("next week", "date"),
        ("46349", "excel_date"),
        ("2026-13-01", "date_range"),
        ("令和8年", "date"),
        ("31/02/2026", "date_range"),
    ],
)
def test_what_is_no_date_says_why(text: str, code: str) -> None:
    with pytest.raises(FieldError) as caught:
        date_reader(DaysOf())(text)
    assert caught.value.problem.code == code


def test_a_date_in_another_order_than_the_columns_is_refused() -> None:
    with pytest.raises(FieldError) as caught:
        date_reader(DaysOf(DateOrder.DMY))("11/23/2026")
    assert caught.value.problem.code == "date_order"


@given(
    st.dates(min_value=date(2000, 1, 1), max_value=date(2099, 12, 31)), st.sampled_from(DateOrder)
)
def test_what_is_written_in_an_order_is_read_back_in_it(day: date, order: DateOrder) -> None:
    written = {
        DateOrder.DMY: f"{day:%d/%m/%Y}",
        DateOrder.MDY: f"{day:%m/%d/%Y}",
        DateOrder.YMD: f"{day:%y-%m-%d}",
    }[order]
    assert date_reader(DaysOf(order))(written) == day


@pytest.mark.parametrize(
    ("text", "currency", "amount"),
    [
        ("¥1,200,000", "", (1_200_000, "JPY")),
        ("￥１，２００，０００", "", (1_200_000, "JPY")),
        ("1,200,000円", "JPY", (1_200_000, "JPY")),
        ("１２０万円", "", (1_200_000, "JPY")),
        ("58665.0", "AUD", (5_866_500, "AUD")),
        ("43700.8", "AUD", (4_370_080, "AUD")),
        ("$1,234.50", "", (123_450, "USD")),
        ("$1,234.50", "AUD", (123_450, "AUD")),
        ("USD 900", "", (90_000, "USD")),
        ("AU$1,234.50", "AUD", (123_450, "AUD")),
        ("900 EUR", "EUR", (90_000, "EUR")),
        ("1200000", "JPY", (1_200_000, "JPY")),
        ("1200000.00", "JPY", (1_200_000, "JPY")),
        ("1.234", "KWD", (1_234, "KWD")),
        ("0", "JPY", (0, "JPY")),
        ("100", "", (10_000, "GBP")),
    ],
)
def test_amounts(text: str, currency: str, amount: tuple[int, str]) -> None:
    assert read_amount(text, currency, None, 1, "GBP") == amount


@pytest.mark.parametrize(
    ("text", "minor"),
    [
        ("1.234,50", 123_450),
        ("1234,5", 123_450),
        ("1 234,50 €", 123_450),
        ("1.234.567", 123_456_700),
    ],
)
def test_amounts_with_a_declared_decimal_comma(text: str, minor: int) -> None:
    assert read_amount(text, "EUR", DecimalMark.COMMA, 1, "JPY") == (minor, "EUR")


def test_amounts_in_thousands_are_multiplied() -> None:
    assert read_amount("3,600", "JPY", None, 1000, "JPY") == (3_600_000, "JPY")


@pytest.mark.parametrize(
    ("text", "currency", "code"),
    [
        ("-5", "JPY", "money_negative"),
        ("(1,200)", "JPY", "money_negative"),
        ("▲1,200", "JPY", "money_negative"),
        ("$-5", "USD", "money_negative"),
        ("1200-", "JPY", "money_negative"),
        ("1200.5", "JPY", "money_decimals"),
        ("1.234,50", "EUR", "money_separators"),
        ("12,34", "EUR", "money_separators"),
        ("1,23,456", "USD", "money_separators"),
        ("about 5", "JPY", "money_about"),
        ("¥100", "USD", "money_currency"),
        ("99999999999999999999", "JPY", "money_size"),
        ("1" * 5000, "JPY", "money_size"),
        ("XX$5", "USD", "money"),
    ],
)
def test_amounts_that_are_refused(text: str, currency: str, code: str) -> None:
    with pytest.raises(FieldError) as caught:
        read_amount(text, currency, None, 1, "JPY")
    assert caught.value.problem.code == code


@given(st.integers(min_value=0, max_value=10**12))
def test_a_grouped_amount_is_read_back(amount: int) -> None:
    assert read_amount(f"¥{amount:,}", "JPY", DecimalMark.POINT, 1, "JPY") == (amount, "JPY")
    assert read_amount(
        f"{amount // 100:,}.{amount % 100:02d}", "USD", DecimalMark.POINT, 1, "JPY"
    ) == (
        amount,
        "USD",
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("はい", True),
        ("有", True),
        ("○", True),
        ("TRUE", True),
        ("１", True),
        ("No", False),
        ("なし", False),
        ("0", False),
    ],
)
def test_booleans(text: str, said: bool) -> None:
    assert read_boolean(text) is said


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("12か月", Term(12)),
        ("1 year", Term(12)),
        ("90日前", Term(0, 90)),
        ("12", Term(12)),
        ("0日", Term()),
    ],
)
def test_terms(text: str, term: Term) -> None:
    assert read_term(text) == term


@pytest.mark.parametrize(
    ("text", "health"),
    [
        ("安定稼働", Health.STABLE),
        ("At risk", Health.AT_RISK),
        ("RED", Health.CRITICAL),
        ("未評価", Health.UNKNOWN),
    ],
)
def test_healths(text: str, health: Health) -> None:
    assert read_word(Health, text) is health


@pytest.mark.parametrize(
    ("read", "text", "code"),
    [
        (read_boolean, "maybe", "boolean"),
        (read_term, "soon", "term"),
        (partial(read_word, Health), "fine?", "health"),
        (read_currency, "yen?", "currency"),
    ],
)
def test_words_that_mean_nothing_are_refused(read: object, text: str, code: str) -> None:
    assert callable(read)
    with pytest.raises(FieldError) as caught:
        read(text)
    assert caught.value.problem.code == code


def test_names_stay_as_written_but_for_line_breaks() -> None:
    assert one_line(" ㈱みどり　工業 ") == "㈱みどり　工業"
    assert one_line("Pro\r\n50席") == "Pro 50席"


@pytest.mark.parametrize(
    ("cells", "currency", "said"),
    [
        (["12.500", "1234.5"], "EUR", DecimalMark.POINT),
        (["12.500", "1.234,50"], "EUR", DecimalMark.COMMA),
        (["12.345", "1.200"], "EUR", DecimalMark.COMMA),
        (["12,50"], "EUR", DecimalMark.COMMA),
        (["12,500", "100,000"], "EUR", DecimalMark.POINT),
        (["12,500", "12,50"], "EUR", DecimalMark.COMMA),
        (["12.500"], "JPY", DecimalMark.COMMA),
        (["1200", "CHF 1'200", "about 5"], "CHF", DecimalMark.POINT),
        (["12.500", "100.000", "1.200"], "EUR", "ambiguous_amounts"),
        (["1,234"], "KWD", "ambiguous_amounts"),
        (["1,234.50", "1.234,50"], "EUR", "mixed_amounts"),
    ],
)
def test_what_begins_the_decimals_is_decided_by_the_whole_column_or_asked(
    cells: list[str], currency: str, said: DecimalMark | str
) -> None:
    for order in (cells, cells[::-1]):
        column = AmountColumn("value", "JPY")
        for cell in order:
            column.read(cell, currency)
        found = column.mark("x.csv")
        assert (found.code if isinstance(found, RecordProblem) else found) == said


@pytest.mark.parametrize("text", ["-", " - ", "¥-", "—", "－", "€ -"])
def test_a_dash_stands_for_no_amount(text: str) -> None:
    assert read_amount(text.strip(), "", None, 1, "EUR") == (None, "EUR")


@pytest.mark.parametrize(
    ("text", "other"),
    [("C-001", " ｃ－００１ "), ("ACME  7", "acme 7"), ("0065g00000AbCdE", "0065g00000AbCdEAAV")],
)
def test_an_id_is_the_same_whatever_its_width_case_and_spaces(text: str, other: str) -> None:
    assert read_id(text) == read_id(other)


def test_two_ids_of_salesforce_that_differ_in_case_alone_are_two() -> None:
    assert read_id("0065g00000AbCdE") != read_id("0065g00000AbCde")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("1.57E+11", "mangled_id"),
        ("1,57e+11", "mangled_id"),
        ("####", "error_value"),
        ("#REF!", "error_value"),
    ],
)
def test_an_id_that_a_spreadsheet_has_mangled_is_refused(text: str, code: str) -> None:
    with pytest.raises(FieldError) as caught:
        read_id(text)
    assert caught.value.problem.code == code


def test_an_error_of_a_sheet_is_no_name() -> None:
    with pytest.raises(FieldError):
        one_line("#N/A")
    assert one_line("#1 Garage") == "#1 Garage"


def test_a_number_is_a_day_of_excel_only_where_that_is_declared() -> None:
    assert date_reader(DaysOf(serial=True))("46349") == date(2026, 11, 23)
    with pytest.raises(FieldError):
        date_reader(DaysOf())("46349")


def test_an_end_that_names_the_first_day_after_is_a_day_earlier() -> None:
    assert date_reader(DaysOf(exclusive=True))("2027-04-01") == date(2027, 3, 31)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2027-03-31T15:00:00Z", 1),
        ("2027-03-31 14:59:59 UTC", 31),
        ("2027-04-01T00:00:00+09:00", 1),
        ("2027-04-01 09:00", 1),
    ],
)
def test_an_instant_is_the_day_it_is_in_the_folders_zone(text: str, day: int) -> None:
    assert date_reader(DaysOf(zone=ZoneInfo("Asia/Tokyo")))(text).day == day


@pytest.mark.parametrize("text", ["12,000", "１２，０００", "12，000"])
def test_a_comma_of_any_width_before_three_digits_groups_thousands(text: str) -> None:
    amounts, numbers = AmountColumn("amount", "JPY"), NumberColumn("logins")
    amounts.read(text, "JPY")
    numbers.read(text)
    mark = amounts.mark("a.csv")
    assert mark is numbers.mark("a.csv") is DecimalMark.POINT
    assert read_amount(text, "JPY", mark, 1, "JPY") == (12_000, "JPY")
    assert number_reader(mark)(text) == 12_000
