"""What cannot wait: the days that decide a term, and for each the last working day on which acting
still helps (DESIGN §11).

Always holds: last calls, the limit of quiet and the practical deadline in messages follow this one
rule; a last day is a working day of the owner's calendar and never lies after its deadline.
"""

from datetime import date
from functools import lru_cache
from typing import NamedTuple

from scheduler.core.deal.deal import AUTO_RENEWAL, Deal
from scheduler.core.policy.milestone_days import calendar_of
from scheduler.core.policy.policy import Policy
from scheduler.core.time.calendar import Calendar
from scheduler.core.words.lexicon import Anchor


class LastDay(NamedTuple):
    """The last working day on which something can be done about a deadline, the deadline, and its
    anchor (`decide_by`, `ends_on`)."""

    last_on: date
    deadline_on: date
    anchor: Anchor


def practical(deadline_on: date, calendar: Calendar) -> date:
    """The last working day on which a deadline can still be met: the deadline itself, or the last
    working day before it."""
    return calendar.on_or_before(deadline_on)


def last_days(deal: Deal, policy: Policy) -> tuple[LastDay, ...]:
    """The deal's last days, the earliest first: before the notice deadline and, unless silence
    renews the contract, before its end."""
    contract = deal.contract
    by_itself = contract.auto_renew and not renewal_undone(deal)
    ends_on = None if by_itself and contract.decide_by is not None else contract.ends_on
    return _last_days(contract.decide_by, ends_on, calendar_of(deal, policy))


@lru_cache(maxsize=8192)  # many contracts share their days
def _last_days(
    decide_by: date | None, ends_on: date | None, calendar: Calendar
) -> tuple[LastDay, ...]:
    """The last days before these deadlines; of two on the same day, the one of the end."""
    deadlines = {decide_by: Anchor.DECIDE_BY} | {ends_on: Anchor.ENDS_ON}
    days = sorted((day, anchor) for day, anchor in deadlines.items() if day is not None)
    return tuple(LastDay(practical(day, calendar), day, anchor) for day, anchor in days)


def next_last_day(deal: Deal, policy: Policy, after: date, today: date) -> LastDay | None:
    """The first last day after `after` whose deadline has not passed by `today`."""
    return next(
        (d for d in last_days(deal, policy) if d.last_on > after and d.deadline_on >= today), None
    )


def renewal_undone(deal: Deal) -> bool:
    """Whether an automatic renewal was undone: from then on silence no longer renews the
    contract."""
    return bool(deal.ledger.of(AUTO_RENEWAL))
