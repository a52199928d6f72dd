"""Calls and their dates: asked again on the expected day; the manager hears of a call that contradicts the health, of a late "unsure", of a notice.

An expected day is asked for on the business day it falls on or the next one, as long as the term has not ended (then `renewal` asks), no notice was
received and no order is there.
"""

from collections.abc import Sequence
from datetime import date, datetime

from scheduler.core.deal import CALL_REVIEW, EXPECTED, NOTHING, NOTICE, Deal, Decision, Event
from scheduler.core.pipeline import StageKind
from scheduler.core.policy import Policy
from scheduler.core.reasons import iso, reason
from scheduler.core.rules.telling import nudges_of
from scheduler.core.schedule import calendar_of, day_start, zone_of
from scheduler.core.words import Call, EventState, Health, Paperwork


def calls(deal: Deal, policy: Policy, now: datetime) -> Decision:
    """What a call or a notice leads to."""
    stage = policy.pipeline(deal.pipeline).find(deal.stage)
    if stage is None or not stage.is_open:
        return NOTHING
    for told in (_review(deal, policy, now), _notice(deal, policy, now)):
        if told is not None:
            return told
    return _expected(deal, policy, now)


def contradiction(deal: Deal) -> bool:
    """Whether what the rep expects and how the customer does do not fit together.

    "Will renew" on a critical customer, or "in doubt" on a stable one.
    """
    return (deal.call, deal.health) in ((Call.RENEW, Health.CRITICAL), (Call.AT_RISK, Health.STABLE))


def is_late(deal: Deal, policy: Policy) -> bool:
    """Whether the deal is in the last renewal stage, where "unsure" needs a reason and a day."""
    renewal = policy.pipeline(deal.pipeline).of_kind(StageKind.RENEWAL)
    return bool(renewal) and deal.stage == renewal[-1].id


def _review(deal: Deal, policy: Policy, now: datetime) -> Decision | None:
    """The manager hears of a call worth a look, once for each day of a call."""
    if deal.call is None or deal.called_on is None or _done(deal, CALL_REVIEW, deal.called_on):
        return None
    if contradiction(deal):
        why = reason("call_contradicts", call=deal.call.value, health=deal.health.value)
    elif deal.call is Call.UNSURE and is_late(deal, policy):
        why = reason("unsure_late", expected=iso(deal.expected_on), note=deal.call_note or "—")
    else:
        return None
    return _tell(CALL_REVIEW, deal.called_on, why, ("manager",), deal, policy, now)


def _notice(deal: Deal, policy: Policy, now: datetime) -> Decision | None:
    """The manager hears of a notice, once."""
    if deal.notice_on is None or _done(deal, NOTICE, deal.notice_on):
        return None
    return _tell(NOTICE, deal.notice_on, reason("notice_received", on=deal.notice_on), ("manager",), deal, policy, now)


def _expected(deal: Deal, policy: Policy, now: datetime) -> Decision:
    """The day on which an order or a decision was expected."""
    day, ends_on = deal.expected_on, deal.contract.ends_on
    concerned = deal.call is not None or deal.paperwork is not Paperwork.NONE
    settled = deal.notice_on is not None or deal.paperwork is Paperwork.ORDERED
    if day is None or not concerned or settled or _done(deal, EXPECTED, day):
        return NOTHING
    zone = zone_of(deal, policy)
    asked_on = calendar_of(deal, policy).on_or_after(day)
    if ends_on is not None and asked_on > ends_on:
        return NOTHING
    wake_at = day_start(asked_on, zone)
    if now < wake_at:
        return Decision(wake_at=wake_at)
    event = Event(EXPECTED, day, asked_on, EventState.FIRED, reason("time_to_ask" if deal.expected_chosen else "expected_day", day=day), now)
    return Decision(events=(event,), nudges=nudges_of(event, ("owner",), deal, policy))


def _done(deal: Deal, milestone: str, anchor_on: date) -> bool:
    """Whether that day was dealt with."""
    return any(e.milestone == milestone and e.anchor_on == anchor_on and e.state is not EventState.WITHDRAWN for e in deal.events)


def _tell(milestone: str, anchor_on: date, why: str, tell: Sequence[str], deal: Deal, policy: Policy, now: datetime) -> Decision:
    """One event that somebody is told of and nobody has to answer."""
    event = Event(milestone, anchor_on, now.astimezone(zone_of(deal, policy)).date(), EventState.FIRED, why, now)
    return Decision(events=(event,), nudges=nudges_of(event, tell, deal, policy))
