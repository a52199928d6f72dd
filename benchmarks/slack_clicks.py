"""How soon 60 clicks are acknowledged while Slack takes two seconds for every answer: the goal is a
second for each.

    python -m benchmarks.slack_clicks [CLICKS] [SECONDS]

They come one after the other, as fast as they are acknowledged, over a real socket; every envelope
is kept in the database before that.
"""

import sys
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

from scheduler.inbound.slack.actions import INTERACTIVE
from tests.inbound.slack.conftest import reception_on
from tests.inbound.slack.reception import ANN

GOAL_SECONDS = 1.0


def measure(clicks: int, seconds: float) -> list[float]:
    """How long each acknowledgement took."""
    with TemporaryDirectory() as folder:
        for reception in reception_on(f"sqlite:///{Path(folder) / 'renewals.db'}"):
            reception.tell_everybody()
            reception.open()
            reception.slack.latency = seconds
            took = []
            for n in range(clicks):
                click, began = reception.click(ANN, "seen"), perf_counter()
                reception.socket.send(INTERACTIVE, click, f"E{n}")
                took.append(perf_counter() - began)
            reception.slack.latency = 0.0
            return took
    return []


def main() -> None:
    """Prints the figure."""
    clicks, seconds = (
        int(sys.argv[1]) if len(sys.argv) > 1 else 60,
        float(sys.argv[2]) if len(sys.argv) > 2 else 2.0,
    )
    took = measure(clicks, seconds)
    verdict = "met" if max(took) <= GOAL_SECONDS else "missed"
    print(
        (
            f"{clicks} clicks at a Slack that takes {seconds:g} s: acknowledged after "
            f"{median(took):.3f} s (median), {max(took):.3f} s (longest);"
        ),
        end=" ",
    )
    print(f"goal <= {GOAL_SECONDS:g} s each, {verdict}")


if __name__ == "__main__":
    main()
