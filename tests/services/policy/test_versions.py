"""The versions of the policy beside a file: what each changed, and how two of them differ."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from scheduler.core.config.differences import Difference, SettingChange
from scheduler.services.policy.in_force import FileStatus
from scheduler.services.policy.versions import (
    AppliedVersion,
    NoSuchVersionError,
    compare_file,
    compare_versions,
    history,
    in_force,
)


@dataclass
class Versions:
    """A store in memory; `days` is what `resend_after_move` was in each version, the oldest
    first."""

    days: Sequence[int]

    def there_is_one(self) -> bool:
        return bool(self.days)

    def history(self) -> Sequence[AppliedVersion]:
        at = datetime(2027, 1, 4, tzinfo=UTC)
        made = [
            AppliedVersion(n, f"hash of {days}", document(days), "Ann", "", at)
            for n, days in enumerate(self.days, 1)
        ]
        return made[::-1]


def document(days: int) -> dict[str, Any]:
    return {
        "policy": {"resend_after_move": days},
        "templates": {"ja/x/ask.txt": "a"} if days == 20 else {},
    }


STORE = Versions([14, 20, 21])


@pytest.mark.parametrize(
    ("file_hash", "standing", "said_before"),
    [
        ("hash of 21", FileStatus.CURRENT, 3),
        ("hash of 14", FileStatus.STALE, 1),
        ("hash of 5", FileStatus.EDITED, None),
        ("", FileStatus.EDITED, None),
    ],
)
def test_the_file_stands_to_the_version_in_force_by_its_content(
    file_hash: str, standing: FileStatus, said_before: int | None
) -> None:
    found = history(STORE, file_hash)
    assert (found.file, found.said_before) == (standing, said_before)


def test_the_newest_comes_first_with_what_it_changed() -> None:
    found = history(STORE, "hash of 20")
    assert [(e.version.version, e.changed, e.in_force, e.is_file) for e in found.entries] == [
        (3, 2, True, False),
        (2, 2, False, True),
        (1, None, False, False),
    ]


def test_content_that_came_back_is_said_by_both_and_the_newer_counts() -> None:
    found = history(Versions([14, 20, 14, 15]), "hash of 14")
    assert [e.version.version for e in found.entries if e.is_file] == [3, 1]
    assert found.said_before == 3


def test_one_version_alone_changed_nothing_before_it() -> None:
    [entry] = history(Versions([14]), "hash of 14").entries
    assert (entry.changed, entry.in_force, entry.is_file) == (None, True, True)


def test_no_version_is_an_empty_history_beside_a_first_file() -> None:
    found = history(Versions([]), "hash of 14")
    assert (found.entries, found.file, found.said_before) == ((), FileStatus.FIRST, None)


def test_two_versions_are_compared_in_the_order_given() -> None:
    assert compare_versions(STORE, 1, 3).differences == (
        Difference("resend_after_move", SettingChange.CHANGED, 14, 21),
    )
    assert compare_versions(STORE, 3, 1).differences == (
        Difference("resend_after_move", SettingChange.CHANGED, 21, 14),
    )
    assert compare_versions(STORE, 2, 2).differences == ()


def test_one_version_is_compared_with_the_one_in_force() -> None:
    found = compare_versions(STORE, 1, None)
    assert (found.old, found.new, found.in_force) == (1, 3, 3)


def test_the_file_is_compared_with_the_version_in_force() -> None:
    found = compare_file(STORE, document(30))
    assert (found.old, found.new, found.in_force) == (3, None, 3)
    assert found.differences == (Difference("resend_after_move", SettingChange.CHANGED, 21, 30),)


@pytest.mark.parametrize(
    ("days", "old", "new", "said"),
    [
        (
            [14, 20, 21],
            4,
            None,
            "there is no version 4; there are versions 1 to 3 (renewals config history)",
        ),
        (
            [14, 20, 21],
            1,
            0,
            "there is no version 0; there are versions 1 to 3 (renewals config history)",
        ),
        ([14], 2, None, "there is no version 2; there is only version 1 (renewals config history)"),
        ([], 1, None, "there is no version of the policy yet"),
    ],
)
def test_a_version_that_there_is_not_is_answered_with_those_there_are(
    days: list[int], old: int, new: int | None, said: str
) -> None:
    with pytest.raises(NoSuchVersionError) as raised:
        compare_versions(Versions(days), old, new)
    assert raised.value.label.en == said


def test_what_is_in_force_is_the_newest() -> None:
    assert in_force(STORE).version == 3
    with pytest.raises(NoSuchVersionError):
        in_force(Versions([]))
