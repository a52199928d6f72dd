"""How a milestone's day came about, step by step: from the day it counts from to the day on which
it is reached.

Always holds: every step is made by the function that computes it for the rules, so that the last
one is the day of `schedule.due_days`; nothing here decides anything.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from scheduler.core.deal.contracts import Contract
from scheduler.core.deal.deal import AUTO_RENEWAL, CALL_REVIEW, ENDED, EXPECTED, NOTICE, Deal
from scheduler.core.deal.pipeline import AutoRenewal
from scheduler.core.policy.milestone_days import calendar_of, counted_from, spread_day, zone_of
from scheduler.core.policy.milestones import Milestone
from scheduler.core.policy.policy import Policy
from scheduler.core.rules.renewal import GRACE
from scheduler.core.time.calendar import Calendar
from scheduler.core.time.dates import MonthEnd, Offset, Shift, add_days, add_months, decide_by
from scheduler.core.words.labels import ByLanguage, Label
from scheduler.core.words.lexicon import Anchor, Language

CALLED_ON, NOTICE_ON, ASKED_ON = "called_on", "notice_on", "asked_on"
"""Days that only the program's own events count from; the others are named as in `Anchor`."""


class StepKind(StrEnum):
    """What a step does."""

    ANCHOR = "anchor"
    MONTHS = "months"
    DAYS = "days"
    BUSINESS_DAYS = "business_days"
    EARLIER = "earlier"
    LATER = "later"
    STAYS = "stays"
    SPREAD = "spread"


class Origin(StrEnum):
    """Whose a deal's calendar or zone is."""

    OWNER = "owner"
    PIPELINE = "pipeline"
    POLICY = "policy"
    DEFAULT = "default"


class MonthEndNote(StrEnum):
    """What happened to the day of the month: the month was too short for it, or a month's last day
    stayed a month's last day."""

    CLAMPED = "clamped"
    STUCK = "stuck"


@dataclass(frozen=True, slots=True)
class DayStep:
    """One step and the day it leads to.

    `number` has its sign: months, days or business days; of a spread the business days (0: it
    stays), `within` how many it may be. `anchor` is the day a computation starts from; `closed`
    says why nobody works on the day that was left (`stays`: on the day itself).
    """

    kind: StepKind
    day_on: date
    number: int = 0
    anchor: str | None = None
    note: MonthEndNote | None = None
    closed: Label | None = None
    within: int = 0


@dataclass(frozen=True, slots=True)
class Counting:
    """The business days and the zone in which a deal's days are counted, and whose they are."""

    calendar: str
    calendar_of: Origin
    zone: str
    zone_of: Origin


def counting(deal: Deal, policy: Policy) -> Counting:
    """By whose calendar and clock the deal's days are computed."""
    calendar, zone = calendar_of(deal, policy), zone_of(deal, policy)
    pipeline = policy.pipelines.get(deal.pipeline)
    origins = ((Origin.OWNER, deal.owner), (Origin.PIPELINE, pipeline), (Origin.POLICY, policy))
    return Counting(
        calendar.name,
        next(
            (
                o
                for o, of in origins
                if of and of.calendar and policy.calendars.get(of.calendar) is calendar
            ),
            Origin.DEFAULT,
        ),
        zone.key,
        next((o for o, of in origins if of and of.zone == zone.key), Origin.DEFAULT),
    )


def day_steps(
    milestone: Milestone, deal: Deal, policy: Policy, anchor_on: date
) -> tuple[DayStep, ...]:
    """The way from `anchor_on` to the milestone's day: months, days, business days, the shift off a
    closed day, the levelling of peaks."""
    calendar = calendar_of(deal, policy)
    from_day, offset = counted_from(milestone, deal, zone_of(deal, policy), anchor_on)
    steps = [
        *_offset_steps(from_day, milestone.anchor.value, offset, milestone.month_end, calendar)
    ]
    steps += _shift_step(steps[-1].day_on, milestone.shift, calendar)
    if milestone.spread:
        steps.append(_spread_step(milestone, deal, steps[-1].day_on, calendar))
    return tuple(steps)


