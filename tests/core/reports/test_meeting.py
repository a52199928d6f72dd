"""The page for the weekly meeting: what stands on top, what comes next, what is due by month."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from scheduler.core.deal.contracts import Money
from scheduler.core.reports.meeting import (
    DueLine,
    LastWord,
    MeetingFacts,
    MeetingGroup,
    NextStep,
    meeting,
    next_step,
    pages_of,
)
from scheduler.core.reports.meeting_chart import due_chart
from scheduler.core.words.lexicon import Health, Language

TODAY = date(2027, 1, 11)
PLAIN = MeetingFacts(
    1, "C-1", "Aoba", "Pro", "mid", "existing", "renewal_3m", ("Ann Ito", "ann@example.com"), "emea",
    date(2027, 3, 31), date(2027, 1, 31), False, False, None, Money(100, "JPY"), Health.STABLE, "",
    None, None, "", None, None, None, None, False, False,
    LastWord("seen", {}, "Ann Ito", datetime(2027, 1, 4, tzinfo=UTC)),
)  # fmt: skip
NOTICED = replace(PLAIN, deal=2, notice_on=date(2027, 1, 6), waiting_since=date(2027, 1, 2))
DOUBTED = replace(PLAIN, deal=3, doubtful=True, ends_on=date(2027, 2, 28))
ASKED = replace(PLAIN, deal=4, waiting_since=date(2027, 1, 2), question="renewal_3m")
ENDED = replace(ASKED, deal=5, ends_on=date(2026, 12, 31), decide_by=None, question="ended")


def test_a_contract_stands_once_in_the_first_group_that_it_belongs_to() -> None:
    found = meeting([PLAIN, ASKED, DOUBTED, ENDED, NOTICED], TODAY)
    placed = [(line.of.deal, line.group) for line in found.lines]
    assert placed == [
        (2, MeetingGroup.NOTICE),
        (3, MeetingGroup.DOUBT),
        (5, MeetingGroup.UNANSWERED),
        (4, MeetingGroup.UNANSWERED),
        (1, MeetingGroup.OTHER),
    ]
    assert NOTICED.groups == (MeetingGroup.NOTICE, MeetingGroup.UNANSWERED)


@pytest.mark.parametrize("health", Health)
def test_a_customer_at_risk_whom_nothing_else_is_said_of_stands_above_the_others(
    health: Health,
) -> None:
    groups = replace(PLAIN, health=health).groups
    assert groups == ((MeetingGroup.RISK,) if health in (Health.AT_RISK, Health.CRITICAL) else ())


def test_what_was_over_before_it_was_first_loaded_is_counted_apart() -> None:
    old = replace(ENDED, history=True)
    found = meeting([PLAIN, old, replace(PLAIN, deal=8, history=True)], TODAY)
    assert [line.of.deal for line in found.lines] == [1, 8]
    assert found.left_out == (old,)
    assert sum(line.contracts for line in found.due) == 2


def test_within_a_group_what_ends_first_and_is_worth_most_comes_first() -> None:
    dear, late = replace(PLAIN, deal=6, amount=Money(900, "JPY")), replace(PLAIN, deal=7)
    late = replace(late, ends_on=date(2027, 4, 1), amount=Money(9_000, "JPY"))
    assert [line.of.deal for line in meeting([late, PLAIN, dear], TODAY).lines] == [6, 1, 7]


def test_the_next_step_is_what_has_to_be_done_or_comes_first() -> None:
    expected = replace(PLAIN, expected_on=date(2027, 1, 20))
    cases = [
        (NOTICED, NextStep.LEAVES, date(2027, 3, 31)),
        (replace(ASKED, to_record=True), NextStep.RECORD, None),
        (ASKED, NextStep.ANSWER, date(2027, 1, 2)),
        (expected, NextStep.EXPECTED, date(2027, 1, 20)),
        (PLAIN, NextStep.DEADLINE, date(2027, 1, 31)),
        (replace(PLAIN, decide_by=date(2027, 1, 10)), NextStep.END, date(2027, 3, 31)),
        (replace(PLAIN, decide_by=TODAY), NextStep.DEADLINE, TODAY),
        (replace(PLAIN, decide_by=None, ends_on=date(2027, 1, 10)), NextStep.NONE, None),
    ]
    for facts, step, day in cases:
        assert next_step(facts, TODAY) == (step, day)


def test_sums_are_by_month_health_and_currency_and_unknown_amounts_are_counted() -> None:
    several = [
        PLAIN,
        replace(PLAIN, amount=Money(None, "JPY")),
        replace(PLAIN, amount=Money(50, "GBP")),
        replace(PLAIN, health=Health.UNKNOWN),
        DOUBTED,
    ]
    assert meeting(several, TODAY).due == (
        DueLine(date(2027, 2, 1), Health.STABLE, "JPY", 1, 100, 0),
        DueLine(date(2027, 3, 1), Health.STABLE, "GBP", 1, 50, 0),
        DueLine(date(2027, 3, 1), Health.STABLE, "JPY", 2, 100, 1),
        DueLine(date(2027, 3, 1), Health.UNKNOWN, "JPY", 1, 100, 0),
    )


def test_everybody_has_a_page_and_what_is_nobodys_comes_last() -> None:
    nobodys = replace(PLAIN, deal=9, owners=(), team=None)
    bobs = replace(PLAIN, deal=8, owners=("Bob Hill",))
    found = meeting([nobodys, bobs, PLAIN], TODAY)
    assert list(pages_of(found, by_team=False)) == ["Ann Ito", "Bob Hill", ""]
    teams = pages_of(found, by_team=True)
    assert {name: len(page.lines) for name, page in teams.items()} == {"emea": 2, "": 1}
    assert sum(line.contracts for line in teams["emea"].due) == 2


def test_the_chart_has_a_panel_for_each_currency_and_a_place_for_what_is_overdue() -> None:
    several = [PLAIN, replace(PLAIN, amount=Money(5_000, "GBP"), health=Health.UNKNOWN), ENDED]
    chart = due_chart(meeting(several, TODAY).due, date(2027, 1, 1), date(2027, 3, 31))
    counts, yen, pounds = chart.panels
    assert [place.of(Language.EN) for place in counts.places] == [  # type: ignore[union-attr]
        "earlier", "Jan 2027", "Feb 2027", "Mar 2027",
    ]  # fmt: skip
    assert [series.values for series in counts.series] == [(1, 0, 0, 1), (0, 0, 0, 1)]  # type: ignore[union-attr]
    assert yen.series[0].values == (100.0, 0.0, 0.0, 100.0)  # type: ignore[union-attr]
    assert pounds.series[0].values == (0.0, 0.0, 0.0, 50.0)  # type: ignore[union-attr]


def test_nothing_due_is_nothing_to_draw() -> None:
    assert due_chart((), TODAY, TODAY).is_empty
