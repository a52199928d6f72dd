"""When imported contracts run, and what a changed end means."""

from dataclasses import replace
from datetime import date

import pytest

from scheduler.core.imports.placement import Placement
from scheduler.core.imports.records import ContractRecord
from scheduler.core.imports.terms import (
    Terms,
    as_next_term,
    completed,
    estimated,
    in_series,
    merged,
)
from scheduler.core.imports.texts import TEXTS, FieldError, RecordProblem
from scheduler.core.time.dates import Term
from scheduler.core.words.lexicon import Language

STARTS, ENDS = date(2026, 4, 1), date(2027, 3, 31)
YEAR = Term(12)
C1 = ContractRecord(
    2,
    "C-1",
    "C-1",
    "Aoba",
    "aoba",
    "h",
    starts_on=STARTS,
    ends_on=ENDS,
    term=YEAR,
    notice=Term(2),
    decide_by=date(2027, 1, 31),
    product="Pro",
)
ALL = frozenset({"starts_on", "ends_on", "notice", "term", "decide_by", "product"})


def terms(
    starts_on: date | None = None,
    ends_on: date | None = None,
    term: Term | None = None,
    notice: Term | None = None,
    **more: object,
) -> Terms:
    """Terms as a row says them."""
    return replace(Terms(starts_on, ends_on, term, notice, None), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("given", "ends_on", "term", "deadline"),
    [
        (terms(STARTS, ENDS), ENDS, YEAR, None),
        (terms(STARTS, term=YEAR), ENDS, YEAR, None),
        (terms(STARTS, ENDS, notice=Term(2)), ENDS, YEAR, date(2027, 1, 31)),
        (terms(STARTS, ENDS, auto_renew=True), ENDS, YEAR, ENDS),
        (
            terms(STARTS, ENDS, notice=Term(2), decide_by=date(2026, 12, 31)),
            ENDS,
            YEAR,
            date(2026, 12, 31),
        ),
        (terms(None, ENDS), ENDS, None, None),
        (terms(STARTS, term=Term(1), evergreen=True), None, Term(1), None),
        (terms(STARTS, date(2026, 4, 10)), date(2026, 4, 10), Term(0, 10), None),
    ],
)
def test_a_row_is_completed_from_what_it_says(
    given: Terms, ends_on: date | None, term: Term | None, deadline: date | None
) -> None:
    done = completed(given)
    assert (done.ends_on, done.term, done.decide_by) == (ends_on, term, deadline)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        (terms(ENDS, STARTS), "ends_on"),
        (terms(STARTS, ENDS, decide_by=date(2027, 4, 1)), "decide_by"),
        (terms(STARTS, term=Term()), "term"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(given: Terms, field: str) -> None:
    with pytest.raises(FieldError) as caught:
        completed(given)
    assert caught.value.field == field


@pytest.mark.parametrize(
    ("place", "given", "starts_on", "ends_on", "estimate"),
    [
        (Placement("existing", bought=True), terms(), STARTS, ENDS, True),
        (Placement("existing", bought=True), terms(term=Term(6)), STARTS, date(2026, 9, 30), True),
        (Placement("existing"), terms(), STARTS, ENDS, True),
        (Placement("existing", due=True), terms(), None, STARTS, True),
        (
            Placement("existing"),
            terms(date(2026, 5, 1), term=YEAR),
            date(2026, 5, 1),
            date(2027, 4, 30),
            False,
        ),
        (Placement("new_business", "qualified"), terms(), None, None, False),
        (Placement("existing"), terms(evergreen=True), None, None, False),
    ],
)
def test_an_end_nobody_wrote_is_reckoned_from_the_close_date(
    place: Placement, given: Terms, starts_on: date | None, ends_on: date | None, estimate: bool
) -> None:
    done, said = estimated(given, STARTS, place)
    assert (done.starts_on, done.ends_on, said) == (starts_on, ends_on, estimate)


def test_a_renewed_row_becomes_the_next_term() -> None:
    row = replace(C1, ends_on=date(2028, 3, 31), term=Term(24), decide_by=date(2028, 1, 31))
    following = as_next_term(row, C1)
    assert (following.starts_on, following.ends_on, following.term, following.decide_by) == (
        date(2027, 4, 1),
        date(2028, 3, 31),
        YEAR,
        date(2028, 1, 31),
    )
    assert in_series(following, STARTS, 1) == (STARTS, 1)


def test_a_deadline_of_the_old_term_is_not_the_new_ones() -> None:
    row = replace(C1, ends_on=date(2028, 3, 31), term=Term(24))
    assert as_next_term(row, C1).decide_by == date(2028, 1, 31)


def test_a_row_with_a_later_start_of_its_own_keeps_it_and_begins_a_series() -> None:
    row = replace(C1, starts_on=date(2027, 4, 15), ends_on=date(2028, 4, 14))
    following = as_next_term(row, C1)
    assert following.starts_on == date(2027, 4, 15)
    assert in_series(following, STARTS, 1) == (date(2027, 4, 15), 0)


def test_a_deadline_set_by_hand_stays_while_the_dates_do_and_follows_the_notice_when_they_move() -> (
    None
):
    by_hand = replace(C1, decide_by=date(2026, 12, 31))
    present = frozenset({"ends_on"})
    assert merged(replace(C1, notice=None, decide_by=None), by_hand, present).decide_by == date(
        2026, 12, 31
    )
    moved = merged(
        replace(C1, ends_on=date(2027, 6, 30), notice=None, decide_by=None), by_hand, present
    )
    assert moved.decide_by == date(2027, 4, 30)


def test_every_problem_can_be_said_in_both_languages() -> None:
    import string  # noqa: PLC0415

    for code, label in TEXTS.items():
        names = {
            name
            for text in (label.ja, label.en)
            for _, name, _, _ in string.Formatter().parse(text)
            if name
        }
        problem = RecordProblem.of(code, **dict.fromkeys(names, "x"))
        assert problem.shown(Language.JA)
        assert problem.shown(Language.EN)
