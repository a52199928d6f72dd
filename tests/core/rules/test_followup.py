"""Follow-up: who is asked again on which day, who hears when nobody answers, and what makes it
stop. Ann owns the deal, Bob manages her."""

from dataclasses import replace
from datetime import date, datetime

import pytest

from scheduler.core.answers.answer import Answer
from scheduler.core.answers.effects import apply_answer
from scheduler.core.deal.deal import Deal
from scheduler.core.policy.attention import Attention
from scheduler.core.policy.policy import Policy
from scheduler.core.words.lexicon import Anchor, ForecastCall, Health, Paperwork, Verb
from tests.cast import (
    ANN,
    BOB,
    CHIKA,
    DEADLINE,
    FALLBACK,
    OFTEN,
    T1M,
    T3M,
    TOKYO,
    at,
    contract,
    deal,
    milestone,
    policy,
)
from tests.core.life import Change, Life

ONE = Attention(repeat_every=0)
INSISTENT = policy(attention=OFTEN)
ADMIN = "email:admin@example.com"
PEOPLE = {p.id: p for p in (ANN, BOB, CHIKA)}
NAMES = {f"person:{p.id}": p.name.split()[0] for p in PEOPLE.values()}


def lived(
    start: str, end: str, *changes: Change, of: Deal | None = None, under: Policy = INSISTENT
) -> list[str]:
    """What was said to whom: one line for each nudge, with the day it was decided."""
    life = Life(replace(of or deal(), people=PEOPLE), under).until(at(start), at(end), changes)
    days = {(e.milestone, e.anchor_on, e.step): e.day_on for e in life.events}
    return [
        (
            f"{days[n.milestone, n.anchor_on, n.step]} {n.milestone}+{n.step} "
            f"{NAMES.get(n.recipient.key, n.recipient.key)}"
        )
        for n in life.nudges
    ]


def says(day: str, verb: Verb, under: Policy = INSISTENT, **more: object) -> Change:
    """Ann answers on a day at 11."""

    def change(was: Deal) -> Deal:
        said = Answer(verb, ANN.name, by=ANN, **more)  # type: ignore[arg-type]
        done = apply_answer(was, said, under, at(f"{day} 11:00"))
        touched = {e.key: e for e in done.events}
        return replace(
            done.deal,
            events=tuple(
                touched.get(e.key, e) if e.state.value != "withdrawn" else e for e in was.events
            ),
            people=PEOPLE,
        )

    return at(f"{day} 11:00"), change


def test_a_question_nobody_answers_is_repeated_climbs_rests_and_has_a_last_call_before_the_end() -> (
    None
):
    assert lived("2026-12-01", "2027-04-15") == [
        "2026-12-31 renewal_3m+0 Ann",
        "2027-01-05 renewal_3m+1 Ann",
        "2027-01-08 renewal_3m+2 Ann",
        "2027-01-13 renewal_3m+3 Ann",
        "2027-01-13 renewal_3m+3 Bob",
        "2027-01-18 renewal_3m+4 Ann",
        "2027-01-18 renewal_3m+4 Bob",
        "2027-01-21 renewal_3m+5 Ann",
        "2027-01-21 renewal_3m+5 Bob",
        f"2027-01-21 renewal_3m+5 {ADMIN}",
        "2027-02-26 renewal_1m+0 Ann",
        "2027-03-03 renewal_1m+1 Ann",
        "2027-03-08 renewal_1m+2 Ann",
        "2027-03-11 renewal_1m+3 Ann",
        "2027-03-11 renewal_1m+3 Bob",
        "2027-03-16 renewal_1m+4 Ann",
        "2027-03-16 renewal_1m+4 Bob",
        "2027-03-19 renewal_1m+5 Ann",
        "2027-03-19 renewal_1m+5 Bob",
        f"2027-03-19 renewal_1m+5 {ADMIN}",
        "2027-03-26 renewal_1m+6 Ann",
        "2027-03-26 renewal_1m+6 Bob",
        f"2027-03-26 renewal_1m+6 {ADMIN}",
        "2027-03-31 renewal_1m+7 Ann",
        "2027-03-31 renewal_1m+7 Bob",
        "2027-04-01 ended+0 Ann",
    ]


