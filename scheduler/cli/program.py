"""How this program was called, so that a command it prints can be typed as printed."""

import os
import shlex
import shutil
import sys
from pathlib import Path


def called_from(folder: Path) -> str:
    """The words that call this program when `folder` is the current one."""
    return spelled(sys.argv[0], sys.executable, Path.cwd(), folder)


def spelled(argv0: str, python: str, here: Path, folder: Path) -> str:
    """`renewals` where the shell finds it, else its path from `folder`; `python -m scheduler` where
    it was called so.

    >>> spelled(".venv/bin/renewals", "python3", Path("/work"), Path("renewals-demo"))
    '../.venv/bin/renewals'
    """
    called = here / argv0
    if called.name == "__main__.py":
        return f"{shlex.quote(python)} -m scheduler"
    found = shutil.which(called.name)
    if found is not None and Path(found).resolve() == called.resolve():
        return called.name
    if Path(argv0).is_absolute():
        return shlex.quote(argv0)
    return shlex.quote(os.path.relpath(called, here / folder))
