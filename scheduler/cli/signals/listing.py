"""`renewals signals list`: what was measured, the latest first."""

import csv
import sys
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from scheduler.cli.context import CommandContext
from scheduler.cli.terminal.formats import Format, Formatted, format_of
from scheduler.cli.terminal.say import as_json, label, say, table, tell, text
from scheduler.core.deal.formats import clock_word
from scheduler.core.words.escaping import escape_formula
from scheduler.core.words.lexicon import SignalSubject

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scheduler.services.signals.listing import ListedSignal

_COLUMNS = ("kind", "subject", "customer", "name", "value", "at", "source", "received")


def list_all(
    here: CommandContext,
    *,
    contract: Annotated[
        str | None, typer.Option(metavar="CONTRACT", help=text("only this contract"))
    ] = None,
    customer: Annotated[
        str | None,
        typer.Option(metavar="NAME", help=text("only customers whose names contain this")),
    ] = None,
    name: Annotated[
        str | None, typer.Option(metavar="NAME", help=text("only this measure, e.g. logins"))
    ] = None,
    unmatched: Annotated[
        bool,
        typer.Option(
            "--unmatched", help=text("only those whose contract or customer is not known here")
        ),
    ] = False,
    most: Annotated[
        int, typer.Option("--most", min=1, metavar="N", help=text("how many at most"))
    ] = 200,
    format: Formatted = None,
) -> None:
    """Lists what is believed now."""
    from scheduler.core.imports.texts import FieldError
    from scheduler.core.words.errors import UserMustActError
    from scheduler.core.words.labels import ByLanguage
    from scheduler.services.signals.listing import SignalsAsked, list_signals
    from scheduler.sources.signal_rows import name_of

    how = format_of(here, format)
    try:
        measure = name_of(name) if name else ""
    except FieldError as error:
        said = ByLanguage(error.problem.shown)
        raise UserMustActError("{typed}: {said}", typed=name, said=said) from None
    asked = SignalsAsked(contract or "", customer or "", measure, unmatched, most)
    with here.open() as app:
        found, zone = list_signals(app.signal_listing, asked), ZoneInfo(app.policy.zone)
    if how is Format.JSON:
        as_json(found)
    elif how is Format.CSV:
        _csv(found)
    elif not found:
        say("There are no such signals. To import some: `renewals signals import FILE`")
    else:
        _table(found, zone)
    if how is Format.TABLE and len(found) == most:
        tell("the latest {most}; --most shows more", most=most)


def _table(found: "Sequence[ListedSignal]", zone: ZoneInfo) -> None:
    """For people."""
    heads = (
        text("Of"),
        text("Customer"),
        text("Measure"),
        text("Value"),
        text("Measured"),
        text("Source"),
    )
    unknown = text("not known here")
    rows = [
        (
            f"{label(SignalSubject(s.kind).label)} {s.subject}",
            s.customer if s.known else unknown,
            s.name,
            f"{s.value:.10g}",
            clock_word(s.at, zone),
            s.source,
        )
        for s in found
    ]
    table(heads, rows)


def _csv(found: "Sequence[ListedSignal]") -> None:
    """Writes a CSV file that `signals import` can read."""
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for s in found:
        told = (s.kind, s.subject, s.customer, s.name, f"{s.value:.17g}", s.at.isoformat())
        writer.writerow(
            [escape_formula(cell) for cell in (*told, s.source, s.received_at.isoformat())]
        )
