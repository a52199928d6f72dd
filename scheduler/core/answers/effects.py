"""Answers (回答): what a person can say about a deal, and what it changes. Pure; storage writes the
result in one transaction.

Always holds: an answer is applied whole or refused with a sentence that says why and what is
possible; whatever it changes can be put back.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from scheduler.core.answers.notices import ended_by_notice, meaning, question, without_notice
from scheduler.core.answers.refusals import (
    AnswerRefusedError,
    QuestionedError,
    impossible,
    open_asks,
    shown,
    too_long,
)
from scheduler.core.answers.verbs import VERBS, Asked
from scheduler.core.answers.why import SAYS_HEALTH, listed_reasons
from scheduler.core.deal.contracts import Contract, Money, minor_digits
from scheduler.core.deal.deal import (
    PULSE,
    TOLD,
    TOLD_ONLY,
    UNSENT,
    Cancel,
    Deal,
    Event,
    Lost,
    NextTerm,
    Won,
)
from scheduler.core.deal.people import Person
from scheduler.core.deal.pipeline import Actor, Passage, Pipeline, StageKind, move
from scheduler.core.deal.successor import first_term, next_term
from scheduler.core.health.timeline import SaidHealth
from scheduler.core.policy.milestone_days import day_start, zone_of
from scheduler.core.policy.policy import Policy
from scheduler.core.rules.calls import is_late
from scheduler.core.rules.quiet import (
    comes_back,
    doubtful_day,
    joined,
    quiet_limit,
    quiet_until,
    rests_until,
)
from scheduler.core.rules.renewal import closing_cancels
from scheduler.core.time.dates import Term, add_days, local_day
from scheduler.core.words.labels import COMMA, Joined, Label
from scheduler.core.words.lexicon import ActorKind, Call, Health, Paperwork, Verb
from scheduler.core.words.reasons import code_of, reason

_DAY = timedelta(days=1)
_LONGEST_GAP = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody said. Fields a verb does not use stay empty; `amount` (in whole units of the
    contract's currency), `term`, `starts_on` and `ends_on` are the renewed ones and default to the
    contract's, and `renewal_term` is that of the terms after it; for a notice `ends_on` is the last
    day of a contract that has no end. `confirmed`: what is unusual about it is meant.

    `by` is None when a command was given by nobody we know; `name` always says who. `via` is where
    it was said (command, slack, mail), `request` the click or link it came from: one request counts
    once.
    """

    verb: Verb
    name: str
    by: Person | None = None
    until: date | None = None
    call: Call | None = None
    health: Health | None = None
    paperwork: Paperwork | None = None
    expected_on: date | None = None
    amount: Decimal | None = None
    term: Term | None = None
    ends_on: date | None = None
    lost: Lost | None = None
    on: date | None = None
    starts_on: date | None = None
    renewal_term: Term | None = None
    confirmed: bool = False
    note: str = ""
    health_reason: str | None = None
    via: str = "command"
    request: str | None = None


@dataclass(frozen=True, slots=True)
class Answered:
    """What an answer changes: the deal (with its contract) as it is now, passages to add, events
    touched, nudges cancelled, the term it opens.

    `means` is what whoever answered has to know of it.
    """

    deal: Deal
    moves: tuple[Passage, ...] = ()
    events: tuple[Event, ...] = ()
    cancels: tuple[Cancel, ...] = ()
    successor: NextTerm | None = None
    means: Label | None = None


def details_of(said: Answer) -> dict[str, Any]:
    """What was said besides the verb, as it is kept and told: texts only, nothing for what was not
    said.

    >>> details_of(Answer(Verb.CALL, "Ann", call=Call.RENEW, expected_on=date(2027, 2, 10)))
    {'call': 'renew', 'expected_on': '2027-02-10'}
    """
    days = {
        "until": said.until,
        "expected_on": said.expected_on,
        "starts_on": said.starts_on,
        "ends_on": said.ends_on,
        "on": said.on,
    }
    words = {
        "call": said.call.value if said.call else None,
        "health": said.health.value if said.health else None,
        "health_reason": said.health_reason,
        "paperwork": said.paperwork.value if said.paperwork else None,
        "amount": str(said.amount) if said.amount is not None else None,
        "term": str(said.term) if said.term else None,
        "renewal_term": str(said.renewal_term) if said.renewal_term else None,
        "lost": asdict(said.lost) if said.lost else None,
        "note": said.note or None,
    }
    given = words | {name: day.isoformat() for name, day in days.items() if day}
    return {name: value for name, value in given.items() if value is not None}


