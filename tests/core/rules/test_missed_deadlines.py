"""Which notice deadlines a policy keeps: none is missed as shipped; where one is, the
counterexample is a life that really goes so."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from scheduler.core.deal.pipeline import Pipeline, StageKind
from scheduler.core.policy.attention import Attention
from scheduler.core.policy.milestones import Milestone
from scheduler.core.policy.policy import Policy
from scheduler.core.rules.missed_deadlines import (
    AskingDay,
    MissedDeadline,
    UnansweredQuestions,
    lived,
    missed_deadlines,
    renewing,
    told_of_missed,
)
from scheduler.core.time.calendar import WEEKDAYS, Calendar, Closure
from scheduler.core.time.dates import Offset, Term
from scheduler.core.words.lexicon import Anchor
from tests.cast import DEADLINE, EXISTING, LONDON, T1M, T3M, milestone, policy

NO_CALL = Attention(last_call=False, repeat_every=0)


def only(under: Policy) -> MissedDeadline:
    (found,) = missed_deadlines(under, 2027)
    return found


def test_the_shipped_rules_miss_none() -> None:
    assert list(missed_deadlines(policy(T3M, T1M, DEADLINE, attention=Attention()), 2027)) == []


def test_without_a_question_that_counts_from_the_deadline_three_months_notice_is_missed() -> None:
    under = policy(T3M, T1M, attention=Attention())
    found = only(under)
    assert (found.notice, found.words, found.days_before) == (Term(3), (), None)
    assert found.late is not None
    assert found.late.milestone == "renewal_3m"
    assert found.late.day_on > found.last_on
    told = told_of_missed(found, under)
    assert "nobody is asked by then. What comes: renewal_3m on" in told.en
    assert "(too late). To fix it: add a milestone" in told.en
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
    assert "To fix it: set [attention] last_call = true, or add" in told_of_missed(found, under).en


@pytest.mark.parametrize(("offset", "kept"), [(-3, True), (-4, False)])
def test_three_working_days_before_is_near_enough_and_four_are_not(offset: int, kept: bool) -> None:
    late = replace(
        DEADLINE, offset=replace(DEADLINE.offset, days=0, business_days=offset), repeat_every=0
    )
    assert (list(missed_deadlines(policy(late, attention=NO_CALL), 2027)) == []) is kept


def test_a_question_for_others_or_under_a_condition_is_no_question_for_the_owner() -> None:
    for other in (replace(DEADLINE, tell=("manager",)), replace(DEADLINE, asks=False)):
        assert UnansweredQuestions(
            policy(T3M, other), "existing", policy().calendars["weekdays"]
        ).asking == (T3M,)


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
        UnansweredQuestions(under, "existing", under.calendars["weekdays"]).until(
            ends_on, deadline_on
        )
        == words
    )
    assert (
        lived(renewing(ends_on, deadline_on, under, "existing", "weekdays"), under, deadline_on)
        == words
    )


def asked(*milestones: Milestone) -> list[str]:
    under = policy(*milestones, attention=Attention())
    return [
        w.milestone
        for w in UnansweredQuestions(under, "existing", under.calendars["weekdays"]).until(
            date(2027, 3, 31), date(2027, 2, 28)
        )
    ]


def test_two_questions_of_one_day_are_told_in_the_order_of_the_days_they_count_from() -> None:
    assert (
        asked(replace(T1M, offset=replace(T1M.offset, months=-2, days=0)), DEADLINE)[0]
        == "decide_by_30d"
    )


NEAR = milestone("near", "-5 days", anchor=Anchor.DECIDE_BY, asks=True, series="near")
HALF_WEEK = Calendar("half", weekend=frozenset({3, 4, 5, 6}))
"""Open from Monday to Wednesday: five days before a deadline are three working days at most."""


def of_two(own: str, *milestones: Milestone) -> Policy:
    """A policy without last calls whose pipeline has one of two calendars."""
    under = policy(*milestones, attention=NO_CALL, pipeline=replace(EXISTING, calendar=own))
    return replace(under, calendars={"half": HALF_WEEK, "weekdays": WEEKDAYS}, calendar=own)


def test_the_pipelines_own_calendar_is_tried_first_and_the_others_every_tenth_day() -> None:
    assert only(of_two("weekdays", NEAR)).ends_on == date(2027, 1, 1)
    found = only(of_two("half", NEAR))
    assert (found.calendar, found.ends_on) == ("weekdays", date(2027, 1, 1))
    assert found.days_before == 5
    later = replace(NEAR, offset=Offset(business_days=-2))
    assert list(missed_deadlines(of_two("half", later), 2027)) == []


def test_of_a_year_every_end_is_tried_the_last_day_too() -> None:
    """Only the days around the turn of the year are closed for so long that four days are short."""
    closed = replace(WEEKDAYS, closures=(Closure.parse("2027-12-28..2027-12-30", "closed"),))
    on_time = milestone("on", "-0 days", anchor=Anchor.DECIDE_BY, asks=True)
    under = replace(
        policy(on_time, attention=NO_CALL), calendars={"weekdays": closed}, calendar="weekdays"
    )
    found = only(under)
    assert found.words == ()
    assert found.late == AskingDay(date(2027, 1, 2), "on")
    early = replace(on_time, offset=replace(on_time.offset, business_days=-1))
    assert list(missed_deadlines(replace(under, milestones=(early,)), 2027)) == []


@pytest.mark.parametrize(
    ("milestones", "pipeline"),
    [
        ((replace(T3M, asks=False),), EXISTING),
        ((replace(T3M, pipeline="other"),), EXISTING),
        (
            (T3M,),
            replace(EXISTING, stages=tuple(s for s in EXISTING.stages if "renewal" not in s.id)),
        ),
    ],
    ids=["nothing asks", "asks elsewhere", "no renewals"],
)
def test_a_pipeline_without_questions_or_renewals_misses_nothing(
    milestones: tuple[Milestone, ...], pipeline: Pipeline
) -> None:
    under = policy(*milestones, attention=NO_CALL, pipeline=pipeline)
    assert list(missed_deadlines(under, 2027)) == []


def test_the_contract_that_is_tried_renews_itself_and_is_long_known() -> None:
    of = renewing(date(2027, 3, 31), date(2027, 1, 31), policy(), "existing", "jp")
    assert of.owner is not None
    assert (of.stage, of.owner.calendar, of.owner.zone) == ("stable", "jp", LONDON)
    assert of.contract.auto_renew
    assert (of.contract.ends_on, of.contract.decide_by) == (date(2027, 3, 31), date(2027, 1, 31))
    assert of.contract.starts_on == of.arrived_at.date() == of.stage_entered_at.date()
    assert of.arrived_at == datetime(2017, 3, 23, tzinfo=UTC)
    idle = tuple(s for s in EXISTING.stages if s.kind is not StageKind.ACTIVE)
    without = policy(pipeline=replace(EXISTING, stages=idle))
    assert renewing(date(2027, 3, 31), date(2027, 1, 31), without, "existing", "jp").stage == (
        "onboarding"
    )


def heard(*days: tuple[date, str], again: bool = False) -> tuple[AskingDay, ...]:
    return tuple(AskingDay(day, milestone, again) for day, milestone in days)


WHY_IT_MATTERS = "pipelines[existing]: a notice deadline can pass before anybody is asked in time. "
CONTRACT = (
    "Example: a contract that renews itself, ends on Wed 31 Mar 2027 and has a notice of 1 month "
    "(calendar weekdays): the deadline is Sun 28 Feb 2027, in practice Fri 26 Feb 2027; "
)
FIX = "add a milestone that asks and counts from decide_by."
LATE = AskingDay(date(2027, 3, 1), "renewal_1m")


@pytest.mark.parametrize(
    ("words", "late", "days", "call", "told"),
    [
        ((), None, None, True, "nobody is asked by then. What comes: nothing. To fix it: "),
        ((), LATE, None, True, ("nobody is asked by then. What comes: renewal_1m on Mon 1 Mar 2027 "
         "(too late). To fix it: ")),
        (heard((date(2026, 12, 31), "renewal_3m")), LATE, 41, False,
         ("the last word comes 41 working days before. What comes: renewal_3m on Thu 31 Dec 2026, "
         "renewal_1m on Mon 1 Mar 2027 (too late). To fix it: set [attention] last_call = true, "
         "or ")),
        (heard((date(2026, 12, 31), "renewal_3m"), again=True), None, 5, True,
         ("the last word comes 5 working days before. What comes: renewal_3m+ on Thu 31 Dec 2026. "
         "To fix it: ")),
    ],
)  # fmt: skip
def test_a_counterexample_is_a_contract_with_its_days_and_what_would_help(
    words: tuple[AskingDay, ...], late: AskingDay | None, days: int | None, call: bool, told: str
) -> None:
    case = MissedDeadline("existing", "weekdays", date(2027, 3, 31), Term(1), date(2027, 2, 28),
                  date(2027, 2, 26), words, late, days)  # fmt: skip
    under = policy(attention=replace(NO_CALL, last_call=call))
    assert told_of_missed(case, under).en == f"{WHY_IT_MATTERS}{CONTRACT}{told}{FIX}"


def test_a_question_on_the_last_day_is_the_last_word_and_one_the_day_before_is_not() -> None:
    def days(offset: int) -> list[str]:
        late = replace(DEADLINE, offset=replace(DEADLINE.offset, days=offset))
        under = policy(late, attention=Attention(repeat_every=0))
        found = UnansweredQuestions(under, "existing", WEEKDAYS).until(
            date(2027, 3, 31), date(2027, 2, 26)
        )
        return [f"{w.day_on}{'+' * w.again}" for w in found]

    assert days(0) == ["2027-02-26"]
    assert days(-1) == ["2027-02-25", "2027-02-26+"]


def test_what_was_once_found_of_two_questions_holds_for_all_with_as_many_days_between() -> None:
    """T-1m is on 30 March; the deadline's question up to a week before or after is the same one."""
    ends_on, near = date(2027, 4, 30), replace(NEAR, offset=replace(NEAR.offset, days=-10))
    under = policy(T1M, near, attention=Attention(repeat_every=0, last_call=False))
    words, asked = UnansweredQuestions(under, "existing", WEEKDAYS), []
    for number in range(20):
        deadline_on = date(2027, 4, 1) + timedelta(days=number)
        found = words.until(ends_on, deadline_on)
        of = renewing(ends_on, deadline_on, under, "existing", "weekdays")
        assert found == lived(of, under, deadline_on)
        asked.append(len(found))
    assert asked == [2, *[1] * 15, *[2] * 4]
