"""A large file of signals is kept in parts: all of it or nothing is there whenever its process
dies, people answer meanwhile, and what is believed is what one transaction would have kept."""

import os
import signal
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event, select, update

from scheduler.core.imports.signals import SignalLine
from scheduler.services.imports.undo import UndoRefusedError, undo_import
from scheduler.services.imports.unfinished import settle
from scheduler.services.signals.importing import (
    ONE_PIECE,
    EnteredSignals,
    SignalReport,
    import_signals,
)
from scheduler.storage.database.engine import open_engine
from scheduler.storage.database.import_in_progress import ImportUnderWayError, is_coming_in
from scheduler.storage.database.rows import metadata
from scheduler.storage.database.schema import upgrade
from scheduler.storage.database.transactions import transactions
from scheduler.storage.imports import unfinished
from scheduler.storage.imports.signals import SignalImports
from scheduler.storage.imports.undo import UndoQueries
from scheduler.storage.imports.undoing_parts import UndoingParts
from scheduler.storage.imports.unfinished import UnfinishedRows
from tests.cast import at
from tests.storage.builders import add_contract
from tests.storage.signals.keeping import line

SIGNALS, SUBJECTS = metadata.tables["signals"], metadata.tables["signal_subjects"]
DEALS, IMPORTS = metadata.tables["deals"], metadata.tables["imports"]
MONDAY, FIRST = at("2027-01-04"), at("2027-01-10")
SECOND, THIRD = FIRST + timedelta(days=1), FIRST + timedelta(days=2)
ASLEEP = at("2030-01-01")
BEFORE = [line(MONDAY, n, subject=f"C-{n}") for n in range(4)]
AFTER = [
    *(line(MONDAY, n + (n < 2), subject=f"C-{n}") for n in range(4)),
    *(line(MONDAY, n, subject=f"C-{n % 4}", name="seats", number=n) for n in range(6)),
    *(line(MONDAY, n, subject="C-3", name="nps", received_at=FIRST + timedelta(n)) for n in (0, 1)),
    line(MONDAY, 5, kind="customer", subject="Aoba Trading", name="csat"),
    line(MONDAY, 5, subject="C-9"),
]
"""Two corrected, two known, seats of which two are said twice, one with its history, one of the
customer, one of nobody."""


@pytest.fixture
def office(engine: Engine) -> Engine:
    """Four contracts whose deals sleep, with signals."""
    filled(engine)
    return engine


def filled(engine: Engine) -> None:
    with engine.begin() as connection:
        for number in range(4):
            add_contract(connection, f"C-{number}")
    bring(engine, BEFORE, FIRST)
    asleep(engine)


