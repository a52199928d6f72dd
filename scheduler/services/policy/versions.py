"""The versions of the policy (DESIGN §10): which there were, what each changed, and how two of
them, or one and the file, differ.

Always holds: nothing is changed; versions are named by their numbers; differences come from
`core.config.differences`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any, Protocol

from scheduler.core.config.differences import Difference, differences
from scheduler.core.words.errors import UserMustActError
from scheduler.core.words.labels import Label
from scheduler.services.policy.in_force import FileStatus, standing


@dataclass(frozen=True, slots=True)
class AppliedVersion:
    """One version as it was applied."""

    version: int
    hash: str
    document: Mapping[str, Any]
    author: str
    note: str
    applied_at: datetime


class VersionStore(Protocol):
    """Reads the versions of the policy."""

    def there_is_one(self) -> bool:
        """Whether there is a database with a policy in it. Asking makes neither a missing file nor
        missing tables."""

    def history(self) -> Sequence[AppliedVersion]:
        """All of them, newest first."""


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One line of the history. `changed`: how many settings differ from the version before; None
    for the first. `in_force`: it is the newest. `is_file`: config.toml has the same content."""

    version: AppliedVersion
    changed: int | None
    in_force: bool
    is_file: bool


@dataclass(frozen=True, slots=True)
class History:
    """The versions, newest first, and how the file compares with the one in force."""

    entries: tuple[HistoryEntry, ...]
    file: FileStatus

    @property
    def said_before(self) -> int | None:
        """The newest version that says what the file says; None if none ever did."""
        return next((e.version.version for e in self.entries if e.is_file), None)


@dataclass(frozen=True, slots=True)
class VersionDiff:
    """What differs between `old` and `new`, both numbers of versions; `new` None is the file.
    `in_force`: the number of the version in force."""

    old: int
    new: int | None
    in_force: int
    differences: tuple[Difference, ...]


class NoSuchVersionError(UserMustActError):
    """A number that no version has."""


def history(store: VersionStore, file_hash: str) -> History:
    """Every version, compared with a file of this content (empty: a file that is no policy)."""
    versions = store.history()
    changed = [
        len(differences(older.document, newer.document)) for newer, older in pairwise(versions)
    ]
    entries = (
        [
            HistoryEntry(v, n, v is versions[0], v.hash == file_hash)
            for v, n in zip(versions, [*changed, None], strict=True)
        ]
        if versions
        else []
    )
    applied = any(entry.is_file for entry in entries)
    return History(
        tuple(entries), standing(file_hash, versions[0].hash if versions else None, applied)
    )


def compare_versions(store: VersionStore, old: int, new: int | None) -> VersionDiff:
    """Compares two versions; `new` None is the one in force. Raises NoSuchVersionError, which names
    the existing ones."""
    versions = store.history()
    before, after = _numbered(versions, old), _numbered(versions, new)
    return VersionDiff(
        before.version,
        after.version,
        versions[0].version,
        tuple(differences(before.document, after.document)),
    )


def compare_file(store: VersionStore, document: Mapping[str, Any]) -> VersionDiff:
    """Compares the version in force with the file's document. Raises NoSuchVersionError if there is
    no version yet."""
    current = in_force(store)
    return VersionDiff(
        current.version, None, current.version, tuple(differences(current.document, document))
    )


def in_force(store: VersionStore) -> AppliedVersion:
    """The newest version. Raises NoSuchVersionError where there is none yet."""
    return _numbered(store.history(), None)


def _numbered(versions: Sequence[AppliedVersion], number: int | None) -> AppliedVersion:
    """The version with this number; None for the newest."""
    found = next((v for v in versions if number in (None, v.version)), None)
    if found is None:
        raise _no_such(number, [v.version for v in versions])
    return found


def _no_such(number: int | None, there_are: Sequence[int]) -> NoSuchVersionError:
    """There is no version of this number."""
    if not there_are:
        return NoSuchVersionError("there is no version of the policy yet")
    first, last = min(there_are), max(there_are)
    range_ = (
        Label("there is only version {first}", first=first)
        if first == last
        else Label("there are versions {first} to {last}", first=first, last=last)
    )
    return NoSuchVersionError(
        "there is no version {number}; {there_are} (renewals config history)",
        number=number,
        there_are=range_,
    )
