"""The versions of the policy on both databases: counted up by one, each applied by one of those who
try, none forgotten."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine

from scheduler.services.policy.in_force import FilePolicy, FileStatus, PolicyMovedError, follow
from scheduler.storage.policy.policies import policy_history
from scheduler.storage.policy.versions import PolicyVersions
from tests.storage.racing import at_once

NOW = datetime(2027, 1, 4, tzinfo=UTC)


def file(hash: str, *milestones: str) -> FilePolicy:
    return FilePolicy(
        hash,
        {"policy": {"milestones": [{"id": m} for m in milestones], "label": "既存顧客"}},
        dict.fromkeys(milestones, ()),
    )


@pytest.fixture
def store(engine: Engine) -> PolicyVersions:
    """The first version is applied."""
    store = PolicyVersions(engine, engine)
    store.apply(0, file("a", "t3m"), {}, "Ann", NOW)
    return store


def test_a_version_is_kept_with_its_document_and_since_when_its_milestones_count(
    store: PolicyVersions,
) -> None:
    store.apply(1, file("b", "t3m", "t1m"), {"t1m": NOW}, "Bob", NOW)
    found = store.current()
    assert found is not None
    assert (found.version, found.hash, found.document, found.since, found.milestones) == (
        2,
        "b",
        file("b", "t3m", "t1m").document,
        {"t1m": NOW},
        ("t3m", "t1m"),
    )


def test_content_that_was_ever_applied_is_remembered(store: PolicyVersions) -> None:
    store.apply(1, file("b"), {}, "Bob", NOW)
    assert [store.was_applied(hash) for hash in "abc"] == [1, 2, None]


def test_only_who_knows_the_version_in_force_may_replace_it(store: PolicyVersions) -> None:
    store.apply(1, file("b"), {}, "Bob", NOW)
    for expected in (0, 1, 3):
        with pytest.raises(PolicyMovedError):
            store.apply(expected, file("c"), {}, "Chika", NOW)
    found = store.current()
    assert found is not None
    assert found.hash == "b"


def test_machines_that_get_the_same_edit_at_once_make_one_version(
    store: PolicyVersions, engine: Engine
) -> None:
    stands: list[FileStatus] = []
    assert (
        at_once(
            6, lambda: stands.append(follow(store, file("b"), "daemon", NOW, edits=True).standing)
        )
        == []
    )
    assert set(stands) <= {FileStatus.EDITED, FileStatus.CURRENT}
    with engine.connect() as connection:
        assert [v.hash for v in policy_history(connection)] == ["b", "a"]


def test_editors_who_save_different_files_at_once_each_get_a_version(
    store: PolicyVersions, engine: Engine
) -> None:
    names = iter("bcde")
    assert at_once(4, lambda: follow(store, file(next(names)), "daemon", NOW, edits=True)) == []
    with engine.connect() as connection:
        history = policy_history(connection)
    assert [v.version for v in history] == [5, 4, 3, 2, 1]
    assert {v.hash for v in history} == set("abcde")
