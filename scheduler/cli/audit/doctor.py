"""`renewals doctor`: everything that can be wrong with this installation, in one page.

Always holds: nothing is changed and nothing posted; exit code 0 if there is nothing to do, 1 if
there is.
"""

from collections.abc import Sequence
from typing import Annotated

import typer

from scheduler.cli.context import CommandContext
from scheduler.cli.terminal.say import as_json, label, language, put, say, strong, table, text
from scheduler.cli.terminal.tables import Column
from scheduler.core.machine.diagnosis import AREAS, LEVELS, DiagnosisLine, Level, verdict


def doctor(
    here: CommandContext,
    *,
    live: Annotated[
        bool,
        typer.Option(
            "--live",
            help=text("also ask Slack and the mail server, without sending anything"),
        ),
    ] = False,
) -> int:
    """Database, clock, channels, destinations, secrets, files, unit, what waits, the balance and
    the backups."""
    from scheduler.app.checkup import Checkup
    from scheduler.app.doctor import examine

    checkup = Checkup(here.folder, language(), here.env, live)
    try:
        lines = examine(checkup)
    finally:
        checkup.close()
    sick = any(line.level is Level.TO_DO for line in lines)
    if here.json:
        as_json({"fine": not sick, "verdict": verdict(lines).en, "lines": lines})
    else:
        _show(lines)
    return 1 if sick else 0


def _show(lines: Sequence[DiagnosisLine]) -> None:
    """The page, and what it comes to."""
    rows, before = [], None
    for line in lines:
        rows.append(
            (
                "" if line.area is before else label(AREAS[line.area]),
                label(LEVELS[line.level]),
                label(line.says),
            )
        )
        before = line.area
    table((Column("", stays=True), Column("", stays=True), Column("", wraps=True)), rows, bare=True)
    says = verdict(lines)
    say()
    put(strong(label(says)))
