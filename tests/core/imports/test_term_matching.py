"""Which new numbers of a file are terms that are there already."""

from dataclasses import replace
from datetime import date
from itertools import permutations
from typing import Any

import pytest

from scheduler.core.imports.records import ContractRecord
from scheduler.core.imports.term_matching import NewRow, StandingTerm, match_terms, may_be
from scheduler.core.time.dates import Term

TERM = ContractRecord(
    0,
    "s",
    "C-1",
    "Aoba",
    "aoba",
    "",
    product="Pro",
    starts_on=date(2027, 4, 1),
    ends_on=date(2028, 3, 31),
    term=Term(12),
    amount=1_000,
    currency="EUR",
)


def opened(id: int = 1, owner: int | None = None, **more: object) -> StandingTerm:
    return StandingTerm(id, replace(TERM, **more), owner, opened=True)  # type: ignore[arg-type]


def row(line: int, owner: int | None = None, **more: Any) -> NewRow:
    return NewRow(replace(TERM, line=line, number=f"N-{line}", **more), owner)


@pytest.mark.parametrize(
    ("more", "same"),
    [
        ({}, True),
        ({"starts_on": date(2027, 5, 2)}, True),
        ({"starts_on": date(2027, 5, 3)}, False),
        ({"starts_on": date(2027, 3, 1)}, True),
        ({"product": "Lite"}, False),
        ({"product": ""}, True),
        ({"product": "ＰＲＯ"}, True),
        ({"customer_id": "zeta"}, False),
        ({"amount": None}, True),
        ({"amount": 2_000}, True),
        ({"amount": 100}, False),
        ({"amount": 0}, False),
        ({"starts_on": None}, True),
        ({"starts_on": None, "ends_on": date(2028, 6, 30)}, False),
        ({"starts_on": date(2027, 6, 15), "estimated": True, "ends_on": date(2028, 6, 14)}, True),
    ],
)
def test_a_row_is_the_term_the_program_opened_by_start_product_and_amount(
    more: dict[str, Any], same: bool
) -> None:
    assert (match_terms([row(2, **more)], [opened()]).certain == {2: 1}) is same
    assert may_be(row(2, **more).record, [opened()]) is same


@pytest.mark.parametrize(
    ("more", "same"),
    [
        ({"starts_on": date(2028, 4, 1), "ends_on": date(2029, 3, 31)}, True),
        ({"starts_on": None, "ends_on": date(2029, 3, 31)}, True),
        ({"starts_on": None, "ends_on": date(2028, 12, 31)}, False),
        ({"starts_on": date(2027, 4, 1), "ends_on": date(2029, 3, 31)}, False),
        ({}, False),
    ],
)
def test_a_new_number_renews_a_contract_whose_next_term_it_is(
    more: dict[str, Any], same: bool
) -> None:
    running = StandingTerm(1, TERM, None, opened=False)
    assert (match_terms([row(2, **more)], [running]).certain == {2: 1}) is same


def test_terms_and_rows_find_each_other_whatever_the_order_of_rows() -> None:
    terms = [
        opened(1, owner=1, amount=1_000, product=""),
        opened(2, owner=2, amount=9_000, product=""),
    ]
    rows = [
        row(2, owner=2, amount=9_500, product=""),
        row(3, owner=1, amount=1_100, product=""),
        row(4, amount=50, product=""),
    ]
    for some in permutations(rows):
        assert match_terms(some, terms).certain == {2: 2, 3: 1}


def test_the_nearer_start_comes_before_the_nearer_amount() -> None:
    terms = [
        opened(1, starts_on=date(2027, 4, 1), amount=1_000),
        opened(2, starts_on=date(2027, 4, 20), amount=1_500),
    ]
    assert match_terms([row(2, starts_on=date(2027, 4, 20), amount=1_000)], terms).certain == {2: 2}


def test_what_two_could_claim_equally_is_nobodys_and_is_named_with_both() -> None:
    found = match_terms([row(2), row(3)], [opened()])
    assert found.certain == {}
    assert set(found.doubtful) == {(2, 1), (3, 1)}
    assert match_terms([row(2, owner=7), row(3)], [opened(owner=7)]).certain == {2: 1}


def test_an_amount_that_is_far_off_is_doubtful_and_leaves_the_term_to_a_better_row() -> None:
    assert match_terms([row(2, amount=300)], [opened()]).doubtful == ((2, 1),)
    assert match_terms([row(2, amount=300), row(3, amount=1_100)], [opened()]).certain == {3: 1}
