"""`renewals report forecast` as a use case: one look at the database, now and a week before."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from scheduler.core.policy.policy import Policy
from scheduler.core.reports.asked import AsKnown, ReportScope, known_on
from scheduler.core.reports.forecast import Forecast, forecast
from scheduler.core.reports.own_history import Weights, checkpoints, signs_then
from scheduler.core.reports.renewals import Renewals, renewing
from scheduler.ports import Begin
from scheduler.services.reports.reading import RenewalReading

WEEK = timedelta(days=7)


def forecast_report(
    reading: Begin[RenewalReading],
    policy: Policy,
    scope: ReportScope,
    known: AsKnown,
    now: datetime,
) -> Forecast:
    """Reports what renews in the months ahead, as it was known then, and what changed within the
    week before."""
    since = known_on(known.on - WEEK, now, ZoneInfo(policy.zone))
    pipelines = list(renewing(policy))
    with reading() as look:
        of = Renewals(policy).of
        stored = list(map(of, look.renewals(pipelines, known.before, agreed=False)))
        earlier = look.otherwise(pipelines, known.before, since.before or now)
        looks = checkpoints(stored, ZoneInfo(policy.zone))
        was = look.signs_then(looks, known.before)
    closed = (
        (signs_then(r, was.get(r.of.deal, {})), r.outcome) for r in stored if r.of.deal in looks
    )
    weights = Weights(closed, policy.forecast)
    were = {deal: of(one) if one else None for deal, one in earlier.items()}
    return forecast(stored, were, scope, known, since, weights.of, policy.forecast.least)
