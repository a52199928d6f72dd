"""`renewals report passage`: how far deals come, with the definitions in words.

Always holds: every number has a name and a definition; what an import reconstructed stands in
columns of its own; standard output holds the report and nothing else.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from typing import Annotated, Any

import typer

from scheduler.cli.context import CommandContext
from scheduler.cli.deals.listing import pipeline_of
from scheduler.cli.terminal.formats import Explain, Format, Formatted, format_of
from scheduler.cli.terminal.listed import Field, wants_files, write_files
from scheduler.cli.terminal.say import (
    as_json,
    csv_writer,
    label,
    paragraph,
    put,
    say,
    strong,
    table,
    text,
)
from scheduler.cli.terminal.tables import Column
from scheduler.services.reports.passage import (
    DEFINITIONS,
    RECONSTRUCTED,
    Count,
    PassageReport,
    StageCounts,
    passage_report,
)

BEFORE_ALL, UNKNOWN = "(before the first stage)", "(unknown)"
NOT_CHURN = "(closed_merged)"
"""How machines are told that no stage is meant, where people read a translation."""

_MEASURES: dict[str, Callable[[StageCounts], Count]] = {
    "ever_passed": lambda line: line.ever_passed,
    "furthest_reached": lambda line: line.furthest_reached,
    "last_before_lost": lambda line: line.last_before_lost,
}


def passage(
    here: CommandContext,
    *,
    pipeline: Annotated[
        str | None,
        typer.Option(metavar="ID", help=text("one pipeline (default: all)")),
    ] = None,
    format: Formatted = None,
    explain: Explain = False,
) -> None:
    """How far deals come, stage by stage; observed and reconstructed history apart."""
    wanted = format_of(here, format)
    with here.open() as app:
        policy = app.policy
        pipeline = pipeline_of(pipeline, policy)
        chosen = [policy.pipelines[pipeline]] if pipeline else list(policy.pipelines.values())
        reports = [passage_report(app.passage_sums, p) for p in chosen]
    if wants_files(here):
        write_files(here, text("Passage"), _fields(), _lines(reports))
    elif wanted is Format.JSON:
        as_json([_plain(r, explain=explain) for r in reports])
    elif wanted is Format.CSV:
        _csv(reports)
    else:
        for number, report in enumerate(reports):
            if number:
                say()
            show_passage(report)
        if explain:
            say()
            show_definitions()


def _plain(report: PassageReport, *, explain: bool) -> dict[str, Any]:
    """A report with ids and numbers only."""
    lines = [
        {
            "stage": line.stage.id,
            "now": line.now,
            **{name: asdict(of(line)) for name, of in _MEASURES.items()},
        }
        for line in report.lines
    ]
    numbers = {
        "pipeline": report.pipeline.id,
        "deals": report.deals,
        "lines": lines,
        "lost_before_all": asdict(report.lost_before_all),
        "lost_unknown": asdict(report.lost_unknown),
        "not_churn": asdict(report.not_churn),
    }
    return numbers | (
        {"definitions": {name: definition.en for name, (_, definition) in DEFINITIONS.items()}}
        if explain
        else {}
    )


_Line = tuple[PassageReport, str, StageCounts]
"""A line of the file: the report, the stage as machines call it, its counts."""


def _lines(reports: Sequence[PassageReport]) -> Iterator[_Line]:
    """A line per pipeline and stage."""
    for report in reports:
        yield from ((report, line.stage.id, line) for line in report.lines)
        for name, count in _besides(report):
            if count != Count():
                yield report, name, StageCounts(report.pipeline.lost, 0, Count(), Count(), count)


def _csv(reports: Sequence[PassageReport]) -> None:
    """Ids and numbers, for machines."""
    write = csv_writer()
    write(
        [
            "pipeline",
            "stage",
            "now",
            *(f"{name}_{kind}" for name in _MEASURES for kind in ("observed", "reconstructed")),
        ]
    )
    for report, stage, line in _lines(reports):
        write(
            [
                report.pipeline.id,
                stage,
                line.now,
                *(
                    n
                    for of in _MEASURES.values()
                    for n in (of(line).observed, of(line).reconstructed)
                ),
            ]
        )


def _fields() -> list[Field[_Line]]:
    """The columns of the report, as a file for people."""
    apart = text("reconstructed")
    fields: list[Field[_Line]] = [
        Field(text("Pipeline"), value=lambda at: label(at[0].pipeline.label)),
        Field(text("Stage"), value=_stage_name),
        Field(label(DEFINITIONS["now"][0]), value=lambda at: at[2].now),
    ]
    for name, of in _MEASURES.items():
        title = label(DEFINITIONS[name][0])
        fields.append(Field(title, value=lambda at, of=of: of(at[2]).observed))  # type: ignore[misc]
        fields.append(Field(f"{title} ({apart})", value=lambda at, of=of: of(at[2]).reconstructed))  # type: ignore[misc]
    return fields


def _stage_name(at: _Line) -> str:
    """A line's stage, as people call it."""
    return _besides_words().get(at[1]) or label(at[2].stage.label)


def _besides(report: PassageReport) -> Sequence[tuple[str, Count]]:
    """Lost deals that no stage's line has, by what machines call their line."""
    return (
        (BEFORE_ALL, report.lost_before_all),
        (UNKNOWN, report.lost_unknown),
        (NOT_CHURN, report.not_churn),
    )


def _besides_words() -> dict[str, str]:
    """What people call those lines."""
    merged = text("(customer closed or merged: not churn)")
    return {BEFORE_ALL: before_all(), UNKNOWN: unknown(), NOT_CHURN: merged}


def before_all() -> str:
    """The heading for lost deals that never reached a stage."""
    return text("(before the first stage)")


def unknown() -> str:
    """The heading for lost deals whose progress is unknown."""
    return text("(how far is unknown)")


def show_passage(report: PassageReport) -> None:
    """The report of one pipeline, on a terminal."""
    name = label(report.pipeline.label)
    if not report.deals:
        say("{name}: no deals yet.", name=strong(name))
        return
    put(
        strong(
            text(
                "{name} ({count} deal)",
                many="{name} ({count} deals)",
                count=report.deals,
                name=name,
            )
        )
    )
    apart = text("rec.")
    columns: list[Column | str] = [
        text("Stage"),
        Column(label(DEFINITIONS["now"][0]), right=True),
    ]
    for measure in _MEASURES:
        columns += [
            Column(label(DEFINITIONS[measure][0]), right=True, stays=True),
            Column(f"({apart})", right=True),
        ]
    rows: list[list[object]] = [
        _row(label(line.stage.label), line.now, [of(line) for of in _MEASURES.values()])
        for line in report.lines
    ]
    for name, count in _besides(report):
        if count != Count():
            rows.append(_row(_besides_words()[name], 0, [Count(), Count(), count]))
    table(columns, rows)


def _row(name: str, now: int, counts: Sequence[Count]) -> list[object]:
    """The row of one line; a zero is left empty, so that the eye finds what there is."""
    return [
        name,
        now or "",
        *(n or "" for count in counts for n in (count.observed, count.reconstructed)),
    ]


def show_definitions() -> None:
    """Says what each number of the passage means."""
    for name, definition in (*DEFINITIONS.values(), RECONSTRUCTED):
        paragraph("{name}: {definition}.", name=name, definition=definition)
    paragraph("Undone moves and void terms are not counted.")
