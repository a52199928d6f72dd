"""What a milestone whose day has come does: each verdict and each settlement of a series in full."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from scheduler.core.deal.contracts import Contract
from scheduler.core.deal.deal import Deal, Event, Nudge
from scheduler.core.deal.people import Recipient
from scheduler.core.policy.attention import Attention
from scheduler.core.policy.milestones import Milestone
from scheduler.core.policy.policy import BACKFILLED, Policy
from scheduler.core.rules.firing import fire_milestones
from scheduler.core.time.dates import MonthEnd, Offset, Shift, Term
from scheduler.core.words.conditions import Condition, Operator
from scheduler.core.words.labels import Label
from scheduler.core.words.lexicon import Anchor, EventState, Language
from tests.cast import (
    CHIKA,
    DEADLINE,
    ONCE,
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
from tests.core.in_full import in_full

LAST = date(2027, 3, 31)
SMALL = Condition("segment", Operator.IN, ("smb",))
DEAR = Condition("amount", Operator.AT_LEAST, (9_000_000,))
FIVE = replace(T3M, moves_to=None, where=(SMALL,), open_until=Offset(days=5))


def said(of: Deal, now: str, under: Policy) -> list[str]:
    """What this rule alone says, in full; all of it happens now."""
    decision = fire_milestones(of, under, at(now))
    assert {e.at for e in decision.events} | {m.at for m in decision.moves} <= {at(now)}
    return in_full(decision, of)


NOT_MET = "condition not met"
READ = "segment in smb (enterprise)"
T = "renewal_3m+0 2027-03-31 on 2026-12-31"
MAY = contract(date(2027, 5, 31))
ROUGH = contract(starts_on=date(2027, 1, 10), term=None)


@pytest.mark.parametrize(
    ("of", "rule", "now", "lines"),
    [
        (contract(starts_on=date(2027, 1, 10)), T3M, "2027-01-10",
         [f"{T} skipped: does not apply: it falls before the contract starts (term 12 months)"]),
        (ROUGH, T3M, "2027-01-10",
         [f"{T} skipped: does not apply: it falls before the contract starts (term ?)"]),
        (contract(), replace(T3M, in_stages=("onboarding",)), "2026-12-31",
         [f"{T} skipped: the deal was in stage stable, which this milestone does not cover"]),
        (contract(), replace(T3M, where=(SMALL, DEAR)), "2026-12-31",
         [f"{T} skipped: {NOT_MET}: {READ}; amount >= 9000000 (3600000)"]),
        (contract(), FIVE, "2027-01-05", ["looks 2027-01-06 00:00"]),
        (contract(), FIVE, "2027-01-06 00:00",
         [f"{T} expired: not met by 2027-01-05: {READ}"]),
        (contract(), replace(FIVE, where=(), in_stages=("onboarding",)), "2027-01-06",
         [(f"{T} expired: not met by 2027-01-05: the deal was in stage stable, which this "
          "milestone does not cover")]),
        (MAY, replace(FIVE, open_until=Offset(months=1)), "2027-03-02",
         ["looks 2027-03-27 00:00"]),
        (MAY, replace(FIVE, shift=Shift.NONE, open_until=Offset(months=1)), "2027-03-02",
         ["looks 2027-03-29 00:00"]),
        (MAY, replace(FIVE, shift=Shift.NONE, open_until=Offset(months=1),
                      month_end=MonthEnd.STICK), "2027-03-02", ["looks 2027-04-01 00:00"]),
    ],
)  # fmt: skip
def test_a_day_that_does_not_apply_says_why_or_waits_for_its_condition(
    of: Contract, rule: Milestone, now: str, lines: list[str]
) -> None:
    assert said(deal(of), now, policy(rule)) == lines


def test_a_deadline_is_not_asked_about_while_a_notice_stands() -> None:
    of = deal(contract(decide_by=date(2027, 1, 31)), notice_on=date(2026, 12, 20))
    assert said(of, "2027-01-01", policy(DEADLINE)) == [
        (
            "decide_by_30d+0 2027-01-31 on 2027-01-01 skipped: notice was received, so there is "
            "nothing to ask"
        )
    ]


def test_the_alarm_is_for_whatever_comes_first_a_day_or_the_end_of_a_wait() -> None:
    for days, looks in ((-86, "2027-01-04"), (-82, "2027-01-06")):
        soon = replace(T1M, id="soon", offset=Offset(days=days))
        assert said(deal(), "2027-01-02", policy(FIVE, soon)) == [f"looks {looks} 00:00"]


def test_a_condition_may_come_true_until_the_owners_day_is_over() -> None:
    hers = deal(owner=CHIKA)
    assert fire_milestones(hers, policy(FIVE), at("2027-01-01", TOKYO)).wake_at == at(
        "2027-01-03 00:00", TOKYO
    )


def noted(
    rule: Milestone, state: EventState = EventState.FIRED, on: str = "2026-12-31", **more: Any
) -> Event:
    """An event that stands for a milestone's day."""
    return replace(Event(rule.id, LAST, date.fromisoformat(on), state, "", at(on)), **more)


