"""The database's policy versions as `services.policy.in_force` wants them."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Engine
from typing_extensions import override

from scheduler.core.policy.milestones import counts_from
from scheduler.core.time.dates import Term
from scheduler.core.words.labels import Label
from scheduler.core.words.languages import Language
from scheduler.services.policy.in_force import FilePolicy, InForce, PolicyMovedError, PolicyStore
from scheduler.storage.database.engine import looking, transaction
from scheduler.storage.database.meta import get_fact, set_fact
from scheduler.storage.policy.policies import (
    CONFIG_SEEN,
    PolicyConflictError,
    PolicyVersion,
    apply_policy,
    current_policy,
    policy_by_hash,
)

_HELD = "config_held"


class PolicyVersions(PolicyStore):
    """The version in force, and edits that wait."""

    def __init__(self, writing: Engine, reading: Engine) -> None:
        self._writing = writing
        self._reading = reading

    @override
    def current(self) -> InForce | None:
        with looking(self._reading) as connection:
            found = current_policy(connection)
        return _in_force(found) if found else None

    @override
    def was_applied(self, hash: str) -> int | None:
        with looking(self._reading) as connection:
            found = policy_by_hash(connection, hash)
        return found.version if found else None

    @override
    def apply(
        self,
        expected: int,
        file: FilePolicy,
        since: Mapping[str, datetime],
        author: str,
        now: datetime,
    ) -> InForce:
        """Puts the file in force. Raises PolicyMovedError."""
        version = PolicyVersion(
            expected + 1, file.hash, file.document, since, author, "", now, text=file.text
        )
        try:
            return _in_force(apply_policy(self._writing, expected, version))
        except PolicyConflictError as error:
            raise PolicyMovedError(str(error)) from error

    @override
    def seen(self) -> int | None:
        """The version that config.toml said when it was last in line with the one in force."""
        with looking(self._reading) as connection:
            found = get_fact(connection, CONFIG_SEEN)
        return int(found) if found else None

    @override
    def note_seen(self, version: int) -> None:
        if self.seen() != version:
            with transaction(self._writing) as connection:
                set_fact(connection, CONFIG_SEEN, str(version))

    @override
    def held(self, key: str) -> Sequence[Label]:
        """The objections to the edit with this key when it was first seen."""
        with looking(self._reading) as connection:
            found = get_fact(connection, _HELD)
        kept = json.loads(found) if found else {}
        if kept.get("key") != key:
            return []
        return [
            Label.given(
                said if isinstance(said, dict) else dict(zip(("ja", "en"), said, strict=True))
            )
            for said in kept["objections"]
        ]

    @override
    def hold(self, key: str, objections: Sequence[Label]) -> None:
        """The edit with this key waits from now on."""
        said = [{each.value: label.of(each) for each in Language} for label in objections]
        kept = {"key": key, "objections": said}
        with transaction(self._writing) as connection:
            set_fact(connection, _HELD, json.dumps(kept, ensure_ascii=False))


def _counts_from(milestone: Mapping[str, Any]) -> str:
    """The anchor of a milestone of a stored document."""
    every = milestone.get("every")
    return counts_from(milestone.get("anchor", ""), Term.parse(every) if every else None)


def _in_force(version: PolicyVersion) -> InForce:
    """A row's values."""
    anchors = {m["id"]: _counts_from(m) for m in version.document["policy"].get("milestones", ())}
    return InForce(
        version.version,
        version.hash,
        version.document,
        version.since,
        tuple(anchors),
        anchors,
        version.names,
    )
