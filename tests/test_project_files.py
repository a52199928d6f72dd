"""The files around the program agree with each other: what it imports, what pyproject.toml asks
for, what the lock files pin."""

import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from hypothesis import settings

import scheduler
from scheduler.core.words.lexicon import Verb
from tests.architecture import imports
from tests.parsed import parsed

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
LOCKS = ("requirements.lock", "requirements-dev.lock")
REACHED_BY_NAME = {"tzdata", "matplotlib-fontja"}
"""zoneinfo's zones where the system has none; the font that charts are written with."""
COMES_WITH = {"pydantic-core": "pydantic"}
"""Pydantic asks for exactly one release of its core."""


def plain(name: str) -> str:
    """A distribution's name as pip compares it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", re.split(r"[\[<>=!~ ;]", name, maxsplit=1)[0]).lower()


def asked(*extras: str) -> set[str]:
    """What the program needs; with names of extras, what these add."""
    lines = (
        [line for extra in extras for line in PROJECT["optional-dependencies"][extra]]
        if extras
        else PROJECT["dependencies"]
    )
    return {plain(line) for line in lines}


def imported_by(*folders: str) -> set[str]:
    """The distributions that the modules of these folders import."""
    files = [file for folder in folders for file in (ROOT / folder).rglob("*.py")]
    names = {
        found.module.split(".")[0]
        for file in files
        for found in imports(parsed(file.read_text("utf-8")))
    }
    ours = {"scheduler", "tests", "benchmarks", "docs"} | sys.stdlib_module_names
    owners = packages_distributions()
    distributions = {plain(owners[name][0]) for name in names - ours}
    return {COMES_WITH.get(name, name) for name in distributions}


def test_the_files_that_the_recipes_name_are_there() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    named = re.findall(r"`([\w/.*-]+/[\w.*-]*|[\w]+\.toml)`", text)
    assert len(named) > 20
    missing = [
        name
        for name in named
        if not name.startswith("example/")
        and not any(list(at.glob(name.rstrip("/"))) for at in (ROOT, ROOT / "scheduler"))
    ]
    assert not missing


def test_what_the_program_imports_is_what_it_asks_for() -> None:
    everything = asked() | asked("metrics", "charts")
    assert imported_by("scheduler") == everything - REACHED_BY_NAME


def test_what_the_tests_import_is_asked_for() -> None:
    assert imported_by("tests", "benchmarks", "docs") <= asked() | asked("dev")


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_file_pins_everything_with_hashes_and_names_no_host(lock: str) -> None:
    text = (ROOT / lock).read_text("utf-8")
    entries = re.sub(r" \\\n +", " ", text).splitlines()
    wrong = [
        line
        for line in entries
        if not re.fullmatch(r"[a-z0-9.-]+==[^ ]+( ; [^/]+?)?( --hash=sha256:[0-9a-f]{64})+", line)
    ]
    assert (len(entries) > 20, wrong) == (True, [])


def test_the_lock_files_hold_what_the_project_asks_for() -> None:
    locked = {
        lock: {
            plain(line) for line in (ROOT / lock).read_text("utf-8").splitlines() if line[0] != " "
        }
        for lock in LOCKS
    }
    assert asked() | asked("metrics") <= locked["requirements.lock"]
    assert asked() | asked("charts", "dev") <= locked["requirements-dev.lock"]


def test_both_lock_files_pin_the_same_releases() -> None:
    program, dev = (
        {
            line.split(" ")[0]
            for line in (ROOT / lock).read_text("utf-8").splitlines()
            if line[0] != " "
        }
        for lock in LOCKS
    )
    assert program <= dev


def test_the_readme_has_the_two_commands_that_the_check_runs() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    commands = dict(
        re.findall(r"^<!-- (\w+) -->\n```sh\n(.+?)\n```$", readme, re.MULTILINE | re.DOTALL)
    )
    assert commands["demo"].endswith(".venv/bin/renewals demo")
    assert commands["tests"].endswith(".venv/bin/pytest -q -n auto --dist worksteal")


def test_the_design_has_every_section_that_is_cited() -> None:
    text = (ROOT / "docs" / "design.md").read_text("utf-8")
    sections = set(re.findall(r"^## (\d+)\. ", text, re.MULTILINE))
    cited = {
        found
        for file in (ROOT / "scheduler").rglob("*.py")
        for said in re.findall(r"DESIGN\s+(§[\d.§, ]+)", file.read_text("utf-8"))
        for found in re.findall(r"§(\d+)", said)
    }
    assert len(cited) > 5
    assert cited <= sections


def test_a_release_has_one_number() -> None:
    assert scheduler.__version__ == PROJECT["version"]


def test_the_readme_names_every_answer() -> None:
    line = re.search(
        r"`renewals answer CONTRACT won` \((.*?)\)", (ROOT / "README.md").read_text("utf-8")
    )
    assert line is not None
    assert {"won", *line[1].split(", ")} == {verb.value for verb in Verb}


def test_no_property_is_refused_because_the_machine_was_busy() -> None:
    assert settings.default is not None
    assert settings.default.deadline is None
    setting = f"{'deadline'}="
    found = [f.name for f in (ROOT / "tests").rglob("*.py") if setting in f.read_text("utf-8")]
    assert found == ["conftest.py"]