def waits(number: int, rule: Milestone, anchor_on: date = LAST) -> Nudge:
    """A nudge that has not gone out."""
    return Nudge(f"n{number}", rule.id, anchor_on, 0, Recipient(number), "owner", "")


ASKED = replace(T1M, id="expected")
T3, T1 = replace(T3M, moves_to=None), replace(T1M, moves_to=None)
WON_BY_1M = [
    (
        "renewal_1m+0 2027-03-31 on 2027-02-26 fired: renewal_1m reached (counted from ends_on, "
        "2027-03-31)"
    ),
    "to person:1 as owner: renewal_1m+0 2027-03-31, late",
]
LATER = policy(T3, T1)


@pytest.mark.parametrize(
    ("more", "under", "lines"),
    [
        ({}, LATER, [f"{T} superseded: superseded by the later renewal_1m", *WON_BY_1M]),
        ({"events": (noted(T1),)}, LATER, [f"{T} superseded: superseded by the later renewal_1m"]),
        ({"events": (noted(T1, EventState.SUPERSEDED),)}, LATER,
         [f"{T} superseded: superseded by the later renewal_1m"]),
        ({"events": (noted(T1, EventState.SKIPPED),)}, LATER,
         [f"{T} fired: renewal_3m reached (counted from ends_on, 2027-03-31)",
          "to person:1 as owner: renewal_3m+0 2027-03-31, late"]),
        ({"events": (noted(T3),), "nudges": (waits(1, T3), waits(2, T3, date(2027, 3, 30)))}, LATER,
         [*WON_BY_1M, "not to person:1 renewal_3m+0: people hear about renewal_1m instead",
          "not to person:2 renewal_3m+0: people hear about renewal_1m instead"]),
        ({"events": (noted(T3),), "nudges": (waits(1, T1), waits(2, DEADLINE), waits(3, ASKED))},
         policy(T3, T1, DEADLINE), WON_BY_1M),
        ({"events": (noted(T3),), "nudges": (waits(1, T3),)}, policy(T3, replace(T1, tell=())),
         WON_BY_1M[:1]),
        ({"baseline_at": at("2027-01-01")}, LATER,
         [f"{T} baseline: already past when the data was first loaded; nothing sent", *WON_BY_1M]),
    ],
)  # fmt: skip
def test_of_a_series_the_latest_day_is_told(
    more: dict[str, Any], under: Policy, lines: list[str]
) -> None:
    assert said(deal(**more), "2027-03-01", under)[: len(lines) + 1] == lines + [
        line for line in said(deal(**more), "2027-03-01", under) if line.startswith("looks")
    ]


def test_who_is_told_of_a_question_of_another_series_is_told_which() -> None:
    joining = policy(T3, DEADLINE, attention=replace(ONCE, one_question_days=7))
    of = deal(contract(decide_by=date(2027, 2, 4)), events=(noted(T3),))
    assert said(of, "2027-01-05", joining) == [
        (
            "decide_by_30d+0 2027-02-04 on 2027-01-05 superseded: asked together with renewal_3m "
            "on 2026-12-31"
        )
    ]