def test_what_is_not_repeated_by_itself_is_asked_again_half_way_to_a_last_call_or_a_rhythm_before_it() -> (
    None
):
    once = policy(replace(T3M, repeat_every=0), T1M, attention=Attention(repeat_every=12))
    near, far = (
        contract(decide_by=day, auto_renew=True) for day in (date(2027, 1, 31), date(2027, 2, 24))
    )
    assert lived("2026-12-01", "2027-01-30", of=deal(near), under=once) == [
        "2026-12-31 renewal_3m+0 Ann",
        "2027-01-15 renewal_3m+1 Ann",
        "2027-01-29 renewal_3m+2 Ann",
        "2027-01-29 renewal_3m+2 Bob",
    ]
    assert [line[:10] for line in lived("2026-12-01", "2027-02-25", of=deal(far), under=once)] == [
        "2026-12-31",
        "2027-02-08",
        "2027-02-24",
        "2027-02-24",
    ]
    assert [line[:10] for line in lived("2026-12-01", "2027-02-26", under=once)] == [
        "2026-12-31",
        "2027-02-26",
    ]


DAY_OF_LAST_CALL = contract(decide_by=date(2027, 2, 28), auto_renew=True)


def test_a_question_asked_for_the_first_time_on_the_last_working_day_is_the_last_call() -> None:
    told = lived(
        "2026-12-01",
        "2027-02-26",
        of=deal(DAY_OF_LAST_CALL),
        under=policy(replace(T3M, repeat_every=0), T1M, attention=Attention()),
    )
    assert told[-2:] == ["2027-02-26 renewal_1m+0 Ann", "2027-02-26 renewal_1m+0 Bob"]
    assert all("Bob" not in line for line in told[:-1])


@pytest.mark.parametrize(
    "said",
    [
        says("2027-01-05", Verb.FORECAST, call=ForecastCall.RENEW, expected_on=date(2027, 3, 10)),
        says("2027-01-05", Verb.SNOOZE, until=date(2027, 2, 25)),
    ],
    ids=["named", "snoozed"],
)
def test_the_manager_does_not_hear_of_what_somebody_has_named_a_day_for(said: Change) -> None:
    told = lived(
        "2026-12-01",
        "2027-02-26",
        said,
        of=deal(DAY_OF_LAST_CALL),
        under=policy(replace(T3M, repeat_every=0), T1M, attention=Attention()),
    )
    assert [line for line in told if line >= "2027-02-25" and "Bob" in line] == []
    assert told[-1] == "2027-02-26 renewal_1m+0 Ann"


def test_an_answer_without_a_day_leaves_the_next_question_to_speak() -> None:
    under = policy(T3M, T1M, attention=Attention(call_for=37))
    told = lived(
        "2026-12-01",
        "2027-03-01",
        says("2027-01-04", Verb.FORECAST, under, call=ForecastCall.RENEW),
        under=under,
    )
    assert told == ["2026-12-31 renewal_3m+0 Ann", "2027-02-26 renewal_1m+0 Ann"]


@pytest.mark.parametrize(
    ("named", "told"),
    [
        (date(2027, 2, 19), ["2027-02-19 expected+0 Ann"]),
        (date(2027, 2, 18), ["2027-02-18 expected+0 Ann", "2027-02-26 renewal_1m+0 Ann"]),
        (date(2027, 2, 26), ["2027-02-26 renewal_1m+0 Ann"]),
        (date(2027, 3, 5), ["2027-02-26 renewal_1m+0 Ann"]),
        (date(2027, 3, 8), ["2027-02-26 renewal_1m+0 Ann", "2027-03-08 expected+0 Ann"]),
    ],
)
def test_a_named_day_and_a_question_a_few_days_apart_are_one(named: date, told: list[str]) -> None:
    under = policy(T3M, T1M, attention=Attention())
    assert (
        lived(
            "2026-12-01",
            "2027-03-08",
            says("2027-01-04", Verb.FORECAST, under, call=ForecastCall.RENEW, expected_on=named),
            under=under,
        )[1:]
        == told
    )


