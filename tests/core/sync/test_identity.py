"""Records that are archived, come back, become one, or vanish."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as some

from scheduler.core.imports.placement import Placement
from scheduler.core.policy.hubspot import StageRule
from scheduler.core.sync.identity import (
    Census,
    OpenTerm,
    RecordFound,
    RecordState,
    census,
    followed,
    found,
    kept_of,
)
from scheduler.core.sync.records import Record
from tests.core.sync.sync_cast import record, rules

MAP = rules(StageRule(("care", "c_stable"), Placement("existing", "stable")))
TODAY = date(2026, 11, 27)


@pytest.mark.parametrize(
    ("live", "archived", "was", "state"),
    [
        (record("1"), None, False, RecordFound("1", RecordState.HERE)),
        (record("1"), None, True, RecordFound("1", RecordState.RESTORED)),
        (None, record("1"), False, RecordFound("1", RecordState.ARCHIVED)),
        (None, None, False, RecordFound("1", RecordState.DELETED)),
        (record("9"), None, False, RecordFound("1", RecordState.MERGED, "9")),
        (None, record("9"), False, RecordFound("1", RecordState.MERGED, "9")),
        (record("1", pipeline="other"), None, False, RecordFound("1", RecordState.MOVED_OUT)),
        (record("1", dealstage="gone"), None, False, RecordFound("1", RecordState.UNMAPPED)),
    ],
)
def test_what_became_of_a_record(
    live: Record | None, archived: Record | None, was: bool, state: RecordFound
) -> None:
    assert found("1", live, archived, MAP, was_archived=was) == state


def test_a_count_tells_apart_what_changes_never_show() -> None:
    known = {"1": False, "2": False, "3": True, "4": False, "5": False, "6": True}
    counted = census(known, ["1", "3", "8", "9"], ["2", "6"], {"9": ["4", "44"]})
    assert counted == Census(
        unknown=frozenset({"8", "9"}),
        missing=frozenset({"5"}),
        archived=frozenset({"2"}),
        restored=frozenset({"3"}),
        merged={"4": "9"},
    )


@given(
    some.dictionaries(some.sampled_from("123456"), some.booleans()),
    some.sets(some.sampled_from("123456")),
    some.sets(some.sampled_from("123456")),
)
def test_every_known_record_is_accounted_for_once(
    known: dict[str, bool], live: set[str], archived: set[str]
) -> None:
    counted = census(known, live, archived, {"9": ["1"], "1": ["2"]})
    merged = set(counted.merged or {})
    groups = [counted.missing, counted.archived, counted.restored, frozenset(merged)]
    assert sum(map(len, groups)) == len(frozenset().union(*groups))
    quiet = {id for id, was in known.items() if id in live and not was}
    still = {id for id, was in known.items() if was and id in archived - live - merged}
    assert frozenset().union(*groups) | quiet | still == known.keys()


def test_merges_are_followed_to_their_end_also_round_in_circles() -> None:
    assert followed({"3": ["1", "2"], "5": ["3"]}) == {"1": "5", "2": "5", "3": "5"}
    assert set(followed({"1": ["2"], "2": ["1"]})) == {"1", "2"}


@pytest.mark.parametrize(
    ("terms", "kept"),
    [
        ([OpenTerm(1, True, date(2027, 3, 31)), OpenTerm(2, True, date(2026, 12, 31))], 2),
        ([OpenTerm(1, True, date(2027, 3, 31)), OpenTerm(2, True, date(2026, 10, 31))], 1),
        ([OpenTerm(1, False, date(2026, 12, 1)), OpenTerm(2, True, date(2029, 3, 31))], 2),
        ([OpenTerm(1, True, None), OpenTerm(2, True, date(2020, 1, 1))], 2),
        ([OpenTerm(2, True, None), OpenTerm(1, True, None)], 1),
        ([OpenTerm(1, True, TODAY), OpenTerm(2, True, date(2026, 11, 28))], 1),
    ],
)
def test_the_nearest_open_term_goes_on(terms: list[OpenTerm], kept: int) -> None:
    assert kept_of(terms, TODAY) == kept


def test_a_contract_that_runs_goes_on_before_a_sale_that_is_nearer() -> None:
    sale = OpenTerm(1, True, date(2026, 12, 31), "new_business")
    runs = OpenTerm(2, True, date(2027, 3, 31), "existing")
    assert kept_of([sale, runs], TODAY, {"new_business"}) == 2
    assert kept_of([sale, OpenTerm(3, False, TODAY, "existing")], TODAY, {"new_business"}) == 1


def test_what_is_live_and_archived_at_once_counts_as_live() -> None:
    """It was restored, or put away, while the ids were counted."""
    counted = census({"1": False, "2": True}, ["1", "2"], ["1", "2"], {})
    assert counted == Census(restored=frozenset({"2"}), merged={})
