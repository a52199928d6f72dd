"""Real processes of the program on a working folder of their own, and what tests need to watch
them."""

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from time import monotonic

from sqlalchemy import create_engine, text

from tests import forked
from tests.forked import Process

REPOSITORY = Path(__file__).parents[2]
PATIENCE = 30.0

PEOPLE = """\
name,email,slack id,role,manager,zone,language
Ann Ito,ann@example.com,U0ANN,rep,bob@example.com,Europe/London,en
Bob Hill,bob@example.com,U0BOB,manager,,Europe/London,en
千佳 田中,chika@example.jp,U0CHIKA,rep,bob@example.com,Asia/Tokyo,ja
"""
CONTRACTS = """\
contract,customer,product,starts on,ends on,notice,auto renew,amount,currency,owner
C-1,青葉商事,Pro,2026-04-01,2027-03-31,2 months,yes,"¥3,600,000",JPY,chika@example.jp
C-2,Beta Ltd,Pro,2026-04-01,2027-03-31,30 days,no,12000,GBP,ann@example.com
"""


def wait_until(happened: Callable[[], bool], what: str) -> None:
    """Waits for something other processes do, as long as patience lasts."""
    pause, end = Event(), monotonic() + PATIENCE
    while not happened():
        assert monotonic() < end, f"waited in vain: {what}"
        pause.wait(0.02)


@dataclass(frozen=True)
class Folder:
    """A working folder, and the environment its commands run in."""

    path: Path
    env: Mapping[str, str] = field(default_factory=dict)

    def environment(self) -> dict[str, str]:
        plain = {
            "PATH": os.environ["PATH"],
            "LANG": "en_US.UTF-8",
            "PYTHONUNBUFFERED": "1",
            "RENEWALS_ALLOW_TIME_TRAVEL": "1",
        }
        return {name: value for name, value in {**plain, **self.env}.items() if value}

    def _words(self, words: tuple[str, ...]) -> list[str]:
        return [*words, "--dir", str(self.path)]

    def renewals(self, *words: str) -> subprocess.CompletedProcess[str]:
        """One command, to its end."""
        return forked.run(
            self._words(words), cwd=REPOSITORY, env=self.environment(), timeout=PATIENCE * 2
        )

    def afresh(
        self, *words: str, before: Callable[[], None] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """One command in a process that loads the program itself; `before` runs in it first."""
        return subprocess.run(
            [sys.executable, "-m", "scheduler", *self._words(words)],
            capture_output=True,
            text=True,
            cwd=REPOSITORY,
            env=self.environment(),
            timeout=PATIENCE * 2,
            check=False,
            preexec_fn=before,
        )

    def done(self, *words: str) -> str:
        """One command that must succeed; what it printed."""
        result = self.renewals(*words)
        assert result.returncode == 0, result.stderr
        return result.stdout

    @contextmanager
    def started(self, *words: str) -> Iterator[Process]:
        """A command that goes on; killed at the end of the block if it has not ended. What it logs
        is in `log()`."""
        with self.log_file.open("w") as log:
            process = Process(
                self._words(words), stdout=log, stderr=log, cwd=REPOSITORY, env=self.environment()
            )
        try:
            yield process
        finally:
            process.end()

    @property
    def log_file(self) -> Path:
        """Where a started command's output goes."""
        return self.path / "output.log"

    def log(self) -> str:
        """What a started command has said so far."""
        return self.log_file.read_text()

    def rows(self, query: str) -> list[tuple[object, ...]]:
        """A query of the SQLite file."""
        engine = create_engine(f"sqlite:///{self.path / 'data' / 'renewals.db'}")
        try:
            with engine.connect() as connection:
                return [tuple(row) for row in connection.execute(text(query))]
        finally:
            engine.dispose()

    def write(self, *statements: str) -> None:
        """Changes the SQLite file behind the program's back."""
        engine = create_engine(f"sqlite:///{self.path / 'data' / 'renewals.db'}")
        with engine.begin() as connection:
            for statement in statements:
                connection.execute(text(statement))
        engine.dispose()

    def edit(self, old: str, new: str) -> None:
        """Saves config.toml with a change, as an editor does: a new file in the old one's place."""
        config = self.path / "config.toml"
        content = config.read_text()
        assert old in content
        saved = config.with_suffix(".new")
        saved.write_text(content.replace(old, new))
        saved.replace(config)


def loaded_folder(path: Path) -> Folder:
    """A folder with two contracts, loaded as of 1 October 2026 and never swept."""
    folder = Folder(path)
    path.mkdir()
    (path / "people.csv").write_text(PEOPLE)
    (path / "contracts.csv").write_text(CONTRACTS)
    made = folder.afresh("init")
    assert made.returncode == 0, made.stderr
    folder.edit('admins = ["email:renewals-admin@example.com"]', 'admins = ["slack:U0ADMIN"]')
    folder.edit("sweep_seconds = 30", "sweep_seconds = 1")
    folder.edit("deliver_seconds = 10", "deliver_seconds = 1")
    for name in ("people.csv", "contracts.csv"):
        brought_in = folder.afresh("import", str(path / name), "--as-of", "2026-10-01")
        assert brought_in.returncode == 0, brought_in.stderr
    return folder


def copy_of(folder: Folder, path: Path, **env: str) -> Folder:
    """The same folder again, for a test of its own."""
    shutil.copytree(folder.path, path)
    return Folder(path, env)


class Systemd:
    """The socket on which systemd listens."""

    def __init__(self, path: Path) -> None:
        self.address = str(path)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(self.address)
        self._socket.settimeout(PATIENCE)

    def __enter__(self) -> "Systemd":
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def wait_for(self, state: str) -> str:
        """The next notification that holds `state`."""
        while state not in (said := self._socket.recv(1000).decode()):
            pass
        return said
