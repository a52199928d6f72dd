"""A small team's working folder for the tests of the commands: made once, copied for every test."""

from collections.abc import Iterator
from pathlib import Path
from shutil import copytree, rmtree

import pytest

from scheduler.cli.terminal.say import speak
from scheduler.core.words.lexicon import Language
from tests.cli import office as offices
from tests.once import made_once


@pytest.fixture(autouse=True)
def _english_afterwards() -> Iterator[None]:
    """One process speaks one language; the next test, or doctest, begins anew."""
    yield
    speak(Language.EN)


@pytest.fixture(scope="session")
def made_office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that is copied."""

    def make(place: Path) -> None:
        with pytest.MonkeyPatch.context() as patch:
            offices.of_no_machine(patch)
            offices.make(place / "work")

    return made_once(tmp_path_factory, "office", make) / "work"


@pytest.fixture
def office(
    made_office: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> offices.Office:
    """A copy of one's own."""
    offices.of_no_machine(monkeypatch)
    return offices.Office(Path(copytree(made_office, tmp_path / "work")), capsys)


@pytest.fixture
def insistent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> offices.Office:
    """The office with the shipped settings: reminders repeat and climb, digests go out."""
    offices.of_no_machine(monkeypatch)
    offices.make(tmp_path / "work", insistent=True)
    return offices.Office(tmp_path / "work", capsys)


@pytest.fixture
def nowhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> offices.Office:
    """A folder with a configuration and nothing else."""
    from scheduler.cli.main import main  # noqa: PLC0415

    offices.of_no_machine(monkeypatch)
    assert main(["init", str(tmp_path / "work")]) == 0
    rmtree(tmp_path / "work" / "stories")
    return offices.Office(tmp_path / "work", capsys)
