"""How long an answer keeps a deal quiet, and how often what was acknowledged comes back (DESIGN
§11: an honest answer is quieter than silence). People's quiet hours are in `windows`.

Always holds: quiet ends no later than the last working day before the next thing that cannot wait
(core.policy.deadlines), and never lasts longer than `LONGEST` days; a reaction to a question does
not start a new ladder: it comes back a few times in the life of a term, then rests until the next
question or last call, and digests keep it in sight.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

from scheduler.core.deal.deal import ENDED, EXPECTED, Deal, Event
from scheduler.core.deal.formats import day_shown
from scheduler.core.policy.anchors import ANCHORS
from scheduler.core.policy.deadlines import last_days, next_last_day
from scheduler.core.policy.milestone_days import calendar_of, due_days
from scheduler.core.policy.milestones import Milestone
from scheduler.core.policy.policy import Policy
from scheduler.core.rules.followup import asked_already, asks, open_question, own_rhythm
from scheduler.core.words.labels import Label
from scheduler.core.words.lexicon import Anchor, EventState, NudgeState
from scheduler.core.words.reasons import code_of

MOST_MESSAGES = 5
"""How many messages a term brings to somebody who reacts to each: two questions, one return, a last
call, the end. After the end nothing comes back a second time once there were so many."""
LIKELY = 92
"""Quiet that lasts for more days than this beyond the end (beyond today, where there is none) is
asked about: a mistyped year."""
LONGEST = 366
"""No quiet lasts for more days than this beyond the end."""
_DAY = timedelta(days=1)


class SnoozeLimit(NamedTuple):
    """The last day until which a question may stay quiet, and what comes then, on `comes_on`."""

    until_on: date
    comes_on: date
    what: Label


def snooze_limit(deal: Deal, policy: Policy, today: date) -> SnoozeLimit | None:
    """What ends any quiet: the next milestone or the last working day before the next deadline; the
    day after the end if neither lies ahead."""
    limits = [SnoozeLimit(due - _DAY, due, m.label) for m, due in _ahead(deal, policy, today)]
    last_day = next_last_day(deal, policy, today, today)
    if last_day is not None:
        limits.append(
            SnoozeLimit(last_day.last_on, last_day.deadline_on, ANCHORS[last_day.anchor].label)
        )
    ends_on = deal.contract.ends_on
    if ends_on is not None and ends_on >= today and not limits:
        limits.append(SnoozeLimit(ends_on + _DAY, ends_on, ANCHORS[Anchor.ENDS_ON].label))
    return min(limits, default=None, key=lambda limit: (limit.until_on, limit.comes_on))


def quiet_until(deal: Deal, policy: Policy, today: date, business_days: int) -> date:
    """Until when an answer without a day keeps a question quiet: for `business_days` if the
    question may come back by itself, else until something is asked anyway.

    A question that would not be repeated without an answer does not come back either; within two
    rungs of a last call it waits for that.
    """
    calendar, rests = calendar_of(deal, policy), rests_until(deal, policy, today)
    if not comes_back(deal, policy, today) or _is_asked_once(deal, policy, today):
        return rests
    wished, last_day = (
        calendar.add(today, max(1, business_days)),
        next_last_day(deal, policy, today, today),
    )
    if (
        last_day is not None
        and calendar.between(today, last_day.last_on) <= 2 * policy.attention.repeat_every
    ):
        wished = last_day.last_on
    return min(joined(wished, deal, policy, today), rests)


def joined(day: date, deal: Deal, policy: Policy, today: date) -> date:
    """`day`, or the day of the next question if that comes a few days later and can ask instead."""
    soon = (
        due
        for m, due in _ahead(deal, policy, today)
        if m.asks and 0 <= (due - day).days <= policy.attention.one_question_days
    )
    return min(soon, default=day)


def _is_asked_once(deal: Deal, policy: Policy, today: date) -> bool:
    """Whether no reminder comes before the next question or last call: no question is open, the
    open one is not repeated by itself, or the term has ended."""
    question, ends_on = open_question(deal, policy), deal.contract.ends_on
    return ends_on is not None and (
        today > ends_on or question is None or not own_rhythm(question.last.milestone, policy)
    )


def rests_until(deal: Deal, policy: Policy, today: date) -> date:
    """The next day on which something is asked anyway; if nothing comes, a quarter from today."""
    last_day, ends_on = next_last_day(deal, policy, today, today), deal.contract.ends_on
    days = [due for m, due in _ahead(deal, policy, today) if m.asks] + (
        [last_day.last_on] if last_day is not None else []
    )
    after = (
        [ends_on + _DAY]
        if ends_on is not None and ends_on >= today
        else [today + timedelta(days=LIKELY)]
    )
    return min(days or after)


def latest_day(deal: Deal, today: date, days: int) -> date:
    """The day `days` days after the end, or after today if no end lies ahead."""
    ends_on = deal.contract.ends_on
    return max(today, ends_on or today) + timedelta(days=days)


class MistypedDay(NamedTuple):
    """Why a day may be mistyped; a day that is `too_far` is never accepted."""

    label: Label
    too_far: bool


def doubtful_day(day: date, deal: Deal, today: date) -> MistypedDay | None:
    """Why a day on which to ask again is so far away that it may be mistyped; None if it is not."""
    if day <= latest_day(deal, today, LIKELY):
        return None
    latest, ends_on, days = (
        latest_day(deal, today, LONGEST),
        deal.contract.ends_on,
        (day - today).days,
    )
    far = Label("{day} is {days} days away", day=day_shown(day), days=days)
    if ends_on is not None:
        far = Label(
            "{far}, {after} days after the end on {ends_on}",
            far=far,
            after=(day - ends_on).days,
            ends_on=day_shown(ends_on),
        )
    if day > latest:
        return MistypedDay(
            Label("{far}; give a day until {latest}.", far=far, latest=day_shown(latest)),
            too_far=True,
        )
    return MistypedDay(Label("{far}; is the year right?", far=far), too_far=False)


def comes_back(deal: Deal, policy: Policy, today: date, *, promised: bool = False) -> bool:
    """Whether a question that somebody reacts to today comes back by itself; `promised`: on a day
    they chose, which allows one more return.

    Before a deadline it comes back once; without a deadline, once for each question; after the end
    once, or more often while few messages have been sent.
    """
    ends_on, returned = deal.contract.ends_on, sum(1 for e in deal.events if _is_return(e))
    if ends_on is not None and today > ends_on:
        return not returned or len(_asking_nudges(deal, policy)) < MOST_MESSAGES + promised
    allowed = 1 if last_days(deal, policy) else max(1, _questions(deal, policy))
    return returned < allowed + promised


def _asking_nudges(deal: Deal, policy: Policy) -> list[str]:
    """The nudges that asked something."""
    return [
        n.key
        for n in deal.nudges
        if n.state is not NudgeState.CANCELLED and asks(n.milestone, policy)
    ]


def _is_return(event: Event) -> bool:
    """Whether the event is a question that came back."""
    return event.state is not EventState.WITHDRAWN and code_of(event.reason) in (
        "seen_over",
        "snooze_over",
        "expected_day",
        "time_to_ask",
    )


def _questions(deal: Deal, policy: Policy) -> int:
    """How many questions of milestones were told in this term."""
    told = {
        (e.milestone, e.anchor_on)
        for e in deal.events
        if e.state in (EventState.FIRED, EventState.CARRIED_OVER)
    }
    return sum(
        1 for milestone, _ in told if milestone not in (ENDED, EXPECTED) and asks(milestone, policy)
    )


def _ahead(deal: Deal, policy: Policy, today: date) -> Iterator[tuple[Milestone, date]]:
    """Milestones of the deal's pipeline that are still to come, as far as the deal can tell
    today."""
    last = max((d.deadline_on for d in last_days(deal, policy)), default=date.max)
    for milestone in policy.milestones:
        if milestone.pipeline == deal.pipeline and (
            not milestone.in_stages or deal.stage in milestone.in_stages
        ):
            days = [
                due.day_on
                for due in due_days(milestone, deal, policy, today)
                if today < due.day_on <= last
            ]
            yield from (
                (milestone, day)
                for day in days
                if asked_already(milestone, day, deal, policy) is None
            )