def apply_answer(deal: Deal, said: Answer, policy: Policy, now: datetime) -> Answered:
    """What `said` does to `deal`. Raises AnswerRefusedError (nothing is changed then),
    MoveRefusedError from the pipeline."""
    refused = impossible(deal, said.verb, policy, local_day(now, zone_of(deal, policy)))
    if refused is not None:
        raise refused
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


def said_words(said: Answer, on: date) -> str:
    """Who said what and on which day, as a stored reason."""
    return kept_words(said.verb, said.name, details_of(said), on)


def kept_words(verb: Verb, name: str, details: Mapping[str, Any], on: date) -> str:
    """As `said_words`, of an answer that is kept (`details_of`)."""
    lost = details.get("lost") or {}
    known: Mapping[Verb, Mapping[str, object]] = {
        Verb.SNOOZE: {"until": details.get("until")},
        Verb.PAPERWORK: {"paperwork": details.get("paperwork", "—")},
        Verb.HEALTH: {"health": details.get("health", "—")},
        Verb.LOST: {"why": lost.get("reason", "—")},
    }
    code = details.get("call", verb.value) if verb is Verb.CALL else verb.value
    return reason(f"said_{code}", by=name, on=on, **known.get(verb, {}))


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
    limit = quiet_limit(deal, policy, today)
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
    if said.call is Call.UNSURE and is_late(deal, policy) and not (said.note and said.expected_on):
        raise AnswerRefusedError(
            "this close to the end, unsure needs a reason and a day",
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
        expected_chosen=_is_chosen(deal, said, day),
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
                expected_on=shown(said.expected_on),
            )
        _refuse_unlikely(said.expected_on, deal, today, said, Asked.EXPECTED_ON)
        return said.expected_on
    if deal.expected_on is not None and deal.expected_on > today:
        return deal.expected_on
    return quiet_until(deal, policy, today, policy.attention.call_for)


def _is_chosen(deal: Deal, said: Answer, day: date | None) -> bool:
    """Whether nobody has named that day: neither now nor before."""
    return (
        day is not None
        and said.expected_on != day
        and (deal.expected_on != day or deal.expected_chosen)
    )


def _notice(deal: Deal, said: Answer, policy: Policy, now: datetime) -> Answered:
    """解約通知を受領: the customer gave notice; it takes effect on the day that decides the term,
    unless withdrawn."""
    lost = _checked_reason(said.lost, deal, policy)
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
            "contract {number} has neither an end nor a period of notice; say its last day",
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
            ends_on=shown(contract.ends_on),
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
            "say how far: none, quoted, in_approval or ordered", beside=Asked.PAPERWORK
        )
    today = local_day(now, zone_of(deal, policy))
    waits = said.expected_on is not None or said.paperwork is not Paperwork.ORDERED
    expected_on = _expected_on(deal, said, policy, today) if waits else deal.expected_on
    changed = replace(
        deal,
        paperwork=said.paperwork,
        expected_on=expected_on,
        expected_chosen=_is_chosen(deal, said, expected_on),
    )
    return replace(_settled(deal, said, policy, now), deal=changed)


def _health(deal: Deal, said: Answer, policy: Policy, now: datetime) -> Answered:
    """ヘルス: how the customer does; in the active phase the deal moves to that health's stage."""
    if said.health is None:
        raise AnswerRefusedError(
            "say which: stable, at_risk, critical or unknown", beside=Asked.HEALTH
        )
    changed = _said_of_health(deal, said, said.health, policy, now)
    words = said_words(said, local_day(now, zone_of(deal, policy)))
    asked = tuple(
        replace(e, answered_at=now, answer=words)
        for e in open_asks(deal, policy)
        if e.milestone == PULSE
    )
    answered = Answered(changed, events=asked, cancels=_cancels(deal, asked, words))
    return _moved_home(answered, said, policy.pipeline(deal.pipeline), now)


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
    _refuse_unfit(said.health_reason, health, deal, policy)
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


