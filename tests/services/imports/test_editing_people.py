"""Colleagues are edited by hand and meet the next file of people; contracts go from one to another.
On SQLite and PostgreSQL."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from scheduler.core.deal.contracts import Money
from scheduler.core.imports.by_hand import EditRule
from scheduler.core.imports.texts import ImportRefusedError
from scheduler.core.policy.choosing import read_conditions
from scheduler.core.words.errors import UserMustActError
from scheduler.services.imports import editing_people as people
from scheduler.services.imports.import_report import ImportReport
from scheduler.services.imports.people import Decided, import_people
from scheduler.services.imports.undo import undo_import
from scheduler.sources.people import open_people, read_fields
from scheduler.storage.database.transactions import transactions
from scheduler.storage.imports.editing import EditQueries
from scheduler.storage.imports.importing import ImportQueries
from scheduler.storage.imports.undo import UndoQueries
from tests.import_cast import NOW, POLICY, Office

PEOPLE = """name,email,role,manager,zone,team
Bob Hill,bob@example.com,manager,,,
Ann Ito,ann@example.com,rep,bob@example.com,Europe/London,CS
Cy Doe,cy@example.com,rep,bob@example.com,,CS
"""
HEAD = "contract,customer,product,starts_on,ends_on,auto_renew,amount,currency,owner,segment\n"
CONTRACTS = HEAD + "".join(
    f"C-{n},{customer},Pro,2026-04-01,2027-03-31,no,{n}000,EUR,{owner}@example.com,{segment}\n"
    for n, (customer, owner, segment) in enumerate(
        [("Aoba", "ann", "mid"), ("Beta", "ann", "top"), ("Gamma", "cy", "")], 1
    )
)


@pytest.fixture
def office(database_url: str, tmp_path: Path) -> Iterator[Office]:
    """Ann has C-1 and C-2, Cy has C-3; Bob manages both."""
    office = Office.at(database_url, tmp_path)
    load(office, PEOPLE)
    office.load_text(CONTRACTS)
    yield office
    office.engine.dispose()


def load(office: Office, text: str, **decided: Any) -> ImportReport:
    """One file of people."""
    return import_people(
        transactions(office.engine, ImportQueries),
        open_people(office.write(text, "people.csv"), POLICY),
        NOW,
        decided=Decided(**decided),
    )


def by_hand(office: Office, days: int = 0, *, keep: bool = True) -> people.PeopleEdit:
    """An edit by the manager, so many days later."""
    begin = transactions(office.engine, EditQueries)
    return people.PeopleEdit(begin, POLICY, NOW + timedelta(days=days), "Bob Hill", keep)


def edit(office: Office, wanted: str, **texts: str) -> people.PeopleEdited:
    """One edit of a colleague."""
    given = read_fields(texts, POLICY)
    return people.edit_person(
        by_hand(office, 1),
        wanted,
        given,
    )


def everything(office: Office) -> object:
    """People and contracts as they are."""
    return office.rows("people"), office.rows("contracts")


def person(office: Office, email: str) -> dict[str, Any]:
    """Somebody's row."""
    return dict(next(p for p in office.rows("people") if p["email"] == email))


