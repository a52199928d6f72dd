"""One answer for several contracts, and notes, in the database: SQLite and PostgreSQL."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from scheduler.core.answers.answer import Answer
from scheduler.core.deal.deal import Deal, Lost
from scheduler.core.words.errors import UserMustActError
from scheduler.core.words.lexicon import Health, Verb
from scheduler.services.answers.answering import answer, undo
from scheduler.services.answers.answering_many import (
    add_note,
    look,
    record_many,
    undo_batch,
    undo_note,
)
from scheduler.storage.answers.answering import AnswerQueries
from scheduler.storage.database.transactions import transactions
from tests.import_cast import NOW, POLICY, Office

CONTRACTS = (
    "contract,customer,starts_on,ends_on\nC-1,Aoba,2026-04-01,2027-03-31\nC-2,Beta,2026-04-01,"
    "2027-03-31\n"
)
LATER = NOW + timedelta(days=1)


@pytest.fixture
def office(database_url: str, tmp_path: Path) -> Iterator[Office]:
    """C-1 and C-2."""
    office = Office.at(database_url, tmp_path)
    office.load_text(CONTRACTS)
    yield office
    office.engine.dispose()


def lost(deal: Deal) -> Answer:
    """Lost."""
    return Answer(Verb.LOST, "Ann Ito", lost=Lost("other"))


def healthy(deal: Deal) -> Answer:
    """At risk."""
    return Answer(Verb.HEALTH, "Ann Ito", health=Health.AT_RISK)


def test_all_are_recorded_and_taken_back_together(office: Office) -> None:
    store, before = transactions(office.engine, AnswerQueries), office.rows("deals")
    assert [each.refused for each in look(store, ["C-1", "c-2"], lost, POLICY, LATER)] == [
        None,
        None,
    ]
    assert office.rows("deals") == before
    done = record_many(store, ["C-1", "C-2"], lost, POLICY, LATER, "a1", skip=False)
    assert (office.column("deals", "stage"), [each.number for each in done]) == (
        ["lost", "lost"],
        [1, 2],
    )
    undone, left = undo_batch(store, "a1", "Ann Ito", LATER)
    assert (len(undone), left, office.column("deals", "stage")) == (2, [], ["stable", "stable"])
    with pytest.raises(UserMustActError, match="no answers with the number a1"):
        undo_batch(store, "a1", "Ann Ito", LATER)


def test_one_that_cannot_keeps_all_from_being_recorded(office: Office) -> None:
    store = transactions(office.engine, AnswerQueries)
    answer(
        store,
        "C-2",
        lost(look(store, ["C-2"], lost, POLICY, LATER)[0].deal or pytest.fail("no deal")),
        POLICY,
        LATER,
    )
    with pytest.raises(UserMustActError, match="C-2: this deal is closed"):
        record_many(store, ["C-1", "C-2"], healthy, POLICY, LATER, "a1", skip=False)
    assert len(office.rows("answers")) == 1
    skipped = record_many(store, ["C-1", "C-2"], healthy, POLICY, LATER, "a1", skip=True)
    assert [each.number is not None for each in skipped] == [True, False]


def test_what_was_answered_since_stays(office: Office) -> None:
    store = transactions(office.engine, AnswerQueries)
    record_many(store, ["C-1", "C-2"], healthy, POLICY, LATER, "a1", skip=False)
    answer(store, "C-1", Answer(Verb.HEALTH, "Bob", health=Health.CRITICAL), POLICY, LATER)
    undone, left = undo_batch(store, "a1", "Ann Ito", LATER)
    assert (len(undone), left, office.column("deals", "health")) == (
        1,
        ["C-1"],
        ["critical", "unknown"],
    )


def test_a_note_is_no_answer(office: Office) -> None:
    store = transactions(office.engine, AnswerQueries)
    answer(store, "C-1", Answer(Verb.HEALTH, "Ann Ito", health=Health.AT_RISK), POLICY, LATER)
    before = office.rows("deals")
    deal, number = add_note(store, "C-1", " they went\nquiet ", POLICY, LATER, None, "Ann Ito")
    assert (
        deal.contract.number,
        office.rows("answers")[1]["details"],
        number,
        office.rows("deals"),
    ) == (
        "C-1",
        {"note": "they went quiet"},
        2,
        before,
    )
    assert undo(store, "C-1", "Ann Ito", LATER).what == "health", "undo passes it over"
    assert undo_note(store, "C-1", POLICY, LATER)[1] == "they went quiet"
    with pytest.raises(UserMustActError, match="no note"):
        undo_note(store, "C-1", POLICY, LATER)
