"""The day on which a manager is told of a last call: the last one on which they can still be
reached in their own hours, where their zone or their holidays leave the last day out.

Always holds: it is a working day of the owner's, and never after the last day.
"""

from datetime import date, timedelta

from scheduler.core.deal.deal import Deal
from scheduler.core.policy.milestone_days import calendar_of, day_start, zone_of
from scheduler.core.policy.policy import Policy
from scheduler.core.rules.delivery_window import Wait, reach
from scheduler.core.rules.routing import known_person, route
from scheduler.core.time.dates import send_instant

_FURTHEST = timedelta(days=14)
"""Longer than any holidays: somebody who cannot be reached for longer is told on the last day."""


def manager_told_on(last_on: date, deal: Deal, policy: Policy) -> date:
    """The last working day up to `last_on` on which the manager, or whoever stands in, reads what
    is said at its beginning before the owner's working hours are over; `last_on` if there is
    none."""
    calendar, day = calendar_of(deal, policy), last_on
    while day >= last_on - _FURTHEST:
        if _is_reached(day, deal, policy):
            return day
        day = calendar.on_or_before(day - timedelta(days=1))
    return last_on


def _is_reached(day: date, deal: Deal, policy: Policy) -> bool:
    """Whether what is said to the manager at the beginning of the owner's day is read on it."""
    (to,) = route("manager", deal, policy, day)
    zone, pipeline = zone_of(deal, policy), policy.pipelines.get(deal.pipeline)
    begins_at = day_start(day, zone)
    found = reach(
        known_person(to.recipient.person_id, deal), pipeline, policy, begins_at, pressing=True
    )
    read_at = found.until_at if isinstance(found, Wait) else begins_at
    return read_at < send_instant(day, policy.hours_of(deal.owner).closes, zone)