def system_steps(
    milestone: str, deal: Deal, policy: Policy, anchor_on: date
) -> tuple[DayStep, ...]:
    """The same for an event that a rule makes itself (SYSTEM_MILESTONES): automatic renewal, the
    end, an expected day, a call, a notice."""
    calendar, contract = calendar_of(deal, policy), deal.contract
    if milestone == AUTO_RENEWAL:
        pipeline = policy.pipelines.get(deal.pipeline)
        if contract.ends_on and pipeline and pipeline.auto_renewal is not AutoRenewal.AT_DECIDE_BY:
            return tuple(
                _offset_steps(
                    contract.ends_on, Anchor.ENDS_ON.value, Offset(days=1), MonthEnd.CLAMP, calendar
                )
            )
        anchor = Anchor.DECIDE_BY if contract.decide_by else Anchor.ENDS_ON
        return tuple(
            _offset_steps(
                anchor_on, anchor.value, Offset(business_days=GRACE), MonthEnd.CLAMP, calendar
            )
        )
    if milestone == ENDED:
        return tuple(
            _offset_steps(anchor_on, Anchor.ENDS_ON.value, Offset(days=1), MonthEnd.CLAMP, calendar)
        )
    said = anchor_on == deal.expected_on and not deal.expected_by_default
    named = {
        EXPECTED: Anchor.EXPECTED_ON.value if said else ASKED_ON,
        CALL_REVIEW: CALLED_ON,
        NOTICE: NOTICE_ON,
    }.get(milestone)
    start = DayStep(StepKind.ANCHOR, anchor_on, anchor=named)
    return (
        (start, *_shift_step(anchor_on, Shift.LATER, calendar))
        if milestone == EXPECTED
        else (start,)
    )


def decide_by_steps(contract: Contract) -> tuple[DayStep, ...]:
    """How the last day for a notice follows from the end and the notice (dates.decide_by); empty
    where it was set for the contract itself."""
    ends_on, notice = contract.ends_on, contract.notice
    if ends_on is None or notice is None or contract.decide_by != decide_by(ends_on, notice):
        return ()
    start = DayStep(StepKind.ANCHOR, ends_on, anchor=Anchor.ENDS_ON.value)
    if notice.days or not notice.months:
        return (
            (start, DayStep(StepKind.DAYS, add_days(ends_on, -notice.days), -notice.days))
            if notice.days
            else (start,)
        )
    after = DayStep(StepKind.DAYS, add_days(ends_on, 1), 1)
    if after.day_on.day == 1 or ends_on == date.max:
        return (start, _months_step(ends_on, -notice.months, MonthEnd.STICK))
    back = _months_step(after.day_on, -notice.months, MonthEnd.CLAMP)
    return (start, after, back, DayStep(StepKind.DAYS, add_days(back.day_on, -1), -1))


def _offset_steps(
    anchor_on: date, anchor: str, offset: Offset, month_end: MonthEnd, calendar: Calendar
) -> Iterator[DayStep]:
    """The anchor, then the parts of the offset that are not 0, in the order of
    `dates.offset_day`."""
    day = anchor_on
    yield DayStep(StepKind.ANCHOR, day, anchor=anchor)
    if offset.months:
        yield (step := _months_step(day, offset.months, month_end))
        day = step.day_on
    if offset.days:
        day = add_days(day, offset.days)
        yield DayStep(StepKind.DAYS, day, offset.days)
    if offset.business_days:
        yield DayStep(
            StepKind.BUSINESS_DAYS, calendar.add(day, offset.business_days), offset.business_days
        )


def _months_step(day: date, months: int, month_end: MonthEnd) -> DayStep:
    """So many months on, and what became of the day of the month."""
    there = add_months(day, months, month_end)
    note = None
    if there.day < day.day:
        note = MonthEndNote.CLAMPED
    elif there != add_months(day, months):
        note = MonthEndNote.STUCK
    return DayStep(StepKind.MONTHS, there, months, note=note)


def _closed_because(calendar: Calendar, day: date, language: Language) -> str:
    return calendar.closed_because(day, language) or ""


def _shift_step(day: date, shift: Shift, calendar: Calendar) -> Iterator[DayStep]:
    """Off a day on which nobody works, or why it stays there; nothing for a working day."""
    if calendar.is_business_day(day):
        return
    closed = Label.verbatim(ByLanguage(_closed_because, calendar, day))
    if shift is Shift.EARLIER:
        yield DayStep(StepKind.EARLIER, calendar.on_or_before(day), closed=closed)
    elif shift is Shift.LATER:
        yield DayStep(StepKind.LATER, calendar.on_or_after(day), closed=closed)
    else:
        yield DayStep(StepKind.STAYS, day, closed=closed)


def _spread_step(milestone: Milestone, deal: Deal, day: date, calendar: Calendar) -> DayStep:
    """How the load is spread for this contract: where `milestone_days` itself takes a milestone
    that falls on `day`."""
    there = spread_day(milestone, deal, day, calendar)
    return DayStep(StepKind.SPREAD, there, calendar.between(day, there), within=milestone.spread)
