"""A deal's life as `decide` tells it: each test is one thing a customer-success team relies on."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from scheduler.core.deal.deal import Deal
from scheduler.core.policy.policy import Policy
from scheduler.core.rules.decide import decide
from scheduler.core.time.dates import Offset, Term
from scheduler.core.words.conditions import Condition, Operator
from scheduler.core.words.lexicon import Anchor, EventState, ForecastCall, Health, Language
from scheduler.core.words.reasons import code_of, word
from tests.cast import (
    ANN,
    BOB,
    CHIKA,
    DEADLINE,
    T1M,
    T3M,
    TOKYO,
    WELCOME,
    at,
    contract,
    deal,
    milestone,
    policy,
)
from tests.core.life import Change, Life


def live(d: Deal, start: str, end: str, *changes: Change, p: Policy | None = None) -> Life:
    """The life of `d` by its alarm."""
    return Life(d, p or policy()).until(at(start), at(end), changes)


def ends(on: str, **more: object) -> Deal:
    """A deal of a year's contract that ends on this day."""
    return deal(contract(date.fromisoformat(on), **more))


def moves_end(when: str, to: str) -> Change:
    """On `when` somebody changes the contract's end."""
    return at(when), lambda d: replace(
        d, contract=replace(d.contract, ends_on=date.fromisoformat(to))
    )


def test_a_contract_is_nudged_three_months_and_one_month_before_its_end() -> None:
    life = live(ends("2027-03-31"), "2026-06-01", "2027-03-31")
    assert life.told() == [
        ("renewal_3m", "2027-03-31", "person:1"),
        ("renewal_1m", "2027-03-31", "person:1"),
    ]
    assert life.stages() == ["renewal_3m", "renewal_1m"]
    assert [e.day_on for e in life.events] == [date(2026, 12, 31), date(2027, 2, 26)]


def test_the_deal_sleeps_between_its_milestones() -> None:
    assert live(ends("2027-03-31"), "2026-06-01", "2027-03-31").looks == 3


def test_a_daemon_that_was_down_for_months_tells_only_the_latest_and_moves_once() -> None:
    life = live(ends("2027-03-31"), "2027-03-10", "2027-03-10")
    assert life.told() == [("renewal_1m", "2027-03-31", "person:1")]
    assert life.stages() == ["renewal_1m"]
    assert ("renewal_3m", 0, "superseded") in life.states()


def test_deciding_twice_at_the_same_instant_says_nothing_new() -> None:
    life = live(ends("2027-03-31"), "2027-01-05", "2027-01-05")
    assert not decide(life.deal, life.policy, at("2027-01-05")).changes


def test_history_that_comes_with_the_first_load_is_silent_but_in_the_right_stage() -> None:
    life = live(
        replace(ends("2027-03-31"), baseline_at=at("2027-01-15"), arrived_at=at("2027-01-15")),
        "2027-01-15",
        "2027-03-31",
    )
    assert life.states() == [("renewal_3m", 0, "baseline"), ("renewal_1m", 0, "fired")]
    assert life.stages() == ["renewal_3m", "renewal_1m"]
    assert life.told() == [("renewal_1m", "2027-03-31", "person:1")]


def test_a_milestone_added_later_is_silent_for_days_already_past() -> None:
    p = policy(
        T3M,
        T1M,
        milestone("half_year", "-6 months", series="early"),
        since={"half_year": at("2026-11-01")},
    )
    life = live(ends("2027-03-31"), "2026-11-01", "2026-11-30", p=p)
    assert life.states() == [("half_year", 0, "baseline")]
    assert code_of(life.events[0].reason) == "new_rule"


def test_a_milestone_added_later_is_told_for_deals_that_arrive_after_it() -> None:
    p = policy(milestone("half_year", "-6 months"), since={"half_year": at("2026-11-01")})
    life = live(
        replace(ends("2027-03-31"), arrived_at=at("2026-11-10")), "2026-11-10", "2026-11-30", p=p
    )
    assert life.states() == [("half_year", 0, "fired")]


def test_an_end_that_moves_earlier_is_always_told_again() -> None:
    life = live(
        ends("2027-03-31"), "2026-12-31", "2027-01-31", moves_end("2027-01-10", "2027-03-25")
    )
    assert life.told() == [
        ("renewal_3m", "2027-03-31", "person:1"),
        ("renewal_3m", "2027-03-25", "person:1"),
    ]
    assert [e.state for e in life.withdrawn] == [EventState.WITHDRAWN]
    assert life.withdrawn[0].was is EventState.FIRED


