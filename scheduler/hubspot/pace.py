"""How fast HubSpot may be asked: the burst limit of our app, the searches all apps of the account
share, and the day's quota, of which a fifth is left to others.

Always holds: limits come from the answers' headers as soon as there are any; a 429 weighs more than
any arithmetic, because others may use the same quota. Sources: HubSpot's usage guidelines; its
changelog on API limits.
"""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Any
from zoneinfo import ZoneInfo

from scheduler.core.time.dates import local_day
from scheduler.hubspot.errors import CallWait, LaterError
from scheduler.ports import Clock, Stopwatch

FIRST_BURST, FIRST_INTERVAL = 90, 10.0
"""What is kept to until a header says otherwise: the smallest plan's limit, less a tenth."""
SEARCHES, SECOND = 5, 1.05
"""Searches a second, counted over a little more than one."""
CROWDED_SECONDS = 60.0
"""How long there is one search a second after a 429."""
LEFT_TO_OTHERS = 0.2
UNKNOWN_RESET = 3_600.0
"""How long a used-up day is waited for where nobody says when it ends, in seconds."""


@dataclass(frozen=True, slots=True)
class Quota:
    """The day's quota as it was last told, and when."""

    daily: int
    left: int
    seen_at: datetime


class CallPace:
    """Says how long to wait before the next call, for all threads of this process."""

    def __init__(self, clock: Clock, stopwatch: Stopwatch) -> None:
        self._clock, self._stopwatch = clock, stopwatch
        self._lock = Lock()
        self._burst, self._interval = FIRST_BURST, FIRST_INTERVAL
        self._calls: deque[float] = deque()
        self._searches: deque[float] = deque()
        self._not_before = {"": 0.0, "search": 0.0}
        self._crowded_until = 0.0
        self.zone: ZoneInfo | None = None
        self.quota: Quota | None = None
        self.limited = 0

    def turn(self, *, search: bool, background: bool) -> float:
        """Takes the next place and gives the seconds until it comes. Raises LaterError where the
        day's quota leaves nothing for work that can wait."""
        if background:
            self._leave_to_others()
        with self._lock:
            now = self._stopwatch.seconds()
            at = max(now, self._not_before[""], _free(self._calls, self._burst, self._interval))
            if search:
                most = 1 if now < self._crowded_until else SEARCHES
                at = max(at, self._not_before["search"], _free(self._searches, most, SECOND))
                _take(self._searches, at, SEARCHES)
            _take(self._calls, at, self._burst)
            return at - now

    def told(self, headers: Mapping[str, str]) -> None:
        """Reads the limits from a response's headers; searches send none."""
        burst = _number(headers.get("x-hubspot-ratelimit-max"))
        interval = _number(headers.get("x-hubspot-ratelimit-interval-milliseconds"))
        daily = _number(headers.get("x-hubspot-ratelimit-daily"))
        left = _number(headers.get("x-hubspot-ratelimit-daily-remaining"))
        with self._lock:
            if burst and interval:
                self._burst, self._interval = max(1, burst - burst // 10), interval / 1000
            if daily and left is not None:
                self.quota = Quota(daily, left, self._clock.now())

    def used(self, usage: Mapping[str, Any]) -> None:
        """Reads the account's own count (`usageLimit`, `currentUsage`)."""
        daily, used = usage.get("usageLimit"), usage.get("currentUsage")
        if isinstance(daily, int) and isinstance(used, int) and daily > 0:
            self.quota = Quota(daily, max(0, daily - used), self._clock.now())

    def limit_met(self, why: CallWait, seconds: float) -> None:
        """After a 429 everybody waits; after a search's 429, searches go at one a second for a
        minute."""
        with self._lock:
            self.limited += 1
            now = self._stopwatch.seconds()
            name = "search" if why is CallWait.SEARCH else ""
            self._not_before[name] = max(self._not_before[name], now + seconds)
            if why is CallWait.SEARCH:
                self._crowded_until = now + CROWDED_SECONDS

    def until_midnight(self) -> float:
        """Seconds until the account's day ends; an hour where its zone is not known yet."""
        if self.zone is None:
            return UNKNOWN_RESET
        now = self._clock.now()
        tomorrow = local_day(now, self.zone) + timedelta(days=1)
        midnight = datetime(tomorrow.year, tomorrow.month, tomorrow.day, tzinfo=self.zone)
        return max(1.0, (midnight - now).total_seconds())

    def _leave_to_others(self) -> None:
        """Raises LaterError while less than a fifth of today's quota is left."""
        quota = self.quota
        if quota is None or quota.left >= quota.daily * LEFT_TO_OTHERS or not self._today(quota):
            return
        raise LaterError(CallWait.BUDGET, self.until_midnight(), left=quota.left, daily=quota.daily)

    def _today(self, quota: Quota) -> bool:
        """Whether the quota was reported today; where the zone is not known, within the last
        `UNKNOWN_RESET` seconds."""
        now = self._clock.now()
        if self.zone is None:
            return now - quota.seen_at < timedelta(seconds=UNKNOWN_RESET)
        return local_day(now, self.zone) == local_day(quota.seen_at, self.zone)


def _free(taken: deque[float], most: int, seconds: float) -> float:
    """When there is room for one more within any `seconds`."""
    return taken[-most] + seconds if len(taken) >= most else 0.0


def _take(taken: deque[float], at: float, most: int) -> None:
    """Notes a call; no more are kept than are counted."""
    taken.append(at)
    while len(taken) > most:
        taken.popleft()


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and text.isdecimal() else None
