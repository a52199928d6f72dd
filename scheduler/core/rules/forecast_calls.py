"""Calls and their dates: the owner is asked again on the expected day; the manager hears of a call
that contradicts the health, of a late "unsure" and of a notice.

The question about an expected day comes on that day or the next business day, at the latest on the
last working day before a deadline, as long as the term has not ended (then `renewal` asks), no
notice was received and no order has come in.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from scheduler.core.deal.deal import CALL_REVIEW, EXPECTED, NOTHING, NOTICE, Deal, Decision, Event
from scheduler.core.deal.pipeline import StageKind
from scheduler.core.policy.deadlines import next_last_day
from scheduler.core.policy.milestone_days import calendar_of, day_start, today_of, zone_of
from scheduler.core.policy.policy import Policy
from scheduler.core.rules.followup import Question, open_question, settled
from scheduler.core.rules.nudges import nudges_of
from scheduler.core.rules.snooze import comes_back
from scheduler.core.words.lexicon import EventState, ForecastCall, Health
from scheduler.core.words.reasons import iso, reason

_DAY = timedelta(days=1)


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
    """Whether the call contradicts the customer's health: "will renew" on a critical customer, or
    "in doubt" on a stable one.
    """
    return (deal.call, deal.health) in (
        (ForecastCall.RENEW, Health.CRITICAL),
        (ForecastCall.AT_RISK, Health.STABLE),
    )


def is_late(deal: Deal, policy: Policy) -> bool:
    """Whether the deal is in the last renewal stage, where "unsure" needs a reason and a day."""
    renewal = policy.pipeline(deal.pipeline).of_kind(StageKind.RENEWAL)
    return bool(renewal) and deal.stage == renewal[-1].id


def _review(deal: Deal, policy: Policy, now: datetime) -> Decision | None:
    """The manager hears of a call worth a look, once for each day of a call."""
    if deal.call is None or deal.called_on is None or _done(deal, CALL_REVIEW, deal.called_on):
        return None
    if contradiction(deal):
        why = _contradiction(deal, deal.call)
    elif deal.call is ForecastCall.UNSURE and is_late(deal, policy):
        why = reason("unsure_late", expected=iso(deal.expected_on), note=deal.call_note or "—")
    else:
        return None
    return _tell(CALL_REVIEW, deal.called_on, why, ("manager",), deal, policy, now)


def _notice(deal: Deal, policy: Policy, now: datetime) -> Decision | None:
    """The manager hears of a notice, once."""
    if deal.notice_on is None or _done(deal, NOTICE, deal.notice_on):
        return None
    return _tell(
        NOTICE,
        deal.notice_on,
        reason("notice_received", on=deal.notice_on),
        ("manager",),
        deal,
        policy,
        now,
    )


def _expected(deal: Deal, policy: Policy, now: datetime) -> Decision:
    """The day on which an order or a decision was expected, or the last working day on which
    something can still be done, if that comes first."""
    if deal.expected_on is None or settled(deal):
        return NOTHING
    told = _standing(deal, EXPECTED, deal.expected_on)
    if told and told[-1].answered_at is None:
        return NOTHING
    asked_on = _asked_on(deal, policy, deal.expected_on, today_of(deal, policy, now))
    if asked_on is None:
        return NOTHING
    wake_at = day_start(asked_on, zone_of(deal, policy))
    if now < wake_at:
        return Decision(wake_at=wake_at)
    step = told[-1].step + 1 if told else 0
    early = asked_on < deal.expected_on and not deal.expected_by_default
    code = (
        "expected_later" if early else "time_to_ask" if deal.expected_by_default else "expected_day"
    )
    why = reason(code, day=deal.expected_on, asked_on=asked_on)
    event = Event(EXPECTED, deal.expected_on, asked_on, EventState.FIRED, why, now, step=step)
    return Decision(events=(event,), nudges=nudges_of(event, ("owner",), deal, policy))


def _asked_on(deal: Deal, policy: Policy, expected_on: date, today: date) -> date | None:
    """The business day on which to ask what became of it; None if the term has ended by then, or if
    the question has been asked and answered since."""
    since, ends_on, waits = (
        _answered_on(deal, policy),
        deal.contract.ends_on,
        open_question(deal, policy),
    )
    last_day, day = (
        next_last_day(deal, policy, since or today - _DAY, today),
        calendar_of(deal, policy).on_or_after(expected_on),
    )
    asks_itself = last_day is None or comes_back(
        deal, policy, today, promised=not deal.expected_by_default
    )
    days = (
        [day]
        if asks_itself and (waits is None or not _is_asked_by(waits, day, deal, policy))
        else []
    )
    days += [last_day.last_on] if last_day is not None and waits is None else []
    ahead = [
        day
        for day in days
        if (since is None or day > since) and (ends_on is None or day <= ends_on)
    ]
    return min(ahead, default=None)


def _is_asked_by(waits: Question, day: date, deal: Deal, policy: Policy) -> bool:
    """Whether an open question asks the same already: always for a day that nobody named, and
    within a few days of one that somebody named."""
    told_on = waits.last.at.astimezone(zone_of(deal, policy)).date()
    return (
        deal.expected_by_default or 0 <= (day - told_on).days <= policy.attention.one_question_days
    )


def _answered_on(deal: Deal, policy: Policy) -> date | None:
    """The day of the latest answer; None if nobody has answered anything."""
    zone = zone_of(deal, policy)
    days = [
        e.answered_at.astimezone(zone).date()
        for e in deal.ledger.standing
        if e.answered_at is not None
    ]
    return max([*days, *([deal.called_on] if deal.called_on else [])], default=None)


def _standing(deal: Deal, milestone: str, anchor_on: date) -> list[Event]:
    """The events about that day, in order."""
    found = (e for e in deal.ledger.of(milestone) if e.anchor_on == anchor_on)
    return sorted(found, key=lambda e: e.step)


def _done(deal: Deal, milestone: str, anchor_on: date) -> bool:
    """Whether that day was dealt with."""
    return bool(_standing(deal, milestone, anchor_on))


def _tell(
    milestone: str,
    anchor_on: date,
    why: str,
    tell: Sequence[str],
    deal: Deal,
    policy: Policy,
    now: datetime,
) -> Decision:
    """An event that somebody is told about but nobody has to answer."""
    event = Event(
        milestone,
        anchor_on,
        today_of(deal, policy, now),
        EventState.FIRED,
        why,
        now,
    )
    return Decision(events=(event,), nudges=nudges_of(event, tell, deal, policy))


def _contradiction(deal: Deal, call: ForecastCall) -> str:
    """That forecast and health disagree, with the health's own reason."""
    said = {"call": call.value, "health": deal.health.value}
    if not deal.health_because:
        return reason("call_contradicts", **said)
    return reason("call_contradicts_why", **said, why=deal.health_because)
