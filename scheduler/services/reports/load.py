"""`renewals report load` as a use case: each person's upcoming workload, week by week."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Protocol
from zoneinfo import ZoneInfo

from scheduler.core.facts.tally import renews
from scheduler.core.policy.policy import Policy
from scheduler.core.reports.asked import ReportScope
from scheduler.core.reports.load import ComingDay, WeeklyLoad, load_of
from scheduler.ports import Begin


class LoadReading(Protocol):
    """One look at the database."""

    def coming(
        self, renewing: Collection[str], scope: ReportScope, zone: ZoneInfo, today: date
    ) -> Iterable[ComingDay]:
        """How many open contracts have something on each day: the end and the last day for a notice
        of those in a pipeline that renews, and the next day on which the program looks at any of
        them (today where that day has passed)."""

    def colleagues(self) -> Mapping[int, tuple[str, str | None, str | None]]:
        """Everybody's name, e-mail address and team, by number."""


def load_report(
    reading: Begin[LoadReading], policy: Policy, scope: ReportScope, today: date
) -> WeeklyLoad:
    """Reports what comes in the weeks of the period for the people who are selected."""
    renewing = [p.id for p in policy.pipelines.values() if renews(p)]
    with reading() as look:
        days = list(look.coming(renewing, scope, ZoneInfo(policy.zone), today))
        everybody = look.colleagues()
    people: dict[int | None, tuple[str, str | None]] = {
        number: (name, team)
        for number, (name, email, team) in everybody.items()
        if scope.wants_owner((name, email or ""), team)
    }
    if scope.wants_owner((), None):
        people[None] = ("", None)
    return load_of(days, people, scope.from_on or today, scope.until_on or today)