ON_THE_DAY = milestone("today", "0 days", series="today")
AFTER = milestone("after", "+1 day", series="after")
OVER = "2027-03-31 was already over, so it is not announced as coming"
MONTHLY = milestone("monthly", "-5 days", series="monthly", every=Term(1))


@pytest.mark.parametrize(
    ("rule", "now", "state"),
    [
        (T1, "2027-03-31", "fired"),
        (T1, "2027-04-01", "expired"),
        (ON_THE_DAY, "2027-04-01", "fired"),
        (replace(ON_THE_DAY, asks=True), "2027-03-31", "fired"),
        (replace(ON_THE_DAY, asks=True), "2027-04-01", "expired"),
        (replace(AFTER, asks=True), "2027-04-02", "fired"),
        (replace(WELCOME, in_stages=()), "2027-04-02", "fired"),
        (milestone("before", "-5 days", anchor=Anchor.EXPECTED_ON), "2027-04-02", "fired"),
        (MONTHLY, "2027-04-01", "fired"),
    ],
)
def test_an_end_or_a_deadline_that_is_over_is_not_announced(
    rule: Milestone, now: str, state: str
) -> None:
    of = deal(expected_on=date(2027, 3, 31))
    (event,) = fire_milestones(of, policy(rule), at(now)).events
    assert event.state == state
    if state == "expired":
        assert said(of, now, policy(rule))[0].endswith(f"expired: {OVER}")


def test_what_is_over_is_no_last_call_and_still_moves_the_deal() -> None:
    lines = said(deal(), "2027-04-01", policy(T1M, attention=Attention(repeat_every=0)))
    assert lines == [
        "stable -> renewal_1m by policy 1: renewal_1m reached (counted from ends_on, 2027-03-31)",
        f"renewal_1m+0 2027-03-31 on 2027-02-26 expired: {OVER}",
    ]


def test_the_words_are_those_of_the_policys_language() -> None:
    named = replace(T3, label=Label.given({"ja": "三か月前", "en": "Three months before"}))
    for language, words in ((Language.EN, "Three months before"), (Language.JA, "三か月前")):
        under = replace(policy(named), language=language)
        assert f"fired: {words} reached" in said(deal(), "2026-12-31", under)[0]


OLD = "already past when this milestone was added; nothing sent"


@pytest.mark.parametrize(
    ("since", "arrived", "silent"),
    [
        ("2026-12-31 00:00", "2026-04-01", True),
        ("2026-12-30 23:59", "2026-04-01", False),
        ("2027-01-02", "2027-01-02", True),
        ("2027-01-02", "2027-01-02 10:01", False),
        (None, "2026-04-01", False),
    ],
)
@pytest.mark.parametrize("backfilled", [False, True])
def test_a_new_milestone_is_silent_for_deals_and_days_before_it(
    since: str | None, arrived: str, silent: bool, backfilled: bool
) -> None:
    known = {T3.id: at(since)} if since else {}
    wished = {BACKFILLED + T3.id: at("2027-01-03")} if backfilled else {}
    under = policy(T3, since={**known, **wished})
    lines = said(deal(arrived_at=at(arrived)), "2027-01-04", under)
    told = f"{T} fired: renewal_3m reached (counted from ends_on, 2027-03-31)"
    assert lines[0] == (f"{T} baseline: {OLD}" if silent and not backfilled else told)


@pytest.mark.parametrize(("zone", "silent"), [("London", False), ("Tokyo", True)])
def test_a_day_is_past_when_it_began_where_the_owner_is(zone: str, silent: bool) -> None:
    of = deal(contract(date(2027, 4, 30)), baseline_at=at("2027-01-28 20:00"))
    of = replace(of, owner=CHIKA) if zone == "Tokyo" else of
    under = policy(replace(T3, offset=Offset(months=-3)))
    (event,) = fire_milestones(of, under, at("2027-02-01")).events
    assert (event.state is EventState.BASELINE) is silent
