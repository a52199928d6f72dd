"""How long a command takes to start, against importing what it cannot do without.

    python -m benchmarks.startup [rounds]

`renewals --help` against `python -c "import typer"` (goal ≤ 2.5) and `renewals deals`, on a database with two contracts, against
`python -c "import typer, sqlmodel"` (goal ≤ 1.7). The four take turns; each figure is the median of the rounds.
"""

import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter

from tests.e2e.process import REPOSITORY, loaded_folder


def seconds(words: list[str]) -> float:
    """One process from start to end."""
    began = perf_counter()
    subprocess.run([sys.executable, *words], cwd=REPOSITORY, check=True, stdout=subprocess.DEVNULL)
    return perf_counter() - began


def main(rounds: int) -> None:
    """Takes turns and prints both ratios."""
    with tempfile.TemporaryDirectory() as name:
        folder = loaded_folder(Path(name) / "work")
        runs = {
            "renewals --help": ["-m", "scheduler", "--help"],
            "import typer": ["-c", "import typer"],
            "renewals deals": ["-m", "scheduler", "deals", "--dir", str(folder.path)],
            "import typer, sqlmodel": ["-c", "import typer, sqlmodel"],
        }
        for words in runs.values():
            seconds(words)
        times: dict[str, list[float]] = {name: [] for name in runs}
        for _ in range(rounds):
            for run, words in runs.items():
                times[run].append(seconds(words))
    took = {run: median(each) for run, each in times.items()}
    for ours, base, goal in (("renewals --help", "import typer", 2.5), ("renewals deals", "import typer, sqlmodel", 1.7)):
        print(f"{ours}: {took[ours]:.3f} s, {base}: {took[base]:.3f} s, ratio {took[ours] / took[base]:.2f} (goal ≤ {goal})")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20)
