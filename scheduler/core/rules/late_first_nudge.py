"""The check people need most: does the first nudge about a renewal come while notice can still be
given?

A "3 months before" nudge on a contract with 3 months' notice comes on the day the right to refuse
ends. Always holds: days are computed as `decide` computes them, but without `spread` (which only
makes a nudge earlier).
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from scheduler.core.deal.deal import Deal
from scheduler.core.policy.milestone_days import calendar_of, facts_of, falls_before_start
from scheduler.core.policy.milestones import Milestone
from scheduler.core.policy.policy import Policy
from scheduler.core.time.calendar import Calendar
from scheduler.core.time.dates import Shift, offset_day
from scheduler.core.words.lexicon import Anchor

WORKING_DAYS_NEEDED = 5
"""To talk to a customer and give notice takes a week; fewer working days between nudge and deadline
are too few."""


@dataclass(frozen=True, slots=True)
class LateFirstNudge:
    """The first milestone of a series comes on `day_on`, too late for `decide_by`. `told_by` is a
    milestone that comes in time, if there is one.

    `by_shift`: without its `shift` it would have come in time.
    """

    milestone: Milestone
    day_on: date
    decide_by: date
    told_by: Milestone | None
    by_shift: bool = False


def late_first_nudges(deal: Deal, policy: Policy, today: date) -> Iterator[LateFirstNudge]:
    """The series whose first nudge comes too late for the deal's notice deadline, if that still
    lies ahead."""
    deadline = deal.contract.decide_by
    if deadline is None or deadline < today:
        return
    calendar = calendar_of(deal, policy)
    days = [(day, m) for m in policy.milestones if (day := _day(m, deal, calendar)) is not None]
    in_time = [
        (day, m) for day, m in days if calendar.between(day, deadline) >= WORKING_DAYS_NEEDED
    ]
    told_by = min(in_time, key=lambda d: d[0])[1] if in_time else None
    series_in_time = {m.series for _, m in in_time}
    firsts: dict[str, tuple[date, Milestone]] = {}
    for day, milestone in sorted(days, key=lambda d: d[0]):
        if milestone.series not in series_in_time:
            firsts.setdefault(milestone.series, (day, milestone))
    for day, milestone in firsts.values():
        bare = _day(replace(milestone, shift=Shift.NONE), deal, calendar)
        yield LateFirstNudge(
            milestone,
            day,
            deadline,
            told_by,
            bare is not None and calendar.between(bare, deadline) >= WORKING_DAYS_NEEDED,
        )


def _day(milestone: Milestone, deal: Deal, calendar: Calendar) -> date | None:
    """The day on which a milestone speaks of the deal's end or deadline; None if it does not."""
    contract = deal.contract
    anchor = {Anchor.ENDS_ON: contract.ends_on, Anchor.DECIDE_BY: contract.decide_by}.get(
        milestone.anchor
    )
    if (
        anchor is None
        or milestone.pipeline != deal.pipeline
        or not milestone.tell
        or falls_before_start(milestone, deal, anchor)
    ):
        return None
    if not all(c.holds(facts_of(deal)) for c in milestone.where):
        return None
    day = offset_day(anchor, milestone.offset, calendar, milestone.shift, milestone.month_end)
    return day if contract.ends_on is None or day <= contract.ends_on else None
