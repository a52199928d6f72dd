"""What takes long to make and is only copied afterwards: made by one of the processes that share a
run, and used by all of them.

Always holds: whoever asks finds it whole; where making it failed, the next one tries again.
"""

import fcntl
import os
from collections.abc import Callable
from pathlib import Path
from shutil import copytree, rmtree

import pytest


def made_once(
    tmp_path_factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]
) -> Path:
    """The folder `name` of this run, filled by `make`; the other processes of the run wait for
    whoever is first. Nobody may change what is in it."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base) / name
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.with_suffix(".made").exists():
            rmtree(folder, ignore_errors=True)
            folder.mkdir()
            make(folder)
            folder.with_suffix(".made").touch()
    return folder


def lived_once(
    tmp_path_factory: pytest.TempPathFactory, name: str, folder: Path, live: Callable[[], None]
) -> None:
    """Leaves in `folder` what `live` makes of it: whoever comes first lives there, and for everybody
    it is copied."""

    def make(place: Path) -> None:
        live()
        copytree(folder, place / "work")

    made = made_once(tmp_path_factory, name, make) / "work"
    rmtree(folder)
    copytree(made, folder)
