"""A database of every revision, made by the program of that revision, is brought up to date with
all its rows, and its half-told ladders go on."""

import os
import shutil
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from _pytest.mark import ParameterSet
from sqlalchemy import Engine, event, inspect, select, text

from scheduler.app.ready import open_app
from scheduler.cli.main import main
from scheduler.core.words.lexicon import Language
from scheduler.core.words.reasons import reason
from scheduler.daemon.jobs import Jobs
from scheduler.ports import StoreUnavailableError
from scheduler.storage.database import schema
from scheduler.storage.database.engine import open_engine
from scheduler.storage.database.revisions import known, newest
from scheduler.storage.database.schema import upgrade
from tests.cli.office import of_no_machine
from tests.storage.builders import T, add_cast, add_contract, add_row
from tests.storage.database.test_schema import shape, stamp
from tests.storage.old_databases import FOLDER, load, names
from tests.storage.racing import at_once

NOW = datetime(2027, 1, 5, 12, tzinfo=UTC)
EARLIER = [name for name in names() if name[:4] < newest()]
LATER = ((1, 5, 12), (1, 21, 12), (1, 22, 3), (3, 2, 12))
"""Mornings of London and of Tokyo: month, day, hour."""
NEVER_CHANGED = ("people", "contracts", "deals", "nudges", "messages", "passages")


def on_both(revisions: Sequence[str]) -> list[ParameterSet]:
    """Every revision on SQLite, and each fifth on PostgreSQL: whoever begins at the first goes
    through all of them. The others are tried there with `--soak`."""
    return [
        pytest.param(r, kind, marks=[pytest.mark.soak] if kind == "postgresql" and n % 5 else [])
        for n, r in enumerate(revisions)
        for kind in ("sqlite", "postgresql")
    ]


def counts(engine: Engine) -> dict[str, int]:
    """How many rows there are."""
    with engine.connect() as connection:
        return {
            table: connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()
            for table in NEVER_CHANGED
        }


def test_there_is_one_of_every_revision_on_both_databases() -> None:
    for kind in ("sqlite.sql", "postgresql.sql", "config.toml"):
        assert {file.name[:4] for file in FOLDER.glob(f"*.{kind}")} == set(known()), kind


@pytest.mark.parametrize(
    ("name", "fresh_database_url"), on_both(EARLIER), indirect=["fresh_database_url"]
)
def test_it_becomes_what_a_fresh_one_is_with_all_its_rows(
    name: str, fresh_database_url: str, tmp_path: Path
) -> None:
    load(name, fresh_database_url)
    engine, fresh = (
        open_engine(fresh_database_url),
        open_engine(f"sqlite:///{tmp_path / 'fresh.db'}"),
    )
    before = counts(engine)
    done = upgrade(engine, NOW)
    assert done is not None
    assert done.before == name[:4]
    assert counts(engine) == before
    assert stamp(engine) == newest()
    assert upgrade(engine, NOW) is None
    if engine.dialect.name == "sqlite":
        upgrade(fresh, NOW)
        assert shape(engine) == shape(fresh)
        assert done.backup is not None
        copy = open_engine(f"sqlite:///{done.backup}")
        assert counts(copy) == before
        assert stamp(copy) in (name[:4], name[-4:])
        copy.dispose()
        with engine.connect() as connection:
            assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
    for one in (engine, fresh):
        one.dispose()


