"""`renewals config export`: a version of the policy as a file again, with its comments where they
are known.

Always holds: config.toml is not asked for what the version says, so that `> config.toml` may have
emptied it; nothing in force changes.
"""

import sys
from pathlib import Path
from typing import Annotated

import typer

from scheduler.cli.context import CommandContext
from scheduler.cli.terminal.say import say, tell, text
from scheduler.core.config.export import exported
from scheduler.core.words.errors import UserMustActError


def export(
    here: CommandContext,
    version: Annotated[
        int | None,
        typer.Argument(
            metavar="[VERSION]",
            help=text("a version (left out: the one in force)"),
        ),
    ] = None,
    *,
    to: Annotated[
        Path | None,
        typer.Option(
            "--to",
            metavar="DIR",
            help=text("write it into a folder, with its message templates"),
        ),
    ] = None,
) -> None:
    """Prints the config.toml of a version, to be read, edited or put back."""
    from scheduler.app.ready import open_app

    with open_app(here.folder, language=here.language, env=here.env) as app:
        app.notices.clear()
        app.keeper.refresh()
        current = app.keeper.in_force()
        found = app.plans.version(
            version if version is not None else current.version if current else 0
        )
        present, own = app.working_folder.text(), app.working_folder.templates()
    if found is None:
        raise UserMustActError(
            "there is no version {version}; `renewals config history` lists them", version=version
        )
    content, templates = (
        exported(found.document["policy"], found.text, present),
        found.document.get("templates", {}),
    )
    if to is None:
        sys.stdout.write(content)
        if templates != own:
            tell(
                (
                    "note: the message templates of version {version} differ from the "
                    "folder's; --to DIR writes them too"
                ),
                version=found.version,
            )
        return
    if to.exists() and any(to.iterdir() if to.is_dir() else [to]):
        raise UserMustActError("{to} is not empty; name a new folder", to=to)
    for name, body in {
        "config.toml": content,
        **{f"templates/messages/{path}": body for path, body in templates.items()},
    }.items():
        (to / name).parent.mkdir(parents=True, exist_ok=True)
        (to / name).write_text(body, "utf-8")
    say("version {version} is in {to} now", version=found.version, to=to)
