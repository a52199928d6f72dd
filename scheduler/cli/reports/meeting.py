"""`renewals report renewals`: the page for the weekly meeting, to read, to print, for machines."""

from collections.abc import Callable, Mapping
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer

from scheduler.cli.context import CommandContext
from scheduler.cli.deals.listing import today_of
from scheduler.cli.reports.frame import Figure, Sheetful, hand_over, requested
from scheduler.cli.reports.meeting_html import printed_pages
from scheduler.cli.reports.meeting_table import show_page
from scheduler.cli.reports.meeting_words import health_reason, last_word, step_word
from scheduler.cli.terminal.listed import clock
from scheduler.cli.terminal.say import label, language, tell, text
from scheduler.cli.terminal.spreadsheets import Value, replaced
from scheduler.cli.terminal.words import health_word
from scheduler.core.deal.contracts import whole_units
from scheduler.core.reports.asked import months_of
from scheduler.core.reports.meeting import Meeting, MeetingLine
from scheduler.core.reports.meeting_chart import due_chart
from scheduler.core.reports.meeting_words import BY_ID, COLUMNS, GROUPS, NOTES
from scheduler.core.words.errors import UserMustActError
from scheduler.services.reports.meeting import meeting_page

if TYPE_CHECKING:
    from scheduler.core.policy.policy import Policy

_AFTER, _SHOWN = 2, 30
"""How many months after the present one are shown where nobody says; how many contracts of a group
a terminal shows."""


class PageBy(StrEnum):
    """For whom a printed page is."""

    PERSON = "person"
    TEAM = "team"


def renewals(
    here: CommandContext,
    *,
    html: Annotated[
        str | None,
        typer.Option(
            "--html",
            metavar="FILE",
            help=text("write printable pages, one for each person or team"),
        ),
    ] = None,
    by: Annotated[
        PageBy | None, typer.Option(help=text("one page per person or per team (default: person)"))
    ] = None,
    limit: Annotated[
        int | None,
        typer.Option(
            min=1,
            metavar="N",
            help=text("how many of each group to show (files: all)"),
        ),
    ] = None,
) -> None:
    """The page for the weekly meeting: what is due, what is to be talked about on top."""
    with here.open() as app:
        request = requested(here, app, lambda day: months_of(day, 0, _AFTER))
        if request.known.before is not None:
            raise UserMustActError(
                "this page shows the present state; leave --as-known-on out (retention and "
                "forecast can show past days)"
            )
        policy, today = app.policy, today_of(app)
        found = meeting_page(app.meeting, policy, request.scope, today)
        first, last = request.scope.from_on or today, request.scope.until_on or today
        document = (
            printed_pages(found, policy, (first, last, today), by_team=by is PageBy.TEAM)
            if html
            else None
        )
        written = app.printed(document, language()) if document else ""
    if html and document:
        with replaced(html, (".html", ".htm")) as stream:
            stream.write(written.encode())
        tell(
            "wrote {count} page to {file}",
            many="wrote {count} pages to {file}",
            count=len(document.parts),
            file=html,
        )
        if not (here.json or here.csv or here.xlsx or here.asked["format"] or here.asked["chart"]):
            return
    sheet = Sheetful(
        text("Renewals"),
        _figures(policy, today),
        found.lines,
        _plain(found),
        lambda: show_page(found, policy, (first, last, today), limit or _SHOWN),
        (*COLUMNS, *GROUPS.values()),
        NOTES,
        chart=lambda: due_chart(found.due, first, last),
    )
    hand_over(here, sheet, request)


def _figures(policy: "Policy", today: date) -> list[Figure[MeetingLine]]:
    """The columns of files."""
    zone = ZoneInfo(policy.zone)
    of: Mapping[str, Callable[[MeetingLine], Value]] = {
        "group": lambda line: line.group.value,
        "customer": lambda line: line.of.customer,
        "contract": lambda line: line.of.contract,
        "product": lambda line: line.of.product,
        "segment": lambda line: line.of.segment,
        "month": lambda line: f"{line.of.ends_on:%Y-%m}",
        "ends_on": lambda line: line.of.ends_on,
        "decide_by": lambda line: line.of.decide_by,
        "amount": lambda line: (
            whole_units(line.of.amount) if line.of.amount.minor is not None else None
        ),
        "currency": lambda line: line.of.amount.currency,
        "health": lambda line: line.of.health.value,
        "health_reason": lambda line: health_reason(line.of, policy),
        "forecast": lambda line: line.of.call.value if line.of.call else None,
        "called_on": lambda line: line.of.called_on,
        "last_word": lambda line: last_word(line.of, policy),
        "said_by": lambda line: line.of.last.name if line.of.last else None,
        "said_at": lambda line: clock(line.of.last.at if line.of.last else None, zone),
        "next_step": lambda line: line.step.value,
        "next_on": lambda line: line.step_on,
        "owner": lambda line: line.of.owner or None,
        "team": lambda line: line.of.team,
    }
    words: Mapping[str, Callable[[MeetingLine], Value]] = {
        "group": lambda line: label(GROUPS[line.group].name),
        "health": lambda line: health_word(line.of.health.value, policy),
        "forecast": lambda line: label(line.of.call.label) if line.of.call else None,
        "next_step": lambda line: step_word(line, policy, today),
    }
    return [Figure(BY_ID[name], value, words.get(name)) for name, value in of.items()]


def _plain(found: Meeting) -> dict[str, Any]:
    """The page in JSON: money in minor units."""
    return {
        "due": [
            {
                "month": f"{line.month:%Y-%m}",
                "health": line.health,
                "currency": line.currency,
                "contracts": line.contracts,
                "amount": line.minor,
                "without_amount": line.without,
            }
            for line in found.due
        ],
        "contracts": [_contract(line) for line in found.lines],
        "left_out": [of.contract for of in found.left_out],
    }


def _contract(line: MeetingLine) -> dict[str, Any]:
    """One contract in JSON."""
    of = line.of
    said = of.last
    return {
        "contract": of.contract,
        "customer": of.customer,
        "product": of.product,
        "segment": of.segment,
        "pipeline": of.pipeline,
        "stage": of.stage,
        "owner": of.owner or None,
        "team": of.team,
        "ends_on": of.ends_on,
        "decide_by": of.decide_by,
        "amount": of.amount.minor,
        "currency": of.amount.currency,
        "health": of.health,
        "health_reason": of.health_because or None,
        "forecast": of.call,
        "called_on": of.called_on,
        "groups": of.groups,
        "last_word": {"verb": said.verb, "details": said.details, "by": said.name, "at": said.at}
        if said
        else None,
        "next_step": line.step,
        "next_on": line.step_on,
    }
