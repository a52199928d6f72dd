"""Which day each milestone falls on for a deal: pure calendar work that `decide`, `upcoming` and `why` share.

Always holds: the same deal and policy give the same days; nothing here knows what has been done or what time it is, except that an evergreen
contract's anniversaries are listed only up to the first after `today`.
"""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time
from functools import lru_cache
from hashlib import sha256
from zoneinfo import ZoneInfo

from scheduler.core.calendar import ALWAYS_OPEN, Calendar
from scheduler.core.contracts import Contract
from scheduler.core.dates import Offset, Shift, Term, add_months, offset_day, send_instant
from scheduler.core.deal import Deal
from scheduler.core.milestones import Due, Fact, Milestone
from scheduler.core.policy import Policy
from scheduler.core.words import NO_CALL, Anchor

MIDNIGHT = time(0, 0)
_YEARS = 400
_BEFORE_START = (Anchor.ENDS_ON, Anchor.DECIDE_BY)


def zone_of(deal: Deal, policy: Policy) -> ZoneInfo:
    """The zone in which the deal's days begin: its owner's, else the pipeline's."""
    return policy.zone_of(deal.owner, policy.pipelines.get(deal.pipeline))


def calendar_of(deal: Deal, policy: Policy) -> Calendar:
    """The business days of the deal: its owner's, else the pipeline's."""
    return policy.calendar_of(deal.owner, policy.pipelines.get(deal.pipeline))


@lru_cache(maxsize=4096)
def day_start(day: date, zone: ZoneInfo) -> datetime:
    """The instant at which `day` begins in `zone`: when what falls on it is reached."""
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


def due_days(milestone: Milestone, deal: Deal, policy: Policy, today: date) -> list[Due]:
    """Every day on which `milestone` comes for `deal`, past and future, oldest first; empty when its anchor has no day."""
    return due_days_in(milestone, deal, calendar_of(deal, policy), zone_of(deal, policy), today)


def due_days_in(milestone: Milestone, deal: Deal, calendar: Calendar, zone: ZoneInfo, today: date) -> list[Due]:
    """`due_days`, for whoever knows the deal's calendar and zone already."""
    return [Due(milestone, anchor, _day(milestone, deal, anchor, calendar)) for anchor in anchor_days(milestone, deal, zone, today)]


def anchor_days(milestone: Milestone, deal: Deal, zone: ZoneInfo, today: date) -> Iterable[date]:
    """The days `milestone` counts from."""
    contract = deal.contract
    match milestone.anchor:
        case Anchor.ANNIVERSARY:
            return _anniversaries(contract, milestone.offset, today)
        case Anchor.STAGE_ENTERED_ON:
            return (deal.stage_entered_at.astimezone(zone).date(),) if deal.stage in milestone.in_stages else ()
        case Anchor.ENDS_ON:
            day = contract.ends_on
        case Anchor.STARTS_ON:
            day = contract.starts_on
        case Anchor.DECIDE_BY:
            day = contract.decide_by
        case Anchor.EXPECTED_ON:
            day = None if deal.expected_chosen else deal.expected_on
    return (day,) if day else ()


def falls_before_start(milestone: Milestone, deal: Deal, anchor_on: date) -> bool:
    """Whether a milestone counted back from the end would come before the contract starts: it is longer than the term and does not apply."""
    starts_on = deal.contract.starts_on
    if milestone.anchor not in _BEFORE_START or starts_on is None:
        return False
    bare = offset_day(anchor_on, Offset(milestone.offset.months, milestone.offset.days), ALWAYS_OPEN, Shift.NONE, milestone.month_end)
    return bare < starts_on


def _day(milestone: Milestone, deal: Deal, anchor_on: date, calendar: Calendar) -> date:
    """Offset, shift, then up to `spread` business days earlier by a hash of the contract, so that peaks are levelled and `decide` stays pure."""
    day = offset_day(anchor_on, milestone.offset, calendar, milestone.shift, milestone.month_end)
    return calendar.add(day, -(_stable_number(deal.key, milestone.id) % (milestone.spread + 1))) if milestone.spread else day


def _stable_number(*parts: str) -> int:
    """A number that depends on the parts alone."""
    return int.from_bytes(sha256("\x1f".join(parts).encode()).digest()[:8], "big")


def _months(term: Term | None) -> int | None:
    """A term in whole months, for conditions."""
    return None if term is None else term.months or term.days // 30


def _anniversaries(contract: Contract, offset: Offset, today: date) -> Iterator[date]:
    """The yearly returns of the first start within the term; for an evergreen contract up to the first one still to come."""
    start = contract.series_starts_on or contract.starts_on
    if start is None:
        return
    for year in range(1, _YEARS):
        day = add_months(start, 12 * year)
        if contract.ends_on is not None and day > contract.ends_on:
            return
        if contract.starts_on is None or day > contract.starts_on:
            yield day
        if day > today and _rough(day, offset) > today:
            return


def _rough(day: date, offset: Offset) -> date:
    """About where the offset leads, on the early side: enough to know that it lies ahead."""
    return date.fromordinal(max(1, add_months(day, offset.months).toordinal() + offset.days + min(0, 2 * offset.business_days) - 31))
