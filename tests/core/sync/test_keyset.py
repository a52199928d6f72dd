"""Reading everything by search, against an index that behaves as HubSpot's does."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from scheduler.core.sync.keyset import Cursor, KeysetKind, LoopError, after_page, query
from scheduler.core.sync.records import Record
from tests.core.sync.sync_cast import record

LIMIT = 5


def deals(changes: Iterable[int]) -> list[Record]:
    """Deals with ids from 1, each changed at a millisecond."""
    return [
        record(str(number), hs_lastmodifieddate=str(10**12 + at))
        for number, at in enumerate(changes, 1)
    ]


def answer(index: Iterable[Record], body: Mapping[str, Any]) -> tuple[list[Record], bool]:
    """A page of the index: every filter, the one sort, no more than the limit; and whether there
    is more."""

    def value(deal: Record, name: str) -> int:
        return int(deal.id if name == "hs_object_id" else deal.properties[name] or 0)

    def fits(deal: Record) -> bool:
        for each in body["filterGroups"][0]["filters"]:
            if each["operator"] == "IN":
                if deal.properties[each["propertyName"]] not in each["values"]:
                    return False
                continue
            is_, than = value(deal, each["propertyName"]), int(each["value"])
            if not {"GTE": is_ >= than, "LTE": is_ <= than, "GT": is_ > than}[each["operator"]]:
                return False
        return True

    by = body["sorts"][0]["propertyName"]
    found = sorted(filter(fits, index), key=lambda deal: value(deal, by))
    return found[: body["limit"]], len(found) > body["limit"]


def read(index: list[Record], cursor: Cursor, limit: int = LIMIT) -> tuple[list[str], int]:
    """Every id that a whole run brings, and in how many requests; the cursor is kept as a text
    between pages."""
    found, requests = [], 0
    while not cursor.done:
        page, more = answer(index, query(cursor, ("dealname",), limit))
        fresh, cursor = after_page(cursor, page, more=more)
        cursor = Cursor.from_text(cursor.as_text())
        found += [deal.id for deal in fresh]
        requests += 1
    return found, requests


@given(some.lists(some.integers(0, 6), max_size=60), some.integers(0, 6), some.integers(0, 6))
def test_everything_in_the_window_is_read_however_many_share_a_millisecond(
    changes: list[int], floor: int, upto: int
) -> None:
    index = deals(changes)
    found, _ = read(index, Cursor.by_time(10**12 + floor, 10**12 + upto))
    wanted = {str(n) for n, at in enumerate(changes, 1) if floor <= at <= upto}
    assert set(found) == wanted


@given(some.lists(some.integers(0, 3), max_size=40))
def test_by_id_everything_is_read_once(changes: list[int]) -> None:
    index = deals(changes)
    found, requests = read(index, Cursor.by_id(("care",)))
    assert found == [deal.id for deal in index]
    assert requests == max(1, -(-len(index) // LIMIT))


def test_a_wave_of_sixty_pages_in_one_millisecond_takes_few_requests_more() -> None:
    index = deals([7] * 1_200)
    found, requests = read(index, Cursor.by_time(10**12, 10**12 + 100), 20)
    assert len(set(found)) == 1_200
    assert requests <= 1_200 // 20 + 3


def test_a_thousand_changes_of_an_increment_take_six_requests() -> None:
    _, requests = read(deals(range(1_000)), Cursor.by_time(10**12, 10**12 + 5_000), 200)
    assert requests == 6


def test_deals_of_other_pipelines_are_not_asked_for() -> None:
    index = [*deals([1, 2]), record("9", pipeline="other", hs_lastmodifieddate=str(10**12))]
    assert read(index, Cursor.by_time(10**12, 10**12 + 9, ["care"]))[0] == ["1", "2"]


def test_what_changed_after_the_window_is_left_and_moves_nothing() -> None:
    late = deals([3, 4, 5, 90, 91])
    fresh, cursor = after_page(Cursor.by_time(10**12, 10**12 + 10), late, more=True)
    assert [deal.id for deal in fresh] == ["1", "2", "3"]
    assert cursor.floor == 10**12 + 5


def again_and_again(cursor: Cursor, page: list[Record]) -> None:
    """An index that answers every query with one page."""
    for _ in range(9):
        _, cursor = after_page(cursor, page, more=True)


def test_the_same_page_for_ever_ends_with_an_error() -> None:
    cursor = Cursor.by_time(10**12, 10**12 + 9)
    with pytest.raises(LoopError, match="keeps returning the same pages"):
        again_and_again(cursor, deals([1] * LIMIT))


def test_an_index_that_ignores_ids_ends_with_an_error() -> None:
    with pytest.raises(LoopError):
        again_and_again(Cursor.by_id(), deals([1] * LIMIT))


def test_every_filter_stands_on_every_page() -> None:
    cursor = replace(Cursor.by_time(1, 9, ["care"]), after_id=5)
    names = [f["propertyName"] for f in query(cursor, ())["filterGroups"][0]["filters"]]
    assert names == ["pipeline", "hs_lastmodifieddate", "hs_lastmodifieddate", "hs_object_id"]
    assert query(Cursor.by_id(("care",)), ())["sorts"][0]["propertyName"] == "hs_object_id"


def test_a_window_without_length_is_done() -> None:
    assert Cursor.by_time(5, 4).done
    assert Cursor.by_time(5, 5).kind is KeysetKind.TIME
