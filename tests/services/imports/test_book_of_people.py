"""Rows of a file of people find those who are there, by address and by name, however many there
are."""

from typing import Any

import pytest

from scheduler.core.imports.records import PersonRecord
from scheduler.services.imports.people import PeopleBook


def row(id_: int, name: str, email: str | None, key: str = "", **more: Any) -> dict[str, Any]:
    """Somebody as the database has them."""
    return {
        "id": id_,
        "name": name,
        "email": email,
        "key": key or email or name.lower(),
        "manager_id": None,
        "active": True,
    } | more


PEOPLE = [
    row(1, "Ann Ito", "ann@example.com"),
    row(2, "Cy Doe", None),
    row(3, "dan", None, "dan@example.com"),
    row(4, "Ann I.", "ann.i@example.com", merged_into_id=5, active=False),
    row(5, "Ann Ito-Hill", "hill@example.com", merged_into_id=1),
    row(6, "Eve Fox", "eve@example.com", manager_id=1),
    row(7, "Two Names", "one@example.com"),
    row(8, "Two Names", "two@example.com"),
    row(9, "Old Address", "now@example.com", "before@example.com"),
]


@pytest.mark.parametrize(
    ("name", "email", "found"),
    [
        ("Anybody", "ann@example.com", 1),
        ("ＡＮＮ　Ｉｔｏ", None, 1),
        ("Ann Ito", "new@example.com", None),
        ("Cy Doe", "cy@example.com", 2),
        ("Dan Roe", "dan@example.com", 3),
        ("Ann I.", None, 1),
        ("Ann", "ann.i@example.com", 1),
        ("Two Names", None, None),
        ("Old Address", "before@example.com", None),
        ("Nobody", None, None),
    ],
)
def test_a_row_finds_whom_it_means(name: str, email: str | None, found: int | None) -> None:
    meant = PeopleBook(PEOPLE).find(PersonRecord(1, name, email))
    assert (meant["id"] if meant else None) == found


@pytest.mark.parametrize(
    ("name", "email", "manager", "said", "found"),
    [
        ("Eve Fox", "new@example.com", "ann@example.com", (), 6),
        ("Eve Fox", "new@example.com", "Ann Ito", (), 6),
        ("Eve Fox", "new@example.com", "Cy Doe", (), None),
        ("Eve Fox", "new@example.com", None, (), None),
        ("Eve Fox", "new@example.com", "Ann Ito", ("eve@example.com",), None),
        ("Eve Fox", "eve@example.com", "Ann Ito", (), None),
        ("Old Address", "before@example.com", None, (), None),
        ("Ann I.", "new@example.com", None, (), None),
    ],
)
def test_a_new_address_may_be_a_colleagues(
    name: str, email: str, manager: str | None, said: tuple[str, ...], found: int | None
) -> None:
    moved = PeopleBook(PEOPLE, said=frozenset(said)).moved(
        PersonRecord(1, name, email, manager=manager)
    )
    assert (moved["id"] if moved else None) == found


def test_whoever_was_added_is_found_and_may_be_a_manager() -> None:
    book = PeopleBook(PEOPLE)
    book.add([row(10, "New One", "new@example.com")])
    found = book.find(PersonRecord(1, "Other", "new@example.com"))
    assert found is not None
    assert (found["id"], book.manager("New One"), book.manager("new@example.com")) == (
        10,
        [10],
        [10],
    )
    assert book.manager("two names") == [7, 8]
