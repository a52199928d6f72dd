"""`renewals sync hubspot --create`: makes our group, properties and, where asked, pipelines there.

Always holds: nothing that is not ours is changed; what would be made is shown first; the plan's
limits are asked before anything is made; a run that broke off goes on where it stopped.
"""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from scheduler.cli.context import CommandContext
from scheduler.cli.sync.survey_report import account_kind
from scheduler.cli.terminal.confirming import agreed
from scheduler.cli.terminal.say import (
    as_json,
    heading,
    label,
    language,
    put,
    say,
    table,
    tell,
    text,
)
from scheduler.cli.terminal.tables import Column
from scheduler.core.config.hubspot_text import stage_lines
from scheduler.core.sync.proposal import proposal
from scheduler.core.sync.steps import RemovalStep, SchemaStep, SetupPart, SetupStatus
from scheduler.core.words.errors import UserMustActError
from scheduler.core.words.labels import Joined, Label

if TYPE_CHECKING:
    from scheduler.app.hubspot_account import AccountSetup
    from scheduler.core.sync.terms import Account

STANDARD, MUST_ACT = "STANDARD", 2
THINGS = {
    SetupPart.GROUP: Label("group"),
    SetupPart.PROPERTY: Label("property"),
    SetupPart.PIPELINE: Label("pipeline"),
    SetupPart.STAGE: Label("stage"),
}
_MADE = {
    "there": Label("exists already"),
    "missing": Label("will be created"),
    "made": Label("created"),
    "conflict": Label("in the way"),
}


def create_there(
    here: CommandContext,
    setup: "AccountSetup",
    *,
    pipelines: bool,
    dry_run: bool,
    yes: bool,
) -> int:
    """Shows what would be made and makes it. Returns 2 if something that is not ours is in the
    way."""
    read = setup.account()
    if not here.json:
        say_account(read)
    steps = list(setup.steps(pipelines=pipelines, make=False))
    if not here.json:
        show_steps((step, _MADE[step.made]) for step in steps)
    if any(step.made is SetupStatus.MISSING for step in steps):
        if lacking := setup.over_plan_limits(steps):
            raise UserMustActError(Label.verbatim(Joined(lacking, "\n")))
        if not _may(here, read.kind, dry_run=dry_run, yes=yes):
            return _done(here, steps)
        steps = list(_made(setup, pipelines=pipelines))
    if pipelines and not here.json:
        _propose(setup)
    return _done(here, steps)


def say_account(read: "Account") -> None:
    """Which account it is."""
    say(
        "HubSpot account {id} ({domain}), {kind}",
        id=read.portal_id,
        domain=read.ui_domain,
        kind=account_kind(read.kind),
    )


def _may(here: CommandContext, kind: str, *, dry_run: bool, yes: bool) -> bool:
    """Whether anything may be created. Raises UserMustActError."""
    if kind == STANDARD and not (yes or dry_run):
        raise UserMustActError(
            "this is a production account that people work in; nothing was created. To create "
            "everything there, add --yes"
        )
    return agreed(yes=yes, dry_run=dry_run, asks=not here.json)


def _made(setup: "AccountSetup", *, pipelines: bool) -> Iterator[SchemaStep]:
    """Makes one after another, and says so at once."""
    for step in setup.steps(pipelines=pipelines, make=True):
        if step.made is SetupStatus.MADE:
            tell("created {thing} {name}", thing=THINGS[step.thing], name=step.name)
        yield step


def show_steps(steps: Iterable[tuple[SchemaStep | RemovalStep, Label]]) -> None:
    """Shows what is concerned, and how it stands."""
    table(
        (text("Thing"), text("Name"), text("State"), Column("", wraps=True)),
        [
            (label(THINGS[step.thing]), step.name, label(state), step.said and label(step.said))
            for step, state in steps
        ],
    )


def _propose(setup: "AccountSetup") -> None:
    """The lines for `[hubspot.stages]` of what was made."""
    policy = setup.policy
    names = {name for p in policy.pipelines.values() for name in p.label.spellings()}
    ours = [p for p in setup.pipelines() if p.label in names]
    if not ours:
        return
    heading("Lines for [hubspot.stages] in config.toml")
    for line in stage_lines(proposal(ours, policy, ()), ours, language()):
        put(line)
    if policy.hubspot is None:
        tell("next: `renewals sync hubspot --init` proposes a [hubspot] with these lines in it")


def _done(here: CommandContext, steps: list[SchemaStep]) -> int:
    """Shows what was created and returns the exit code."""
    conflicts = [step for step in steps if step.made is SetupStatus.CONFLICT]
    if here.json:
        as_json({"steps": steps})
    elif all(step.made is SetupStatus.THERE for step in steps):
        say("Everything exists already.")
    for step in conflicts:
        tell(
            "the account already has a {thing} {name} that is in the way: {said}; rename or "
            "remove it there and run this again",
            thing=THINGS[step.thing],
            name=step.name,
            said=step.said or "",
        )
    return MUST_ACT if conflicts else 0