@pytest.mark.parametrize(
    ("days", "state"), [(1, "carried_over"), (13, "carried_over"), (14, "fired"), (60, "fired")]
)
def test_an_end_that_moves_a_little_later_is_carried_over_and_a_lot_later_is_told(
    days: int, state: str
) -> None:
    later = date(2027, 3, 31) + timedelta(days=days)
    life = live(
        ends("2027-03-31"), "2026-12-31", "2027-07-01", moves_end("2027-01-05", later.isoformat())
    )
    assert life.states()[1] == ("renewal_3m", 0, state)
    assert life.events[1].anchor_on == later


def test_several_small_moves_are_measured_from_the_day_that_was_told() -> None:
    life = live(
        ends("2027-03-31"),
        "2026-12-31",
        "2027-02-01",
        moves_end("2027-01-12", "2027-04-10"),
        moves_end("2027-01-20", "2027-04-20"),
    )
    assert [(e.anchor_on.isoformat(), e.state.value) for e in life.events] == [
        ("2027-03-31", "fired"),
        ("2027-04-10", "carried_over"),
        ("2027-04-20", "fired"),
    ]


def test_an_end_that_moves_away_and_back_is_not_told_twice() -> None:
    life = live(
        ends("2027-03-31"),
        "2026-12-31",
        "2027-02-01",
        moves_end("2027-01-05", "2027-09-30"),
        moves_end("2027-01-06", "2027-03-31"),
    )
    assert life.told() == [("renewal_3m", "2027-03-31", "person:1")]
    assert life.stages() == ["renewal_3m", "stable", "renewal_3m"]


def test_every_withdrawal_keeps_what_the_event_had_been() -> None:
    moves = [
        moves_end(f"2027-01-{5 + n:02}", "2027-09-30" if n % 2 == 0 else "2027-03-31")
        for n in range(5)
    ]
    life = live(ends("2027-03-31"), "2026-12-31", "2027-02-01", *moves)
    taken_back = [
        e.was
        for e in life.deal.events
        if e.state is EventState.WITHDRAWN and e.anchor_on == date(2027, 3, 31)
    ]
    assert taken_back == [EventState.FIRED, EventState.CARRIED_OVER, EventState.CARRIED_OVER]


def test_a_day_that_begins_with_the_first_load_is_history() -> None:
    midnight = at("2026-12-31 00:00")
    life = Life(
        replace(ends("2027-03-31"), baseline_at=midnight, arrived_at=midnight), policy()
    ).until(midnight, midnight)
    assert life.states() == [("renewal_3m", 0, "baseline")]


def test_an_end_that_moves_out_of_the_window_takes_the_deal_back_to_its_health_and_says_why() -> (
    None
):
    risky = replace(ends("2027-03-31"), health=Health.AT_RISK, stage="at_risk")
    life = live(risky, "2026-12-31", "2027-01-31", moves_end("2027-01-10", "2027-12-31"))
    assert life.stages() == ["renewal_3m", "at_risk"]
    assert (
        word(life.moves[-1].because, Language.EN)
        == "the end moved from 2027-03-31 to 2027-12-31, out of the renewal window"
    )


def test_an_end_that_moves_within_the_window_takes_one_step_back() -> None:
    life = live(
        ends("2027-03-31"), "2026-12-31", "2027-03-15", moves_end("2027-03-10", "2027-05-31")
    )
    assert life.stages() == ["renewal_3m", "renewal_1m", "renewal_3m"]


def test_an_unsent_nudge_for_a_day_that_moved_is_cancelled() -> None:
    d = ends("2027-03-31")
    first = decide(d, policy(), at("2026-12-31"))
    waiting = replace(
        d,
        stage="renewal_3m",
        events=first.events,
        nudges=first.nudges,
        contract=replace(d.contract, ends_on=date(2027, 12, 31)),
    )
    second = decide(waiting, policy(), at("2026-12-31 12:00"))
    assert [c.key for c in second.cancels] == [first.nudges[0].key]


