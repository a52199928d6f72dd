"""Keeps the policy in force at hand, and makes an edited file the next version.

Always holds: what is at hand is what the database said at the last look; a file with mistakes
changes nothing, nor does an edit to which `judged` objects.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from scheduler.core.config.reading import Config
from scheduler.core.policy.milestones import counts_from
from scheduler.core.policy.policy import Policy
from scheduler.core.words.labels import Label
from scheduler.services.policy.in_force import FilePolicy, Followed, InForce, PolicyStore, follow


class PolicyKeeper:
    """The policy of one database beside one file. `build` makes a Policy of a version; `judged`
    says what keeps one from coming into force."""

    def __init__(
        self,
        store: PolicyStore,
        build: Callable[[InForce], Policy],
        judged: Callable[[Policy, datetime], Sequence[Label]] | None = None,
    ) -> None:
        self._store = store
        self._build = build
        self._judged = judged
        self._policy: Policy | None = None
        self._version: InForce | None = None

    def policy(self) -> Policy:
        """The policy in force as last looked at."""
        if self._policy is None:
            self.refresh()
        assert self._policy is not None
        return self._policy

    def in_force(self) -> InForce | None:
        """The version in force as last looked at; None before the first look."""
        return self._version

    def refresh(self) -> None:
        """Takes over the version that is in force now."""
        current = self._store.current()
        if current is not None:
            self._take(current)

    def _take(self, version: InForce) -> None:
        """Builds the policy unless it is the one at hand."""
        self._version = version
        if self._policy is None or self._policy.version != version.version:
            self._policy = self._build(version)

    def follow(self, config: Config, author: str, now: datetime) -> Followed:
        """Puts the file's content in force if it is new and nothing keeps it from it."""
        judged = self._judged

        def judge(version: InForce) -> Sequence[Label]:
            return judged(self._build(version), now) if judged is not None else ()

        followed = follow(self._store, file_policy(config), author, now, edits=True, judge=judge)
        self._take(followed.in_force)
        return followed

    def compare(self, file_hash: str, now: datetime) -> Followed:
        """The version in force, and how a file with this content stands to it. Raises
        NoPolicyError."""
        followed = follow(self._store, FilePolicy(file_hash, {}, {}), "", now, edits=False)
        self._take(followed.in_force)
        return followed


def file_policy(config: Config) -> FilePolicy:
    """The policy part of a configuration."""
    return policy_file(config.hash, config.document, config.policy, config.text)


def policy_file(
    hash: str, document: Mapping[str, Any], policy: Policy, text: str = ""
) -> FilePolicy:
    """A document and the policy it says, as a file. `text`: as it was written, where that is
    known."""
    anchors = {m.id: counts_from(m.anchor.value, m.every) for m in policy.milestones}
    return FilePolicy(hash, document, {m.id: m.was for m in policy.milestones}, anchors, text)
