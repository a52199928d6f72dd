"""Punctuality as the customer's own figure: `renewals report delivery`, the metrics and the admins'
week take it from here (`core.facts.punctuality`).

Always holds: the database sums, the rules judge the sums; what is kept for monitoring is what the
report would say at that moment.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from scheduler.core.facts.punctuality import Group, MonthLine, Outage, punctuality
from scheduler.core.policy.policy import Policy
from scheduler.core.time.dates import add_months, local_day

WATCHED_MONTHS = 2
"""How many months monitoring shows: this one and the last."""
_EARLIER = timedelta(days=62)
"""How long before a month a nudge that is due in it may have been made."""


class PunctualityStore(Protocol):
    """The storage as the report of punctuality needs it."""

    def groups(self, since: datetime) -> list[Group]:
        """Nudges made since then, except cancelled ones, summed by outcome."""

    def outages(self, since: datetime, now: datetime) -> list[Outage]:
        """The times when nothing could be sent, including one that still lasts; of pauses, those
        that lasted beyond `since`."""

    def keep(self, lines: Sequence[MonthLine], now: datetime) -> None:
        """Keeps numbers for monitoring."""

    def kept(self) -> list[MonthLine]:
        """The numbers as last kept; nothing if they never were."""


def report(store: PunctualityStore, policy: Policy, now: datetime, months: int) -> list[MonthLine]:
    """The numbers of the last so many months, including this one, by month and channel."""
    first_on = add_months(local_day(now, policy.zone_of(None)).replace(day=1), 1 - months)
    since = datetime(first_on.year, first_on.month, 1, tzinfo=now.tzinfo) - _EARLIER
    lines = punctuality(store.groups(since), store.outages(since, now), policy, now)
    return [line for line in lines if line.month_on is not None and line.month_on >= first_on]


def keep(store: PunctualityStore, policy: Policy, now: datetime) -> None:
    """Keeps the numbers of the last months for monitoring."""
    store.keep(report(store, policy, now, WATCHED_MONTHS), now)
