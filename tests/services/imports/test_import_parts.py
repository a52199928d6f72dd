"""A large file comes in in parts: all of it or nothing is there whenever its process dies, people
answer meanwhile, and nothing is decided or sent of the half."""

import os
import signal
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from scheduler.core.answers.answer import Answer
from scheduler.core.imports.texts import ImportRefusedError
from scheduler.core.words.lexicon import ChannelName, Health, Verb
from scheduler.services.answers.answering import answer
from scheduler.services.deals.sweep import sweep_all
from scheduler.services.imports.choices import MissingContracts
from scheduler.services.imports.unfinished import Settlement, settle
from scheduler.storage.answers.answering import AnswerQueries
from scheduler.storage.database.engine import open_engine
from scheduler.storage.database.import_in_progress import ImportUnderWayError, holding
from scheduler.storage.database.transactions import begun, transactions
from scheduler.storage.deals.sweeping import SweepQueries
from scheduler.storage.delivery.delivering import DeliveryQueries
from scheduler.storage.delivery.forming import FormingQueries
from scheduler.storage.imports.parts import ImportLeftError
from scheduler.storage.imports.unfinished import UnfinishedRows
from tests.half_imports import AFTER, BEFORE, HEADER, LATER, Killed, come_in, row, somebody_else
from tests.import_cast import NOW, Office

WALLPAPER = {"wake_at", "version"}
"""What tells only when a deal is to be looked at."""


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    """An office in which twelve contracts came in, and were swept."""
    made = Office(engine, tmp_path)
    made.load_text(BEFORE)
    sweep_all(transactions(engine, SweepQueries), made.policy, NOW)
    return made


def unfinished(office: Office) -> UnfinishedRows:
    return UnfinishedRows(office.engine, office.engine)


def contents(office: Office) -> dict[str, list[Mapping[str, Any]]]:
    """All that an import touches, but for when deals are looked at."""
    return {
        table: [{k: v for k, v in row.items() if k not in WALLPAPER} for row in rows]
        for table, rows in office.everything().items()
    }


def told(office: Office) -> dict[str, list[Any]]:
    """What is there, by what people call it."""
    hidden = {d["contract_id"] for d in office.rows("deals") if d["voided_at"] is not None}
    return {
        "contracts": sorted(
            (c["number"], str(c["ends_on"]), c["amount"], c["id"] in hidden)
            for c in office.rows("contracts")
        ),
        "deals": sorted((d["pipeline"], d["stage"]) for d in office.rows("deals")),
        "customers": sorted(office.column("customers", "name")),
        "people": sorted(office.column("people", "name")),
        "passages": [len(office.rows("passages"))],
        "changes": [len(office.rows("import_changes"))],
    }


def test_whenever_its_process_is_killed_nothing_is_there_or_everything(office: Office) -> None:
    nothing, before, number, outcomes = contents(office), len(office.rows("imports")), 1, set()
    while Killed(office).before_commit(number):
        left = unfinished(office).left()
        settled = settle(unfinished(office), LATER)
        assert (settled is not None) == (left is not None)
        if left is not None:
            assert not left.alive
            assert settled is not None
            assert settled.done
        assert unfinished(office).left() is None
        states = office.column("imports", "state")[before:]
        if "completed" in states:
            outcomes.add("everything")
            everything = told(office)
            assert not any(hidden for *_, hidden in everything["contracts"])
            assert len(everything["contracts"]) == 12 + 10 + 1
            break
        outcomes.add("nothing")
        assert contents(office) == nothing
        assert set(states) <= {"undone"}
        number += 1
    assert outcomes == {"nothing", "everything"}
    assert number > 6


def test_what_comes_in_in_parts_is_what_comes_in_at_once(
    office: Office, tmp_path: Path, tables_sqlite: Path
) -> None:
    come_in(office, office.engine)
    other = Office.at(f"sqlite:///{tmp_path / 'other.db'}", tmp_path)
    other.load_text(BEFORE)
    sweep_all(transactions(other.engine, SweepQueries), other.policy, NOW)
    other.load_text(AFTER, LATER, gone=MissingContracts.CLOSE)
    assert told(office) == told(other)
    other.engine.dispose()
    assert [d["voided_at"] for d in office.rows("deals")] == [None] * len(office.rows("deals"))
    again = come_in(office, office.engine)
    assert (again.new, again.updated, again.unchanged) == (0, 0, 20)


def test_somebody_answers_between_two_parts_and_that_stays(office: Office) -> None:
    said = Answer(Verb.HEALTH, "Ann", health=Health.CRITICAL)

    def ask(done: int) -> None:
        if done == 12:
            with somebody_else(office) as other:
                answer(transactions(other, AnswerQueries), "C-1", said, office.policy, LATER)
                answer(transactions(other, AnswerQueries), "C-9", said, office.policy, LATER)
                raise KeyboardInterrupt

    before = contents(office)
    with pytest.raises(KeyboardInterrupt):
        come_in(office, office.engine, progress=ask)
    after = contents(office)
    assert list(after["contracts"]) == before["contracts"]
    assert {d["key"]: d["health"] for d in after["deals"] if d["health"] == "critical"}.keys() == {
        d["key"]
        for d in before["deals"]
        if d["contract_id"]
        in {c["id"] for c in before["contracts"] if c["number"] in ("C-1", "C-9")}
    }
    assert len(office.rows("answers")) == 2


