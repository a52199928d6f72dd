"""Answers (回答): what a person can say about a deal, and what it changes. Pure; storage writes the
result in one transaction.

Always holds: an answer is applied whole or refused with a sentence that says why and what is
possible; whatever it changes can be put back.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime

from scheduler.core.answers.answer import Answer, Answered, said_words
from scheduler.core.answers.given_reasons import checked_reason, refuse_unfit
from scheduler.core.answers.notices import ended_by_notice, meaning, question, without_notice
from scheduler.core.answers.refusals import (
    AnswerRefusedError,
    QuestionedError,
    impossible,
    open_asks,
    too_long,
)
from scheduler.core.answers.renewed_terms import question as too_long_a_term
from scheduler.core.answers.renewed_terms import renewed_amount, renewed_term
from scheduler.core.answers.verbs import VERBS, Asked
from scheduler.core.answers.why import SAYS_HEALTH
from scheduler.core.deal.deal import PULSE, TOLD, TOLD_ONLY, UNSENT, Cancel, Deal, Event, Won
from scheduler.core.deal.formats import day_shown
from scheduler.core.deal.pipeline import Actor, StageKind, move
from scheduler.core.health.timeline import SaidHealth
from scheduler.core.imports.typed import NotReadError
from scheduler.core.imports.typed import note as typed_note
from scheduler.core.policy.milestone_days import day_start, zone_of
from scheduler.core.policy.policy import Policy
from scheduler.core.rules.forecast_calls import is_late
from scheduler.core.rules.renewal import closing_cancels
from scheduler.core.rules.snooze import (
    comes_back,
    doubtful_day,
    joined,
    quiet_until,
    rests_until,
    snooze_limit,
)
from scheduler.core.time.dates import add_days, local_day
from scheduler.core.words.lexicon import ActorKind, ForecastCall, Health, Paperwork, Verb
from scheduler.core.words.reasons import code_of


def apply_answer(deal: Deal, said: Answer, policy: Policy, now: datetime) -> Answered:
    """What `said` does to `deal`. Raises AnswerRefusedError (nothing is changed then),
    MoveRefusedError from the pipeline."""
    refused = impossible(deal, said.verb, policy, local_day(now, zone_of(deal, policy)))
    if refused is not None:
        raise refused
    try:
        for words in (said.note, said.lost.note if said.lost else ""):
            typed_note(words)
    except NotReadError as error:
        raise AnswerRefusedError(error.label, beside=Asked.NOTE) from None
    return _VERBS[said.verb](deal, said, policy, now)


def _settled(deal: Deal, said: Answer, policy: Policy, now: datetime) -> Answered:
    """The milestones that asked are answered, in all copies; what of them was not sent yet is not
    sent. How the customer does stays a question until somebody says it, or the term is over."""
    words = said_words(said, local_day(now, zone_of(deal, policy)))
    says_health = said.verb in SAYS_HEALTH or VERBS[said.verb].ends_term
    asked = tuple(
        replace(e, answered_at=now, snoozed_until=None, seen=False, answer=words)
        for e in open_asks(deal, policy)
        if says_health or e.milestone != PULSE
    )
    return Answered(deal, events=asked, cancels=_cancels(deal, asked, words))


def _cancels(deal: Deal, events: tuple[Event, ...], why: str) -> tuple[Cancel, ...]:
    """Cancels the unsent nudges of `events`."""
    keys = {e.key for e in events}
    return tuple(
        Cancel(n.key, why)
        for n in deal.nudges
        if n.state in UNSENT and (n.milestone, n.anchor_on, n.step) in keys
    )


def _seen(deal: Deal, said: Answer, policy: Policy, now: datetime) -> Answered:
    """確認済み: I know."""
    today = local_day(now, zone_of(deal, policy))
    return _quiet(
        deal,
        replace(said, until=quiet_until(deal, policy, today, policy.attention.seen_for)),
        policy,
        today,
    )


def _quiet(deal: Deal, said: Answer, policy: Policy, today: date) -> Answered:
    """The open questions keep quiet until `said.until`."""
    by, words = said.by.id if said.by else None, said_words(said, today)
    asked = open_asks(deal, policy)
    quiet = tuple(
        replace(
            e, snoozed_until=said.until, snoozed_by=by, seen=said.verb is Verb.SEEN, answer=words
        )
        for e in asked
    )
    return Answered(deal, events=quiet, cancels=_cancels(deal, quiet, words))


def _snooze(deal: Deal, said: Answer, policy: Policy, now: datetime) -> Answered:
    """あとで再通知: ask me again on a day before anything else happens."""
    today = local_day(now, zone_of(deal, policy))
    if said.until is None or said.until <= today:
        raise AnswerRefusedError(
            "give a day after today", beside=Asked.UNTIL, to_type="--until 2027-01-15"
        )
    limit = snooze_limit(deal, policy, today)
    if limit is not None and said.until > limit.until_on:
        raise AnswerRefusedError(too_long(limit, today), beside=Asked.UNTIL)
    _refuse_unlikely(said.until, deal, today, said, Asked.UNTIL)
    until = (
        joined(said.until, deal, policy, today)
        if comes_back(deal, policy, today)
        else max(said.until, rests_until(deal, policy, today))
    )
    return _quiet(deal, replace(said, until=until), policy, today)


def _refuse_unlikely(day: date, deal: Deal, today: date, said: Answer, field: Asked) -> None:
    """A mistyped year must not silence anything for years."""
    doubt = doubtful_day(day, deal, today)
    if doubt is not None and doubt.too_far:
        raise AnswerRefusedError(doubt.label, beside=field)
    if doubt is not None and not said.confirmed:
        raise QuestionedError(doubt.label)


def _call(deal: Deal, said: Answer, policy: Policy, now: datetime) -> Answered:
    """更新見込み: what I expect. `unsure` in the last stage before the end needs a note and a day
    (DESIGN §5 "Attention")."""
    if said.call is None:
        raise AnswerRefusedError("say what you expect: renew, at_risk or unsure")
    if (
        said.call is ForecastCall.UNSURE
        and is_late(deal, policy)
        and not (said.note and said.expected_on)
    ):
        raise AnswerRefusedError(
            "this close to the end, “unsure” needs a note and the day on which a decision is "
            "expected",
            beside=Asked.EXPECTED_ON if said.note else Asked.NOTE,
            to_type="--note … --expected 2027-03-10",
        )
    today = local_day(now, zone_of(deal, policy))
    day = _expected_on(deal, said, policy, today)
    called = replace(
        deal,
        call=said.call,
        called_on=today,
        call_note=said.note,
        expected_on=day,
        expected_by_default=_is_default_day(deal, said, day),
    )
    return replace(_settled(deal, said, policy, now), deal=called)


def _expected_on(deal: Deal, said: Answer, policy: Policy, today: date) -> date:
    """When to ask again: the day that was named, else the one expected already, else in some
    business days, before anything that cannot wait."""
    if said.expected_on is not None:
        if said.expected_on <= today:
            raise AnswerRefusedError(
                "the expected day must come after today, not {expected_on}",
                beside=Asked.EXPECTED_ON,
                expected_on=day_shown(said.expected_on),
            )
        _refuse_unlikely(said.expected_on, deal, today, said, Asked.EXPECTED_ON)
        return said.expected_on
    if deal.expected_on is not None and deal.expected_on > today:
        return deal.expected_on
    return quiet_until(deal, policy, today, policy.attention.call_for)


def _is_default_day(deal: Deal, said: Answer, day: date | None) -> bool:
    """Whether the program set that day: nobody has named it, neither now nor before."""
    return (
        day is not None
        and said.expected_on != day
        and (deal.expected_on != day or deal.expected_by_default)
    )


def _notice(deal: Deal, said: Answer, policy: Policy, now: datetime) -> Answered:
    """解約通知を受領: the customer gave notice; it takes effect on the day that decides the term,
    unless withdrawn."""
    lost = checked_reason(said.lost, deal, policy)
    today = local_day(now, zone_of(deal, policy))
    received_on = said.on or today
    asked = question(deal, received_on, today, policy)
    if asked is not None and not said.confirmed:
        raise QuestionedError(asked)
    try:
        contract = ended_by_notice(deal.contract, received_on, said.ends_on)
    except ValueError:
        number = deal.contract.number
        raise AnswerRefusedError(
            "contract {number} has neither an end nor a notice period; give its last day",
            beside=Asked.ENDS_ON,
            to_type="--ends 2027-03-31",
            number=number,
        ) from None
    if (
        contract.starts_on is not None
        and contract.ends_on is not None
        and contract.ends_on < contract.starts_on
    ):
        raise AnswerRefusedError(
            "the last day, {ends_on}, lies before the start",
            beside=Asked.ENDS_ON,
            ends_on=day_shown(contract.ends_on),
        )
    noticed = replace(deal, notice_on=received_on, notice_lost=lost, contract=contract)
    return replace(_settled(deal, said, policy, now), deal=noticed, means=meaning(noticed))


def _notice_withdrawn(deal: Deal, said: Answer, policy: Policy, now: datetime) -> Answered:
    """解約撤回: the customer took the notice back; what was asked before it is asked again after a
    while."""
    today = local_day(now, zone_of(deal, policy))
    until, words = (
        quiet_until(deal, policy, today, policy.attention.seen_for),
        said_words(said, today),
    )
    by = said.by.id if said.by else None
    again = tuple(
        replace(e, answered_at=None, snoozed_until=until, snoozed_by=by, seen=True, answer=words)
        for e in _settled_by_notice(deal, policy)
    )
    return Answered(
        replace(deal, notice_on=None, notice_lost=None, contract=without_notice(deal.contract)),
        events=again,
    )


def _settled_by_notice(deal: Deal, policy: Policy) -> tuple[Event, ...]:
    """The questions that wait again once a notice is withdrawn: those it had answered, and those
    told since for information only."""
    fired = (e for e in deal.events if e.state in TOLD and e.milestone not in TOLD_ONLY)
    return tuple(e for e in fired if e.answered_at is None or code_of(e.answer) == "said_notice")


def _paperwork(deal: Deal, said: Answer, policy: Policy, now: datetime) -> Answered:
    """手続き: how far the customer's purchase process has come."""
    if said.paperwork is None:
        raise AnswerRefusedError(
            "say how far along the paperwork is: none, quoted, in_approval or ordered",
            beside=Asked.PAPERWORK,
        )
    today = local_day(now, zone_of(deal, policy))
    waits = said.expected_on is not None or said.paperwork is not Paperwork.ORDERED
    expected_on = _expected_on(deal, said, policy, today) if waits else deal.expected_on
    changed = replace(
        deal,
        paperwork=said.paperwork,
        expected_on=expected_on,
        expected_by_default=_is_default_day(deal, said, expected_on),
    )
    return replace(_settled(deal, said, policy, now), deal=changed)


