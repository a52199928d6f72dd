"""What a person types means the same everywhere, and what could mean two things is asked about."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.core.deal.contracts import Money
from scheduler.core.deal.formats import long_day, money
from scheduler.core.imports.typed import NotReadError, amount, day, notice, term, yes_no
from scheduler.core.imports.written_amounts import DecimalMark, read_currency, readings
from scheduler.core.time.dates import Term
from scheduler.core.words.lexicon import Language

AMOUNTS = [
    ("12,50", "EUR", 1250),
    ("12,5", "EUR", 1250),
    ("12.50", "EUR", 1250),
    ("1,250", "EUR", 125000),
    ("1250", "EUR", 125000),
    ("1.234,50", "EUR", 123450),
    ("1,234.50", "EUR", 123450),
    ("1.234.567", "EUR", 123456700),
    ("1 250,50", "EUR", 125050),
    ("1\u00a0250", "EUR", 125000),
    ("1\u202f250,5 €", "EUR", 125050),
    ("0.500", "EUR", 50),
    ("0,500", "EUR", 50),
    (".5", "EUR", 50),
    ("12.", "EUR", 1200),
    ("0", "EUR", 0),
    ("CHF 1'200", "CHF", 120000),
    ("1’200.50", "CHF", 120050),
    ("¥1,200,000", "JPY", 1200000),
    ("￥１，２００，０００", "JPY", 1200000),
    ("1200000.00", "JPY", 1200000),
    ("１２０万円", "JPY", 1200000),
    ("3.6百万", "JPY", 3600000),
    ("5千万円", "JPY", 50000000),
    ("1億2,000万円", "JPY", 120000000),
    ("500千円", "JPY", 500000),
    ("1,250万円", "JPY", 12500000),
    ("¥100", "CNY", 10000),
    ("1.2M", "USD", 120000000),
    ("12k", "USD", 1200000),
    ("900 MXN", "MXN", 90000),
    ("$5", "AUD", 500),
    ("500 kr.", "SEK", 50000),
    ("1,23,456", "INR", 12345600),
    ("1.234", "KWD", 1234),
    ("1,234.500", "KWD", 1234500),
    ("1.200,-", "EUR", 120000),
    ("1'200.-", "CHF", 120000),
    ("12,000 Yen", "JPY", 12000),
    ("¥12,000円", "JPY", 12000),
    ("12,000円(税抜)", "JPY", 12000),
    ("120万円(税込)", "JPY", 1200000),
    ("無料", "EUR", 0),
    ("1.2 million", "EUR", 120000000),
]
REFUSED = [
    ("1,2000", "EUR", "money_separators", "cannot tell the decimal mark", "判別できません"),
    ("5 ABC", "EUR", "money", "is not an amount", "読めません"),
    (
        "12.500",
        "EUR",
        "money_either",
        "“12.500” can mean 12500 or 12.50;",
        "「12.500」は12500とも12.50とも読めます。",
    ),
    ("１２.５００", "EUR", "money_either", "can mean 12500 or 12.50;", "12500とも12.50とも"),
    ("1.255", "EUR", "money_either", "can mean 1255 or 1.255;", "1255とも1.255とも"),
    ("12.500", "JPY", "money_either", "can mean 12500 or 12.500;", "12500とも12.500とも"),
    ("1,250", "KWD", "money_either", "can mean 1250 or 1.250;", "1250とも1.250とも"),
    (
        "1,5",
        "JPY",
        "money_whole",
        "JPY has no decimal places (“1,5”).",
        "JPYの金額に小数は使えません(「1,5」)。",
    ),
    (
        "12.345,678",
        "EUR",
        "money_decimals",
        "EUR has 2 decimal places",
        "EURの金額は小数2桁までです",
    ),
    ("1,23,456", "USD", "money_separators", "cannot tell the decimal mark", "判別できません"),
    ("1,200,00", "EUR", "money_separators", "cannot tell", "判別できません"),
    ("1 0 0", "EUR", "money_separators", "cannot tell", "判別できません"),
    ("1' 200", "CHF", "money", "is not an amount", "読めません"),
    ("-5", "EUR", "money_negative", "cannot be negative", "負の値は使えません"),
    ("(5)", "EUR", "money_negative", "cannot be negative", "負の値は使えません"),
    ("▲5", "JPY", "money_negative", "cannot be negative", "負の値は使えません"),
    ("約120万円", "JPY", "money_about", "not an exact amount", "概算の金額です"),
    ("120万円程度", "JPY", "money_about", "not an exact amount", "概算の金額です"),
    ("approx. 1200", "EUR", "money_about", "not an exact amount", "概算の金額です"),
    ("月額12万円", "JPY", "money_monthly", "an amount per month", "月額です"),
    ("12万円/月", "JPY", "money_monthly", "an amount per month", "月額です"),
    ("$99 / month", "USD", "money_monthly", "an amount per month", "月額です"),
    ("毎月", "JPY", "money", "not an amount", "金額"),
    (
        "¥5",
        "GBP",
        "money_currency",
        "“¥” is not this contract's currency, GBP.",
        "「¥」はこの契約の通貨(GBP)と違います。",
    ),
    ("$5", "EUR", "money_currency", "is not this contract's currency", "通貨(EUR)と違います"),
    ("NaN", "EUR", "money", "is not an amount", "読めません"),
    ("1e5", "USD", "money", "is not an amount", "読めません"),
    ("", "EUR", "money", "is not an amount", "読めません"),
    ("12万3億", "JPY", "money", "is not an amount", "読めません"),
    ("5)", "EUR", "money", "is not an amount", "読めません"),
    ("$ 5 $", "USD", "money", "is not an amount", "読めません"),
    ("9" * 30, "JPY", "money_size", "too large", "大きすぎます"),
    ("9" * 5000, "JPY", "money_size", "too large", "大きすぎます"),
]


@pytest.mark.parametrize(("text", "currency", "minor"), AMOUNTS)
def test_an_amount_is_read_as_people_write_it(text: str, currency: str, minor: int) -> None:
    assert amount(text, currency) == Money(minor, currency)


@pytest.mark.parametrize(
    ("text", "currency", "code", "en", "ja"), REFUSED, ids=[f"{r[0][:12]} {r[1]}" for r in REFUSED]
)
def test_an_amount_that_could_be_another_is_refused_with_what_it_could_be(
    text: str, currency: str, code: str, en: str, ja: str
) -> None:
    with pytest.raises(NotReadError) as caught:
        amount(text, currency)
    assert caught.value.code == code
    assert en in caught.value.label.en
    assert ja in caught.value.label.ja


@given(
    st.integers(0, 10**12),
    st.sampled_from(["JPY", "EUR", "USD", "GBP", "CHF", "KWD", "KRW", "INR", "SEK"]),
)
def test_what_we_write_is_read_back(minor: int, currency: str) -> None:
    assert amount(money(Money(minor, currency)), currency) == Money(minor, currency)


@given(st.integers(1, 10**9), st.sampled_from([" ", "\u00a0", "'", "."]))
def test_whole_amounts_mean_the_same_however_they_are_grouped_or_are_asked_about(
    units: int, grouper: str
) -> None:
    written = f"{units:,}".replace(",", grouper)
    if written.count(".") == 1:
        with pytest.raises(NotReadError, match="can mean"):
            amount(written, "EUR")
    else:
        assert amount(written, "EUR") == Money(units * 100, "EUR")


def test_both_readings_are_handed_to_whoever_has_a_whole_column() -> None:
    assert readings("12.500", "EUR") == {
        DecimalMark.POINT: Money(1250, "EUR"),
        DecimalMark.COMMA: Money(1250000, "EUR"),
    }
    assert readings("1,250", "JPY") == {DecimalMark.POINT: Money(1250, "JPY")}
    assert readings("3,600", "", "JPY", 1000) == {
        DecimalMark.POINT: Money(3600000, "JPY"),
        DecimalMark.COMMA: Money(3600, "JPY"),
    }


@pytest.mark.parametrize(
    ("sign", "code"),
    [("￥", "JPY"), ("usd", "USD"), ("円", "JPY"), ("元", "CNY"), ("kr", ""), ("yen?", "")],
)
def test_signs_of_currencies(sign: str, code: str) -> None:
    assert read_currency(sign) == code


DAYS = [
    "2027-03-31",
    "2027/3/31",
    "2027.3.31",
    "２０２７年３月３１日",
    "20270331",
    "2027/3/31(水)",
    "2027年3月31日 水曜日",
    "31/3/2027",
    "Wed 31 Mar 2027",
    "31 March 2027",
    "31-Mar-27",
    "March 31st, 2027",
    "Wednesday, 31 Mar 2027",
    "令和9年3月31日",
    "R9.3.31",
]
NO_DAYS = [
    ("3/4/2027", "day_either", "can mean 2027-03-04 or 2027-04-03"),
    ("2027-02-30", "day_range", "“2027-02-30” is not a date that exists"),
    ("Tue 31 Mar 2027", "day_range", "“Tue 31 Mar 2027” is not a date that exists"),
    ("2027/3/31(火)", "day_range", "is not a date that exists"),
    ("next week", "day", "is not a day; write e.g. 2027-03-31."),
    ("水曜日", "day", "is not a day"),
    ("2027年3月", "day_missing", "“2027年3月” has no day; write e.g. 2027-03-31."),
    ("46349", "day", "is not a day"),
    ("9999-12-31", "day_far", "too far in the future; check the year"),
    ("1" * 5000, "day", "is not a day"),
]


@pytest.mark.parametrize("text", DAYS)
def test_a_day_is_read_as_people_write_it(text: str) -> None:
    assert day(text) == date(2027, 3, 31)


@pytest.mark.parametrize(("text", "code", "en"), NO_DAYS, ids=[n[0][:20] for n in NO_DAYS])
def test_a_day_that_could_be_another_is_refused(text: str, code: str, en: str) -> None:
    with pytest.raises(NotReadError) as caught:
        day(text)
    assert caught.value.code == code
    assert en in caught.value.label.en


@given(
    st.dates(date(2000, 1, 1), date(2200, 12, 31) - timedelta(days=1)), st.sampled_from(Language)
)
def test_a_day_as_we_show_it_is_read_back(shown: date, language: Language) -> None:
    assert day(long_day(shown, language)) == shown


@pytest.mark.parametrize(
    ("text", "length"),
    [("12", Term(12)), ("１年６か月", Term(18)), ("2 years", Term(24)), ("90日", Term(0, 90))],
)
def test_a_length_of_time(text: str, length: Term) -> None:
    assert term(text) == length


@pytest.mark.parametrize("text", ["0", "soon", "-1 month", "1201 months", "100000 days", ""])
def test_what_is_no_length_of_time_is_refused(text: str) -> None:
    with pytest.raises(NotReadError, match="not a length of time"):
        term(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [("あり", True), ("ＹＥＳ", True), ("可", True), ("No", False), ("×", False), ("不可", False)],
)
def test_yes_and_no(text: str, said: bool) -> None:
    assert yes_no(text) is said


def test_neither_yes_nor_no_is_refused() -> None:
    with pytest.raises(NotReadError, match="“maybe” is neither yes nor no"):
        yes_no("maybe")


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("三十日前", Term(days=30)),
        ("二ヶ月前まで", Term(2)),
        ("契約満了日の３か月前までに", Term(3)),
        ("満了の1ヶ月前迄", Term(1)),
        ("十二か月", Term(12)),
        ("60 days prior to expiry", Term(days=60)),
        ("Three months before the end", Term(3)),
        ("なし", Term()),
    ],
)
def test_a_notice_as_contracts_write_it(text: str, length: Term) -> None:
    assert notice(text) == length


@pytest.mark.parametrize(
    "text", ["2か月前の末日", "書面で", "前日", "満了の", "month", "1ヶ月以上"]
)
def test_a_notice_that_says_more_than_a_length_is_refused(text: str) -> None:
    with pytest.raises(NotReadError, match="not a length of time"):
        notice(text)


def test_a_notice_of_sixty_is_asked_about_and_one_of_none_is_none() -> None:
    assert (notice("12"), notice("60 days"), notice("0")) == (
        Term(months=12),
        Term(days=60),
        Term(),
    )
    with pytest.raises(NotReadError) as caught:
        notice("60")
    assert "60 days or 60 months" in caught.value.label.en
    assert "60日とも60か月とも" in caught.value.label.ja


@pytest.mark.parametrize(("text", "read"), [("26/4/1", "2026-04-01"), ("26.12.9", "2026-12-09")])
def test_a_last_part_of_one_digit_is_no_year(text: str, read: str) -> None:
    assert str(day(text)) == read


def test_thousands_of_spaces_in_an_amount_are_one() -> None:
    assert amount("1" + " " * 8000 + "円", "JPY") == amount("1円", "JPY")
    with pytest.raises(NotReadError):
        amount("1" + " " * 8000 + "x", "JPY")


def test_thousands_of_spaces_in_a_length_are_one() -> None:
    assert str(term("12" + " " * 8000 + "months")) == "12 months"
    assert str(notice("60 days" + " " * 8000 + "prior to expiry")) == "60 days"