@pytest.mark.parametrize(
    ("name", "fresh_database_url"), on_both(names()), indirect=["fresh_database_url"]
)
def test_a_half_told_ladder_goes_on(
    name: str, fresh_database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    of_no_machine(monkeypatch)
    work = tmp_path / "cs"
    (work / "data").mkdir(parents=True)
    shutil.copy(FOLDER / f"{name}.config.toml", work / "config.toml")
    if "postgresql" in fresh_database_url:
        monkeypatch.setenv("DATABASE_URL", fresh_database_url)
    url = (
        fresh_database_url
        if "postgresql" in fresh_database_url
        else f"sqlite:///{work / 'data' / 'renewals.db'}"
    )
    load(name, url)
    engine = open_engine(url)
    told = nudges(engine)
    assert len(told) >= 2
    at = "2027-01-05T03:00:00+00:00"
    assert main(["run", "--once", "--dir", str(work), "--as-of", at]) == 0
    goes_on(work, *(datetime(2027, *when, tzinfo=UTC) for when in LATER))
    after = nudges(engine)
    assert set(told) <= set(after)
    assert max(Counter(after).values()) == 1
    half_told = {question[:3] for question in told}
    assert [
        told_again
        for told_again in after
        if told_again[:3] in half_told and int(str(told_again[3])) > 0
    ], "a later rung of the same question is told"
    engine.dispose()


def goes_on(work: Path, *instants: datetime) -> None:
    """The daemon's rounds at some instants."""
    clock = Moved(instants[0])
    env = dict(os.environ)
    with open_app(work, language=Language.EN, env=env, edits=True, clock=clock) as app:
        rounds = Jobs(app)
        for clock.at in instants:
            while any(step(lambda: False) for step in (rounds.sweeps.step, rounds.deliveries.step)):
                pass


@dataclass
class Moved:
    """A clock that the test moves."""

    at: datetime

    def now(self) -> datetime:
        return self.at


def nudges(engine: Engine) -> list[tuple[object, ...]]:
    """What was told: the deal, the milestone with its day, the step, the recipient."""
    query = (
        "SELECT deal_id, milestone, anchor_on, step, recipient FROM nudges WHERE state = 'sent' "
        "ORDER BY id"
    )
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


@pytest.mark.parametrize("name", EARLIER)
def test_an_older_program_refuses_it_with_a_sentence(
    name: str, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    load(name, sqlite_url)
    engine = open_engine(sqlite_url)
    upgrade(engine, NOW)
    older = tuple(r for r in known() if r <= name[:4])
    monkeypatch.setattr(schema, "known", lambda: older)
    monkeypatch.setattr(schema, "newest", lambda: older[-1])
    with pytest.raises(StoreUnavailableError, match="newer version of renewals"):
        upgrade(engine, NOW)
    engine.dispose()


def test_an_upgrade_that_breaks_off_changes_nothing_and_is_done_at_the_next_start(
    fresh_database_url: str,
) -> None:
    name = names()[0]
    load(name, fresh_database_url)
    engine = open_engine(fresh_database_url)
    before = shape(engine)

    def power_cut(connection: object, cursor: object, statement: str, *_: object) -> None:
        if "CREATE TABLE plans" in statement:
            raise KeyboardInterrupt

    event.listen(engine, "before_cursor_execute", power_cut)
    for seconds in range(2):
        with pytest.raises(KeyboardInterrupt):
            upgrade(engine, NOW + timedelta(seconds=seconds))
    event.remove(engine, "before_cursor_execute", power_cut)
    assert shape(engine) == before
    assert stamp(engine) == name
    file = engine.url.database if engine.dialect.name == "sqlite" else None
    assert copies(file) == ([f".{name}.upgrading"] if file else []), "no copy for each attempt"
    assert upgrade(engine, NOW) is not None
    assert stamp(engine) == newest()
    assert copies(file) == ([".20270105T120000Z.backup"] if file else [])
    engine.dispose()


def copies(file: str | None) -> list[str]:
    """How the names of the copies beside a SQLite file end."""
    beside = Path(file).parent.glob("*") if file else ()
    return sorted(
        f.name.removeprefix(Path(str(file)).name)
        for f in beside
        if f.suffix in (".backup", ".upgrading", ".part")
    )


def test_for_a_copy_that_finds_no_room_the_reason_is_the_same_at_each_attempt(
    sqlite_url: str,
) -> None:
    load("0005", sqlite_url)
    engine = open_engine(sqlite_url)
    Path(f"{engine.url.database}.0005.upgrading").mkdir()
    said = set()
    for minutes in range(2):
        with pytest.raises(StoreUnavailableError, match="no copy could be made") as refused:
            upgrade(engine, NOW + timedelta(minutes=minutes))
        said.add(str(refused.value))
    assert len(said) == 1, said
    engine.dispose()


def test_of_several_who_upgrade_at_once_one_does_it(fresh_database_url: str) -> None:
    load(names()[0], fresh_database_url)

    def start() -> None:
        engine = open_engine(fresh_database_url)
        upgrade(engine, NOW)
        assert "plans" in inspect(engine).get_table_names()
        engine.dispose()

    assert at_once(4, start) == []


@pytest.mark.parametrize(
    ("given", "carried"),
    [
        ({"answered_at": NOW, "answer": "will renew"}, (NOW, None, "will renew")),
        (
            {"snoozed_until": date(2027, 1, 20), "answer": "snoozed"},
            (None, date(2027, 1, 20), "snoozed"),
        ),
        ({}, (None, None, "")),
    ],
    ids=["answered", "snoozed", "open"],
)
def test_a_question_that_an_earlier_program_carried_along_has_its_answer_back(
    given: dict[str, Any], carried: tuple[Any, ...], database_url: str
) -> None:
    engine = open_engine(database_url)
    upgrade(engine, NOW)
    with engine.begin() as connection:
        add_cast(connection)
        _, deal = add_contract(connection)
        of = {"deal_id": deal, "milestone": "renewal_3m", "day_on": date(2026, 12, 31), "at": NOW}
        before = {"anchor_on": date(2027, 3, 31), "state": "withdrawn", "was": "fired"}
        add_row(connection, "events", **of, **before, step=0)
        add_row(connection, "events", **of, **before, step=1, **given)
        why = reason("carried_over", told=date(2027, 3, 31), days=6)
        number = add_row(
            connection,
            "events",
            **of,
            anchor_on=date(2027, 4, 6),
            state="carried_over",
            step=0,
            reason=why,
        )
        assert import_module(
            "scheduler.storage.database.migrations.versions.0010_decided_anew"
        ).carry(connection) == (1 if given else 0)
        row = connection.execute(select(T["events"]).where(T["events"].c.id == number)).one()
        assert (row.answered_at, row.snoozed_until, row.answer) == carried
    engine.dispose()


@pytest.mark.parametrize("table", ["contracts", "customers"])
def test_ids_that_would_become_the_same_stay_two(table: str, fresh_database_url: str) -> None:
    load("0005", fresh_database_url)
    engine = open_engine(fresh_database_url)
    written = {1: "c-9", 2: "Ｃ－９"}
    with engine.begin() as connection:
        for number, source_id in written.items():
            connection.execute(
                text(f"UPDATE {table} SET source = 's', source_id = :i WHERE id = :n"),
                {"i": source_id, "n": number},
            )
    upgrade(engine, NOW)
    assert ids(engine, table) == written, "the one that would take the other's place keeps its own"
    engine.dispose()


def test_ids_that_look_alike_are_written_alike(fresh_database_url: str) -> None:
    load("0005", fresh_database_url)
    engine = open_engine(fresh_database_url)
    with engine.begin() as connection:
        connection.execute(
            text(
                "UPDATE contracts SET source = 's', source_id = CASE id WHEN 1 THEN 'Ａ- 7' "
                "ELSE 'a-8' END"
            )
        )
    upgrade(engine, NOW)
    assert ids(engine, "contracts") == {1: "a- 7", 2: "a-8"}
    engine.dispose()


def ids(engine: Engine, table: str) -> dict[int, str]:
    """The ids of a table's first two rows."""
    with engine.connect() as connection:
        return {
            row.id: row.source_id
            for row in connection.execute(
                text(f"SELECT id, source_id FROM {table} WHERE id < 3 ORDER BY id")
            )
        }