def _moved_home(answered: Answered, said: Answer, pipeline: Pipeline, now: datetime) -> Answered:
    """The same with the move among active stages that a health asks for."""
    deal = answered.deal
    home = pipeline.active_stage(deal.health, deal.stage)
    if (
        pipeline.stage(deal.stage).kind is not StageKind.ACTIVE
        or home is None
        or home.id == deal.stage
    ):
        return answered
    return _moved(answered, home.id, said, pipeline, now)


def _onboarded(deal: Deal, said: Answer, policy: Policy, now: datetime) -> Answered:
    """導入完了: onboarding is done; how does the customer do?"""
    pipeline = policy.pipeline(deal.pipeline)
    if said.health is None:
        raise AnswerRefusedError(
            "say how the customer does",
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
        replace(_settled(deal, said, policy, now), deal=changed), home.id, said, pipeline, now
    )


def _won(deal: Deal, said: Answer, policy: Policy, now: datetime) -> Answered:
    """更新確定: renewed (or, in new business, bought); the next term opens."""
    pipeline = policy.pipeline(deal.pipeline)
    following = renewed_term(
        deal, Won(_amount(deal, said), said.term, said.ends_on), policy, now, said.starts_on
    )
    following = replace(following, renewal_term=said.renewal_term or following.renewal_term)
    agreed = Won(following.amount, following.term, following.ends_on)
    settled = replace(_settled(deal, said, policy, now), successor=following)
    return _closed(settled, replace(deal, won=agreed), pipeline.won.id, said, pipeline, now)


def _amount(deal: Deal, said: Answer) -> Money:
    """The renewed amount. Raises AnswerRefusedError for a negative one or a fraction the currency
    does not have."""
    due = deal.contract.amount
    if said.amount is None:
        return due
    minor = (
        said.amount * 10 ** minor_digits(due.currency) if said.amount.is_finite() else Decimal(-1)
    )
    if minor < 0 or minor != int(minor):
        raise AnswerRefusedError(
            "{amount} is not an amount in {currency}; write e.g. {major}",
            beside=Asked.AMOUNT,
            amount=said.amount,
            currency=due.currency,
            major=due.major,
        )
    return Money(int(minor), due.currency)


def renewed_term(
    deal: Deal, agreed: Won, policy: Policy, now: datetime, starts_on: date | None = None
) -> NextTerm:
    """What a renewal on these terms opens: the next term, or the first one of a new customer in the
    pipeline that new business opens.

    It starts the day after the end unless another day was agreed; one before the end replaces the
    running term. Raises AnswerRefusedError for a contract without an end, a start outside what is
    possible, and a renewed end that is not after the old one.
    """
    pipeline, old_end = policy.pipeline(deal.pipeline), deal.contract.ends_on
    if pipeline.opens_pipeline is not None:
        first_on = starts_on or deal.contract.starts_on or local_day(now, zone_of(deal, policy))
        _refuse_early_end(agreed.ends_on, first_on - _DAY, Label("the start"), first_on)
        return first_term(deal, policy.pipeline(pipeline.opens_pipeline), agreed, first_on)
    if old_end is None:
        raise AnswerRefusedError(
            ("contract {number} has no end, so there is no term after it; import its end first"),
            number=deal.contract.number,
        )
    _refuse_early_end(agreed.ends_on, old_end, Label("the present end"), old_end)
    _refuse_start(deal.contract, starts_on, old_end)
    _refuse_early_end(
        agreed.ends_on,
        starts_on or old_end,
        Label("the renewed start"),
        starts_on or old_end,
    )
    following = next_term(deal, pipeline, agreed, starts_on)
    _refuse_early_end(following.ends_on, old_end, Label("the present end"), old_end)
    return following


def _refuse_start(contract: Contract, starts_on: date | None, old_end: date) -> None:
    """A renewal starts after the term it renews has started, and at most a year after its end."""
    if starts_on is not None and (
        (contract.starts_on is not None and starts_on <= contract.starts_on)
        or starts_on > old_end + _LONGEST_GAP
    ):
        raise AnswerRefusedError(
            (
                "the renewed start, {starts_on}, must come after the present start and within "
                "a year of the present end, {old_end}"
            ),
            beside=Asked.STARTS_ON,
            starts_on=shown(starts_on),
            old_end=shown(old_end),
        )


