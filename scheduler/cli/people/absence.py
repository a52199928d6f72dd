"""`renewals absence add | list | cancel`: who is away, from when to when, and who stands in."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scheduler.cli.context import CommandContext
from scheduler.cli.deals.listing import today_of
from scheduler.cli.terminal.reading import day_of
from scheduler.cli.terminal.say import as_json, language, say, table, tell, text
from scheduler.cli.terminal.tables import Column
from scheduler.cli.terminal.who import PersonArgument
from scheduler.core.deal.formats import near_day
from scheduler.services.people.absences import (
    AbsenceLine,
    PlannedAbsence,
    add_absence,
    cancel_absence,
    list_absences,
)

if TYPE_CHECKING:
    from datetime import date


def add(
    here: CommandContext,
    person: PersonArgument,
    first: Annotated[
        str,
        typer.Argument(metavar="FIRST", help=text("first day, e.g. 2027-02-01")),
    ],
    last: Annotated[
        str,
        typer.Argument(metavar="LAST", help=text("last day, still away")),
    ],
    *,
    delegate: Annotated[
        str | None,
        typer.Option(metavar="PERSON", help=text("who gets it instead")),
    ] = None,
    note: Annotated[str, typer.Option(help=text("a note"))] = "",
) -> None:
    """Somebody will be away from FIRST to LAST."""
    from scheduler.app.ready import user

    first_on, last_on = _day(first), _day(last)
    with here.open(edits=True, makes=False) as app:
        now = app.clock.now()
        planned = add_absence(
            app.absences,
            person,
            first_on,
            last_on,
            delegate=delegate,
            note=note,
            actor=user(),
            policy=app.policy,
            now=now,
        )
        today = today_of(app)
    if here.json:
        as_json(_plain(planned.line) | {"notices": planned.notices, "deals": planned.deals})
        return
    line, days = planned.line, _days(planned.line, today)
    who = (
        text("{name} stands in", name=line.delegate.name)
        if line.delegate
        else text("nobody stands in")
    )
    say(
        "absence {line_number}: {name}, {days} ({who})",
        line_number=line.number,
        name=line.person.name,
        days=days,
        who=who,
    )
    _tell(planned)


def cancel(
    here: CommandContext,
    number: Annotated[int, typer.Argument(metavar="ID", help=text("number of the absence"))],
) -> None:
    """Takes an absence back."""
    with here.open(edits=True, makes=False) as app:
        planned = cancel_absence(app.absences, number, app.policy, app.clock.now())
        today = today_of(app)
    if here.json:
        as_json(_plain(planned.line) | {"deals": planned.deals})
        return
    line, days = planned.line, _days(planned.line, today)
    say(
        "absence {number} is cancelled: {name}, {days}",
        number=number,
        name=line.person.name,
        days=days,
    )
    _tell(planned)


def show(
    here: CommandContext,
    person: Annotated[
        str | None,
        typer.Argument(
            metavar="[PERSON]",
            help=text("for one person, past ones too"),
        ),
    ] = None,
) -> None:
    """Shows who is or will be away."""
    with here.open() as app:
        lines = list_absences(app.absences, person, app.policy, app.clock.now())
        today = today_of(app)
    if here.json:
        as_json([_plain(line) for line in lines])
    elif not lines:
        say("Nobody is away.")
    else:
        _table(lines, today)


def _table(lines: Sequence[AbsenceLine], today: "date") -> None:
    """Shows one line for each absence."""
    headers = (
        Column(text("No."), right=True),
        text("Name"),
        text("Days"),
        text("Stands in"),
        text("Note"),
    )
    rows = [
        (
            line.number,
            line.person.name,
            _days(line, today),
            line.delegate.name if line.delegate else "",
            line.note,
        )
        for line in lines
    ]
    table(headers, rows)


def _tell(planned: PlannedAbsence) -> None:
    """Says what else should be known."""
    for notice in planned.notices:
        tell(notice)
    if planned.deals:
        tell(
            "{count} deal is decided again",
            many="{count} deals are decided again",
            count=planned.deals,
        )


def _days(line: AbsenceLine, today: "date") -> str:
    """From when to when."""
    first, last = (near_day(day, today, language()) for day in (line.first_on, line.last_on))
    return first if line.first_on == line.last_on else f"{first} – {last}"


def _day(written: str) -> "date":
    """A day that was given."""
    day = day_of(written)
    assert day is not None
    return day


def _plain(line: AbsenceLine) -> dict[str, Any]:
    """For machines."""
    return {
        "id": line.number,
        "person": line.person.name,
        "email": line.person.email,
        "first_on": line.first_on,
        "last_on": line.last_on,
        "delegate": line.delegate.name if line.delegate else None,
        "note": line.note,
        "actor": line.actor,
    }
