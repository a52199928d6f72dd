"""Which of several line items, quotes or contracts of a deal says its term."""

from typing import Any
from zoneinfo import ZoneInfo

import pytest

from scheduler.core.policy.hubspot import LinkedKind
from scheduler.core.sync.linked import (
    RECURS,
    StatusProperty,
    contract_standing,
    differs,
    in_force,
    linked_form,
    linked_from,
)
from scheduler.core.sync.linked_terms import TermSaid, term_said
from scheduler.core.sync.records import MODIFIED, Record
from scheduler.core.sync.terms import FieldMap
from scheduler.core.sync.values import PropertyType

ITEM, QUOTE, CONTRACT = LinkedKind
TOKYO = ZoneInfo("Asia/Tokyo")
YEARLY = {RECURS: "annually"}


def record(id: str, **properties: Any) -> Record:
    return Record(id, properties)


def said(kind: LinkedKind, *records: Record, **types: PropertyType) -> TermSaid:
    """What records of a kind say, with their end, start and term mapped."""
    names = {"ends_on": "end", "starts_on": "start", "term": "term"}
    fields = FieldMap(
        {field: f"{kind}/{name}" for field, name in names.items()},
        {f"{kind}/{name}": type for name, type in types.items()},
    )
    return term_said("7", {kind: records}, fields, {}, TOKYO)


def test_the_latest_end_of_the_recurring_line_items_counts() -> None:
    found = said(
        ITEM,
        record("1", end="2027-03-31", term="P12M", **YEARLY),
        record("2", end="2027-09-30", term="P18M", **YEARLY),
        record("3", end="2030-01-01", name="Setup, once"),
    )
    assert found.values["line_items/end"] == "2027-09-30"
    assert found.values["line_items/term"] == "P18M"
    assert [r.id for r in found.origins[ITEM]] == ["2"]
    assert not found.problems


def test_where_none_recurs_all_line_items_count() -> None:
    assert said(ITEM, record("1", end="2027-03-31")).values["line_items/end"] == "2027-03-31"


def test_of_several_with_one_end_those_that_start_first_say_the_rest() -> None:
    found = said(
        ITEM,
        record("1", end="2027-03-31", start="2026-10-01", term="P6M", **YEARLY),
        record("2", end="2027-03-31", start="2026-04-01", term="P12M", **YEARLY),
    )
    assert not found.problems
    assert (found.values["line_items/start"], found.values["line_items/term"]) == (
        "2026-04-01",
        "P12M",
    )


def test_what_the_leading_ones_say_differently_is_named() -> None:
    found = said(
        ITEM,
        record("1", end="2027-03-31", term="P6M", name="Pro", **YEARLY),
        record("2", end="2027-03-31", term="P12M", **YEARLY),
    )
    assert (found.values, found.origins) == ({}, {})
    [problem] = found.problems
    assert problem.name == "line_items/term"
    assert "Pro (1): P6M, 2: P12M" in problem.said.en


def test_contracts_in_force_with_different_ends_hold_the_deal() -> None:
    active = {"hs_status": "Active"}
    found = said(
        CONTRACT,
        record("1", end="2027-03-31", hs_name="Aoba", **active),
        record("2", end="2027-09-30", **active),
    )
    assert found.values == {}
    assert "Aoba (1): 2027-03-31, 2: 2027-09-30" in found.problems[0].said.en


@pytest.mark.parametrize(
    ("statuses", "counts"),
    [
        (("active", "completed", "draft"), ["0"]),
        (("scheduled", "completed", "draft"), ["0"]),
        (("terminated", "draft"), ["0"]),
        (("draft",), []),
        (("", "draft"), ["0"]),
        (("in_renewal", "completed"), ["0"]),
    ],
)
def test_contracts_count_by_their_status(statuses: tuple[str, ...], counts: list[str]) -> None:
    records = [record(str(n), hs_status=status) for n, status in enumerate(statuses)]
    assert [r.id for r in in_force(CONTRACT, records)] == counts


def test_quotes_that_wait_or_were_rejected_do_not_count() -> None:
    statuses = ("DRAFT", "PENDING_APPROVAL", "REJECTED", "APPROVAL_NOT_NEEDED")
    records = [record(str(n), hs_status=status) for n, status in enumerate(statuses)]
    assert [r.id for r in in_force(QUOTE, records)] == ["3"]


def test_the_property_of_a_contracts_status_is_the_one_that_knows_active_ones() -> None:
    choices = {
        "hs_plan": {"a": "Active plan"},
        "hs_state": {"17": "Draft", "18": "Active", "19": "Terminated"},
    }
    found = contract_standing(choices)
    assert found.property == "hs_state"
    records = [record("1", hs_state="19"), record("2", hs_state="18"), record("3", hs_state="17")]
    assert [r.id for r in in_force(CONTRACT, records, found)] == ["2"]
    assert contract_standing({}) == StatusProperty("hs_status")


def test_days_are_compared_as_days_also_where_their_type_is_not_known() -> None:
    active = {"hs_status": "active"}
    found = said(
        CONTRACT,
        record("1", end="2027-03-30T15:00:00Z", **active),
        record("2", end="2027-03-31T01:00:00Z", **active),
    )
    assert not found.problems


def test_a_day_that_cannot_be_read_is_named_and_empties_nothing() -> None:
    found = said(ITEM, record("1", end="soon", term="P12M"))
    assert found.values == {}
    assert [p.name for p in found.problems] == ["line_items/end"]


def test_no_record_says_nothing_and_a_kind_that_was_not_read_is_not_asked() -> None:
    assert said(ITEM).values == dict.fromkeys(
        ("line_items/end", "line_items/start", "line_items/term"), ""
    )
    assert term_said("7", {}, FieldMap({"ends_on": "quotes/end"}), {}, TOKYO).values == {}


def test_what_is_kept_reads_as_it_was() -> None:
    linked = {ITEM: (record("1", end="2027-03-31"),), QUOTE: ()}
    assert linked_from(linked_form(linked)) == linked
    assert linked_from(None) == {}


def test_a_change_is_known_by_when_it_was_made() -> None:
    one, other = "2026-11-01T00:00:00Z", "2026-11-02T00:00:00Z"
    before = {ITEM: (record("1", **{MODIFIED: one}),)}
    assert not differs(before, {ITEM: (record("1", **{MODIFIED: one}),)})
    assert differs(before, {ITEM: (record("1", **{MODIFIED: other}),)})
    assert differs(before, {ITEM: ()})
    assert differs({}, {ITEM: (record("1"),)})
    assert not differs(before, {}), "what could not be read is not compared"
