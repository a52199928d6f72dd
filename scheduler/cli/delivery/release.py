"""`renewals release`: shows what is held back, asks, and lets it go."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from scheduler.cli.audit.restore import say_choice, show_missed
from scheduler.cli.context import CommandContext
from scheduler.cli.terminal.confirming import AtOnce, agreed
from scheduler.cli.terminal.reading import instant_of
from scheduler.cli.terminal.say import as_json, language, say, table, tell, text
from scheduler.cli.terminal.tables import Column
from scheduler.core.deal.formats import clock_word
from scheduler.core.words.errors import UserMustActError
from scheduler.core.words.labels import Label
from scheduler.core.words.reasons import word
from scheduler.services.audit.restored import as_since, instant_since
from scheduler.services.delivery.release import (
    DoubtVerdict,
    HeldBack,
    Released,
    look_at_held,
    settle,
)
from scheduler.services.delivery.release import release as let_go

if TYPE_CHECKING:
    from scheduler.app.wiring import App
    from scheduler.services.audit.restored import Restored


def release(
    here: CommandContext,
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[NUMBER sent|again]",
            help=text("with --in-doubt: a message, and sent or again"),
        ),
    ] = None,
    *,
    in_doubt: Annotated[
        bool,
        typer.Option(
            "--in-doubt",
            help=text("list and settle messages that may have arrived"),
        ),
    ] = False,
    person: Annotated[
        str | None,
        typer.Option(metavar="PERSON", help=text("only what is for this person")),
    ] = None,
    since: Annotated[
        str | None,
        typer.Option(
            metavar="INSTANT",
            help=text(
                "only what came up since this day or time; after a restore: send from then on, "
                "and count what came before as sent"
            ),
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help=text("only show what is held"))
    ] = False,
    yes: AtOnce = False,
) -> None:
    """Sends, after a look, what the flood breaker, a rehearsal or a restore holds back."""
    if in_doubt or words:
        _doubt(here, words or [], person)
        return None
    with here.open(edits=not dry_run, makes=False) as app:
        zone = ZoneInfo(app.policy.zone)
        since_at = instant_of(since, zone) if since else None
        if (restored := app.restored.restored()) is not None:
            return _restored(here, app, restored, since_at, zone, dry_run=dry_run)
        held = look_at_held(app.releasing, person, since_at)
        if not here.json:
            _show(held, zone)
        nothing = not held.nudges and not held.safe
        if nothing or not agreed(yes=yes, dry_run=dry_run, asks=not here.json, unattended=True):
            released = Released()
        else:
            released = let_go(app.releasing, person, since_at, app.clock.now())
    if here.json:
        as_json({"held": held, "released": released})
    elif released != Released():
        say(
            "released {nudges} and {messages}; each person gets them in one bundle",
            nudges=Label("{count} nudge", many="{count} nudges", count=released.nudges),
            messages=Label("{count} message", many="{count} messages", count=released.messages),
            released_nudges=released.nudges,
            released_messages=released.messages,
        )
    return None


def _restored(
    here: CommandContext,
    app: "App",
    restored: "Restored",
    since: datetime | None,
    zone: ZoneInfo,
    *,
    dry_run: bool,
) -> None:
    """A copy that was put back: what it does not know of is listed, and with `--since` sending goes
    on."""
    from scheduler.app.restoring import release_since, untold

    if since is not None:
        since = _from_the_copy_on(since, restored, app.clock.now(), zone)
    if since is None or dry_run:
        until = since or restored.until_at
        missed = untold(app, restored, until)
        if here.json:
            as_json(
                {
                    "restored": restored,
                    "until": until,
                    "would_have_been_sent": missed,
                    "released": False,
                }
            )
            return
        show_missed(missed, restored, until, zone)
        say_choice(restored, zone)
        return
    taken = release_since(app, restored, since)
    if here.json:
        as_json({"restored": restored, "since": since, "taken_as_told": taken, "released": True})
        return
    show_missed(taken, restored, since, zone)
    say(
        "That counts as sent; from {as_since} on everything is sent again.",
        as_since=as_since(since, zone),
    )


def _from_the_copy_on(
    since: datetime, restored: "Restored", now: datetime, zone: ZoneInfo
) -> datetime:
    """From when on is sent. What the copy knows was sent, so an instant before it is one too early,
    and that is said. Raises UserMustActError."""
    begins = instant_since(since, restored, now)
    if begins > since:
        copy = as_since(begins, zone)
        tell(
            (
                "note: --since {as_since} is before the copy was made ({copy}), and the copy "
                "knows what was sent until then; {copy} is used instead"
            ),
            as_since=as_since(since, zone),
            copy=copy,
        )
    return begins


def _doubt(here: CommandContext, words: Sequence[str], person: str | None) -> None:
    """Messages of which nobody knows whether they arrived: listed, or one of them settled."""
    number, verdict = _verdict(words) if words else (0, None)
    with here.open(edits=bool(words), makes=False) as app:
        if verdict is not None:
            settle(app.releasing, number, verdict, app.clock.now())
        doubtful = [m for m in look_at_held(app.releasing, person, None).messages if m.in_doubt]
        zone = ZoneInfo(app.policy.zone)
    if here.json:
        as_json({"in_doubt": doubtful, "settled": number or None})
        return
    if verdict is DoubtVerdict.SENT:
        say("message {number} is marked as arrived", number=number)
    elif verdict is DoubtVerdict.AGAIN:
        say("message {number} will be sent again in its reader's next working hours", number=number)
    elif not doubtful:
        say("Nothing is in doubt.")
    else:
        titles = (
            Column(text("No."), right=True),
            text("For"),
            text("Made"),
            Column(text("Reason"), wraps=True),
        )
        table(
            titles,
            [
                (m.number, m.recipient, clock_word(m.since, zone), word(m.because, language()))
                for m in doubtful
            ],
        )
        tell(
            "ask the reader, then: renewals release --in-doubt NUMBER sent (it had arrived), "
            "or again (send it again)"
        )


def _verdict(words: Sequence[str]) -> tuple[int, DoubtVerdict]:
    """Which message, and what is known of it. Raises UserMustActError."""
    number, said = words[0], " ".join(words[1:]).lower()
    verdict = {
        "sent": DoubtVerdict.SENT,
        "again": DoubtVerdict.AGAIN,
        "send again": DoubtVerdict.AGAIN,
    }.get(said)
    if verdict is None or not (number.isascii() and number.isdecimal()):
        raise UserMustActError(
            "write the message's number and sent or again, e.g. renewals release --in-doubt 17 sent"
        )
    return int(number), verdict


def _show(held: HeldBack, zone: ZoneInfo) -> None:
    """Shows what is held, and what of it stays held."""
    if not held.nudges and not held.messages:
        say("Nothing is held.")
        return
    if held.nudges:
        headers = (
            text("For"),
            Column(text("Nudges", context="release"), right=True),
            text("Since", context="release"),
            text("Reason"),
        )
        rows = [
            (n.recipient, n.count, clock_word(n.since, zone), word(n.because, language()))
            for n in held.nudges
        ]
        table(headers, rows)
    if held.messages:
        titles = (
            Column(text("No."), right=True),
            text("For"),
            text("Made"),
            text("Reason"),
            "",
        )
        safe = {m.number for m in held.safe}
        stays = text("stays as it is")
        lines = [
            (
                m.number,
                m.recipient,
                clock_word(m.since, zone),
                word(m.because, language()),
                "" if m.number in safe else stays,
            )
            for m in held.messages
        ]
        table(titles, lines)
    _say_what_stays(held)


def _say_what_stays(held: HeldBack) -> None:
    """Why some messages are not sent from here."""
    doubtful = [m for m in held.messages if m.in_doubt or not m.untouched]
    if doubtful:
        tell(
            (
                "{count} message may or may not have arrived and is not sent again: ask the "
                "recipient, then run `renewals release --in-doubt`"
            ),
            many=(
                "{count} messages may or may not have arrived and are not sent again: ask the "
                "recipients, then run `renewals release --in-doubt`"
            ),
            count=len(doubtful),
        )
    if held.rehearsal and len(doubtful) < len(held.messages):
        tell("this is a rehearsal database: held messages would be held again, so they stay held")
