"""The table of docs/attention.md: how much people hear of a renewal, counted anew, and what must be
true of it."""

import re
from collections.abc import Callable

import pytest

from benchmarks.attention import (
    BEGIN,
    DOCUMENT,
    END,
    ENDS,
    GOALS,
    KINDS,
    NOTICES,
    TEAM,
    goals,
    lived,
    managed,
    table,
)
from scheduler.core.time.dates import Term

HONEST = (
    "seen, each time",
    "snoozes for a week, each time",
    "will renew, each time",
    "in approval, each time",
)


@pytest.mark.parametrize(("begin", "made"), [(BEGIN, table), (GOALS, goals)])
def test_the_document_shows_what_comes_out(begin: str, made: Callable[[], list[str]]) -> None:
    shown = re.search(f"{begin}(.*?){END}", DOCUMENT.read_text("utf-8"), re.DOTALL)
    assert shown is not None
    assert shown[1].split("\n") == ["", "", *made(), "", ""], (
        "run python -m benchmarks.attention --write"
    )


@pytest.mark.parametrize("notice", NOTICES.values(), ids=list(NOTICES))
@pytest.mark.parametrize("kind", HONEST)
def test_an_honest_answer_is_quieter_than_silence(kind: str, notice: Term | None) -> None:
    for end in ENDS:
        honest, silent = (lived(who, end, notice).messages() for who in (kind, "never answers"))
        assert honest.total() < silent.total()
        assert honest["rep"] <= silent["rep"]


@pytest.mark.parametrize("notice", NOTICES.values(), ids=list(NOTICES))
def test_who_never_answers_gets_six_messages_on_average(notice: Term | None) -> None:
    assert sum(lived("never answers", end, notice).messages().total() for end in ENDS) <= 6 * len(
        ENDS
    )


def test_a_manager_of_four_reps_of_whom_one_never_answers_gets_sixty_messages_a_year() -> None:
    assert len(TEAM) == 4
    assert 0 < managed() <= 60


def test_of_all_messages_a_quarter_at_most_are_repeats() -> None:
    lives = [
        lived(kind, end, notice) for kind in KINDS for end in ENDS[:3] for notice in (None, Term(2))
    ]
    assert (
        sum(life.repeats() for life in lives) <= sum(life.messages().total() for life in lives) / 4
    )
