"""Writers of a SQLite file take turns, whichever process they are in; where there is no lock to be
had they write all the same."""

import fcntl
import os
from pathlib import Path
from threading import Event, Thread

from sqlalchemy import insert

from scheduler.storage.database.engine import open_engine, transaction
from scheduler.storage.database.housekeeping import Housekeeping
from scheduler.storage.database.writer_queue import WriterQueue
from tests.cast import at
from tests.storage.builders import T


def test_who_writes_again_and_again_lets_another_in(empty_sqlite_url: str) -> None:
    """A daemon with much to do, and a command: without turns the command comes in only when the
    daemon has nothing left."""
    busy, command, told, done = (
        open_engine(empty_sqlite_url),
        open_engine(empty_sqlite_url),
        Event(),
        Event(),
    )
    between: list[int] = []

    def work() -> None:
        for n in range(400):
            with transaction(busy) as connection:
                connection.execute(insert(T["meta"]).values(key=f"daemon {n}", value="1"))
                told.set()
                Event().wait(0.005)
            between.append(n)
            if done.is_set():
                return

    daemon = Thread(target=work)
    daemon.start()
    told.wait()
    began = len(between)
    with transaction(command) as connection:
        connection.execute(insert(T["meta"]).values(key="command", value="1"))
    waited = len(between) - began
    done.set()
    daemon.join()
    assert waited < 60
    for engine in (busy, command):
        engine.dispose()


def test_a_turn_is_waited_for_and_given_back(tmp_path: Path) -> None:
    file, order = tmp_path / "renewals.db", []
    waiting = Event()

    def second() -> None:
        waiting.set()
        with WriterQueue(file, 30).turn():
            order.append("second")

    with WriterQueue(file, 30).turn():
        other = Thread(target=second)
        other.start()
        waiting.wait()
        order.append("first")
    other.join()
    assert order == ["first", "second"]


def test_patience_ends_and_sqlite_has_the_last_word(empty_sqlite_url: str) -> None:
    file = Path(empty_sqlite_url.removeprefix("sqlite:///"))
    lock = os.open(f"{file}.turn", os.O_RDWR | os.O_CREAT)
    fcntl.flock(lock, fcntl.LOCK_EX)
    engine = open_engine(f"{empty_sqlite_url}?timeout=0.05")
    with transaction(engine) as connection:
        connection.execute(insert(T["meta"]).values(key="a", value="1"))
    engine.dispose()
    os.close(lock)


def test_without_a_lock_there_is_no_waiting(tmp_path: Path) -> None:
    with WriterQueue(tmp_path / "gone" / "renewals.db", 30).turn():
        assert list(tmp_path.iterdir()) == []


def test_housekeeping_gives_way_to_one_who_reads_and_one_who_writes(empty_sqlite_url: str) -> None:
    writing, reading, house = (
        open_engine(empty_sqlite_url),
        open_engine(empty_sqlite_url, reading=True),
        open_engine(empty_sqlite_url),
    )
    with reading.connect() as reader:
        reader.execute(T["meta"].select()).all()
        with transaction(writing) as connection:
            connection.execute(insert(T["meta"]).values(key="a", value="1"))
        Housekeeping(house).tidy(at("2027-01-05"))
        with transaction(writing) as connection:
            connection.execute(insert(T["meta"]).values(key="b", value="1"))
    with house.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar() == 30_000
    for engine in (writing, reading, house):
        engine.dispose()
