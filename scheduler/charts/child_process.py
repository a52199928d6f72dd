"""Draws one chart in a process of its own: a daemon keeps no memory for what draws once a week.

    python -m scheduler.charts.child_process < (chart, language) as pickled by whoever runs it > PNG

Always holds: what cannot be drawn is None, never an error: a message goes out without its picture,
and whoever asked is told why.
"""

import pickle
import subprocess
import sys
from collections.abc import Callable
from os import fdopen

from scheduler.charts.drawing import drawn, is_installed
from scheduler.core.reports.pictures import Chart
from scheduler.core.words.lexicon import Language

_SECONDS = 60
_TOLD = 500
"""How many of the last letters of a failure are told."""


def drawn_in_child_process(
    chart: Chart, language: Language, on_failure: Callable[[str], object]
) -> bytes | None:
    """The picture as a PNG; None where what draws is not installed, or fails: then `on_failure` is
    told why."""
    if chart.is_empty or not is_installed():
        return None
    try:
        done = subprocess.run(
            [sys.executable, "-m", __name__],
            input=pickle.dumps((chart, language)),
            capture_output=True,
            timeout=_SECONDS,
            check=True,
        )
    except subprocess.CalledProcessError as error:
        on_failure(error.stderr.decode(errors="replace").strip()[-_TOLD:])
    except (OSError, subprocess.TimeoutExpired) as error:
        on_failure(str(error))
    else:
        return done.stdout
    return None


if __name__ == "__main__":
    asked = pickle.loads(sys.stdin.buffer.read())  # noqa: S301 - by `drawn_in_child_process` alone
    with fdopen(1, "wb") as out:
        out.write(drawn(*asked))