@pytest.mark.parametrize(
    ("until", "asked"),
    [(date(2027, 2, 18), ["2027-02-18", "2027-02-26"]), (date(2027, 2, 19), ["2027-02-26"])],
)
def test_a_snooze_that_ends_a_few_days_before_the_next_question_is_taken_until_that(
    until: date, asked: list[str]
) -> None:
    told = lived(
        "2026-12-01",
        "2027-03-01",
        says("2027-01-04", Verb.SNOOZE, until=until),
        under=policy(T3M, T1M, attention=Attention()),
    )
    assert [line[:10] for line in told[1:]] == asked


def test_an_answer_stops_it_and_the_expected_day_asks_again() -> None:
    told = lived(
        "2026-12-01",
        "2027-02-20",
        says("2027-01-05", Verb.FORECAST, call=ForecastCall.RENEW, expected_on=date(2027, 1, 24)),
    )
    assert told[:4] == [
        "2026-12-31 renewal_3m+0 Ann",
        "2027-01-05 renewal_3m+1 Ann",
        "2027-01-25 expected+0 Ann",
        "2027-01-28 expected+1 Ann",
    ]


def test_a_call_without_a_day_is_asked_again_after_ten_business_days() -> None:
    told = lived(
        "2026-12-01", "2027-01-20", says("2027-01-05", Verb.FORECAST, call=ForecastCall.RENEW)
    )
    assert told == [
        "2026-12-31 renewal_3m+0 Ann",
        "2027-01-05 renewal_3m+1 Ann",
        "2027-01-19 expected+0 Ann",
    ]


def test_an_order_is_the_end_of_questions() -> None:
    told = lived(
        "2026-12-01", "2027-02-20", says("2027-01-05", Verb.PAPERWORK, paperwork=Paperwork.ORDERED)
    )
    assert told == ["2026-12-31 renewal_3m+0 Ann", "2027-01-05 renewal_3m+1 Ann"]


def test_paperwork_on_its_way_is_asked_for_on_its_day() -> None:
    told = lived(
        "2026-12-01",
        "2027-01-20",
        says(
            "2027-01-05", Verb.PAPERWORK, paperwork=Paperwork.QUOTED, expected_on=date(2027, 1, 15)
        ),
    )
    assert told[2:] == ["2027-01-15 expected+0 Ann", "2027-01-20 expected+1 Ann"]


def test_seen_keeps_quiet_for_five_business_days_and_the_ladder_goes_on_where_it_was() -> None:
    told = lived("2026-12-01", "2027-01-20", says("2027-01-05", Verb.SEEN))
    assert told == [
        "2026-12-31 renewal_3m+0 Ann",
        "2027-01-05 renewal_3m+1 Ann",
        "2027-01-12 renewal_3m+2 Ann",
        "2027-01-15 renewal_3m+3 Ann",
        "2027-01-20 renewal_3m+4 Ann",
        "2027-01-20 renewal_3m+4 Bob",
    ]


def test_who_snoozes_again_and_again_is_asked_less_and_not_told_on() -> None:
    told = lived(
        "2026-12-01",
        "2027-03-31",
        says("2027-01-04", Verb.SNOOZE, until=date(2027, 1, 8)),
        says("2027-01-11", Verb.SNOOZE, until=date(2027, 1, 15)),
        says("2027-01-18", Verb.SNOOZE, until=date(2027, 1, 22)),
        says("2027-03-01", Verb.SNOOZE, until=date(2027, 3, 5)),
    )
    days = (
        "2026-12-31 renewal_3m+0",
        "2027-01-08 renewal_3m+1",
        "2027-02-26 renewal_1m+0",
        "2027-03-31 renewal_1m+1",
    )
    assert told == [f"{day} Ann" for day in days], (
        "one return in a term, then only what comes anyway; the last call is not for the manager"
    )


def test_the_latest_question_alone_is_repeated() -> None:
    asked = contract(decide_by=date(2027, 2, 10), auto_renew=False)
    under = policy(replace(T3M, repeat_every=10), T1M, DEADLINE, attention=OFTEN)
    told = lived("2026-12-01", "2027-01-15", of=deal(asked), under=under)
    assert told == [
        "2026-12-31 renewal_3m+0 Ann",
        "2027-01-11 decide_by_30d+0 Ann",
        "2027-01-14 decide_by_30d+1 Ann",
    ]


