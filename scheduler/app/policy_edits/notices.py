"""The notes that tell the user how config.toml differs from the policy in force."""

from scheduler.app.working_folder import TEMPLATES
from scheduler.core.words.labels import Joined, Label
from scheduler.services.policy.in_force import FileStatus, Followed


def file_notices(followed: Followed) -> list[Label]:
    """What there is to say of the file after a look at it; empty where it is in force as it is."""
    version = followed.in_force.version
    if followed.standing is FileStatus.STALE:
        return [
            Label(
                "note: config.toml is the same as the earlier version {says}; version {version} "
                "stays in force, as an old copy must not undo an edit. To go back to version "
                "{says}: `renewals config rollback {says}`; to keep version {version}: `renewals "
                "config export > config.toml`",
                says=followed.says or "?",
                version=version,
            )
        ]
    every = Joined(followed.objections, Label("; ", context="sentences"))
    if followed.objections and of_templates(followed):
        return [
            Label(
                "note: the edit waits (version {version} stays in force): its message templates "
                "have mistakes: {every}",
                version=version,
                every=every,
            )
        ]
    if followed.objections:
        return [
            Label(
                "note: the edit of config.toml waits (version {version} stays in force): {every}. "
                "See `renewals plan`, then `renewals apply`",
                version=version,
                every=every,
            )
        ]
    if followed.standing is FileStatus.EDITED and followed.applied:
        return [Label("config.toml was edited: version {version} is in force now", version=version)]
    if followed.standing is FileStatus.EDITED:
        return [
            Label(
                "note: the edit of config.toml is not in force yet (version {version} is); "
                "`renewals plan` shows what it would do",
                version=version,
            )
        ]
    return []


def of_templates(followed: Followed) -> bool:
    """Whether mistakes in message templates are what holds an edit back."""
    return any(f"{TEMPLATES.as_posix()}/" in o.en for o in followed.objections)
