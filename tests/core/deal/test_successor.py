"""The term after this one: its length, its notice and its first day, as the contract says or as was
agreed."""

from dataclasses import replace
from datetime import date

import pytest

from scheduler.core.deal.contracts import Money
from scheduler.core.deal.deal import Deal, NextTerm, Won
from scheduler.core.deal.successor import next_term
from scheduler.core.time.dates import Term
from tests import cast

THREE_YEARS = {
    "starts_on": date(2024, 4, 1),
    "ends_on": date(2027, 3, 31),
    "term": Term(36),
    "notice": Term(3),
    "decide_by": date(2026, 12, 31),
}


def _of(**more: object) -> Deal:
    deal = cast.deal()
    return replace(deal, contract=replace(deal.contract, **{**THREE_YEARS, **more}))  # type: ignore[arg-type]


def _next(deal: Deal, won: Won | None = None, starts_on: date | None = None) -> NextTerm:
    return next_term(deal, cast.policy().pipeline(deal.pipeline), won, starts_on)


@pytest.mark.parametrize(
    ("more", "ends_on", "decide_by"),
    [
        ({}, date(2030, 3, 31), date(2029, 12, 31)),
        ({"renewal_term": Term(12)}, date(2028, 3, 31), date(2027, 12, 31)),
        (
            {"renewal_term": Term(12), "renewal_notice": Term(1)},
            date(2028, 3, 31),
            date(2028, 2, 29),
        ),
        ({"renewal_notice": Term(days=10)}, date(2030, 3, 31), date(2030, 3, 21)),
    ],
)
def test_a_renewal_is_as_long_as_the_contract_says_for_renewals(
    more: dict[str, object], ends_on: date, decide_by: date
) -> None:
    following = _next(_of(**more))
    assert (following.starts_on, following.ends_on, following.decide_by) == (
        date(2027, 4, 1),
        ends_on,
        decide_by,
    )
    assert (following.renewal_term, following.renewal_notice) == (
        more.get("renewal_term"),
        more.get("renewal_notice"),
    )


def test_what_is_agreed_stands_above_what_the_contract_says_for_renewals() -> None:
    agreed = Won(Money(100, "JPY"), Term(24), None)
    assert _next(_of(renewal_term=Term(12)), agreed).ends_on == date(2029, 3, 31)


def test_an_agreed_end_gives_the_term_its_length() -> None:
    following = _next(_of(), Won(Money(100, "JPY"), None, date(2028, 3, 31)))
    assert following.term == Term(12)


def test_a_renewal_that_starts_before_the_end_replaces_the_running_term() -> None:
    following = _next(_of(renewal_term=Term(12)), starts_on=date(2027, 1, 1))
    assert (following.starts_on, following.ends_on, following.series_starts_on) == (
        date(2027, 1, 1),
        date(2027, 12, 31),
        date(2027, 1, 1),
    )


def test_a_contract_without_an_amount_is_renewed_without_one() -> None:
    assert _next(_of(amount=Money(None, "EUR"))).amount == Money(None, "EUR")
