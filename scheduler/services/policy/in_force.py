"""Policy following (DESIGN §10): an edited file becomes the next version of the policy; the
database holds the one in force.

Always holds: content that was in force earlier never comes back by itself (an old copy of the file
on one machine must not undo a colleague's edit); new content becomes the next version by
compare-and-set; a new milestone counts from now on, so that it does not announce days long past; an
edit that meets an objection waits until a person applies its plan.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from scheduler.core.config.lineage import MILESTONES, Names, names_after
from scheduler.core.policy.policy import BACKFILLED
from scheduler.core.words.labels import Label

_TRIES = 5


class FileStatus(StrEnum):
    """How the file compares with the database."""

    CURRENT = "current"
    FIRST = "first"
    EDITED = "edited"
    STALE = "stale"


@dataclass(frozen=True, slots=True)
class FilePolicy:
    """The policy part of a file: its content's hash, its document, its milestones' ids with the ids
    each replaces, and what each counts from.

    `text` is the file as it was written, empty where nobody has it any more.
    """

    hash: str
    document: Mapping[str, Any]
    milestones: Mapping[str, Collection[str]]
    anchors: Mapping[str, str] = field(default_factory=dict)
    text: str = ""


@dataclass(frozen=True, slots=True)
class InForce:
    """One version as the database holds it. `names`: what the stages and milestones of earlier
    versions are called in it."""

    version: int
    hash: str
    document: Mapping[str, Any]
    since: Mapping[str, datetime]
    milestones: Collection[str]
    anchors: Mapping[str, str] = field(default_factory=dict)
    names: Names = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Followed:
    """Which version is in force now, how the file compared with it, whether the file has just
    become it, and what keeps it from doing so.

    `says`: the earlier version whose content a stale file has.
    """

    in_force: InForce
    standing: FileStatus
    applied: bool = False
    objections: tuple[Label, ...] = ()
    says: int | None = None


Judge = Callable[[InForce], Sequence[Label]]
"""Says what keeps a version that is not in force yet from coming into force by itself; empty if
nothing does."""


class PolicyMovedError(Exception):
    """Another version was applied in between."""


class NoPolicyError(Exception):
    """The database has no policy yet, and this command may not give it one."""


class PolicyStore(Protocol):
    """The version in force, and what is known of edits."""

    def current(self) -> InForce | None:
        """The version in force."""

    def was_applied(self, hash: str) -> int | None:
        """The newest version that ever had this content."""

    def apply(
        self,
        expected: int,
        file: FilePolicy,
        since: Mapping[str, datetime],
        author: str,
        now: datetime,
    ) -> InForce:
        """Puts the file in force as version `expected` + 1 and notes that config.toml says so.
        Raises PolicyMovedError if version `expected` is not in force any more."""

    def seen(self) -> int | None:
        """The version that config.toml said when it last agreed with the one in force; None if that
        was never looked at."""

    def note_seen(self, version: int) -> None:
        """Notes that config.toml says what this version says."""

    def held(self, key: str) -> Sequence[Label]:
        """The objections to the edit with this key when it was first seen; empty if it was not
        held."""

    def hold(self, key: str, objections: Sequence[Label]) -> None:
        """Holds the edit with this key from now on, whatever changes meanwhile."""


def standing(file_hash: str, current_hash: str | None, was_applied: bool) -> FileStatus:
    """`was_applied`: whether any version, the current or an earlier one, had this content.

    >>> standing("b", "a", False).value, standing("a", "b", True).value
    ('edited', 'stale')
    """
    if current_hash is None:
        return FileStatus.FIRST
    if file_hash == current_hash:
        return FileStatus.CURRENT
    return FileStatus.STALE if was_applied else FileStatus.EDITED


def since_of(
    now: datetime, file: FilePolicy, before: InForce, *, backfill: bool = False
) -> dict[str, datetime]:
    """From when each milestone counts: from now for a new one and for one with another anchor than
    before; else as before, also under its old id. With `backfill` a new one counts from the
    beginning, even before the first load of what is there now.
    """
    result: dict[str, datetime] = {}
    names = _names(file, before).get(MILESTONES, {})
    for id, was in file.milestones.items():
        earlier = next(
            (
                old
                for old in (id, *was, *(name for name, now_ in names.items() if now_ == id))
                if old in before.milestones
            ),
            None,
        )
        if earlier is None:
            result[BACKFILLED + id if backfill else id] = now
            continue
        if BACKFILLED + earlier in before.since:
            result[BACKFILLED + id] = before.since[BACKFILLED + earlier]
        if file.anchors.get(id) != before.anchors.get(earlier):
            result[id] = now
        elif earlier in before.since:
            result[id] = before.since[earlier]
    return result


def follow(
    store: PolicyStore,
    file: FilePolicy,
    author: str,
    now: datetime,
    *,
    edits: bool,
    judge: Judge = lambda version: (),
) -> Followed:
    """Finds the version in force; with `edits`, the file's content becomes it if it is new and
    `judge` has no objection. Raises NoPolicyError (only without `edits`)."""
    for _ in range(_TRIES):
        # Asked first: the same edit, applied by another machine in between, is then the current one
        # and not a stale one.
        was_applied = store.was_applied(file.hash)
        current = store.current()
        stands = standing(file.hash, current.hash if current else None, was_applied is not None)
        if current is not None and (not edits or stands in (FileStatus.CURRENT, FileStatus.STALE)):
            if edits and stands is FileStatus.CURRENT:
                store.note_seen(current.version)
            return Followed(
                current, stands, says=was_applied if stands is FileStatus.STALE else None
            )
        if not edits:
            raise NoPolicyError
        if current is not None and (objections := _held_back(store, current, file, now, judge)):
            return Followed(current, stands, objections=tuple(objections))
        since = since_of(now, file, current) if current else {}
        try:
            return Followed(
                store.apply(current.version if current else 0, file, since, author, now),
                stands,
                applied=True,
            )
        except PolicyMovedError:
            continue
    raise PolicyMovedError("the policy changed again and again while it was to be applied")


def _held_back(
    store: PolicyStore, current: InForce, file: FilePolicy, now: datetime, judge: Judge
) -> Sequence[Label]:
    """Why an edit waits, kept from the first look on: what was said then, an older version that it
    was made from, or what `judge` says."""
    key = f"{file.hash}:{current.version}"
    found = store.held(key)
    if found:
        return found
    seen = store.seen()
    if seen is not None and seen < current.version:
        found = [
            Label(
                "config.toml was never updated to version {version}, which a plan put in force, "
                "so it would undo that version",
                version=current.version,
            )
        ]
    found = found or judge(version_after(current, file, now))
    if found:
        store.hold(key, found)
    return found


def version_after(
    current: InForce, file: FilePolicy, now: datetime, *, backfill: bool = False
) -> InForce:
    """The version that the file would be if it came into force now."""
    since = since_of(now, file, current, backfill=backfill)
    return InForce(
        current.version + 1,
        file.hash,
        file.document,
        since,
        tuple(file.milestones),
        file.anchors,
        _names(file, current),
    )


def _names(file: FilePolicy, before: InForce) -> Names:
    """The names of stages and milestones if the file followed that version."""
    return names_after(before.names, before.document, file.document)
