"""The end of a term (DESIGN §5 "Renewal"): won by automatic renewal, lost by notice, or ended
without an answer and chased until there is one.

    auto-renewing, no notice    won by the system at decide_by + 3 business days (or the day after
                                the end), told once, undoable
    notice received             lost on that same day (without auto-renewal: the day after the end),
                                unless withdrawn
    ended without an answer     asked of the owner on the day after the end; then listed in the
                                weekly digests
History that ended before the source's first load is listed, not chased.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from operator import attrgetter

from scheduler.core.deal.deal import (
    AUTO_RENEWAL,
    ENDED,
    NOTHING,
    Cancel,
    Deal,
    Decision,
    Event,
    Lost,
    Won,
)
from scheduler.core.deal.pipeline import AutoRenewal, Pipeline, StageKind, move
from scheduler.core.deal.successor import next_term
from scheduler.core.policy.deadlines import renewal_undone
from scheduler.core.policy.milestone_days import calendar_of, day_start, today_of, zone_of
from scheduler.core.policy.policy import Policy
from scheduler.core.rules.nudges import nudges_of, policy_actor
from scheduler.core.rules.snooze import LIKELY, LONGEST, comes_back, latest_day
from scheduler.core.time.calendar import Calendar
from scheduler.core.words.lexicon import EventState, ForecastCall, Tell
from scheduler.core.words.reasons import iso, reason

GRACE = 3
"""Business days between decide_by and the automatic renewal."""
_WEEK = timedelta(days=7)
_DAY = timedelta(days=1)


def renewal(deal: Deal, policy: Policy, now: datetime) -> Decision:
    """How the term ends, if it has ended; else when to look again."""
    pipeline, contract = policy.pipeline(deal.pipeline), deal.contract
    stage = pipeline.find(deal.stage)
    if (
        contract.ends_on is None
        or stage is None
        or not stage.is_open
        or not pipeline.of_kind(StageKind.ACTIVE, StageKind.RENEWAL)
    ):
        return NOTHING
    outcome_on = _outcome_day(deal, pipeline, calendar_of(deal, policy))
    if outcome_on is None:
        return _ended(deal, policy, now)
    wake_at = day_start(outcome_on, zone_of(deal, policy))
    if now < wake_at:
        return Decision(wake_at=wake_at)
    if _is_history(deal, policy):
        return _listed(deal, now)
    return (
        _lost_by_notice(deal, policy, now)
        if deal.notice_on
        else _renewed_automatically(deal, policy, outcome_on, now)
    )


def _outcome_day(deal: Deal, pipeline: Pipeline, calendar: Calendar) -> date | None:
    """The day on which silence or a notice decides the term by itself; None if only an answer can,
    as after an undone automatic renewal."""
    contract = deal.contract
    if contract.ends_on is None:
        return None
    automatic = contract.auto_renew and not contract.evergreen and not renewal_undone(deal)
    if automatic and pipeline.auto_renewal is AutoRenewal.AT_DECIDE_BY:
        return calendar.add(contract.decide_by or contract.ends_on, GRACE)
    return contract.ends_on + _DAY if automatic or deal.notice_on else None


def _is_history(deal: Deal, policy: Policy) -> bool:
    """Whether the term was already over when the source's first load brought the deal."""
    ends_on = deal.contract.ends_on
    return (
        deal.baseline_at is not None
        and ends_on is not None
        and ends_on < deal.baseline_at.astimezone(zone_of(deal, policy)).date()
    )


def _listed(deal: Deal, now: datetime) -> Decision:
    """Records old history as one silent event."""
    ends_on = deal.contract.ends_on
    if ends_on is None or deal.ledger.of(ENDED):
        return NOTHING
    return Decision(
        events=(
            Event(
                ENDED,
                ends_on,
                ends_on + _DAY,
                EventState.BASELINE,
                reason("ended_long_ago", ends_on=ends_on),
                now,
            ),
        )
    )


def _renewed_automatically(deal: Deal, policy: Policy, day_on: date, now: datetime) -> Decision:
    """The system wins the renewal: same amount and term, the successor is opened, the owner is told
    once."""
    pipeline, contract = policy.pipeline(deal.pipeline), deal.contract
    silent = (
        deal.baseline_at is not None
        and day_start(day_on, zone_of(deal, policy)) <= deal.baseline_at
    )
    why = reason(
        "auto_renewed_silently" if silent else "auto_renewed",
        decide_by=iso(contract.decide_by or contract.ends_on),
    )
    state = EventState.BASELINE if silent else EventState.FIRED
    event = Event(
        AUTO_RENEWAL, contract.decide_by or contract.ends_on or day_on, day_on, state, why, now
    )
    following = next_term(deal, pipeline)
    won = Won(contract.amount, following.term, following.ends_on)
    return replace(
        _close(deal, policy, pipeline.won.id, why, now),
        events=(event,),
        nudges=() if silent else nudges_of(event, (Tell.OWNER,), deal, policy),
        won=won,
        successor=following,
    )


