"""A row that is changed or taken away behind the program's back is named, whichever it is: a
hundred of every table's, on both databases."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

import pytest
from sqlalchemy import JSON, Connection, Engine, delete, insert, select, text, update
from sqlalchemy.exc import IntegrityError

from scheduler.storage.database.rows import metadata
from scheduler.storage.database.seals import (
    CARRIED,
    LASTING,
    NOT_SEALED,
    SENT,
    SealRows,
    broken,
    forget,
)
from tests.cast import at
from tests.services.audit.test_balance import all_done, faults, office, proved
from tests.storage.builders import T, add_row

NUMBER = {"policy_versions": "version"}
ATTEMPTS = 8
"""Of each table and on each database: a hundred in all on each."""


def filled(engine: Engine) -> None:
    """A few rows of every table, and everything sealed."""
    all_done(office(engine))
    with engine.begin() as connection:
        when, person = (
            at("2026-04-02"),
            connection.execute(select(T["people"].c.id)).scalars().first(),
        )
        deals = connection.execute(select(T["deals"].c.id)).scalars().all()
        load = add_row(
            connection,
            "imports",
            source="test",
            file="c.csv",
            sha256="0",
            state="completed",
            counts={},
            started_at=when,
        )
        for deal in deals:
            about = {
                "deal_id": deal,
                "details": {"until": "2027-01-15"},
                "before": {},
                "actor": "Ann Ito",
                "at": when,
            }
            add_row(connection, "answers", verb="snooze", **about)
            fell = {"health": "critical", "was": "stable", "score": 12.5, "because": "{}"}
            add_row(connection, "health_changes", deal_id=deal, at=when, **fell)
            add_row(
                connection,
                "import_changes",
                import_id=load,
                table_name="deals",
                row_id=deal,
                before={"stage": "stable"},
                after={},
            )
            add_row(
                connection,
                "edits",
                import_id=load,
                table_name="contracts",
                row_id=deal,
                field="owner",
                value="2",
                was="1",
            )
        days = {"first_on": date(2026, 8, 3), "last_on": date(2026, 8, 14), "created_at": when}
        add_row(connection, "absences", person_id=person, **days)
    seal(engine)


def seal(engine: Engine) -> None:
    """Everything there is."""
    while SealRows(engine).seal():
        pass


@pytest.fixture
def sealed(engine: Engine) -> Engine:
    filled(engine)
    return engine


def found_in(connection: Connection) -> set[tuple[str, int]]:
    """What the seals name."""
    return {(one.table, one.row) for one in broken(connection)}


def another(value: Any, random: Random, column: Any) -> Any:
    """Something else of the same kind."""
    match value:
        case bool():
            return not value
        case int() | float():
            return value + 1 + random.randrange(5)
        case str():
            return f"{value}{random.choice('xyz')}"
        case datetime():
            return value + timedelta(minutes=1 + random.randrange(9999))
        case date():
            return value + timedelta(days=1 + random.randrange(99))
        case Mapping():
            return {**value, "x": random.random()}
    if isinstance(column.type, JSON):
        return {"x": 1}
    return {int: 99, str: "x", bool: True, date: date(2030, 1, 1)}.get(
        column.type.python_type, at("2030-01-01")
    )


def tampered(connection: Connection, name: str, random: Random) -> tuple[int, str] | None:
    """One random row of a table deleted, or one of its lasting columns changed; None where the
    database itself refuses that."""
    table = metadata.tables[name]
    number = table.c[NUMBER.get(name, "id")]
    row = random.choice(connection.execute(select(number).order_by(number)).scalars().all())
    columns = [*LASTING[name], *({"messages": SENT, "nudges": CARRIED}.get(name, ()))]
    which = random.choice(columns) if columns and random.random() < 0.6 else ""
    try:
        with connection.begin_nested():
            if not which:
                connection.execute(delete(table).where(number == row))
                return row, "deleted"
            now = connection.execute(select(table.c[which]).where(number == row)).scalar()
            connection.execute(
                update(table)
                .where(number == row)
                .values({which: another(now, random, table.c[which])})
            )
    except IntegrityError:
        return None
    return row, which


@pytest.mark.parametrize("name", LASTING)
def test_any_row_that_is_changed_or_gone_is_named(sealed: Engine, name: str) -> None:
    refused = 0
    with sealed.connect() as connection:
        assert found_in(connection) == set()
        connection.rollback()
        for attempt in range(ATTEMPTS):
            random = Random(f"{name} {attempt}")
            with connection.begin():
                if connection.dialect.name == "sqlite":
                    connection.execute(text("PRAGMA defer_foreign_keys = ON"))
                done = tampered(connection, name, random)
                refused += done is None
                named = found_in(connection) if done else set()
                connection.rollback()
            assert (
                done is None
                or (name, done[0]) in named
                or (name == "nudges" and any(table == "messages" for table, _ in named))
            ), done
    assert refused < ATTEMPTS or (not LASTING[name] and sealed.dialect.name == "postgresql"), (
        "only a row that others point to is safe from that"
    )


def test_every_table_is_sealed_or_it_is_said_why_not() -> None:
    said = {name for names in NOT_SEALED for name in names.partition(":")[0].split(", ")}
    assert {*LASTING, *said, "seals"} >= set(metadata.tables)


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM seals WHERE topic = 'nudges'",
        "DELETE FROM meta WHERE key = 'sealed'",
        "UPDATE seals SET digests = 'x'",
    ],
)
def test_seals_that_are_gone_or_changed_are_told_of(sealed: Engine, statement: str) -> None:
    with sealed.begin() as connection:
        connection.execute(text(statement))
    with sealed.connect() as connection:
        assert found_in(connection)


@pytest.mark.parametrize(
    ("channel", "found"), [("email", True), ("preview", True), ("slack", False)]
)
def test_the_text_of_what_was_sent_is_sealed_but_for_slack_where_answers_change_it(
    engine: Engine, channel: str, found: bool
) -> None:
    what = {
        "kind": "nudges",
        "recipient": "person:1",
        "channel": channel,
        "address": "ann@example.com",
        "state": "sent",
        "body": {"text": "Ask."},
    }
    with engine.begin() as connection:
        number = add_row(
            connection,
            "messages",
            key="one",
            created_at=at("2027-01-04"),
            not_before_at=at("2027-01-04"),
            **what,
        )
    seal(engine)
    with engine.begin() as connection:
        connection.execute(update(T["messages"]).values(body={"text": "Do not ask."}))
        assert found_in(connection) == ({("messages", number)} if found else set())


def test_a_nudge_moved_to_another_message_breaks_both(engine: Engine) -> None:
    post = all_done(office(engine))
    seal(engine)
    with engine.begin() as connection:
        first = dict(connection.execute(select(T["messages"]).limit(1)).mappings().one())
        other = add_row(
            connection,
            "messages",
            **{k: v for k, v in first.items() if k not in ("id", "seal")} | {"key": "other"},
        )
    seal(engine)
    assert faults(post) == []
    with engine.begin() as connection:
        nudge = connection.execute(select(T["nudges"].c.id).limit(1)).scalar()
        connection.execute(
            update(T["nudges"]).where(T["nudges"].c.id == nudge).values(message_id=other)
        )
    assert [f.what for f in proved(post).findings] == [
        f"messages {first['id']}",
        f"messages {other}",
    ]


def test_what_goes_on_breaks_no_seal_and_what_may_be_removed_takes_its_digest_along(
    engine: Engine,
) -> None:
    post = office(engine)
    for step in (post.sweep, post.form, post.deliver):
        step()
        seal(engine)
        with engine.connect() as connection:
            assert found_in(connection) == set()
    with engine.begin() as connection:
        gone = T["nudges"].c.id == connection.execute(select(T["nudges"].c.id).limit(1)).scalar()
        forget(connection, "nudges", gone)
        connection.execute(delete(T["nudges"]).where(gone))
        connection.execute(insert(T["meta"]).values(key="other", value="fact"))
    with engine.connect() as connection:
        assert found_in(connection) == set()


def test_a_large_table_is_sealed_in_steps_and_rows_that_come_late_as_well(engine: Engine) -> None:
    rows = [
        {"id": n, "source": "test", "source_id": str(n), "name": f"Customer {n}"}
        for n in range(1, 3001)
        if n != 2500
    ]
    with engine.begin() as connection:
        connection.execute(insert(T["customers"]), rows)
    first = SealRows(engine).seal()
    seal(engine)
    assert 0 < first < len(rows)
    with engine.begin() as connection:
        connection.execute(
            insert(T["customers"]),
            [{**rows[0], "id": n, "source_id": f"late {n}"} for n in (2500, 3001)],
        )
    seal(engine)
    with engine.begin() as connection:
        assert found_in(connection) == set()
        connection.execute(delete(T["customers"]).where(T["customers"].c.id == 2500))
        assert found_in(connection) == {("customers", 2500)}


def test_the_balance_names_the_row_and_its_contract(engine: Engine) -> None:
    post = all_done(office(engine))
    seal(engine)
    with engine.begin() as connection:
        passage = connection.execute(
            select(T["passages"].c.id).order_by(T["passages"].c.id.desc()).limit(1)
        ).scalar()
        connection.execute(
            update(T["passages"]).where(T["passages"].c.id == passage).values(because="?")
        )
    [found] = proved(post).findings
    assert (found.fault.value, found.contract[:2], found.what) == (
        "changed",
        "C-",
        f"passages {passage}",
    )
