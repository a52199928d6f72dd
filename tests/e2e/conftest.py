"""Working folders for tests with real processes: one is prepared, every test gets a copy."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.process import Folder, copy_of, loaded_folder
from tests.once import made_once


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    """The folder that is copied."""

    def load(place: Path) -> None:
        loaded_folder(place / "work")

    return Folder(made_once(tmp_path_factory, "prepared", load) / "work")


@pytest.fixture
def folder(prepared: Folder, tmp_path: Path) -> Callable[..., Folder]:
    """A function that gives a fresh copy with an environment:
    `folder(SLACK_BOT_TOKEN="xoxb-…")`."""
    return lambda **env: copy_of(prepared, tmp_path / "work", **env)