def _lost_by_notice(deal: Deal, policy: Policy, now: datetime) -> Decision:
    """The renewal is lost: the notice was not withdrawn in time."""
    why = reason("notice_took_effect", notice_on=iso(deal.notice_on))
    lost = deal.notice_lost or Lost("other")
    return replace(
        _close(deal, policy, policy.pipeline(deal.pipeline).lost.id, why, now), lost=lost
    )


def _close(deal: Deal, policy: Policy, stage: str, why: str, now: datetime) -> Decision:
    """Moves the deal to a closing stage and cancels what has not been sent."""
    passage = move(
        policy.pipeline(deal.pipeline), deal.stage, stage, policy_actor(policy), why, now
    )
    return Decision(moves=(passage,), cancels=closing_cancels(deal, stage))


def closing_cancels(deal: Deal, stage: str) -> tuple[Cancel, ...]:
    """Cancels every nudge of a deal that closes."""
    return tuple(Cancel(n.key, reason("deal_closed", stage=stage)) for n in deal.ledger.unsent)


def _ended(deal: Deal, policy: Policy, now: datetime) -> Decision:
    """The term ended without an answer: the owner is asked, then the weekly digests list it. A
    question that somebody reacted to comes back on its day."""
    zone, ends_on = zone_of(deal, policy), deal.contract.ends_on
    assert ends_on is not None
    today = today_of(deal, policy, now)
    if _is_history(deal, policy):
        return _listed(deal, now)
    said = sorted(deal.ledger.of(ENDED), key=attrgetter("step"))
    if any(e.anchor_on != ends_on for e in said):
        return NOTHING  # of an end that was corrected: `firing` carries it along or withdraws it
    day = _asked_on(said, deal, policy, ends_on, today)
    if day is None:
        return NOTHING
    if today < day:
        return Decision(wake_at=day_start(day, zone))
    why = reason("still_ended" if said else "ended", ends_on=ends_on)
    event = Event(
        ENDED, ends_on, day, EventState.FIRED, why, now, step=said[-1].step + 1 if said else 0
    )
    return Decision(events=(event,), nudges=nudges_of(event, (Tell.OWNER,), deal, policy))


def _asked_on(
    said: Sequence[Event], deal: Deal, policy: Policy, ends_on: date, today: date
) -> date | None:
    """The day of the next question after the end; None if only the digests go on."""
    zone = zone_of(deal, policy)
    quiet = _quiet_until(said, deal, ends_on)
    if not said:
        return max(ends_on + _DAY, quiet or ends_on)
    last = said[-1]
    told_on = max(last.day_on, last.at.astimezone(zone).date())
    if quiet is not None and (last.snoozed_until is not None or last.answered_at is not None):
        answered_on = last.answered_at.astimezone(zone).date() if last.answered_at else told_on
        return (
            quiet
            if comes_back(
                deal,
                policy,
                today,
                promised=deal.expected_on is not None and not deal.expected_by_default,
            )
            else max(quiet, answered_on + timedelta(days=LIKELY))
        )
    return told_on + _WEEK if _is_in_nobodys_digest(deal) else None


def _is_in_nobodys_digest(deal: Deal) -> bool:
    """Whether no weekly digest lists the deal, so that its address has to be messaged instead."""
    return not any(person is not None and person.active for person in (deal.owner, deal.manager))


def _quiet_until(said: Sequence[Event], deal: Deal, ends_on: date) -> date | None:
    """The day on which a question that somebody reacted to is asked again: the end of a snooze, or
    the day after an order or a decision was expected."""
    days = [said[-1].snoozed_until] if said and said[-1].snoozed_until else []
    if (
        deal.expected_on is not None
        and (said or deal.call is ForecastCall.RENEW)
        and deal.expected_on > ends_on
    ):
        days.append(
            deal.expected_on + _DAY if deal.expected_on > ends_on + _DAY else deal.expected_on
        )
    return min(max(days), latest_day(deal, ends_on, LONGEST)) if days else None


def decides_itself_on(deal: Deal, policy: Policy) -> date | None:
    """The day on which an open term is decided if nobody says anything: by automatic renewal, or by
    a notice that was received."""
    pipeline = policy.pipelines.get(deal.pipeline)
    if pipeline is None or not pipeline.of_kind(StageKind.ACTIVE, StageKind.RENEWAL):
        return None
    return _outcome_day(deal, pipeline, calendar_of(deal, policy))