def test_an_unsent_nudge_gives_way_to_the_later_milestone_of_its_series() -> None:
    d = ends("2027-03-31")
    first = decide(d, policy(), at("2026-12-31"))
    waiting = replace(d, stage="renewal_3m", events=first.events, nudges=first.nudges)
    second = decide(waiting, policy(), at("2027-03-01"))
    assert [(c.key, code_of(c.reason)) for c in second.cancels] == [
        (first.nudges[0].key, "later_told")
    ]


def test_a_milestone_longer_than_the_term_does_not_apply() -> None:
    short = deal(contract(date(2026, 5, 31), starts_on=date(2026, 4, 1), term=Term(2)))
    life = live(short, "2026-04-01", "2026-05-31")
    assert life.states() == [("renewal_3m", 0, "skipped"), ("renewal_1m", 0, "fired")]
    assert (
        word(life.events[0].reason, Language.EN)
        == "does not apply: it falls before the contract starts (term 2 months)"
    )


def test_a_false_condition_is_skipped_with_the_value_that_was_read() -> None:
    big = replace(T3M, where=(Condition("amount", Operator.AT_LEAST, (5_000_000,)),))
    life = live(ends("2027-03-31"), "2026-12-31", "2027-01-31", p=policy(big))
    assert life.states() == [("renewal_3m", 0, "skipped")]
    assert "amount >= 5000000 (3600000)" in word(life.events[0].reason, Language.EN)
    assert life.stages() == []


def test_a_skipped_milestone_does_not_come_back_when_its_condition_turns_true() -> None:
    only_risky = replace(T3M, where=(Condition("health", Operator.IN, ("at_risk",)),))
    change: Change = (at("2027-01-10"), lambda d: replace(d, health=Health.AT_RISK))
    assert (
        live(ends("2027-03-31"), "2026-12-31", "2027-01-31", change, p=policy(only_risky)).told()
        == []
    )


def test_open_until_lets_a_milestone_wait_for_its_condition() -> None:
    only_risky = replace(
        T3M, where=(Condition("health", Operator.IN, ("at_risk",)),), open_until=Offset(days=30)
    )
    change: Change = (at("2027-01-10"), lambda d: replace(d, health=Health.AT_RISK))
    life = live(ends("2027-03-31"), "2026-12-31", "2027-02-28", change, p=policy(only_risky))
    assert life.states() == [("renewal_3m", 0, "fired")]
    assert life.events[0].at == at("2027-01-10")


def test_open_until_ends_in_expired_when_the_condition_stays_false() -> None:
    only_risky = replace(
        T3M, where=(Condition("health", Operator.IN, ("at_risk",)),), open_until=Offset(days=30)
    )
    life = live(ends("2027-03-31"), "2026-12-31", "2027-02-28", p=policy(only_risky))
    assert [(e.state.value, e.at) for e in life.events] == [("expired", at("2027-01-31 00:00"))]


def test_a_deal_stuck_in_onboarding_must_still_renew() -> None:
    life = live(replace(ends("2027-03-31"), stage="onboarding"), "2026-12-31", "2027-03-31")
    assert life.stages() == ["renewal_3m", "renewal_1m"]


def test_a_milestone_for_a_stage_the_deal_has_left_is_skipped() -> None:
    life = live(ends("2027-03-31"), "2026-04-02", "2026-06-01", p=policy(WELCOME))
    assert life.states() == [("onboarding_30d", 0, "skipped")]


def test_two_series_speak_for_themselves() -> None:
    two = deal(contract(date(2027, 3, 31), notice=Term(1)))
    life = live(two, "2026-12-01", "2027-02-28", p=policy(T3M, DEADLINE))
    assert [t[0] for t in life.told()] == ["renewal_3m", "decide_by_30d"]


def test_the_day_begins_in_the_owners_zone() -> None:
    tokyo = replace(ends("2027-03-31"), owner=CHIKA)
    assert decide(tokyo, policy(), at("2026-12-01")).wake_at == at("2026-12-28 00:00", TOKYO), (
        "31 December is a company holiday in Tokyo: earlier"
    )
    assert decide(ends("2027-03-31"), policy(), at("2026-12-01")).wake_at == at("2026-12-31 00:00")


