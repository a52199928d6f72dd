"""Which day each milestone falls on for a deal: pure calendar work that `decide`, `upcoming` and
`why` share.

Always holds: the same deal and policy give the same days; nothing here knows what has been done or
what time it is, except that an evergreen contract's anniversaries are listed only up to the first
after `today`.
"""

from datetime import date, datetime, time
from functools import lru_cache
from hashlib import sha256
from zoneinfo import ZoneInfo

from scheduler.core.deal.deal import Deal
from scheduler.core.policy.anchors import ANCHORS, DaySource
from scheduler.core.policy.milestones import Due, Milestone
from scheduler.core.policy.policy import Policy
from scheduler.core.time.calendar import ALWAYS_OPEN, Calendar
from scheduler.core.time.dates import (
    Offset,
    Shift,
    Term,
    add_days,
    add_months,
    offset_day,
    send_instant,
)
from scheduler.core.words.conditions import Fact
from scheduler.core.words.lexicon import NO_CALL

MIDNIGHT = time(0, 0)
_LONGEST_MONTH, _SHIFTED = 31, 60


def zone_of(deal: Deal, policy: Policy) -> ZoneInfo:
    """The zone in which the deal's days begin: its owner's, else the pipeline's."""
    return policy.zone_of(deal.owner, policy.pipelines.get(deal.pipeline))


def calendar_of(deal: Deal, policy: Policy) -> Calendar:
    """The business days of the deal: its owner's, else the pipeline's."""
    return policy.calendar_of(deal.owner, policy.pipelines.get(deal.pipeline))


def today_of(deal: Deal, policy: Policy, now: datetime) -> date:
    """Today, in the deal's zone."""
    return _day_at(now, zone_of(deal, policy))


@lru_cache(maxsize=64)  # deals are decided at the same instant, and each rule asks
def _day_at(instant: datetime, zone: ZoneInfo) -> date:
    return instant.astimezone(zone).date()


@lru_cache(maxsize=4096)
def day_start(day: date, zone: ZoneInfo) -> datetime:
    """The instant at which `day` begins in `zone`, when milestones on that day are reached."""
    return send_instant(day, MIDNIGHT, zone)


def facts_of(deal: Deal) -> dict[str, Fact]:
    """What `where` may read of a deal (milestones.WHERE_FIELDS)."""
    contract = deal.contract
    return {
        "segment": contract.customer.segment,
        "country": contract.customer.country,
        "product": contract.product or None,
        "currency": contract.amount.currency,
        "amount": contract.amount.major,
        "term_months": _months(contract.term),
        "auto_renew": contract.auto_renew,
        "evergreen": contract.evergreen,
        "health": deal.health.value,
        "paperwork": deal.paperwork.value,
        "estimated": contract.estimated,
        "notice": deal.notice_on is not None,
        "call": deal.call.value if deal.call else NO_CALL,
    }


def due_days(
    milestone: Milestone,
    deal: Deal,
    policy: Policy,
    today: date,
    span: tuple[date, date] | None = None,
) -> list[Due]:
    """The days on which `milestone` comes for `deal`, past and future, oldest first; empty when its
    anchor has no day.

    For a recurring milestone: the latest past and the next day, and with `span` also all days
    within it.
    """
    return due_days_in(
        milestone, deal, calendar_of(deal, policy), zone_of(deal, policy), today, span
    )


def due_days_in(
    milestone: Milestone,
    deal: Deal,
    calendar: Calendar,
    zone: ZoneInfo,
    today: date,
    span: tuple[date, date] | None = None,
) -> list[Due]:
    """`due_days`, for a caller who already knows the deal's calendar and zone."""
    anchor = anchor_day(milestone, deal, zone)
    if anchor is None:
        return []
    if milestone.rhythm is not None:
        return recurring_days(milestone, deal, anchor, calendar, zone, today, span)
    return [Due(milestone, anchor, _day(milestone, deal, anchor, milestone.offset, calendar))]


def anchor_day(milestone: Milestone, deal: Deal, zone: ZoneInfo) -> date | None:
    """The day `milestone` counts from. A recurring milestone counts from the first term's day, so a
    renewal does not restart it."""
    rule = ANCHORS[milestone.anchor]
    if rule.source is DaySource.STAGE and deal.stage not in milestone.in_stages:
        return None
    first = rule.first_day if milestone.rhythm else None
    return (first(deal) if first else None) or rule.day(deal, zone)


def recurring_days(
    milestone: Milestone,
    deal: Deal,
    anchor: date,
    calendar: Calendar,
    zone: ZoneInfo,
    today: date,
    span: tuple[date, date] | None,
) -> list[Due]:
    """The occurrences of a milestone that recurs, as `due_days` gives them.

    Each belongs to exactly one term: the one in which its day lies, or the next if that was opened
    before (an automatic renewal at the notice deadline closes the old term months before its end).
    So none is told twice, and none falls between two terms.
    """
    last = deal.contract.ends_on or date.max
    first_wanted, last_wanted = span or (today, today)
    number = max(
        first_occurrence(milestone),
        _number_before(milestone, anchor, min(today, last, first_wanted)),
    )
    come: Due | None = None
    found: list[Due] = []
    while True:
        due = Due(
            milestone,
            nth_anchor(milestone, anchor, number),
            _day(milestone, deal, anchor, nth_offset(milestone, number), calendar),
        )
        number += 1
        if due.day_on > last or due.anchor_on == date.max:
            break
        if not _is_of_this_term(due, deal, zone):
            continue
        if due.day_on > today or first_wanted <= due.day_on <= last_wanted:
            found.append(due)
        else:
            come = due
        if due.day_on > max(today, last_wanted):
            break
    return (
        [come, *found] if come is not None and not any(d.day_on <= today for d in found) else found
    )


