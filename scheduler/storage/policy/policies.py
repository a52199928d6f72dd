"""Policy versions: which policy is in force, which were. Always holds: versions count up by one;
two who apply at once cannot both win."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, RowMapping, insert, select
from sqlalchemy.exc import IntegrityError

from scheduler.core.config.lineage import Names, names_after, names_through
from scheduler.storage.database.engine import transaction
from scheduler.storage.database.meta import set_fact
from scheduler.storage.database.rows import metadata

POLICIES = metadata.tables["policy_versions"]


@dataclass(frozen=True, slots=True)
class PolicyVersion:
    """One policy as it was applied. `since`: for milestones added after the first version, when.
    `effects`: what its plan said, if it had one.

    `text`: the config.toml it was read from, empty where nobody kept it. `names`: what stages and
    milestones of earlier versions are called in it.
    """

    version: int
    hash: str
    document: Mapping[str, Any]
    since: Mapping[str, datetime]
    author: str
    note: str
    applied_at: datetime
    effects: Mapping[str, Any] | None = None
    names: Names = field(default_factory=dict)
    text: str = ""


class PolicyConflictError(Exception):
    """Somebody else applied a policy in between; look at it and decide again."""


def current_policy(connection: Connection) -> PolicyVersion | None:
    """The policy in force; None in an empty database."""
    row = (
        connection.execute(select(POLICIES).order_by(POLICIES.c.version.desc()).limit(1))
        .mappings()
        .first()
    )
    if row is None:
        return None
    found = _version(row)
    return found if row["names"] is not None else replace(found, names=_names_so_far(connection))


def _names_so_far(connection: Connection) -> Names:
    """The current name for every earlier one, gone through from the first version on: for versions
    written before names were kept."""
    return names_through(
        connection.execute(select(POLICIES.c.document).order_by(POLICIES.c.version)).scalars().all()
    )


def current_version(connection: Connection) -> tuple[int, str] | None:
    """The number and hash of the policy in force, without its document."""
    row = connection.execute(
        select(POLICIES.c.version, POLICIES.c.hash).order_by(POLICIES.c.version.desc()).limit(1)
    ).first()
    return (row.version, row.hash) if row else None


def policy_by_hash(connection: Connection, hash: str) -> PolicyVersion | None:
    """The newest version with this content."""
    row = (
        connection.execute(
            select(POLICIES)
            .where(POLICIES.c.hash == hash)
            .order_by(POLICIES.c.version.desc())
            .limit(1)
        )
        .mappings()
        .first()
    )
    return _version(row) if row else None


def policy_numbered(connection: Connection, number: int) -> PolicyVersion | None:
    """The version with this number."""
    row = (
        connection.execute(select(POLICIES).where(POLICIES.c.version == number)).mappings().first()
    )
    return _version(row) if row else None


def policy_history(connection: Connection) -> list[PolicyVersion]:
    """Every version, newest first."""
    return [
        _version(r)
        for r in connection.execute(select(POLICIES).order_by(POLICIES.c.version.desc())).mappings()
    ]


CONFIG_SEEN = "config_seen"
"""The fact that says which version config.toml said when it was last in line with the one in
force."""


def apply_policy(engine: Engine, expected: int, version: PolicyVersion) -> PolicyVersion:
    """Puts `version`, which config.toml says, in force if `expected` (0: none) still is. Raises
    PolicyConflictError."""
    with transaction(engine) as connection:
        found = current_version(connection)
        if (found[0] if found else 0) != expected:
            raise PolicyConflictError(
                f"policy {found[0] if found else 0} is in force, not {expected}"
            )
        insert_policy(connection, version)
        version = current_policy(connection) or version
        set_fact(connection, CONFIG_SEEN, str(version.version))
    return version


def insert_policy(connection: Connection, version: PolicyVersion) -> None:
    """Writes a version with the names that it gives to what came before. Raises PolicyConflictError
    if there is one with its number."""
    before = current_policy(connection)
    names = names_after(
        before.names if before else {}, before.document if before else {}, version.document
    )
    row = {
        "version": version.version,
        "hash": version.hash,
        "document": dict(version.document),
        "since": {k: at.isoformat() for k, at in version.since.items()},
        "author": version.author,
        "note": version.note,
        "applied_at": version.applied_at,
        "effects": dict(version.effects) if version.effects is not None else None,
        "names": names,
        "text": version.text or _text_of(connection, version.hash),
    }
    try:
        connection.execute(insert(POLICIES), [row])
    except IntegrityError as error:
        raise PolicyConflictError(
            f"policy {version.version} was applied by somebody else at the same moment"
        ) from error


def _text_of(connection: Connection, hash: str) -> str | None:
    """The text that an earlier version of the same content was read from."""
    query = (
        select(POLICIES.c.text)
        .where(POLICIES.c.hash == hash, POLICIES.c.text.is_not(None))
        .order_by(POLICIES.c.version.desc())
    )
    return connection.execute(query.limit(1)).scalar()


def _version(row: RowMapping) -> PolicyVersion:
    """Makes a version of one row of `policy_versions`."""
    since = {k: datetime.fromisoformat(v) for k, v in row["since"].items()}
    of = (
        row["version"],
        row["hash"],
        row["document"],
        since,
        row["author"],
        row["note"],
        row["applied_at"],
        row["effects"],
    )
    return PolicyVersion(*of, names=row["names"] or {}, text=row["text"] or "")
