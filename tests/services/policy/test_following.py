"""What an edited policy file means beside the versions the database knows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from scheduler.core.words.labels import Label
from scheduler.services.policy.in_force import (
    FilePolicy,
    FileStatus,
    Followed,
    InForce,
    NoPolicyError,
    PolicyMovedError,
    follow,
    since_of,
    standing,
)

THEN, NOW = datetime(2026, 4, 1, tzinfo=UTC), datetime(2027, 1, 4, tzinfo=UTC)


@dataclass
class Versions:
    """A policy store in memory. Edits of colleagues that come in between: `quick` just before ours,
    `between` after the first look."""

    versions: list[InForce] = field(default_factory=list)
    quick: FilePolicy | None = None
    between: FilePolicy | None = None
    restless: bool = False
    in_line: int | None = None
    waits: dict[str, Sequence[Label]] = field(default_factory=dict)

    def seen(self) -> int | None:
        return self.in_line

    def note_seen(self, version: int) -> None:
        self.in_line = version

    def held(self, key: str) -> Sequence[Label]:
        return self.waits.get(key, ())

    def hold(self, key: str, objections: Sequence[Label]) -> None:
        self.waits = {key: objections}

    def current(self) -> InForce | None:
        found = self.versions[-1] if self.versions else None
        self._meanwhile()
        return found

    def was_applied(self, hash: str) -> int | None:
        found = max((v.version for v in self.versions if v.hash == hash), default=None)
        self._meanwhile()
        return found

    def _meanwhile(self) -> None:
        if self.between is not None:
            self._colleagues(self.between)
            self.between = None

    def _colleagues(self, edit: FilePolicy) -> None:
        self.versions.append(InForce(len(self.versions) + 1, edit.hash, {}, {}, edit.milestones))
        self.in_line = len(self.versions)

    def apply(
        self,
        expected: int,
        file: FilePolicy,
        since: Mapping[str, datetime],
        author: str,
        now: datetime,
    ) -> InForce:
        if self.quick is not None:
            self._colleagues(self.quick)
            self.quick = self.quick if self.restless else None
        if len(self.versions) != expected:
            raise PolicyMovedError
        self.versions.append(
            InForce(expected + 1, file.hash, file.document, since, file.milestones)
        )
        self.in_line = expected + 1
        return self.versions[-1]


def file(hash: str, *milestones: str) -> FilePolicy:
    return FilePolicy(hash, {"name": hash}, dict.fromkeys(milestones, ()))


RENAMED = FilePolicy("b", {}, {"one_month": ["t1m"]})


def in_force(*milestones: str, **since: datetime) -> InForce:
    return InForce(1, "a", {}, since, milestones)


def followed(store: Versions, policy: FilePolicy, edits: bool = True) -> Followed:
    return follow(store, policy, "Bob", NOW, edits=edits)


@pytest.mark.parametrize(
    ("hash", "current", "was_applied", "expected"),
    [
        pytest.param("a", None, False, FileStatus.FIRST, id="an empty database takes the file"),
        pytest.param("a", "a", True, FileStatus.CURRENT, id="the file is what is in force"),
        pytest.param("b", "a", False, FileStatus.EDITED, id="new content is an edit"),
        pytest.param(
            "a", "b", True, FileStatus.STALE, id="an old copy never undoes a colleague's edit"
        ),
    ],
)
def test_how_a_file_stands(
    hash: str, current: str | None, was_applied: bool, expected: FileStatus
) -> None:
    assert standing(hash, current, was_applied) is expected


def test_only_a_new_milestone_counts_from_now() -> None:
    assert since_of(NOW, file("b", "t3m", "t1m"), in_force("t3m")) == {"t1m": NOW}


def test_a_milestone_keeps_since_when_it_counted() -> None:
    assert since_of(NOW, file("b", "t3m", "t1m"), in_force("t3m", "t1m", t1m=THEN)) == {"t1m": THEN}


def test_a_renamed_milestone_is_not_new() -> None:
    assert since_of(NOW, RENAMED, in_force("t1m", t1m=THEN)) == {"one_month": THEN}
    assert since_of(NOW, RENAMED, in_force("t1m")) == {}


def test_a_milestone_that_was_removed_and_comes_back_is_new() -> None:
    assert since_of(NOW, file("b", "t3m", "t1m"), in_force("t3m", t1m=THEN)) == {"t1m": NOW}


def test_the_first_file_is_version_1_and_all_its_milestones_count_from_ever() -> None:
    result = followed(Versions(), file("a", "t3m"))
    assert (result.in_force.version, result.applied, dict(result.in_force.since)) == (1, True, {})


def test_an_edit_is_the_next_version_and_its_new_milestones_count_from_now() -> None:
    store = Versions()
    followed(store, file("a", "t3m"))
    result = followed(store, file("b", "t3m", "t1m"))
    assert (result.in_force.version, dict(result.in_force.since)) == (2, {"t1m": NOW})


def test_the_same_file_again_changes_nothing() -> None:
    store = Versions()
    followed(store, file("a"))
    assert followed(store, file("a")) == Followed(store.versions[0], FileStatus.CURRENT)


def test_an_old_copy_of_the_file_leaves_the_policy_in_force() -> None:
    store = Versions()
    followed(store, file("a"))
    followed(store, file("b"))
    result = followed(store, file("a"))
    assert (result.in_force.hash, result.standing, result.applied) == (
        "b",
        FileStatus.STALE,
        False,
    )


def test_a_command_that_only_reads_never_applies_an_edit() -> None:
    store = Versions()
    with pytest.raises(NoPolicyError):
        followed(store, file("a"), edits=False)
    followed(store, file("a"))
    result = followed(store, file("b"), edits=False)
    assert (result.in_force.hash, result.standing, result.applied) == (
        "a",
        FileStatus.EDITED,
        False,
    )


def test_two_who_edit_at_once_both_get_their_turn() -> None:
    store = Versions()
    followed(store, file("a", "t3m"))
    store.quick = file("colleague", "t3m", "t1m")
    result = followed(store, file("b", "t3m", "t1m", "t2m"))
    assert [v.hash for v in store.versions] == ["a", "colleague", "b"]
    assert dict(result.in_force.since) == {"t2m": NOW}


def test_two_machines_that_get_the_same_edit_at_once_agree() -> None:
    store = Versions()
    followed(store, file("a"))
    store.between = file("b")
    result = followed(store, file("b"))
    assert (result.in_force.version, result.standing, result.applied) == (
        2,
        FileStatus.CURRENT,
        False,
    )


def test_the_same_edit_by_a_colleague_just_before_ours_is_ours_too() -> None:
    store = Versions()
    followed(store, file("a"))
    store.quick = file("b")
    result = followed(store, file("b"))
    assert (result.in_force.version, result.standing, result.applied) == (
        2,
        FileStatus.CURRENT,
        False,
    )


def test_a_policy_that_never_stands_still_is_an_error_and_not_a_loop() -> None:
    store = Versions([InForce(1, "a", {}, {}, ())], quick=file("colleague"), restless=True)
    with pytest.raises(PolicyMovedError, match="again and again"):
        followed(store, file("b"))


def test_since_when_milestones_count_follows_the_version_that_came_in_between() -> None:
    store = Versions()
    followed(store, file("a", "t3m"))
    store.quick = FilePolicy("c", {}, {"t3m": (), "one_month": ()})
    result = follow(
        store, FilePolicy("b", {}, {"t3m": (), "t1m": ("one_month",)}), "Bob", NOW, edits=True
    )
    assert dict(result.in_force.since) == {}


def test_a_milestone_that_counts_from_another_day_is_like_a_new_one() -> None:
    before = InForce(
        1, "a", {}, {"t3m": THEN}, ("t3m", "t1m"), {"t3m": "ends_on", "t1m": "ends_on"}
    )
    edited = FilePolicy("b", {}, {"t3m": (), "t1m": ()}, {"t3m": "decide_by", "t1m": "ends_on"})
    assert since_of(NOW, edited, before) == {"t3m": NOW}


def test_with_backfill_a_new_milestone_counts_from_ever() -> None:
    assert since_of(NOW, file("b", "t3m", "t1m"), in_force("t3m"), backfill=True) == {
        "backfill t1m": NOW
    }


def test_an_edit_to_which_there_is_an_objection_waits() -> None:
    store, why = Versions(), Label.given({"ja": "多すぎます", "en": "too many"})
    followed(store, file("a", "t3m"))
    result = follow(
        store,
        file("b", "t3m", "t1m"),
        "Bob",
        NOW,
        edits=True,
        judge=lambda version: [why] if version.since == {"t1m": NOW} else [],
    )
    assert (result.in_force.hash, result.standing, result.applied, result.objections) == (
        "a",
        FileStatus.EDITED,
        False,
        (why,),
    )


def test_the_first_policy_is_never_objected_to() -> None:
    result = follow(
        Versions(),
        file("a"),
        "Bob",
        NOW,
        edits=True,
        judge=lambda version: [Label.given({"ja": "否", "en": "no"})],
    )
    assert result.applied


def test_what_was_held_waits_for_a_person_whatever_changes_meanwhile() -> None:
    store, why = Versions(), Label.given({"ja": "多すぎます", "en": "too many"})
    followed(store, file("a"))
    follow(store, file("b"), "Bob", NOW, edits=True, judge=lambda version: [why])
    assert follow(
        store, file("b"), "Bob", NOW, edits=True, judge=lambda version: []
    ).objections == (why,)
    assert followed(store, file("c")).applied, "another edit is judged anew"


def test_an_edit_of_a_file_that_never_followed_a_plan_waits() -> None:
    store = Versions()
    followed(store, file("a"))
    store.versions.append(InForce(2, "planned", {}, {}, ()))
    result = followed(store, file("a and more"))
    assert (result.applied, result.in_force.version) == (False, 2)
    assert "never updated to version 2" in result.objections[0].en
    followed(store, file("planned"))
    assert followed(store, file("planned and more")).applied