def asleep(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(update(DEALS).values(wake_at=ASLEEP))


def bring(
    engine: Engine,
    lines: Sequence[SignalLine],
    now: Any = SECOND,
    *,
    one_piece: int = 0,
    taking_back: Callable[[], None] = lambda: None,
) -> SignalReport:
    """The lines, in transactions of two values each."""
    store, source = SignalImports(engine, 0.0, 2), EnteredSignals(lines, "crm", "crm.csv")
    return import_signals(store, source, now, one_piece=one_piece, taking_back=taking_back)


def believed(engine: Engine) -> list[tuple[Any, ...]]:
    """Everything that was ever said, and until when it was believed."""
    names = "name at source value received_at superseded_at voided_at".split()
    query = select(SUBJECTS.c.key, *(SIGNALS.c[name] for name in names)).join(SUBJECTS)
    with engine.connect() as connection:
        return sorted(map(tuple, connection.execute(query)), key=str)


def states(engine: Engine) -> list[str]:
    with engine.connect() as connection:
        return list(connection.scalars(select(IMPORTS.c.state).order_by(IMPORTS.c.id)))


def awake(engine: Engine) -> list[int]:
    """The contracts whose deals are to be looked at."""
    query = select(DEALS.c.contract_id).where(DEALS.c.wake_at < ASLEEP)
    with engine.connect() as connection:
        return sorted(connection.scalars(query))


def kill_at_commit(engine: Engine, number: int) -> None:
    """Kills this process before its n-th commit from here on."""
    commits = iter(range(1, 1000))

    def kill(_connection: object) -> None:
        if next(commits) == number:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(engine, "commit", kill)


def bring_after(engine: Engine) -> None:
    bring(engine, AFTER)


def undo_second(engine: Engine) -> None:
    """Undoes the second import in transactions of one value each, or goes on with it."""
    if settle(UnfinishedRows(engine, engine), THIRD) is None:
        UndoingParts(engine, 0.0).take_back(2, SECOND)


def die(engine: Engine, number: int, doing: Callable[[Engine], None] = bring_after) -> bool:
    """The import in a process that is killed before its n-th commit; whether it was."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            own = open_engine(engine.url.render_as_string(hide_password=False))
            kill_at_commit(own, number)
            doing(own)
            code = 0
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
    return os.WIFSIGNALED(status)


def test_what_is_kept_in_parts_is_what_is_kept_at_once(
    office: Engine, tmp_path: Path, tables_sqlite: Path
) -> None:
    other = open_engine(f"sqlite:///{tmp_path / 'other.db'}")
    upgrade(other, FIRST)
    filled(other)
    parts, whole = bring(office, AFTER), bring(other, AFTER, one_piece=1000)
    assert believed(office) == believed(other)
    assert (parts.kept, parts.contracts) == (whole.kept, whole.contracts)
    assert (parts.kept.new, parts.kept.corrected) == (7, 3)
    assert awake(office) == awake(other) == [1, 2, 3, 4]
    again = bring(office, AFTER, THIRD)
    assert (again.kept.new, again.kept.corrected, again.contracts) == (0, 0, 0)
    assert states(office) == ["completed"] * 3
    other.dispose()


def test_whenever_its_process_is_killed_nothing_is_believed_or_everything(office: Engine) -> None:
    nothing, number = believed(office), 1
    unfinished = UnfinishedRows(office, office)
    parts = 0
    while die(office, number):
        left = unfinished.left()
        parts += left is not None
        settled = settle(unfinished, SECOND)
        assert (left is None) == (settled is None)
        assert unfinished.left() is None
        if settled is not None and settled.kept:
            break
        assert believed(office) == nothing
        assert set(states(office)[1:]) <= {"undone"}
        number += 1
    everything = believed(office)
    assert parts > 8
    assert awake(office) == [1, 2, 3, 4]
    again = bring(office, AFTER, THIRD)
    assert (again.kept.new, again.kept.corrected) == (0, 0)
    assert believed(office) == everything


def test_an_import_that_is_interrupted_is_taken_back_at_once(office: Engine) -> None:
    nothing, backs, written = believed(office), list[str](), list[str]()

    def stop(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if "INSERT INTO signals " in statement:
            written.append(statement)
            if len(written) == 6:
                raise KeyboardInterrupt

    event.listen(office, "before_cursor_execute", stop)
    with pytest.raises(KeyboardInterrupt):
        bring(office, AFTER, taking_back=lambda: backs.append("back"))
    event.remove(office, "before_cursor_execute", stop)
    assert (believed(office), backs) == (nothing, ["back"])
    assert states(office) == ["completed", "undone"]
    assert bring(office, AFTER).kept.new == 7


def test_undoing_takes_all_parts_back(office: Engine) -> None:
    before = {row for row in believed(office) if row[-2] is None}
    report = bring(office, AFTER)
    asleep(office)
    assert report.import_id is not None
    undo_import(transactions(office, UndoQueries), report.import_id, THIRD)
    assert {row for row in believed(office) if row[-2] is None} == before
    assert awake(office) == [1, 2, 3, 4]


def test_between_two_parts_others_write_but_nothing_is_decided_and_nobody_imports(
    office: Engine,
) -> None:
    other = open_engine(office.url.render_as_string(hide_password=False))
    seen: list[str] = []

    def look(_connection: object) -> None:
        if seen:
            return
        seen.append("looked")
        with other.begin() as connection:
            assert is_coming_in(connection)
            connection.execute(update(DEALS).where(DEALS.c.id == 1).values(health_because="x"))
        with pytest.raises(ImportUnderWayError):
            bring(other, BEFORE)

    event.listen(office, "rollback", look)
    report = bring(office, AFTER)
    event.remove(office, "rollback", look)
    other.dispose()
    assert (seen, report.kept.new, states(office)) == (["looked"], 7, ["completed"] * 2)
    with office.connect() as connection:
        said = connection.scalar(select(DEALS.c.health_because).where(DEALS.c.id == 1))
    assert said == "x", "what others write between two parts stays"


def test_an_import_that_died_after_deals_were_measured_has_them_measured_anew(
    office: Engine,
) -> None:
    assert die(office, 14)
    with office.begin() as connection:
        connection.execute(update(DEALS).values(wake_at=ASLEEP, health_outlook="x"))
    settle(UnfinishedRows(office, office), THIRD)
    query = select(DEALS.c.contract_id).where(DEALS.c.health_outlook.is_(None))
    with office.connect() as connection:
        anew = sorted(connection.scalars(query))
    assert anew == awake(office) == [1, 2, 3, 4]


@pytest.fixture
def _one_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unfinished, "_SIGNALS_AT_A_TIME", 1)
    monkeypatch.setattr(unfinished, "_SECONDS", 0.0)


@pytest.mark.usefixtures("_one_at_a_time")
def test_undoing_in_parts_gives_what_undoing_at_once_gives(
    office: Engine, tmp_path: Path, tables_sqlite: Path
) -> None:
    other = open_engine(f"sqlite:///{tmp_path / 'other.db'}")
    upgrade(other, FIRST)
    filled(other)
    for engine in (office, other):
        bring(engine, AFTER)
        asleep(engine)
    parts = UndoingParts(office, 0.0).take_back(2, SECOND)
    assert parts == undo_import(transactions(other, UndoQueries), 2, SECOND).signals == 10
    assert believed(office) == believed(other)
    assert states(office) == states(other) == ["completed", "undone"]
    assert awake(office) == awake(other) == [1, 2, 3, 4]
    assert UndoingParts(office).take_back(2, THIRD) is None
    other.dispose()


@pytest.mark.usefixtures("_one_at_a_time")
def test_an_undoing_whose_process_is_killed_is_gone_on_with_wherever_it_was(
    office: Engine,
) -> None:
    before = {row for row in believed(office) if row[-2] is None}
    bring(office, AFTER)
    asleep(office)
    for _ in range(3):
        assert die(office, 3, undo_second)
        left = UnfinishedRows(office, office).left()
        assert left is not None
        assert (left.import_id, left.alive) == (2, False)
    rest = settle(UnfinishedRows(office, office), THIRD)
    assert rest is not None
    assert (rest.undone, rest.import_id, states(office)) == (True, 2, ["completed", "undone"])
    assert {row for row in believed(office) if row[-2] is None} == before
    assert {row[-1] for row in believed(office)} == {None, SECOND}
    assert awake(office) == [1, 2, 3, 4]


def test_many_signals_are_undone_in_parts_and_few_at_once(office: Engine) -> None:
    instants = (MONDAY + timedelta(minutes=n) for n in range(ONE_PIECE + 1))
    many = [line(instant, 1, name="seats") for instant in instants]
    import_signals(SignalImports(office), EnteredSignals(many, "crm", "crm.csv"), SECOND)
    undoing, began = transactions(office, UndoQueries), list[str]()

    def note(
        _connection: object, _cursor: object, _statement: str, values: object, *_: object
    ) -> None:
        began.extend(["in parts"] if "undoing" in str(values) else [])

    event.listen(office, "before_cursor_execute", note)
    few = undo_import(undoing, 1, SECOND, parts=UndoingParts(office))
    assert (few.signals, began) == (4, [])
    undone = undo_import(undoing, 2, SECOND, parts=UndoingParts(office))
    assert (undone.signals, began) == (ONE_PIECE + 1, ["in parts"])
    assert states(office) == ["undone", "undone"]
    with pytest.raises(UndoRefusedError):
        undo_import(undoing, 2, THIRD, parts=UndoingParts(office))
