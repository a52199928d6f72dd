"""`renewals report delivery`: of all nudges due, how many reached a person in their window, late by
how much and why.

Always holds: every number has a name and a definition (`core.facts.punctuality`); standard output
holds the report and nothing else.
"""

from collections.abc import Sequence
from typing import Annotated, Any

import typer

from scheduler.cli.context import CommandContext
from scheduler.cli.terminal.formats import Explain, Format, Formatted, format_of
from scheduler.cli.terminal.listed import Field, wants_files, write_files
from scheduler.cli.terminal.say import (
    as_json,
    csv_writer,
    heading,
    label,
    paragraph,
    put,
    say,
    strong,
    table,
    text,
)
from scheduler.cli.terminal.tables import Column
from scheduler.core.facts.punctuality import CAUSES, DEFINITIONS, Cause, MonthLine, percent, total
from scheduler.services.delivery.punctuality import report as punctuality_report

MONTHS, _MOST = 12, 1200
_NUMBERS = ("due", "in_time", "late", "missing", "longest")


def report(
    here: CommandContext,
    *,
    months: Annotated[
        int,
        typer.Option(
            min=1,
            max=_MOST,
            metavar="N",
            help=text("number of months up to this one (default: {months})", months=MONTHS),
        ),
    ] = MONTHS,
    format: Formatted = None,
    explain: Explain = False,
) -> None:
    """Of all nudges due, how many reached a person in their window, by month and channel."""
    wanted = format_of(here, format)
    with here.open() as app:
        lines = punctuality_report(app.punctuality, app.policy, app.clock.now(), months)
    if wants_files(here):
        write_files(here, text("Delivery"), _fields(), lines)
    elif wanted is Format.JSON:
        as_json(_plain(lines, explain=explain))
    elif wanted is Format.CSV:
        _csv(lines)
    else:
        _show(lines)
        if explain:
            show_definitions()


def _row(line: MonthLine) -> dict[str, int]:
    """One line as numbers by name."""
    return {
        "due": line.due,
        "in_time": line.in_time,
        "late": line.late,
        "missing": line.missing,
        "longest_days": line.longest,
    }


def _because(line: MonthLine) -> dict[str, int]:
    """Why what was not in time was not."""
    return {cause.value: line.because.get(cause, 0) for cause in CAUSES}


def _plain(lines: Sequence[MonthLine], *, explain: bool) -> dict[str, Any]:
    """For machines."""
    rows = [
        {
            "month": _month(line),
            "channel": line.channel or None,
            **_row(line),
            "because": _because(line),
        }
        for line in lines
    ]
    everything = total(lines)
    definitions: dict[str, Any] = {name: meaning.en for name, (_, meaning) in DEFINITIONS.items()}
    definitions["because"] = {cause.value: meaning.en for cause, (_, meaning) in CAUSES.items()}
    found = {
        "lines": rows,
        "total": {**_row(everything), "because": _because(everything)},
        "share_in_time": everything.share,
    }
    return found | ({"definitions": definitions} if explain else {})


def _csv(lines: Sequence[MonthLine]) -> None:
    """A line per month and channel."""
    write = csv_writer()
    write(
        [
            "month",
            "channel",
            *_row(MonthLine(None, "")),
            *(f"because_{cause.value}" for cause in CAUSES),
        ]
    )
    for line in lines:
        write([_month(line), line.channel, *_row(line).values(), *_because(line).values()])


def _fields() -> list[Field[MonthLine]]:
    """The columns of a file for people."""
    fields: list[Field[MonthLine]] = [
        Field(text("Month"), value=_month),
        Field(text("Channel"), value=_channel),
        *(
            Field(label(DEFINITIONS[name][0]), value=lambda line, name=name: getattr(line, name))  # type: ignore[misc]
            for name in _NUMBERS
        ),
        Field(text("Share in time"), value=percent),
    ]
    why = text("Because: ")
    causes = [
        Field(f"{why}{label(name)}", value=lambda line, cause=cause: line.because.get(cause, 0))  # type: ignore[misc]
        for cause, (name, _) in CAUSES.items()
    ]
    return [*fields, *causes]


def _show(lines: Sequence[MonthLine]) -> None:
    """The report on a terminal."""
    if not lines:
        say("No nudge came due in this time.")
        return
    causes = [cause for cause in CAUSES if any(line.because.get(cause) for line in lines)]
    columns: list[Column | str] = [text("Month"), text("Channel")]
    columns += [
        Column(label(DEFINITIONS[name][0]), right=True, stays=True) for name in ("due", "in_time")
    ]
    columns += [
        Column("%", right=True, stays=True),
        *(
            Column(label(DEFINITIONS[name][0]), right=True)
            for name in ("late", "missing", "longest")
        ),
    ]
    columns += [Column(label(CAUSES[cause][0]), right=True) for cause in causes]
    everything = total(lines)
    table(
        columns,
        [
            *(_cells(line, causes) for line in lines),
            *([_cells(everything, causes)] if len(lines) > 1 else []),
        ],
    )
    say()
    put(
        strong(
            text(
                "{in_time:,} of {due:,} nudges due reached a person in their window ({percent}).",
                in_time=everything.in_time,
                due=everything.due,
                percent=percent(everything),
            )
        )
    )


def _cells(line: MonthLine, causes: Sequence[Cause]) -> list[object]:
    """The cells of one line; a zero is left empty."""
    days = text("{longest} d", longest=line.longest) if line.longest else ""
    month = _month(line) or text("Total")
    numbers = [line.due, line.in_time, percent(line), line.late or "", line.missing or "", days]
    return [
        month,
        _channel(line) if line.month_on else "",
        *numbers,
        *(line.because.get(cause) or "" for cause in causes),
    ]


def _month(line: MonthLine) -> str:
    """The month, as machines and people read it."""
    return f"{line.month_on:%Y-%m}" if line.month_on else ""


def _channel(line: MonthLine) -> str:
    """The channel; a dash where no message was made."""
    return line.channel or "—"


def show_definitions() -> None:
    """Says what each number of punctuality means."""
    heading("What the numbers mean")
    for name, meaning in (*DEFINITIONS.values(), *CAUSES.values()):
        paragraph("{name}: {meaning}.", name=name, meaning=meaning)
