"""How long a command takes to start, against importing what it cannot do without.

    python -m benchmarks.startup [--json] [--processor]

`renewals --help` against `python -c "import typer"` (goal ≤ 2.5), and `renewals deals` on a
database with two contracts, with its policy read from the database and a line printed for each,
against `python -c "import typer, sqlmodel"` (goal ≤ 1.7).
"""

import os
import sys
import tempfile
from pathlib import Path

from benchmarks._timing import at_most, compare
from tests.e2e.process import loaded_folder

REPEATS = 15


def main() -> None:
    """Prints both lines."""
    os.environ["LANG"] = "en_US.UTF-8"
    python = sys.executable
    with tempfile.TemporaryDirectory() as name:
        folder = loaded_folder(Path(name) / "work")
        compare(
            "renewals --help",
            [python, "-m", "scheduler", "--help"],
            [python, "-c", "import typer"],
            at_most(2.5),
            REPEATS,
        )
        deals = [python, "-m", "scheduler", "deals", "--dir", str(folder.path)]
        compare(
            "renewals deals", deals, [python, "-c", "import typer, sqlmodel"], at_most(1.7), REPEATS
        )


if __name__ == "__main__":
    main()