def test_auto_renewal_is_won_three_business_days_after_the_notice_deadline_and_told_once() -> None:
    auto = deal(contract(date(2027, 3, 31), notice=Term(2), auto_renew=True))
    assert auto.contract.decide_by == date(2027, 1, 31)
    life = live(auto, "2026-12-01", "2027-04-30")
    assert life.told() == [
        ("renewal_3m", "2027-03-31", "person:1"),
        ("auto_renewal", "2027-01-31", "person:1"),
    ]
    assert life.moves[-1].to_stage == "won"
    assert life.moves[-1].at == at("2027-02-03 00:00")
    assert life.deal.won is not None
    assert life.deal.won.ends_on == date(2028, 3, 31)


def test_auto_renewal_opens_the_term_that_follows() -> None:
    auto = deal(contract(date(2027, 3, 31), notice=Term(2), auto_renew=True))
    opened = decide(auto, policy(), at("2027-02-03")).successor
    assert opened is not None
    assert (opened.starts_on, opened.ends_on, opened.decide_by, opened.stage) == (
        date(2027, 4, 1),
        date(2028, 3, 31),
        date(2028, 1, 31),
        "stable",
    )


def test_an_undone_auto_renewal_is_not_won_again_but_chased_at_the_end() -> None:
    auto = deal(contract(date(2027, 3, 31), notice=Term(2), auto_renew=True))
    life = live(auto, "2027-02-03", "2027-02-03")
    life.deal = replace(life.deal, stage="renewal_3m", won=None)
    life.until(at("2027-02-04"), at("2027-04-02"))
    assert life.deal.stage == "renewal_1m"
    assert life.told()[-1] == ("ended", "2027-03-31", "person:1")


def test_a_notice_loses_the_deal_on_the_day_that_decides_it() -> None:
    auto = deal(
        contract(date(2027, 3, 31), notice=Term(2), auto_renew=True), notice_on=date(2027, 1, 20)
    )
    assert decide(auto, policy(), at("2027-02-02")).lost is None
    assert [m.to_stage for m in decide(auto, policy(), at("2027-02-03")).moves] == ["lost"]


def test_a_contract_that_ended_without_an_answer_is_asked_about_once_and_then_left_to_the_digests() -> (
    None
):
    life = live(
        replace(ends("2027-03-31"), stage="renewal_1m"), "2027-03-31", "2027-04-20", p=policy(T1M)
    )
    chase = [(e.step, e.day_on.isoformat()) for e in life.events if e.milestone == "ended"]
    assert chase == [(0, "2027-04-01")]
    assert [n.recipient.person_id for n in life.nudges if n.milestone == "ended"] == [ANN.id]
    assert life.wake_at is None


def test_what_no_digest_lists_is_said_every_week() -> None:
    alone = replace(ends("2027-03-31"), stage="renewal_1m", owner=None, manager=None)
    life = live(alone, "2027-03-31", "2027-04-20", p=policy(T1M))
    assert [n.recipient.key for n in life.nudges if n.milestone == "ended"] == [
        "email:renewals@example.com"
    ] * 3
    left = replace(alone, owner=replace(ANN, active=False), manager=BOB)
    assert (
        len(
            [
                n
                for n in live(left, "2027-03-31", "2027-04-20", p=policy(T1M)).nudges
                if n.milestone == "ended"
            ]
        )
        == 1
    )


def test_an_expected_order_quiets_the_chase_until_its_day() -> None:
    expected = replace(
        ends("2027-03-31"),
        stage="renewal_1m",
        call=ForecastCall.RENEW,
        expected_on=date(2027, 4, 9),
    )
    life = live(expected, "2027-03-31", "2027-04-20", p=policy(T1M))
    assert [e.at for e in life.events if e.milestone == "ended"] == [at("2027-04-10 00:00")]
    assert [n.recipient.person_id for n in life.nudges if n.milestone == "ended"] == [ANN.id], (
        "no step is skipped for who waits for an order"
    )


def test_imported_history_that_ended_long_ago_is_listed_not_chased() -> None:
    for auto in (False, True):
        old = replace(
            ends("2025-03-31", starts_on=date(2024, 4, 1), auto_renew=auto),
            baseline_at=at("2026-11-01"),
            arrived_at=at("2026-11-01"),
        )
        life = live(old, "2026-11-01", "2027-11-01")
        assert ("ended", 0, "baseline") in life.states()
        assert life.told() == []
        assert life.wake_at is None


