"""An import in parts whose process was killed, and one that goes on, as commands and the daemon
find them."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import text

from scheduler.app.ready import open_app
from scheduler.app.shipped import shipped_config
from scheduler.app.wiring import App
from scheduler.core.words.lexicon import Language
from scheduler.daemon.jobs import Jobs
from scheduler.services.imports.choices import MissingContracts
from scheduler.services.imports.unfinished import settle
from tests.half_imports import BEFORE, Killed, come_in
from tests.import_cast import NOW, Office

DAY = NOW.isoformat()


@contextmanager
def opened(folder: Path) -> Iterator[App]:
    env = {
        "DATABASE_URL": f"sqlite:///{folder / 'renewals.db'}?timeout=0.05",
        "RENEWALS_ALLOW_TIME_TRAVEL": "1",
    }
    with open_app(folder, language=Language.EN, as_of=DAY, env=env, edits=True) as app:
        yield app


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder into which twelve contracts were loaded."""
    monkeypatch.setenv("RENEWALS_ALLOW_TIME_TRAVEL", "1")
    (tmp_path / "config.toml").write_text(shipped_config(), "utf-8")
    with opened(tmp_path) as app:
        office_of(app).load_text(BEFORE)
    return tmp_path


def office_of(app: App) -> Office:
    return Office(app.engine, app.folder, app.policy)


def amounts(app: App) -> list[int]:
    with app.reading.connect() as connection:
        return sorted(connection.scalars(text("SELECT amount FROM contracts")))


def said(app: App) -> list[str]:
    return [n.en for n in app.notices if "import" in n.en]


def test_the_next_command_takes_back_what_was_interrupted_and_says_so(folder: Path) -> None:
    with opened(folder) as app:
        before = amounts(app)
        assert Killed(office_of(app)).before_commit(4)
        assert amounts(app) != before
    with opened(folder) as app:
        assert amounts(app) == before
        assert said(app) == [
            "note: import 2 (contracts.csv) was interrupted; what had been imported was taken back"
        ]
    with opened(folder) as app:
        assert said(app) == []


def test_the_next_command_finishes_what_was_all_written_and_says_so(folder: Path) -> None:
    with opened(folder) as app:
        office, commits = office_of(app), 5
        while "finishing" not in office.column("imports", "state"):
            settle(app.unfinished, NOW)
            commits += 1
            assert Killed(office).before_commit(commits, gone=MissingContracts.KEEP)
    with opened(folder) as app:
        (notice,) = said(app)
        assert notice.endswith("was interrupted after everything was written; it is finished now")
        assert office_of(app).column("deals", "voided_at") == [None] * 23


def test_the_daemon_waits_for_an_import_and_takes_back_one_that_dies(folder: Path) -> None:
    with opened(folder) as app:
        rounds, office, before = Jobs(app), office_of(app), amounts(app)

        def look(done: int) -> None:
            assert not rounds.sweeps.step(lambda: False)
            assert not rounds.deliveries.step(lambda: False)

        come_in(office, app.engine, BEFORE.replace(",100,", ",150,"), look)
        assert rounds.sweeps.swept.deals == 0
        assert Killed(office).before_commit(4)
        assert amounts(app) != before
        while rounds.sweeps.step(lambda: False):
            pass
        assert app.unfinished.left() is None
        assert sorted(set(amounts(app))) == [15000]
        assert rounds.sweeps.swept.deals == 12
