"""The rules that must survive a bug: the database itself refuses what breaks them, each refused
here by exactly the one rule that is meant."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import Engine, insert, select, update
from sqlalchemy.exc import IntegrityError

from scheduler.storage.database.rows import metadata
from tests.cast import at
from tests.storage.builders import T, add_contract, add_person, add_row

NOW = at("2027-01-05")
EVENT = {
    "milestone": "m",
    "anchor_on": date(2027, 3, 31),
    "day_on": date(2026, 12, 31),
    "state": "fired",
    "at": NOW,
}
NUDGE = {
    "milestone": "m",
    "anchor_on": date(2027, 3, 31),
    "recipient": "person:1",
    "created_at": NOW,
    "due_at": NOW,
}
ENVELOPE = {
    "kind": "interactive",
    "payload": {},
    "received_at": NOW,
    "not_before_at": NOW,
    "attempts": 0,
    "outcome": "",
}
ANSWER = {
    "deal_id": 1,
    "verb": "seen",
    "at": NOW,
    "details": {},
    "before": {},
    "actor": "Ann Ito",
    "via": "slack",
}
MESSAGE = {
    "recipient": "person:1",
    "channel": "slack",
    "address": "U0ANN",
    "created_at": NOW,
    "not_before_at": NOW,
}


@pytest.fixture
def filled(engine: Engine) -> Engine:
    """One row in each table, all with the number 1."""
    with engine.begin() as connection:
        add_person(connection, "Ann Ito", email="ann@example.com")
        add_contract(connection, "C-1", owner_id=1)
        add_row(connection, "events", deal_id=1, **EVENT)
        add_row(connection, "messages", key="k", **MESSAGE)
        add_row(
            connection,
            "absences",
            person_id=1,
            first_on=date(2027, 1, 4),
            last_on=date(2027, 1, 8),
            note="",
            actor="",
            created_at=NOW,
        )
        add_row(connection, "nudges", key="k", deal_id=1, **NUDGE)
        add_row(
            connection, "imports", source="test", file="f", sha256="", counts={}, started_at=NOW
        )
        add_row(connection, "envelopes", envelope_id="e", **ENVELOPE)
        add_row(connection, "answers", request="r", **ANSWER)
        connection.execute(insert(T["meta"]).values(key="k", value="v"))
        connection.execute(insert(T["limits"]).values(scope="slack:x", until_at=NOW))
        connection.execute(
            insert(T["policy_versions"]).values(
                version=1, hash="h", document={}, since={}, applied_at=NOW
            )
        )
    return engine


DOUBLES: list[tuple[str, dict[str, Any]]] = [
    ("meta", {"key": "k", "value": "other"}),
    ("limits", {"scope": "slack:x", "until_at": NOW}),
    (
        "policy_versions",
        {"version": 1, "hash": "other", "document": {}, "since": {}, "applied_at": NOW},
    ),
    ("people", {"key": "ann@example.com", "name": "Another Ann"}),
    ("customers", {"source": "test", "source_id": "customer C-1", "name": "Another"}),
    ("contracts", {"source": "test", "source_id": "C-1", "number": "C-9", "customer_id": 1}),
    ("events", {"deal_id": 1, **EVENT, "state": "skipped"}),
    ("nudges", {"key": "k", "deal_id": 1, **NUDGE}),
    ("messages", {"key": "k", **MESSAGE}),
    ("envelopes", {"envelope_id": "e", **ENVELOPE}),
    ("answers", {"request": "r", **ANSWER}),
]


@pytest.mark.parametrize(("table", "row"), DOUBLES, ids=[table for table, _ in DOUBLES])
def test_the_same_thing_is_not_there_twice(filled: Engine, table: str, row: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError, match=r"UNIQUE|duplicate key"), filled.begin() as connection:
        connection.execute(insert(T[table]).values(**row))


@pytest.mark.parametrize("column", ["key", "contract_id"])
def test_a_contract_has_one_deal_and_a_key_too(filled: Engine, column: str) -> None:
    with filled.begin() as connection:
        add_contract(connection, "C-2")
        first = connection.execute(
            select(T["deals"].c[column]).where(T["deals"].c.id == 1)
        ).scalar()
    with pytest.raises(IntegrityError, match=r"UNIQUE|duplicate key"), filled.begin() as connection:
        connection.execute(update(T["deals"]).where(T["deals"].c.id == 2).values(**{column: first}))


def test_a_day_may_stand_again_once_it_was_withdrawn(filled: Engine) -> None:
    with filled.begin() as connection:
        connection.execute(update(T["events"]).values(state="withdrawn"))
        for state in ("fired", "withdrawn"):
            connection.execute(insert(T["events"]).values(deal_id=1, **EVENT | {"state": state}))


DIFFERENT = [{"step": 1}, {"anchor_on": date(2028, 3, 31)}, {"milestone": "other"}]


@pytest.mark.parametrize("more", DIFFERENT, ids=str)
def test_another_step_day_or_milestone_is_another_event(
    filled: Engine, more: dict[str, Any]
) -> None:
    with filled.begin() as connection:
        connection.execute(insert(T["events"]).values(deal_id=1, **EVENT | more))


REFUSED = [
    ("contracts", {"amount": -1}),
    ("contracts", {"ends_on": date(2026, 3, 31)}),
    ("deals", {"health": "cheerful"}),
    ("deals", {"paperwork": "lost"}),
    ("events", {"state": "gone"}),
    ("nudges", {"state": "gone"}),
    ("messages", {"state": "gone"}),
    ("nudges", {"urgency": "whenever"}),
    ("absences", {"last_on": date(2027, 1, 3)}),
    ("absences", {"delegate_id": 1}),
]


@pytest.mark.parametrize(("table", "values"), REFUSED, ids=str)
def test_what_makes_no_sense_is_refused(filled: Engine, table: str, values: dict[str, Any]) -> None:
    with (
        pytest.raises(IntegrityError, match=r"CHECK|check constraint"),
        filled.begin() as connection,
    ):
        connection.execute(update(T[table]).values(**values))


REFERENCES = [
    (
        "people.manager_id customers.parent_id contracts.customer_id contracts.owner_id "
        "contracts.sales_id contracts.predecessor_id deals.contract_id"
    ),
    (
        "passages.deal_id events.deal_id nudges.deal_id nudges.person_id nudges.message_id "
        "messages.person_id answers.deal_id answers.person_id"
    ),
    "import_changes.import_id absences.person_id absences.delegate_id nudges.instead_of",
    "people.merged_into_id edits.import_id hubspot_pushes.deal_id hubspot_conflicts.deal_id",
    "signal_subjects.contract_id signal_subjects.customer_id signals.subject_id signals.import_id",
    "health_changes.deal_id",
]


@pytest.mark.parametrize("reference", [name for line in REFERENCES for name in line.split()])
def test_nothing_points_to_what_is_not_there(filled: Engine, reference: str) -> None:
    table, column = reference.split(".")
    with filled.begin() as connection:
        if table == "answers":
            add_row(connection, "answers", deal_id=1, verb="seen", at=NOW, details={}, before={})
        if table == "import_changes":
            add_row(
                connection,
                "import_changes",
                import_id=1,
                table_name="deals",
                row_id=1,
                before={},
                after={},
            )
        if table == "edits":
            add_row(
                connection,
                "edits",
                import_id=1,
                table_name="deals",
                row_id=1,
                field="ends_on",
                value="null",
                was="null",
            )
        if table == "health_changes":
            fell = {"health": "critical", "was": "stable", "because": ""}
            add_row(connection, "health_changes", deal_id=1, at=NOW, **fell)
        if table in ("signals", "signal_subjects"):
            add_row(connection, "signal_subjects", kind="contract", key="c-1", written="C-1")
        if table == "signals":
            measured = {"name": "logins", "at": NOW, "value": 1.0, "received_at": NOW}
            add_row(connection, "signals", subject_id=1, import_id=1, **measured)
        if table == "hubspot_pushes":
            counted = {"version": 0, "policy_version": 0, "fence": 0, "attempts": 0}
            row = {"deal_id": 1, "record_id": "9", "because": "", **counted}
            connection.execute(T["hubspot_pushes"].insert().values(**row))
        if table == "hubspot_conflicts":
            said = {"theirs": "a", "theirs_at": NOW, "ours": "b", "ours_at": NOW, "because": ""}
            named = {"record_id": "9", "deal_id": 1, "name": "dealstage", "winner": "theirs"}
            add_row(connection, "hubspot_conflicts", at=NOW, **named, **said)
    with pytest.raises(IntegrityError, match=r"FOREIGN|foreign key"), filled.begin() as connection:
        connection.execute(update(T[table]).values(**{column: 99}))


def test_every_reference_is_in_the_list() -> None:
    listed = {name for line in REFERENCES for name in line.split()}
    assert {
        f"{t.name}.{key.parent.name}" for t in metadata.tables.values() for key in t.foreign_keys
    } == listed
