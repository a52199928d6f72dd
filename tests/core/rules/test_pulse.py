"""Where nothing fresh is known of a customer, the owner is asked: before the end, and when the
latest knowledge is old. The contract ends on 2027-03-31."""

from dataclasses import replace
from datetime import date, timedelta

from scheduler.core.deal.deal import PULSE, Deal
from scheduler.core.health.policy import HealthPolicy
from scheduler.core.health.signals import series_of
from scheduler.core.health.timeline import SaidHealth
from scheduler.core.policy.policy import Policy
from scheduler.core.rules.decide import decide
from scheduler.core.words.lexicon import EventState, Health
from scheduler.core.words.reasons import reason
from tests.cast import ANN, CHIKA, TOKYO, at, contract, policy
from tests.core.life import Change, Life
from tests.core.rules.test_health import MEASURED, measured, says, signal

ASKS = HealthPolicy(pulse_after=timedelta(days=90))
UNDER = policy(health=ASKS)
NEVER = replace(ASKS, pulse_after=None)


def asked(
    *changes: Change,
    of: Deal | None = None,
    under: Policy = UNDER,
    start: str = "2026-09-01",
    end: str = "2027-03-31",
) -> list[str]:
    """The days on which the owner was asked, from `start` on, when the deal arrived."""
    arrived = replace(of or measured(), arrived_at=at(f"{start} 00:00"))
    life = Life(arrived, under).until(at(f"{start} 00:00"), at(f"{end} 00:00"), changes)
    fired = [e for e in life.events if e.milestone == PULSE]
    assert all(e.state is EventState.FIRED for e in fired)
    told = [(n.anchor_on, n.recipient.key) for n in life.nudges if n.milestone == PULSE]
    assert told == [(e.anchor_on, f"person:{ANN.id}") for e in fired]
    return [e.day_on.isoformat() for e in fired]


def test_a_book_nobody_has_assessed_is_asked_about_before_the_end() -> None:
    assert asked(under=policy(health=NEVER)) == ["2026-09-30", "2026-12-31"]


def test_a_question_before_the_end_comes_on_a_business_day_with_the_milestones() -> None:
    ends = {date(2027, 3, 31): "2026-09-30", date(2027, 4, 3): "2026-10-02"}  # Wednesday; Saturday
    for ends_on, asked_on in ends.items():
        of = measured(contract=contract(ends_on))
        assert asked(of=of, under=policy(health=NEVER))[0] == asked_on


def test_a_first_load_asks_nothing_at_once() -> None:
    assert asked(start="2027-01-05", end="2027-03-30") == []


def test_knowledge_that_gets_old_is_asked_for_again() -> None:
    assert asked(says("2026-09-01", Health.STABLE, UNDER)) == ["2026-11-30", "2026-12-31"]


def test_shortly_before_a_day_that_asks_in_any_case_nobody_is_asked_by_age() -> None:
    assert asked(says("2026-09-02", Health.STABLE, UNDER)) == ["2026-12-31"]


def test_shortly_before_the_end_nobody_is_asked_by_age() -> None:
    by_age = policy(health=replace(ASKS, pulse_months=()))
    assert asked(start="2026-11-30", under=by_age) == ["2027-02-28"]
    assert asked(start="2026-12-01", under=by_age) == []
    evergreen = measured(contract=replace(contract(date(2027, 3, 31)), evergreen=True))
    assert asked(of=evergreen, start="2026-12-01", under=by_age) == ["2027-03-01"]


def test_what_was_learned_shortly_before_is_not_asked_for() -> None:
    never = policy(health=NEVER)
    assert asked(says("2026-08-31", Health.STABLE, never), start="2026-08-01", under=never) == [
        "2026-12-31"
    ]
    assert asked(says("2026-08-30", Health.STABLE, never), start="2026-08-01", under=never) == [
        "2026-09-30",
        "2026-12-31",
    ]


def test_fresh_signals_need_no_question() -> None:
    weekly = [signal(f"{date(2026, 8, 31) + timedelta(days=7 * n)}", 80) for n in range(35)]
    under = policy(health=replace(MEASURED, pulse_after=timedelta(days=90), pulse_months=(6, 3)))
    known = [
        (
            s.at,
            lambda was, n=n: replace(was, signals=series_of(weekly[: n + 1]), health_timeline=None),
        )
        for n, s in enumerate(weekly)
    ]
    assert asked(*known, under=under) == []
    assert asked(*known[:10], under=under) == ["2026-12-31"], "on the last day nobody is asked"


