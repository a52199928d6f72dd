"""What a file may correct of how a deal ended."""

import pytest

from scheduler.core.deal.contracts import Money
from scheduler.core.deal.deal import Lost, LostReason, Won
from scheduler.core.deal.pipeline import StageKind
from scheduler.core.imports.outcomes import OTHER, corrected
from scheduler.core.imports.records import ContractRecord
from scheduler.core.words.labels import Label

REASONS = (
    LostReason("budget", Label.given({"ja": "予算", "en": "Budget cut"})),
    LostReason(OTHER, Label.given({"ja": "その他", "en": "Other"})),
)


def won(minor: int) -> Won:
    """A renewal that was signed for this many euro cents."""
    return Won(Money(minor, "EUR"), None, None)


def record(signed: int | None = None, note: str = "") -> ContractRecord:
    """What a row says of the outcome."""
    return ContractRecord(
        2, "1", "C-1", "Acme", "acme", "h1", currency="EUR", signed_amount=signed, note=note
    )


@pytest.mark.parametrize(
    ("was", "signed", "renewed", "becomes"),
    [
        (None, 1000, False, won(1000)),
        (won(900), 1000, False, won(1000)),
        (won(1000), 1000, False, None),
        (won(900), None, False, None),
        (won(900), 1000, True, None),
        (None, 1000, True, None),
    ],
)
def test_the_signed_amount_is_corrected_until_the_next_term_has_begun(
    was: Won | None, signed: int | None, renewed: bool, becomes: Won | None
) -> None:
    said = corrected(was, StageKind.WON, record(signed), REASONS, renewed=renewed)
    assert said == becomes


@pytest.mark.parametrize(
    ("was", "note", "becomes"),
    [
        (None, "budget", Lost("budget")),
        (Lost(OTHER, note="too dear"), "Budget cut", Lost("budget")),
        (Lost(OTHER, note="too dear"), "予算", Lost("budget")),
        (Lost(OTHER, note="too dear"), "moved abroad", Lost(OTHER, note="moved abroad")),
        (Lost(OTHER, note="too dear"), "too dear", None),
        (Lost("budget"), "moved abroad", None),
        (Lost("budget"), "budget", None),
        (Lost("budget"), "  ", None),
        (Lost("budget"), "Other", Lost(OTHER)),
    ],
)
def test_a_reason_of_the_policy_is_replaced_only_by_another_one(
    was: Lost | None, note: str, becomes: Lost | None
) -> None:
    said = corrected(was, StageKind.LOST, record(note=note), REASONS, renewed=False)
    assert said == becomes


@pytest.mark.parametrize("kind", [StageKind.RENEWAL, None])
def test_an_open_deal_has_no_outcome_to_correct(kind: StageKind | None) -> None:
    assert corrected(None, kind, record(1000, "budget"), REASONS, renewed=False) is None