def test_what_somebody_has_answered_meanwhile_is_not_put_back(office: Office) -> None:
    """A file that says a health says it of the deal itself."""
    with_health = (
        HEADER.strip()
        + ",health\n"
        + "".join(row(n, 100).strip() + ",at_risk\n" for n in range(12))
    )

    def ask(done: int) -> None:
        if done == 8:
            said = Answer(Verb.HEALTH, "Ann", health=Health.CRITICAL)
            answer(transactions(office.engine, AnswerQueries), "C-1", said, office.policy, LATER)
            os.kill(os.getpid(), signal.SIGKILL)

    child = os.fork()
    if child == 0:
        try:
            office.engine = open_engine(office.engine.url.render_as_string(hide_password=False))
            come_in(office, office.engine, with_health, ask)
        finally:
            os._exit(1)
    os.waitpid(child, 0)
    settled = settle(unfinished(office), LATER)
    assert settled is not None
    assert (settled.left_count, settled.left) == (1, ("C-1",))
    assert "C-1" in settled.label.ja
    assert "C-1" in settled.label.en
    healths = dict(
        zip(office.column("contracts", "number"), office.column("deals", "health"), strict=True)
    )
    assert healths["C-1"] == "critical"
    assert healths["C-0"] == healths["C-2"] == "unknown"


def test_nothing_is_decided_or_sent_while_a_file_is_coming_in(office: Office) -> None:
    seen: list[object] = []

    def look(done: int) -> None:
        with somebody_else(office) as other:
            seen.append(sweep_all(transactions(other, SweepQueries), office.policy, LATER).deals)
            with begun(other, FormingQueries) as forming:
                seen.append(len(forming.waiting(LATER + timedelta(days=400), 10)))
            with begun(other, DeliveryQueries) as delivering:
                ways = list(ChannelName)
                seen.append(len(delivering.claim(LATER, LATER, "w", 10, ways)))

    report = come_in(office, office.engine, progress=look)
    assert seen == [0] * 3 * 5
    assert (
        sweep_all(transactions(office.engine, SweepQueries), office.policy, LATER).deals
        >= report.new + 6
    )


def test_who_edits_undoes_or_imports_meanwhile_is_told_to_wait(office: Office) -> None:
    said: list[str] = []

    def try_both(done: int) -> None:
        if done == 4:
            with somebody_else(office) as other:
                for meanwhile in (
                    lambda: come_in(office, other, one_piece=100),
                    lambda: come_in(office, other),
                    lambda: office.undo(1),
                ):
                    with pytest.raises(ImportUnderWayError) as refused:
                        meanwhile()
                    said.append(refused.value.label.en)

    come_in(office, office.engine, progress=try_both)
    assert said == ["import 2 (contracts.csv) is under way; try again once it has finished"] * 3


def test_the_import_of_a_process_that_is_alive_is_left_alone(office: Office) -> None:
    seen: list[Settlement | None] = []

    def look(done: int) -> None:
        left = unfinished(office).left()
        assert left is not None
        assert left.alive
        seen.extend((settle(unfinished(office), LATER), unfinished(office).settle_some(LATER)))

    come_in(office, office.engine, progress=look)
    assert seen == [None] * 10


def test_a_file_that_is_refused_at_its_end_leaves_nothing(office: Office) -> None:
    before, backs = contents(office), list[str]()
    with pytest.raises(ImportRefusedError):
        come_in(
            office, office.engine, HEADER + row(1, 5) + row(40, 5),
            taking_back=lambda: backs.append("back"),
        )  # fmt: skip
    assert contents(office) == before
    assert backs == ["back"]


def test_taking_back_that_is_interrupted_goes_on_at_the_next_start(office: Office) -> None:
    before = contents(office)

    def stop(done: int = 0) -> None:
        raise KeyboardInterrupt

    with pytest.raises(ImportLeftError):
        come_in(office, office.engine, progress=stop, taking_back=stop)
    assert unfinished(office).left() is not None
    settled = settle(unfinished(office), LATER)
    assert settled is not None
    assert not settled.kept
    assert contents(office) == before


def test_a_small_file_is_one_transaction(office: Office) -> None:
    def stop(done: int) -> None:
        raise KeyboardInterrupt

    before = len(office.rows("imports"))
    with pytest.raises(KeyboardInterrupt):
        come_in(office, office.engine, progress=stop, one_piece=20)
    assert len(office.rows("imports")) == before


def test_where_the_lock_is_taken_a_file_comes_in_at_once(office: Office) -> None:
    with somebody_else(office) as other:
        with holding(other) as held:
            assert held
            report = come_in(office, office.engine)
        assert report.new == 10
        assert unfinished(office).left() is None