def _refuse_early_end(ends_on: date | None, after_on: date, what: Label, day: date) -> None:
    """A term must end after it has begun."""
    if ends_on is not None and ends_on <= after_on:
        raise AnswerRefusedError(
            "the renewed end, {ends_on}, must come after {what}, {day}",
            beside=Asked.ENDS_ON,
            ends_on=shown(ends_on),
            what=what,
            day=shown(day),
        )


def _lost(deal: Deal, said: Answer, policy: Policy, now: datetime) -> Answered:
    """解約: lost, with a main reason from the policy's list."""
    lost = _checked_reason(said.lost, deal, policy)
    pipeline = policy.pipeline(deal.pipeline)
    return _closed(
        _settled(deal, said, policy, now),
        replace(deal, lost=lost),
        pipeline.lost.id,
        said,
        pipeline,
        now,
    )


def _checked_reason(lost: Lost | None, deal: Deal, policy: Policy) -> Lost:
    """The reason if the policy lists it for this pipeline."""
    known = listed_reasons(Verb.LOST, deal, policy)
    wanted = [r for r in (lost.reason, lost.second) if r] if lost else []
    unknown = [r for r in wanted if r not in known]
    if unknown:
        raise _unlisted(Label("there is no reason {reason!r}", reason=unknown[0]), known)
    if lost is None or not lost.reason:
        raise _unlisted(Label("a main reason is needed"), known)
    return lost


def _refuse_unfit(reason: str | None, health: Health, deal: Deal, policy: Policy) -> None:
    """A reason for what somebody says of the health must be one of the policy's for that state."""
    fitting = listed_reasons(Verb.HEALTH, deal, policy, health)
    if reason is None or reason in fitting:
        return
    listed = listed_reasons(Verb.HEALTH, deal, policy)
    if not listed:
        raise AnswerRefusedError(
            "there are no reasons for a health: [health] of config.toml lists none; say why with a "
            "note",
            beside=Asked.REASON,
        )
    state = health.label.as_title
    if not fitting:
        raise AnswerRefusedError(
            "[health] of config.toml lists no reason for “{state}”; say why with a note",
            beside=Asked.REASON,
            state=state,
        )
    if reason not in listed:
        raise _unlisted(Label("there is no reason {reason!r}", reason=reason), fitting)
    raise _unlisted(
        Label("“{reason}” does not fit “{state}”", reason=listed[reason], state=state), fitting
    )


def _unlisted(wrong: Label, known: Mapping[str, Label]) -> AnswerRefusedError:
    """The refusal of a reason that is missing or not one of `known`."""
    named = (Label("{id} ({name})", id=id, name=name) for id, name in known.items())
    return AnswerRefusedError(
        "{wrong}; choose one of: {reasons}",
        beside=Asked.REASON,
        wrong=wrong,
        reasons=Joined(named, COMMA),
    )


def _closed(
    answered: Answered, deal: Deal, stage: str, said: Answer, pipeline: Pipeline, now: datetime
) -> Answered:
    """The move to a closing stage; nothing more is said about the deal."""
    known = {c.key for c in answered.cancels}
    more = tuple(c for c in closing_cancels(deal, stage) if c.key not in known)
    return _moved(
        replace(answered, deal=deal, cancels=answered.cancels + more), stage, said, pipeline, now
    )


def _moved(
    answered: Answered, stage: str, said: Answer, pipeline: Pipeline, now: datetime
) -> Answered:
    """The passage, obeying the pipeline's rules, by the person who said it."""
    because = said.note or said_words(said, now.date())
    kind = ActorKind.ADMIN if said.by is not None and said.by.role == "admin" else ActorKind.PERSON
    deal = answered.deal
    passage = move(pipeline, deal.stage, stage, Actor(kind, said.name), because, now)
    return replace(
        answered, deal=replace(deal, stage=stage, stage_entered_at=now), moves=(passage,)
    )


_VERBS: Mapping[Verb, Callable[[Deal, Answer, Policy, datetime], Answered]] = {
    Verb.SEEN: _seen,
    Verb.SNOOZE: _snooze,
    Verb.CALL: _call,
    Verb.NOTICE: _notice,
    Verb.NOTICE_WITHDRAWN: _notice_withdrawn,
    Verb.PAPERWORK: _paperwork,
    Verb.HEALTH: _health,
    Verb.ONBOARDED: _onboarded,
    Verb.WON: _won,
    Verb.LOST: _lost,
}
