"""Records, histories, links and owners from the API's JSON."""

from typing import Any

import pytest

from scheduler.core.sync.owners import Owners, owner_of
from scheduler.core.sync.records import (
    Association,
    NotARecordError,
    links_of,
    main_company,
    never_seen,
    record_of,
)
from tests.core.sync.sync_cast import OWNERS, record

RAW: dict[str, Any] = {
    "id": "55",
    "properties": {"dealname": "Aoba", "amount": None, "hs_merged_object_ids": "51;52"},
    "propertiesWithHistory": {
        "dealstage": [
            {
                "value": "b",
                "timestamp": "2026-11-02T00:00:00Z",
                "sourceType": "CRM_UI",
                "sourceId": "userId:501",
                "updatedByUserId": 501,
            },
            {
                "value": "a",
                "timestamp": "2026-11-01T00:00:00Z",
                "sourceType": "INTEGRATION",
                "sourceId": "9001",
            },
        ]
    },
    "createdAt": "2026-11-01T00:00:00Z",
    "updatedAt": "2026-11-02T00:00:00Z",
    "archived": False,
    "associations": {
        "companies": {
            "results": [
                {"id": "8", "type": "deal_to_company_unlabeled"},
                {"id": "7", "type": "deal_to_company"},
                {"id": "7", "type": "deal_to_company_unlabeled"},
            ]
        }
    },
}


def test_a_record_is_read_with_its_history_oldest_first() -> None:
    read = record_of(RAW)
    history = read.histories["dealstage"]
    assert [v.value for v in history] == ["a", "b"]
    assert [v.by_person for v in history] == ["", "501"]
    assert (read.merged, read.value("amount")) == (("51", "52"), "")
    assert read.modified_at() == read.updated_at
    assert main_company(read.companies) == "7"


def test_links_that_were_not_asked_for_are_not_none_at_all() -> None:
    assert record_of({"id": 1}).companies is None
    assert record_of({"id": 1, "associations": {}}).companies == ()


@pytest.mark.parametrize("raw", [{}, {"id": "1", "properties": []}, {"id": "1", "createdAt": "x"}])
def test_a_broken_record_is_named(raw: dict[str, Any]) -> None:
    if raw == {"id": "1", "properties": []}:
        assert record_of(raw).properties == {}
    else:
        with pytest.raises(NotARecordError, match="cannot be read"):
            record_of(raw)


@pytest.mark.parametrize(
    ("links", "company"),
    [
        (None, None),
        ((), None),
        ((Association("1"),), "1"),
        ((Association("1"), Association("2")), None),
        ((Association("1"), Association("2", frozenset({5}))), "2"),
        ((Association("1", labels=frozenset({"Primary"})), Association("2")), "1"),
        ((Association("1", frozenset({5})), Association("2", frozenset({5}))), None),
    ],
)
def test_the_main_company_or_the_only_one(
    links: tuple[Association, ...] | None, company: str | None
) -> None:
    assert main_company(links) == company


def test_each_linked_record_comes_once() -> None:
    assert links_of([("7", 341, ""), ("7", 5, "Primary"), ("8", 341, "")]) == (
        Association("7", frozenset({341, 5}), frozenset({"Primary"})),
        Association("8", frozenset({341})),
    )


def test_a_property_that_no_record_has_is_told_apart_from_an_empty_one() -> None:
    page = [record("1", amount=None), record("2")]
    assert never_seen(page, ("dealstage", "amount", "renewal_date")) == {"renewal_date"}
    assert never_seen([], ("amount",)) == frozenset()


def test_an_owner_is_found_by_both_ids_and_by_email() -> None:
    assert (OWNERS.owner("71") or owner_of({"id": 0})).email == "ann@example.com"
    assert OWNERS.user_name("501") == "Ann Ito"
    assert OWNERS.user_name("502") == "left@example.com"
    assert OWNERS.user_name("9") == ""
    assert OWNERS.id_of(" Ann@Example.com ") == "71"
    assert OWNERS.id_of("left@example.com") is None
    assert OWNERS.id_of("") is None


def test_whoever_left_is_known_and_the_active_entry_wins() -> None:
    left = owner_of(
        {
            "id": "1",
            "email": "A@x.jp",
            "archived": True,
            "userIdIncludingInactive": 9,
            "userId": None,
        }
    )
    again = owner_of(
        {"id": "2", "email": "a@x.jp", "firstName": "A", "userId": 9, "type": "PERSON"}
    )
    for order in ((left, again), (again, left)):
        known = Owners.of(order)
        assert known.user_name("9") == "A"
        assert known.id_of("a@x.jp") == "2"
        assert not known.by_id["1"].active
