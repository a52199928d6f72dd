"""Where the present comes from: the machine's clock, or for a rehearsal a fixed instant.

Always holds: what `now` returns is aware and in UTC.
"""

import time as _time
from ctypes import CDLL, create_string_buffer
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from time import clock_gettime, monotonic
from zoneinfo import ZoneInfo

from scheduler.core.machine.clock_sense import Uptime
from scheduler.core.time.dates import send_instant
from scheduler.core.words.errors import UserMustActError

TEN_O_CLOCK = time(10, 0)
CLOCK_BOOTTIME: int | None = getattr(_time, "CLOCK_BOOTTIME", None)
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_TIMEX_BYTES, _TIME_ERROR = 512, 5


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """The instant it is."""
        return datetime.now(UTC)


class SystemStopwatch:
    """The machine's monotonic clock."""

    def seconds(self) -> float:
        """Seconds since the machine started."""
        return monotonic()

    def wait(self, seconds: float) -> None:
        """Sleeps."""
        _time.sleep(max(0.0, seconds))


@dataclass(frozen=True, slots=True)
class FixedClock:
    """One instant for the whole command (`--as-of`)."""

    at: datetime

    def now(self) -> datetime:
        """Always the same."""
        return self.at


def as_of_instant(written: str, zone: ZoneInfo) -> datetime:
    """The instant that `--as-of` means: an instant with its offset, or a date, which is 10:00 in
    `zone`.

    >>> as_of_instant("2026-03-01", ZoneInfo("Asia/Tokyo")).isoformat()
    '2026-03-01T01:00:00+00:00'

    Raises UserMustActError for anything else, also for an instant without an offset.
    """
    try:
        return send_instant(date.fromisoformat(written), TEN_O_CLOCK, zone).astimezone(UTC)
    except ValueError:
        pass
    try:
        instant = datetime.fromisoformat(written)
    except ValueError:
        raise _unreadable(written) from None
    if instant.tzinfo is None:
        raise _unreadable(written)
    return instant.astimezone(UTC)


def _unreadable(written: str) -> UserMustActError:
    """What was written is neither."""
    return UserMustActError(
        (
            "--as-of {written!r} is neither a date (2026-03-01) nor an instant with its offset "
            "(2026-03-01T09:00+09:00)"
        ),
        written=written,
    )


def steady_seconds() -> float:
    """Seconds on a clock that nobody can set; it goes on while the machine sleeps, where the system
    offers that."""
    return clock_gettime(CLOCK_BOOTTIME) if CLOCK_BOOTTIME is not None else monotonic()


def this_machine(steady: float) -> Uptime:
    """Which start of this machine this is, and `steady`, the seconds on its steady clock. Where a
    sandbox hides the start, it is empty."""
    try:
        boot = _BOOT_ID.read_text("ascii").strip()
    except (OSError, UnicodeDecodeError):
        boot = ""
    return Uptime(boot, steady)


def synchronised() -> bool:
    """Whether the kernel says that its clock is being kept right (NTP). False where it cannot be
    asked."""
    answer = kernel_clock_state()
    return answer is not None and 0 <= answer < _TIME_ERROR


def kernel_clock_state() -> int | None:
    """What adjtimex(2) answers to a question that changes nothing: 0 to 4 kept right, 5 not. None
    where a sandbox or the system forbids it."""
    try:
        answer: int = CDLL(None).adjtimex(create_string_buffer(_TIMEX_BYTES))
    except (OSError, AttributeError):
        return None
    return answer if answer >= 0 else None
