"""A day that moves after somebody was told: what is taken back, what is carried over and with what,
and what stays. Each decision is looked at in full."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from scheduler.core.deal.contracts import Contract
from scheduler.core.deal.deal import EXPECTED, TOLD, Deal, Event
from scheduler.core.deal.people import Absence
from scheduler.core.deal.pipeline import Stage, StageKind
from scheduler.core.policy.policy import Policy
from scheduler.core.rules.decide import after, decide
from scheduler.core.time.dates import Offset, Term
from scheduler.core.words.conditions import Condition, Operator
from scheduler.core.words.lexicon import Anchor, EventState, Health, NudgeState
from scheduler.core.words.reasons import code_of, reason
from tests.cast import (
    ANN,
    BOB,
    DAN,
    DEADLINE,
    EXISTING,
    OFTEN,
    ONCE,
    T1M,
    T3M,
    at,
    contract,
    deal,
    label,
    milestone,
    policy,
    sent,
)
from tests.core.in_full import in_full

LAST = date(2027, 3, 31)
INSISTENT = policy(attention=OFTEN)
MOVED = "the day it counts from moved from 2027-03-31 to"
JOINING = policy(T3M, DEADLINE, attention=replace(ONCE, one_question_days=7))


def told(of: Deal, under: Policy, *days: str, out: bool = True) -> Deal:
    """The deal after looks on these days; the nudges of the last one went out unless not `out`."""
    for day in days:
        of = sent(of)
        of = after(of, decide(of, under, at(day)))
    return sent(of) if out else of


def moved(of: Deal, day: date | None, **more: object) -> Deal:
    """The same deal with another end, and other dates of its contract."""
    return replace(of, contract=replace(of.contract, ends_on=day, **more))  # type: ignore[arg-type]


def full(of: Deal, under: Policy, day: str) -> list[str]:
    """The whole decision, without its alarm."""
    decision = decide(of, under, at(day))
    assert {m.at for m in decision.moves} <= {at(day)}
    return [s for s in in_full(decision, of) if not s.startswith("looks")]


def test_a_question_is_carried_over_with_its_reminders_and_what_has_not_gone_out() -> None:
    was = told(deal(), INSISTENT, "2026-12-31", "2027-01-05", "2027-01-08", out=False)
    again = [
        (
            "renewal_3m+0 2027-04-05 on 2026-12-31 carried_over: already told for 2027-03-31, "
            "5 days earlier"
        ),
        "renewal_3m+1 2027-04-05 on 2027-01-05 fired: no answer since 2026-12-31: reminder 1",
        "renewal_3m+2 2027-04-05 on 2027-01-08 fired: no answer since 2026-12-31: reminder 2",
    ]
    gone = [
        f"renewal_3m+{step} 2027-03-31 on {day} withdrawn, was fired: {MOVED} 2027-04-05"
        for step, day in enumerate(("2026-12-31", "2027-01-05", "2027-01-08"))
    ]
    handed_on = [
        "to person:1 as owner: renewal_3m+2 2027-04-05",
        f"not to person:1 renewal_3m+2: {MOVED} 2027-04-05",
    ]
    then = moved(was, date(2027, 4, 5))
    assert full(then, INSISTENT, "2027-01-08 12:00") == again + gone + handed_on
    assert full(sent(then), INSISTENT, "2027-01-08 12:00") == again + gone


@pytest.mark.parametrize(
    ("state", "why", "others", "passed_on"),
    [
        (NudgeState.WAITING, "", NudgeState.WAITING, True),
        (NudgeState.HELD, "", NudgeState.CANCELLED, True),
        (NudgeState.CANCELLED, "anchor_moved", NudgeState.CANCELLED, True),
        (NudgeState.CANCELLED, "deal_closed", NudgeState.CANCELLED, False),
        (NudgeState.WAITING, "", NudgeState.SENT, False),
        (NudgeState.WAITING, "", NudgeState.IN_DOUBT, False),
    ],
)
def test_a_reminder_that_has_reached_nobody_is_passed_on_to_the_same_people(
    state: NudgeState, why: str, others: NudgeState, passed_on: bool
) -> None:
    away = replace(ANN, absences=(Absence(date(2026, 12, 1), date(2027, 1, 20), DAN.id, 1),))
    both = policy(replace(T3M, tell=("owner", "manager")), attention=OFTEN)
    of = deal(owner=away, people={p.id: p for p in (away, BOB, DAN)})
    was = told(of, both, "2026-12-31", "2027-01-05", out=False)
    *first, mine, other = was.nudges
    mine = replace(mine, state=state, reason=reason(why) if why else "")
    then = replace(was, nudges=(*first, mine, replace(other, state=others)))
    said = full(moved(then, date(2027, 4, 5)), both, "2027-01-06")
    nudge = (
        "to person:4 as owner: renewal_3m+1 2027-04-05, instead of 1, Ann Ito is away until "
        "2027-01-20"
    )
    assert [s for s in said if s.startswith("to person:4")] == ([nudge] if passed_on else [])


def test_an_answer_and_a_quiet_time_are_carried_over_and_a_row_is_a_new_one() -> None:
    was = told(deal(), INSISTENT, "2026-12-31", "2027-01-05")
    first, again = was.events
    quiet = replace(again, snoozed_until=date(2027, 1, 12), snoozed_by=1, seen=True, id=7)
    answered = replace(first, answered_at=at("2027-01-04"))
    then = moved(replace(was, events=(answered, quiet)), date(2027, 4, 5))
    assert full(then, INSISTENT, "2027-01-08")[:2] == [
        (
            "renewal_3m+0 2027-04-05 on 2026-12-31 carried_over: already told for 2027-03-31, "
            "5 days earlier, answered"
        ),
        (
            "renewal_3m+1 2027-04-05 on 2027-01-05 fired: no answer since 2026-12-31: reminder 1, "
            "quiet until 2027-01-12 for 1, seen"
        ),
    ]


def test_an_end_that_comes_back_takes_the_deal_back_and_says_that_it_was_told() -> None:
    was = told(deal(), INSISTENT, "2026-12-31", "2027-01-05")
    away = told(moved(was, date(2027, 12, 31)), INSISTENT, "2027-01-06")
    gone = told(moved(away, None), INSISTENT, "2027-01-06 11:00")
    assert full(moved(gone, date(2027, 4, 2)), INSISTENT, "2027-01-07") == [
        "stable -> renewal_3m by policy 1: already told for 2027-03-31, 2 days earlier",
        (
            "renewal_3m+0 2027-04-02 on 2026-12-31 carried_over: already told for 2027-03-31, "
            "2 days earlier"
        ),
        "renewal_3m+1 2027-04-02 on 2027-01-05 fired: no answer since 2026-12-31: reminder 1",
    ]


def test_a_reminder_of_a_question_that_lost_its_words_is_called_a_reminder() -> None:
    was = told(deal(), INSISTENT, "2026-12-31", "2027-01-05")
    away = told(moved(was, date(2027, 12, 31)), INSISTENT, "2027-01-06")
    assert [code_of(e.reason) for e in away.events] == ["anchor_moved", "anchor_moved"]
    back = decide(moved(away, date(2027, 3, 31)), INSISTENT, at("2027-01-07"))
    assert [(e.step, e.state, code_of(e.reason)) for e in back.events] == [
        (0, EventState.CARRIED_OVER, "carried_over"),
        (1, EventState.FIRED, "asked_again"),
    ]


ASKED_AFTER = "ended+0 2027-03-31 on 2027-04-01 withdrawn, was fired: "


@pytest.mark.parametrize(
    ("ends_on", "day", "said"),
    [
        (
            date(2027, 4, 5),
            "2027-04-06",
            [
                (
                    "ended+0 2027-04-05 on 2027-04-01 carried_over: already told for 2027-03-31, "
                    "5 days earlier"
                ),
                f"{ASKED_AFTER}{MOVED} 2027-04-05",
            ],
        ),
        (date(2027, 4, 5), "2027-04-05", [f"{ASKED_AFTER}{MOVED} 2027-04-05"]),
        (
            date(2027, 4, 14),
            "2027-04-15",
            [
                "ended+0 2027-04-14 on 2027-04-15 fired: ended on 2027-04-14 without an answer",
                f"{ASKED_AFTER}{MOVED} 2027-04-14",
                "to person:1 as owner: ended+0 2027-04-14",
            ],
        ),
        (
            date(2027, 3, 30),
            "2027-04-06",
            [
                "ended+0 2027-03-30 on 2027-03-31 fired: ended on 2027-03-30 without an answer",
                f"{ASKED_AFTER}{MOVED} 2027-03-30",
                "to person:1 as owner: ended+0 2027-03-30, late",
            ],
        ),
        (None, "2027-04-06", [f"{ASKED_AFTER}the day it counts from, 2027-03-31, is gone"]),
        (date(2027, 3, 31), "2027-04-06", []),
    ],
    ids=["a little later", "today", "much later", "earlier", "no end", "the same"],
)
def test_a_corrected_end_that_lies_in_the_past_is_not_asked_about_twice(
    ends_on: date | None, day: str, said: list[str]
) -> None:
    ask = policy(milestone("welcome", "+30 days", anchor=Anchor.STARTS_ON))
    was = told(deal(stage="renewal_1m"), ask, "2026-12-01", "2027-04-01")
    assert full(moved(was, ends_on), ask, day) == said


@pytest.mark.parametrize(
    ("first", "days", "state"),
    [
        (date(2027, 1, 5), 15, "carried_over"),
        (date(2027, 1, 5), 16, "fired"),
        (date(2027, 2, 1), 13, "carried_over"),
        (date(2027, 2, 1), 14, "fired"),
    ],
)
def test_half_an_interval_later_it_is_another_occurrence(
    first: date, days: int, state: str
) -> None:
    monthly = policy(
        milestone("review", "0 days", anchor=Anchor.STARTS_ON, every=Term(1)), resend_after_move=30
    )
    of = contract(starts_on=first - timedelta(days=31))
    was = told(deal(of, arrived_at=at("2026-11-20")), monthly, first.isoformat())
    later = replace(of, starts_on=of.starts_on + timedelta(days=days)) if of.starts_on else of
    day = (first + timedelta(days=days)).isoformat()
    said = decide(replace(was, contract=later), monthly, at(day))
    assert [(e.anchor_on.isoformat(), e.state.value) for e in said.events] == [(day, state)]


@pytest.mark.parametrize(
    ("ends_on", "gone"),
    [
        (date(2026, 12, 4), ["2027-01-01"]),
        (date(2026, 12, 3), ["2026-12-01", "2027-01-01"]),
        (None, []),
    ],
)
def test_occurrences_stand_up_to_the_end_though_the_calendar_holds_only_the_latest(
    ends_on: date | None, gone: list[str]
) -> None:
    monthly = policy(milestone("review", "+3 days", anchor=Anchor.STARTS_ON, every=Term(1)))
    of = deal(contract(starts_on=date(2026, 10, 1)), arrived_at=at("2026-10-01"))
    was = told(of, monthly, "2026-11-04", "2026-12-04", "2027-01-04")
    said = decide(moved(was, ends_on), monthly, at("2027-01-20"))
    assert [e.anchor_on.isoformat() for e in said.withdrawn] == gone
    elsewhere = replace(was, contract=replace(was.contract, starts_on=date(2026, 10, 2)))
    assert len(decide(elsewhere, monthly, at("2027-01-20")).withdrawn) == 3


@pytest.mark.parametrize(
    ("since", "ends_on", "every", "stands"),
    [
        ("2026-12-30", date(2027, 3, 31), None, False),
        ("2026-12-31", date(2027, 3, 31), None, True),
        ("2027-01-01", date(2027, 3, 31), None, True),
        ("2027-01-01", date(2027, 4, 30), None, False),
        ("2027-01-01", date(2027, 4, 30), Term(1), True),
        ("2026-12-30", date(2027, 4, 30), Term(1), False),
    ],
)
def test_what_was_told_before_a_milestone_counted_otherwise_stands(
    since: str, ends_on: date, every: Term | None, stands: bool
) -> None:
    was = told(deal(contract(decide_by=date(2027, 2, 28))), policy(T3M), "2026-12-31")
    counted = replace(T3M, anchor=Anchor.DECIDE_BY, every=every)
    edited = policy(counted, version=2, since={T3M.id: at(since)})
    said = decide(moved(was, ends_on), edited, at("2027-01-02"))
    assert (said.withdrawn == ()) is stands


def test_a_question_of_a_milestone_that_counts_otherwise_now_is_still_reminded_of() -> None:
    was = told(deal(contract(decide_by=date(2027, 2, 28))), policy(T3M), "2026-12-31")
    counted = replace(T3M, anchor=Anchor.DECIDE_BY)
    edited = policy(counted, version=2, since={T3M.id: at("2027-01-02")}, attention=OFTEN)
    said = decide(was, edited, at("2027-01-08"))
    assert any(e.anchor_on == date(2027, 3, 31) and e.step for e in said.events)
    assert said.withdrawn == ()


def test_a_nudge_of_a_milestone_that_is_gone_is_not_sent() -> None:
    was = told(deal(), policy(T3M), "2026-12-31", out=False)
    assert full(was, policy(T1M), "2027-01-02") == [
        "not to person:1 renewal_3m+0: the milestone was removed from the policy"
    ]


@pytest.mark.parametrize(("day", "anew"), [("2027-01-31", True), ("2027-02-01", False)])
def test_a_notice_that_is_taken_back_lets_its_day_be_judged_anew_until_the_deadline(
    day: str, anew: bool
) -> None:
    of = deal(contract(decide_by=date(2027, 1, 31)), notice_on=date(2026, 12, 20))
    was = told(of, policy(DEADLINE), "2027-01-01")
    assert full(was, policy(DEADLINE), day) == []
    said = full(replace(was, notice_on=None), policy(DEADLINE), day)
    judged = [
        (
            "decide_by_30d+0 2027-01-31 on 2027-01-01 fired: decide_by_30d reached (counted from "
            "decide_by, 2027-01-31)"
        ),
        (
            "decide_by_30d+0 2027-01-31 on 2027-01-01 withdrawn, was skipped: the notice was "
            "withdrawn or undone, so this is decided again"
        ),
    ]
    gone = (
        "notice+0 2026-12-20 on 2027-01-01 withdrawn, was fired: the day it counts from, "
        "2026-12-20, is gone"
    )
    asked = ["to person:1 as owner: decide_by_30d+0 2027-01-31, pressing, late"]
    assert said == ([*judged, gone, *asked] if anew else [gone])


@pytest.mark.parametrize(
    ("ends_on", "day", "anew"),
    [
        (date(2027, 12, 31), "2027-02-06", True),
        (date(2027, 12, 31), "2027-02-07", False),
        (date(2027, 3, 31), "2027-02-06", False),
        (date(2027, 4, 2), "2027-02-06", False),
    ],
    ids=["gone, on the deadline", "gone, after it", "still there", "carried over"],
)
@pytest.mark.parametrize("renamed", [False, True])
def test_a_day_joined_to_a_question_that_is_gone_is_judged_anew_until_its_deadline(
    ends_on: date, day: str, anew: bool, renamed: bool
) -> None:
    of = deal(contract(decide_by=date(2027, 2, 6)))
    was = told(of, JOINING, "2026-12-31", "2027-01-07")
    assert was.events[-1].state is EventState.SUPERSEDED
    three = replace(T3M, id="three", was=(T3M.id,)) if renamed else T3M
    said = decide(
        moved(was, ends_on),
        replace(JOINING, milestones=(three, DEADLINE)),
        at(day),
    )
    taken_back = [code_of(e.reason) for e in said.withdrawn if e.milestone == DEADLINE.id]
    assert taken_back == (["joined_gone"] if anew else [])
    assert (DEADLINE.id in [e.milestone for e in said.events]) is anew


def test_what_counts_from_a_stage_stands_though_the_deal_enters_it_again() -> None:
    goodbye = policy(
        milestone("hello", "+5 days", anchor=Anchor.STAGE_ENTERED_ON, in_stages=("stable",))
    )
    was = told(deal(stage_entered_at=at("2027-01-04")), goodbye, "2027-01-09")
    assert full(replace(was, stage_entered_at=at("2027-01-06")), goodbye, "2027-01-10") == []


def test_what_counts_from_a_day_that_is_gone_is_taken_back() -> None:
    was = told(deal(contract(decide_by=date(2027, 1, 31))), policy(DEADLINE), "2027-01-01")
    without = replace(was, contract=replace(was.contract, decide_by=None))
    assert full(without, policy(DEADLINE), "2027-01-02") == [
        (
            "decide_by_30d+0 2027-01-31 on 2027-01-01 withdrawn, was fired: the day it counts from, "
            "2027-01-31, is gone"
        )
    ]


IN_DOUBT = Condition("health", Operator.IN, ("at_risk",))


@pytest.mark.parametrize(
    ("of", "where", "health", "stage"),
    [
        (contract(), (), Health.STABLE, "renewal_3m"),
        (contract(), (IN_DOUBT,), Health.AT_RISK, "renewal_3m"),
        (contract(), (IN_DOUBT,), Health.STABLE, "stable"),
        (contract(starts_on=date(2027, 2, 28)), (), Health.STABLE, "renewal_3m"),
        (contract(starts_on=date(2027, 3, 1)), (), Health.STABLE, "stable"),
    ],
    ids=["plain", "condition met", "condition not met", "just fits", "too long for the term"],
)
def test_the_stage_goes_back_to_the_furthest_that_still_applies(
    of: Contract, where: tuple[Condition, ...], health: Health, stage: str
) -> None:
    under = policy(replace(T3M, where=where), T1M)
    was = told(replace(deal(of), health=Health.AT_RISK), under, "2027-03-10")
    was = replace(was, stage="renewal_1m", health=health)
    was = replace(was, events=(*(replace(e, state=EventState.FIRED) for e in was.events),))
    said = decide(moved(was, date(2027, 5, 31)), under, at("2027-03-11"))
    assert [m.to_stage for m in said.moves] == [stage]


def test_a_closed_deal_keeps_what_was_told_of_it() -> None:
    was = told(deal(), policy(), "2026-12-31")
    for stage in ("won", "lost"):
        assert (
            full(moved(replace(was, stage=stage), date(2027, 12, 31)), policy(), "2027-01-05") == []
        )
    gone = moved(replace(was, stage="no such stage"), date(2027, 12, 31))
    assert len(decide(gone, policy(), at("2027-01-05")).withdrawn) == 1


def test_of_two_questions_that_come_back_the_later_says_in_which_stage_the_deal_is() -> None:
    was = told(deal(), policy(), "2026-12-31", "2027-02-26")
    away = told(moved(was, date(2027, 12, 31)), policy(), "2027-03-01")
    assert away.stage == "stable"
    told_again = "already told for 2027-03-31, 2 days earlier"
    assert full(moved(away, date(2027, 4, 2)), policy(), "2027-03-02") == [
        f"stable -> renewal_1m by policy 1: {told_again}",
        f"renewal_3m+0 2027-04-02 on 2026-12-31 carried_over: {told_again}",
        f"renewal_1m+0 2027-04-02 on 2027-02-26 carried_over: {told_again}",
    ]


def test_what_moved_is_found_behind_what_stands() -> None:
    under = policy(DEADLINE, T3M)
    was = told(deal(contract(decide_by=date(2027, 1, 31))), under, "2026-12-31", "2027-01-02")
    expected = Event(EXPECTED, LAST, LAST, EventState.FIRED, "", at("2026-12-20"))
    answered = replace(expected, answered_at=at("2026-12-21"))
    first, second = sorted(was.events, key=lambda e: e.milestone)
    then = replace(was, events=(answered, first, second))
    said = decide(moved(then, date(2027, 12, 31)), under, at("2027-01-03"))
    assert [e.milestone for e in said.withdrawn] == ["renewal_3m"]
    asked = replace(then, events=(expected, first, second))
    assert [e.milestone for e in decide(asked, under, at("2027-01-03")).withdrawn] == [EXPECTED]


MIDDLE = Stage("renewal_2m", StageKind.RENEWAL, label("Renewal (2 months)"))
THREE = replace(EXISTING, stages=(*EXISTING.stages[:5], MIDDLE, *EXISTING.stages[5:]))
T2M = replace(T3M, id="renewal_2m", offset=Offset(months=-2), moves_to="renewal_2m")
IDLE = replace(EXISTING, stages=tuple(s for s in EXISTING.stages if s.kind is not StageKind.ACTIVE))


@pytest.mark.parametrize(
    ("under", "stage", "ends_on", "now", "back"),
    [
        (policy(T3M, T2M, T1M, pipeline=THREE), "renewal_1m", date(2027, 4, 30), "2027-03-01",
         ["renewal_2m"]),
        (policy(T3M, T2M, T1M, pipeline=THREE), "renewal_1m", date(2027, 5, 31), "2027-03-01",
         ["renewal_3m"]),
        (policy(), "renewal_1m", date(2027, 5, 31), "2027-02-26", ["renewal_3m"]),
        (policy(T3M, T1M, pipeline=IDLE), "renewal_1m", date(2027, 12, 31), "2027-03-01",
         ["onboarding"]),
        (policy(T3M, replace(T1M, moves_to="renewal_3m")), "renewal_3m", date(2027, 5, 31),
         "2027-03-01", []),
        (policy(replace(T1M, moves_to="stable")), "stable", date(2027, 12, 31), "2027-03-01", []),
    ],
    ids=["one step", "two steps", "on its day", "no active stages", "the same", "no renewal stage"],
)  # fmt: skip
def test_the_stage_goes_back_where_the_moved_day_belongs(
    under: Policy, stage: str, ends_on: date, now: str, back: list[str]
) -> None:
    told_then = Event(T1M.id, LAST, date(2027, 2, 26), EventState.FIRED, "", at("2027-02-26"))
    was = deal(stage=stage, events=(told_then,))
    moves = decide(moved(was, ends_on), under, at(now)).moves
    assert [m.from_stage for m in moves[:1]] == [stage for _ in back]
    assert [m.to_stage for m in moves] == back


@pytest.mark.parametrize("answered", [False, True])
@pytest.mark.parametrize("away", [date(2027, 1, 5), date(2027, 6, 30)])
def test_a_day_that_gave_way_to_a_question_gives_way_again_when_it_moved_away_and_back(
    away: date, *, answered: bool
) -> None:
    decide_by = date(2027, 1, 31)
    of = told(deal(contract(decide_by=decide_by)), JOINING, "2026-12-31", "2027-01-04")
    assert [code_of(e.reason) for e in of.events if e.milestone == DEADLINE.id] == ["asked_already"]
    if answered:
        said = [replace(e, answered_at=at("2027-01-05")) for e in of.events if e.state in TOLD]
        of = replace(of, events=(*said, *(e for e in of.events if e.state not in TOLD)))
    of = told(moved(of, away, decide_by=away - timedelta(days=59)), JOINING, "2027-01-06")
    of = told(moved(of, LAST, decide_by=decide_by), JOINING, "2027-01-20", "2027-01-21")
    back = [
        e for e in of.events if e.milestone == DEADLINE.id and e.state is not EventState.WITHDRAWN
    ]
    assert [(e.state, code_of(e.reason)) for e in back] == [
        (EventState.SUPERSEDED, "asked_already")
    ]