@pytest.mark.parametrize(
    ("field", "typed", "column", "value"),
    [
        ("name", "Ann Ito-Hill", "name", "Ann Ito-Hill"),
        ("email", "Ann.Ito@example.com", "email", "ann.ito@example.com"),
        ("slack_id", "u0ann", "slack_id", "U0ANN"),
        ("role", "manager", "role", "manager"),
        ("manager", "cy", "manager_id", 3),
        ("manager", "none", "manager_id", None),
        ("zone", "Asia/Tokyo", "zone", "Asia/Tokyo"),
        ("zone", "none", "zone", None),
        ("language", "日本語", "language", "ja"),
        ("hours", "9:00〜17:30", "hours", "09:00-17:30"),
        ("team", "なし", "team", None),
    ],
)
def test_every_field_is_set_and_undone(
    office: Office, field: str, typed: str, column: str, value: object
) -> None:
    before = everything(office)
    edited = edit(office, "ann", **{field: typed})
    ann = office.rows("people")[1]
    assert ann[column] == value
    assert ann["key"] == (value if field == "email" else "ann@example.com")
    assert edited.number is not None
    office.undo(edited.number)
    assert everything(office) == before


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        ({"email": "nobody"}, "not an e-mail"),
        ({"email": "cy@example.com"}, "people merge"),
        ({"manager": "ann"}, "their own manager"),
        ({"manager": "Zoe"}, "nobody matches"),
        ({"zone": "Mars"}, "not a time zone"),
        ({"role": "none"}, "not a role"),
    ],
)
def test_what_cannot_be_is_refused(office: Office, texts: dict[str, str], said: str) -> None:
    before = everything(office)
    with pytest.raises(UserMustActError, match=said):
        edit(office, "ann", **texts)
    assert everything(office) == before


def test_managers_stand_in_no_circle_and_no_change_is_none(office: Office) -> None:
    with pytest.raises(UserMustActError, match="circle"):
        edit(office, "bob", manager="ann")
    assert edit(office, "ann", zone="Europe/London").number is None


def test_a_new_colleague_comes_in_once(office: Office) -> None:
    given = read_fields({"name": "Dan Fox", "email": "dan@example.com"}, POLICY) | {
        "manager": "bob"
    }
    added = people.add_person(by_hand(office), given)
    assert (
        person(office, "dan@example.com")["manager_id"],
        person(office, "dan@example.com")["role"],
    ) == (1, "rep")
    with pytest.raises(UserMustActError, match="is there already"):
        people.add_person(by_hand(office), given)
    assert added.number is not None
    office.undo(added.number)
    assert len(office.rows("people")) == 3


def reassign(
    office: Office, *where: str, keep: bool = True, new: str = "cy"
) -> people.PeopleEdited:
    """Ann's contracts go over."""
    return people.reassign(
        by_hand(office, 1, keep=keep),
        "ann",
        new,
        read_conditions(where),
    )


def test_contracts_go_over_with_their_money_and_come_back(office: Office) -> None:
    before = office.rows("contracts")
    seen = reassign(office, keep=False)
    assert (seen.contracts, seen.money, office.rows("contracts")) == (
        2,
        (Money(300000, "EUR"),),
        before,
    )
    done = reassign(office)
    assert (office.column("contracts", "owner_id"), office.column("deals", "wake_at")[0]) == (
        [3, 3, 3],
        NOW + timedelta(days=1),
    )
    assert done.number is not None
    office.undo(done.number)
    assert office.rows("contracts") == before


@pytest.mark.parametrize(
    ("where", "owners"),
    [
        (["segment=top"], [2, 3, 3]),
        (["segment!=top"], [3, 2, 3]),
        (["amount>=2000"], [2, 3, 3]),
        (["customer=aoba,beta", "contract=C-1"], [3, 2, 3]),
        (["owner=Ann Ito", "stage=stable", "auto_renew=no"], [3, 3, 3]),
    ],
)
def test_only_what_is_meant_goes_over(office: Office, where: list[str], owners: list[int]) -> None:
    reassign(office, *where)
    assert office.column("contracts", "owner_id") == owners


def test_taking_a_move_back_is_looked_at_first(office: Office) -> None:
    done = reassign(office)
    assert done.number is not None
    owners = office.column("contracts", "owner_id")
    seen = undo_import(
        transactions(office.engine, UndoQueries), done.number, NOW + timedelta(days=2), keep=False
    )
    assert [(m.contract, m.field, m.before, m.after) for m in seen.moved] == [
        (m.contract, "owner", m.after, m.before) for m in done.report.moved
    ]
    assert (seen.done, office.column("contracts", "owner_id")) == (False, owners)
    assert undo_import(
        transactions(office.engine, UndoQueries), done.number, NOW + timedelta(days=2)
    ) == replace(seen, done=True)


