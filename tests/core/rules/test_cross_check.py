"""What the calendar owes a deal, worked out apart from `decide`, and what stands twice."""

from dataclasses import replace
from datetime import date

import pytest

from scheduler.core.deal.deal import Cancel, Deal, Decision, Event, Lost
from scheduler.core.policy.policy import Policy
from scheduler.core.rules.cross_check import duplicate_events, missing_events, only_hands_over
from scheduler.core.time.dates import Offset, Term
from scheduler.core.words.conditions import Condition, Operator
from scheduler.core.words.lexicon import Anchor, EventState
from scheduler.core.words.reasons import reason
from tests.cast import T3M, TOKYO, at, contract, deal, milestone, policy

LAST = date(2027, 3, 31)
NEVER = (Condition("segment", Operator.IN, ("nobody",)),)
MAY_WAIT = replace(T3M, where=NEVER, open_until=Offset(days=30))
GOODBYE = milestone(
    "goodbye", "+5 days", anchor=Anchor.STAGE_ENTERED_ON, in_stages=("lost",), series="goodbye"
)
RENAMED = replace(T3M, id="three", was=("renewal_3m",))


def told(milestone_id: str = T3M.id, **more: object) -> Event:
    """An event of a milestone's day."""
    fired = Event(milestone_id, LAST, LAST, EventState.FIRED, "", at("2026-12-31"))
    return replace(fired, **more)  # type: ignore[arg-type]


SHORT = contract(starts_on=date(2027, 2, 1))
LOST = deal(stage="lost", stage_entered_at=at("2027-03-01"))


@pytest.mark.parametrize(
    ("of", "under", "now", "owed"),
    [
        (deal(), policy(), "2026-12-30", []),
        (deal(), policy(), "2026-12-31 00:00", ["renewal_3m 2027-03-31"]),
        (deal(), policy(), "2027-03-05", ["renewal_3m 2027-03-31", "renewal_1m 2027-03-31"]),
        (deal(events=(told(),)), policy(), "2027-01-05", []),
        (deal(events=(told(state=EventState.SKIPPED),)), policy(), "2027-01-05", []),
        (deal(events=(told(step=1),)), policy(), "2027-01-05", ["renewal_3m 2027-03-31"]),
        (deal(events=(told(state=EventState.WITHDRAWN),)), policy(), "2027-01-05",
         ["renewal_3m 2027-03-31"]),
        (deal(events=(told(anchor_on=date(2027, 3, 30)),)), policy(), "2027-01-05",
         ["renewal_3m 2027-03-31"]),
        (deal(events=(told(),)), policy(RENAMED), "2027-01-05", []),
        (deal(stage="unknown"), policy(), "2027-01-05", ["renewal_3m 2027-03-31"]),
        (deal(stage="lost"), policy(), "2027-01-05", []),
        (LOST, policy(T3M, GOODBYE), "2027-03-06", ["goodbye 2027-03-01"]),
        (LOST, policy(T3M, GOODBYE), "2027-03-05", []),
        (deal(), policy(replace(T3M, pipeline="other")), "2027-01-05", []),
        (deal(), policy(replace(T3M, where=NEVER)), "2027-01-05", ["renewal_3m 2027-03-31"]),
        (deal(), policy(MAY_WAIT), "2027-01-30", []),
        (deal(), policy(MAY_WAIT), "2027-01-31", ["renewal_3m 2027-03-31"]),
        (deal(SHORT), policy(MAY_WAIT), "2027-02-01", ["renewal_3m 2027-03-31"]),
        (deal(contract(date(2027, 5, 31))),
         policy(replace(T3M, open_until=Offset(months=1))), "2027-03-27", ["renewal_3m 2027-05-31"]),
        (deal(contract(date(2027, 5, 31))),
         policy(replace(T3M, open_until=Offset(months=1))), "2027-03-26", []),
        (deal(), policy(replace(T3M, open_until=Offset(business_days=2))), "2027-01-04", []),
        (deal(), policy(replace(T3M, open_until=Offset(business_days=2))), "2027-01-05",
         ["renewal_3m 2027-03-31"]),
        (deal(contract(None)), policy(), "2027-01-05", []),
    ],
)  # fmt: skip
def test_the_calendar_owes_what_was_reached_has_no_event_and_waits_for_no_condition(
    of: Deal, under: Policy, now: str, owed: list[str]
) -> None:
    found = missing_events(of, under, at(now))
    assert [f"{due.milestone.id} {due.anchor_on}" for due in found] == owed


def test_a_deal_in_a_pipeline_that_the_policy_lacks_cannot_be_judged() -> None:
    with pytest.raises(KeyError):
        missing_events(replace(deal(), pipeline="nowhere"), policy(), at("2027-01-05"))


def test_the_day_begins_where_the_owner_is() -> None:
    theirs = deal(owner=None)
    elsewhere = policy(pipeline=replace(policy().pipelines["existing"], zone=TOKYO))
    eve = "2026-12-30 15:00"
    assert [len(missing_events(theirs, p, at(eve))) for p in (policy(), elsewhere)] == [0, 1]


@pytest.mark.parametrize(
    ("events", "twice"),
    [
        ((told(), told()), [1]),
        ((told(), told(), told()), [1, 2]),
        ((told(), told("three")), [1]),
        ((told(), told("renewal_1m")), []),
        ((told(), told(anchor_on=date(2027, 3, 30))), []),
        ((told(), told(step=1), told(step=1)), []),
        ((told(), told(state=EventState.WITHDRAWN)), []),
        ((told(state=EventState.WITHDRAWN), told()), []),
        ((told("gone"), told("gone")), [1]),
    ],
)
def test_a_milestones_day_has_one_standing_event_whatever_it_was_called(
    events: tuple[Event, ...], twice: list[int]
) -> None:
    numbered = tuple(replace(e, id=n) for n, e in enumerate(events))
    assert [e.id for e in duplicate_events(deal(events=numbered), policy(RENAMED))] == twice


PASSED_ON, CLOSED = Cancel("a", reason("passed_on", to="Bob")), Cancel("b", reason("deal_closed"))


@pytest.mark.parametrize(
    ("decision", "only"),
    [
        (Decision(cancels=(PASSED_ON,)), True),
        (Decision(cancels=(PASSED_ON, PASSED_ON)), True),
        (Decision(cancels=(PASSED_ON, CLOSED)), False),
        (Decision(cancels=(CLOSED,)), False),
        (Decision(), False),
        (Decision(cancels=(PASSED_ON,), events=(told(),)), False),
        (Decision(cancels=(PASSED_ON,), withdrawn=(told(),)), False),
        (Decision(cancels=(PASSED_ON,), renamed="stable"), False),
        (Decision(cancels=(PASSED_ON,), lost=Lost("other")), False),
    ],
)
def test_passing_on_alone_is_no_reason_for_an_alarm(decision: Decision, only: bool) -> None:
    assert only_hands_over(decision) is only


def test_a_recurring_day_is_owed_once() -> None:
    monthly = policy(milestone("review", "0 days", anchor=Anchor.STARTS_ON, every=Term(1)))
    of = deal(contract(starts_on=date(2026, 10, 1)), arrived_at=at("2026-10-01"))
    assert [d.anchor_on for d in missing_events(of, monthly, at("2027-01-20"))] == [
        date(2027, 1, 1)
    ]
