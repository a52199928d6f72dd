"""`renewals import catch-up`: what a source's first load held back, by name where it is close, and
having it told after all.

Always holds: without `--send` nothing is changed; what was told or listed once is not held back any
more, so that a second run says so.
"""

import sys
from dataclasses import asdict
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from scheduler.cli.context import CommandContext
from scheduler.cli.terminal.say import as_json, language, say, table, tell, text
from scheduler.cli.terminal.tables import Column
from scheduler.cli.terminal.words import amount_word
from scheduler.core.deal.formats import long_day
from scheduler.core.words.errors import UserMustActError
from scheduler.core.words.labels import Label

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scheduler.app.wiring import App
    from scheduler.services.imports.first_load import NearContract

SHOWN = 20


class CatchUp(StrEnum):
    """How to tell what was held back."""

    LATEST = "latest"
    DIGEST = "digest"


def catch_up(
    here: CommandContext,
    number: Annotated[
        int | None,
        typer.Argument(
            metavar="[ID]",
            help=text("the import's number (default: every first load)"),
        ),
    ] = None,
    *,
    send: Annotated[
        CatchUp | None,
        typer.Option(help=text("what to send: the latest per deal, or one digest per person")),
    ] = None,
) -> None:
    """Shows what first loads held back; with --send it is told."""
    from scheduler.services.imports.first_load import first_loads, held_back, near_ends

    with here.open(edits=True, makes=False) as app:
        loads = first_loads(app.holding)
        if number is not None and number not in loads:
            raise UserMustActError(
                "import {number} was not a first load (first loads: {loads})",
                number=number,
                loads=", ".join(map(str, loads)) if loads else Label("none", context="words"),
            )
        wanted = loads if number is None else [number]
        held = sum(held_back(app.holding, id) for id in wanted)
        near = near_ends(app.holding, wanted, app.policy, app.clock.now())
        told = tell_now(app, wanted, send) if send and held else 0
    if here.json:
        as_json(
            {
                "imports": wanted,
                "held_back": held,
                "near": [asdict(n) for n in near],
                "send": send,
                "told": told,
            }
        )
    elif not held:
        say("nothing is held back by a first load")
    elif send:
        show_told(send, told)
    else:
        say(
            "reminders of {count} deal are held back since its first load",
            many="reminders of {count} deals are held back since their first load",
            count=held,
        )
        show_near(near)
        offer(number)


def tell_now(app: "App", imports: "Sequence[int]", send: CatchUp) -> int:
    """Tells it; to how many people (digests) or of how many deals (latest)."""
    from scheduler.services.deals.sweep import sweep_all
    from scheduler.services.imports.first_load import let_speak, send_digests

    now = app.clock.now()
    if send is CatchUp.DIGEST:
        return sum(
            send_digests(app.holding, id, app.policy, tuple(app.channels), now) for id in imports
        )
    deals = let_speak(app.holding, imports, app.policy, now)
    sweep_all(app.sweeping, app.policy, now)
    return deals


def show_told(send: CatchUp, told: int) -> None:
    """Says what was done."""
    if send is CatchUp.DIGEST:
        say(
            Label("what was held back goes out to {told} people, one digest each", told=told)
            if told
            else Label("the digests were queued already; nobody gets a second one")
        )
        return
    say(
        (
            "the latest reminder of {count} deal goes out in the next sending window; where "
            "there are too many for one person, they wait for `renewals release`"
        ),
        many=(
            "the latest reminder of each of {count} deals goes out in the next sending window; "
            "where there are too many for one person, they wait for `renewals release`"
        ),
        count=told,
    )


def show_near(near: "Sequence[NearContract]") -> None:
    """By name: what ends, or can no longer be refused, within a month."""
    from scheduler.services.imports.first_load import NEAR_DAYS

    if not near:
        return
    count = len(near)
    say(
        "{count} of them ends or has its notice deadline within {near_days} days:",
        many="{count} of them end or have their notice deadline within {near_days} days:",
        count=count,
        near_days=NEAR_DAYS,
    )
    rows = []
    for one in near[:SHOWN]:
        day = long_day(one.on, language())
        when = text("deadline {day}", day=day) if one.is_deadline else text("ends {day}", day=day)
        rows.append((f"  {one.contract}", one.customer, when, amount_word(one.amount), one.owner))
    table(("", "", "", Column("", right=True), ""), rows, bare=True)
    if count > SHOWN:
        say("  and {number} more (--json has all)", number=count - SHOWN)


def offer(number: int | None) -> None:
    """Says how to have it told."""
    which = f"renewals import catch-up{f' {number}' if number is not None else ''} --send"
    tell(
        (
            "to send them: `{which} latest` (the latest per deal) or `{which} digest` (one per "
            "person)"
        ),
        which=which,
    )


def asked() -> CatchUp | None:
    """Asks whoever is at the terminal what to do; None for nothing, or if there is no terminal."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return None
    question = text("Send them now? n: nothing, l: the latest per deal, d: one digest per person")
    said = typer.prompt(question, default="n", show_default=True).strip().lower()
    return {
        "l": CatchUp.LATEST,
        "latest": CatchUp.LATEST,
        "d": CatchUp.DIGEST,
        "digest": CatchUp.DIGEST,
    }.get(said)
