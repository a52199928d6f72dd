"""What the rules say round by round comes to one decision: nothing of a round is lost, and a nudge
that a later round makes needless is never sent."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from scheduler.core.deal.contracts import Money
from scheduler.core.deal.deal import Cancel, Decision, HealthChange, Lost, NextTerm, Nudge, Won
from scheduler.core.deal.pipeline import Actor, Passage
from scheduler.core.rules import decide as rounds
from scheduler.core.rules.decide import UndecidedError, after, decide
from scheduler.core.time.dates import Term
from scheduler.core.words.lexicon import ActorKind, Health, NudgeState
from tests.cast import at, contract, deal, policy

NOW, EARLIER = at("2027-01-04"), at("2026-12-01")
AMOUNT, YEAR = Money(1_000, "JPY"), Term(12)
FIRST, LAST = date(2027, 4, 1), date(2028, 3, 31)
NEXT = NextTerm(
    "existing", "stable", FIRST, LAST, YEAR, None, None, AMOUNT, False, FIRST, term_number=2
)


def moved(to: str = "renewal_3m") -> Decision:
    """A move of the rules'."""
    return Decision(moves=(Passage("stable", to, NOW, "because", Actor(ActorKind.POLICY, "1")),))


def nudge(key: str) -> Nudge:
    """A nudge that waits."""
    (one,) = decide(deal(contract()), policy(), at("2026-12-31")).nudges
    return replace(one, key=key)


def said_in_turn(monkeypatch: pytest.MonkeyPatch, *turns: Decision) -> Decision:
    """What comes of one rule that says these things round by round, and then nothing."""
    left = list(turns)
    monkeypatch.setattr(rounds, "RULES", (lambda *_: left.pop(0) if left else Decision(),))
    return decide(deal(contract()), policy(), NOW)


SAID: dict[str, dict[str, Any]] = {
    "won": {"won": Won(AMOUNT, YEAR, LAST), "successor": NEXT},
    "lost": {"lost": Lost("price")},
    "renamed": {"renamed": "at_risk"},
    "health": {"health": HealthChange(Health.CRITICAL, None, "because")},
}
"""One thing of each kind that a rule says once."""


@pytest.mark.parametrize("name", SAID)
@pytest.mark.parametrize("first", [True, False])
def test_what_one_round_says_stands_whatever_another_says(
    name: str, first: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    once = Decision(**SAID[name])
    turns = (once, moved()) if first else (moved(), once)
    assert said_in_turn(monkeypatch, *turns) == replace(once, moves=moved().moves)


def test_a_nudge_that_a_later_round_cancels_is_made_cancelled(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one, two = nudge("one"), nudge("two")
    cancels = (Cancel("one", "needless"), Cancel("sent before", "needless"))
    total = said_in_turn(monkeypatch, Decision(nudges=(one, two)), Decision(cancels=cancels))
    assert total.nudges == (replace(one, state=NudgeState.CANCELLED, reason="needless"), two)
    assert total.cancels == cancels[1:]


def test_rules_that_never_come_to_rest_are_named_with_the_deal(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rounds, "RULES", (lambda *_: moved(),))
    held = deal(contract())
    with pytest.raises(UndecidedError, match=f"deal {held.key}: .*renewal_3m.*moves_to"):
        decide(held, policy(), NOW)


def test_a_deal_keeps_its_outcome_and_a_move_restarts_its_stage() -> None:
    lost = after(replace(deal(contract()), stage_entered_at=EARLIER), Decision(lost=Lost("price")))
    assert (lost.lost, lost.stage_entered_at) == (Lost("price"), EARLIER)
    assert after(lost, moved()).lost == Lost("price")
    assert after(lost, moved()).stage_entered_at == NOW
    without_instant = replace(moved().moves[0], at=None)
    assert after(lost, Decision(moves=(without_instant,))).stage_entered_at == EARLIER
