"""What an event becomes for one recipient: a key of its own, and how long it may wait."""

from dataclasses import replace
from datetime import date

import pytest

from scheduler.core.deal.contracts import Money
from scheduler.core.deal.deal import Event
from scheduler.core.policy.attention import Attention
from scheduler.core.rules.nudges import nudges_of, urgency_of
from scheduler.core.words.lexicon import EventState, Urgency
from scheduler.core.words.reasons import reason
from tests.cast import LONDON, TOKYO, at, contract, deal, policy

DUE_ON, ENDS_ON = date(2026, 12, 31), date(2027, 3, 31)
FIRED = Event("renewal_3m", ENDS_ON, DUE_ON, EventState.FIRED, "", at("2026-12-31"))
AGAIN = replace(FIRED, step=1)
LAST_CALL = replace(FIRED, reason=reason("last_call", day=ENDS_ON))
FAR, NORMAL = date(2026, 6, 1), Urgency.NORMAL
PRESSING, URGENT = Urgency.PRESSING, Urgency.URGENT


@pytest.mark.parametrize(
    ("event", "role", "expected"),
    [
        (FIRED, "owner", NORMAL),
        (FIRED, "manager", NORMAL),
        (AGAIN, "owner", NORMAL),
        (AGAIN, "manager", PRESSING),
        (AGAIN, "admin", PRESSING),
        (LAST_CALL, "owner", NORMAL),
        (LAST_CALL, "manager", PRESSING),
        (LAST_CALL, "admin", PRESSING),
    ],
)
def test_what_has_climbed_to_somebody_above_presses(
    event: Event, role: str, expected: Urgency
) -> None:
    assert urgency_of(event, role, deal(), policy(), FAR) is expected


@pytest.mark.parametrize(
    ("event", "yen", "limit", "expected"),
    [
        (AGAIN, 9_999_999, 10_000_000, PRESSING),
        (AGAIN, 10_000_000, 10_000_000, URGENT),
        (AGAIN, 10_000_000, 0, PRESSING),
        (FIRED, 10_000_000, 10_000_000, NORMAL),
        (LAST_CALL, 10_000_000, 10_000_000, URGENT),
    ],
)
def test_what_has_climbed_for_a_large_amount_is_urgent(
    event: Event, yen: int, limit: int, expected: Urgency
) -> None:
    large, settings = contract(amount=Money(yen, "JPY")), Attention(urgent_amount=limit)
    rules = policy(attention=settings, base_currency="JPY")
    assert urgency_of(event, "manager", deal(large), rules, FAR) is expected


@pytest.mark.parametrize(
    ("day", "owner", "manager"),
    [
        ("2027-02-20", NORMAL, PRESSING),
        ("2027-02-21", PRESSING, PRESSING),
        ("2027-02-22", PRESSING, PRESSING),
        ("2027-02-23", PRESSING, URGENT),
        ("2027-02-28", PRESSING, URGENT),
        ("2027-03-01", NORMAL, PRESSING),
        ("2027-03-23", NORMAL, PRESSING),
        ("2027-03-24", PRESSING, PRESSING),
        ("2027-03-31", PRESSING, PRESSING),
        ("2027-04-01", NORMAL, PRESSING),
    ],
)
def test_a_week_before_a_last_day_it_presses_and_above_it_is_urgent_five_days_before_the_notice(
    day: str, owner: Urgency, manager: Urgency
) -> None:
    of, today = deal(contract(decide_by=date(2027, 2, 28))), date.fromisoformat(day)
    assert urgency_of(AGAIN, "owner", of, policy(), today) is owner
    assert urgency_of(AGAIN, "manager", of, policy(), today) is manager


@pytest.mark.parametrize(
    ("told_at", "zone", "late"),
    [
        ("2027-01-01 23:59", LONDON, False),
        ("2027-01-02 00:00", LONDON, True),
        ("2027-01-02 00:01", TOKYO, True),
        ("2027-01-01 23:59", TOKYO, False),
    ],
)
def test_it_is_late_two_days_after_its_day_where_the_pipeline_is(
    told_at: str, zone: str, *, late: bool
) -> None:
    rules = policy()
    there = replace(rules.pipelines["existing"], zone=zone)
    event = replace(FIRED, at=at(told_at, zone))
    told = nudges_of(event, ("owner",), deal(owner=None), policy(pipeline=there))
    assert [n.late for n in told] == [late]


def test_a_recipient_who_is_told_once_more_of_the_same_gets_another_key() -> None:
    of = deal()
    (first,) = nudges_of(FIRED, ("owner",), of, policy())
    told = replace(of, nudges=(first,))
    (again,) = nudges_of(FIRED, ("owner",), told, policy())
    (manager,) = nudges_of(FIRED, ("manager",), told, policy())
    (later,) = nudges_of(AGAIN, ("owner",), told, policy())
    fresh = [nudges_of(e, (r,), of, policy())[0] for e, r in ((FIRED, "manager"), (AGAIN, "owner"))]
    assert first.key == nudges_of(FIRED, ("owner",), of, policy())[0].key
    assert again.key != first.key
    assert [manager.key, later.key] == [n.key for n in fresh]
