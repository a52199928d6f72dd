"""`renewals report funnel`: how far deals come, in what order, and how long they stay."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from scheduler.cli.context import CommandContext
from scheduler.cli.reports.answers import span_word
from scheduler.cli.reports.frame import Figure, Sheetful, hand_over, requested
from scheduler.cli.terminal.say import label, put, say, strong, table, text
from scheduler.cli.terminal.tables import Column
from scheduler.core.reports.funnel import Funnel, FunnelLine, funnel_chart
from scheduler.core.reports.funnel_words import BY_ID, COLUMNS, NOTES
from scheduler.core.reports.spread import hours
from scheduler.services.reports.funnel_and_lost import funnels

_BEGINNING = date(2000, 1, 1)
_Line = tuple[Funnel, FunnelLine]


def funnel(here: CommandContext) -> None:
    """How far deals come: ever and in order, first, again and skipped, and how long they stay."""
    with here.open() as app:
        request = requested(here, app, lambda day: (_BEGINNING, day))
        found = funnels(app.funnel_and_lost, app.policy, request.scope, request.known)
    rows = [(one, line) for one in found for line in one.lines]
    sheet = Sheetful(
        text("Funnel"),
        _figures(),
        rows,
        {"stages": [_plain(row) for row in rows]},
        lambda: _show(found),
        COLUMNS,
        NOTES,
        chart=lambda: funnel_chart(found),
    )
    hand_over(here, sheet, request)


def _figures() -> list[Figure[_Line]]:
    """The columns of files; how long deals stayed is in whole hours."""
    return [
        Figure(
            BY_ID["pipeline"],
            lambda row: row[0].pipeline.id,
            lambda row: label(row[0].pipeline.label),
        ),
        Figure(BY_ID["stage"], lambda row: row[1].stage.id, lambda row: label(row[1].stage.label)),
        Figure(BY_ID["reached"], lambda row: row[1].reached[0]),
        Figure(BY_ID["reached_reconstructed"], lambda row: row[1].reached[1]),
        Figure(BY_ID["strict"], lambda row: row[1].strict),
        Figure(BY_ID["first"], lambda row: row[1].first),
        Figure(BY_ID["again"], lambda row: row[1].again),
        Figure(BY_ID["skipped"], lambda row: row[1].skipped),
        Figure(BY_ID["stays"], lambda row: row[1].stayed.count),
        Figure(BY_ID["median"], lambda row: hours(row[1].stayed.median)),
        Figure(BY_ID["nine_in_ten"], lambda row: hours(row[1].stayed.nine)),
        Figure(BY_ID["stays_reconstructed"], lambda row: row[1].stayed_reconstructed.count),
        Figure(
            BY_ID["median_reconstructed"], lambda row: hours(row[1].stayed_reconstructed.median)
        ),
    ]


def _plain(row: _Line) -> dict[str, Any]:
    """One stage in JSON."""
    return {figure.of.id: figure.value(row) for figure in _figures()}


def _show(found: Sequence[Funnel]) -> None:
    """The funnel of each pipeline on a terminal."""
    shown = [one for one in found if one.deals]
    if not shown:
        say("No deal of this period matches.")
    for number, one in enumerate(shown):
        if number:
            say()
        put(
            strong(
                text(
                    "{name} ({count} deal)",
                    many="{name} ({count} deals)",
                    count=one.deals,
                    name=label(one.pipeline.label),
                )
            )
        )
        table(_columns(), [_row(line) for line in one.lines])


_SHOWN = ("reached", "reached_reconstructed", "strict", "first", "again", "skipped")


def _columns() -> list[Column | str]:
    """The headings."""
    return [
        label(BY_ID["stage"].name),
        *(Column(label(BY_ID[id_].name), right=True) for id_ in _SHOWN),
        *(
            Column(label(BY_ID[id_].name), right=True)
            for id_ in ("stays", "median", "nine_in_ten", "stays_reconstructed")
        ),
        Column(label(BY_ID["median_reconstructed"].name), right=True),
    ]


def _row(line: FunnelLine) -> list[object]:
    """The row of one stage; a zero is left empty."""
    numbers = (*line.reached, line.strict, line.first, line.again, line.skipped)
    made_up = line.stayed_reconstructed
    return [
        label(line.stage.label),
        *(number or "" for number in numbers),
        line.stayed.count or "",
        span_word(line.stayed.median),
        span_word(line.stayed.nine),
        made_up.count or "",
        span_word(made_up.median),
    ]
