"""The forecast of a team, as its weekly digest tells it: the report's own numbers, now and a week
before."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from scheduler.core.policy.policy import Policy
from scheduler.core.reports.asked import AsKnown, ReportScope, known_on, months_of
from scheduler.core.reports.forecast import ForecastMonth, forecast
from scheduler.core.reports.own_history import Weights
from scheduler.core.reports.renewals import Renewal, Renewals, StoredRenewal, renewing
from scheduler.core.reports.team_forecast import forecast_facts

_WEEK = timedelta(days=7)
_MONTHS_AHEAD = 5


class TeamReading(Protocol):
    """The storage as the forecast of a team needs it."""

    def renewals(
        self, pipelines: Collection[str], before: datetime | None, owners: Collection[int]
    ) -> Sequence[StoredRenewal]:
        """The terms of these people, as they stood before an instant, or stand."""


def team_forecast(
    look: TeamReading, owners: Collection[int], policy: Policy, today: date, now: datetime
) -> dict[str, Any] | None:
    """What renews of these people's contracts in this month and the next five, as facts of a
    digest; None if nothing does."""
    since = known_on(min(today, now.date()) - _WEEK, now, ZoneInfo(policy.zone))
    first, last = months_of(today, 0, _MONTHS_AHEAD)
    scope, among, of = (
        ReportScope(from_on=first, until_on=last),
        list(renewing(policy)),
        Renewals(policy).of,
    )

    def months(known: AsKnown) -> Sequence[ForecastMonth]:
        found: Iterable[Renewal] = map(of, look.renewals(among, known.before, owners))
        weigh = Weights((), policy.forecast).of  # what is expected is not told
        return forecast(found, {}, scope, known, since, weigh, 0).months

    return forecast_facts(months(AsKnown(today)), months(since), last)