def _health(deal: Deal, said: Answer, policy: Policy, now: datetime) -> Answered:
    """ヘルス: how the customer does; in the active phase the deal moves to that health's stage."""
    if said.health is None:
        raise AnswerRefusedError(
            "say which health: stable, at_risk, critical or unknown", beside=Asked.HEALTH
        )
    changed = _said_of_health(deal, said, said.health, policy, now)
    words = said_words(said, local_day(now, zone_of(deal, policy)))
    asked = tuple(
        replace(e, answered_at=now, answer=words)
        for e in open_asks(deal, policy)
        if e.milestone == PULSE
    )
    answered = Answered(changed, events=asked, cancels=_cancels(deal, asked, words))
    return _moved_home(answered, said, policy, now)


def _said_of_health(
    deal: Deal, said: Answer, health: Health, policy: Policy, now: datetime
) -> Deal:
    """The deal with what a person says of its health, which stands above what is measured; unknown
    leaves it to the signals again. Raises AnswerRefusedError for an end that is not ahead, and for
    a reason that is not listed for it."""
    if said.until is not None and said.until < local_day(now, zone_of(deal, policy)):
        raise AnswerRefusedError(
            "give today or a later day", beside=Asked.UNTIL, to_type="--until 2027-01-15"
        )
    refuse_unfit(said.health_reason, health, deal, policy)
    ends_at = (
        day_start(add_days(said.until, 1), zone_of(deal, policy))
        if said.until is not None
        else None
    )
    why = said.health_reason or ""
    spoken = SaidHealth(health, now, said.name, ends_at, said.note, why)
    return replace(
        deal,
        health=health,
        health_because=spoken.because,
        said_health=None if health is Health.UNKNOWN and deal.health_timeline else spoken,
    )