def first_occurrence(milestone: Milestone) -> int:
    """The number of the first occurrence: it lies after the day it is counted from; counted back
    from the end, it lies at the offset itself."""
    offset = milestone.offset
    rule = ANCHORS[milestone.anchor]
    at_once = rule.is_deadline or (
        rule.rhythm is None and max(offset.months, offset.days, offset.business_days) > 0
    )
    return 0 if at_once else 1


def nth_anchor(milestone: Milestone, anchor: date, number: int) -> date:
    """The day that identifies an occurrence among the deal's events: a multiple of the interval
    after the anchor."""
    rhythm = milestone.rhythm or Term()
    return add_days(
        add_months(anchor, rhythm.months * number, milestone.month_end), rhythm.days * number
    )


def nth_offset(milestone: Milestone, number: int) -> Offset:
    """How far an occurrence lies from the anchor; added before anything is counted, so that the
    31st does not drift."""
    offset, rhythm = milestone.offset, milestone.rhythm or Term()
    return Offset(
        offset.months + rhythm.months * number,
        offset.days + rhythm.days * number,
        offset.business_days,
    )


def occurrence_of(milestone: Milestone, anchor: date | None, anchor_on: date) -> int | None:
    """The number of the occurrence that stands on `anchor_on`; None if the milestone never comes
    with that day."""
    rhythm = milestone.rhythm
    if anchor is None or rhythm is None:
        return None
    months = (anchor_on.year - anchor.year) * 12 + anchor_on.month - anchor.month
    number = months // rhythm.months if rhythm.months else (anchor_on - anchor).days // rhythm.days
    there = (
        number >= first_occurrence(milestone) and nth_anchor(milestone, anchor, number) == anchor_on
    )
    return number if there else None


def counted_from(
    milestone: Milestone, deal: Deal, zone: ZoneInfo, anchor_on: date
) -> tuple[date, Offset]:
    """The day from which a milestone's day was counted, and how far: for a recurring one, the
    anchor itself and a multiple of the interval."""
    anchor = anchor_day(milestone, deal, zone)
    number = occurrence_of(milestone, anchor, anchor_on) if milestone.every else None
    if anchor is None or number is None:
        return anchor_on, milestone.offset
    return anchor, nth_offset(milestone, number)


def _number_before(milestone: Milestone, anchor: date, day: date) -> int:
    """A lower bound, at most a few too low, for the number of the first occurrence on or after
    `day`."""
    rhythm, offset = milestone.rhythm or Term(days=1), milestone.offset
    later = (
        max(0, offset.months * _LONGEST_MONTH + offset.days + 2 * offset.business_days) + _SHIFTED
    )
    return ((day - anchor).days - later) // (rhythm.months * _LONGEST_MONTH + rhythm.days) - 1


def _is_of_this_term(due: Due, deal: Deal, zone: ZoneInfo) -> bool:
    """Whether an occurrence up to the end belongs to the deal's term rather than to the one
    before."""
    starts_on, rule = deal.contract.starts_on, ANCHORS[due.milestone.anchor]
    if starts_on is None or due.day_on >= starts_on or rule.source is not DaySource.CONTRACT:
        return True
    return not rule.is_deadline and due.day_on > deal.arrived_at.astimezone(zone).date()


def falls_before_start(milestone: Milestone, deal: Deal, anchor_on: date) -> bool:
    """Whether a milestone counted back from the end would come before the contract starts: it is
    longer than the term and does not apply."""
    starts_on = deal.contract.starts_on
    if not ANCHORS[milestone.anchor].is_deadline or starts_on is None or milestone.rhythm:
        return False
    bare = offset_day(
        anchor_on,
        Offset(milestone.offset.months, milestone.offset.days),
        ALWAYS_OPEN,
        Shift.NONE,
        milestone.month_end,
    )
    return bare < starts_on


def _day(
    milestone: Milestone, deal: Deal, anchor_on: date, offset: Offset, calendar: Calendar
) -> date:
    """Offset, shift, then up to `spread` business days earlier, so that peaks are levelled and
    `decide` stays pure."""
    day = offset_day(anchor_on, offset, calendar, milestone.shift, milestone.month_end)
    return spread_day(milestone, deal, day, calendar) if milestone.spread else day


def spread_day(milestone: Milestone, deal: Deal, day: date, calendar: Calendar) -> date:
    """Up to `spread` business days earlier, by a hash of the contract.

    A recurring milestone is hashed by the contract's number, which successors share, so that both
    terms agree on the day.
    """
    of = deal.contract.number if milestone.rhythm else deal.key
    return calendar.add(day, -(_stable_number(of, milestone.id) % (milestone.spread + 1)))


def _stable_number(*parts: str) -> int:
    """A number that depends on the parts alone."""
    return int.from_bytes(sha256("\x1f".join(parts).encode()).digest()[:8], "big")


def _months(term: Term | None) -> int | None:
    """A term in whole months, for conditions."""
    return None if term is None else term.months or term.days // 30
