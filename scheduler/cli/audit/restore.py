"""`renewals restore FILE`: a copy takes the place of the database; nothing is sent until `renewals
release --since`."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from scheduler.cli.context import CommandContext
from scheduler.cli.delivery.pause import typed
from scheduler.cli.terminal.say import as_json, label, say, table, text
from scheduler.cli.terminal.tables import Column
from scheduler.core.deal.formats import clock_word
from scheduler.core.messages.state_tables import KINDS
from scheduler.core.words.labels import Label
from scheduler.services.audit.restored import as_since, minute_over

if TYPE_CHECKING:
    from scheduler.app.restoring import RestoreResult
    from scheduler.services.audit.restored import Restored
    from scheduler.services.audit.restoring import TakenAsSent


def restore(
    here: CommandContext,
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            help=text("a copy that `renewals backup` made"),
        ),
    ],
    *,
    another: Annotated[
        bool,
        typer.Option(
            "--another",
            help=text("also accept a copy of a different database than this folder's"),
        ),
    ] = False,
) -> None:
    """Puts a copy in place of the database. The daemon must be stopped; the database of before is
    kept under another name."""
    from scheduler.app.ready import prepare_to_write, user
    from scheduler.app.restoring import restore as put
    from scheduler.app.restoring import untold
    from scheduler.app.wiring import App

    app = App(here.folder, here.language, here.as_of, here.env)
    try:
        _ = app.config
        done = put(app, file, user(), another=another)
    finally:
        app.close()
    app = App(here.folder, here.language, here.as_of, here.env)
    try:
        prepare_to_write(app)
        until = done.restored.until_at
        missed = untold(app, done.restored, until)
        zone = ZoneInfo(app.policy.zone)
    finally:
        app.close()
    if here.json:
        as_json(
            {
                "file": str(file),
                "replaced": done.replaced,
                "restored": done.restored,
                "unpaused": done.unpaused,
                "until": until,
                "would_have_been_sent": missed,
            }
        )
        return
    _say_done(done, file, zone)
    show_missed(missed, done.restored, until, zone)
    say_choice(done.restored, zone)


def _say_done(done: "RestoreResult", file: Path, zone: ZoneInfo) -> None:
    """Says what is now where."""
    at = _when(done.copy.last_sweep_at, zone)
    say("{file} is the database now (its last sweep: {at})", file=file, at=at)
    if done.replaced is not None:
        say("the database that was replaced is kept: {replaced}", replaced=done.replaced)
    for pause in done.unpaused:
        words = f"renewals pause {typed(pause)}" + (
            f" --until {as_since(pause.until_at, zone)}" if pause.until_at else ""
        )
        say(
            (
                "note: the copy does not know that {what} is paused; to keep it so, before you "
                "release: {words}"
            ),
            what=pause.what,
            words=words,
        )


def show_missed(
    missed: "Sequence[TakenAsSent]", restored: "Restored", until: datetime, zone: ZoneInfo
) -> None:
    """Shows what came due between the copy and `until`, by recipient."""
    begin, end = _when(restored.copy_at, zone), clock_word(until, zone)
    if not missed:
        say(
            "Between the copy ({begin}) and {end} nothing would have been sent.",
            begin=begin,
            end=end,
        )
        return
    messages = sum(m.messages for m in missed)
    nudges = sum(m.nudges for m in missed)
    say(
        "Between the copy ({begin}) and {end} these would have been sent: {messages} with {nudges}",
        begin=begin,
        end=end,
        messages=Label("{count} message", many="{count} messages", count=messages),
        nudges=Label("{count} nudge", many="{count} nudges", count=nudges),
    )
    columns = (
        text("For"),
        text("Kind"),
        Column(text("Messages", context="restore"), right=True),
        Column(text("Nudges"), right=True),
        text("First"),
        text("Last"),
    )
    table(
        columns,
        [
            (
                m.recipient,
                label(KINDS[m.kind]),
                m.messages,
                m.nudges,
                clock_word(m.first_at, zone),
                clock_word(m.last_at, zone),
            )
            for m in missed
        ],
    )


def say_choice(restored: "Restored", zone: ZoneInfo) -> None:
    """Says how sending can go on."""
    end, begin = (
        as_since(restored.until_at, zone),
        as_since(restored.copy_at or restored.until_at, zone),
    )
    say(
        "Nothing is sent until you say from which moment on; everything that came up before "
        "counts as sent."
    )
    say("  if it was sent before the restore (usually so): renewals release --since {end}", end=end)
    if begin != end:
        say("  if it was not sent: renewals release --since {begin}", begin=begin)


def _when(instant: datetime | None, zone: ZoneInfo) -> str:
    """The copy's last sweep, to the minute that `--since` would name."""
    return clock_word(minute_over(instant) if instant is not None else None, zone, text("unknown"))
