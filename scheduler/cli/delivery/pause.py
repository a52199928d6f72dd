"""`renewals pause` and `renewals resume`: quiet about everything, a pipeline or a contract, and
what passes meanwhile."""

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from scheduler.cli.context import CommandContext
from scheduler.cli.terminal.reading import instant_of
from scheduler.cli.terminal.say import as_json, label, language, say, table, tell, text
from scheduler.core.deal.formats import clock_word, long_day
from scheduler.core.deal.pauses import SCOPES, Pause, Scope
from scheduler.core.words.errors import UserMustActError
from scheduler.core.words.labels import Label
from scheduler.services.deals.pauses import (
    PassingDeadline,
    PausePreview,
    anchor_word,
    preview_pause,
    standing,
)
from scheduler.services.deals.pauses import pause as begin
from scheduler.services.deals.pauses import resume as end

if TYPE_CHECKING:
    from scheduler.core.policy.policy import Policy

_LISTED = 20
What = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[everything | pipeline NAME | contract ID]",
        help=text("everything, a pipeline by its id, or a contract by its number"),
    ),
]


def pause(
    here: CommandContext,
    what: What = None,
    *,
    until: Annotated[
        str | None,
        typer.Option(
            metavar="DATE",
            help=text("resumes by itself on this day or at this instant"),
        ),
    ] = None,
    because: Annotated[str, typer.Option(metavar="TEXT", help=text("why"))] = "",
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run",
            help=text("pause nothing, show which deadlines would pass"),
        ),
    ] = False,
) -> None:
    """Nothing is sent and nothing asked of what is paused; its days go on. Without words: what is
    paused."""
    from scheduler.app.ready import user

    with here.open(edits=bool(what) and not dry_run, makes=False) as app:
        now, policy = app.clock.now(), app.policy
        zone = ZoneInfo(policy.zone)
        if not what:
            pauses, passing = standing(app.paused, now, policy)
            _show(here, pauses, passing, policy)
            return
        scope, name = _meant(what, policy)
        until_at = instant_of(until, zone) if until else None
        if until_at is not None and until_at <= now:
            raise UserMustActError("--until {until} has passed already", until=until)
        wanted = Pause(scope, name, now, until_at, because, user())
        done = (
            preview_pause(app.paused, wanted, policy)
            if dry_run
            else begin(app.pausing, wanted, policy)
        )
    if here.json:
        as_json(
            {
                "pause": done.pause,
                "paused": not dry_run,
                "waiting": done.waiting,
                "until": done.until_on,
                "passing": done.passing,
            }
        )
        return
    _say_paused(done, zone, dry_run=dry_run)


def resume(here: CommandContext, what: What = None) -> None:
    """Ends a pause: what came up meanwhile is decided now, and only the latest question of each
    contract is asked."""
    from scheduler.app.ready import user

    with here.open(edits=True, makes=False) as app:
        now, policy = app.clock.now(), app.policy
        scope, name = _meant(what or [], policy)
        ended, count, rest = end(app.pausing, Pause(scope, name, now, by=user()), policy)
    if here.json:
        as_json({"resumed": count, "still_paused": rest})
        return
    if count:
        say("resumed: {what}", what=ended.what)
    else:
        say("{what} was not paused", what=ended.what)
    for other in rest:
        tell("still paused: {what}", what=other.what)


def _meant(words: Sequence[str], policy: "Policy") -> tuple[Scope, str]:
    """The scope that was typed, by its word in any language, and its name; a single word is
    everything, a pipeline, or a contract's number. Raises UserMustActError."""
    from scheduler.core.imports.names import meant

    kinds = {kind.value: called for kind, called in SCOPES.items()}
    named = meant(words[0], kinds) if words else None
    scope = Scope(named) if named else None
    match [*words]:
        case ["all" | "すべて"]:
            return Scope.EVERYTHING, ""
        case [_] if scope is Scope.EVERYTHING:
            return Scope.EVERYTHING, ""
        case [_, name] if scope and scope is not Scope.EVERYTHING:
            return scope, name
        case [name] if meant(name, policy.pipeline_labels):
            return Scope.PIPELINE, name
        case [name] if scope is None:
            return Scope.CONTRACT, name
    raise UserMustActError(
        "write what to pause or resume: everything, pipeline NAME, or contract ID"
    )


def _say_paused(done: PausePreview, zone: ZoneInfo, *, dry_run: bool) -> None:
    """Says what was, or would be, paused, and what passes meanwhile."""
    what, until = done.pause.what, clock_word(done.pause.until_at, zone)
    ends = (
        Label("it resumes by itself at {until}", until=until)
        if until
        else Label("to go on: renewals resume {typed}", typed=typed(done.pause))
    )
    if dry_run:
        say("if paused: {what} (nothing was changed)", what=what)
    else:
        waits = Label(
            "; {count} nudge keeps waiting",
            many="; {count} nudges keep waiting",
            count=done.waiting,
        )
        say(
            "paused: {what}; {ends}{waits}",
            what=what,
            ends=ends,
            waits=waits if done.waiting else "",
        )
    show_passing(done.passing, done.until_on)


def show_passing(passing: Sequence[PassingDeadline], until_on: date | None = None) -> None:
    """The deadlines that pass while nobody is asked; `until_on`: the last day that was looked at,
    where that is said."""
    looked = Label(" (checked until {until_on})", until_on=until_on) if until_on else ""
    if not passing:
        say("No deadline passes during the pause{looked}.", looked=looked)
        return
    say(
        "{count} deadline passes during the pause and nobody is told{looked}:",
        many="{count} deadlines pass during the pause and nobody is told{looked}:",
        count=len(passing),
        looked=looked,
    )
    columns = (
        text("Contract"),
        text("Customer"),
        text("Deadline"),
        text("Day"),
        text("Owner", context="pause"),
    )
    rows = [
        (
            p.contract,
            p.customer,
            label(anchor_word(p.anchor)),
            long_day(p.deadline_on, language()),
            p.owner,
        )
        for p in passing[:_LISTED]
    ]
    table(columns, rows)
    if (more := len(passing) - _LISTED) > 0:
        say("and {more} more (--json has all)", more=more)


def _show(
    here: CommandContext,
    pauses: Sequence[Pause],
    passing: Sequence[PassingDeadline],
    policy: "Policy",
) -> None:
    """Shows what is paused."""
    if here.json:
        as_json({"paused": [p.told(language()) for p in pauses], "passing": passing})
        return
    if not pauses:
        say("Nothing is paused.")
        return
    zone = ZoneInfo(policy.zone)
    columns = (
        text("Paused"),
        text("Since"),
        text("Until"),
        text("By", context="pause"),
        text("Because"),
    )
    table(
        columns,
        [
            (
                label(p.what),
                clock_word(p.since_at, zone),
                clock_word(p.until_at, zone),
                p.by,
                label(p.why),
            )
            for p in pauses
        ],
    )
    if passing:
        show_passing(passing)


def typed(pause: Pause) -> str:
    """The words that mean it."""
    return f"{pause.scope.value} {pause.name}".strip()
