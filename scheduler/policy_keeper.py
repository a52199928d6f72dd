"""Keeps the policy in force at hand, and makes an edited file the next version.

Always holds: what is at hand is what the database said at the last look; a file with mistakes changes nothing.
"""

from collections.abc import Callable
from datetime import datetime

from scheduler.core.config.reading import Config
from scheduler.core.policy import Policy
from scheduler.services.following import FilePolicy, Followed, InForce, PolicyStore, follow


class PolicyKeeper:
    """The policy of one database beside one file. `build` makes a Policy of a version."""

    def __init__(self, store: PolicyStore, build: Callable[[InForce], Policy]) -> None:
        self._store = store
        self._build = build
        self._policy: Policy | None = None

    def policy(self) -> Policy:
        """The policy in force as last looked at."""
        if self._policy is None:
            self.refresh()
        assert self._policy is not None
        return self._policy

    def refresh(self) -> None:
        """Takes over the version that is in force now."""
        current = self._store.current()
        if current is not None:
            self._take(current)

    def _take(self, version: InForce) -> None:
        """Builds the policy unless it is the one at hand."""
        if self._policy is None or self._policy.version != version.version:
            self._policy = self._build(version)

    def follow(self, config: Config, author: str, now: datetime) -> Followed:
        """Puts the file's content in force if it is new."""
        milestones = {m.id: m.was for m in config.policy.milestones}
        followed = follow(self._store, FilePolicy(config.hash, config.document, milestones), author, now, edits=True)
        self._take(followed.in_force)
        return followed

    def compare(self, file_hash: str, now: datetime) -> Followed:
        """The version in force, and how a file with this content stands to it. Raises NoPolicyError."""
        followed = follow(self._store, FilePolicy(file_hash, {}, {}), "", now, edits=False)
        self._take(followed.in_force)
        return followed
