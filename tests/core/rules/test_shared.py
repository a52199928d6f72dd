"""Deals that are alike share a decision, each under its own name; what sets them apart keeps them
apart. (tests/storage/deals/test_shared_decisions.py lives many stored deals this way.)"""

from dataclasses import replace
from datetime import timedelta

import pytest

from scheduler.core.deal.contracts import Money
from scheduler.core.deal.deal import Deal
from scheduler.core.deal.people import Person
from scheduler.core.deal.stored import StoredDeal
from scheduler.core.policy.policy import Policy
from scheduler.core.rules.decide import after, decide
from scheduler.core.rules.shared import SharedDecisions
from scheduler.core.time.dates import Term
from scheduler.core.words.conditions import Condition, Operator
from tests.cast import ANN, DAN, T1M, T3M, at, contract, deal, policy, sent

NOW = at("2026-12-31")
BOTH = policy(replace(T3M, tell=("owner", "manager", "slack:#cs")), T1M)


class Stored:
    """A deal as it is stored, which counts how often it is made."""

    def __init__(self, of: Deal, facts: object = "alike") -> None:
        self.of, self.made = of, 0
        owner = of.owner.id if of.owner else None
        self.row = StoredDeal(
            of.id, of.key, 1, 1, owner, of.contract.amount, facts, False, self._make
        )

    def _make(self) -> Deal:
        self.made += 1
        return self.of


def named(key: str, owner: Person | None = ANN, amount: int = 100, **more: object) -> Deal:
    """A deal with this key, owner and amount."""
    return deal(contract(amount=Money(amount, "JPY")), key=key, owner=owner, **more)


def shares(first: Deal, second: Deal, under: Policy = BOTH, facts: object = "alike") -> bool:
    """Whether the second deal takes over the decision about the first; either way it is what
    deciding it by itself gives."""
    decisions = SharedDecisions(under)
    mine, theirs = Stored(first, facts), Stored(second, facts)
    assert decisions.of(mine.row, NOW) == decide(first, under, NOW)
    assert decisions.of(theirs.row, NOW) == decide(second, under, NOW)
    return not theirs.made


BIG = replace(T1M, id="big", where=(Condition("amount", Operator.AT_LEAST, (150,)),))
SMALL_PRINT = replace(T1M, where=(Condition("segment", Operator.IN, ("smb",)),))
URGENT = policy(attention=replace(policy().attention, urgent_amount=150))
WITHOUT = {"manager": None}


@pytest.mark.parametrize(
    ("second", "under", "shared"),
    [
        (named("b"), BOTH, True),
        (named("b", DAN), BOTH, True),
        (named("b", amount=149), BOTH, True),
        (named("b", amount=149), policy(T3M, BIG), False),
        (named("b", amount=149), policy(T3M, SMALL_PRINT), True),
        (named("b", amount=149), URGENT, True),
        (named("b", amount=150), URGENT, False),
        (named("b"), policy(replace(T3M, spread=3), T1M), False),
        (named("b"), policy(T3M, replace(T1M, spread=3)), False),
    ],
)
def test_deals_that_are_alike_share_a_decision(second: Deal, under: Policy, shared: bool) -> None:
    assert shares(named("a"), second, under) is shared


def test_a_deal_that_is_like_no_other_is_decided_by_itself() -> None:
    assert not shares(named("a"), named("b"), facts=None)


def test_whose_owner_is_unknown_shares_what_goes_to_others() -> None:
    assert shares(named("a", None), named("b", None))


def test_deals_of_other_facts_are_apart() -> None:
    decisions, other = SharedDecisions(BOTH), Stored(named("b"), "other")
    decisions.of(Stored(named("a")).row, NOW)
    decisions.of(other.row, NOW)
    assert other.made == 1


def test_what_names_something_of_one_deal_is_not_shared() -> None:
    moved = sent(after(named("a"), decide(named("a"), BOTH, NOW)))
    later = replace(moved, contract=replace(moved.contract, ends_on=at("2027-12-31").date()))
    waiting = after(named("a"), decide(named("a"), BOTH, NOW))
    ordered = replace(waiting, stage="won")
    renews = contract(notice=Term(3), auto_renew=True)
    noticed = deal(contract(), notice_on=NOW.date())
    for of, now in (
        (later, NOW),
        (replace(waiting, contract=later.contract), NOW),
        (deal(renews), at("2027-01-05")),
        (replace(noticed, contract=renews), at("2027-01-05")),
    ):
        decisions, second = SharedDecisions(BOTH), Stored(of)
        said = decisions.of(Stored(of).row, now)
        assert said.withdrawn or said.cancels or said.won or said.lost
        assert decisions.of(second.row, now) == said
        assert second.made == 1
    assert not decide(ordered, BOTH, NOW).won


def test_a_nudge_that_was_said_before_is_not_shared() -> None:
    """Its key counts how often it was said."""
    first = after(named("a"), decide(named("a"), BOTH, NOW))
    again = replace(first, events=(), stage="stable")
    assert not shares(again, replace(again, id=2))


@pytest.mark.parametrize(
    ("first", "second", "shared"),
    [
        ("2026-12-31", timedelta(0), True),
        ("2026-12-31", timedelta(seconds=1), False),
        ("2026-12-30", timedelta(0), True),
        ("2026-12-30", timedelta(hours=13, minutes=59), True),
        ("2026-12-30", timedelta(hours=14), False),
        ("2026-12-30", timedelta(seconds=-1), False),
    ],
)
def test_what_says_nothing_holds_until_its_alarm_and_what_says_something_for_that_instant(
    first: str, second: timedelta, shared: bool
) -> None:
    decisions, theirs = SharedDecisions(policy()), Stored(named("b"))
    decisions.of(Stored(named("a")).row, at(first))
    now = at(first) + second
    assert decisions.of(theirs.row, now).events == decide(named("b"), policy(), now).events
    assert (not theirs.made) is shared


def test_what_never_says_anything_holds_for_ever() -> None:
    decisions, theirs = SharedDecisions(policy()), Stored(replace(named("b"), stage="won"))
    decisions.of(Stored(replace(named("a"), stage="won")).row, NOW)
    decisions.of(theirs.row, NOW + timedelta(days=999))
    assert theirs.made == 0


def test_only_so_many_decisions_are_kept() -> None:
    decisions, first = SharedDecisions(policy()), Stored(replace(named("a"), stage="won"), 0)
    for number in range(2_000):
        decisions.of(Stored(first.of, number).row, NOW)
    decisions.of(first.row, NOW)
    assert first.made == 0
    decisions.of(Stored(first.of, 2_000).row, NOW)
    decisions.of(first.row, NOW)
    assert first.made == 1
