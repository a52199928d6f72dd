"""The table of docs/attention.md: how much people hear of a renewal, counted anew, and what must be true of it."""

import re

import pytest

from benchmarks.attention import BEGIN, DOCUMENT, END, ENDS, KINDS, lived, shipped, table
from scheduler.core.policy import Policy

HONEST = ("seen, each time", "snoozes for a week, each time", "will renew, each time", "in approval, each time")


@pytest.fixture(scope="module")
def policy() -> Policy:
    return shipped()


def test_the_document_shows_what_comes_out() -> None:
    shown = re.search(f"{BEGIN}(.*?){END}", DOCUMENT.read_text("utf-8"), re.DOTALL)
    assert shown is not None
    assert shown[1].split("\n") == ["", "", *table(), "", ""], "run python -m benchmarks.attention --write"


@pytest.mark.parametrize("renews", [False, True], ids=["ends", "renews itself"])
@pytest.mark.parametrize("kind", HONEST)
def test_an_honest_answer_is_quieter_than_silence(kind: str, renews: bool, policy: Policy) -> None:
    for end in ENDS:
        honest, silent = (lived(who, end, policy, renews=renews).messages().total() for who in (kind, "never answers"))
        assert honest <= 6
        assert honest < silent


def test_of_all_messages_a_quarter_at_most_are_repeats(policy: Policy) -> None:
    lives = [lived(kind, end, policy, renews=renews) for kind in KINDS for end in ENDS[:3] for renews in (False, True)]
    assert sum(life.repeats() for life in lives) <= sum(life.messages().total() for life in lives) / 4
