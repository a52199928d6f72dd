"""Which term a fact of a file means, and what another end of a term says."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.core.imports.records import ContractRecord
from scheduler.core.imports.term_attribution import (
    AttributedRow,
    Extension,
    attributed,
    extension,
    settled,
)
from scheduler.core.time.dates import Term, term_end

FIRST = ContractRecord(
    2, "C-1", "C-1", "Aoba", "aoba", "h", starts_on=date(2024, 4, 1), ends_on=date(2027, 3, 31), term=Term(36), notice=Term(3),
    decide_by=date(2026, 12, 31), auto_renew=True, amount=100, currency="EUR",
)  # fmt: skip
RUNNING = replace(
    FIRST,
    starts_on=date(2027, 4, 1),
    ends_on=date(2030, 3, 31),
    amount=110,
    decide_by=date(2029, 12, 31),
)
PRESENT = frozenset({"starts_on", "ends_on", "amount", "notice", "auto_renew"})
YEAR = replace(FIRST, starts_on=date(2026, 4, 1), term=Term(12))


@pytest.mark.parametrize(
    ("old", "starts_on", "ends_on", "found"),
    [
        (FIRST, None, "2030-03-31", Extension.RENEWED),
        (FIRST, None, "2028-03-31", Extension.RENEWED),
        (FIRST, None, "2028-04-02", Extension.RENEWED),
        (FIRST, None, "2027-09-30", Extension.RENEWED),
        (FIRST, None, "2027-06-30", Extension.MOVED),
        (FIRST, None, "2027-12-31", Extension.UNCLEAR),
        (FIRST, None, "2027-03-31", Extension.MOVED),
        (FIRST, None, "2026-03-31", Extension.MOVED),
        (FIRST, "2027-04-01", "2027-06-30", Extension.RENEWED),
        (FIRST, "2027-03-31", "2027-06-30", Extension.UNCLEAR),
        (YEAR, None, "2028-03-31", Extension.RENEWED),
        (YEAR, None, "2027-06-30", Extension.MOVED),
        (YEAR, None, "2029-03-31", Extension.RENEWED),
        (YEAR, None, "2027-11-30", Extension.UNCLEAR),
        (YEAR, "2027-01-01", "2027-12-31", Extension.RENEWED),
        (YEAR, "2026-05-01", "2027-04-30", Extension.MOVED),
        (YEAR, "2026-07-01", "2027-06-30", Extension.UNCLEAR),
        (replace(YEAR, term=Term(1)), None, "2027-04-30", Extension.RENEWED),
        (replace(YEAR, renewal_term=Term(3)), None, "2027-06-30", Extension.RENEWED),
        (replace(YEAR, estimated=True), None, "2028-03-31", Extension.MOVED),
        (replace(YEAR, ends_on=None), None, "2028-03-31", Extension.MOVED),
    ],
)
def test_another_end_is_a_renewal_where_a_whole_plausible_term_fits(
    old: ContractRecord, starts_on: str | None, ends_on: str, found: Extension
) -> None:
    said = replace(
        old,
        starts_on=date.fromisoformat(starts_on) if starts_on else old.starts_on,
        ends_on=date.fromisoformat(ends_on),
        term=None,
    )
    assert extension(old, said) is found


@given(
    st.dates(date(2000, 1, 1), date(2100, 1, 1)),
    st.integers(1, 60),
    st.sampled_from([6, 12, 24, 36]),
)
def test_whatever_the_first_term_half_years_and_years_renew_it(
    starts_on: date, months: int, renewed: int
) -> None:
    old = replace(
        FIRST, starts_on=starts_on, term=Term(months), ends_on=term_end(starts_on, Term(months))
    )
    assert old.ends_on is not None
    assert (
        extension(
            old, replace(old, ends_on=term_end(old.ends_on + timedelta(days=1), Term(renewed)))
        )
        is Extension.RENEWED
    )


def _spoken(
    last: ContractRecord = FIRST, present: frozenset[str] = PRESENT, **more: Any
) -> AttributedRow:
    return attributed(replace(FIRST, **more), last, RUNNING, [FIRST], present)


def test_what_only_repeats_a_closed_term_says_nothing_of_the_open_one() -> None:
    said = _spoken(owner="Cy", auto_renew=False)
    record = said.record
    assert (record.starts_on, record.ends_on, record.amount, record.decide_by) == (
        RUNNING.starts_on,
        RUNNING.ends_on,
        110,
        RUNNING.decide_by,
    )
    assert (record.owner, record.auto_renew, said.repeats, said.unclear) == ("Cy", False, True, ())
    assert (record.said_ends_on, record.said_amount) == (FIRST.ends_on, "100")


def test_an_end_after_the_closed_term_is_the_open_ones() -> None:
    said = _spoken(ends_on=date(2028, 3, 31), amount=120)
    assert (said.record.starts_on, said.record.ends_on, said.record.amount, said.record.term) == (
        date(2027, 4, 1),
        date(2028, 3, 31),
        120,
        Term(12),
    )
    assert (said.unclear, said.repeats) == ((), False)


@pytest.mark.parametrize(("amount", "meant"), [(100, 110), (130, 130), (None, None), (110, 110)])
def test_an_amount_beside_the_closed_terms_dates_is_the_open_ones_if_it_is_news(
    amount: int | None, meant: int | None
) -> None:
    assert _spoken(amount=amount).record.amount == meant


@pytest.mark.parametrize(
    ("more", "unclear"),
    [
        ({"ends_on": date(2027, 2, 28)}, ("ends_on",)),
        ({"ends_on": date(2027, 2, 28), "amount": 120}, ("ends_on", "amount")),
        ({"ends_on": None}, ("ends_on",)),
        ({"starts_on": date(2025, 1, 1)}, ("starts_on",)),
    ],
)
def test_what_fits_no_term_is_named_and_left(
    more: dict[str, Any], unclear: tuple[str, ...]
) -> None:
    said = _spoken(**more)
    assert said.unclear == unclear
    assert (said.record.starts_on, said.record.ends_on) == (RUNNING.starts_on, RUNNING.ends_on)


def test_a_deadline_of_its_own_that_fits_no_term_is_named() -> None:
    assert _spoken(present=PRESENT | {"decide_by"}, decide_by=date(2026, 11, 30)).unclear == (
        "decide_by",
    )
    assert _spoken(present=PRESENT | {"term"}, term=Term(12)).unclear == ("term",)


def test_a_file_that_goes_back_to_the_end_of_a_closed_term_is_asked_about() -> None:
    in_step = replace(RUNNING, source_id="C-1")
    assert _spoken(last=in_step).unclear == ("ends_on",)
    lagging = replace(in_step, said_ends_on=FIRST.ends_on, said_amount="100")
    assert _spoken(last=lagging).unclear == ()


def test_the_notice_of_a_renewal_comes_before_the_first_ones_and_the_deadline_follows() -> None:
    assert _spoken(notice=Term(1)).record.decide_by == date(2030, 2, 28)
    renewal = _spoken(present=PRESENT | {"renewal_notice"}, renewal_notice=Term(2))
    assert (renewal.record.notice, renewal.record.decide_by) == (Term(2), date(2030, 1, 31))


def test_what_a_file_says_beside_a_term_is_forgotten_once_the_term_says_the_same() -> None:
    assert (
        settled(replace(RUNNING, said_ends_on=RUNNING.ends_on, said_amount="110")).said_ends_on
        is None
    )
    assert (
        settled(replace(RUNNING, said_ends_on=FIRST.ends_on, said_amount="100")).said_amount
        == "100"
    )