def test_a_question_that_is_answered_elsewhere_is_not_sent() -> None:
    deal = replace(measured(), arrived_at=at("2026-09-01 00:00"))
    life = Life(deal, policy(health=NEVER))
    life.look(at("2026-09-30 00:00"))
    waits = replace(
        life.deal, nudges=tuple(replace(n, state=type(n.state).WAITING) for n in life.deal.nudges)
    )
    known = replace(waits, said_health=says("2026-09-30", Health.STABLE)[1](waits).said_health)
    assert [
        (c.key, c.reason) for c in decide(known, life.policy, at("2026-09-30 12:00")).cancels
    ] == [(n.key, reason("already_answered")) for n in waits.nudges]
    assert not decide(waits, life.policy, at("2026-09-30 12:00")).cancels


def test_nobody_is_asked_in_onboarding_after_a_notice_or_without_the_table() -> None:
    assert asked(of=measured(stage="onboarding"), under=UNDER, end="2026-12-30") == []
    assert asked(of=measured(notice_on=date(2026, 9, 2)), under=policy(health=NEVER)) == []
    assert asked(under=policy()) == []


def test_a_contract_without_an_end_is_asked_about_by_age_alone() -> None:
    of = measured(contract=contract(None))
    assert asked(of=of) == ["2026-11-30", "2027-02-28"]


def test_from_the_end_of_the_term_on_nobody_is_asked_how_the_customer_does() -> None:
    under = policy(health=replace(ASKS, pulse_months=(), pulse_fresh=timedelta(0)))
    assert asked(start="2026-12-30", end="2027-12-31", under=under) == ["2027-03-30"]
    assert asked(start="2026-12-31", end="2027-12-31", under=under) == []


def test_a_policy_that_begins_to_ask_after_the_end_asks_nothing_of_the_term_that_is_over() -> None:
    def asked_first_on(day: str) -> list[str]:
        deal = replace(measured(), arrived_at=at("2026-09-01 00:00"))
        events = decide(deal, UNDER, at(f"{day} 00:00")).events
        return [e.day_on.isoformat() for e in events if e.milestone == PULSE]

    assert asked_first_on("2027-03-30") == ["2027-03-30"]
    assert asked_first_on("2027-03-31") == []


def test_it_is_said_why_the_owner_is_asked() -> None:
    def why(*changes: Change, arrived: str, until: str) -> list[str]:
        deal = replace(measured(), arrived_at=at(f"{arrived} 00:00"))
        life = Life(deal, UNDER).until(at(f"{arrived} 00:00"), at(f"{until} 00:00"), changes)
        return [e.reason for e in life.events if e.milestone == PULSE]

    half_a_year = why(arrived="2026-09-01", until="2026-10-01")
    assert half_a_year == [reason("pulse_before", months=6)]
    assert why(arrived="2026-07-01", until="2026-08-01") == []
    never = why(arrived="2026-05-01", until="2026-08-01")
    assert never == [reason("pulse_never")], "90 days after it arrived"
    said = says("2026-05-10", Health.STABLE, UNDER)
    assert why(said, arrived="2026-05-01", until="2026-08-10") == [
        reason("pulse_old", on="2026-05-10")
    ]


def test_days_are_those_of_the_owners_zone() -> None:
    """Said at midnight of the 21st in Tokyo, which is the 20th in London."""
    of = measured(owner=CHIKA, arrived_at=at("2026-08-01 00:00"))
    by_age = policy(health=replace(ASKS, pulse_months=(), override_for=None))
    said = SaidHealth(Health.STABLE, at("2026-08-21 00:00", TOKYO), CHIKA.name)
    known = replace(of, said_health=said, health=Health.STABLE)
    asks_at = decide(known, by_age, at("2026-08-22", TOKYO)).wake_at
    assert asks_at == at("2026-11-19 00:00", TOKYO)
    assert not decide(known, by_age, at("2026-11-18 23:59", TOKYO)).events
    assert decide(known, by_age, at("2026-11-19 00:00", TOKYO)).events


def test_who_arrives_on_the_day_is_asked_and_on_the_last_day_nobody() -> None:
    half_a_year = policy(health=NEVER)
    assert asked(start="2026-09-30", end="2026-10-02", under=half_a_year) == ["2026-09-30"]
    assert asked(start="2026-10-01", end="2026-12-30", under=half_a_year) == []
    on_the_end = policy(health=replace(NEVER, pulse_months=(0,)))
    assert asked(start="2026-09-30", end="2027-04-30", under=on_the_end) == []