def _moved_home(answered: Answered, said: Answer, policy: Policy, now: datetime) -> Answered:
    """The same with the move among active stages that a health asks for."""
    deal, pipeline = answered.deal, policy.pipeline(answered.deal.pipeline)
    home = pipeline.active_stage(deal.health, deal.stage)
    if (
        pipeline.stage(deal.stage).kind is not StageKind.ACTIVE
        or home is None
        or home.id == deal.stage
    ):
        return answered
    return _moved(answered, home.id, said, policy, now)


def _onboarded(deal: Deal, said: Answer, policy: Policy, now: datetime) -> Answered:
    """導入完了: onboarding is done; how does the customer do?"""
    pipeline = policy.pipeline(deal.pipeline)
    if said.health is None:
        raise AnswerRefusedError(
            "say how the customer is doing",
            beside=Asked.HEALTH,
            to_type="--health stable|at_risk|critical",
        )
    home = pipeline.active_stage(said.health, deal.stage)
    if home is None:
        raise AnswerRefusedError(
            "pipeline {pipeline_id} has no active stage", pipeline_id=pipeline.id
        )
    changed = _said_of_health(deal, said, said.health, policy, now)
    return _moved(
        replace(_settled(deal, said, policy, now), deal=changed), home.id, said, policy, now
    )


