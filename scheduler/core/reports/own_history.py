"""What open renewals are weighed by: how many of the closed ones of which the same was known some
time before their end were renewed, or the policy's weights where there are too few.

Always holds: what was learned of a closed renewal later, at its closing above all, says nothing of
open ones and does not count; one that came in later, or was decided by then, is no example.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from scheduler.core.policy.forecast import ForecastWeights
from scheduler.core.reports.forecast import RenewalSigns, Weight, signs_of
from scheduler.core.reports.renewals import Outcome, Renewal
from scheduler.core.time.dates import send_instant
from scheduler.core.words.lexicon import ForecastCall, Health

CHECKPOINT = 90
"""How many days before the end closed renewals are looked at, when that day is over."""
_DECIDED = (Outcome.RENEWED, Outcome.LOST)


def checkpoints(renewals: Iterable[Renewal], zone: ZoneInfo) -> dict[int, datetime]:
    """When each closed renewal that is an example is looked at, by deal."""

    @cache
    def look(ends_on: date) -> datetime:
        return send_instant(ends_on - timedelta(days=CHECKPOINT - 1), time(0), zone)

    found: dict[int, datetime] = {}
    for renewal in renewals:
        of = renewal.of
        if renewal.outcome not in _DECIDED or of.ends_on is None or of.closed_at is None:
            continue
        at = look(of.ends_on)
        if of.arrived_at < at <= of.closed_at:
            found[of.deal] = at
    return found


def signs_then(renewal: Renewal, was: Mapping[str, Any]) -> RenewalSigns:
    """What was known of a renewal at its checkpoint; `was` are the columns of its deal that were
    otherwise."""
    of = renewal.of
    if not was:
        return signs_of(of)
    health = Health(was["health"]) if "health" in was else of.health
    call = of.call
    if "call" in was:
        call = ForecastCall(was["call"]) if was["call"] else None
    notice = was["notice_on"] is not None if "notice_on" in was else of.notice
    return signs_of(of._replace(health=health, call=call, notice=notice))


class Weights:
    """What open renewals are weighed by: own history, or the policy's weights."""

    def __init__(
        self, closed: Iterable[tuple[RenewalSigns, Outcome]], configured: ForecastWeights
    ) -> None:
        self._configured = configured
        self._closed = Counter(closed)

    def of(self, signs: RenewalSigns) -> Weight:
        """The weight of open renewals like these."""
        renewed = self._closed[signs, Outcome.RENEWED]
        decided = renewed + self._closed[signs, Outcome.LOST]
        if decided and decided >= self._configured.least:
            return Weight(Fraction(renewed, decided), True, renewed, decided)
        name = "notice" if signs.notice else signs.likelihood.value
        return Weight(Fraction(getattr(self._configured, name), 100), False, renewed, decided)
