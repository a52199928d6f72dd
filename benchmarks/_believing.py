"""The program's commands in a process that believes it is another time.

    python -m benchmarks._believing 2026-12-01T01:00:00+00:00 answer C-7 renewal will_renew --dir
    DIR

Always holds: nothing is loaded but the clock and what the command itself loads, so that what is
measured is the command.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from scheduler.system import clock


@contextmanager
def believing(at: datetime) -> Iterator[None]:
    """The machine's clock as this process reads it: `at`, and going on from there."""
    shift, real = at - datetime.now(UTC), clock.SystemClock.now

    def now(self: clock.SystemClock) -> datetime:
        return real(self) + shift

    clock.SystemClock.now = now  # type: ignore[method-assign]
    try:
        yield
    finally:
        clock.SystemClock.now = real  # type: ignore[method-assign]


if __name__ == "__main__":
    from scheduler.cli.main import main as program

    with believing(datetime.fromisoformat(sys.argv[1])):
        sys.argv = ["renewals", *sys.argv[2:]]
        sys.exit(program(sys.argv[1:]))
