"""`renewals sync hubspot --remove`: removes what we created in the account.

Always holds: what would be removed is shown first; what is not ours stays, whatever it is called;
nothing is removed while we still write there; what must be sent to HubSpot again after a later
`--create` is noted before anything is removed, so that an interrupted run forgets nothing that must
still be sent.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from scheduler.cli.context import CommandContext
from scheduler.cli.sync.creating import MUST_ACT, STANDARD, THINGS, say_account, show_steps
from scheduler.cli.sync.rounds import refuse_copies
from scheduler.cli.terminal.confirming import agreed
from scheduler.cli.terminal.say import as_json, say, tell
from scheduler.core.sync.steps import Removal, RemovalStep, SetupPart
from scheduler.core.words.errors import UserMustActError
from scheduler.core.words.labels import Label

if TYPE_CHECKING:
    from scheduler.app.hubspot_account import AccountSetup
    from scheduler.core.policy.hubspot import HubSpotSettings

_STATES = {
    Removal.OURS: Label("to be removed"),
    Removal.REMOVED: Label("removed"),
    Removal.KEPT: Label("ours, stays for now"),
    Removal.THEIRS: Label("not ours, left"),
}
_STILL_PUSHES = Label(
    "config.toml says push = true, so deals are still written to; write push = false under "
    "[hubspot] first, then run this again"
)

_STILL_IN_FORCE = Label(
    "push = true is still in force, whatever config.toml says, so deals are still written to; "
    "nothing was removed. Put push = false in force first (renewals plan, renewals config "
    "rollback), then run this again"
)


def remove_there(here: CommandContext, setup: "AccountSetup", *, dry_run: bool, yes: bool) -> int:
    """Lists what we created in the account and removes it. Returns 2 if something remains."""
    read = setup.account()
    if not here.json:
        say_account(read)
    steps = list(setup.removals(remove=False))
    if not here.json:
        _show(steps)
    if any(step.removal is Removal.OURS for step in steps):
        settings = setup.policy.hubspot
        _require_quiet(settings, dry_run=dry_run)
        if not _may(here, read.kind, dry_run=dry_run, yes=yes):
            return _done(here, steps)
        _note_untold(here)
        steps = list(_removed(setup))
        _name_lines(settings, steps)
    return _done(here, steps)


def _show(steps: list[RemovalStep]) -> None:
    """Shows what is ours or has a name of ours."""
    if not steps:
        return
    show_steps((step, _STATES[step.removal]) for step in steps)
    if any(step.thing is SetupPart.PROPERTY and step.removal is Removal.OURS for step in steps):
        say(
            "The values in our properties are removed with them. Deals keep all their other "
            "values, and nothing changes here."
        )


def _require_quiet(settings: "HubSpotSettings | None", *, dry_run: bool) -> None:
    """Raises UserMustActError while we write there; a dry run only says so."""
    if settings is None or not settings.push:
        return
    if not dry_run:
        raise UserMustActError(_STILL_PUSHES)
    tell(_STILL_PUSHES)


def _may(here: CommandContext, kind: str, *, dry_run: bool, yes: bool) -> bool:
    """Whether anything may be removed. Raises UserMustActError."""
    if kind == STANDARD and not (yes or dry_run):
        raise UserMustActError(
            "this is a production account that people work in; nothing was removed. To remove "
            "everything there, add --yes"
        )
    return agreed(yes=yes, dry_run=dry_run, asks=not here.json)


def _note_untold(here: CommandContext) -> None:
    """Puts config.toml in force, so that nobody writes there any more, and notes that HubSpot is to
    be sent every deal again if our properties are created again. Nothing where there is no database
    yet. Raises UserMustActError where a file that counts as an old copy leaves push = true in
    force."""
    from scheduler.app.hubspot import forget_told
    from scheduler.app.ready import NotSetUpError

    try:
        with here.open(edits=True, makes=False) as app:
            refuse_copies(app)
            if app.policy.hubspot is not None and app.policy.hubspot.push:
                raise UserMustActError(_STILL_IN_FORCE)
            forget_told(app)
    except NotSetUpError:
        return


def _removed(setup: "AccountSetup") -> Iterator[RemovalStep]:
    """Takes one after another away, and says so at once."""
    for step in setup.removals(remove=True):
        if step.removal is Removal.REMOVED:
            tell("removed {thing} {name}", thing=THINGS[step.thing], name=step.name)
        yield step


def _name_lines(settings: "HubSpotSettings | None", steps: list[RemovalStep]) -> None:
    """Which lines of config.toml name something that is gone."""
    gone = {step.id for step in steps if step.removal is Removal.REMOVED}
    theirs = [rule.theirs for rule in (settings.stages.rules if settings else ())]
    lines = [f'"{p}/…"' if p in gone else f'"{p}/{s}"' for p, s in theirs if gone & {p, s}]
    if lines:
        tell(
            "[hubspot.stages] in config.toml still names stages that are gone; remove these "
            "lines: {lines}",
            lines=", ".join(dict.fromkeys(lines)),
        )


def _done(here: CommandContext, steps: list[RemovalStep]) -> int:
    """Shows what was removed and returns the exit code."""
    stays = [step for step in steps if step.removal is Removal.KEPT]
    if here.json:
        as_json({"steps": steps})
    elif all(step.removal is Removal.THEIRS for step in steps):
        say("HubSpot has nothing that --create created.")
    elif all(step.removal in (Removal.REMOVED, Removal.THEIRS) for step in steps):
        say("Everything that --create created in HubSpot is removed.")
    for step in stays:
        tell(
            "{thing} {name} stays: {said}",
            thing=THINGS[step.thing],
            name=step.name,
            said=step.said or "",
        )
    return MUST_ACT if stays else 0
