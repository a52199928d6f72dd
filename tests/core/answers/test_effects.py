"""What people can answer, what it changes, and how a wrong answer is explained."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from scheduler.core.answers.answer import Answer, Answered
from scheduler.core.answers.effects import apply_answer
from scheduler.core.answers.refusals import AnswerRefusedError, open_asks
from scheduler.core.deal.contracts import Money
from scheduler.core.deal.deal import Deal, Lost, Won
from scheduler.core.deal.formats import long_day
from scheduler.core.deal.pipeline import Pipeline, Stage, StageKind
from scheduler.core.health.policy import HealthPolicy
from scheduler.core.policy.policy import Policy
from scheduler.core.rules.decide import after, decide
from scheduler.core.time.dates import Term
from scheduler.core.words.lexicon import ForecastCall, Health, Language, Paperwork, Verb
from tests.cast import (
    ANN,
    CHIKA,
    DEADLINE,
    EXISTING,
    FALLBACK,
    OFTEN,
    T1M,
    T3M,
    at,
    contract,
    deal,
    label,
    policy,
    sent,
)

NOW = at("2027-01-05")
P = policy()


def asked(day: str = "2027-01-04", **more: Any) -> Deal:
    """Ann's deal that ends on 31 March, told on `day`."""
    d = deal(contract(date(2027, 3, 31)), **more)
    return sent(after(d, decide(d, P, at(day))))


def say(d: Deal, verb: Verb, **more: Any) -> Answered:
    """Ann answers."""
    return apply_answer(d, Answer(verb, ANN.name, ANN, **more), P, NOW)


def refusal(d: Deal, verb: Verb, **more: Any) -> str:
    """What Ann is told when her answer is refused; both languages must say something."""
    with pytest.raises(AnswerRefusedError) as refused:
        say(d, verb, **more)
    assert refused.value.label.ja
    return refused.value.for_command.en


@pytest.mark.parametrize(
    ("under", "until"),
    [(policy(attention=replace(OFTEN, seen_for=10)), date(2027, 1, 19)), (P, date(2027, 2, 26))],
)
def test_seen_keeps_quiet_for_some_business_days_and_no_shorter_than_silence_would_be(
    under: Policy, until: date
) -> None:
    done = apply_answer(asked(), Answer(Verb.SEEN, "Ann", ANN), under, at("2027-01-05 12:00"))
    assert [(e.answered_at, e.seen, e.snoozed_until) for e in done.events] == [(None, True, until)]
    assert refusal(deal(), Verb.SEEN) == "this deal has no open question"


def test_an_answer_cancels_what_was_not_sent_yet() -> None:
    d = deal(contract(date(2027, 3, 31)))
    waiting = after(d, decide(d, P, at("2027-01-04")))
    assert [c.key for c in say(waiting, Verb.FORECAST, call=ForecastCall.RENEW).cancels] == [
        waiting.nudges[0].key
    ]


def test_a_snooze_ends_before_the_next_thing_happens() -> None:
    assert say(asked(), Verb.SNOOZE, until=date(2027, 2, 25)).events[0].snoozed_until == date(
        2027, 2, 25
    )
    assert refusal(asked(), Verb.SNOOZE, until=date(2027, 2, 26)) == (
        "renewal_1m is on Fri 26 Feb 2027, so it can be snoozed until Thu 25 Feb 2027 at the latest"
    )
    assert (
        refusal(asked(), Verb.SNOOZE, until=date(2027, 1, 5))
        == "give a day after today: --until 2027-01-15"
    )


def test_a_snooze_ends_before_the_notice_deadline() -> None:
    d = deal(contract(date(2027, 3, 31), notice=Term(2)))
    told = sent(after(d, decide(d, policy(T3M, DEADLINE), at("2027-01-04"))))
    with pytest.raises(AnswerRefusedError, match="the notice deadline is on Sun 31 Jan 2027"):
        apply_answer(
            told,
            Answer(Verb.SNOOZE, "Ann", ANN, until=date(2027, 1, 31)),
            policy(T3M, DEADLINE),
            NOW,
        )


def test_a_call_is_kept_and_answers() -> None:
    done = say(asked(), Verb.FORECAST, call=ForecastCall.RENEW, expected_on=date(2027, 2, 10))
    assert (done.deal.call, done.deal.expected_on, len(done.events)) == (
        ForecastCall.RENEW,
        date(2027, 2, 10),
        1,
    )


def test_unsure_one_month_before_the_end_needs_a_reason_and_a_day() -> None:
    late = asked("2027-03-01")
    assert late.stage == "renewal_1m"
    assert refusal(late, Verb.FORECAST, call=ForecastCall.UNSURE).startswith(
        "this close to the end, “unsure” needs a note and the day on which a decision is expected"
    )
    assert (
        say(
            late,
            Verb.FORECAST,
            call=ForecastCall.UNSURE,
            note="budget",
            expected_on=date(2027, 3, 10),
        ).deal.call
        is ForecastCall.UNSURE
    )
    assert say(asked(), Verb.FORECAST, call=ForecastCall.UNSURE).deal.call is ForecastCall.UNSURE