def test_what_has_changed_since_is_not_said_to_come_back(office: Office) -> None:
    done = reassign(office)
    assert done.number is not None
    people.reassign(
        by_hand(office, 2),
        "cy",
        "bob",
        read_conditions(["contract=C-1"]),
    )
    seen = undo_import(
        transactions(office.engine, UndoQueries), done.number, NOW + timedelta(days=3), keep=False
    )
    assert "C-1" not in {m.contract for m in seen.moved}
    assert seen.left == ("C-1",)


def test_conditions_that_nothing_meets_are_refused(office: Office) -> None:
    with pytest.raises(UserMustActError, match="no open contract of Ann Ito meets the conditions"):
        reassign(office, "ends_on<2027-01-01")
    assert office.column("contracts", "owner_id") == [2, 2, 3]


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ("segmnt=top", "did you mean segment"),
        ("segment", "FIELD=VALUE"),
        ("segment>2", "no order"),
        ("ends_on<soon", "not a day"),
        ("x=", "FIELD=VALUE"),
    ],
)
def test_a_condition_that_cannot_be_is_refused(where: str, said: str) -> None:
    with pytest.raises(UserMustActError, match=said):
        read_conditions([where])


def test_the_next_file_that_names_the_old_owner_meets_the_rule(office: Office) -> None:
    reassign(office)
    assert office.load_text(CONTRACTS, NOW + timedelta(days=2)).contradictions == 2
    assert office.column("contracts", "owner_id") == [3, 3, 3]
    office.load_text(CONTRACTS, NOW + timedelta(days=3), edits={"": EditRule.FILE})
    assert office.column("contracts", "owner_id") == [2, 2, 3]


def test_whoever_leaves_leaves_nothing_without_an_owner_unless_that_is_said(office: Office) -> None:
    edit = by_hand(office, 1)
    with pytest.raises(UserMustActError, match="owns 2 open contracts"):
        people.deactivate_person(edit, "ann")
    done = people.deactivate_person(edit, "ann", to="cy")
    assert (
        person(office, "ann@example.com")["active"],
        office.column("contracts", "owner_id"),
        done.contracts,
    ) == (False, [3, 3, 3], 2)
    with pytest.raises(UserMustActError, match="no longer active"):
        people.reassign(edit, "cy", "ann", ())
    assert done.number is not None
    office.undo(done.number)
    assert (
        person(office, "ann@example.com")["active"],
        office.column("contracts", "owner_id"),
    ) == (True, [2, 2, 3])
    people.deactivate_person(edit, "ann", leave=True)
    assert office.column("contracts", "owner_id") == [2, 2, 3]
    assert people.deactivate_person(edit, "bob").notices[0].en.startswith("Bob Hill manages 2")


# two who are one


def merge(office: Office) -> people.PeopleEdited:
    """Ann turns out to be Cy."""
    return people.merge_people(
        by_hand(office, 1),
        "ann",
        "cy@example.com",
    )


def test_two_who_are_one_are_found_under_both_addresses(office: Office) -> None:
    before = everything(office)
    merged = merge(office)
    assert (office.column("contracts", "owner_id"), merged.contracts) == ([3, 3, 3], 2)
    assert (
        person(office, "cy@example.com")["zone"],
        person(office, "ann@example.com")["active"],
    ) == ("Europe/London", False)
    assert office.load_text(CONTRACTS, NOW + timedelta(days=2)).updated == 0, (
        "the old address in a file is the one person"
    )
    load(
        office,
        PEOPLE.replace(
            "ann@example.com,rep,bob@example.com,Europe/London,CS",
            "ann@example.com,rep,bob@example.com,Asia/Tokyo,CS",
        ),
    )
    assert (
        person(office, "cy@example.com")["zone"],
        person(office, "ann@example.com")["zone"],
    ) == (None, "Europe/London"), "the last row of the one"
    assert merged.number is not None
    office.undo(merged.number + 2)
    office.undo(merged.number)
    assert everything(office) == before


