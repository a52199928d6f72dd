"""`renewals backup FILE`: a whole copy of the database, also while the daemon runs."""

from pathlib import Path
from typing import Annotated

import typer

from scheduler.cli.context import CommandContext
from scheduler.cli.terminal.say import as_json, say, text


def backup(
    here: CommandContext,
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE", help=text("the copy, a new file")),
    ],
) -> None:
    """Writes one file that holds everything of one moment; copying the live file would leave its
    newest rows behind."""
    with here.open() as app:
        size = app.backup(file)
    if here.json:
        as_json({"file": str(file), "bytes": size})
        return
    say("the database was copied to {file} ({size:,} bytes)", file=file, size=size)