def test_a_notice_is_kept_until_it_is_withdrawn() -> None:
    done = say(asked(), Verb.NOTICE, lost=Lost("budget"))
    assert done.deal.notice_on == date(2027, 1, 5)
    assert (
        refusal(done.deal, Verb.NOTICE, lost=Lost("budget"))
        == "a notice was already received on Tue 5 Jan 2027"
    )
    assert say(done.deal, Verb.NOTICE_WITHDRAWN).deal.notice_on is None
    assert refusal(asked(), Verb.NOTICE_WITHDRAWN) == "no notice was received on this deal"


def test_lost_needs_a_reason_of_the_list() -> None:
    assert refusal(asked(), Verb.LOST) == (
        "a main reason is needed; choose one of: budget (Budget), other (Other)"
    )
    assert (
        refusal(asked(), Verb.LOST, lost=Lost("boredom"))
        == "there is no reason 'boredom'; choose one of: budget (Budget), other (Other)"
    )
    done = say(asked(), Verb.LOST, lost=Lost("budget", avoidable=False))
    assert (done.deal.stage, done.deal.lost) == ("lost", Lost("budget", avoidable=False))


def test_won_keeps_due_and_won_amounts_apart_and_opens_the_next_term() -> None:
    done = say(asked(), Verb.WON, amount=Decimal(4_000_000), term=Term(24))
    assert done.deal.contract.amount == Money(3_600_000, "JPY")
    assert done.deal.won == Won(Money(4_000_000, "JPY"), Term(24), date(2029, 3, 31))
    assert done.successor is not None
    assert (done.successor.starts_on, done.successor.ends_on, done.successor.amount.minor) == (
        date(2027, 4, 1),
        date(2029, 3, 31),
        4_000_000,
    )
    assert done.moves[0].actor.name == "Ann Ito"


@pytest.mark.parametrize(
    "agreed", [{"ends_on": date(2072, 3, 31)}, {"term": Term(540)}, {"ends_on": date(2037, 4, 1)}]
)
def test_a_renewed_term_of_more_than_ten_years_is_questioned_and_taken_when_it_is_meant(
    agreed: Mapping[str, Any],
) -> None:
    assert "is the year right?" in refusal(asked(), Verb.WON, **agreed)
    assert "--yes" in refusal(asked(), Verb.WON, **agreed)
    assert say(asked(), Verb.WON, **agreed, confirmed=True).successor is not None


@pytest.mark.parametrize(
    ("starts_on", "agreed"),
    [(date(2026, 4, 1), {"term": Term(120)}), (date(2007, 4, 1), {"term": Term(240)})],
)
def test_a_renewed_term_of_ten_years_or_as_long_as_before_is_taken(
    starts_on: date, agreed: Mapping[str, Any]
) -> None:
    before = deal(contract(date(2027, 3, 31), starts_on=starts_on))
    assert say(before, Verb.WON, **agreed).successor is not None


def test_a_renewed_end_before_the_old_one_is_refused() -> None:
    for early in (date(2027, 3, 1), date(2027, 3, 31)):
        assert (
            refusal(asked(), Verb.WON, ends_on=early)
            == f"the renewed end, {long_day(early, Language.EN)}, must come after the present end, "
            "Wed 31 Mar 2027"
        )


@pytest.mark.parametrize("amount", ["-1", "0.5", "NaN", "Infinity"])
def test_an_amount_the_currency_does_not_have_is_refused(amount: str) -> None:
    assert (
        refusal(asked(), Verb.WON, amount=Decimal(amount))
        == f"{Decimal(amount)} is not an amount in JPY; write e.g. 3600000"
    )


def test_an_evergreen_contract_cannot_be_renewed() -> None:
    assert "has no end" in refusal(deal(contract(None, evergreen=True)), Verb.WON)


def test_a_closed_deal_takes_no_answer_but_undo() -> None:
    assert refusal(replace(asked(), stage="won"), Verb.FORECAST, call=ForecastCall.RENEW) == (
        "this deal is closed (Won); to change that, undo first: renewals answer C-1 undo"
    )


def test_onboarding_done_asks_for_health_and_moves_there() -> None:
    fresh = deal(stage="onboarding")
    assert say(fresh, Verb.ONBOARDED, health=Health.AT_RISK).moves[0].to_stage == "at_risk"
    assert (
        refusal(fresh, Verb.ONBOARDED)
        == "say how the customer is doing: --health stable|at_risk|critical"
    )
    assert (
        refusal(asked(), Verb.ONBOARDED, health=Health.STABLE)
        == "this deal is not in onboarding (it is in Renewal (3 months))"
    )