@pytest.mark.parametrize(
    ("decide_by", "under", "told"),
    [
        (date(2027, 2, 6), ONE, ["2026-12-31 renewal_3m"]),
        (date(2027, 2, 7), ONE, ["2026-12-31 renewal_3m", "2027-01-08 decide_by_30d"]),
        (date(2027, 1, 30), ONE, ["2026-12-31 decide_by_30d"]),
        (date(2027, 1, 23), ONE, ["2026-12-24 decide_by_30d"]),
        (date(2027, 1, 22), ONE, ["2026-12-23 decide_by_30d", "2026-12-31 renewal_3m"]),
        (date(2027, 2, 10), OFTEN, ["2026-12-31 renewal_3m"]),
        (
            date(2027, 2, 1),
            replace(ONE, one_question_days=0),
            ["2026-12-31 renewal_3m", "2027-01-02 decide_by_30d"],
        ),
    ],
)
def test_a_question_within_a_week_of_what_was_said_is_no_other_one(
    decide_by: date, under: Attention, told: list[str]
) -> None:
    life = Life(
        replace(deal(contract(decide_by=decide_by, auto_renew=False)), people=PEOPLE),
        policy(T3M, DEADLINE, attention=under),
    )
    life.until(at("2026-12-01"), at("2027-01-10"))
    assert [
        f"{e.day_on} {e.milestone}" for e in life.events if e.state == "fired" and not e.step
    ] == told
    assert life.stages() == ["renewal_3m"], "the deal moves all the same"


def test_questions_with_words_of_their_own_or_for_others_are_not_one() -> None:
    asked = deal(contract(decide_by=date(2027, 2, 1), auto_renew=False))
    for other in (
        replace(DEADLINE, ask=T3M.label),
        replace(DEADLINE, tell=("sales",)),
        replace(DEADLINE, anchor=Anchor.STARTS_ON),
    ):
        life = Life(
            replace(
                asked, people=PEOPLE, contract=replace(asked.contract, starts_on=date(2027, 2, 1))
            ),
            policy(T3M, other, attention=OFTEN),
        )
        life.until(at("2026-12-01"), at("2027-01-10"))
        assert len([e for e in life.events if e.state == "superseded"]) == 0


def test_a_milestone_may_be_asked_once_only_or_in_its_own_rhythm() -> None:
    once = policy(replace(T3M, repeat_every=0), T1M, attention=OFTEN)
    slowly = policy(replace(T3M, repeat_every=10), T1M, attention=OFTEN)
    assert lived("2026-12-01", "2027-02-20", under=once) == ["2026-12-31 renewal_3m+0 Ann"]
    assert lived("2026-12-01", "2027-01-20", under=slowly) == [
        "2026-12-31 renewal_3m+0 Ann",
        "2027-01-14 renewal_3m+1 Ann",
    ]


def test_a_milestone_that_asks_nothing_is_never_repeated() -> None:
    assert lived(
        "2026-12-01", "2027-02-20", under=policy(replace(T3M, asks=False), attention=OFTEN)
    ) == ["2026-12-31 renewal_3m+0 Ann"]


def test_after_a_daemon_that_had_stopped_the_missed_reminders_are_one() -> None:
    life = Life(replace(deal(), people=PEOPLE), INSISTENT)
    life.look(at("2026-12-31"))
    life.look(at("2027-01-19"))
    assert [(n.step, n.recipient.key) for n in life.nudges] == [
        (0, "person:1"),
        (4, "person:1"),
        (4, "person:2"),
    ]
    assert life.wake_at == at("2027-01-21 00:00")


def test_reminders_count_from_the_day_somebody_was_told_not_from_a_day_long_past() -> None:
    late = Life(replace(deal(arrived_at=at("2027-01-15")), people=PEOPLE), INSISTENT).until(
        at("2027-01-15"), at("2027-01-21")
    )
    assert [(e.step, e.day_on) for e in late.events] == [
        (0, date(2026, 12, 31)),
        (1, date(2027, 1, 20)),
    ]


