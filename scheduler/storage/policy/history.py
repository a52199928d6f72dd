"""The database's policy versions as `services.policy.versions` wants them. Always holds: asking
makes no database file."""

from pathlib import Path

from sqlalchemy import Engine
from typing_extensions import override

from scheduler.services.policy.versions import AppliedVersion, VersionStore
from scheduler.storage.database.engine import looking
from scheduler.storage.database.schema import SchemaState, schema_state
from scheduler.storage.policy.policies import PolicyVersion, current_version, policy_history


class PolicyHistory(VersionStore):
    """The versions, for those who only look."""

    def __init__(self, reading: Engine) -> None:
        self._reading = reading

    @override
    def there_is_one(self) -> bool:
        """Whether there is a database with a policy; also true of one that another version of this
        program made: what is in it cannot be told."""
        url = self._reading.url
        if url.get_backend_name() == "sqlite" and not Path(url.database or "").is_file():
            return False
        with looking(self._reading) as connection:
            state = schema_state(connection)
            return state is not SchemaState.EMPTY and (
                state is not SchemaState.CURRENT or current_version(connection) is not None
            )

    @override
    def history(self) -> list[AppliedVersion]:
        with looking(self._reading) as connection:
            return [_version(found) for found in policy_history(connection)]


def _version(found: PolicyVersion) -> AppliedVersion:
    """A row's values."""
    return AppliedVersion(
        found.version, found.hash, found.document, found.author, found.note, found.applied_at
    )
