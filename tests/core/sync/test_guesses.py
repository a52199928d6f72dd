"""Which property fills which field: only where its name says exactly that."""

import pytest

from scheduler.core.sync.fields import FIELDS
from scheduler.core.sync.guesses import FieldGuess, Offered, field_problems, guesses, kinds_of
from scheduler.core.sync.values import PropertyType
from scheduler.core.words.lexicon import Language

DATE, NUMBER, STRING = PropertyType.DATE, PropertyType.NUMBER, PropertyType.STRING


def guess(field: str, *offered: Offered, filled: tuple[str, ...] = ()) -> FieldGuess:
    return {g.field: g for g in guesses(offered, filled)}[field]


@pytest.mark.parametrize(
    ("field", "name", "labels", "kind"),
    [
        ("ends_on", "contract_end_date", ("x",), DATE),
        ("ends_on", "p1", ("契約終了日",), DATE),
        ("ends_on", "p1", ("x", "Renewal Date"), PropertyType.DATETIME),
        ("starts_on", "p1", ("契約開始日",), DATE),
        ("term", "p1", ("契約期間（月）",), NUMBER),
        ("term", "contract_months", ("x",), NUMBER),
        ("notice", "p1", ("Notice period",), STRING),
        ("auto_renew", "p1", ("自動更新",), PropertyType.BOOL),
    ],
)
def test_an_exact_name_in_either_language_is_taken(
    field: str, name: str, labels: tuple[str, ...], kind: PropertyType
) -> None:
    taken = guess(field, Offered(name, labels, kind)).taken
    assert taken is not None
    assert taken.name == name


def test_of_two_that_say_the_same_none_is_taken_and_both_are_offered() -> None:
    two = Offered("contract_end", ("End",), DATE), Offered("p2", ("満了日",), DATE)
    found = guess("ends_on", *two)
    assert found.taken is None
    assert found.candidates == two


def test_of_two_that_say_the_same_the_one_that_is_filled_is_taken() -> None:
    two = Offered("contract_end", ("End",), DATE), Offered("p2", ("満了日",), DATE)
    taken = guess("ends_on", *two, filled=("p2",)).taken
    assert taken is not None
    assert taken.name == "p2"


def test_a_name_that_is_only_like_it_is_offered_and_not_taken() -> None:
    like = Offered("service_until", ("Service runs until",), DATE)
    found = guess("ends_on", like)
    assert (found.taken, found.candidates) == (None, (like,))


def test_a_property_of_another_type_is_neither() -> None:
    found = guess("ends_on", Offered("contract_end_date", ("Contract end date",), NUMBER))
    assert (found.taken, found.candidates) == (None, ())


def test_our_own_and_those_of_every_account_are_never_offered() -> None:
    own = Offered("renewals_ends_on", ("Contract end",), DATE)
    close = Offered("closedate", ("Renewal date",), PropertyType.DATETIME)
    found = guess("ends_on", own, close)
    assert (found.taken, found.candidates) == (None, ())


def test_a_property_that_fills_one_field_is_offered_for_no_other() -> None:
    end = Offered("contract_end", ("契約更新日",), DATE)
    assert guess("decide_by", end, Offered("notice_x", ("x",), DATE)).candidates[0].name == (
        "notice_x"
    )
    for field in ("starts_on", "decide_by"):
        assert end not in guess(field, end).candidates


def test_a_field_is_filled_by_a_property_that_is_there_and_of_its_type() -> None:
    there = {"end": DATE, "months": NUMBER, "flag": PropertyType.BOOL}
    assert field_problems({"ends_on": "end", "term": "months", "auto_renew": "flag"}, there) == []
    found = field_problems({"ends_on": "months", "term": "gone"}, there)
    assert [(p.field, p.property) for p in found] == [("ends_on", "months"), ("term", "gone")]
    assert "of type number" in found[0].said.en
    assert "gone" in found[1].said.of(Language.JA)


def test_every_field_can_be_read_from_some_type() -> None:
    assert all(kinds_of(field) for field in FIELDS)
