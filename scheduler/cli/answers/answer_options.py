"""What `renewals answer` takes."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scheduler.cli.answers.typed_answer import NAMES, listed
from scheduler.cli.terminal.say import language, text

if TYPE_CHECKING:
    pass


ContractArgument = Annotated[
    str,
    typer.Argument(
        metavar="CONTRACT",
        help=text("contract number, or '#deal' (not with --contracts, --where, --batch)"),
    ),
]
VerbArgument = Annotated[
    str | None, typer.Argument(metavar="VERB", help=listed(NAMES).of(language()))
]
ValueArgument = Annotated[
    str | None,
    typer.Argument(
        metavar="VALUE",
        help=text(
            "call: renew, at_risk, unsure; paperwork: quoted, in_approval, ordered, none; "
            "health, onboarded: stable, at_risk, critical, unknown"
        ),
    ),
]
UntilOption = Annotated[
    str | None,
    typer.Option(metavar="DATE", help=text("snooze: the day to ask again")),
]
ExpectedOption = Annotated[
    str | None,
    typer.Option(
        metavar="DATE",
        help=text("call, paperwork: the day it is expected"),
    ),
]
HealthOption = Annotated[
    str | None,
    typer.Option(
        metavar="HEALTH",
        help=text("onboarded: how the customer does"),
    ),
]
AmountOption = Annotated[
    str | None,
    typer.Option(metavar="AMOUNT", help=text("won: the renewed amount")),
]
TermOption = Annotated[
    str | None,
    typer.Option(
        metavar="LENGTH",
        help=text("won: the renewed term, e.g. '12 months'"),
    ),
]
RenewalTermOption = Annotated[
    str | None,
    typer.Option(
        metavar="LENGTH",
        help=text("won: the terms after the renewed one, e.g. 36 months, then 12 at a time"),
    ),
]
StartsOption = Annotated[
    str | None,
    typer.Option(
        metavar="DATE",
        help=text(
            "won: the renewed start (default: the day after the end; before it, the "
            "running term is replaced)"
        ),
    ),
]
EndsOption = Annotated[
    str | None,
    typer.Option(
        metavar="DATE",
        help=text("won: the renewed end; notice: the last day of an evergreen contract"),
    ),
]
ReasonOption = Annotated[
    str | None,
    typer.Option(
        metavar="ID",
        help=text("lost, notice: the main reason (left out: the list); health, onboarded: why"),
    ),
]
SecondOption = Annotated[
    str | None,
    typer.Option(metavar="ID", help=text("lost, notice: a second reason")),
]
AvoidableOption = Annotated[
    bool | None,
    typer.Option(
        "--avoidable/--unavoidable",
        help=text("lost, notice: could it have been avoided"),
    ),
]
OnOption = Annotated[
    str | None,
    typer.Option(
        metavar="DATE",
        help=text("notice: the day it was received (default: today)"),
    ),
]
NoteOption = Annotated[str, typer.Option(metavar="TEXT", help=text("a note"))]
ByOption = Annotated[
    str | None,
    typer.Option(
        metavar="EMAIL",
        help=text("who answers (default: RENEWALS_USER, else the OS user)"),
    ),
]
YesOption = Annotated[
    bool,
    typer.Option(
        "--yes",
        "-y",
        help=text(
            "won: renew on the same terms; notice, call, snooze, paperwork: take an "
            "unusual day; several contracts: without asking"
        ),
    ),
]
ContractsOption = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help=text("for every contract in this file (one a line; -: standard input)"),
    ),
]
WhereOption = Annotated[
    list[str] | None,
    typer.Option(
        metavar="FIELD=VALUE",
        help=text("for every open contract that meets this condition, e.g. segment=smb"),
    ),
]
SkipOption = Annotated[
    bool,
    typer.Option(
        "--skip",
        help=text("several contracts: leave out those that cannot take it"),
    ),
]
BatchOption = Annotated[
    str | None,
    typer.Option(
        metavar="ID",
        help=text("undo: the number of answers recorded together"),
    ),
]