def test_health_moves_the_deal_only_in_the_active_phase() -> None:
    assert say(deal(), Verb.HEALTH, health=Health.CRITICAL).deal.stage == "critical"
    assert say(asked(), Verb.HEALTH, health=Health.CRITICAL).deal.stage == "renewal_3m"


def test_a_move_is_said_on_the_day_that_it_is_where_the_deal_is() -> None:
    said = Answer(Verb.HEALTH, ANN.name, health=Health.CRITICAL)
    there = deal(owner=CHIKA)
    moved = apply_answer(there, said, P, at("2027-01-05 20:00"))
    assert '"on": "2027-01-06"' in moved.moves[0].because


@pytest.mark.parametrize("verb", [Verb.HEALTH, Verb.ONBOARDED])
def test_a_reason_for_a_health_fits_the_state_it_is_said_of(verb: Verb) -> None:
    with_health = replace(P, health=HealthPolicy())
    fresh = deal(stage="onboarding")

    def said(health: Health, reason: str) -> Answered:
        answer = Answer(verb, ANN.name, ANN, health=health, health_reason=reason)
        return apply_answer(fresh, answer, with_health, NOW)

    word = said(Health.STABLE, "doing_well").deal.said_health
    assert word is not None
    assert word.reason == "doing_well"
    assert said(Health.UNKNOWN, "no_contact").deal.health is Health.UNKNOWN
    assert said(Health.CRITICAL, "other").deal.health is Health.CRITICAL
    with pytest.raises(AnswerRefusedError) as refused:
        said(Health.STABLE, "low_usage")
    assert refused.value.for_command.en.startswith(
        "“Use is falling” does not fit “Stable”; choose one of: doing_well"
    )
    assert "budget" not in refused.value.for_command.en
    assert "「利用の減少」は「安定稼働」の理由になりません" in refused.value.for_command.ja
    with pytest.raises(AnswerRefusedError, match="there is no reason 'weather'"):
        said(Health.STABLE, "weather")
    only_bad = tuple(r for r in HealthPolicy().reasons if r.states and r.fits(Health.CRITICAL))
    with_health = replace(P, health=HealthPolicy(reasons=only_bad))
    with pytest.raises(AnswerRefusedError, match="lists no reasons for “Stable”; say why in a"):
        said(Health.STABLE, "low_usage")


def test_paperwork_is_a_field_beside_the_stage() -> None:
    done = say(
        asked(), Verb.PAPERWORK, paperwork=Paperwork.IN_APPROVAL, expected_on=date(2027, 2, 1)
    )
    assert (done.deal.paperwork, done.deal.expected_on, done.deal.stage) == (
        Paperwork.IN_APPROVAL,
        date(2027, 2, 1),
        "renewal_3m",
    )


@pytest.mark.parametrize("verb", [Verb.FORECAST, Verb.PAPERWORK, Verb.HEALTH])
def test_a_verb_without_its_word_says_which_there_are(verb: Verb) -> None:
    assert ", " in refusal(asked(), verb)


def test_new_business_won_opens_a_contract_in_onboarding() -> None:
    shop = Pipeline(
        "new_business",
        label("New business"),
        (
            Stage("approved", StageKind.OPEN, label("Approved")),
            Stage("won", StageKind.WON, label("Won")),
            Stage("lost", StageKind.LOST, label("Lost")),
        ),
        FALLBACK,
        opens_pipeline="existing",
    )
    p = replace(policy(T3M, T1M), pipelines={"existing": EXISTING, "new_business": shop})
    prospect = replace(
        deal(contract(None, starts_on=date(2027, 2, 1))), pipeline="new_business", stage="approved"
    )
    done = apply_answer(prospect, Answer(Verb.WON, "Ann", ANN), p, NOW)
    assert done.successor is not None
    assert (done.successor.pipeline, done.successor.stage, done.successor.ends_on) == (
        "existing",
        "onboarding",
        date(2028, 1, 31),
    )


def test_what_asks_is_what_told_and_was_not_answered() -> None:
    d = asked()
    assert [e.milestone for e in open_asks(d, P)] == ["renewal_3m"]


@pytest.mark.parametrize(
    ("verb", "said"),
    [
        (Verb.FORECAST, lambda note: {"call": ForecastCall.RENEW, "note": note}),
        (Verb.HEALTH, lambda note: {"health": Health.AT_RISK, "note": note}),
        (Verb.LOST, lambda note: {"lost": Lost("budget", note=note)}),
        (Verb.WON, lambda note: {"note": note}),
    ],
)
def test_a_note_of_any_answer_has_a_longest_length(
    verb: Verb, said: Callable[[str], dict[str, Any]]
) -> None:
    say(asked(), verb, **said("x" * 2000))
    assert "at most 2000 characters" in refusal(asked(), verb, **said("x" * 2001))
