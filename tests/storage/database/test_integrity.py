"""A look through a SQLite file: at this file, whatever it is called."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from scheduler.storage.database.integrity import look_through


@pytest.mark.parametrize("name", ["plain.db", "what?.db", "number#1.db", "50%25.db"])
def test_the_file_is_looked_through_whatever_it_is_called(tmp_path: Path, name: str) -> None:
    with closing(sqlite3.connect(tmp_path / name)) as database:
        database.execute("CREATE TABLE t (a)")
    assert look_through(tmp_path / name).damage == ""
    with (tmp_path / name).open("r+b") as file:
        file.write(b"\xff" * 64)
    assert look_through(tmp_path / name).damage == "file is not a database"
    assert [file.name for file in tmp_path.iterdir()] == [name], "no other file is opened, or made"
