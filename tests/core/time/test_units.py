"""Offsets and terms as people write them, in English and Japanese."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.core.time.dates import Offset, Term

counts = st.integers(-999_999, 999_999)
offsets = st.builds(Offset, months=counts, days=counts, business_days=counts)
lengths = st.integers(0, 4000)
terms = st.builds(lambda n: Term(months=n), lengths) | st.builds(lambda n: Term(days=n), lengths)


@pytest.mark.parametrize(
    ("text", "months", "in_days", "business_days"),
    [
        ("-3 months", -3, 0, 0),
        ("-1 month", -1, 0, 0),
        ("+10 business days", 0, 0, 10),
        ("-1 Working Day", 0, 0, -1),
        ("-90 days", 0, -90, 0),
        ("-2 weeks", 0, -14, 0),
        ("-1 year", -12, 0, 0),
        ("-1 month -5 days", -1, -5, 0),
        ("-1month-5days", -1, -5, 0),
        ("-1 month, +2 business days", -1, 0, 2),
        ("0 days", 0, 0, 0),
        ("10 days", 0, 10, 0),
        ("3 months before", -3, 0, 0),
        ("1 month 5 days before", -1, -5, 0),
        ("\u22123 months", -3, 0, 0),  # the minus sign of word processors
        ("－３　ｍｏｎｔｈｓ", -3, 0, 0),
        ("3か月前", -3, 0, 0),
        ("3ヶ月前", -3, 0, 0),
        ("３ヵ月前", -3, 0, 0),
        ("3カ月後", 3, 0, 0),
        ("30日前", 0, -30, 0),
        ("10営業日後", 0, 0, 10),
        ("2週間前", 0, -14, 0),
        ("1年前", -12, 0, 0),
        ("半年前", -6, 0, 0),
        ("1か月と5日前", -1, -5, 0),
        ("当日", 0, 0, 0),
        ("前日", 0, -1, 0),
        ("翌営業日", 0, 0, 1),
    ],
)
def test_an_offset_is_read_as_people_write_it(
    text: str, months: int, in_days: int, business_days: int
) -> None:
    assert Offset.parse(text) == Offset(months, in_days, business_days)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("3 moths", "expected a number and years, months, weeks, days or business days"),
        ("", "expected a number and years, months, weeks, days or business days"),
        ("-3", "expected a number and years, months, weeks, days or business days"),
        ("-1234567 days", "expected a number and years, months, weeks, days or business days"),
        (
            "-1 month -5 dayz",
            'at "-5 dayz" expected a number and years, months, weeks, days or business days',
        ),
        ("-1 month 5 days", 'every part needs its own sign, as in "-1 month -5 days"'),
        ("-3か月前", "either signs, or before / after once at the end"),
        ("3か月前5日後", "either signs, or before / after once at the end"),
    ],
)
def test_what_is_no_offset_is_refused_with_the_reason_and_an_example(text: str, why: str) -> None:
    with pytest.raises(ValueError, match="is not an offset") as refused:
        Offset.parse(text)
    assert str(refused.value) == f'"{text}" is not an offset; write e.g. "-3 months" ({why})'


@pytest.mark.parametrize(
    ("length", "text"),
    [
        (Offset(-1, 1, 10), "-1 month +1 day +10 business days"),
        (Offset(business_days=-1), "-1 business day"),
        (Offset(), "0 days"),
        (Term(months=12), "12 months"),
        (Term(days=1), "1 day"),
        (Term(), "0 days"),
    ],
)
def test_a_length_is_written_in_one_way(length: Offset | Term, text: str) -> None:
    assert str(length) == text


@given(offsets)
def test_an_offset_can_be_read_back_from_its_text(offset: Offset) -> None:
    assert Offset.parse(str(offset)) == offset


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("12 months", Term(months=12)),
        ("1 year", Term(months=12)),
        ("1 year 6 months", Term(months=18)),
        ("90 days", Term(days=90)),
        ("2 weeks", Term(days=14)),
        ("12", Term(months=12)),
        ("１２", Term(months=12)),
        ("0", Term()),
        ("1年", Term(months=12)),
        ("3ヵ年", Term(months=36)),
        ("12か月", Term(months=12)),
        ("12ヶ月間", Term(months=12)),
        ("1年6か月", Term(months=18)),
        ("半年", Term(months=6)),
        ("90日", Term(days=90)),
        ("3か月前", Term(months=3)),
        ("60 days before", Term(days=60)),
    ],
)
def test_a_term_is_read_as_contracts_write_it(text: str, term: Term) -> None:
    assert Term.parse(text) == term


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("-1 month", "a term has no sign"),
        ("1 month 5 days", "a term is in months or in days, not in both"),
        ("5 business days", "no contract runs in business days"),
        ("a while", "expected a number and years, months, weeks, days or business days"),
        ("", "expected a number and years, months, weeks, days or business days"),
    ],
)
def test_what_is_no_term_is_refused_with_the_reason_and_an_example(text: str, why: str) -> None:
    with pytest.raises(ValueError, match="is not a length of time") as refused:
        Term.parse(text)
    assert (
        str(refused.value)
        == f'"{text}" is not a length of time; write e.g. "12 months" or "90 days" ({why})'
    )


@given(terms)
def test_a_term_can_be_read_back_from_its_text(term: Term) -> None:
    assert Term.parse(str(term)) == term