def test_nobody_is_merged_with_themselves(office: Office) -> None:
    with pytest.raises(UserMustActError, match="both are"):
        people.merge_people(by_hand(office), "ann", "Ann Ito")


# what the next file of people says


def test_a_field_edited_here_is_kept_listed_and_decided(office: Office) -> None:
    edit(office, "ann", zone="Asia/Tokyo", manager="cy")
    report = load(office, PEOPLE)
    assert [(c.field, c.here, c.file, c.by) for c in report.contradicted] == [
        ("zone", "Asia/Tokyo", "Europe/London", "Bob Hill"),
        ("manager_id", "Cy Doe", "Bob Hill", "Bob Hill"),
    ]
    assert (
        person(office, "ann@example.com")["zone"],
        person(office, "ann@example.com")["manager_id"],
    ) == ("Asia/Tokyo", 3)
    assert load(office, PEOPLE, edits={"ann@example.com": EditRule.KEEP}).contradictions == 2
    assert load(office, PEOPLE).contradictions == 0
    load(office, PEOPLE, rule=EditRule.FILE)
    assert person(office, "ann@example.com")["zone"] == "Europe/London"
    assert load(office, PEOPLE.replace("Europe/London", "Asia/Tokyo")).contradictions == 0, (
        "the edit is over"
    )


def test_a_new_address_of_a_colleague_is_asked_about(office: Office) -> None:
    moved = PEOPLE.replace("ann@example.com", "ann.ito@example.com")
    report = load(office, moved)
    assert (report.new, [(d.contract, d.fields) for d in report.undecided]) == (
        0,
        [("ann.ito@example.com", (("email", "ann@example.com", "ann.ito@example.com"),))],
    )
    load(office, moved, same=frozenset(["ann.ito@example.com"]))
    assert (
        office.rows("people")[1]["email"],
        office.rows("people")[1]["key"],
        len(office.rows("people")),
    ) == (*["ann.ito@example.com"] * 2, 3)


def test_somebody_else_of_the_same_name_comes_in(office: Office) -> None:
    moved = PEOPLE.replace("ann@example.com", "ann.ito@example.com")
    assert load(office, moved, other=frozenset(["ann.ito@example.com"])).new == 1
    both = PEOPLE + "Cy Doe,cy.doe@example.com,rep,bob@example.com,,\n"
    assert load(office, both).new == 1, "both are in the file"
    assert load(office, "name,email,manager\nCy Doe,c@example.com,cy@example.com\n").new == 1, (
        "of another manager"
    )


def test_a_column_emptied_throughout_is_refused_unless_that_is_meant(office: Office) -> None:
    emptied = PEOPLE.replace(",CS", ",")
    before = everything(office)
    with pytest.raises(ImportRefusedError, match="team"):
        load(office, emptied)
    assert everything(office) == before
    load(office, emptied, erase=True)
    assert office.column("people", "team") == [None, None, None]
    assert load(office, PEOPLE.replace("Europe/London", "")).updated == 2, "one value may be erased"


def test_a_file_without_somebody_says_nothing_of_them(office: Office) -> None:
    edit(office, "ann", zone="Asia/Tokyo")
    without = "".join(line for line in PEOPLE.splitlines(keepends=True) if "Ann Ito" not in line)
    assert load(office, without).contradictions == 0
    assert [c.field for c in load(office, PEOPLE).contradicted] == ["zone"], "the edit stands"


def test_the_key_stays_with_an_address_that_stays(office: Office) -> None:
    edit(office, "ann", email="ann.ito@example.com")
    before = person(office, "ann.ito@example.com")
    moved = PEOPLE.replace("ann@example.com", "ann.new@example.com")
    assert [
        c.field for c in load(office, moved, same=frozenset(["ann.new@example.com"])).contradicted
    ] == ["email"]
    assert person(office, "ann.ito@example.com") == before
