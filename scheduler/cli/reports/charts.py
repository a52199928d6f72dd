"""`--chart FILE`: a report as a picture, beside or instead of what is read."""

from collections.abc import Callable
from pathlib import Path

from scheduler.cli.terminal.say import language, tell
from scheduler.cli.terminal.spreadsheets import replaced
from scheduler.core.reports.pictures import Chart
from scheduler.core.words.errors import UserMustActError


def write_chart(where: str, chart: Callable[[], Chart]) -> None:
    """Draws a chart into a file, whose name says how, and names it on standard error. Raises
    UserMustActError where that cannot be."""
    from scheduler.charts.drawing import KINDS, drawn

    kind = Path(where).suffix.lower().removeprefix(".")
    if kind not in KINDS:
        raise UserMustActError(
            "a chart is a .png or an .svg file; {file} is neither: give another name", file=where
        )
    picture = drawn(chart(), language(), kind)
    with replaced(where, (f".{kind}",)) as stream:
        stream.write(picture)
    tell("drew {file}", file=where)
