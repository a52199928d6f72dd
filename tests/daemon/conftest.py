"""A working folder, as tests of the commands have it, and the jobs on one."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from scheduler.app.ready import open_app
from scheduler.app.shipped import shipped_config
from scheduler.app.wiring import App
from scheduler.core.words.lexicon import Language
from scheduler.daemon.jobs import Jobs
from tests.cli.conftest import nowhere

__all__ = ["nowhere"]


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    (tmp_path / "config.toml").write_text(shipped_config(), "utf-8")
    env = {"DATABASE_URL": f"sqlite:///{tmp_path / 'renewals.db'}?timeout=0.05"}
    with open_app(tmp_path, language=Language.EN, as_of=None, env=env, edits=True) as opened:
        yield opened


@pytest.fixture
def rounds(app: App) -> Jobs:
    return Jobs(app)
