"""`renewals retry`: shows what could reach nobody, asks, and sends it again."""

from collections.abc import Sequence
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from scheduler.cli.context import CommandContext
from scheduler.cli.terminal.confirming import AtOnce, agreed
from scheduler.cli.terminal.say import as_json, language, say, table, tell, text
from scheduler.cli.terminal.tables import Column
from scheduler.core.deal.formats import clock_word
from scheduler.core.words.labels import Label
from scheduler.core.words.reasons import word
from scheduler.services.delivery.resending import Retried, Undeliverable, look_at_undeliverable
from scheduler.services.delivery.resending import retry as send_again


def retry(
    here: CommandContext,
    numbers: Annotated[
        list[int] | None,
        typer.Argument(metavar="[NUMBER]...", help=text("messages, by number")),
    ] = None,
    *,
    person: Annotated[
        str | None,
        typer.Option(metavar="PERSON", help=text("only what was for this person")),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help=text("only list them, send nothing"))
    ] = False,
    yes: AtOnce = False,
) -> None:
    """Resends what could not be delivered to anybody, to today's addresses; fix the cause first."""
    with here.open(edits=not dry_run, makes=False) as app:
        found = look_at_undeliverable(app.retrying, person, numbers or ())
        if not here.json:
            _show(found, ZoneInfo(app.policy.zone))
        if not found or not agreed(yes=yes, dry_run=dry_run, asks=not here.json, unattended=True):
            retried = Retried()
        else:
            retried = send_again(app.retrying, person, [u.number for u in found], app.clock.now())
    if here.json:
        as_json({"undeliverable": found, "retried": retried})
    elif retried != Retried():
        say(
            (
                "{nudges} and {other_messages} will be sent again, in their readers' working "
                "hours, to the current addresses"
            ),
            nudges=Label("{count} nudge", many="{count} nudges", count=retried.nudges),
            other_messages=Label(
                "{count} other message", many="{count} other messages", count=retried.messages
            ),
            retried_nudges=retried.nudges,
            messages=retried.messages,
        )


def _show(found: Sequence[Undeliverable], zone: ZoneInfo) -> None:
    """Shows what reached nobody, and why."""
    if not found:
        say("Nothing is undeliverable.")
        return
    titles = (
        Column(text("No."), right=True),
        text("For"),
        text("Way"),
        Column(text("Nudges", context="release"), right=True),
        text("Made"),
        Column(text("Reason"), wraps=True),
    )
    rows = [
        (
            u.number,
            u.recipient,
            u.address,
            u.nudges or "",
            clock_word(u.since, zone),
            word(u.because, language()),
        )
        for u in found
    ]
    table(titles, rows)
    tell(
        "to correct an address: renewals import FILE (the people file), or fallback and admins "
        "in config.toml"
    )
