"""Reads a command's arguments with typer: the command's own parameters and those that every command
has.

Always holds: usage errors and the help's headings are in the reader's language (typer itself speaks
English only).
"""

import inspect
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import Annotated, Any, get_type_hints

import typer
from typer.core import TyperCommand
from typer.main import get_command

from scheduler.cli.commands import Command
from scheduler.cli.context import here_of
from scheduler.cli.terminal.say import label, language, text
from scheduler.cli.usage import headed
from scheduler.core.words.lexicon import Language

Parameter = inspect.Parameter


class _Command(TyperCommand):
    """A command whose help has its headings in the language in use, and examples."""

    examples: tuple[str, ...] = ()

    def get_help(self, ctx: Any) -> str:
        """The help text."""
        shown = headed(super().get_help(ctx), language())
        lines = [f"  renewals {example}" for example in self.examples]
        return "\n".join([shown, "", text("Examples:"), *lines]) if lines else shown


def _common(command: Command) -> list[Parameter]:
    """The parameters that every command has."""
    dir_help = text("the working folder (where config.toml is)")
    if command.makes_folder:
        dir_help = label(command.makes_folder)
    listed = [
        _option("dir", str | None, typer.Option("--dir", help=dir_help, metavar="DIR")),
        _option(
            "lang",
            Language | None,
            typer.Option("--lang", help=text("the language of the output")),
        ),
    ]
    if command.json:
        listed.append(
            _option(
                "json",
                bool,
                typer.Option("--json", help=text("print JSON, for scripts")),
                False,
            )
        )
    if command.sheets or command.report:
        csv_help = text("write a CSV file (- for standard output)")
        listed.append(
            _option("csv", str | None, typer.Option("--csv", help=csv_help, metavar="FILE"))
        )
        listed.append(
            _option(
                "xlsx",
                str | None,
                typer.Option(
                    "--xlsx",
                    help=text("write an Excel workbook"),
                    metavar="FILE",
                ),
            )
        )
    if command.report:
        from scheduler.cli.reports.options import report_parameters

        listed += report_parameters()
    if command.reads_clock:
        as_of = text(
            "act as if it were this time (for rehearsals; needs RENEWALS_ALLOW_TIME_TRAVEL=1)"
        )
        listed.append(
            _option(
                "as_of", str | None, typer.Option("--as-of", help=as_of, metavar="DATE|INSTANT")
            )
        )
    return listed


def _option(name: str, kind: Any, option: Any, default: Any = None) -> Parameter:
    """A keyword parameter as typer reads it."""
    return Parameter(
        name, Parameter.KEYWORD_ONLY, default=default, annotation=Annotated[kind, option]
    )


def _spread(parameter: Parameter) -> list[Parameter]:
    """The parameter; the fields of its type where that is a dataclass."""
    kind = parameter.annotation
    if not is_dataclass(kind):
        return [parameter]
    hints = get_type_hints(kind, include_extras=True)
    return [
        Parameter(f.name, Parameter.KEYWORD_ONLY, default=f.default, annotation=hints[f.name])
        for f in fields(kind)
    ]


def _gathered(parameter: Parameter, values: Mapping[str, Any]) -> Any:
    """What was given for the parameter, joined again where its fields were."""
    kind = parameter.annotation
    if not isinstance(kind, type) or not is_dataclass(kind):
        return values[parameter.name]
    return kind(**{f.name: values[f.name] for f in fields(kind)})


def parsed_by(command: Command, function: Callable[..., Any]) -> Callable[[Sequence[str]], int]:
    """A function of the arguments that calls `function` with a Here and them, and returns the exit
    code."""
    common = _common(command)
    _, *declared = inspect.signature(function, eval_str=True).parameters.values()
    own = [p for parameter in declared for p in _spread(parameter)]

    def called(**values: Any) -> Any:
        here = here_of({p.name: values[p.name] for p in common}, language(), os.environ)
        return function(here, **{p.name: _gathered(p, values) for p in declared})

    called.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [*(p.replace(kind=Parameter.KEYWORD_ONLY) for p in own), *common]
    )
    called.__name__ = command.name
    called.__annotations__ = {p.name: p.annotation for p in (*own, *common)}
    app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
    app.command(
        command.name,
        cls=_Command,
        help=label(command.help),
        context_settings={"help_option_names": ["--help", "-h"]},
    )(called)
    click_command = get_command(app)
    if isinstance(click_command, _Command):
        click_command.examples = command.examples

    def run(arguments: Sequence[str]) -> int:
        try:
            with click_command.make_context(f"renewals {command.name}", list(arguments)) as context:
                code = click_command.invoke(context)
        except typer.Exit as ended:
            return ended.exit_code
        return code if isinstance(code, int) else 0

    return run
