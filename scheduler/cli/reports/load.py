"""`renewals report load`: what comes for each person, week by week, as a heat map."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from scheduler.cli.context import CommandContext
from scheduler.cli.deals.listing import today_of
from scheduler.cli.reports.frame import Figure, Sheetful, hand_over, requested
from scheduler.cli.terminal.say import language, put, say, strong, table, tell, text
from scheduler.cli.terminal.tables import Column
from scheduler.core.deal.formats import short_day
from scheduler.core.reports.load import AHEAD_WEEKS, LoadLine, WeeklyLoad, load_chart
from scheduler.core.reports.load_words import BY_ID, COLUMNS, NOTES
from scheduler.core.words.errors import UserMustActError
from scheduler.services.reports.load import load_report

_SHOWN = 40
"""People that a terminal shows."""
_SHADES = ("", "░", "▒", "▓", "█")
"""From little to the most, beside a number."""


def load(here: CommandContext) -> None:
    """What comes for each person, week by week: renewals, deadlines and nudges."""
    with here.open() as app:
        request = requested(here, app, lambda day: (day, day + timedelta(weeks=AHEAD_WEEKS)))
        if request.known.before is not None:
            raise UserMustActError(
                "this report shows what is due from now on; leave --as-known-on out"
            )
        today = today_of(app)
        found = load_report(app.load, app.policy, request.scope, today)
    lines = [line for weeks in found.people for line in weeks]
    sheet = Sheetful(
        text("Load"),
        _figures(),
        lines,
        {"weeks": [_plain(line) for line in lines]},
        lambda: _show(found, today),
        COLUMNS,
        NOTES,
        chart=lambda: load_chart(found, today),
    )
    hand_over(here, sheet, request)


def _figures() -> list[Figure[LoadLine]]:
    """The columns of files."""
    return [
        Figure(BY_ID["person"], lambda line: line.person or None),
        Figure(BY_ID["team"], lambda line: line.team),
        Figure(BY_ID["week"], lambda line: line.monday),
        Figure(BY_ID["renewals"], lambda line: line.renewals),
        Figure(BY_ID["deadlines"], lambda line: line.deadlines),
        Figure(BY_ID["nudges"], lambda line: line.nudges),
        Figure(BY_ID["all"], lambda line: line.all),
    ]


def _plain(line: LoadLine) -> dict[str, Any]:
    """One week of one person in JSON."""
    return {
        "person": line.person or None,
        "team": line.team,
        "week": line.monday,
        "renewals": line.renewals,
        "deadlines": line.deadlines,
        "nudges": line.nudges,
    }


def _show(found: WeeklyLoad, today: date) -> None:
    """The heat map on a terminal: the fuller a mark, the more."""
    if not found.people:
        say("Nobody has anything due in these weeks.")
        return
    put(strong(text("Renewals, deadlines and nudges, by week (beginning on)")))
    most = max(line.all for weeks in found.people for line in weeks)
    columns: list[Column | str] = [
        Column(text("Person"), least=8),
        *(
            Column(short_day(monday, today, language()), right=True, stays=True)
            for monday in found.mondays
        ),
        Column(text("Total"), right=True),
    ]
    rows = [_row(weeks, most) for weeks in found.people[:_SHOWN]]
    everybody: list[object] = [text("Total"), *(n or "" for n in found.total), sum(found.total)]
    table(columns, [*rows, *([everybody] if len(found.people) > 1 else [])])
    if len(found.people) > _SHOWN:
        tell("{number} more (files have all)", number=len(found.people) - _SHOWN)


def _row(weeks: Sequence[LoadLine], most: int) -> list[object]:
    """The row of one person."""
    return [
        weeks[0].person or text("(nobody)"),
        *(f"{week.all}{_SHADES[-(-4 * week.all // most)]}" if week.all else "" for week in weeks),
        sum(week.all for week in weeks),
    ]
