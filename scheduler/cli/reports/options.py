"""The options that every report of `Command(report=True)` has: whose contracts, which days, as
known on which day, how it is written, what its numbers mean."""

from collections.abc import Sequence
from inspect import Parameter
from typing import Any

from scheduler.cli.terminal.formats import ReportFormat
from scheduler.cli.terminal.say import text


def report_options() -> Sequence[tuple[str, Any, str, str | None, str]]:
    """Each as (name, type, the option as it is written, what stands for its value, its help)."""
    known = text("as it was known at the end of that day (what was recorded later does not count)")
    return (
        ("pipeline", str | None, "--pipeline", "ID", text("of this pipeline")),
        (
            "owner",
            str | None,
            "--owner",
            "TEXT",
            text("part of the owner's name or e-mail"),
        ),
        ("team", str | None, "--team", "NAME", text("only owners in this team")),
        ("segment", str | None, "--segment", "NAME", text("only customers in this segment")),
        ("currency", str | None, "--currency", "CODE", text("only this currency")),
        ("from_", str | None, "--from", "DATE", text("first day, or a month")),
        ("until", str | None, "--until", "DATE", text("last day, or a month")),
        ("as_known_on", str | None, "--as-known-on", "DATE", known),
        (
            "format",
            ReportFormat | None,
            "--format",
            None,
            text("how to write it (default: table); xlsx goes to a file: > report.xlsx"),
        ),
        ("explain", bool, "--explain", None, text("say what each number means")),
        ("chart", str | None, "--chart", "FILE", text("draw it: a .png or an .svg file")),
    )


def report_parameters() -> list[Parameter]:
    """The same as keyword parameters that typer reads."""
    from typing import Annotated

    import typer

    def made(name: str, kind: Any, option: str, metavar: str | None, help_: str) -> Parameter:
        how = typer.Option(option, metavar=metavar, help=help_)
        default = False if kind is bool else None
        return Parameter(
            name, Parameter.KEYWORD_ONLY, default=default, annotation=Annotated[kind, how]
        )

    return [made(*option) for option in report_options()]