def _won(deal: Deal, said: Answer, policy: Policy, now: datetime) -> Answered:
    """更新確定: renewed (or, in new business, bought); the next term opens."""
    pipeline = policy.pipeline(deal.pipeline)
    following = renewed_term(
        deal, Won(renewed_amount(deal, said), said.term, said.ends_on), policy, now, said.starts_on
    )
    asked = too_long_a_term(deal, following)
    if asked is not None and not said.confirmed:
        raise QuestionedError(asked)
    following = replace(following, renewal_term=said.renewal_term or following.renewal_term)
    agreed = Won(following.amount, following.term, following.ends_on)
    settled = replace(_settled(deal, said, policy, now), successor=following)
    return _closed(settled, replace(deal, won=agreed), pipeline.won.id, said, policy, now)


def _lost(deal: Deal, said: Answer, policy: Policy, now: datetime) -> Answered:
    """解約: lost, with a main reason from the policy's list."""
    lost = checked_reason(said.lost, deal, policy)
    pipeline = policy.pipeline(deal.pipeline)
    return _closed(
        _settled(deal, said, policy, now),
        replace(deal, lost=lost),
        pipeline.lost.id,
        said,
        policy,
        now,
    )


def _closed(
    answered: Answered, deal: Deal, stage: str, said: Answer, policy: Policy, now: datetime
) -> Answered:
    """The move to a closing stage; nothing more is said about the deal."""
    known = {c.key for c in answered.cancels}
    more = tuple(c for c in closing_cancels(deal, stage) if c.key not in known)
    return _moved(
        replace(answered, deal=deal, cancels=answered.cancels + more), stage, said, policy, now
    )


def _moved(answered: Answered, stage: str, said: Answer, policy: Policy, now: datetime) -> Answered:
    """The passage, obeying the pipeline's rules, by the person who said it."""
    because = said.note or said_words(said, local_day(now, zone_of(answered.deal, policy)))
    kind = ActorKind.ADMIN if said.by is not None and said.by.role == "admin" else ActorKind.PERSON
    deal = answered.deal
    passage = move(
        policy.pipeline(deal.pipeline), deal.stage, stage, Actor(kind, said.name), because, now
    )
    return replace(
        answered, deal=replace(deal, stage=stage, stage_entered_at=now), moves=(passage,)
    )


_VERBS: Mapping[Verb, Callable[[Deal, Answer, Policy, datetime], Answered]] = {
    Verb.SEEN: _seen,
    Verb.SNOOZE: _snooze,
    Verb.FORECAST: _call,
    Verb.NOTICE: _notice,
    Verb.NOTICE_WITHDRAWN: _notice_withdrawn,
    Verb.PAPERWORK: _paperwork,
    Verb.HEALTH: _health,
    Verb.ONBOARDED: _onboarded,
    Verb.WON: _won,
    Verb.LOST: _lost,
}
