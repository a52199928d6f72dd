"""Whose change wins, what was covered, and how a conflict is told."""

from datetime import timedelta

import pytest

from scheduler.core.sync.conflicts import Side, covered, explained, later
from scheduler.core.sync.echoes import LedgerLine, OwnSources
from scheduler.core.sync.records import ChangeSource, PropertyVersion
from scheduler.core.words.lexicon import Language
from scheduler.core.words.reasons import word
from tests.core.sync.sync_cast import NOON, OUR_APP, version

OURS = OwnSources(frozenset({OUR_APP}))
WROTE = LedgerLine("1", "dealstage", "b", NOON)
WORKFLOW = ChangeSource("AUTOMATION_PLATFORM", "77")


@pytest.mark.parametrize(
    ("theirs", "ours", "wins"),
    [(1, 0, Side.THEIRS), (0, 0, Side.THEIRS), (0, 1, Side.OURS), (None, 1, Side.OURS)],
)
def test_the_later_one_wins_and_at_one_instant_theirs(
    theirs: float | None, ours: float, wins: Side
) -> None:
    at = [None if t is None else NOON + timedelta(seconds=t) for t in (theirs, ours)]
    assert later(*at) is wins
    assert later(at[0], None) is Side.THEIRS


@pytest.mark.parametrize(
    ("history", "who"),
    [
        ((version("c", -1), version("b", 0, OUR_APP)), "c"),
        ((version("c", -1), version("d", -0.5), version("b", 0, OUR_APP)), "d"),
        ((version("a", -6), version("b", 0, OUR_APP)), None),
        ((version("c", -7), version("a", -6), version("b", 0, OUR_APP)), None),
        ((version("a", -6), version("c", -5), version("b", 0, OUR_APP)), "c"),
        ((version("a", -8), version("c", -6), version("b", 0, OUR_APP)), "c"),
        ((version("c", -6), version("a", -5.5, OUR_APP), version("b", 0, OUR_APP)), None),
        ((version("b", -1),), None),
        ((version("c", 1),), None),
        ((version("c", -1, OUR_APP),), None),
        ((version("c", -1, WORKFLOW),), "c"),
    ],
)
def test_a_move_between_our_reading_and_our_write_is_found(
    history: tuple[PropertyVersion, ...], who: str | None
) -> None:
    found = covered(history, "a", NOON - timedelta(minutes=5), WROTE, OURS)
    assert (found.version.value if found else None) == who


@pytest.mark.parametrize(
    ("winner", "says"),
    [
        (Side.THEIRS, "HubSpot's value counts, because it is later"),
        (Side.OURS, "our value counts, because"),
    ],
)
def test_a_conflict_says_who_won_and_why(winner: Side, says: str) -> None:
    said = explained(version("c", 1), WROTE, "Ann Ito", winner)
    assert word(said, Language.EN).startswith("Ann Ito set “c” in HubSpot")
    assert says in word(said, Language.EN)
    assert "Ann Itoさん" in word(said, Language.JA)