def test_nothing_is_repeated_after_the_end_or_after_a_notice() -> None:
    short = policy(milestone("two_weeks", "-5 days", asks=True), attention=OFTEN)
    assert lived("2027-03-20", "2027-04-01", under=short) == [
        "2027-03-26 two_weeks+0 Ann",
        "2027-03-31 two_weeks+1 Ann",
        "2027-03-31 two_weeks+1 Bob",
        "2027-04-01 ended+0 Ann",
    ]
    noticed = replace(deal(contract(auto_renew=False)), notice_on=date(2027, 1, 4))
    assert lived("2027-01-04", "2027-02-20", of=noticed) == [
        "2026-12-31 renewal_3m+0 Ann",
        "2027-01-04 notice+0 Bob",
    ]


def test_without_a_manager_the_fallback_hears_of_it() -> None:
    alone = deal(manager=None, owner=replace(ANN, manager_id=None))
    assert "2027-01-13 renewal_3m+3 " + FALLBACK in lived("2026-12-01", "2027-01-13", of=alone)


def test_japanese_holidays_and_the_year_end_are_no_days_to_count() -> None:
    hers = deal(owner=CHIKA)
    told = lived("2026-12-01", "2027-01-15", of=hers)
    assert told == [
        "2026-12-28 renewal_3m+0 千佳",
        "2027-01-06 renewal_3m+1 千佳",
        "2027-01-12 renewal_3m+2 千佳",
        "2027-01-15 renewal_3m+3 千佳",
        "2027-01-15 renewal_3m+3 Bob",
    ]


@pytest.mark.parametrize(
    ("call", "health", "told"),
    [
        (ForecastCall.RENEW, Health.CRITICAL, True),
        (ForecastCall.AT_RISK, Health.STABLE, True),
        (ForecastCall.RENEW, Health.STABLE, False),
        (ForecastCall.AT_RISK, Health.CRITICAL, False),
        (ForecastCall.UNSURE, Health.CRITICAL, False),
        (ForecastCall.RENEW, Health.UNKNOWN, False),
    ],
)
def test_a_call_that_contradicts_the_health_is_told_to_the_manager_once(
    call: ForecastCall, health: Health, told: bool
) -> None:
    of = deal(health=health, stage=health.value if health is not Health.UNKNOWN else "stable")
    said = lived("2026-12-01", "2027-01-08", says("2027-01-05", Verb.FORECAST, call=call), of=of)
    assert (said[-1] == "2027-01-05 call_review+0 Bob") is told
    assert len([line for line in said if "call_review" in line]) == told


def test_a_late_unsure_is_seen_by_the_manager() -> None:
    change = says(
        "2027-03-01",
        Verb.FORECAST,
        call=ForecastCall.UNSURE,
        note="budget",
        expected_on=date(2027, 3, 8),
    )
    said = lived("2027-02-26", "2027-03-08", change, under=policy(T1M, attention=OFTEN))
    assert said == [
        "2027-02-26 renewal_1m+0 Ann",
        "2027-03-01 call_review+0 Bob",
        "2027-03-08 expected+0 Ann",
    ]


def test_waking_only_by_the_alarm_gives_the_same_life_as_looking_every_hour() -> None:
    changes = [
        says("2027-01-05", Verb.SEEN),
        says("2027-01-21", Verb.FORECAST, call=ForecastCall.AT_RISK, expected_on=date(2027, 2, 6)),
        says(
            "2027-03-02",
            Verb.PAPERWORK,
            paperwork=Paperwork.IN_APPROVAL,
            expected_on=date(2027, 3, 20),
        ),
    ]
    start, end = at("2026-12-20"), at("2027-04-20")
    of = replace(deal(contract(decide_by=date(2027, 1, 31))), people=PEOPLE)
    by_alarm, hourly = (
        Life(of, INSISTENT).until(start, end, changes),
        Life(of, INSISTENT).hourly(start, end, changes),
    )
    assert [(e.key, e.state) for e in by_alarm.events] == [(e.key, e.state) for e in hourly.events]
    assert [n.key for n in by_alarm.nudges] == [n.key for n in hourly.nudges]
    assert by_alarm.looks < 60


def test_the_days_are_those_of_the_owners_zone() -> None:
    hers = Life(replace(deal(owner=CHIKA), people=PEOPLE), INSISTENT)
    hers.look(at("2026-12-28 00:00", TOKYO))
    assert hers.wake_at == datetime.fromisoformat("2027-01-05T15:00:00+00:00")
