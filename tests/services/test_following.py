"""What an edited policy file means beside the versions the database knows."""

from datetime import UTC, datetime

import pytest

from scheduler.services.following import Standing, since_of, standing

THEN, NOW = datetime(2026, 4, 1, tzinfo=UTC), datetime(2027, 1, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    ("file", "current", "was_applied", "expected"),
    [
        pytest.param("a", None, False, Standing.FIRST, id="an empty database takes the file"),
        pytest.param("a", "a", True, Standing.CURRENT, id="the file is what is in force"),
        pytest.param("b", "a", False, Standing.EDITED, id="new content is an edit"),
        pytest.param("a", "b", True, Standing.STALE, id="an old copy never undoes a colleague's edit"),
    ],
)
def test_how_a_file_stands(file: str, current: str | None, was_applied: bool, expected: Standing) -> None:
    assert standing(file, current, was_applied) is expected


def test_only_a_new_milestone_counts_from_now() -> None:
    assert since_of(NOW, {"t3m": [], "t1m": []}, {"t3m"}, {}) == {"t1m": NOW}


def test_a_milestone_keeps_since_when_it_counted() -> None:
    assert since_of(NOW, {"t3m": [], "t1m": []}, {"t3m", "t1m"}, {"t1m": THEN}) == {"t1m": THEN}


def test_a_renamed_milestone_is_not_new() -> None:
    assert since_of(NOW, {"one_month": ["t1m"]}, {"t1m"}, {"t1m": THEN}) == {"one_month": THEN}
    assert since_of(NOW, {"one_month": ["t1m"]}, {"t1m"}, {}) == {}


def test_a_milestone_that_was_removed_and_comes_back_is_new() -> None:
    assert since_of(NOW, {"t3m": [], "t1m": []}, {"t3m"}, {"t1m": THEN}) == {"t1m": NOW}
