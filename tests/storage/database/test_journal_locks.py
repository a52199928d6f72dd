"""Looking at the header of a file that is open as a database costs no lock: another process's last
goodbye leaves the journal where it is."""

import subprocess
import sys
from pathlib import Path

from sqlalchemy import Engine, text

from scheduler.storage.database.engine import open_engine
from scheduler.storage.database.journal import changes_of, header_of

GOODBYE = (
    "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute('SELECT count(*) FROM t')"
    ".fetchone(); c.close()"
)


def written(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO t VALUES (1)"))


def test_a_look_at_the_header_leaves_the_journal_to_those_who_have_it_open(tmp_path: Path) -> None:
    file = tmp_path / "renewals.db"
    engine = open_engine(f"sqlite:///{file}")
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE t (n INTEGER)"))
    assert header_of(file) is not None
    changes_of(f"sqlite:///{file}")
    written(engine)
    subprocess.run([sys.executable, "-c", GOODBYE, str(file)], check=True, timeout=60)
    assert Path(f"{file}-shm").exists(), "the other process took the journal away"
    written(engine)
    with engine.begin() as connection:
        assert connection.execute(text("SELECT count(*) FROM t")).scalar() == 2
    engine.dispose()


def test_a_file_in_the_same_place_is_another_file(tmp_path: Path) -> None:
    file, url = tmp_path / "renewals.db", f"sqlite:///{tmp_path / 'renewals.db'}"
    assert header_of(file) is None
    for other in range(40):
        engine = open_engine(url)
        with engine.begin() as connection:
            connection.execute(text("CREATE TABLE t (n INTEGER)"))
        engine.dispose()
        assert header_of(file) is not None, other
        file.unlink()
        assert header_of(file) is None
