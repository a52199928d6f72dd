"""`renewals config history` and `config diff`: the versions of the policy, and what differs between
them or from config.toml.

Always holds: nothing is changed; the differences are what a reader would call so, in effect and not
in spelling.
"""

from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer

from scheduler.cli.context import Here
from scheduler.cli.differences import difference_line, plain_difference
from scheduler.cli.say import as_json, say, strong, table, text
from scheduler.cli.tables import Column
from scheduler.core.config.reading import Config
from scheduler.core.deal.formats import clock_word
from scheduler.services.policy.in_force import Standing
from scheduler.services.policy.versions import (
    Comparison,
    Entry,
    History,
    compare_file,
    compare_versions,
)
from scheduler.services.policy.versions import history as versions_of

if TYPE_CHECKING:
    from scheduler.app.wiring import App

_SHORT = 8


def history(here: Here) -> None:
    """Every version of the policy, newest first, and how config.toml stands to the one in force."""
    from scheduler.app.ready import open_app

    with open_app(here.folder, language=here.language, env=here.env) as app:
        found = versions_of(app.versions, app.working_folder.content_hash())
        edit = _edit(app) if found.file is Standing.EDITED else None
        zone = ZoneInfo(app.policy.zone)
    if here.json:
        as_json(_plain_history(found, edit))
        return
    _show(found, zone)
    _say_standing(found, edit)


def diff(
    here: Here,
    old: Annotated[
        int | None,
        typer.Argument(
            metavar="A",
            help=text(
                "版の番号(省略＝有効な版と config.toml)",
                "a version (left out: the one in force and config.toml)",
            ),
        ),
    ] = None,
    new: Annotated[
        int | None,
        typer.Argument(
            metavar="B",
            help=text("版の番号(省略＝有効な版)", "a version (left out: the one in force)"),
        ),
    ] = None,
) -> None:
    """What differs between two versions, between a version and the one in force, or between that
    and config.toml."""
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
            f"{_named(found.old, found)}と {_named(found.new, found)} の設定に違いはありません。",
            _nothing(found),
        )
    else:
        say(
            strong(f"{_named(found.old, found)} → {_named(found.new, found)}"),
            strong(f"{_named(found.old, found)} → {_named(found.new, found)}"),
        )
        for difference in found.differences:
            print(f"  {difference_line(difference)}")


def _of_file(here: Here) -> Comparison:
    """The version in force and config.toml, with a word on how it stands."""
    with here.open() as app:
        return compare_file(app.versions, app.config.document)


def _of_versions(here: Here, old: int, new: int | None) -> Comparison:
    """Two versions; what stands in config.toml is not asked for."""
    from scheduler.app.ready import open_app

    with open_app(here.folder, language=here.language, env=here.env) as app:
        return compare_versions(app.versions, old, new)


def _nothing(found: Comparison) -> str:
    """The English for two that say the same."""
    return f"nothing differs between {_named(found.old, found)} and {_named(found.new, found)}"


def _named(version: int | None, found: Comparison) -> str:
    """One side of a comparison."""
    if version is None:
        return "config.toml"
    mark = text("(有効)", " (in force)") if version == found.in_force else ""
    return text(f"第{version}版{mark}", f"version {version}{mark}")


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
        Column(text("版", "Version"), right=True),
        text("適用日時", "In force since"),
        Column(text("適用者", "By"), least=8),
        Column(text("変更した設定", "Changed"), right=True),
        Column(text("ハッシュ", "Hash"), spare=1),
        text("状態", "State"),
        Column(text("メモ", "Note"), wraps=True),
    ]
    table(columns, [_row(entry, zone) for entry in found.entries])


def _row(entry: Entry, zone: ZoneInfo) -> list[object]:
    """One version."""
    version = entry.version
    in_force, is_file = text("有効", "in force"), text("config.toml と同じ", "as config.toml says")
    state = text("・", ", ").join([in_force] * entry.in_force + [is_file] * entry.is_file)
    changed = text("(最初)", "(first)") if entry.changed is None else entry.changed
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
    """How config.toml stands to the version in force."""
    number = found.entries[0].version.version
    say()
    if found.file is Standing.CURRENT:
        say(
            f"config.toml は有効な第{number}版と同じです。",
            f"config.toml says what version {number} says, which is in force",
        )
    elif found.file is Standing.STALE:
        say(
            (
                f"config.toml は古い内容(第{found.said_before}版)です。第{number}版が有効です。"
                "違い：renewals config diff"
            ),
            (
                f"config.toml is an old copy: it says what version {found.said_before} said; "
                f"version {number} is in force (renewals config diff)"
            ),
        )
    elif edit is None:
        say(
            f"config.toml に誤りがあります。第{number}版が有効です。確認：renewals check",
            f"config.toml has mistakes (renewals check); version {number} is in force",
        )
    else:
        say(
            (
                f"config.toml の変更({edit}件)はまだ有効ではありません。第{number}版が有効です。"
                "違い：renewals config diff"
            ),
            f"config.toml was edited ({edit} {'difference' if edit == 1 else 'differences'}), not "
            "in force yet; "
            f"version {number} is (renewals config diff)",
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
    mistakes = found.file is Standing.EDITED and edit is None
    return {
        "versions": versions,
        "file": {
            "standing": found.file,
            "version": found.said_before,
            "differences": edit,
            "mistakes": mistakes,
        },
    }
