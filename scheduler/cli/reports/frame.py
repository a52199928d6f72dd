"""The frame of every report over contracts and money: what was asked, read; what was found, written
in the form that was asked for, with the definitions of its numbers.

A report is a `Sheetful`: its columns once, each under its `Definition`, its rows, and how people
read it. Always holds: standard output holds the report and nothing else; numbers reach files and
JSON exactly; a heading, `--explain` and JSON say the same words of a number; what is for people
(tables, `--csv FILE`, workbooks) is in their language, what is for programs (`--format csv`, JSON)
has ids and is the same in each.
"""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, Generic, TypeVar
from zoneinfo import ZoneInfo

from scheduler.cli.context import CommandContext
from scheduler.cli.deals.listing import one_of, pipeline_of
from scheduler.cli.reports.charts import write_chart
from scheduler.cli.terminal.formats import ReportFormat
from scheduler.cli.terminal.listed import Field, wants_files, write_files
from scheduler.cli.terminal.reading import day_of, edge_of
from scheduler.cli.terminal.say import as_json, csv_writer, label, language, paragraph, say
from scheduler.cli.terminal.spreadsheets import Value, workbook_on
from scheduler.core.deal.formats import long_day
from scheduler.core.reports.asked import AsKnown, ReportScope, known_on
from scheduler.core.reports.definition import Definition
from scheduler.core.reports.pictures import Chart
from scheduler.core.words.errors import UserMustActError
from scheduler.core.words.labels import Label
from scheduler.services.reports.scope import unknown_word

if TYPE_CHECKING:
    from scheduler.app.wiring import App

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Figure(Generic[Row]):
    """One column of a report: what it is, its value for machines, and, where that is an id, how
    people read it in a spreadsheet (`words`)."""

    of: Definition
    value: Callable[[Row], Value]
    words: Callable[[Row], Value] | None = None

    @property
    def shown(self) -> Callable[[Row], Value]:
        """Its value for people."""
        return self.words or self.value


@dataclass(frozen=True, slots=True)
class Sheetful(Generic[Row]):
    """The result of a report. `figures` and `rows` are what files hold, `plain` what JSON holds
    beside the definitions, `show` prints what people read; `definitions` are those that `--explain`
    prints, `notes` what else should be known, `chart` what is drawn."""

    title: str
    figures: Sequence[Figure[Row]]
    rows: Sequence[Row]
    plain: dict[str, Any]
    show: Callable[[], None]
    definitions: Sequence[Definition]
    notes: Sequence[Label] = ()
    chart: Callable[[], Chart] = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class ReportRequest:
    """What was asked for: whose contracts, which days, and as known when."""

    scope: ReportScope
    known: AsKnown

    @property
    def plain(self) -> dict[str, Any]:
        """The same for JSON."""
        return {
            "as_known_on": self.known.on,
            "from": self.scope.from_on,
            "until": self.scope.until_on,
        }


def requested(
    here: CommandContext, app: "App", period: Callable[[date], tuple[date, date]]
) -> ReportRequest:
    """Reads what the command was asked with. `period` gives the first and last day if nobody says,
    from the day as it was known on. Raises UserMustActError."""
    given = here.asked
    pipeline = pipeline_of(given["pipeline"], app.policy)
    known = known_on(day_of(given["as_known_on"]), app.clock.now(), ZoneInfo(app.policy.zone))
    first, last = period(known.on)
    from_on, until_on = edge_of(given["from_"], last=False), edge_of(given["until"], last=True)
    from_on = from_on or (min(first, until_on) if until_on else first)
    until_on = until_on or max(last, from_on)
    if until_on < from_on:
        raise UserMustActError(
            "--until {last} is before --from {first}", last=until_on, first=from_on
        )
    words = {name: given[name] for name in ("owner", "team", "segment", "currency")}
    scope = ReportScope(pipeline=pipeline, **words, from_on=from_on, until_on=until_on)
    if known.before is None:
        _refuse_unknown(app, scope)
    return ReportRequest(scope, known)


_WORDS = {
    "team": Label("team"),
    "segment": Label("segment"),
    "currency": Label("currency"),
    "owner": Label("owner"),
}


def _refuse_unknown(app: "App", scope: ReportScope) -> None:
    """Refuses a filter that matches nothing there is; what there was on a past day is not known
    here. Raises UserMustActError."""
    found = unknown_word(app.report_scope, scope)
    if found is not None:
        one_of(found.written, found.known, _WORDS[found.field])


def format_asked(here: CommandContext) -> ReportFormat:
    """How the report is to be written. Raises UserMustActError where two ways were asked for, and
    where a workbook would go to a terminal."""
    given: ReportFormat | None = here.asked["format"]
    if here.json and given not in (None, ReportFormat.JSON):
        raise UserMustActError("give either --json or --format {given}, not both", given=given)
    if given is ReportFormat.XLSX and sys.stdout.isatty():
        raise UserMustActError(
            "a workbook cannot be shown in the terminal; write it to a file: --xlsx report.xlsx"
        )
    return ReportFormat.JSON if here.json else given or ReportFormat.TABLE


def hand_over(here: CommandContext, found: Sheetful[Any], request: ReportRequest) -> None:
    """Writes the report in the form that was asked for."""
    wanted, explain = format_asked(here), bool(here.asked["explain"])
    if here.asked["chart"]:
        write_chart(here.asked["chart"], found.chart)
    if wants_files(here):
        fields: list[Field[Any]] = [Field(label(f.of.name), value=f.shown) for f in found.figures]
        write_files(here, found.title, fields, found.rows)
    elif here.asked["chart"] and not (here.json or here.asked["format"]):
        return
    elif wanted is ReportFormat.JSON:
        as_json(request.plain | found.plain | (_explained(found) if explain else {}))
    elif wanted is ReportFormat.CSV:
        _csv(found)
    elif wanted is ReportFormat.XLSX:
        _workbook(found)
    else:
        _table(found, request, explain=explain)


def _explained(found: Sheetful[Any]) -> dict[str, Any]:
    """The definitions, for JSON."""
    return {
        "definitions": {d.id: {"name": d.name, "meaning": d.meaning} for d in found.definitions}
    }


def _csv(found: Sheetful[Any]) -> None:
    """Ids as headings, and numbers as they are."""
    write = csv_writer()
    write([figure.of.id for figure in found.figures])
    for row in found.rows:
        write(["" if (v := f.value(row)) is None else v for f in found.figures])


def _workbook(found: Sheetful[Any]) -> None:
    """An Excel workbook on standard output."""
    heads = [label(figure.of.name) for figure in found.figures]
    with workbook_on(sys.stdout.buffer, found.title, heads) as sheet:
        for row in found.rows:
            sheet.row([figure.shown(row) for figure in found.figures])


def _table(found: Sheetful[Any], request: ReportRequest, *, explain: bool) -> None:
    """Shows what people read."""
    if request.known.before is not None:
        day = long_day(request.known.on, language())
        say("As it was known at the end of {day}.", day=day)
        say()
    found.show()
    if explain:
        say()
        show_definitions(found.definitions, found.notes)


def show_definitions(definitions: Sequence[Definition], notes: Sequence[Label] = ()) -> None:
    """Says what each number of a report means, then the notes."""
    for definition in definitions:
        paragraph("{name}: {definition}.", name=definition.name, definition=definition.meaning)
    for note in notes:
        paragraph(note)
