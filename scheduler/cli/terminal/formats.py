"""`--format`: how a report is written. Always holds: `--json` is the same as `--format json`, and
refuses another."""

from enum import StrEnum
from typing import Annotated

import typer

from scheduler.cli.context import CommandContext
from scheduler.cli.terminal.say import text
from scheduler.core.words.errors import UserMustActError


class Format(StrEnum):
    """How a report is written."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"


class ReportFormat(StrEnum):
    """How a report over contracts and money is written."""

    TABLE = "table"
    CSV = "csv"
    XLSX = "xlsx"
    JSON = "json"


Formatted = Annotated[
    Format | None,
    typer.Option("--format", help=text("how to write it (default: table)")),
]

Explain = Annotated[bool, typer.Option("--explain", help=text("say what each number means"))]


def format_of(here: CommandContext, given: Format | None) -> Format:
    """How a report is to be written. Raises UserMustActError where `--json` and `--format`
    contradict each other."""
    if here.json and given not in (None, Format.JSON):
        raise UserMustActError("give either --json or --format {given}, not both", given=given)
    return Format.JSON if here.json else given or Format.TABLE
