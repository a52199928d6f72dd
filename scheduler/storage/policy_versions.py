"""The database's policy versions as `services.following` wants them."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Engine

from scheduler.services.following import FilePolicy, InForce, PolicyMovedError
from scheduler.storage.engine import explained
from scheduler.storage.policies import PolicyConflictError, PolicyVersion, apply_policy, current_policy, policy_by_hash


class PolicyVersions:
    """services.following.PolicyStore on SQL."""

    def __init__(self, writing: Engine, reading: Engine) -> None:
        self._writing = writing
        self._reading = reading

    def current(self) -> InForce | None:
        """The version in force."""
        with explained(self._reading), self._reading.connect() as connection:
            found = current_policy(connection)
        return _in_force(found) if found else None

    def was_applied(self, hash: str) -> bool:
        """Whether any version ever had this content."""
        with explained(self._reading), self._reading.connect() as connection:
            return policy_by_hash(connection, hash) is not None

    def apply(self, expected: int, file: FilePolicy, since: Mapping[str, datetime], author: str, now: datetime) -> InForce:
        """Puts the file in force. Raises PolicyMovedError."""
        version = PolicyVersion(expected + 1, file.hash, file.document, since, author, "", now)
        try:
            return _in_force(apply_policy(self._writing, expected, version))
        except PolicyConflictError as error:
            raise PolicyMovedError(str(error)) from error


def _in_force(version: PolicyVersion) -> InForce:
    """A row's values."""
    anchors = {m["id"]: m.get("anchor", "") for m in version.document["policy"].get("milestones", ())}
    return InForce(version.version, version.hash, version.document, version.since, tuple(anchors), anchors)
