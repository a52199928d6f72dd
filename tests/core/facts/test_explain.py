"""The steps to a day end where the rules put it, whatever the offset, shift, month end, calendar
and spread."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from scheduler.core.deal.deal import AUTO_RENEWAL, ENDED, EXPECTED, Deal
from scheduler.core.deal.people import Person
from scheduler.core.deal.pipeline import AutoRenewal
from scheduler.core.facts.explain import (
    Counting,
    DayStep,
    MonthEndNote,
    Origin,
    StepKind,
    counting,
    day_steps,
    decide_by_steps,
    system_steps,
)
from scheduler.core.policy.milestone_days import due_days
from scheduler.core.policy.milestones import Milestone
from scheduler.core.time.calendar import ALWAYS_OPEN, WEEKDAYS, Calendar, Closure
from scheduler.core.time.dates import MonthEnd, Offset, Shift, Term, decide_by
from scheduler.core.words.lexicon import Anchor, ForecastCall
from tests.cast import ANN, CHIKA, EXISTING, T3M, at, contract, deal, milestone, policy
from tests.core.life import Life


def culture_day(year: int) -> Mapping[date, str]:
    return {date(year, 11, 3): "文化の日"}


CALENDARS = {
    "weekdays": WEEKDAYS,
    "always": ALWAYS_OPEN,
    "jp": Calendar(
        "jp", holidays=culture_day, closures=(Closure.parse("12-29..01-03", "年末年始"),)
    ),
    "ae": Calendar("ae", weekend=frozenset({4, 5})),
    "seasonal": Calendar("seasonal", closures=(Closure.parse("02-01..12-24", "off season"),)),
}
offsets = st.builds(Offset, st.integers(-30, 30), st.integers(-400, 400), st.integers(-60, 60))
rules = st.builds(
    Milestone,
    st.sampled_from(("a", "b", "renewal_3m")),
    st.just("existing"),
    st.just(T3M.label),
    st.sampled_from((Anchor.ENDS_ON, Anchor.STARTS_ON, Anchor.DECIDE_BY, Anchor.EXPECTED_ON)),
    offsets,
    st.just("series"),
    shift=st.sampled_from(Shift),
    month_end=st.sampled_from(MonthEnd),
    spread=st.integers(0, 15),
)
days = st.dates(date(2024, 1, 1), date(2029, 12, 31))
FAR = replace(T3M, offset=Offset(12, 3, 2), spread=3)


@given(rules, days, st.sampled_from(sorted(CALENDARS)), st.text("abc", max_size=3))
@example(T3M, date(2027, 3, 31), "jp", "k")
@example(
    replace(T3M, offset=Offset(months=-1), month_end=MonthEnd.STICK, shift=Shift.NONE),
    date(2027, 2, 28),
    "weekdays",
    "k",
)
@example(FAR, date.max, "weekdays", "k")
@example(replace(FAR, offset=Offset(months=-12)), date.min, "weekdays", "k")
def test_the_last_step_is_the_day_of_the_schedule(
    rule: Milestone, anchor_on: date, calendar: str, key: str
) -> None:
    by = replace(policy(rule), calendars=CALENDARS)
    of = deal(
        contract(anchor_on, starts_on=anchor_on, decide_by=anchor_on),
        key=key,
        owner=replace(ANN, calendar=calendar),
        expected_on=anchor_on,
    )
    [due] = due_days(rule, of, by, anchor_on)
    steps = day_steps(rule, of, by, due.anchor_on)
    assert steps[0] == DayStep(StepKind.ANCHOR, anchor_on, anchor=rule.anchor.value)
    assert steps[-1].day_on == due.day_on


@given(days, st.builds(Term, months=st.integers(0, 30)) | st.builds(Term, days=st.integers(0, 400)))
@example(date(2027, 2, 28), Term(months=2))
@example(date(2027, 3, 30), Term(months=1))
@example(date.max, Term(months=3))
@example(date.max, Term(days=30))
def test_the_steps_to_the_notice_deadline_end_on_it(ends_on: date, notice: Term) -> None:
    steps = decide_by_steps(contract(ends_on, notice=notice))
    assert steps[0].day_on == ends_on
    assert steps[-1].day_on == decide_by(ends_on, notice)


def told(steps: tuple[DayStep, ...]) -> list[str]:
    """The steps in short."""
    return [
        f"{s.kind.value} {s.number or s.anchor or (s.closed.ja if s.closed else '')} {s.day_on}"
        + (f" {s.note}" if s.note else "")
        for s in steps
    ]


MONTH_BEFORE = replace(T3M, offset=Offset(months=-1), shift=Shift.NONE)
STICKING = replace(MONTH_BEFORE, month_end=MonthEnd.STICK)
TWO_PARTS = milestone("m", "-5 days -2 business days")
CASES = [
    (T3M, date(2027, 3, 31), ["anchor ends_on 2027-03-31", "months -3 2026-12-31", "earlier 年末年始 2026-12-28"]),
    (replace(T3M, shift=Shift.LATER), date(2027, 3, 31), ["anchor ends_on 2027-03-31", "months -3 2026-12-31", "later 年末年始 2027-01-04"]),
    (replace(T3M, shift=Shift.NONE), date(2027, 3, 31), ["anchor ends_on 2027-03-31", "months -3 2026-12-31", "stays 年末年始 2026-12-31"]),
    (MONTH_BEFORE, date(2027, 3, 30), ["anchor ends_on 2027-03-30", "months -1 2027-02-28 clamped", "stays 日曜日 2027-02-28"]),
    (STICKING, date(2026, 6, 30), ["anchor ends_on 2026-06-30", "months -1 2026-05-31 stuck", "stays 日曜日 2026-05-31"]),
    (TWO_PARTS, date(2026, 11, 13), ["anchor ends_on 2026-11-13", "days -5 2026-11-08", "business_days -2 2026-11-05"]),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "ends_on", "steps"), CASES)
def test_every_step_says_what_it_does(rule: Milestone, ends_on: date, steps: list[str]) -> None:
    assert (
        told(
            day_steps(
                rule,
                deal(contract(ends_on), owner=CHIKA),
                replace(policy(rule), calendars=CALENDARS),
                ends_on,
            )
        )
        == steps
    )


def test_levelling_says_how_many_of_how_many_business_days() -> None:
    rule = replace(T3M, spread=9)
    step = day_steps(rule, deal(), policy(rule), date(2027, 3, 31))[-1]
    assert (step.kind, step.within) == (StepKind.SPREAD, 9)
    assert -9 <= step.number <= 0
    assert WEEKDAYS.add(date(2026, 12, 31), step.number) == step.day_on


def test_a_deadline_that_was_set_for_the_contract_has_no_steps() -> None:
    assert decide_by_steps(contract(notice=Term(2), decide_by=date(2027, 1, 15))) == ()
    assert decide_by_steps(contract()) == ()


def test_a_deadline_at_a_months_end_stays_at_months_ends() -> None:
    assert [s.note for s in decide_by_steps(contract(date(2027, 2, 28), notice=Term(2)))] == [
        None,
        MonthEndNote.STUCK,
    ]
    assert [s.number for s in decide_by_steps(contract(date(2026, 10, 9), notice=Term(3)))] == [
        0,
        1,
        -3,
        -1,
    ]


SYSTEM = [
    (deal(contract(auto_renew=True, notice=Term(2))), AUTO_RENEWAL, "2027-02-03"),
    (deal(contract(auto_renew=True)), AUTO_RENEWAL, "2027-04-05"),
    (deal(), ENDED, "2027-04-01"),
    (
        deal(call=ForecastCall.RENEW, called_on=date(2026, 12, 1), expected_on=date(2027, 2, 6)),
        EXPECTED,
        "2027-02-08",
    ),
]


@pytest.mark.parametrize(("of", "event", "on"), SYSTEM)
def test_the_programs_own_days_end_where_the_rules_put_them(of: Deal, event: str, on: str) -> None:
    life = Life(of, policy()).until(at("2026-12-01"), at("2027-04-30"))
    made = next(e for e in life.events if e.milestone == event)
    assert made.day_on == date.fromisoformat(on)
    assert system_steps(event, life.deal, policy(), made.anchor_on)[-1].day_on == made.day_on


def test_a_pipeline_that_renews_at_the_end_counts_from_the_end() -> None:
    by = policy(pipeline=replace(EXISTING, auto_renewal=AutoRenewal.AT_END))
    life = Life(deal(contract(auto_renew=True, notice=Term(2))), by).until(
        at("2026-12-01"), at("2027-04-30")
    )
    made = next(e for e in life.events if e.milestone == AUTO_RENEWAL)
    assert told(system_steps(AUTO_RENEWAL, life.deal, by, made.anchor_on)) == [
        "anchor ends_on 2027-03-31",
        "days 1 2027-04-01",
    ]
    assert made.day_on == date(2027, 4, 1)


COUNTED = [
    (CHIKA, Counting("jp", Origin.OWNER, "Asia/Tokyo", Origin.OWNER)),
    (None, Counting("weekdays", Origin.PIPELINE, "Europe/London", Origin.PIPELINE)),
    (replace(ANN, zone=None), Counting("weekdays", Origin.OWNER, "Europe/London", Origin.PIPELINE)),
    (
        replace(CHIKA, calendar="unheard of"),
        Counting("weekdays", Origin.PIPELINE, "Asia/Tokyo", Origin.OWNER),
    ),
]


@pytest.mark.parametrize(("owner", "by"), COUNTED)
def test_days_are_counted_by_the_owner_else_the_pipeline(
    owner: Person | None, by: Counting
) -> None:
    assert counting(deal(owner=owner), policy()) == by


def test_without_a_pipeline_days_are_counted_by_the_policy_and_without_a_calendar_by_the_week() -> (
    None
):
    lost = replace(deal(owner=None), pipeline="gone")
    assert counting(lost, policy()) == Counting(
        "weekdays", Origin.POLICY, "Europe/London", Origin.POLICY
    )
    assert counting(lost, replace(policy(), calendars={})) == Counting(
        "weekdays", Origin.DEFAULT, "Europe/London", Origin.POLICY
    )
