"""Anchors: every one has its entry, and is called by it."""

import pytest

from scheduler.core.policy.anchors import ANCHORS, anchor_label
from scheduler.core.words.lexicon import Anchor
from tests.cast import contract


def test_every_anchor_has_an_entry() -> None:
    assert set(ANCHORS) == set(Anchor)


@pytest.mark.parametrize(
    ("anchor", "renews", "english", "japanese"),
    [
        (Anchor.ENDS_ON, True, "the end", "満了"),
        (Anchor.ENDS_ON, False, "the end", "満了"),
        (Anchor.DECIDE_BY, True, "the notice deadline", "解約通知期限"),
        (Anchor.DECIDE_BY, False, "the decision deadline", "更新判断期限"),
        (Anchor.STAGE_ENTERED_ON, True, "entering this stage", "ステージ開始"),
        (Anchor.ANNIVERSARY, True, "the anniversary", "契約記念日"),
    ],
)
def test_an_anchor_is_called_by_what_its_contract_makes_of_it(
    anchor: Anchor, renews: bool, english: str, japanese: str
) -> None:
    label = anchor_label(anchor, contract(auto_renew=renews))
    assert (label.en, label.ja) == (english, japanese)