def test_an_auto_renewal_that_was_already_decided_at_the_first_load_is_won_silently() -> None:
    auto = deal(
        contract(date(2027, 3, 31), notice=Term(6), auto_renew=True),
        baseline_at=at("2026-11-23"),
        arrived_at=at("2026-11-23"),
    )
    life = live(auto, "2026-11-23", "2026-11-23")
    assert life.stages() == ["won"]
    assert life.told() == []


def test_health_moves_an_active_deal_and_leaves_a_renewing_one_where_it_is() -> None:
    assert live(
        replace(ends("2027-03-31"), health=Health.CRITICAL), "2026-06-01", "2026-06-01"
    ).stages() == ["critical"]
    assert (
        live(
            replace(ends("2027-03-31"), health=Health.CRITICAL, stage="renewal_3m"),
            "2027-01-05",
            "2027-01-05",
        ).stages()
        == []
    )


def test_unknown_health_keeps_the_active_stage() -> None:
    assert (
        live(
            replace(ends("2027-03-31"), health=Health.UNKNOWN, stage="at_risk"),
            "2026-06-01",
            "2026-06-01",
        ).stages()
        == []
    )


def test_onboarding_ends_by_itself_after_the_configured_days() -> None:
    p = policy(pipeline=replace(policy().pipelines["existing"], onboarding_days=90))
    life = live(replace(ends("2027-03-31"), stage="onboarding"), "2026-04-01", "2026-08-01", p=p)
    assert [(m.to_stage, m.at) for m in life.moves] == [("stable", at("2026-06-30 00:00"))]


def test_a_snoozed_nudge_comes_back_on_its_day_to_the_one_who_snoozed_it() -> None:
    life = live(ends("2027-03-31"), "2026-12-31", "2026-12-31")
    asked = life.deal.events[0]
    life.deal = replace(
        life.deal, events=(replace(asked, snoozed_until=date(2027, 1, 12), snoozed_by=BOB.id),)
    )
    life.until(at("2027-01-02"), at("2027-01-31"))
    assert life.told()[1:] == [("renewal_3m", "2027-03-31", "person:2")]
    assert life.events[-1].at == at("2027-01-12 00:00")


def test_an_anniversary_comes_every_year_of_an_evergreen_contract() -> None:
    evergreen = deal(
        contract(None, evergreen=True, term=None, starts_on=date(2024, 2, 29)),
        arrived_at=at("2024-03-01"),
    )
    yearly = milestone("anniversary", "-1 month", anchor=Anchor.ANNIVERSARY, series="anniversary")
    life = live(evergreen, "2024-03-01", "2028-12-31", p=policy(yearly))
    assert [e.anchor_on.isoformat() for e in life.events] == [
        "2025-02-28",
        "2026-02-28",
        "2027-02-28",
        "2028-02-29",
    ]
    assert len(life.told()) == 4


def test_a_spread_milestone_comes_a_few_business_days_earlier_and_always_the_same() -> None:
    wide = policy(replace(T3M, spread=5))
    days = {
        live(replace(ends("2027-03-31"), key=f"deal-{n}"), "2026-12-01", "2027-01-31", p=wide)
        .events[0]
        .day_on
        for n in range(60)
    }
    assert days == {date(2026, 12, d) for d in (24, 25, 28, 29, 30, 31)}


def test_a_stage_that_was_replaced_or_removed_is_left_for_its_heir() -> None:
    assert live(
        replace(ends("2027-03-31"), stage="vanished"), "2026-06-01", "2026-06-01"
    ).stages() == ["stable"]


def test_a_closed_deal_is_left_alone() -> None:
    decision = decide(replace(ends("2027-03-31"), stage="won"), policy(), at("2027-04-30"))
    assert not decision.changes
    assert decision.wake_at is None


def test_offboarding_milestones_run_in_the_lost_stage() -> None:
    goodbye = milestone(
        "goodbye",
        "+5 business days",
        anchor=Anchor.STAGE_ENTERED_ON,
        series="offboarding",
        in_stages=("lost",),
    )
    life = live(
        replace(ends("2027-03-31"), stage="lost", stage_entered_at=at("2027-03-01")),
        "2027-03-01",
        "2027-03-31",
        p=policy(goodbye),
    )
    assert [(e.milestone, e.day_on) for e in life.events] == [("goodbye", date(2027, 3, 8))]
