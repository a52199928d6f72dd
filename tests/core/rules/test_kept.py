"""Which notice deadlines a policy keeps: none is missed as shipped; where one is, the
counterexample is a life that really goes so."""

from dataclasses import replace
from datetime import date

import pytest

from scheduler.core.policy.attention import Attention
from scheduler.core.policy.milestones import Milestone
from scheduler.core.policy.policy import Policy
from scheduler.core.rules.kept_deadlines import (
    AskingDay,
    Missed,
    Words,
    lived,
    missed,
    renewing,
    told_of_missed,
)
from scheduler.core.time.dates import Term
from tests.cast import DEADLINE, T1M, T3M, policy

NO_CALL = Attention(last_call=False, repeat_every=0)


def only(under: Policy) -> Missed:
    (found,) = missed(under, 2027)
    return found


def test_the_shipped_rules_miss_none() -> None:
    assert list(missed(policy(T3M, T1M, DEADLINE, attention=Attention()), 2027)) == []


def test_without_a_question_that_counts_from_the_deadline_three_months_notice_is_missed() -> None:
    under = policy(T3M, T1M, attention=Attention())
    found = only(under)
    assert (found.notice, found.words, found.days_before) == (Term(3), (), None)
    assert found.late is not None
    assert found.late.milestone == "renewal_3m"
    assert found.late.day_on > found.last_on
    told = told_of_missed(found, under)
    assert "nobody is asked by then. What comes: renewal_3m on" in told.en
    assert "(too late). To mend it: add a milestone" in told.en
    assert "(期限後)" in told.ja


def test_without_a_last_call_the_last_word_comes_too_early() -> None:
    under = policy(T3M, T1M, DEADLINE, attention=NO_CALL)
    found = only(under)
    assert found.words == tuple(
        lived(
            renewing(found.ends_on, found.deadline_on, under, "existing", found.calendar),
            under,
            found.deadline_on,
        )
    )
    assert found.days_before is not None
    assert found.days_before > 3
    assert (
        f"the last word comes {found.days_before} working days before"
        in told_of_missed(found, under).en
    )
    assert "To mend it: set [attention] last_call = true, or add" in told_of_missed(found, under).en


@pytest.mark.parametrize(("offset", "kept"), [(-3, True), (-4, False)])
def test_three_working_days_before_is_near_enough_and_four_are_not(offset: int, kept: bool) -> None:
    late = replace(
        DEADLINE, offset=replace(DEADLINE.offset, days=0, business_days=offset), repeat_every=0
    )
    assert (list(missed(policy(late, attention=NO_CALL), 2027)) == []) is kept


def test_a_question_for_others_or_under_a_condition_is_no_question_for_the_owner() -> None:
    for other in (replace(DEADLINE, tell=("manager",)), replace(DEADLINE, asks=False)):
        assert Words(policy(T3M, other), "existing", policy().calendars["weekdays"]).asking == (
            T3M,
        )


@pytest.mark.parametrize(
    ("ends_on", "deadline_on", "words"),
    [
        (
            date(2027, 3, 31),
            date(2027, 1, 31),
            [
                AskingDay(date(2026, 12, 31), "renewal_3m"),
                AskingDay(date(2027, 1, 29), "renewal_3m", again=True),
            ],
        ),
        (
            date(2027, 3, 31),
            date(2027, 1, 1),
            [
                AskingDay(date(2026, 12, 2), "decide_by_30d"),
                AskingDay(date(2027, 1, 1), "decide_by_30d", again=True),
            ],
        ),
    ],
)
def test_what_the_owner_hears_until_a_deadline(
    ends_on: date, deadline_on: date, words: list[AskingDay]
) -> None:
    under: Policy = policy(T3M, T1M, DEADLINE, attention=Attention(repeat_every=0))
    assert (
        Words(under, "existing", under.calendars["weekdays"]).until(ends_on, deadline_on) == words
    )
    assert (
        lived(renewing(ends_on, deadline_on, under, "existing", "weekdays"), under, deadline_on)
        == words
    )


def asked(*milestones: Milestone) -> list[str]:
    under = policy(*milestones, attention=Attention())
    return [
        w.milestone
        for w in Words(under, "existing", under.calendars["weekdays"]).until(
            date(2027, 3, 31), date(2027, 2, 28)
        )
    ]


def test_two_questions_of_one_day_are_told_in_the_order_of_the_days_they_count_from() -> None:
    assert (
        asked(replace(T1M, offset=replace(T1M.offset, months=-2, days=0)), DEADLINE)[0]
        == "decide_by_30d"
    )
