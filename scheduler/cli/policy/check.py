"""`renewals check`: everything that is wrong with the configuration, the templates, the routes and
the database, at once.

Always holds: nothing is changed; exit code 2 if anything must be fixed, 1 if only sample addresses
must be replaced, 0 if there are only notes.
"""

from typing import TYPE_CHECKING, Annotated

import typer

from scheduler.cli.context import CommandContext
from scheduler.cli.terminal.say import as_json, label, language, say, text

if TYPE_CHECKING:
    from scheduler.app.checks import Findings


def check(
    here: CommandContext,
    *,
    offline: Annotated[
        bool,
        typer.Option(
            "--offline",
            help=text("do not connect to Slack or the mail server"),
        ),
    ] = False,
) -> int:
    """Checks everything; the exit code says whether something must be fixed."""
    from scheduler.app.checks import check_everything

    found = check_everything(here.folder, language(), here.env, connect=not offline)
    if here.json:
        as_json(
            {"problems": found.problems, "sample_addresses": found.samples, "notes": found.notes}
        )
    else:
        _show(found)
    return 2 if found.problems else 1 if found.samples else 0


def _show(found: "Findings") -> None:
    """Problems, then notes, then the sum."""
    for problem in [*found.problems, *found.samples]:
        print(problem.shown(language()))
    for note in found.notes:
        say("note: {note}", note=label(note))
    count = len(found.problems) + len(found.samples)
    if count:
        say("{count} problem to fix", many="{count} problems to fix", count=count)
    else:
        say("no problems")
