"""What recurs: every year, every three months, in each term of a contract, once each; against a
slow definition made with dateutil alone."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.core.deal.deal import Deal, Event
from scheduler.core.deal.successor import successor_deal
from scheduler.core.facts.explain import day_steps
from scheduler.core.policy.milestone_days import due_days
from scheduler.core.policy.policy import Policy
from scheduler.core.rules.decide import decided
from scheduler.core.time.dates import Shift, Term, term_end
from scheduler.core.words.lexicon import Anchor, EventState
from tests.cast import at, contract, deal, milestone, policy, sent

YEARLY = milestone("anniversary", "0 days", anchor=Anchor.ANNIVERSARY, series="anniversary")
REVIEW = milestone("review", "0 days", anchor=Anchor.STARTS_ON, series="review", every=Term(3))


def line_of(first: Deal, by: Policy, start: datetime, end: datetime) -> list[Event]:
    """Everything that happens to a contract and to the terms that follow it, by the alarm."""
    deals, wakes = [first], [start]
    events: list[Event] = []
    while (now := min(wakes)) <= end:
        number = wakes.index(now)
        decision, then = decided(deals[number], by, now)
        deals[number], wakes[number] = (
            sent(then),
            decision.wake_at or datetime.max.replace(tzinfo=now.tzinfo),
        )
        events += decision.events
        if decision.successor is not None:
            deals.append(
                replace(successor_deal(deals[number], decision.successor, now), id=len(deals) + 1)
            )
            wakes.append(now)
    return events


def told(events: list[Event], milestone_id: str) -> list[date]:
    """The days on which a milestone fired."""
    return [e.day_on for e in events if e.milestone == milestone_id and e.state is EventState.FIRED]


def renewing(starts_on: date, months: int, notice: int, **more: object) -> Deal:
    """A contract that renews itself, known from its first day."""
    term = Term(months)
    of = contract(
        term_end(starts_on, term),
        starts_on=starts_on,
        term=term,
        notice=Term(notice) if notice else None,
        auto_renew=True,
    )
    return deal(of, arrived_at=at(starts_on.isoformat()), **more)


@pytest.mark.parametrize("months", [1, 12, 18, 36])
@pytest.mark.parametrize("notice", [0, 3])
@pytest.mark.parametrize("offset", ["0 days", "-1 month", "+20 days", "-1 day"])
def test_an_anniversary_comes_once_a_year_whatever_the_term(
    months: int, notice: int, offset: str
) -> None:
    if notice >= months:
        return
    yearly = milestone("anniversary", offset, anchor=Anchor.ANNIVERSARY, series="anniversary")
    events = line_of(
        renewing(date(2025, 7, 1), months, notice),
        policy(yearly),
        at("2025-07-01"),
        at("2030-12-31"),
    )
    assert [d.year for d in told(events, "anniversary")] == [2026, 2027, 2028, 2029, 2030], [
        (e.anchor_on, e.day_on) for e in events
    ]


def test_a_contract_that_is_not_renewed_has_no_anniversary_after_its_end() -> None:
    ends = deal(
        contract(date(2026, 6, 30), starts_on=date(2025, 7, 1)), arrived_at=at("2025-07-01")
    )
    assert (
        told(line_of(ends, policy(YEARLY), at("2025-07-01"), at("2028-12-31")), "anniversary") == []
    )


def test_the_29th_of_february_comes_on_the_28th_in_other_years() -> None:
    days = told(
        line_of(
            renewing(date(2024, 2, 29), 12, 1), policy(YEARLY), at("2024-03-01"), at("2029-12-31")
        ),
        "anniversary",
    )
    assert days == [
        date(2025, 2, 28),
        date(2026, 2, 28),
        date(2027, 2, 28),
        date(2028, 2, 29),
        date(2029, 2, 28),
    ]


@settings(max_examples=40)
@given(
    st.dates(date(2024, 1, 1), date(2026, 12, 31)),
    st.sampled_from([2, 6, 12, 24]),
    st.sampled_from([0, 1, 6]),
    st.sampled_from([1, 2, 3, 6, 12]),
    st.sampled_from([0, 3, 7]),
)
def test_reviews_come_on_their_rhythm_across_the_terms_and_each_once(
    starts_on: date, months: int, notice: int, every: int, spread: int
) -> None:
    rule = replace(REVIEW, every=Term(every), spread=spread)
    end = starts_on + timedelta(days=1200)
    days = told(
        line_of(
            renewing(starts_on, months, notice if notice < months else 0),
            policy(rule),
            at(starts_on.isoformat()),
            at(end.isoformat()),
        ),
        "review",
    )
    expected = [
        day for n in range(1, 45) if (day := starts_on + relativedelta(months=every * n)) <= end
    ]
    assert all(
        0 <= (want - got).days <= (14 if spread else 0)
        for want, got in zip(expected, days, strict=False)
    )
    assert len(expected) - len(days) in ((0, -1) if spread else (0,))


def test_the_31st_does_not_drift_and_an_offset_is_added_before_anything_is_counted() -> None:
    monthly = replace(REVIEW, every=Term(1))
    days = [
        d.day_on
        for d in due_days(
            monthly,
            renewing(date(2026, 1, 31), 12, 1),
            policy(),
            date(2026, 1, 31),
            (date(2026, 1, 1), date(2026, 6, 1)),
        )
    ]
    assert days == [
        date(2026, 2, 28),
        date(2026, 3, 31),
        date(2026, 4, 30),
        date(2026, 5, 31),
        date(2026, 6, 30),
    ]
    later = milestone("review", "+1 month", anchor=Anchor.STARTS_ON, series="review", every=Term(1))
    days = [
        d.day_on
        for d in due_days(
            later,
            renewing(date(2026, 1, 31), 12, 1),
            policy(),
            date(2026, 1, 31),
            (date(2026, 1, 1), date(2026, 4, 1)),
        )
    ]
    assert days == [date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30)]


@pytest.mark.parametrize(
    ("anchor", "offset", "first"),
    [
        (Anchor.STARTS_ON, "0 days", "2026-07-01"),
        (Anchor.STARTS_ON, "3 months", "2026-07-01"),
        (Anchor.STARTS_ON, "+10 days", "2026-04-11"),
        (Anchor.STARTS_ON, "-2 weeks", "2026-06-17"),
        (Anchor.STAGE_ENTERED_ON, "+5 days", "2026-04-06"),
        (Anchor.ENDS_ON, "-6 months", "2026-09-30"),
    ],
)
def test_where_the_first_occurrence_lies(anchor: Anchor, offset: str, first: str) -> None:
    rule = milestone(
        "review", offset, anchor=anchor, series="review", every=Term(3), in_stages=("stable",)
    )
    days = due_days(
        rule, deal(), policy(rule), date(2026, 4, 1), (date(2026, 4, 1), date(2027, 12, 31))
    )
    assert days[0].day_on.isoformat() == first
    assert max(d.day_on for d in days) <= date(2027, 3, 31)


def test_counted_back_from_the_end_it_comes_until_the_end_and_not_before_the_start() -> None:
    rule = milestone("closing", "-6 months", series="closing", every=Term(1))
    short = contract(date(2026, 7, 31), starts_on=date(2026, 5, 1))
    days = due_days(
        rule, deal(short), policy(rule), date(2026, 5, 1), (date(2025, 1, 1), date(2027, 1, 1))
    )
    assert [d.day_on.isoformat() for d in days] == ["2026-05-31", "2026-06-30", "2026-07-31"]


def test_of_past_occurrences_only_the_latest_is_on_record_and_a_first_load_is_silent() -> None:
    old = deal(
        contract(None, evergreen=True, term=None, starts_on=date(2016, 4, 1)),
        arrived_at=at("2026-05-10"),
        baseline_at=at("2026-05-10"),
    )
    events = line_of(old, policy(REVIEW), at("2026-05-10"), at("2026-12-31"))
    assert [(e.day_on.isoformat(), e.state.value) for e in events] == [
        ("2026-04-01", "baseline"),
        ("2026-07-01", "fired"),
        ("2026-10-01", "fired"),
    ]


def test_a_later_occurrence_takes_the_place_of_what_was_not_sent_yet() -> None:
    by = policy(replace(REVIEW, asks=True))
    decision, then = decided(
        deal(contract(date(2028, 3, 31), starts_on=date(2026, 4, 1))), by, at("2026-07-01")
    )
    assert [n.anchor_on.isoformat() for n in decision.nudges] == ["2026-07-01"]
    later, then = decided(then, by, at("2026-10-01"))
    assert [n.anchor_on.isoformat() for n in later.nudges] == ["2026-10-01"]
    assert [c.key[:10] for c in later.cancels] == ["2026-07-01"]
    assert not decided(sent(then), by, at("2026-10-01"))[0].changes


def test_occurrences_that_were_told_stand_when_the_rhythm_or_the_offset_is_edited() -> None:
    lived = sent(decided(deal(contract(date(2028, 3, 31))), policy(REVIEW), at("2026-07-01"))[1])
    for edited in (
        replace(REVIEW, every=Term(2)),
        milestone("review", "+5 days", anchor=Anchor.STARTS_ON, series="review", every=Term(3)),
    ):
        again, _ = decided(
            lived, policy(edited, version=2, since={"review": at("2026-07-02")}), at("2026-07-03")
        )
        assert not again.withdrawn
        assert not again.nudges


def test_the_steps_of_an_occurrence_lead_to_its_day() -> None:
    rule = milestone(
        "review",
        "-5 business days",
        anchor=Anchor.STARTS_ON,
        series="review",
        every=Term(3),
        shift=Shift.EARLIER,
        spread=4,
    )
    for due in due_days(
        rule, deal(), policy(rule), date(2026, 4, 1), (date(2026, 4, 1), date(2027, 3, 31))
    ):
        steps = day_steps(rule, deal(), policy(rule), due.anchor_on)
        assert (steps[0].day_on, steps[-1].day_on) == (date(2026, 4, 1), due.day_on)
