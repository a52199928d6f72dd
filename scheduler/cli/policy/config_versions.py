"""`renewals config history` and `config diff`: the versions of the policy, and what differs between
them or from config.toml.

Always holds: nothing is changed; the differences are what a reader would call so, in effect and not
in spelling.
"""

from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer

from scheduler.cli.context import CommandContext
from scheduler.cli.policy.differences import difference_line, plain_difference
from scheduler.cli.terminal.say import as_json, put, say, strong, table, text
from scheduler.cli.terminal.tables import Column
from scheduler.core.config.reading import Config
from scheduler.core.deal.formats import clock_word
from scheduler.services.policy.in_force import FileStatus
from scheduler.services.policy.versions import (
    History,
    HistoryEntry,
    VersionDiff,
    compare_file,
    compare_versions,
)
from scheduler.services.policy.versions import history as versions_of

if TYPE_CHECKING:
    from scheduler.app.wiring import App

_SHORT = 8


def history(here: CommandContext) -> None:
    """Every version of the policy, newest first, and how config.toml stands to the one in force."""
    from scheduler.app.ready import open_app

    with open_app(here.folder, language=here.language, env=here.env) as app:
        found = versions_of(app.versions, app.working_folder.content_hash())
        edit = _edit(app) if found.file is FileStatus.EDITED else None
        zone = ZoneInfo(app.policy.zone)
    if here.json:
        as_json(_plain_history(found, edit))
        return
    _show(found, zone)
    _say_standing(found, edit)


def diff(
    here: CommandContext,
    old: Annotated[
        int | None,
        typer.Argument(
            metavar="A",
            help=text("a version (left out: the one in force and config.toml)"),
        ),
    ] = None,
    new: Annotated[
        int | None,
        typer.Argument(
            metavar="B",
            help=text("a version (left out: the one in force)"),
        ),
    ] = None,
) -> None:
    """Shows what differs between two versions, between a version and the one in force, or between
    that and config.toml."""
    found = _of_file(here) if old is None else _of_versions(here, old, new)
    if here.json:
        differences = [plain_difference(d) for d in found.differences]
        as_json(
            {
                "old": found.old,
                "new": found.new or "config.toml",
                "in_force": found.in_force,
                "differences": differences,
            }
        )
    elif not found.differences:
        say(
            "nothing differs between {old} and {new}",
            old=_named(found.old, found),
            new=_named(found.new, found),
        )
    else:
        put(strong(f"{_named(found.old, found)} → {_named(found.new, found)}"))
        for difference in found.differences:
            print(f"  {difference_line(difference)}")


def _of_file(here: CommandContext) -> VersionDiff:
    """The version in force and config.toml, with a word on how it stands."""
    with here.open() as app:
        return compare_file(app.versions, app.config.document)


def _of_versions(here: CommandContext, old: int, new: int | None) -> VersionDiff:
    """Compares two versions; config.toml is not read."""
    from scheduler.app.ready import open_app

    with open_app(here.folder, language=here.language, env=here.env) as app:
        return compare_versions(app.versions, old, new)


def _named(version: int | None, found: VersionDiff) -> str:
    """The name of one side of a comparison."""
    if version is None:
        return "config.toml"
    mark = text(" (in force)") if version == found.in_force else ""
    return text("version {version}{mark}", version=version, mark=mark)


def _edit(app: "App") -> int | None:
    """How many settings an edited config.toml changes; None where it has mistakes."""
    config = app.working_folder.problems_or_config()
    return (
        len(compare_file(app.versions, config.document).differences)
        if isinstance(config, Config)
        else None
    )


def _show(found: History, zone: ZoneInfo) -> None:
    """The versions as a table."""
    columns: list[Column | str] = [
        Column(text("Version"), right=True),
        text("In force since"),
        Column(text("By"), least=8),
        Column(text("Changed"), right=True),
        Column(text("Hash"), spare=1),
        text("State"),
        Column(text("Note"), wraps=True),
    ]
    table(columns, [_row(entry, zone) for entry in found.entries])


def _row(entry: HistoryEntry, zone: ZoneInfo) -> list[object]:
    """The row of one version."""
    version = entry.version
    in_force, is_file = text("in force"), text("as config.toml says")
    state = text(", ", context="config_versions").join(
        [in_force] * entry.in_force + [is_file] * entry.is_file
    )
    changed = text("(first)") if entry.changed is None else entry.changed
    return [
        version.version,
        clock_word(version.applied_at, zone),
        version.author,
        changed,
        version.hash[:_SHORT],
        state,
        version.note,
    ]


def _say_standing(found: History, edit: int | None) -> None:
    """Says how config.toml differs from the version in force."""
    number = found.entries[0].version.version
    say()
    if found.file is FileStatus.CURRENT:
        say("config.toml is the same as version {number}, which is in force", number=number)
    elif found.file is FileStatus.STALE:
        say(
            (
                "config.toml is an old copy: it is the same as version {said_before}, but "
                "version {number} is in force (renewals config diff)"
            ),
            said_before=found.said_before,
            number=number,
        )
    elif edit is None:
        say(
            "config.toml has mistakes (renewals check); version {number} is in force", number=number
        )
    else:
        say(
            (
                "config.toml has {count} difference that is not in force yet; version {number} "
                "is in force (renewals config diff)"
            ),
            many=(
                "config.toml has {count} differences that are not in force yet; version {number} "
                "is in force (renewals config diff)"
            ),
            count=edit,
            number=number,
        )


def _plain_history(found: History, edit: int | None) -> dict[str, Any]:
    """For machines. `differences`: how many settings an edited file changes; null where it has
    mistakes or is not edited."""
    versions = [
        {
            "version": entry.version.version,
            "applied_at": entry.version.applied_at,
            "author": entry.version.author,
            "note": entry.version.note,
            "hash": entry.version.hash,
            "changed": entry.changed,
            "in_force": entry.in_force,
            "is_file": entry.is_file,
        }
        for entry in found.entries
    ]
    mistakes = found.file is FileStatus.EDITED and edit is None
    return {
        "versions": versions,
        "file": {
            "standing": found.file,
            "version": found.said_before,
            "differences": edit,
            "mistakes": mistakes,
        },
    }
