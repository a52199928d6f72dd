"""How often an account may be called.

[H] changelog/increasing-our-api-limits; [R] docs/developer-tooling/platform/usage-guidelines: per
app 100 (Free, Starter) or 190 in any ten seconds; per account and day 250,000 to 1,000,000 until
midnight in its zone; searches 5 a second per account, shared by all apps.
Headers: [I] HubSpot/hubspot-api-python#143; answers to searches carry none [R].
Bodies: [I] HGData/mk-node-hubspot#84, #89, HubSpot/hubspot-api-nodejs#256, #416. Retry-After is not
promised on 429 [R] docs/api-reference/error-handling, so there is none.
"""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self
from zoneinfo import ZoneInfo

from tests.servers.hubspot.answers import Json, RefusedError
from tests.servers.hubspot.moments import instant_of, iso, millis


@dataclass
class Limits:
    """What the plan allows, and what was used; None is without limit. `others_searches` are
    searches a second, and `others_daily` calls of today, that other apps of the account have used
    up. Time is the account's own clock."""

    burst: int | None = 190
    interval: int = 10_000
    daily: int | None = 650_000
    searches: int | None = 5
    others_searches: int = 0
    others_daily: int = 0
    headers: bool = True
    refused: int = 0
    _recent: deque[int] = field(default_factory=deque)
    _searched: deque[int] = field(default_factory=deque)
    _day: str = ""
    _used: int = 0

    @classmethod
    def none(cls) -> Self:
        """No limits at all: for tests whose clock stands."""
        return cls(burst=None, daily=None, searches=None)

    def take(self, now: int, zone: str, *, search: bool) -> None:
        """Counts one call, or refuses it."""
        self._new_day(now, zone)
        _forget(self._recent, now - self.interval)
        _forget(self._searched, now - 1000)
        if self.daily is not None and self.used(now, zone) >= self.daily:
            self._refuse("DAILY", "daily", self.resets_at(now, zone))
        if self.burst is not None and len(self._recent) >= self.burst:
            self._refuse("TEN_SECONDLY_ROLLING", "ten_secondly_rolling")
        if search and self.searches is not None:
            if len(self._searched) + self.others_searches >= self.searches:
                self._refuse("SECONDLY", "secondly")
            self._searched.append(now)
        self._used += 1
        if self.burst is not None:
            self._recent.append(now)

    def used(self, now: int, zone: str) -> int:
        """Calls of today, with those of the other apps."""
        self._new_day(now, zone)
        return self._used + self.others_daily

    def resets_at(self, now: int, zone: str) -> int:
        """The next midnight in the account's zone."""
        here = instant_of(now).astimezone(ZoneInfo(zone))
        low, high = now, now + 26 * 3_600_000
        while high - low > 1:
            middle = (low + high) // 2
            same = instant_of(middle).astimezone(ZoneInfo(zone)).date() == here.date()
            low, high = (middle, high) if same else (low, middle)
        return high

    def as_headers(self, now: int, zone: str, *, search: bool) -> Mapping[str, str]:
        """What ordinary answers tell."""
        if search or not self.headers:
            return {}
        found = {}
        if self.burst is not None:
            _forget(self._recent, now - self.interval)
            found = {
                "X-HubSpot-RateLimit-Max": str(self.burst),
                "X-HubSpot-RateLimit-Remaining": str(self.burst - len(self._recent)),
                "X-HubSpot-RateLimit-Interval-Milliseconds": str(self.interval),
            }
        if self.daily is not None:
            left = max(0, self.daily - self.used(now, zone))
            found["X-HubSpot-RateLimit-Daily"] = str(self.daily)
            found["X-HubSpot-RateLimit-Daily-Remaining"] = str(left)
        return found

    def _new_day(self, now: int, zone: str) -> None:
        day = instant_of(now).astimezone(ZoneInfo(zone)).date().isoformat()
        if day != self._day:
            self.others_daily = 0 if self._day else self.others_daily
            self._day, self._used = day, 0

    def _refuse(self, policy: str, name: str, resets: int | None = None) -> None:
        self.refused += 1
        raise too_many(policy, name, resets)


def too_many(policy: str, name: str, resets: int | None = None) -> RefusedError:
    """429 of one policy."""
    more: Json = {"errorType": "RATE_LIMIT", "policyName": policy}
    if resets is not None:
        more["resetsAt"] = iso(resets)
    return RefusedError(429, "RATE_LIMITS", f"You have reached your {name} limit.", **more)


def usage(limits: Limits, now: int, zone: str) -> Json:
    """The answer of daily usage. [S] ApiUsage"""
    midnight = millis(instant_of(limits.resets_at(now, zone)))
    return {
        "results": [
            {
                "name": "private-apps-api-calls-daily",
                "usageLimit": limits.daily or 1_000_000,
                "currentUsage": limits.used(now, zone),
                "collectedAt": iso(now),
                "resetsAt": iso(midnight),
                "fetchStatus": "SUCCESS",
            }
        ]
    }


def _forget(times: deque[int], until: int) -> None:
    while times and times[0] <= until:
        times.popleft()
